"""Everything of a learning account, as plain values to take along. Private to the room."""

from __future__ import annotations

from typing import Any

from eigenwijs.budgets.types import (
    AccountView,
    CreditView,
    ExpectedView,
    PotView,
    PotYear,
    ReservationView,
    StatementLine,
    TimeAccountView,
)


def export(
    account: AccountView,
    credits_: list[CreditView],
    lines: list[StatementLine],
    years: list[PotYear],
    reservations: list[ReservationView],
    *,
    time: list[TimeAccountView],
) -> dict[str, Any]:
    """Return plain values: amounts in cents, time in hundredths of its unit, dates and moments in ISO 8601, ids
    as text.
    """
    return {
        "available_cents": account.available.cents,
        "reserved_cents": account.reserved.cents,
        "expected_cents": account.expected.cents,
        "pots": [_pot(pot) for pot in account.pots],
        "credits": [_credit(one) for one in credits_],
        "expected": [_expected(one) for one in account.coming],
        # The lines are rows of the ledger; the years are the sums of these lines.
        "statement_source": "ledger",
        "statement": [_line(line) for line in lines],
        "years_source": "statement",
        "years": [_year(one) for one in years],
        "reservations": [_reservation(one) for one in reservations],
        "time_to_learn": [_time(one) for one in time],
    }


def _pot(pot: PotView) -> dict[str, Any]:
    return {
        "id": str(pot.id),
        "payer": pot.payer_name,
        "conditions": pot.conditions.to_json(),
        "available_cents": pot.available.cents,
        "reserved_cents": pot.reserved.cents,
        "usable_until": [
            {
                "cents": lot.amount.cents,
                "until": lot.usable_until.isoformat() if lot.usable_until else None,
            }
            for lot in pot.lots
        ],
        "opened_at": pot.opened_at.isoformat(),
    }


def _credit(one: CreditView) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "pot": str(one.pot_id),
        "payer": one.payer_name,
        "cents": one.amount.cents,
        "taken_back_cents": one.taken_back.cents,
        "on": one.occurred_on.isoformat(),
        "usable_until": one.usable_until.isoformat() if one.usable_until else None,
        "correctable_until": one.correctable_until.isoformat() if one.correctable_until else None,
        "reason": one.reason.to_json(),
    }


def _expected(one: ExpectedView) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "payer": one.payer_name,
        "cents": one.amount.cents,
        "due_on": one.due_on.isoformat(),
        "conditions": one.conditions.to_json(),
        "reason": one.reason.to_json(),
    }


def _line(line: StatementLine) -> dict[str, Any]:
    return {
        "on": line.on.isoformat(),
        "kind": line.kind.value,
        "cents": line.amount.cents,
        "available_afterwards_cents": line.available.cents,
        "payer": line.payer_name,
        "pot": str(line.pot_id),
        "credit": str(line.credit_id) if line.credit_id else None,
        "booking": str(line.booking_id) if line.booking_id else None,
        "belongs_to": str(line.belongs_to) if line.belongs_to else None,
    }


def _year(one: PotYear) -> dict[str, Any]:
    return {
        "year": one.year,
        "pot": str(one.pot_id),
        "payer": one.payer_name,
        "begin_cents": one.begin.cents,
        "credited_cents": one.credited.cents,
        "refunded_cents": one.refunded.cents,
        "spent_cents": one.spent.cents,
        "taken_back_cents": one.taken_back.cents,
        "lapsed_cents": one.lapsed.cents,
        "end_cents": one.end.cents,
        "reserved_cents": one.reserved.cents,
    }


def _reservation(one: ReservationView) -> dict[str, Any]:
    return {
        "booking": str(one.booking_id),
        "state": one.state,
        "expires_at": one.expires_at.isoformat(),
        "lines": [
            {
                "pot": str(line.pot_id),
                "milestone": line.milestone.value,
                "cents": line.amount.cents,
                "spent_cents": line.spent.cents,
                "refunded_cents": line.refunded.cents,
            }
            for line in one.lines
        ],
    }


def _time(account: TimeAccountView) -> dict[str, Any]:
    return {
        "scheme": account.scheme,
        "unit": account.unit,
        "left_hundredths": account.left,
        "given": [
            {
                "id": str(one.id),
                "employer": one.employer_name,
                "hundredths": one.hundredths,
                "on": one.given_on.isoformat(),
                "usable_until": one.usable_until.isoformat() if one.usable_until else None,
                "reason": one.reason.to_json(),
            }
            for one in account.credits
        ],
        "days": [
            {
                "id": str(one.id),
                "employment": str(one.employment_id),
                "employer": one.employer_name,
                "hundredths": one.hundredths,
                "on": one.day.isoformat(),
                "state": one.state,
                "answer_by": one.answer_by.isoformat(),
                "refused_because": one.refusal.value if one.refusal else None,
                "asked_at": one.asked_at.isoformat(),
            }
            for one in account.uses
        ],
    }
