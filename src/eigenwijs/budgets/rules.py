"""Lots, what lapses, and the funding mix. Pure: no database. Amounts are cents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DatedLot:
    """Money that arrived: `cents`, usable up to and including `until` (None: no end)."""

    id: UUID
    cents: int
    until: date | None

    def has_ended(self, on: date) -> bool:
        """Whether `on` is past its last day."""
        return self.until is not None and self.until < on


def debits(lots: Iterable[DatedLot], available: int) -> int:
    """Return all that was taken out so far: spent, held, lapsed; what came back taken off again."""
    return sum(lot.cents for lot in lots) - available


def lapsing(lots: Sequence[DatedLot], available: int, on: date) -> int:
    """Return what lapses on a day: credits that have reached their end, minus all debits so far.

    A debit counts against the money that ends first, whenever it arrived. Holds and earlier
    lapses are debits, so nothing lapses twice and nothing lapses that is set aside.
    """
    ended = sum(lot.cents for lot in lots if lot.has_ended(on))
    return max(0, ended - debits(lots, available))


def remaining(lots: Sequence[DatedLot], available: int) -> list[DatedLot]:
    """Return what is left of each lot, the earliest end first; empty lots are left out."""
    taken = debits(lots, available)
    left = []
    for lot in sorted(lots, key=lambda lot: (lot.until or date.max, lot.id)):
        used = min(taken, lot.cents)
        taken -= used
        if lot.cents > used:
            left.append(DatedLot(lot.id, lot.cents - used, lot.until))
    return left


def next_check(lots: Iterable[DatedLot], on: date) -> date | None:
    """Return the first day after `on` on which something may lapse."""
    ends = [lot.until for lot in lots if lot.until is not None and not lot.has_ended(on)]
    return min(ends) + timedelta(days=1) if ends else None


def came_back_late(lots: Sequence[DatedLot], before: int, after: int, on: date) -> int:
    """Return how much of the money that came back is past its end.

    `before` and `after` are what was available before and after it came back.
    """
    return lapsing(lots, after, on) - lapsing(lots, before, on)


NO_LIMIT = 2**63
"""More cents than there are."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pot that could pay: what it can give, and what decides its place.

    Pots of one `scheme` under the same conditions together pay at most `most` for a course (None is
    no limit); those of its other versions too, but all of them no more than the largest of these.
    """

    pot_id: UUID
    cents: int
    is_conditional: bool
    first_end: date | None
    rank: int | None
    scheme: str = ""
    most: int | None = None


class Room:
    """What the pots of schemes that pay a part of a course may still pay, as they pay one by one.

    `pots` are their scheme and the most that it pays, None where that is all. Whatever the order,
    the same pots pay the same together.
    """

    def __init__(self, pots: Iterable[tuple[str, int | None]]) -> None:
        self.paid: dict[tuple[str, int], int] = defaultdict(int)
        self.largest: dict[str, int] = {}
        for scheme, most in pots:
            known = self.largest.get(scheme, 0)
            self.largest[scheme] = max(known, NO_LIMIT if most is None else most)

    def left(self, scheme: str, most: int | None) -> int:
        """Return how many cents a pot may still pay."""
        own = NO_LIMIT if most is None else most
        together = sum(cents for (name, _most), cents in self.paid.items() if name == scheme)
        return max(
            min(own - self.paid[scheme, own], self.largest.get(scheme, NO_LIMIT) - together), 0
        )

    def take(self, scheme: str, most: int | None, cents: int) -> None:
        """Note that a pot pays so many cents."""
        self.paid[scheme, NO_LIMIT if most is None else most] += cents


def in_order(candidates: Iterable[Candidate], chosen: Sequence[UUID] = ()) -> list[Candidate]:
    """Return the pots in the order in which they pay.

    First those chosen for this booking, then those that the worker put in order before, then by
    rule: conditional pots, then the earliest end, then free money; the oldest pot among equals.
    """
    places = {pot_id: place for place, pot_id in enumerate(chosen)}

    def place(one: Candidate) -> tuple[object, ...]:
        return (
            places.get(one.pot_id, len(places)),
            one.rank is None,
            one.rank or 0,
            not one.is_conditional,
            one.first_end or date.max,
            one.pot_id,
        )

    return sorted(candidates, key=place)


def share_out(price: int, candidates: Sequence[Candidate]) -> list[tuple[UUID, int]]:
    """Let pots pay a price in their order, each until it is empty or its scheme has paid its most.

    Pots that pay nothing are out.
    """
    lines = []
    room = Room((one.scheme, one.most) for one in candidates)
    for one in candidates:
        part = min(price, one.cents, room.left(one.scheme, one.most))
        price -= part
        room.take(one.scheme, one.most, part)
        if part > 0:
            lines.append((one.pot_id, part))
    return lines


def spend_lines(amount: int, reserved: Sequence[int]) -> list[int]:
    """Divide what is spent over reserved amounts, the first line first."""
    parts = []
    for cents in reserved:
        part = min(amount, cents)
        amount -= part
        parts.append(part)
    return parts


def refund_lines(amount: int, refundable: Sequence[int]) -> list[int]:
    """Divide what comes back over the lines it was spent from, the last line first."""
    return spend_lines(amount, refundable[::-1])[::-1]
