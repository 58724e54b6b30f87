"""Who wins: keys, classes, weights and the running sum. Pure: no database, no floats but in odds.

Everything here is published; `verify_draw.py` does the same without this house.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar

from eigenwijs.draws import choosing
from eigenwijs.draws.types import CarryOver, Fit, Group

SMALLEST_CLASS = 10
"""A class of fewer tickets could point at a person; it is joined with its nearest."""

_HALVINGS = 60

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
    listed = sorted(tickets, key=attrgetter("number"))
    places = {group.id: place for place, group in enumerate(groups)}
    chosen = choosing.choose(
        choosing.keyed(
            b"".join(key(seed, beacon, one.number, one.weight) for one in listed),
            [one.cents for one in listed],
            [places[one.group] for one in listed],
        ),
        pot_cents=pot_cents,
        groups=groups,
        fit=fit,
        reserve_places=reserve_places,
    )
    won = zip(chosen.won.tolist(), chosen.cents.tolist(), strict=True)
    return Outcome(
        {listed[place].number: cents for place, cents in won},
        tuple(listed[place].number for place in chosen.reserve.tolist()),
    )


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
