"""The calendar of Amsterdam: dates, summer time, holidays, the end of a month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.clock import (
    is_working_day,
    local_date,
    months_after,
    start_of_day,
    working_days_after,
    working_days_before,
)

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 1, 1, 22, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 23, 0, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_a_date_is_a_date_in_amsterdam(at: datetime, day: date) -> None:
    assert local_date(at) == day


def test_a_moment_without_time_zone_has_no_date() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 1, 1))  # noqa: DTZ001


@given(days)
def test_a_day_starts_on_its_own_date(day: date) -> None:
    start = start_of_day(day)
    assert local_date(start) == day
    assert local_date(start.astimezone(UTC) - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1), date(2026, 4, 6), date(2026, 4, 27), date(2026, 5, 14), date(2026, 5, 25),
        date(2026, 12, 25), date(2026, 12, 26), date(2026, 4, 5), date(2026, 11, 21),
    ],
)  # fmt: skip
def test_nobody_works_on(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        # Christmas 2026 falls on Friday and Saturday.
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 23), 5, date(2026, 12, 31)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        # King's day 2026 is a Monday; in 2025 it was kept on Saturday the 26th, not on Sunday.
        (date(2026, 4, 24), 1, date(2026, 4, 28)),
        (date(2025, 4, 25), 1, date(2025, 4, 28)),
        # Good Friday, Easter Monday, Ascension Day and Whit Monday move with the moon.
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 5, 13), 1, date(2026, 5, 15)),
        (date(2026, 5, 22), 1, date(2026, 5, 26)),
        # 5 May counts every year.
        (date(2026, 5, 4), 1, date(2026, 5, 6)),
    ],
)
def test_working_days_step_over_weekends_and_holidays(
    day: date, count: int, expected: date
) -> None:
    assert working_days_after(day, count) == expected


@given(days, st.integers(1, 30))
def test_a_deadline_falls_on_a_working_day_and_counts_all_between(day: date, count: int) -> None:
    deadline = working_days_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (deadline - day).days + 1)]
    assert is_working_day(deadline)
    assert sum(map(is_working_day, between)) == count


@given(days, st.integers(0, 30))
def test_working_days_back_are_the_last_day_from_which_so_many_are_left(
    day: date, count: int
) -> None:
    """Thursday 4 March 2027 is seven working days before Monday 15 March."""
    back = working_days_before(day, count)
    between = [back + timedelta(days=n) for n in range((day - back).days)]
    assert sum(map(is_working_day, between)) == count
    assert back == day or is_working_day(back)
    assert working_days_before(date(2027, 3, 15), 7) == date(2027, 3, 4)


def test_time_does_not_run_backwards() -> None:
    for move in (working_days_after, working_days_before):
        with pytest.raises(ValueError, match="0 or more"):
            move(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 10), 0, date(2026, 1, 10)),
    ],
)
def test_months_end_where_the_month_ends(day: date, count: int, expected: date) -> None:
    assert months_after(day, count) == expected
