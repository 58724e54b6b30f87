"""What follows from a line and from amounts alone. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from eigenwijs.contributions.payroll_sought import Kept, fact_values
from eigenwijs.kernel.clock import months_touched
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.types import CreditFacts


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What schemes look at in one line; hours in hundredths, wage in cents where a scheme needs it.

    `qualification` stands in no line: it is what the person told of themselves by the period's end.
    `sought` are the facts that only some schemes count, as the line keeps them (`payroll_sought`).
    """

    age: int
    contract_kind: str
    contract_hours_week: int | None
    paid_hours_period: int
    started_on: date
    ended_on: date | None
    gross_wage_period: int | None
    qualification: str | None = None
    sought: tuple[tuple[str, Kept | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """An amount or a lowering with what is left of it, in cents above zero, and its request."""

    id: UUID
    cents: int
    request: UUID | None = None


@dataclass(frozen=True, slots=True)
class Offset:
    """That `cents` of a lowering go against an amount."""

    lowering: UUID
    amount: UUID
    cents: int


def age_on(birth_date: date, day: date) -> int:
    """Return whole years of age; who was born on 29 February has a birthday on 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)


def employed_days(period: Period, started_on: date, ended_on: date | None) -> int:
    """Return on how many days of the period the employment existed, first and last included."""
    first, last = max(started_on, period.start), min(ended_on or period.end, period.end)
    return max((last - first).days + 1, 0)


def employed_months(period: Period, started_on: date, ended_on: date | None) -> int:
    """Return in how many calendar months of the period the employment existed on at least one day.

    Who enters on the 31st has that month; four weeks that touch two months have two.
    """
    first, last = max(started_on, period.start), min(ended_on or period.end, period.end)
    return months_touched(first, last)


def service_years(period: Period, started_on: date, ended_on: date | None) -> int:
    """Return the whole years in service on the period's last day in service, as birthdays count.

    The fifth year is complete on the day that the fifth anniversary falls on; who began on 29 February has
    one on 1 March.
    """
    return max(age_on(started_on, min(ended_on or period.end, period.end)), 0)


def credit_facts(line: LineFacts, period: Period, needed: frozenset[str]) -> CreditFacts:
    """Return the facts that a scheme needs, of one line in one period."""
    hours, wage = line.contract_hours_week, line.gross_wage_period
    facts: dict[str, Fraction | str | None] = {
        "contract_kind": line.contract_kind,
        "contract_hours_week": None if hours is None else Fraction(hours, 100),
        "paid_hours_period": Fraction(line.paid_hours_period, 100),
        "gross_wage_period": None if wage is None else Fraction(wage),
        "age": Fraction(line.age),
        "qualification": line.qualification,
        "employed_days_period": Fraction(employed_days(period, line.started_on, line.ended_on)),
        "employed_months_period": Fraction(employed_months(period, line.started_on, line.ended_on)),
        "service_years": Fraction(service_years(period, line.started_on, line.ended_on)),
    }
    facts |= fact_values(dict(line.sought))
    return {name: value for name, value in facts.items() if name in needed}


def set_off(
    lowerings: Sequence[Open], amounts: Sequence[Open], rooms: dict[UUID | None, int]
) -> list[Offset]:
    """Let lowerings take from amounts, each in the order given, until one side has nothing left.

    `rooms` is how much may be taken from a request together, where that is not all; it is used up.
    """
    offsets = []
    left = [amount.cents for amount in amounts]
    for lowering in lowerings:
        wanted = lowering.cents
        for index, amount in enumerate(amounts):
            taken = min(wanted, left[index], rooms.get(amount.request, wanted))
            if taken:
                if amount.request in rooms:
                    rooms[amount.request] -= taken
                offsets.append(Offset(lowering.id, amount.id, taken))
                left[index] -= taken
                wanted -= taken
    return offsets


def payment_reference(number: int) -> str:
    """Return the creditor reference of a nota: RF, two check digits, ten digits (ISO 11649)."""
    body = f"{number:010d}"
    reference = f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"
    return str(iso11649.validate(reference))
