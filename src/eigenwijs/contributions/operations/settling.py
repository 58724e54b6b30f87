"""Paid requests become money on accounts; what the bank takes back reopens the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.types import NewCredit
from eigenwijs.contributions.lifecycle import PAYMENT_REQUEST
from eigenwijs.contributions.models import AmountDue, CreditedAmount, PaymentRequest
from eigenwijs.contributions.operations.reading import lock_employer
from eigenwijs.contributions.queries import request_views
from eigenwijs.contributions.reasons import Reasons
from eigenwijs.contributions.telling import tell_employer
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money

OWNER = "contributions.paymentrequest"
_CHUNK = 500

_ADD_CREDITED = """
UPDATE contributions_amountdue AS due
SET credited_cents = due.credited_cents + paid.cents
FROM unnest(%s::uuid[], %s::bigint[]) AS paid (id, cents)
WHERE due.id = paid.id
"""

Item = TypeVar("Item")


@transaction.atomic
def credit_paid(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `receipt_matched`: credit the amounts of a request that was paid.

    A request that was paid in full is credited in full. What finance released of a short payment is
    divided over the amounts by their size, without a lost cent (`Money.split`). The same event
    again credits nothing.
    """
    request = PaymentRequest.objects.filter(pk=UUID(str(event.ids["owner"]))).first()
    if request is None:
        return
    # Two requests of one employer credit the same people, some hundreds at a time.
    lock_employer(request.employer_id)
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
    """Credit what was paid of a request; `label` names the event, so that it counts once."""
    request = PaymentRequest.objects.select_for_update().get(pk=request_id)
    amounts = request.amounts.order_by("period", "line__number", "id")
    left = F("amount_cents") - F("settled_cents") - F("credited_cents")
    rest = dict(amounts.annotate(left=left).values_list("id", "left"))
    keys = [derived_id(one, label) for one in rest]
    if request.state == "paid" or CreditedAmount.objects.filter(pk__in=keys).exists():
        return
    shares = rest
    if not complete:
        if not request.credited_cents:
            cents += request.taken_back_cents
        if any(rest.values()):
            parts = Money(cents).split(list(rest.values()))
            shares = {one: part.cents for one, part in zip(rest, parts, strict=True)}
    rows = (
        AmountDue.objects.select_for_update(of=("self",))
        .filter(request=request)
        .select_related("line")
        .prefetch_related("participation")
        .order_by("id")
    )
    paid = ((row, shares[row.id]) for row in rows.iterator(_CHUNK) if shares[row.id])
    reasons = Reasons(request)
    if len(rest) > _CHUNK:  # else the one chunk locks all of it
        people_ids = set(request.amounts.values_list("person", flat=True))
        budgets.lock_for_credits(payer_id=request.payer_id, person_ids=people_ids, at=at)
    for chunk in in_chunks(paid, _CHUNK):
        _credit(request, chunk, label, reasons, by=by, at=at)
    total = sum(shares.values())
    audit.move(
        request,
        "pay" if complete else "pay_part",
        by=by,
        at=at,
        lifecycle=PAYMENT_REQUEST,
        values={"credited_cents": request.credited_cents + total},
        announce_as="money_credited",
        ids={"cents": total, "amounts": sum(map(bool, shares.values()))},
    )


def _credit(
    request: PaymentRequest,
    paid: Sequence[tuple[AmountDue, int]],
    label: str,
    reasons: Reasons,
    *,
    by: Actor,
    at: datetime,
) -> None:
    day = local_date(at)
    reasons.read_set_offs([row for row, _share in paid])
    credits_ = [
        NewCredit(
            key=derived_id(row.id, label),
            person_id=row.person_id,
            payer_id=request.payer_id,
            amount=Money(share),
            conditions=reasons.conditions(row, day),
            reason=reasons.reason(row),
            occurred_on=day,
            group=derived_id(request.id, label),
            expected=row.id,
        )
        for row, share in paid
    ]
    budgets.credit_all(credits_, by=by, at=at)
    copy_in(
        CreditedAmount(id=one.key, amount_due_id=row.pk, cents=share, credited_at=at)
        for one, (row, share) in zip(credits_, paid, strict=True)
    )
    with connection.cursor() as cursor:
        ids, shares = [row.id for row, _share in paid], [share for _row, share in paid]
        cursor.execute(_ADD_CREDITED, [ids, shares])


def in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield `items` in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


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
        tell_employer(
            request.employer_id, "payment_overdue", params, about=request.id, by=by, at=at
        )
        count += 1
    return count
