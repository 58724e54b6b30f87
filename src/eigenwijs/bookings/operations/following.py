"""Does the worker still follow the course halfway? Where a part of the money is paid then."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import access
from eigenwijs.bookings.models import Booking, Halfway
from eigenwijs.bookings.operations.answering import UnableToAnswer
from eigenwijs.bookings.operations.completing import (
    carry_out_completion,
    require_not_decided_against,
)
from eigenwijs.bookings.operations.starting import open_work_item, pay_when_due
from eigenwijs.bookings.reading import completion_of, halfway_of, terms_of
from eigenwijs.bookings.telling import tell_worker
from eigenwijs.bookings.types import CompletionOutcome, HalfwayOutcome, WorkItemCause
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.patience import in_time


@in_time
def follow(*, booking_id: UUID, by: Actor, at: datetime) -> None:
    """Say that the worker follows a course until its day halfway, or longer: the worker, or the provider.

    The worker's yes pays the part that waits for it, once the withdrawal term is over; it ends no term. What
    the provider says is evidence and pays nothing: where the worker stays silent, a person decides. Again
    changes nothing.
    Raises UnableToAnswer (not_found, wrong_state, not_halfway_yet, decided_not_followed).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    halfway = halfway_of(booking) if booking else None
    if (
        booking is None
        or halfway is None
        or not (access.is_own_request(by, booking) or access.is_own_booking(by, booking))
    ):
        raise UnableToAnswer("not_found")
    if halfway.due_at:
        return
    require_halfway(booking, halfway, at)
    if access.is_own_booking(by, booking):
        require_not_decided_against(booking)
        _make_due(booking, halfway, by=by, at=at)
    elif halfway.contest_until is None:
        _say(booking, halfway, by=by, at=at)


def _say(booking: Booking, halfway: Halfway, *, by: Actor, at: datetime) -> None:
    """Keep that the provider says so, and ask the worker whether it is so."""
    halfway.contest_until = local_date(at) + timedelta(days=terms_of(booking).objection_days)
    halfway.save(update_fields=["contest_until"])
    audit.record(
        by=by,
        at=at,
        action="bookings.halfway.say",
        subject=("bookings.booking", booking.pk),
        fields=["contest_until"],
    )
    if not booking.work_items.filter(cause=WorkItemCause.HALFWAY).exists():  # else a person decides
        tell_worker(booking, "halfway_said", by=by, at=at)


def carry_out_halfway(
    booking: Booking, outcome: HalfwayOutcome, *, by: Actor, at: datetime
) -> None:
    """Do what was found about a locked booking: its provider gets what waited for the day, or it ends there.

    Then all that the provider does not have yet goes back, what waits for the completion too.
    """
    halfway = halfway_of(booking)
    if outcome is HalfwayOutcome.NOT_FOLLOWED:
        carry_out_completion(booking, CompletionOutcome.NOT_COMPLETED, by=by, at=at)
    elif halfway:
        _make_due(booking, halfway, by=by, at=at)


def _make_due(booking: Booking, halfway: Halfway, *, by: Actor, at: datetime) -> None:
    halfway.due_at = at
    halfway.save(update_fields=["due_at"])
    audit.record(
        by=by,
        at=at,
        action="bookings.halfway.make_due",
        subject=("bookings.booking", booking.pk),
        ids={"cents": halfway.amount_cents},
    )
    booking.work_items.filter(closed_at=None).update(closed_at=at)
    pay_when_due(booking, by=by, at=at)
    completion = completion_of(booking)
    if completion and completion.denied_at:  # it waited until this was clear
        open_work_item(booking, WorkItemCause.COMPLETION, by=by, at=at)


def require_halfway(booking: Booking, halfway: Halfway, at: datetime) -> None:
    """Raise UnableToAnswer (wrong_state, not_halfway_yet) where this is not asked."""
    if booking.state != "started" or halfway.due_at:
        raise UnableToAnswer("wrong_state")
    if local_date(at) < halfway.falls_on:
        raise UnableToAnswer("not_halfway_yet")
