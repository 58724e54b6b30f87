"""What is left of time to learn: dated lots and the days on which it is taken. Pure: no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class TimeLot:
    """Hundredths of hours or days that can be taken on days up to and including `until` (None: no end)."""

    hundredths: int
    until: date | None

    def reaches(self, day: date) -> bool:
        """Whether it can be taken on a day."""
        return self.until is None or self.until >= day


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What is left by its end, the earliest first, and how much of the days no lot reaches."""

    lots: tuple[TimeLot, ...]
    short: int

    def on(self, day: date) -> int:
        """Return what can still be taken on a day."""
        return sum(lot.hundredths for lot in self.lots if lot.reaches(day))


def time_left(lots: Sequence[TimeLot], taken: Sequence[tuple[date, int]]) -> TimeLeft:
    """Return what days that are taken, each with its hundredths, leave of lots.

    Each day takes the time that ends first and reaches it. The days go in their order, whenever they were
    asked: as later days are reached by fewer lots, nothing is short that another order would cover.
    """
    ends: dict[date | None, int] = defaultdict(int)
    for lot in lots:
        ends[lot.until] += lot.hundredths
    left = [TimeLot(ends[until], until) for until in sorted(ends, key=lambda end: end or date.max)]
    short = 0
    for day, wanted in sorted(taken):
        still = wanted
        for place, lot in enumerate(left):
            if still and lot.reaches(day):
                used = min(still, lot.hundredths)
                left[place] = replace(lot, hundredths=lot.hundredths - used)
                still -= used
        short += still
    return TimeLeft(tuple(lot for lot in left if lot.hundredths), short)
