"""The calendar of Europe/Amsterdam. Nothing here reads the clock: moments are passed in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local_date(at: datetime) -> date:
    """Return the date in Amsterdam at the moment `at`."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(AMSTERDAM).date()


def start_of_day(day: date) -> datetime:
    """Return the first moment of `day` in Amsterdam."""
    return datetime.combine(day, time.min, tzinfo=AMSTERDAM)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    # The law counts 5 May every year; the package only once in five years.
    return frozenset(holidays.country_holidays("NL", years=year)) | {date(year, 5, 5)}


def is_working_day(day: date) -> bool:
    """Monday to Friday and no public holiday, Good Friday and 5 May included.

    Source: Algemene termijnenwet, art. 3.
    """
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def working_days_after(day: date, count: int) -> date:
    """Return the `count`-th working day after `day`; `count` is 0 or more.

    With 0 the answer is `day` itself, working day or not.
    """
    if count < 0:
        raise ValueError("count must be 0 or more")
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_before(day: date, count: int) -> date:
    """Return the `count`-th working day before `day`; `count` is 0 or more.

    With 0 the answer is `day` itself, working day or not.
    """
    if count < 0:
        raise ValueError("count must be 0 or more")
    while count:
        day -= timedelta(days=1)
        count -= is_working_day(day)
    return day


def months_after(day: date, count: int) -> date:
    """Return the same day `count` months later, or that month's last day if it has no such day."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    for day_of_month in range(day.day, 27, -1):
        try:
            return date(year, month + 1, day_of_month)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def months_touched(first: date, last: date) -> int:
    """Return how many calendar months have a day from `first` through `last`; 0 where `last` is earlier."""
    if last < first:
        return 0
    return (last.year - first.year) * 12 + last.month - first.month + 1
