"""What schemes learn of an employment from its first and last day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from eigenwijs.contributions.rules import LineFacts, credit_facts
from eigenwijs.kernel.period import Period

NEEDED = frozenset({"service_years", "employed_months_period"})


def facts(period: str, started_on: date, ended_on: date | None = None) -> tuple[Fraction, Fraction]:
    line = LineFacts(40, "permanent", 3_600, 10_000, started_on, ended_on, None)
    found = credit_facts(line, Period.parse(period), NEEDED)
    years, months = found["service_years"], found["employed_months_period"]
    assert isinstance(years, Fraction)
    assert isinstance(months, Fraction)
    return years, months


@pytest.mark.parametrize(
    ("period", "started_on", "ended_on", "years", "months"),
    [
        ("2026", date(2020, 3, 1), None, 6, 12),
        ("2026", date(2026, 3, 31), None, 0, 10),  # March on its last day, through December
        ("2026", date(2020, 3, 1), date(2026, 4, 1), 6, 4),
        ("2026", date(2020, 4, 2), date(2026, 4, 1), 5, 4),  # a day before the sixth year is whole
        ("2026-05", date(2021, 5, 31), None, 5, 1),
        ("2026-05", date(2021, 6, 1), None, 4, 1),
        ("2027-02", date(2024, 2, 29), None, 2, 1),  # the third anniversary is on 1 March
        ("2026-03", date(2026, 3, 31), None, 0, 1),
        ("2026-P04", date(2010, 1, 1), None, 16, 2),  # 23 March to 19 April
        ("2026-P04", date(2026, 4, 1), None, 0, 1),
        ("2026-Q2", date(2026, 5, 10), None, 0, 2),
        ("2026-05", date(2026, 6, 1), None, 0, 0),
    ],
)
def test_years_in_service_are_whole_and_a_month_counts_from_one_day(
    period: str, started_on: date, ended_on: date | None, years: int, months: int
) -> None:
    assert facts(period, started_on, ended_on) == (years, months)
