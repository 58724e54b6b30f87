"""Payers are asked for amounts due: one nota a delivery and payer.

What schemes give that count what people told about themselves has a nota apart: no employer sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Max, Min, QuerySet, Sum

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.types import NewExpected
from eigenwijs.contributions import rules
from eigenwijs.contributions.models import AmountDue, Delivery, PaymentRequest, TakenBack
from eigenwijs.contributions.operations.settling import settle
from eigenwijs.contributions.reasons import Reasons
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import ACCOUNT_UNIT
from eigenwijs.treasury import operations as treasury

_CHUNK = 500

Item = TypeVar("Item")


def request_payment(delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """Ask each payer for what a delivery made due and what withdrawn requests had asked.

    Money of the payer that had come back is used first; what is left to pay is registered with
    the treasury under a reference of its own. Workers are told what to expect.
    """
    waiting = AmountDue.objects.filter(
        participation__employer=delivery.employer_id,
        unit=ACCOUNT_UNIT,
        request=None,
        amount_cents__gt=F("settled_cents") + F("credited_cents"),
    )
    groups: dict[tuple[UUID, bool], list[str]] = defaultdict(list)
    for payer_id, version in waiting.values_list("participation__payer", "version_hash").distinct():
        groups[payer_id, schemes.version(version).counts_confided].append(version)
    for (payer_id, counts_confided), versions in sorted(groups.items()):
        asked_for = waiting.filter(participation__payer=payer_id, version_hash__in=versions)
        _request(delivery, payer_id, asked_for, counts_confided=counts_confided, by=by, at=at)


def _request(
    delivery: Delivery,
    payer_id: UUID,
    waiting: QuerySet[AmountDue],
    *,
    counts_confided: bool,
    by: Actor,
    at: datetime,
) -> None:
    totals = _totals(waiting) if counts_confided else _with_advances(waiting)
    total = sum(item["cents"] for item in totals)
    back = _taken_back(payer_id, total, at, counts_confided=counts_confided)
    term = waiting.aggregate(days=Min("participation__payment_term_days"))["days"]
    number = _next_number(counts_confided=counts_confided)
    request = PaymentRequest.objects.create(
        id=new_id(at),
        number=number,
        reference=rules.payment_reference(number),
        employer_id=delivery.employer_id,
        payer_id=payer_id,
        delivery=delivery,
        total_cents=total,
        taken_back_cents=sum(item.cents for item in back),
        totals=totals,
        counts_confided=counts_confided,
        due_on=local_date(at) + timedelta(days=term),
        requested_at=at,
    )
    TakenBack.objects.filter(pk__in=[item.pk for item in back]).update(request=request)
    PaymentRequest.objects.filter(
        employer=delivery.employer_id,
        payer=payer_id,
        state="replaced",
        replaced_by=None,
        counts_confided=counts_confided,
        requested_at__lte=at,
    ).exclude(pk=request.pk).update(replaced_by=request)
    waiting.update(request=request)
    announce(request, request.amounts.all(), by=by, at=at)
    subject = (PaymentRequest._meta.label_lower, request.id)
    to_pay = request.total_cents - request.taken_back_cents
    audit.announce(
        by=by,
        at=at,
        event="payment_requested",
        subject=subject,
        ids={"reference": request.reference, "cents": to_pay},
    )
    if to_pay:
        treasury.expect_receipt(
            reference=request.reference,
            amount=Money(to_pay),
            payer_id=payer_id,
            due_on=request.due_on,
            owner=subject,
            by=by,
            at=at,
        )
    else:
        settle(request.id, cents=0, complete=True, label="taken_back", by=by, at=at)


def asked(row: AmountDue) -> int:
    """Return what is still to come of an amount, in cents."""
    return row.amount_cents - row.settled_cents - row.credited_cents


def _taken_back(
    payer_id: UUID, total: int, at: datetime, *, counts_confided: bool
) -> list[TakenBack]:
    """Return money that came back to the payer, the oldest first, for at most `total` cents.

    What is more than the request can use is kept apart, for the next one.
    """
    chosen, left = [], total
    waiting = TakenBack.objects.select_for_update(of=("self",)).filter(payer=payer_id, request=None)
    for item in waiting.select_related("lowering").order_by("taken_back_at", "id"):
        if not left:
            break
        if schemes.version(item.lowering.version_hash).counts_confided is not counts_confided:
            continue  # an employer would read it from its own nota
        if item.cents > left:
            _split(item, left, at)
        chosen.append(item)
        left -= item.cents
    return chosen


def _split(item: TakenBack, cents: int, at: datetime) -> None:
    """Leave `cents` of what came back in `item`, and the rest in a row of its own."""
    rest = item.cents - cents
    TakenBack.objects.filter(pk=item.pk).update(cents=cents)
    item.cents = cents
    TakenBack.objects.create(
        id=new_id(at),
        lowering_id=item.lowering_id,
        credit_id=item.credit_id,
        set_off_id=item.set_off_id,
        payer_id=item.payer_id,
        cents=rest,
        taken_back_at=item.taken_back_at,
    )


def _totals(waiting: QuerySet[AmountDue]) -> list[dict[str, Any]]:
    """Return what the nota says: per scheme how many people and how much. Never who."""
    left = F("amount_cents") - F("settled_cents") - F("credited_cents")
    sums = waiting.values("scheme").annotate(
        people=Count("employment", distinct=True), cents=Sum(left), hash=Max("version_hash")
    )
    return [{**item, "cents": int(item["cents"]), "without": 0} for item in sums.order_by("scheme")]


def _with_advances(waiting: QuerySet[AmountDue]) -> list[dict[str, Any]]:
    """Return `_totals`, and how much of each comes ahead of coming periods.

    Not for a nota that no employer sees: it would read there of an advance that it may not see.
    """
    totals = _totals(waiting)
    granting = waiting.filter(advance_asks__isnull=False).order_by("id").distinct()
    rows = list(granting.select_related("delivery"))
    earlier: dict[tuple[UUID, str, str], list[AmountDue]] = defaultdict(list)
    jobs = {row.employment_id for row in rows}
    for one in AmountDue.objects.filter(employment__in=jobs, is_current=False).order_by("id"):
        earlier[one.employment_id, one.scheme, one.period].append(one)
    came: dict[str, int] = defaultdict(int)
    for row in rows:
        before = [
            one
            for one in earlier[row.employment_id, row.scheme, row.period]
            if one.delivery_id != row.delivery_id and one.id < row.id
        ]
        granted = row.advance.granted - (before[-1].advance.granted if before else 0)
        came[row.scheme] += min(granted, asked(row))
    for item in totals:
        if came[item["scheme"]]:
            item["advance"] = came[item["scheme"]]
    return totals


def announce(
    request: PaymentRequest, amounts: QuerySet[AmountDue], *, by: Actor, at: datetime
) -> None:
    """Tell workers what to expect of amounts of a request, with the reason."""
    reasons = Reasons(request)
    day = local_date(at)
    rows = amounts.select_related("line").prefetch_related("participation").order_by("id")
    for chunk in _in_chunks(rows.iterator(_CHUNK), _CHUNK):
        reasons.read_set_offs(chunk)
        reasons.read_birth_dates(chunk)
        budgets.expect_all(
            [
                NewExpected(
                    key=row.id,
                    person_id=row.person_id,
                    payer_id=request.payer_id,
                    amount=Money(asked(row)),
                    due_on=max(request.due_on, reasons.credited_from(row) or request.due_on),
                    conditions=reasons.conditions(row, max(day, reasons.credited_from(row) or day)),
                    reason=reasons.reason(row),
                )
                for row in chunk
            ],
            by=by,
            at=at,
        )


def _in_chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield `items` in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _next_number(*, counts_confided: bool) -> int:
    """Return the next number of a nota; an employer would read from a gap that there is a hidden one."""
    name = "hidden_request_number" if counts_confided else "request_number"
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"contributions_{name}"])
        (number,) = cursor.fetchone()
    return int(number)
