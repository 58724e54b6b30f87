"""The worker's yes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import money, rules
from eigenwijs.bookings.models import Booking, Completion, Halfway, Proposal
from eigenwijs.bookings.queries import open_booking_of
from eigenwijs.bookings.reading import booking_view
from eigenwijs.bookings.telling import tell_provider, tell_worker
from eigenwijs.bookings.terms import terms_in_force
from eigenwijs.bookings.types import BookingView
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.catalogue import queries as catalogue_queries
from eigenwijs.catalogue.types import FrozenOffer
from eigenwijs.draws import operations as draws
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.patience import in_time
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes.types import Milestone

# The hold outlives the last day to answer by this much, so that whoever clears up late still finds it.
HOLD_AFTER_ANSWER = timedelta(days=7)

_MESSAGES = {
    "not_found": _("Deze cursus is er niet."),
    "employer_pays": _("Deze cursus moet van je werkgever. Dan betaalt je werkgever hem."),
    "changed": _("De opleider heeft iets veranderd aan deze cursus. Kijk het nog een keer na."),
    "wrong_amounts": _("De bedragen tellen niet op tot de prijs. Kijk het nog een keer na."),
    "needs_early_start": _(
        "De cursus begint misschien al in je bedenktijd. Zet een vinkje als je dat wilt."
    ),
    "already_booked": _("Je hebt deze cursus al geboekt."),
    "key_reused": _("Deze bladzijde hoort bij een andere boeking. Begin opnieuw."),
}


class UnableToReserve(DomainError):
    """Nothing was booked and no money was set aside.

    Codes: not_found, employer_pays, changed (the record is not the one that was quoted),
    wrong_amounts, needs_early_start, already_booked (`params` has the `booking`), key_reused.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@in_time
def reserve(
    *,
    key: UUID,
    person_id: UUID,
    run_id: UUID,
    run_version: int,
    course_version: int,
    lines: Sequence[tuple[UUID, Money]],
    pay_yourself: Money,
    required_by_employer: bool,
    work_related: bool,
    early_start_requested: bool,
    places: Collection[UUID] = (),
    by: Actor,
    at: datetime,
) -> BookingView:
    """Book a run as it was quoted: take a seat and set the money aside, all of it or nothing.

    `key`, versions, `lines` (pots and amounts, in the order in which they pay), `pay_yourself` and
    `places` (won in a round: this is their yes, too) come from the quote. The same key again is
    answered with the booking it made, whatever its state: a double click and the back button make
    one booking. The provider is asked, the worker is told.

    Raises UnableToReserve; `people.access.SecondProofNeeded` without a fresh second proof;
    `catalogue.UnableToTakeSeat` (full, withdrawn, started); `budgets.UnableToReserve`;
    `draws.UnableToAnswer` where a place is not the worker's any more.
    """
    people_access.require(by, Permission.BOOK_COURSES)
    people_access.require_own_file(by, person_id)
    person_id = people.surviving(person_id)
    known = _known(key, person_id, run_id)
    if known:
        return booking_view(known)
    people_access.require_second_proof(by, at)
    if required_by_employer:
        raise UnableToReserve("employer_pays")
    known = _take_seat(key, person_id, run_id, by=by, at=at)
    if known:
        return booking_view(known)
    offer = catalogue_queries.freeze(run_id, local_date(at))
    assert offer is not None  # noqa: S101 — it has a seat
    check_offer(offer, run_version, course_version, lines, pay_yourself)
    other = open_booking_of(person_id, run_id)
    if other:
        raise UnableToReserve("already_booked", booking=str(other))
    booking = make(
        key=key,
        person_id=person_id,
        offer=offer,
        lines=lines,
        pay_yourself=pay_yourself,
        early_start_requested=early_start_requested,
        work_related=work_related,
        at=at,
    )
    set_aside(booking, offer, lines, places, by=by, at=at)
    record(booking, by=by, at=at)
    _tell(booking, by=by, at=at)
    return booking_view(booking)


def _take_seat(
    key: UUID, person_id: UUID, run_id: UUID, *, by: Actor, at: datetime
) -> Booking | None:
    """Take a seat, or return the booking that another tab made with this key while this one waited for it.

    Raises UnableToReserve (key_reused) and catalogue.UnableToTakeSeat.
    """
    try:
        catalogue.take_seat(run_id=run_id, key=key, by=by, at=at)
    except catalogue.UnableToTakeSeat:
        known = _known(key, person_id, run_id)
        if known is None:
            raise
        return known
    return _known(key, person_id, run_id)


def set_aside(
    booking: Booking,
    offer: FrozenOffer,
    lines: Sequence[tuple[UUID, Money]],
    places: Collection[UUID],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Put what was won on the account, then set the money of the booking aside."""
    if places:
        pot_ids = [pot_id for pot_id, _amount in lines]
        draws.accept_places(place_ids=places, pot_ids=pot_ids, by=by, at=at)
    if lines:
        halfway_on = rules.halfway_on(booking.starts_on, booking.ends_on)
        reserved = budgets.reserve(
            booking_id=booking.pk,
            person_id=booking.person_id,
            lines=lines,
            payee_id=offer.provider_id,
            facts=offer.facts,
            work_related=booking.work_related,
            has_halfway=halfway_on is not None,
            expires_at=money.expires_at(booking.hold_until),
            by=by,
            at=at,
        )
        halfway = reserved.amount_at(Milestone.HALFWAY)
        if halfway and halfway_on:
            Halfway.objects.create(booking=booking, amount_cents=halfway.cents, falls_on=halfway_on)
        _freeze_completion(booking, reserved.amount_at(Milestone.COMPLETED), lines)


def _freeze_completion(
    booking: Booking, amount: Money, lines: Sequence[tuple[UUID, Money]]
) -> None:
    """Write what is paid only when the course was completed, and what counts as that.

    Where several schemes ask something, all of it is asked.
    """
    if not amount:
        return
    asked = accounts.milestones([pot_id for pot_id, _amount in lines])
    tests = [one for one in asked if one.attended_at_least]
    Completion.objects.create(
        booking=booking,
        amount_cents=amount.cents,
        attended_at_least=max((one.attended_at_least for one in tests), default=0),
        certificate_suffices=bool(tests) and all(one.certificate_suffices for one in tests),
    )


def record(booking: Booking, *, by: Actor, at: datetime) -> None:
    """Write in the trail that it was booked."""
    audit.record(
        by=by,
        at=at,
        action="bookings.booking.reserve",
        subject=("bookings.booking", booking.pk),
        ids={"run": str(booking.run_id), "cents": booking.from_account_cents},
    )


def _tell(booking: Booking, *, by: Actor, at: datetime) -> None:
    tell_worker(booking, "booking_requested", by=by, at=at, answer_on=booking.answer_by)
    tell_provider(booking, "booking_to_answer", by=by, at=at, answer_on=booking.answer_by)


def make(
    *,
    key: UUID,
    person_id: UUID,
    offer: FrozenOffer,
    lines: Sequence[tuple[UUID, Money]],
    pay_yourself: Money,
    early_start_requested: bool,
    work_related: bool,
    is_answered: bool = False,
    at: datetime,
) -> Booking:
    """Write the booking, on the offer and the terms as they are now, and what its money was agreed with."""
    today = local_date(at)
    paying = accounts.conditions_of([pot_id for pot_id, amount in lines if amount])
    agreed = [found.orders for found in paying if found.orders]
    terms = rules.with_agreed(terms_in_force(today), agreed)
    latest_answer = today if is_answered else rules.answer_by(terms, today, offer.starts_on)
    early = rules.needs_early_start(terms, latest_answer, offer.starts_on)
    if early and not early_start_requested:
        raise UnableToReserve("needs_early_start")
    return Booking.objects.create(
        id=key,
        person_id=person_id,
        provider_id=offer.provider_id,
        run_id=offer.run_id,
        offer=offer.to_json(),
        terms=terms.to_json(),
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        price_cents=offer.price_cents,
        from_account_cents=offer.price_cents - pay_yourself.cents,
        pay_yourself_cents=pay_yourself.cents,
        work_related=work_related,
        early_start_requested=early,
        requested_at=at,
        answer_by=latest_answer,
        hold_until=latest_answer + HOLD_AFTER_ANSWER,
    )


def _known(key: UUID, person_id: UUID, run_id: UUID) -> Booking | None:
    known = Booking.objects.filter(pk=key).first()
    if known and (people.surviving(known.person_id), known.run_id) != (person_id, run_id):
        raise UnableToReserve("key_reused")
    if known is None and Proposal.objects.filter(pk=key).exists():
        raise UnableToReserve("key_reused")  # it has a seat already, and other money is held for it
    return known


def check_offer(
    offer: FrozenOffer,
    run_version: int,
    course_version: int,
    lines: Sequence[tuple[UUID, Money]],
    pay_yourself: Money,
) -> None:
    """Raise UnableToReserve (changed, wrong_amounts) where it is not what was quoted."""
    if (offer.run_version, offer.course_version) != (run_version, course_version):
        raise UnableToReserve("changed")
    amounts = [amount for _pot, amount in lines]
    if pay_yourself < Money.zero() or sum_money([*amounts, pay_yourself]) != offer.price:
        raise UnableToReserve("wrong_amounts")
