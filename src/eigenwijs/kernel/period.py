"""Pay periods: month, four weeks, quarter, year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class PeriodKind(StrEnum):
    """The kinds of period that payrolls use. Four weeks: thirteen a year, as supermarkets pay."""

    MONTH = "month"
    FOUR_WEEKS = "four_weeks"
    QUARTER = "quarter"
    YEAR = "year"


PERIODS_A_YEAR = {
    PeriodKind.MONTH: 12,
    PeriodKind.FOUR_WEEKS: 13,
    PeriodKind.QUARTER: 4,
    PeriodKind.YEAR: 1,
}

_MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}

_NOTATION = re.compile(r"(\d{4})(?:-(Q|P)?(\d{1,2}))?")


def _first_monday(year: int) -> date:
    """The Monday of ISO week 1."""
    return date.fromisocalendar(year, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One pay period: the `number`-th of its `kind` in `year`, counting from 1.

    Four-week periods start on the Monday of ISO week 1; the thirteenth runs to the day before
    the next year's first, so it has five weeks in a year of 53 weeks (the convention of the Dutch
    payroll tax tables). Notation: ``2026-03``, ``2026-P03`` (four weeks), ``2026-Q1``, ``2026``.

    Raises ValueError for a number outside the year.
    """

    year: int
    number: int
    kind: PeriodKind = PeriodKind.MONTH

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of_year:
            raise ValueError(f"{self.kind} has the numbers 1 to {self.of_year}, not {self.number}")
        if not 1900 <= self.year <= 2200:
            raise ValueError(f"year {self.year} is outside 1900 to 2200")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read the notation that `str()` writes; raises ValueError on anything else."""
        match = _NOTATION.fullmatch(text.strip().upper())
        if not match:
            raise ValueError(f"'{text}' is not a period; write 2026-03, 2026-P03, 2026-Q1 or 2026")
        year, mark, number = int(match[1]), match[2], match[3]
        if number is None:
            return cls(year, 1, PeriodKind.YEAR)
        kind = {"Q": PeriodKind.QUARTER, "P": PeriodKind.FOUR_WEEKS, None: PeriodKind.MONTH}[mark]
        return cls(year, int(number), kind)

    @classmethod
    def containing(cls, day: date, kind: PeriodKind) -> Period:
        """Return the period of `kind` in which `day` falls."""
        if kind is PeriodKind.FOUR_WEEKS:
            iso_year, week, _ = day.isocalendar()
            return cls(iso_year, min((week - 1) // 4 + 1, 13), kind)
        return cls(day.year, (day.month - 1) // _MONTHS_IN[kind] + 1, kind)

    def __str__(self) -> str:
        if self.kind is PeriodKind.YEAR:
            return f"{self.year}"
        if self.kind is PeriodKind.QUARTER:
            return f"{self.year}-Q{self.number}"
        mark = "P" if self.kind is PeriodKind.FOUR_WEEKS else ""
        return f"{self.year}-{mark}{self.number:02d}"

    @property
    def of_year(self) -> int:
        """How many periods of this kind a year has: 12, 13, 4 or 1."""
        return PERIODS_A_YEAR[self.kind]

    @property
    def start(self) -> date:
        """The first day."""
        if self.kind is PeriodKind.FOUR_WEEKS:
            return _first_monday(self.year) + timedelta(weeks=4 * (self.number - 1))
        return date(self.year, (self.number - 1) * _MONTHS_IN[self.kind] + 1, 1)

    @property
    def end(self) -> date:
        """The last day, inclusive."""
        return self.next().start - timedelta(days=1)

    def next(self) -> Period:
        """The period after this one."""
        if self.number == self.of_year:
            return Period(self.year + 1, 1, self.kind)
        return Period(self.year, self.number + 1, self.kind)

    def previous(self) -> Period:
        """The period before this one."""
        if self.number == 1:
            return Period(self.year - 1, self.of_year, self.kind)
        return Period(self.year, self.number - 1, self.kind)

    def contains(self, day: date) -> bool:
        """Whether `day` falls in this period, first and last day included."""
        return self.start <= day <= self.end
