"""Payers are asked for amounts due: one nota a delivery and payer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

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
from eigenwijs.treasury import operations as treasury

_CHUNK = 500


def request_payment(delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """Ask each payer for what a delivery made due and what withdrawn requests had asked.

    Money of the payer that had come back is used first; what is left to pay is registered with
    the treasury under a reference of its own. Workers are told what to expect.
    """
    rows = (
        AmountDue.objects.filter(
            participation__employer=delivery.employer_id,
            request=None,
            amount_cents__gt=F("settled_cents") + F("credited_cents"),
        )
        .select_related("participation", "line")
        .order_by("id")
    )
    by_payer: dict[UUID, list[AmountDue]] = defaultdict(list)
    for row in rows:
        by_payer[row.participation.payer_id].append(row)
    for payer_id, amounts in sorted(by_payer.items()):
        _request(delivery, payer_id, amounts, by=by, at=at)


def _request(
    delivery: Delivery, payer_id: UUID, amounts: Sequence[AmountDue], *, by: Actor, at: datetime
) -> None:
    total = sum(asked(row) for row in amounts)
    back = _taken_back(payer_id, total)
    term = min(row.participation.payment_term_days for row in amounts)
    number = _next_number()
    request = PaymentRequest.objects.create(
        id=new_id(at),
        number=number,
        reference=rules.payment_reference(number),
        employer_id=delivery.employer_id,
        payer_id=payer_id,
        delivery=delivery,
        total_cents=total,
        taken_back_cents=sum(item.cents for item in back),
        totals=_totals(amounts),
        due_on=local_date(at) + timedelta(days=term),
        requested_at=at,
    )
    TakenBack.objects.filter(pk__in=[item.pk for item in back]).update(request=request)
    PaymentRequest.objects.filter(
        employer=delivery.employer_id,
        payer=payer_id,
        state="replaced",
        replaced_by=None,
        requested_at__lte=at,
    ).exclude(pk=request.pk).update(replaced_by=request)
    for start in range(0, len(amounts), 5_000):
        AmountDue.objects.filter(pk__in=[row.id for row in amounts[start : start + 5_000]]).update(
            request=request
        )
    _announce_to_workers(request, amounts, by=by, at=at)
    subject = (PaymentRequest._meta.label_lower, request.id)
    to_pay = request.total_cents - request.taken_back_cents
    audit.announce(
        by=by,
        at=at,
        event="payment_requested",
        subject=subject,
        ids={"reference": request.reference, "cents": to_pay, "amounts": len(amounts)},
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


def _taken_back(payer_id: UUID, total: int) -> list[TakenBack]:
    """Return money that came back to the payer and fits in a request of `total` cents."""
    chosen, used = [], 0
    waiting = TakenBack.objects.select_for_update().filter(payer=payer_id, request=None)
    for item in waiting.order_by("id"):
        if used + item.cents <= total:
            chosen.append(item)
            used += item.cents
    return chosen


def _totals(amounts: Sequence[AmountDue]) -> list[dict[str, Any]]:
    """Return what the nota says: per scheme how many people and how much. Never who."""
    people: dict[str, set[UUID]] = defaultdict(set)
    cents: dict[str, int] = defaultdict(int)
    titles = {}
    for row in amounts:
        people[row.scheme].add(row.employment_id)
        cents[row.scheme] += asked(row)
        titles[row.scheme] = row.version_hash
    return [
        {
            "scheme": scheme,
            "hash": titles[scheme],
            "people": len(people[scheme]),
            "without": 0,
            "cents": cents[scheme],
        }
        for scheme in sorted(cents)
    ]


def _announce_to_workers(
    request: PaymentRequest, amounts: Sequence[AmountDue], *, by: Actor, at: datetime
) -> None:
    reasons = Reasons(request)
    day = local_date(at)
    for start in range(0, len(amounts), _CHUNK):
        chunk = amounts[start : start + _CHUNK]
        reasons.read_set_offs(chunk)
        budgets.expect_all(
            [
                NewExpected(
                    key=row.id,
                    person_id=row.person_id,
                    payer_id=request.payer_id,
                    amount=Money(asked(row)),
                    due_on=request.due_on,
                    conditions=reasons.conditions(row, day),
                    reason=reasons.reason(row),
                )
                for row in chunk
            ],
            by=by,
            at=at,
        )


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('contributions_request_number')")
        (number,) = cursor.fetchone()
    return int(number)
