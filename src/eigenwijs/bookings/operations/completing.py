"""Was the course completed? Where a part of the money waits for that, and where it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.bookings import access, money
from eigenwijs.bookings.lifecycle import BOOKING
from eigenwijs.bookings.models import Booking, Completion, Objection, WorkItem
from eigenwijs.bookings.operations.answering import UnableToAnswer
from eigenwijs.bookings.operations.starting import (
    UnableToDecide,
    open_work_item,
    pay_when_due,
    require_distance,
    require_words,
    write_decision,
)
from eigenwijs.bookings.reading import completion_of, is_too_little, terms_of
from eigenwijs.bookings.telling import tell_provider, tell_worker
from eigenwijs.bookings.types import CompletionOutcome, WorkItemCause
from eigenwijs.kernel import wording
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.patience import in_time

_OUTCOMES = list(CompletionOutcome)
_AFFIRM = "bookings.completion.affirm"


@in_time
def complete(
    *,
    booking_id: UUID,
    attended_percent: int | None = None,
    certificate: bool | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Say that a started course is over and was completed: its provider, or the worker.

    Where a part of the money waits for it, the worker's yes pays that part, unless the provider said that
    it is too little: then a person decides. What the provider says (how much was attended, where the money
    asks that, and whether there is a certificate) pays it when the worker did not contradict in time; where
    it is not enough, a person decides. Only the worker's own yes ends a withdrawal term. Again changes
    nothing. Raises UnableToAnswer (not_found, wrong_state, not_ended_yet, in_withdrawal_term,
    decided_not_completed, missing_attendance).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not (
        access.is_own_request(by, booking) or access.is_own_booking(by, booking)
    ):
        raise UnableToAnswer("not_found")
    if booking.state == "completed":
        return
    _require_over(booking, at)
    completion = completion_of(booking)
    if access.is_own_booking(by, booking):
        _affirm(booking, completion, by=by, at=at)
    elif completion is None:
        if booking.withdrawal_until and local_date(at) <= booking.withdrawal_until:
            until = wording.day(booking.withdrawal_until)
            raise UnableToAnswer("in_withdrawal_term", until=until)
        carry_out_completion(booking, CompletionOutcome.COMPLETED, by=by, at=at)
        tell_worker(booking, "booking_completed", by=by, at=at)
    elif completion.contest_until is None:
        _say(booking, completion, attended_percent, certificate, by=by, at=at)


def _affirm(booking: Booking, completion: Completion | None, *, by: Actor, at: datetime) -> None:
    """Do what the worker's yes does: it is no way around a decision, nor around a provider that denies it."""
    decision = booking.decisions.filter(outcome__in=_OUTCOMES).order_by("decided_at").last()
    if decision and decision.outcome == CompletionOutcome.NOT_COMPLETED:
        raise UnableToAnswer("decided_not_completed")
    if decision is None and completion and is_too_little(completion):
        subject = ("bookings.booking", booking.pk)
        if not trail.trail(subject=subject, action=_AFFIRM):
            audit.record(by=by, at=at, action=_AFFIRM, subject=subject)
        open_work_item(booking, WorkItemCause.COMPLETION, by=by, at=at)
        return
    carry_out_completion(booking, CompletionOutcome.COMPLETED, by=by, at=at)


def _say(
    booking: Booking,
    completion: Completion,
    attended_percent: int | None,
    certificate: bool | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Keep what the provider says, and let the worker contradict it."""
    if completion.attended_at_least and attended_percent is None:
        raise UnableToAnswer("missing_attendance")
    if attended_percent is not None and not 0 <= attended_percent <= 100:
        raise UnableToAnswer("missing_attendance")
    completion.attended_percent = attended_percent
    completion.certificate = certificate
    completion.contest_until = local_date(at) + timedelta(days=terms_of(booking).objection_days)
    completion.save(update_fields=["attended_percent", "certificate", "contest_until"])
    audit.record(
        by=by,
        at=at,
        action="bookings.completion.say",
        subject=("bookings.booking", booking.pk),
        fields=["attended_percent", "certificate"],
    )
    if completion.denied_at:  # a person decides already
        return
    if is_too_little(completion):
        open_work_item(booking, WorkItemCause.COMPLETION, by=by, at=at)
        tell_worker(booking, "completion_not_enough", by=by, at=at)
    else:
        until = completion.contest_until
        tell_worker(booking, "completion_said", by=by, at=at, until_on=until)


@in_time
def deny_completion(*, booking_id: UUID, by: Actor, at: datetime) -> None:
    """Say that the course was not completed: a person calls, and nothing more is paid until then.

    Nobody calls where it was decided already that it was not. Again changes nothing. Raises UnableToAnswer
    (not_found, wrong_state, not_ended_yet, too_late).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    completion = completion_of(booking) if booking else None
    if booking is None or completion is None or not access.is_own_booking(by, booking):
        raise UnableToAnswer("not_found")
    if completion.denied_at is not None:
        return
    _require_over(booking, at)
    if completion.contest_until and local_date(at) > completion.contest_until:
        raise UnableToAnswer("too_late")
    Completion.objects.filter(pk=booking_id).update(denied_at=at)
    audit.record(
        by=by,
        at=at,
        action="bookings.completion.deny",
        subject=("bookings.booking", booking_id),
    )
    if not booking.decisions.filter(outcome=CompletionOutcome.NOT_COMPLETED).exists():
        open_work_item(booking, WorkItemCause.COMPLETION, by=by, at=at)


@transaction.atomic
def decide_completion(
    *,
    work_item_id: UUID,
    outcome: CompletionOutcome,
    reason: str,
    evidence: str,
    by: Actor,
    at: datetime,
) -> None:
    """Decide whether a course was completed, with a reason and evidence that the worker may read.

    As with a start: the first decision waits until the worker can no longer object; the decision on
    an objection, by someone else, is carried out at once. Raises UnableToDecide.
    """
    item = (
        WorkItem.objects.select_for_update(of=("self",))
        .filter(pk=work_item_id, closed_at=None, cause=WorkItemCause.COMPLETION)
        .first()
    )
    if item is None or not access.may_decide(by) or by.person_id is None:
        raise UnableToDecide("not_found")
    booking = Booking.objects.select_for_update(of=("self",)).get(pk=item.booking_id)
    require_words(missing_reason=reason, missing_evidence=evidence)
    require_distance(booking, by.person_id, by)
    today = local_date(at)
    if booking.state != "started":
        raise UnableToDecide("wrong_state")
    if booking.withdrawal_until is None or today <= booking.withdrawal_until:
        raise UnableToDecide("in_withdrawal_term")
    is_first = not booking.decisions.filter(outcome__in=_OUTCOMES).exists()
    until = today + timedelta(days=terms_of(booking).objection_days)
    write_decision(
        item, outcome, (reason, evidence), objection_until=until if is_first else None, by=by, at=at
    )
    audit.record(
        by=by,
        at=at,
        action="bookings.completion.decide",
        subject=("bookings.booking", booking.pk),
    )
    if is_first:
        tell_worker(booking, "completion_decided", by=by, at=at, until_on=until)
    else:
        carry_out_completion(booking, outcome, by=by, at=at)
        tell_worker(booking, "completion_objection_decided", by=by, at=at)


@in_time
def object_to_completion(*, booking_id: UUID, text: str, by: Actor, at: datetime) -> None:
    """Say why a decision about the end is wrong: it waits until someone else has looked.

    Again changes nothing. Raises UnableToDecide (not_found, wrong_state, missing_objection, too_long,
    too_late).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not access.is_own_booking(by, booking):
        raise UnableToDecide("not_found")
    decision = booking.decisions.filter(outcome__in=_OUTCOMES).order_by("decided_at").first()
    if booking.state != "started" or decision is None:
        raise UnableToDecide("wrong_state")
    if Objection.objects.filter(decision=decision).exists():
        return
    require_words(missing_objection=text)
    if decision.objection_until is None or local_date(at) > decision.objection_until:
        raise UnableToDecide("too_late")
    Objection.objects.create(id=new_id(at), decision=decision, text=text.strip(), made_at=at)
    audit.record(
        by=by,
        at=at,
        action="bookings.completion.object",
        subject=("bookings.booking", booking_id),
    )
    open_work_item(booking, WorkItemCause.COMPLETION, by=by, at=at)


def carry_out_completion(
    booking: Booking, outcome: CompletionOutcome, *, by: Actor, at: datetime
) -> None:
    """End a locked booking that started: its provider gets what waited, or that goes back.

    What goes back is not owed to the provider, and stays usable a while if it is past its end.
    """
    booking.work_items.filter(closed_at=None).update(closed_at=at)
    if outcome is CompletionOutcome.COMPLETED:
        values = {"completed_at": at}
        audit.move(booking, "complete", by=by, at=at, lifecycle=BOOKING, values=values)
        pay_when_due(booking, by=by, at=at)
        return
    pay_when_due(booking, by=by, at=at)
    money.free_rest(booking, by=by, at=at)
    values = {"ended_at": at}
    audit.move(booking, "not_complete", by=by, at=at, lifecycle=BOOKING, values=values)
    completion = completion_of(booking)
    back = completion.amount_cents if completion else 0
    tell_worker(booking, "booking_not_completed", by=by, at=at, back_cents=back)
    tell_provider(booking, "booking_not_completed_at_provider", by=by, at=at)


def _require_over(booking: Booking, at: datetime) -> None:
    if booking.state != "started":
        raise UnableToAnswer("wrong_state")
    if local_date(at) < booking.ends_on:
        raise UnableToAnswer("not_ended_yet")
