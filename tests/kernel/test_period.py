"""Pay periods cover every day once and are read back as they are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.period import Period, PeriodKind

days = st.dates(date(1910, 1, 1), date(2190, 12, 31))
kinds = st.sampled_from(PeriodKind)


@given(days, kinds)
def test_every_day_is_in_exactly_one_period_of_a_kind(day: date, kind: PeriodKind) -> None:
    period = Period.containing(day, kind)
    assert period.contains(day)
    assert not period.next().contains(day)
    assert not period.previous().contains(day)


@given(days, kinds)
def test_periods_follow_each_other_without_gap_or_overlap(day: date, kind: PeriodKind) -> None:
    period = Period.containing(day, kind)
    assert period.next().start == period.end + timedelta(days=1)
    assert period.next().previous() == period
    assert period < period.next()


@given(days, kinds)
def test_a_period_is_read_back_as_it_is_written(day: date, kind: PeriodKind) -> None:
    period = Period.containing(day, kind)
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2025-P01", date(2024, 12, 30), date(2025, 1, 26)),
        ("2025-P13", date(2025, 12, 1), date(2025, 12, 28)),
        ("2026-P01", date(2025, 12, 29), date(2026, 1, 25)),
        ("2026-P13", date(2026, 11, 30), date(2027, 1, 3)),
    ],
)
def test_first_and_last_day(text: str, first: date, last: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.end) == (first, last)


@pytest.mark.parametrize("year", [2004, 2009, 2015, 2020, 2026, 2032, 2037])
def test_the_thirteenth_period_of_a_year_of_53_weeks_has_five_weeks(year: int) -> None:
    assert date(year, 12, 28).isocalendar().week == 53
    last = Period(year, 13, PeriodKind.FOUR_WEEKS)
    assert (last.end - last.start).days + 1 == 35
    twelfth = last.previous()
    assert (twelfth.end - twelfth.start).days + 1 == 28


@given(st.integers(1910, 2190))
def test_thirteen_times_four_weeks_are_a_year_of_52_or_53_weeks(year: int) -> None:
    first, last = (Period(year, n, PeriodKind.FOUR_WEEKS) for n in (1, 13))
    weeks = ((last.end - first.start).days + 1) / 7
    assert weeks == date(year, 12, 28).isocalendar().week


@pytest.mark.parametrize(
    "wrong",
    ["", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-P14", "26-03", "2026/03", "2026-3-1",
     "maart 2026", "2026-W03", "1899", "2201-01", "²⁰²⁶"],
)  # fmt: skip
def test_what_is_no_period_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"period|numbers|year"):
        Period.parse(wrong)


def test_small_mistakes_in_writing_are_read() -> None:
    assert Period.parse(" 2026-p3 ") == Period(2026, 3, PeriodKind.FOUR_WEEKS)
    assert Period.parse("2026-3") == Period(2026, 3)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (PeriodKind.MONTH, 12),
        (PeriodKind.FOUR_WEEKS, 13),
        (PeriodKind.QUARTER, 4),
        (PeriodKind.YEAR, 1),
    ],
)
def test_how_many_make_a_year(kind: PeriodKind, count: int) -> None:
    assert Period(2026, 1, kind).of_year == count
    assert Period(2026, count, kind).next() == Period(2027, 1, kind)
