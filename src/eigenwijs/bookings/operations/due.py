"""What time brings: unanswered requests, silent learners, decisions and payments that are due.

Each booking in a transaction of its own, so that one that fails stops no other. Safe to repeat.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import money
from eigenwijs.bookings.lifecycle import BOOKING
from eigenwijs.bookings.models import Booking, Completion, Halfway, Payout, WorkItem
from eigenwijs.bookings.operations.completing import carry_out_completion, decided_against
from eigenwijs.bookings.operations.doubting import open_end_item
from eigenwijs.bookings.operations.following import carry_out_halfway
from eigenwijs.bookings.operations.starting import carry_out, open_work_item, pay_when_due
from eigenwijs.bookings.reading import terms_of
from eigenwijs.bookings.telling import tell_provider, tell_worker
from eigenwijs.bookings.types import (
    CompletionOutcome,
    HalfwayOutcome,
    StartOutcome,
    WorkItemCause,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.schemes.types import Milestone

# A hold that would end within this time is kept longer: a person still decides.
_EXTEND_WITHIN = timedelta(days=14)
_WAITING = ("confirmed", "decided", "objected", "started")


def lapse_due(*, by: Actor, at: datetime) -> int:
    """Let requests lapse that their provider, or their worker, did not answer in time; everything goes back."""
    today = local_date(at)
    requests = Booking.objects.filter(state="requested", answer_by__lt=today)
    proposals = Booking.objects.filter(state="proposed", proposal__accept_by__lt=today)
    return _each((requests, _lapse), (proposals, _lapse_proposal), by=by, at=at)


def remind_silent(*, by: Actor, at: datetime) -> int:
    """Ask workers whether their course started: on its first day, then by another channel, and then
    a person calls. Where a part is paid only when it is followed halfway, or was completed, ask that on its
    day halfway and on its last day, and then a person calls; where the provider says so, once the time in
    which the worker can answer that is over, and the withdrawal term. Returns how many were asked or put on
    the work list."""
    today = local_date(at)
    rows = Booking.objects.filter(
        Q(asked_at=None) | Q(start_denied_at=None), state="confirmed", starts_on__lte=today
    )
    ended = Booking.objects.filter(
        Q(completion__contest_until=None)
        | Q(completion__contest_until__lt=today, withdrawal_until__lt=today),
        state="started",
        ends_on__lte=today,
        completion__denied_at=None,
        completion__isnull=False,
    ).exclude(decisions__outcome__in=list(CompletionOutcome))
    halfway = Booking.objects.filter(
        Q(halfway__contest_until=None)
        | Q(halfway__contest_until__lt=today, withdrawal_until__lt=today),
        state="started",
        halfway__falls_on__lte=today,
        halfway__denied_at=None,
        halfway__due_at=None,
        halfway__isnull=False,
    ).exclude(decisions__outcome__in=list(HalfwayOutcome))
    return _each(
        (rows, _remind), (halfway, _remind_of_halfway), (ended, _remind_of_end), by=by, at=at
    )


def settle_due(*, by: Actor, at: datetime) -> int:
    """Carry out decisions to which nobody objected in time (that somebody stayed away only after their
    withdrawal term), pay started bookings whose withdrawal
    term is over, and keep money set aside where a person still decides."""
    today = local_date(at)
    decided = Booking.objects.filter(
        state="decided", decisions__objection_until__lt=today, decisions__objection=None
    ).exclude(decisions__outcome=StartOutcome.STAYED_AWAY, withdrawal_until__gte=today)
    start, halfway, end = (_owed(milestone) for milestone in Milestone)
    unpaid = Booking.objects.filter(
        start | halfway & Q(halfway__due_at__isnull=False) | end & Q(state="completed"),
        state__in=("started", "completed"),
        withdrawal_until__lt=today,
    )
    ending = Booking.objects.filter(
        start | halfway | end, state__in=_WAITING, hold_until__lt=today + _EXTEND_WITHIN
    )
    return _each(
        (ending, _keep),
        (decided, _carry_out),
        (_decided_part(today, HalfwayOutcome).filter(halfway__due_at=None), _carry_out_halfway),
        (_decided_part(today, CompletionOutcome), _carry_out_end),
        (unpaid, _pay),
        by=by,
        at=at,
    )


def _owed(milestone: Milestone) -> Q:
    """That money is set aside for a milestone and its provider is not paid yet."""
    halfway, end = (
        Coalesce(Subquery(part.filter(booking=OuterRef("pk")).values("amount_cents")), 0)
        for part in (Halfway.objects, Completion.objects)
    )
    set_aside = {
        Milestone.STARTED: F("from_account_cents") - halfway - end,
        Milestone.HALFWAY: halfway,
        Milestone.COMPLETED: end,
    }
    is_there = Q(GreaterThan(set_aside[milestone], 0))
    paid = Payout.objects.filter(booking=OuterRef("pk"), milestone=milestone)
    return is_there & Q(~Exists(paid))


def _decided_part(
    today: date, outcomes: type[HalfwayOutcome | CompletionOutcome]
) -> QuerySet[Booking]:
    """Those with a decision about halfway or the end to which nobody objected in time.

    Whoever says after it that it was otherwise is heard first: a person looks again.
    """
    looked_at = WorkItem.objects.filter(booking=OuterRef("pk"), closed_at=None)
    return Booking.objects.filter(
        ~Exists(looked_at),
        state="started",
        decisions__outcome__in=list(outcomes),
        decisions__objection_until__lt=today,
        decisions__objection=None,
    )


class _Act(Protocol):
    """What is done with one locked booking; the answer says whether there was anything to do."""

    def __call__(self, booking: Booking, *, by: Actor, at: datetime) -> bool: ...


def _each(*works: tuple[QuerySet[Booking], _Act], by: Actor, at: datetime) -> int:
    """Do the act for each booking that is still due once it is locked; return how many it did.

    What one of them raises comes through after all others had their turn.
    """
    done, failures = 0, list[Exception]()
    for rows, act in works:
        ids: list[UUID] = list(rows.order_by("starts_on", "id").values_list("pk", flat=True))
        for booking_id in ids:
            try:
                with transaction.atomic():
                    locked = Booking.objects.select_for_update(of=("self",)).get(pk=booking_id)
                    if rows.filter(pk=booking_id).exists():
                        done += act(locked, by=by, at=at)
            except Exception as failure:
                failures.append(failure)
    if failures:
        raise failures[0]
    return done


def _lapse(booking: Booking, *, by: Actor, at: datetime) -> bool:
    money.free_all(booking, with_grace=True, by=by, at=at)
    values = {"ended_at": at, "cost_cents": 0}
    audit.move(booking, "lapse", by=by, at=at, lifecycle=BOOKING, values=values)
    tell_worker(booking, "booking_lapsed", by=by, at=at)
    tell_provider(booking, "booking_lapsed_at_provider", by=by, at=at)
    return True


def _lapse_proposal(booking: Booking, *, by: Actor, at: datetime) -> bool:
    money.free_all(booking, with_grace=True, by=by, at=at)
    values = {"ended_at": at, "cost_cents": 0}
    audit.move(booking, "lapse", by=by, at=at, lifecycle=BOOKING, values=values)
    tell_worker(booking, "proposal_lapsed", by=by, at=at)
    tell_provider(booking, "proposal_lapsed_at_provider", by=by, at=at)
    return True


def _remind(booking: Booking, *, by: Actor, at: datetime) -> bool:
    terms, today = terms_of(booking), local_date(at)
    days = (today - booking.starts_on).days
    if booking.start_denied_at is None and days >= terms.work_item_days:
        return open_work_item(booking, WorkItemCause.SILENT, by=by, at=at)
    if booking.asked_at is None:
        return _ask(booking, "start_asked", "asked_at", by=by, at=at)
    if booking.reminded_at is None and days >= terms.reminder_days:
        return _ask(booking, "start_asked_again", "reminded_at", by=by, at=at)
    return False


def _ask(booking: Booking, kind: str, column: str, *, by: Actor, at: datetime) -> bool:
    tell_worker(booking, kind, by=by, at=at)
    Booking.objects.filter(pk=booking.pk).update(**{column: at})
    return True


def _carry_out(booking: Booking, *, by: Actor, at: datetime) -> bool:
    decision = booking.decisions.get()
    carry_out(booking, StartOutcome(decision.outcome), by=by, at=at)
    return True


def _remind_of_halfway(booking: Booking, *, by: Actor, at: datetime) -> bool:
    if booking.halfway.contest_until or _is_silent_since(booking, booking.halfway.falls_on, at):
        return open_work_item(booking, WorkItemCause.HALFWAY, by=by, at=at)
    if not Halfway.objects.filter(pk=booking.pk, asked_at=None).update(asked_at=at):
        return False
    tell_worker(booking, "halfway_asked", by=by, at=at)
    return True


def _remind_of_end(booking: Booking, *, by: Actor, at: datetime) -> bool:
    if decided_against(booking):  # about halfway: no answer about the end counts
        return False
    if booking.completion.contest_until or _is_silent_since(booking, booking.ends_on, at):
        return open_end_item(booking, by=by, at=at)
    if not Completion.objects.filter(pk=booking.pk, asked_at=None).update(asked_at=at):
        return False
    tell_worker(booking, "completion_asked", by=by, at=at)
    return True


def _is_silent_since(booking: Booking, day: date, at: datetime) -> bool:
    """Whether a person has to call: so long after the day, and after the worker said that it started."""
    since = max(day, local_date(booking.started_at)) if booking.started_at else day
    return (local_date(at) - since).days >= terms_of(booking).work_item_days


def _carry_out_halfway(booking: Booking, *, by: Actor, at: datetime) -> bool:
    decision = booking.decisions.get(outcome__in=list(HalfwayOutcome))
    carry_out_halfway(booking, HalfwayOutcome(decision.outcome), by=by, at=at)
    return True


def _carry_out_end(booking: Booking, *, by: Actor, at: datetime) -> bool:
    decision = booking.decisions.get(outcome__in=list(CompletionOutcome))
    carry_out_completion(booking, CompletionOutcome(decision.outcome), by=by, at=at)
    return True


def _pay(booking: Booking, *, by: Actor, at: datetime) -> bool:
    return pay_when_due(booking, by=by, at=at)


def _keep(booking: Booking, *, by: Actor, at: datetime) -> bool:
    until: date = local_date(at) + timedelta(days=terms_of(booking).hold_days_after_start)
    money.keep_until(booking, until, by=by, at=at)
    Booking.objects.filter(pk=booking.pk).update(hold_until=until)
    return True
