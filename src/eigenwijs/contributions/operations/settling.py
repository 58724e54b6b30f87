"""A payment is divided over its amounts; what the bank takes back reopens the request."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue, TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.contributions.lifecycle import PAYMENT_REQUEST
from eigenwijs.contributions.models import (
    CreditedAmount,
    CreditingRun,
    PaymentRequest,
    PlannedShare,
)
from eigenwijs.contributions.operations.reading import lock_employer
from eigenwijs.contributions.queries import request_views
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

    `label` names the event, so that it counts once. From here on the request is paid: what becomes of
    its payment later changes nothing for the run.
    """
    request = PaymentRequest.objects.select_for_update().get(pk=request_id)
    run_id = derived_id(request.id, label)
    if request.state == "paid" or CreditingRun.objects.filter(pk=run_id).exists():
        return
    if _was_credited_before_runs(request, label):
        return
    shares = _shares(request, cents=cents, complete=complete)
    total = sum(shares.values())
    _require_funds(request.payer_id, Money(total), run_id)
    CreditingRun.objects.create(
        id=run_id, request=request, amounts=len(shares), cents=total, begun_at=at, moved_at=at
    )
    copy_in(
        PlannedShare(
            id=derived_id(amount, label),
            run_id=run_id,
            place=place,
            amount_due_id=amount,
            cents=share,
        )
        for place, (amount, share) in enumerate(shares.items(), start=1)
    )
    counted: dict[str, IdValue] = {"cents": total, "amounts": len(shares)}
    audit.move(
        request,
        "pay" if complete else "pay_part",
        by=by,
        at=at,
        lifecycle=PAYMENT_REQUEST,
        ids=counted,
    )
    audit.announce(
        by=by,
        at=at,
        event="crediting_begun",
        subject=(CreditingRun._meta.label_lower, run_id),
        ids={"payment_request": str(request.id), "done": 0, **counted},
    )


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


def _require_funds(payer_id: UUID, amount: Money, run_id: UUID) -> None:
    """Begin no run that the payer's money is not there for, next to the runs that are going on.

    The books have the last word: of two that begin in the same moment one may have to wait for money.
    """
    # Before the runs: a run that begins in between is seen. Read after them, the money of a chunk that
    # is committed in between would be gone and still be wanted.
    there = accounts.to_credit(payer_id).cents
    running = CreditingRun.objects.filter(request__payer=payer_id, state="running")
    going = running.aggregate(cents=Sum(F("cents") - F("done_cents")))["cents"] or 0
    if there < going + amount.cents:
        raise budgets.UnableToCredit("not_funded", run_id)


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
