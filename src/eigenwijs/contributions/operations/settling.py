"""A payment is divided over its amounts; what the bank takes back reopens the request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue, TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.contributions.lifecycle import CREDITING, PAYMENT_REQUEST
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    CreditingRun,
    PaymentRequest,
    PlannedShare,
)
from eigenwijs.contributions.operations.reading import lock_employer
from eigenwijs.contributions.queries import request_views
from eigenwijs.contributions.reasons import Reasons
from eigenwijs.contributions.telling import tell_employer
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money


@transaction.atomic
def credit_paid(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `receipt_matched`: plan the run that credits the amounts of a request that was paid.

    A request that was paid in full is credited in full. What finance released of a short payment is
    divided over the amounts by their size, without a lost cent (`Money.split`). The same event
    again plans nothing. `credit_next` does the crediting. Raises budgets.UnableToCredit (not_funded)
    where the payer's money is not enough for all of it.
    """
    request = PaymentRequest.objects.filter(pk=UUID(str(event.ids["owner"]))).first()
    if request is None:
        return
    lock_employer(request.employer_id)  # no delivery of theirs is booked at this moment
    settle(
        request.id,
        cents=int(event.ids["cents"] or 0),
        complete=bool(event.ids["complete"]),
        label=f"event.{event.id}",
        by=by,
        at=at,
    )


@transaction.atomic
def reopen(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `receipt_reversed`: the payer owes again; what was credited stays the workers'."""
    request = (
        PaymentRequest.objects.select_for_update().filter(pk=UUID(str(event.ids["owner"]))).first()
    )
    if request is None or not PAYMENT_REQUEST.allows(request.state, "reopen"):
        return
    audit.move(
        request,
        "reopen",
        by=by,
        at=at,
        lifecycle=PAYMENT_REQUEST,
        announce_as="payment_request_reopened",
        ids={"cents": event.ids["cents"]},
    )


def settle(
    request_id: UUID, *, cents: int, complete: bool, label: str, by: Actor, at: datetime
) -> None:
    """Plan what each amount of a request gets of a payment, and let the run begin.

    What can stand on accounts from a later day on only waits for it in a run of its own; see
    `begin_due_runs`. `label` names the event, so that it counts once. From here on the request is paid:
    what becomes of its payment later changes nothing for a run that began.
    """
    request = PaymentRequest.objects.select_for_update().get(pk=request_id)
    first_days = _first_days(request)
    run_ids = {None: derived_id(request.id, label)} | {
        day: derived_id(request.id, f"{label}.{day}") for day in first_days.values()
    }
    planned = CreditingRun.objects.filter(pk__in=run_ids.values())
    if request.state == "paid" or planned.exists():
        return
    if _was_credited_before_runs(request, label):
        return
    shares = _shares(request, cents=cents, complete=complete)
    total = sum(shares.values())
    if not _is_funded(request.payer_id, total, run_ids[None]):
        raise budgets.UnableToCredit("not_funded", run_ids[None])
    counted: dict[str, IdValue] = {"cents": total, "amounts": len(shares)}
    audit.move(
        request,
        "pay" if complete else "pay_part",
        by=by,
        at=at,
        lifecycle=PAYMENT_REQUEST,
        ids=counted,
    )
    groups: dict[date | None, dict[UUID, int]] = defaultdict(dict)
    for amount, share in shares.items():
        day = first_days.get(amount)
        groups[day if day and day > local_date(at) else None][amount] = share
    for day, group in (groups or {None: shares}).items():
        run = _plan(request, run_ids[day], day or local_date(at), group, label=label, at=at)
        if day is None:
            _begin(run, by=by, at=at)


def _first_days(request: PaymentRequest) -> dict[UUID, date]:
    """From which day on amounts of a request can stand on accounts, where that is not as soon as paid."""
    reasons = Reasons(request)
    # Not `request.amounts`: that reads the request of each row when it is not among these.
    rows = AmountDue.objects.filter(request=request).only("id", "version_hash", "period")
    found = {row.id: reasons.credited_from(row) for row in rows}
    return {amount: day for amount, day in found.items() if day}


def _plan(
    request: PaymentRequest,
    run_id: UUID,
    day: date,
    shares: Mapping[UUID, int],
    *,
    label: str,
    at: datetime,
) -> CreditingRun:
    run = CreditingRun.objects.create(
        id=run_id,
        request=request,
        amounts=len(shares),
        cents=sum(shares.values()),
        begins_on=day,
        moved_at=at,
    )
    copy_in(
        PlannedShare(
            id=derived_id(amount, label), run=run, place=place, amount_due_id=amount, cents=share
        )
        for place, (amount, share) in enumerate(shares.items(), start=1)
    )
    return run


def _begin(run: CreditingRun, *, by: Actor, at: datetime) -> None:
    audit.move(
        run,
        "begin",
        by=by,
        at=at,
        lifecycle=CREDITING,
        values={"begun_at": at, "moved_at": at},
        announce_as="crediting_begun",
        ids={
            "payment_request": str(run.request_id),
            "done": 0,
            "cents": run.cents,
            "amounts": run.amounts,
        },
    )


def begin_due_runs(*, by: Actor, at: datetime) -> int:
    """Begin the runs that waited for this day, or one before it; return how many.

    For a daily job. Where the bank took a payment back meanwhile the run waits until it is paid again: the
    foundation's buffer carries what reached accounts, and need not carry this. What one of them raises comes
    through after all others had their turn.
    """
    due = CreditingRun.objects.filter(state="waiting", begins_on__lte=local_date(at))
    rows = list(due.order_by("begins_on", "id").values_list("id", "request__employer"))
    begun, failures = 0, list[Exception]()
    for run_id, employer_id in rows:
        try:
            begun += _begin_due(run_id, employer_id, by=by, at=at)
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return begun


@transaction.atomic
def _begin_due(run_id: UUID, employer_id: UUID, *, by: Actor, at: datetime) -> bool:
    lock_employer(employer_id)
    runs = CreditingRun.objects.select_for_update(of=("self",)).select_related("request")
    run = runs.get(pk=run_id)
    if run.state != "waiting" or run.request.state == "reopened":
        return False
    if not _is_funded(run.request.payer_id, run.cents, run_id):
        return False
    _begin(run, by=by, at=at)
    return True


def _was_credited_before_runs(request: PaymentRequest, label: str) -> bool:
    """Whether an event was credited when there were no runs yet: only its credits, by their keys, say so."""
    if not request.credited_cents:
        return False
    keys = [derived_id(one, label) for one in request.amounts.values_list("id", flat=True)]
    return CreditedAmount.objects.filter(pk__in=keys).exists()


def _shares(request: PaymentRequest, *, cents: int, complete: bool) -> dict[UUID, int]:
    """What amounts get of a payment, in the order of the payroll; without those that get nothing."""
    left = F("amount_cents") - F("settled_cents") - F("credited_cents")
    amounts = request.amounts.order_by("period", "line__number", "id")
    rest = dict(amounts.annotate(left=left).values_list("id", "left"))
    running = PlannedShare.objects.filter(run__request=request)
    for amount, planned in running.values_list("amount_due", "cents"):
        rest[amount] -= planned
    if not complete and any(rest.values()):
        if not request.credited_cents and not CreditingRun.objects.filter(request=request).exists():
            cents += request.taken_back_cents
        parts = Money(cents).split(list(rest.values()))
        rest = {one: part.cents for one, part in zip(rest, parts, strict=True)}
    return {one: share for one, share in rest.items() if share}


def _is_funded(payer_id: UUID, cents: int, run_id: UUID) -> bool:
    """Whether the payer's money is there for `cents`, next to the runs that go on or wait, but `run_id`.

    The books have the last word: of two that begin in the same moment one may have to wait for money.
    """
    # Before the runs: a run that begins in between is seen. Read after them, the money of a chunk that
    # is committed in between would be gone and still be wanted.
    there = accounts.to_credit(payer_id).cents
    others = CreditingRun.objects.filter(
        state__in=("waiting", "running"), request__payer=payer_id
    ).exclude(pk=run_id)
    wanted = others.aggregate(cents=Sum(F("cents") - F("done_cents")))["cents"] or 0
    return there >= wanted + cents


@transaction.atomic
def remind_overdue(*, by: Actor, at: datetime) -> int:
    """Remind employers once of requests that were not paid in time; return how many.

    For a daily job. Announces `payment_overdue`, and tells everyone who acts for the employer, with
    what has not come in yet. Where all of it came in nobody is reminded.
    """
    late = PaymentRequest.objects.select_for_update(of=("self",)).filter(
        state__in=["open", "part_paid", "reopened"], due_on__lt=local_date(at), reminded_at=None
    )
    count = 0
    late = late.select_related("delivery").order_by("id")
    for request in request_views(late):
        open_cents = request.still_to_pay.cents
        if not open_cents:
            continue
        PaymentRequest.objects.filter(pk=request.id).update(reminded_at=at)
        audit.announce(
            by=by,
            at=at,
            event="payment_overdue",
            subject=(PaymentRequest._meta.label_lower, request.id),
            ids={"reference": request.reference, "cents": open_cents},
        )
        params: dict[str, str | int] = {
            "reference": request.reference,
            "open_cents": open_cents,
            "due_on": request.due_on.isoformat(),
        }
        if not request.counts_confided:  # no employer knows of it
            tell_employer(
                request.employer_id, "payment_overdue", params, about=request.id, by=by, at=at
            )
        count += 1
    return count
