"""Did the course start? The worker says so; where they stay silent a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import access, money, rules
from eigenwijs.bookings.lifecycle import BOOKING
from eigenwijs.bookings.models import Booking, Decision, Objection, WorkItem
from eigenwijs.bookings.reading import halfway_of, leaving_now, terms_of
from eigenwijs.bookings.telling import tell_worker
from eigenwijs.bookings.types import LeavingKind, Outcome, StartOutcome, WorkItemCause
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import in_time
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Role
from eigenwijs.schemes.types import Milestone

MAX_TEXT = 5000

_MESSAGES = {
    "not_found": _("Deze boeking is er niet."),
    "wrong_state": _("Dit kan niet meer met deze boeking. Kijk hoe zij er nu voor staat."),
    "not_started_yet": _("De cursus is nog niet begonnen."),
    "missing_reason": _("Schrijf op waarom je dit besluit."),
    "missing_evidence": _("Schrijf op waar je dat uit weet: wie sprak je, wat zag je?"),
    "missing_objection": _("Schrijf op waarom je het niet eens bent met het besluit."),
    "too_long": _("Deze tekst is langer dan %(maximum)s tekens. Maak hem korter."),
    "releases_payments": _("Wie betalingen vrijgeeft, besluit niet over een start."),
    "involved": _("Dit gaat over jezelf of je eigen opleider. Laat een collega besluiten."),
    "decided_before": _("Jij nam hierover al een besluit. Laat een collega kijken."),
    "in_withdrawal_term": _("De bedenktijd loopt nog. Besluit daarna."),
    "too_late": _("De termijn om bezwaar te maken is voorbij."),
}
_FIELDS = {
    "missing_reason": "reason",
    "missing_evidence": "evidence",
    "missing_objection": "text",
}


class UnableToConfirmStart(DomainError):
    """Nothing changed. Codes: not_found, wrong_state, not_started_yet."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


class UnableToDecide(DomainError):
    """Nothing was decided or objected. `params` may have the `field`.

    Codes: not_found, wrong_state, missing_reason, missing_evidence, missing_objection, too_long,
    releases_payments, involved, decided_before, too_late, in_withdrawal_term.
    """

    def __init__(self, code: str, **params: object) -> None:
        if code in _FIELDS:
            params["field"] = _FIELDS[code]
        super().__init__(code, _MESSAGES[code], params)


@in_time
def confirm_start(*, booking_id: UUID, by: Actor, at: datetime) -> None:
    """Say that the course started: the provider is paid once the withdrawal term is over.

    Whatever was decided meanwhile, the worker's own yes counts. Again changes nothing.
    Raises UnableToConfirmStart.
    """
    booking = _own(booking_id, by, at)
    if booking.state in ("started", "completed"):
        return
    if not BOOKING.allows(booking.state, "start"):
        raise UnableToConfirmStart("wrong_state")
    start(booking, by=by, at=at)


@in_time
def deny_start(*, booking_id: UUID, by: Actor, at: datetime) -> None:
    """Say that the course did not start, or not for this worker: a person calls, at once.

    Nothing is paid and nothing goes back yet. Again changes nothing. Raises UnableToConfirmStart.
    """
    booking = _own(booking_id, by, at)
    if booking.start_denied_at is not None:
        return
    if booking.state != "confirmed":
        raise UnableToConfirmStart("wrong_state")
    Booking.objects.filter(pk=booking_id).update(start_denied_at=at)
    audit.record(
        by=by,
        at=at,
        action="bookings.booking.deny_start",
        subject=("bookings.booking", booking_id),
    )
    open_work_item(booking, WorkItemCause.DENIED, by=by, at=at)


@transaction.atomic
def decide_start(
    *,
    work_item_id: UUID,
    outcome: StartOutcome,
    reason: str,
    evidence: str,
    by: Actor,
    at: datetime,
) -> None:
    """Decide about a start, with a reason and evidence that the worker may read.

    The first decision waits until the worker can no longer object; the decision on an objection, by
    someone else, is carried out at once. That somebody stayed away is carried out only after their
    withdrawal term. Raises UnableToDecide.
    """
    item = locked_item(work_item_id)
    if item is None or not access.may_decide(by) or by.person_id is None:
        raise UnableToDecide("not_found")
    booking = item.booking
    require_words(missing_reason=reason, missing_evidence=evidence)
    require_distance(booking, by.person_id, by, outcomes=list(StartOutcome))
    if booking.state not in ("confirmed", "objected"):
        raise UnableToDecide("wrong_state")
    first = booking.state == "confirmed"
    if not first and outcome is StartOutcome.STAYED_AWAY and _is_in_term(booking, at):
        raise UnableToDecide("in_withdrawal_term")
    until = local_date(at) + timedelta(days=terms_of(booking).objection_days)
    decision = write_decision(
        item, outcome, (reason, evidence), objection_until=until if first else None, by=by, at=at
    )
    if first:
        audit.move(
            booking, "decide", by=by, at=at, lifecycle=BOOKING, ids={"decision": str(decision.pk)}
        )
        tell_worker(booking, "start_decided", by=by, at=at, until_on=until)
    else:
        carry_out(booking, outcome, by=by, at=at)
        tell_worker(booking, "objection_decided", by=by, at=at)


@in_time
def object_to_decision(*, booking_id: UUID, text: str, by: Actor, at: datetime) -> None:
    """Say why a decision about the start is wrong: nothing is paid until someone else has looked.

    Again changes nothing. Raises UnableToDecide (not_found, wrong_state, missing_objection, too_long,
    too_late).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not access.is_own_booking(by, booking):
        raise UnableToDecide("not_found")
    if booking.state == "objected":
        return
    if booking.state != "decided":
        raise UnableToDecide("wrong_state")
    require_words(missing_objection=text)
    decision = booking.decisions.get()
    if decision.objection_until is None or local_date(at) > decision.objection_until:
        raise UnableToDecide("too_late")
    Objection.objects.create(id=new_id(at), decision=decision, text=text.strip(), made_at=at)
    audit.move(booking, "object", by=by, at=at, lifecycle=BOOKING)
    open_work_item(booking, WorkItemCause.OBJECTION, by=by, at=at)


def start(booking: Booking, *, by: Actor, at: datetime) -> None:
    """Move a locked booking to started, and pay its provider if the withdrawal term is over."""
    audit.move(booking, "start", by=by, at=at, lifecycle=BOOKING, values={"started_at": at})
    booking.work_items.filter(closed_at=None).update(closed_at=at)
    pay_when_due(booking, by=by, at=at)


def pay_when_due(booking: Booking, *, by: Actor, at: datetime) -> bool:
    """Pay the provider of a started booking whose withdrawal term is over; return whether it is.

    What is paid only halfway or when the course was completed waits for that.
    """
    if _is_in_term(booking, at):
        return False
    money.pay_milestone(booking, Milestone.STARTED, by=by, at=at)
    halfway = halfway_of(booking)
    if halfway and halfway.due_at:
        money.pay_milestone(booking, Milestone.HALFWAY, by=by, at=at)
    if booking.state == "completed":
        money.pay_milestone(booking, Milestone.COMPLETED, by=by, at=at)
    return True


def _is_in_term(booking: Booking, at: datetime) -> bool:
    return booking.withdrawal_until is None or local_date(at) <= booking.withdrawal_until


def carry_out(booking: Booking, outcome: StartOutcome, *, by: Actor, at: datetime) -> None:
    """Do what was decided about a locked booking.

    Who stayed away owes what leaving on the day of the start would cost, or leaving on the day of the first
    decision where that costs less: within the withdrawal term that costs no money that ended meanwhile either
    (`leaving.withdraw`). A course that was not given costs nothing, and everything goes back.
    """
    if outcome is StartOutcome.STARTED:
        start(booking, by=by, at=at)
        return
    cost, with_grace = Money.zero(), True
    if outcome is StartOutcome.STAYED_AWAY:
        first = booking.decisions.earliest("decided_at")
        left = leaving_now(booking, local_date(first.decided_at))
        price, on = Money(booking.price_cents), booking.starts_on
        cost = rules.step_cost(terms_of(booking), price, on, on)
        if left:
            cost = min(cost, left.cost)
        with_grace = left is not None and left.kind is not LeavingKind.AFTER_TERM
    paid = min(cost, Money(booking.from_account_cents))
    if paid:
        money.pay_provider(booking, paid, with_grace=with_grace, by=by, at=at)
    else:
        money.free_all(booking, with_grace=with_grace, by=by, at=at)
    audit.move(
        booking,
        "not_start",
        by=by,
        at=at,
        lifecycle=BOOKING,
        values={"ended_at": at, "cost_cents": cost.cents},
        ids={"cents": cost.cents},
    )


def open_work_item(booking: Booking, cause: WorkItemCause, *, by: Actor, at: datetime) -> bool:
    """Ask a person to call about a booking, unless one is asked already; return whether it is new."""
    if booking.work_items.filter(closed_at=None).exists():
        return False
    item = WorkItem.objects.create(id=new_id(at), booking=booking, cause=cause, opened_at=at)
    audit.record(
        by=by,
        at=at,
        action="bookings.workitem.open",
        subject=("bookings.workitem", item.pk),
        ids={"booking": str(booking.pk), "cause": cause.value},
    )
    return True


def locked_item(work_item_id: UUID) -> WorkItem | None:
    """Return an open work item, locked, with its booking: that one first, as whoever answers locks them."""
    bookings = Booking.objects.select_for_update(of=("self",))
    booking = bookings.filter(work_items=work_item_id).first()
    item = WorkItem.objects.select_for_update().filter(pk=work_item_id, closed_at=None).first()
    if item and booking:
        item.booking = booking
    return item


def _own(booking_id: UUID, by: Actor, at: datetime) -> Booking:
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not access.is_own_booking(by, booking):
        raise UnableToConfirmStart("not_found")
    if local_date(at) < booking.starts_on:
        raise UnableToConfirmStart("not_started_yet")
    return booking


def write_decision(
    item: WorkItem,
    outcome: Outcome,
    words: tuple[str, str],
    *,
    objection_until: date | None,
    by: Actor,
    at: datetime,
) -> Decision:
    """Keep a decision with its reason and evidence (`words`), and close the work item that asked for it."""
    if by.person_id is None:
        raise AssertionError("only people decide")
    reason, evidence = words
    WorkItem.objects.filter(pk=item.pk).update(closed_at=at)
    return Decision.objects.create(
        id=new_id(at),
        booking_id=item.booking_id,
        outcome=outcome,
        reason=reason.strip(),
        evidence=evidence.strip(),
        decided_by=by.person_id,
        decided_as=by.role,
        decided_at=at,
        objection_until=objection_until,
    )


def require_words(**texts: str) -> None:
    """Raise UnableToDecide for a text that is missing or too long."""
    for code, text in texts.items():
        if not text.strip():
            raise UnableToDecide(code)
        if len(text) > MAX_TEXT:
            raise UnableToDecide("too_long", maximum=MAX_TEXT, field=_FIELDS[code])


def require_distance(
    booking: Booking, person_id: UUID, by: Actor, *, outcomes: Sequence[str]
) -> None:
    """Whoever decides does not release payments, is not involved, and did not decide the same question.

    `outcomes` are all answers to that question: about the start, halfway or the end.
    """
    roles = people.roles(person_id)
    if any(held.role is Role.FINANCE for held in roles):
        raise UnableToDecide("releases_payments")
    works_there = any(held.organisation_id == booking.provider_id for held in roles)
    if works_there or people_access.is_own_file(by, booking.person_id):
        raise UnableToDecide("involved")
    files = people.files_of(person_id)
    if booking.decisions.filter(decided_by__in=files, outcome__in=outcomes).exists():
        raise UnableToDecide("decided_before")
