"""Lots, what lapses, and the funding mix. Pure: no database. Amounts are cents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from uuid import UUID

from eigenwijs.kernel.clock import months_after
from eigenwijs.schemes.types import Conditions, PayableSteps, most_at


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


def end_of_pot(job_ended_on: date, conditions: Conditions, newest: date) -> date:
    """Return the last day of a pot of which the money ends after a job.

    Where the `newest` money came after that day all of it stays usable for the months of grace from then.
    """
    if conditions.months_after_job is None:
        raise AssertionError("money that ends with a job says how many months after it")
    end = months_after(job_ended_on, conditions.months_after_job)
    return end if newest <= end else months_after(newest, conditions.refund_grace_months)


def next_check(lots: Iterable[DatedLot], on: date) -> date | None:
    """Return the first day after `on` on which something may lapse."""
    ends = [lot.until for lot in lots if lot.until is not None and not lot.has_ended(on)]
    return min(ends) + timedelta(days=1) if ends else None


def came_back_late(lots: Sequence[DatedLot], before: int, after: int, on: date) -> int:
    """Return how much of the money that came back is past its end.

    `before` and `after` are what was available before and after it came back.
    """
    return lapsing(lots, after, on) - lapsing(lots, before, on)


Payer = tuple[str, PayableSteps]
"""A scheme, and what its money pays under one set of conditions."""

PAYS_ALL: PayableSteps = ((0, 2**63),)
"""What money pays for a course of which it pays all: more cents than there are."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pot that could pay: what it can give, and what decides its place.

    Pots of one `scheme` under the same conditions together pay for a course at most what their `steps`
    say; those of its other versions too, but all of them no more than the largest of these.
    """

    pot_id: UUID
    cents: int
    is_conditional: bool
    first_end: date | None
    rank: int | None
    scheme: str = ""
    steps: PayableSteps = PAYS_ALL


class Room:
    """What the pots of schemes that pay a part of a course may still pay, as they pay one by one.

    `pots` are their scheme and the most that it pays, by what the money of other schemes pays. `assumed` is
    what some of them may pay at least, whatever others pay.
    """

    def __init__(
        self, pots: Iterable[Payer], assumed: Mapping[Payer, int] = MappingProxyType({})
    ) -> None:
        self.assumed = assumed
        self.paid: dict[str, dict[PayableSteps, int]] = defaultdict(lambda: defaultdict(int))
        for scheme, steps in pots:
            self.paid[scheme][steps] += 0

    def others(self, scheme: str) -> int:
        """Return how many cents the money of other schemes pays."""
        return sum(sum(paid.values()) for name, paid in self.paid.items() if name != scheme)

    def left(self, scheme: str, steps: PayableSteps) -> int:
        """Return how many cents a pot may still pay; below zero where its scheme paid too much."""
        others, paid = self.others(scheme), self.paid[scheme]
        most = {
            known: max(most_at(known, others), self.assumed.get((scheme, known), 0))
            for known in paid
        }
        return min(most[steps] - paid[steps], max(most.values()) - sum(paid.values()))

    def take(self, scheme: str, steps: PayableSteps, cents: int) -> None:
        """Note that a pot pays so many cents."""
        self.paid[scheme][steps] += cents


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

    Money that pays nothing before others pay a part leaves that part to what comes after it, and is out
    where they do not pay it. So two agreements that wait for each other both pay. Of € 500 money that asks
    € 100 of others pays € 400. A pot that may pay more because of what came after it pays more in the next
    round: what its scheme may pay only grows with what others pay. Pots that pay nothing are out.
    """
    payers = dict.fromkeys((one.scheme, one.steps) for one in candidates)
    assumed = {one: part for one in payers if (part := _beside_others(one[1], price))}
    while True:
        room = Room(payers, assumed)
        pays = _in_turn(price, candidates, room)
        room.assumed = {}
        alone = [one for one in assumed if room.left(*one) < 0]
        if not alone:
            return [(pot_id, cents) for pot_id, cents in pays.items() if cents]
        del assumed[alone[-1]]


def _beside_others(steps: PayableSteps, price: int) -> int:
    """What is paid beside the least that others must pay before anything is; 0 where nothing is asked."""
    if steps[0][1]:
        return 0
    return next((max(0, min(most, price - least)) for least, most in steps if most), 0)


def _in_turn(price: int, candidates: Sequence[Candidate], room: Room) -> dict[UUID, int]:
    pays = dict.fromkeys((one.pot_id for one in candidates), 0)
    left = price
    while True:
        before = left
        for one in candidates:
            part = min(left, one.cents - pays[one.pot_id], room.left(one.scheme, one.steps))
            left -= part
            room.take(one.scheme, one.steps, part)
            pays[one.pot_id] += part
        if left == before:
            return pays


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
