"""Reading bookings. Nothing here writes; who may read what is in `access`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, When
from django.db.models.functions import Cast, Right
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import queries as trail
from eigenwijs.bookings import rules
from eigenwijs.bookings.lifecycle import OPEN_STATES
from eigenwijs.bookings.models import Booking, Payout, WorkItem
from eigenwijs.bookings.reading import (
    AFFIRM,
    NUMBER_LENGTH,
    booking_rows,
    booking_view,
    leaving_now,
    payout_view,
    proposal_of,
    proposed_offer,
    work_item_view,
)
from eigenwijs.bookings.terms import terms_in_force
from eigenwijs.bookings.types import (
    BookingView,
    CompletionView,
    HalfwayView,
    Leaving,
    PayoutView,
    ProposalView,
    Quote,
    WorkItemView,
)
from eigenwijs.budgets import queries as budgets
from eigenwijs.budgets.types import Mix
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.types import FrozenOffer
from eigenwijs.draws import queries as draws
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people

_QUOTE_MESSAGES = {
    "not_found": _("Deze cursus is er niet."),
    "employer_pays": _(
        "Moet je deze cursus volgen van je werkgever? Dan betaalt je werkgever hem, en de uren ook. "
        "Dat staat in de wet. Zeg tegen je werkgever: deze cursus is verplicht, dus jij betaalt. "
        "Je eigen leergeld blijft voor wat jij zelf kiest."
    ),
    "withdrawn": _("De opleider geeft deze cursus niet meer."),
    "started": _("Deze cursus is al begonnen, of begint vandaag."),
    "full": _("Deze cursus is vol. Kies een andere start."),
    "already_booked": _("Je hebt deze cursus al geboekt."),
}


class UnableToQuote(DomainError):
    """There is nothing to book.

    Codes: not_found, employer_pays (obligatory training is the employer's cost: EU directive
    2019/1152, art. 13, and art. 7:611a BW), withdrawn, started, full, already_booked (`params` has
    the `booking`).
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _QUOTE_MESSAGES[code], params)


def quote(
    *,
    person_id: UUID,
    run_id: UUID,
    required_by_employer: bool,
    work_related: bool,
    order: Sequence[UUID] = (),
    at: datetime,
) -> Quote:
    """Return what booking a run would mean for a person now, and the key under which to book it.

    `required_by_employer` and `work_related` are the worker's own answers; they go to nobody. `order`
    is the order of pots the worker prefers. Raises UnableToQuote.
    """
    today = local_date(at)
    if required_by_employer:
        raise UnableToQuote("employer_pays")
    run = catalogue.run(run_id)
    offer = catalogue.freeze(run_id, today)
    if run is None or offer is None:
        raise UnableToQuote("not_found")
    open_booking = open_booking_of(person_id, run_id)
    if open_booking:
        raise UnableToQuote("already_booked", booking=str(open_booking))
    if not run.is_bookable(today):
        if run.withdrawn:
            raise UnableToQuote("withdrawn")
        raise UnableToQuote("started" if run.record.starts_on <= today else "full")
    waiting = draws.open_places_of(person_id, at=at)
    mix = budgets.mix(
        person_id,
        offer.facts,
        work_related=work_related,
        on=today,
        order=order,
        promised=[place.credit for place in waiting],
    )
    places = tuple(place for place in waiting if place.id in mix.accepts)
    quoted = _quoted(
        key=new_id(at),
        person_id=person_id,
        offer=offer,
        mix=mix,
        work_related=work_related,
        today=today,
    )
    return replace(quoted, places=places)


def proposed_quote(booking_id: UUID, *, at: datetime) -> Quote | None:
    """Return what the other start that a provider proposes would mean; None where nothing is proposed now.

    As if the money of the booking were free: it pays for the other start instead. The answer until which
    the withdrawal term is counted is the worker's own.
    """
    today = local_date(at)
    found = booking_rows().filter(pk=booking_id, state="proposed").first()
    proposal = proposal_of(found) if found else None
    offer = proposed_offer(proposal, today) if proposal else None
    if found is None or proposal is None or offer is None:
        return None
    person_id = people.surviving(found.person_id)
    mix = budgets.mix(
        person_id, offer.facts, work_related=found.work_related, on=today, freed=found.pk
    )
    quoted = _quoted(
        key=proposal.pk,
        person_id=person_id,
        offer=offer,
        mix=mix,
        work_related=found.work_related,
        today=today,
    )
    return replace(
        quoted,
        answer_by=proposal.accept_by,
        withdrawal_until=rules.withdrawal_until(quoted.terms, today),
        needs_early_start=rules.needs_early_start(quoted.terms, today, offer.starts_on),
    )


def _quoted(
    *, key: UUID, person_id: UUID, offer: FrozenOffer, mix: Mix, work_related: bool, today: date
) -> Quote:
    of_all = terms_in_force(today)
    paying = (line.pot.conditions.orders for line in mix.lines)
    terms = rules.with_agreed(of_all, filter(None, paying))
    latest_answer = rules.answer_by(terms, today, offer.starts_on)
    costs = rules.costs_from(terms, offer.starts_on, today)
    return Quote(
        key=key,
        person_id=person_id,
        offer=offer,
        mix=mix,
        terms=terms,
        work_related=work_related,
        answer_by=latest_answer,
        withdrawal_until=rules.withdrawal_until(terms, latest_answer),
        needs_early_start=rules.needs_early_start(terms, latest_answer, offer.starts_on),
        costs=costs,
        costs_less_by_money=costs != rules.costs_from(of_all, offer.starts_on, today),
        halfway_on=rules.halfway_on(offer.starts_on, offer.ends_on),
    )


def open_booking_of(person_id: UUID, run_id: UUID) -> UUID | None:
    """Return the person's booking of a run that is not over, if there is one."""
    return (
        Booking.objects.filter(
            person__in=people.files_of(person_id), run=run_id, state__in=OPEN_STATES
        )
        .values_list("pk", flat=True)
        .first()
    )


def booking(booking_id: UUID) -> BookingView | None:
    """Return one booking as its worker sees it, or None. Ask `access.own_booking` on a page."""
    found = booking_rows().filter(pk=booking_id).first()
    return booking_view(found) if found else None


def has_affirmed(booking_id: UUID) -> bool:
    """Whether the worker says that the course was completed, where the provider says that it is too little."""
    return bool(trail.trail(subject=("bookings.booking", booking_id), action=AFFIRM, limit=1))


def bookings(booking_ids: Collection[UUID]) -> dict[UUID, BookingView]:
    """Return bookings by id, in one query or two; absent ones are left out."""
    return {row.pk: booking_view(row) for row in booking_rows().filter(pk__in=booking_ids)}


def bookings_numbered(number: str) -> list[UUID]:
    """Return the bookings with the number that people use (`3F5A-09BC`); hardly ever more than one."""
    digits = number.replace("-", "").lower()
    rows = Booking.objects.annotate(digits=Right(Cast("id", CharField()), NUMBER_LENGTH))
    return list(rows.filter(digits=digits).order_by("id").values_list("pk", flat=True))


def payouts(booking_ids: Collection[UUID]) -> list[UUID]:
    """Return the owners of the payment orders that pay the providers of these bookings."""
    rows = Payout.objects.filter(booking__in=booking_ids).order_by("ordered_at", "pk")
    return list(rows.values_list("pk", flat=True))


def bookings_paid_by(payout_ids: Collection[UUID]) -> list[UUID]:
    """Return the bookings that these owners of payment orders pay for."""
    rows = Payout.objects.filter(pk__in=payout_ids).order_by("booking")
    return list(dict.fromkeys(rows.values_list("booking", flat=True)))


def bookings_of(person_id: UUID) -> list[BookingView]:
    """Return all bookings of a person, all files included, the latest first."""
    rows = booking_rows().filter(person__in=people.files_of(person_id))
    return [booking_view(row) for row in rows.order_by("-requested_at", "-id")]


def leaving(booking_id: UUID, at: datetime) -> Leaving | None:
    """Return what leaving a booking would mean now, None if the worker cannot leave it any more."""
    found = Booking.objects.filter(pk=booking_id).first()
    return leaving_now(found, local_date(at)) if found else None


def work_items(*, open_only: bool = True, limit: int = 200) -> list[WorkItemView]:
    """Return bookings for which a person has to call, the oldest first; without whose they are."""
    rows = (
        WorkItem.objects.select_related("booking__completion", "booking__halfway")
        .prefetch_related("booking__payouts", "booking__decisions__objection")
        .order_by("opened_at", "id")
    )
    if open_only:
        rows = rows.filter(closed_at=None)
    return [work_item_view(row) for row in rows[:limit]]


def payouts_of(provider_id: UUID) -> list[PayoutView]:
    """Return what a provider gets for its bookings, the latest first."""
    rows = Payout.objects.filter(provider=provider_id).select_related("booking")
    return [payout_view(row) for row in rows.order_by("-ordered_at", "-id")]


def payout_total(provider_id: UUID, state: str) -> Money:
    """Return the sum of a provider's payouts in one state."""
    rows = Payout.objects.filter(provider=provider_id, state=state)
    return Money(sum(rows.values_list("amount_cents", flat=True)))


def booked_runs(provider_id: UUID) -> dict[UUID, int]:
    """Return how many open bookings each run of a provider has; one counts for the run that keeps its seat."""
    keeps_seat = Case(When(state="proposed", then="proposal__run"), default="run")
    rows = Booking.objects.filter(provider=provider_id, state__in=OPEN_STATES)
    return dict(rows.annotate(seat=keeps_seat).values_list("seat").annotate(count=Count("id")))


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Return all bookings of a person as plain data for a JSON file."""
    said = Booking.objects.filter(person__in=people.files_of(person_id))
    attended = dict(said.values_list("id", "attended"))
    return [_exported(view, attended[view.id]) for view in bookings_of(person_id)]


def _exported_proposal(one: ProposalView | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "run": str(one.run_id),
        "starts_on": one.starts_on.isoformat(),
        "price_cents": one.price.cents,
        "accept_by": one.accept_by.isoformat(),
    }


def _exported_halfway(one: HalfwayView | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "cents": one.amount.cents,
        "falls_on": one.falls_on.isoformat(),
        "contest_until": one.contest_until.isoformat() if one.contest_until else None,
        "denied_at": one.denied_at.isoformat() if one.denied_at else None,
        "due_at": one.due_at.isoformat() if one.due_at else None,
    }


def _exported_completion(one: CompletionView | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "cents": one.amount.cents,
        "attended_at_least": one.attended_at_least,
        "certificate_suffices": one.certificate_suffices,
        "attended_percent": one.attended_percent,
        "certificate": one.certificate,
        "contest_until": one.contest_until.isoformat() if one.contest_until else None,
        "denied_at": one.denied_at.isoformat() if one.denied_at else None,
    }


def _exported(view: BookingView, attended: bool | None) -> dict[str, Any]:
    moments = {
        "requested_at": view.requested_at,
        "confirmed_at": view.confirmed_at,
        "withdrawal_until": view.withdrawal_until,
        "started_at": view.started_at,
        "completed_at": view.completed_at,
        "ended_at": view.ended_at,
    }
    return {
        "id": str(view.id),
        "number": view.number,
        "state": view.state.value,
        "offer": view.offer.to_json(),
        "terms": view.terms.to_json(),
        "price_cents": view.price.cents,
        "from_account_cents": view.from_account.cents,
        "pay_yourself_cents": view.pay_yourself.cents,
        "cost_cents": view.cost.cents if view.cost else None,
        "work_related": view.work_related,
        "early_start_requested": view.early_start_requested,
        "answer": view.answer,
        "attended": attended,
        "proposal": _exported_proposal(view.proposal),
        "halfway": _exported_halfway(view.halfway),
        "completion": _exported_completion(view.completion),
        **{name: value.isoformat() if value else None for name, value in moments.items()},
        "decisions": [
            {
                "outcome": decision.outcome.value,
                "reason": decision.reason,
                "evidence": decision.evidence,
                "decided_at": decision.decided_at.isoformat(),
                "objection": decision.objection,
            }
            for decision in view.decisions
        ],
    }
