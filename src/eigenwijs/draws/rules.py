"""Who wins: keys, classes, weights and the running sum. Pure: no database, no floats but in odds.

Everything here is published; `verify_draw.py` does the same without this house.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from math import isqrt
from operator import itemgetter
from typing import TypeVar

from eigenwijs.draws.types import CarryOver, Fit, Group

SMALLEST_CLASS = 10
"""A class of fewer tickets could point at a person; it is joined with its nearest."""

_MOST_SAMPLE = 4_096
_LEAST_STEP = 16
_HALVINGS = 60
_CENTS = itemgetter(2)
_NUMBER_AND_CENTS = itemgetter(1, 2)

T = TypeVar("T")

ClassName = tuple[str, int]
"""A group and a count of earlier bad luck."""


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """A ticket as the published list has it."""

    number: str
    group: str
    losses: int
    weight: int
    cents: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who won how many cents, and who follows on the reserve list, the first first."""

    won: Mapping[str, int]
    reserve: tuple[str, ...]


Keyed = tuple[bytes, str, int, str]
"""A ticket's key, its number, what it asks, in cents, and its group. Sorts as the draw does."""

_BEFORE_ALL: Keyed = (b"", "", 0, "")
_AFTER_ALL: Keyed = (b"\xff" * 33, "", 0, "")


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal, as `sha256sum` prints it."""
    return hashlib.sha256(text.encode()).hexdigest()


def key(seed: str, beacon: str, number: str, weight: int) -> bytes:
    """Return a ticket's key: the smallest of as many hashes as its weight.

    Hash i, from 1, is the SHA-256 of ``seed:beacon:number:i``. Of n even hashes the smallest is
    the smallest of all with n times the chance of one: exact, in whole numbers.
    """
    start = hashlib.sha256(f"{seed}:{beacon}:{number}:".encode())
    smallest = b"\xff" * 33
    for i in range(1, weight + 1):
        one = start.copy()
        one.update(b"%d" % i)
        smallest = min(smallest, one.digest())
    return smallest


def weight(group: Group, losses: int, carry_over: CarryOver) -> int:
    """Return a class's weight: its group's, and a step for each time that bad luck is carried over."""
    return group.weight + carry_over.step * min(losses, carry_over.most)


def joined_classes(
    sizes: Mapping[ClassName, int], groups: Sequence[Group]
) -> dict[ClassName, ClassName]:
    """Return for each class the one that its tickets are listed in, so that none is too small.

    First groups: the smallest with fewer than ten tickets joins the group whose weight is nearest
    (the higher of two; then the first in the rules), until none is too small or one is left. Then in
    the same way within each group the counts of bad luck. Who joins takes the weight of the class
    they join; who was there keeps theirs. A group that is gone has no reserved share any more.
    """
    weights = {group.id: group.weight for group in groups}
    places = {group.id: place for place, group in enumerate(groups)}
    by_group: dict[str, int] = defaultdict(int)
    for (group, _losses), count in sizes.items():
        by_group[group] += count
    to_group = _joined(by_group, weights, places)
    by_losses: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (group, losses), count in sizes.items():
        by_losses[to_group[group]][losses] += count
    to_losses = {
        group: _joined(counts, {one: one for one in counts}, {one: -one for one in counts})
        for group, counts in by_losses.items()
    }
    return {
        (group, losses): (to_group[group], to_losses[to_group[group]][losses])
        for group, losses in sizes
    }


def _joined(
    sizes: Mapping[T, int], weights: Mapping[T, int], places: Mapping[T, int]
) -> dict[T, T]:
    left = dict(sizes)
    goes_to = {one: one for one in sizes}
    while len(left) > 1:
        small = min(left, key=lambda one: (left[one], -places[one]))
        if left[small] >= SMALLEST_CLASS:
            break
        count = left.pop(small)

        def nearness(one: T, own: int = weights[small]) -> tuple[int, int, int]:
            return (abs(weights[one] - own), -weights[one], places[one])

        nearest = min(left, key=nearness)
        left[nearest] += count
        goes_to = {one: nearest if to == small else to for one, to in goes_to.items()}
    return goes_to


def draw(
    tickets: Iterable[ListedTicket],
    *,
    pot_cents: int,
    groups: Sequence[Group],
    fit: Fit,
    reserve_places: int,
    seed: str,
    beacon: str,
) -> Outcome:
    """Return the winners and the reserve list.

    First each reserved share, in the order of the rules: that percentage of the pot, rounded down to
    a cent, for the tickets of that group from the smallest key up, until one does not fit. Then all
    that is left of the pot for all tickets that are left, in the same way; what happens there to the
    first that does not fit, `fit` says. The reserve list is who then follows, from the smallest key.
    """
    keyed = [
        (key(seed, beacon, one.number, one.weight), one.number, one.cents, one.group)
        for one in tickets
    ]
    return choose(keyed, pot_cents=pot_cents, groups=groups, fit=fit, reserve_places=reserve_places)


def choose(
    tickets: Sequence[Keyed],
    *,
    pot_cents: int,
    groups: Sequence[Group],
    fit: Fit,
    reserve_places: int,
) -> Outcome:
    """Return who wins of tickets whose keys are known; `draw` says how."""
    shares = {group.id: pot_cents * group.share_percent // 100 for group in groups}
    waiting: dict[str, list[Keyed]] = {name: [] for name, share in shares.items() if share}
    if waiting:
        for one in tickets:
            if one[3] in waiting:
                waiting[one[3]].append(one)
    won: dict[str, int] = {}
    ends = dict.fromkeys(shares, _BEFORE_ALL)
    for name, mine in waiting.items():
        winners, rest = _share_out(mine, shares[name], Fit.CLOSE)
        won |= winners
        ends[name] = next(rest, _AFTER_ALL)
    left = pot_cents - sum(won.values())
    others = [one for one in tickets if one >= ends[one[3]]] if won else tickets
    winners, rest = _share_out(others, left, fit)
    return Outcome(won | winners, tuple(one[1] for one in islice(rest, reserve_places)))


def _share_out(
    tickets: Sequence[Keyed], cents: int, fit: Fit
) -> tuple[dict[str, int], Iterator[Keyed]]:
    """Give from the smallest key up while it fits; return who got what, and the others in order.

    Not by sorting all: a range of keys that fits as a whole wins as it is. Only from there on ranges
    are sorted, one after the other, and no further than somebody reads.
    """
    won: dict[str, int] = {}
    left = cents
    rest: Iterator[Keyed] = iter(())
    ranges = _ranges(tickets, cents)
    for own in ranges:
        asked = sum(map(_CENTS, own))
        if asked > left:
            rest = chain.from_iterable(map(sorted, chain([own], ranges)))
            break
        won.update(map(_NUMBER_AND_CENTS, own))
        left -= asked
    smallest = min(map(_CENTS, tickets), default=0) if fit is Fit.SKIP else 0
    passed: list[Keyed] = []
    for one in rest:
        if one[2] <= left:
            won[one[1]] = one[2]
            left -= one[2]
            continue
        if fit is Fit.PARTIAL and left:
            won[one[1]] = left
            break
        passed.append(one)
        if fit is not Fit.SKIP or left < smallest:
            break
    return won, chain(passed, rest)


def _ranges(tickets: Sequence[Keyed], cents: int) -> Iterator[list[Keyed]]:
    """Yield the tickets by ranges of their keys, the smallest keys first; no range is sorted.

    Where to cut, a sample says: the first range ends just before the money probably does, the second
    just after it, in one pass over the tickets. Each next one is twice as wide and costs a pass.
    """
    sample = sorted(tickets[:: max(_LEAST_STEP, len(tickets) // _MOST_SAMPLE)])
    sums = accumulate(map(_CENTS, sample))
    end = sum(1 for asked in sums if asked * len(tickets) <= cents * len(sample))
    width = 2 * isqrt(end) + 1
    first, last = end - width, end + width
    near = list(tickets)
    if last < len(sample):
        high = sample[last]
        near = [one for one in tickets if one < high]
    if first > 0:
        low = sample[first]
        yield [one for one in near if one < low]
        near = [one for one in near if one >= low]
    yield near
    while last < len(sample):
        low = sample[last]
        width *= 2
        last += width
        if last < len(sample):
            high = sample[last]
            yield [one for one in tickets if low <= one < high]
        else:
            yield [one for one in tickets if one >= low]


def chances(
    asked: Mapping[ClassName, tuple[int, int]],
    *,
    pot_cents: int,
    groups: Sequence[Group],
    carry_over: CarryOver,
) -> dict[ClassName, float]:
    """Return the chance of one ticket in each class to win, from 0 to 1; for showing, never to draw.

    `asked` holds for each class its tickets and the cents they ask together. With many tickets the
    money ends near one and the same key, a share t of all keys, and a ticket of weight n is before it
    with chance 1 - (1 - t)^n. So t is sought at which that is all the money.
    """
    weights = {
        (group.id, losses): weight(group, losses, carry_over)
        for group in groups
        for own, losses in asked
        if own == group.id
    }
    start: dict[str, float] = {}
    for group in groups:
        own = {name: asked[name] for name in asked if name[0] == group.id}
        start[group.id] = _end(own, weights, {}, pot_cents * group.share_percent // 100)
    end = _end(asked, weights, start, pot_cents)
    return {name: _before(max(end, start[name[0]]), weights[name]) for name in asked}


def _before(end: float, own_weight: int) -> float:
    return 1 - (1 - end) ** own_weight


def _end(
    asked: Mapping[ClassName, tuple[int, int]],
    weights: Mapping[ClassName, int],
    start: Mapping[str, float],
    cents: int,
) -> float:
    low, high = 0.0, 1.0
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2
        given = sum(
            wanted * _before(max(middle, start.get(name[0], 0.0)), weights[name])
            for name, (_count, wanted) in asked.items()
        )
        low, high = (low, middle) if given > cents else (middle, high)
    return high
