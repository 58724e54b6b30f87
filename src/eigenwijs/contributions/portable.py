"""What employers delivered about a person, as plain values to take along. Private to the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from eigenwijs.contributions.models import (
    AdvanceAsk,
    AmountDue,
    CreditedAmount,
    DeliveryLine,
    SetOff,
    TakenBack,
    YearTotal,
)
from eigenwijs.people.types import EmploymentView
from eigenwijs.schemes.types import ACCOUNT_UNIT


def export(employments: Collection[EmploymentView]) -> dict[str, Any]:
    """Return plain values: amounts in cents (of time: hundredths of its `unit`), hours in hundredths, dates and
    moments in ISO 8601.

    Of what was delivered only what counts: a file that nobody confirmed counts for nothing and is
    gone within a week.
    """
    ids = [one.id for one in employments]
    rows = AmountDue.objects.filter(employment__in=ids).select_related("delivery__employer")
    amounts = list(rows.order_by("delivery__delivered_at", "id"))
    asks = AdvanceAsk.objects.filter(employment__in=ids)
    totals = YearTotal.objects.filter(employment__in=ids).select_related("employer")
    return {
        "delivered": [_line(one, amounts) for one in _lines(employments)],
        "amounts_due": [_amount(one) for one in amounts],
        "advances_asked": [_ask(one) for one in asks.order_by("asked_at", "id")],
        "credited": _steps(CreditedAmount, "amount_due", "credited_at", ids),
        "set_off": _steps(SetOff, "amount", "set_off_at", ids),
        "taken_back": _steps(TakenBack, "lowering", "taken_back_at", ids),
        "year_totals": [_total(one) for one in totals.order_by("year", "scheme", "id")],
    }


def _lines(employments: Collection[EmploymentView]) -> list[DeliveryLine]:
    if not employments:
        return []
    theirs = Q()
    for one in employments:
        theirs |= Q(
            delivery__employer=one.employer_id,
            personnel_number=one.personnel_number,
            employment_number=one.employment_number,
        )
    counted = DeliveryLine.objects.filter(theirs, delivery__state="booked")
    return list(
        counted.select_related("delivery__employer").order_by("delivery__delivered_at", "number")
    )


def _line(one: DeliveryLine, amounts: Sequence[AmountDue]) -> dict[str, Any]:
    """What was delivered in a line and what it gave, under the schemes that its employer does not see too."""
    own = [due for due in amounts if due.line_id == one.pk]
    return {
        "employer": one.delivery.employer.name,
        "period": one.delivery.period,
        "delivered_at": one.delivery.delivered_at.isoformat(),
        "personnel_number": one.personnel_number,
        "employment_number": one.employment_number,
        "name": one.name,
        "age": one.age,
        "contract_kind": one.contract_kind,
        "contract_hours_week_hundredths": one.contract_hours_week,
        "paid_hours_period_hundredths": one.paid_hours_period,
        "started_on": one.started_on.isoformat(),
        "ended_on": one.ended_on.isoformat() if one.ended_on else None,
        "gross_wage_cents": one.gross_wage_cents,
        "sought": one.sought,
        "change_cents": sum(due.amount_cents for due in own if due.unit == ACCOUNT_UNIT),
        "is_without": not any(due.given_cents for due in own),
    }


def _amount(one: AmountDue) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "employer": one.delivery.employer.name,
        "employment": str(one.employment_id),
        "file": str(one.person_id),
        "scheme": one.scheme,
        "unit": one.unit,
        "version": one.version_hash,
        "period": one.period,
        "is_current": one.is_current,
        "eligible": one.eligible,
        "inputs": one.inputs,
        "parts": one.parts,
        "entitled_cents": one.entitled_cents,
        "amount_cents": one.amount_cents,
        "settled_cents": one.settled_cents,
        "credited_cents": one.credited_cents,
    }


def _steps(
    model: type[CreditedAmount | SetOff | TakenBack],
    amount: str,
    moment: str,
    employment_ids: Collection[UUID],
) -> list[dict[str, Any]]:
    """What happened to amounts of these employments: which amount, how much, when."""
    rows = model.objects.filter(**{f"{amount}__employment__in": employment_ids})
    return [
        {"amount_due": str(due), "cents": cents, "at": at.isoformat()}
        for due, cents, at in rows.order_by(moment, "id").values_list(amount, "cents", moment)
    ]


def _ask(one: AdvanceAsk) -> dict[str, Any]:
    return {
        "employment": str(one.employment_id),
        "scheme": one.scheme,
        "cents": one.cents,
        "asked_at": one.asked_at.isoformat(),
        "amount_due": str(one.amount_due_id) if one.amount_due_id else None,
    }


def _total(one: YearTotal) -> dict[str, Any]:
    return {
        "employer": one.employer.name,
        "employment": str(one.employment_id),
        "scheme": one.scheme,
        "year": one.year,
        "parts": one.parts,
    }
