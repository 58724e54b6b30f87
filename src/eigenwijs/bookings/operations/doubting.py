"""Did the worker follow the course to halfway, or to its end? Where that is in doubt, a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import access
from eigenwijs.bookings.models import Booking, Completion, Halfway, Objection
from eigenwijs.bookings.operations.answering import UnableToAnswer
from eigenwijs.bookings.operations.completing import carry_out_completion, require_over
from eigenwijs.bookings.operations.following import carry_out_halfway, require_halfway
from eigenwijs.bookings.operations.starting import (
    UnableToDecide,
    locked_item,
    open_work_item,
    require_distance,
    require_words,
    write_decision,
)
from eigenwijs.bookings.reading import completion_of, halfway_of, terms_of
from eigenwijs.bookings.telling import tell_worker
from eigenwijs.bookings.types import CompletionOutcome, HalfwayOutcome, WorkItemCause
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.patience import in_time
from eigenwijs.schemes.types import Milestone


@dataclass(frozen=True, slots=True)
class _Doubt:
    """The names by which a doubt about a part goes through the house."""

    cause: WorkItemCause
    outcomes: tuple[HalfwayOutcome | CompletionOutcome, ...]
    denied: str
    decided: str
    objected: str
    decided_notice: str
    objection_decided_notice: str


_DOUBTS = {
    Milestone.HALFWAY: _Doubt(
        WorkItemCause.HALFWAY,
        tuple(HalfwayOutcome),
        "bookings.halfway.deny",
        "bookings.halfway.decide",
        "bookings.halfway.object",
        "halfway_decided",
        "halfway_objection_decided",
    ),
    Milestone.COMPLETED: _Doubt(
        WorkItemCause.COMPLETION,
        tuple(CompletionOutcome),
        "bookings.completion.deny",
        "bookings.completion.decide",
        "bookings.completion.object",
        "completion_decided",
        "completion_objection_decided",
    ),
}


@in_time
def deny_part(*, booking_id: UUID, milestone: Milestone, by: Actor, at: datetime) -> None:
    """Say that the course is not followed any more, or was not completed: a person calls.

    It may come as long as the part is not due. Until then nothing is paid for it. Nobody calls where it was
    decided already that it was not. Again changes nothing. Raises UnableToAnswer (not_found, wrong_state,
    not_halfway_yet, not_ended_yet).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    part = _part(booking, milestone) if booking else None
    if booking is None or part is None or not access.is_own_booking(by, booking):
        raise UnableToAnswer("not_found")
    if part.denied_at is not None:
        return
    if isinstance(part, Halfway):
        require_halfway(booking, part, at)
    else:
        require_over(booking, at)
    part.denied_at = at
    part.save(update_fields=["denied_at"])
    audit.record(
        by=by,
        at=at,
        action=_DOUBTS[milestone].denied,
        subject=("bookings.booking", booking_id),
    )
    against = [HalfwayOutcome.NOT_FOLLOWED, CompletionOutcome.NOT_COMPLETED]
    if booking.decisions.filter(outcome__in=against).exists():
        return  # a person said so already
    if milestone is Milestone.HALFWAY:
        open_work_item(booking, WorkItemCause.HALFWAY, by=by, at=at)
    else:
        open_end_item(booking, by=by, at=at)


@transaction.atomic
def decide_part(
    *,
    work_item_id: UUID,
    outcome: HalfwayOutcome | CompletionOutcome,
    reason: str,
    evidence: str,
    by: Actor,
    at: datetime,
) -> None:
    """Decide whether a course was followed to halfway, or completed, with reason and evidence.

    The worker may read them. As with a start: the first decision waits until the worker can no longer
    object; the decision on an objection, by someone else, is carried out at once. Raises UnableToDecide.
    """
    doubt = next(one for one in _DOUBTS.values() if outcome in one.outcomes)
    item = locked_item(work_item_id)
    if (
        item is None
        or item.cause != doubt.cause
        or not access.may_decide(by)
        or by.person_id is None
    ):
        raise UnableToDecide("not_found")
    booking = item.booking
    require_words(missing_reason=reason, missing_evidence=evidence)
    require_distance(booking, by.person_id, by, outcomes=doubt.outcomes)
    today = local_date(at)
    if booking.state != "started":
        raise UnableToDecide("wrong_state")
    if booking.withdrawal_until is None or today <= booking.withdrawal_until:
        raise UnableToDecide("in_withdrawal_term")
    is_first = not booking.decisions.filter(outcome__in=doubt.outcomes).exists()
    until = today + timedelta(days=terms_of(booking).objection_days)
    write_decision(
        item, outcome, (reason, evidence), objection_until=until if is_first else None, by=by, at=at
    )
    audit.record(by=by, at=at, action=doubt.decided, subject=("bookings.booking", booking.pk))
    if is_first:
        tell_worker(booking, doubt.decided_notice, by=by, at=at, until_on=until)
    else:
        carry_out_part(booking, outcome, by=by, at=at)
        tell_worker(booking, doubt.objection_decided_notice, by=by, at=at)


@in_time
def object_to_part(
    *, booking_id: UUID, milestone: Milestone, text: str, by: Actor, at: datetime
) -> None:
    """Say why a decision about a part is wrong: it waits until someone else has looked.

    Again changes nothing. Raises UnableToDecide (not_found, wrong_state, missing_objection, too_long,
    too_late).
    """
    doubt = _DOUBTS[milestone]
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not access.is_own_booking(by, booking):
        raise UnableToDecide("not_found")
    decision = booking.decisions.filter(outcome__in=doubt.outcomes).order_by("decided_at").first()
    halfway = halfway_of(booking) if milestone is Milestone.HALFWAY else None
    if booking.state != "started" or decision is None or (halfway and halfway.due_at):
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
        action=doubt.objected,
        subject=("bookings.booking", booking_id),
    )
    open_work_item(booking, doubt.cause, by=by, at=at)


def carry_out_part(
    booking: Booking, outcome: HalfwayOutcome | CompletionOutcome, *, by: Actor, at: datetime
) -> None:
    """Do what was found about a part of a locked booking."""
    if isinstance(outcome, HalfwayOutcome):
        carry_out_halfway(booking, outcome, by=by, at=at)
    else:
        carry_out_completion(booking, outcome, by=by, at=at)


def open_end_item(booking: Booking, *, by: Actor, at: datetime) -> bool:
    """Ask a person to call about the end; about halfway first, where that is not clear either.

    Nobody calls for this where the provider spoke about halfway (`remind_silent` asks a person then), or a
    person decided about it. Returns whether the item is new.
    """
    halfway = halfway_of(booking)
    if halfway is None or halfway.due_at:
        return open_work_item(booking, WorkItemCause.COMPLETION, by=by, at=at)
    decided = booking.decisions.filter(outcome__in=list(HalfwayOutcome))
    if halfway.contest_until or decided.exists():
        return False
    return open_work_item(booking, WorkItemCause.HALFWAY, by=by, at=at)


def _part(booking: Booking, milestone: Milestone) -> Halfway | Completion | None:
    return halfway_of(booking) if milestone is Milestone.HALFWAY else completion_of(booking)
