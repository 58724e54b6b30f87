"""Was the course completed? Where a part of the money waits for that, and where it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import access, money
from eigenwijs.bookings.lifecycle import BOOKING
from eigenwijs.bookings.models import Booking, Completion
from eigenwijs.bookings.operations.answering import UnableToAnswer
from eigenwijs.bookings.operations.starting import open_work_item, pay_when_due
from eigenwijs.bookings.queries import has_affirmed
from eigenwijs.bookings.reading import (
    AFFIRM,
    completion_of,
    halfway_of,
    is_too_little,
    later_parts,
    terms_of,
)
from eigenwijs.bookings.telling import tell_provider, tell_worker
from eigenwijs.bookings.types import CompletionOutcome, HalfwayOutcome, WorkItemCause
from eigenwijs.kernel import wording
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.patience import in_time


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
    asks that, and whether there is a certificate) is evidence and pays nothing: a person decides at once
    where it is not enough, and later where the worker stays silent. Only the worker's own yes ends a
    withdrawal term, and pays what is paid halfway, too. Again changes nothing. Raises UnableToAnswer
    (not_found, wrong_state, not_ended_yet, in_withdrawal_term, halfway_first, decided_not_followed,
    decided_not_completed, missing_attendance).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not (
        access.is_own_request(by, booking) or access.is_own_booking(by, booking)
    ):
        raise UnableToAnswer("not_found")
    if booking.state == "completed":
        return
    require_over(booking, at)
    halfway, completion = halfway_of(booking), completion_of(booking)
    if access.is_own_booking(by, booking):
        _affirm(booking, completion, by=by, at=at)
    elif halfway and not halfway.due_at:
        raise UnableToAnswer("halfway_first")
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
    require_not_decided_against(booking)
    is_decided = booking.decisions.filter(outcome__in=list(CompletionOutcome)).exists()
    if not is_decided and completion and is_too_little(completion):
        if completion.denied_at or not has_affirmed(booking.pk):
            completion.denied_at = None  # the last answer counts
            completion.save(update_fields=["denied_at"])
            audit.record(by=by, at=at, action=AFFIRM, subject=("bookings.booking", booking.pk))
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
    """Keep what the provider says, and ask the worker whether it is so."""
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
        tell_worker(booking, "completion_said", by=by, at=at)


def carry_out_completion(
    booking: Booking, outcome: CompletionOutcome, *, by: Actor, at: datetime
) -> None:
    """End a locked booking that started: its provider gets what waited, or that goes back.

    What goes back is not owed to the provider, and stays usable a while if it is past its end.
    """
    booking.work_items.filter(closed_at=None).update(closed_at=at)
    halfway = halfway_of(booking)
    if outcome is CompletionOutcome.COMPLETED:
        if halfway and not halfway.due_at:
            halfway.due_at = at
            halfway.save(update_fields=["due_at"])
        values = {"completed_at": at}
        audit.move(booking, "complete", by=by, at=at, lifecycle=BOOKING, values=values)
        pay_when_due(booking, by=by, at=at)
        return
    pay_when_due(booking, by=by, at=at)
    money.free_rest(booking, by=by, at=at)
    values = {"ended_at": at}
    audit.move(booking, "not_complete", by=by, at=at, lifecycle=BOOKING, values=values)
    back = sum(later_parts(booking).values())
    if halfway and halfway.due_at:
        back -= halfway.amount_cents
    tell_worker(booking, "booking_not_completed", by=by, at=at, back_cents=back)
    tell_provider(booking, "booking_not_completed_at_provider", by=by, at=at)


def require_over(booking: Booking, at: datetime) -> None:
    """Raise UnableToAnswer (wrong_state, not_ended_yet) for a course that has not started or ended."""
    if booking.state != "started":
        raise UnableToAnswer("wrong_state")
    if local_date(at) < booking.ends_on:
        raise UnableToAnswer("not_ended_yet")


def decided_against(booking: Booking) -> str | None:
    """Return the code of what was decided last about a later part, if that is no."""
    outcomes = [*HalfwayOutcome, *CompletionOutcome]
    decision = booking.decisions.filter(outcome__in=outcomes).order_by("decided_at").last()
    against = {
        HalfwayOutcome.NOT_FOLLOWED.value: "decided_not_followed",
        CompletionOutcome.NOT_COMPLETED.value: "decided_not_completed",
    }
    return against.get(decision.outcome) if decision else None


def require_not_decided_against(booking: Booking) -> None:
    """Raise UnableToAnswer where it was decided otherwise: an objection does what a yes cannot."""
    if code := decided_against(booking):
        raise UnableToAnswer(code)
