"""Who wins once all keys are known: over arrays, in a few passes, and without sorting them all. Private.

`rules.draw` says in words what is chosen, and `verify_draw.py` does it in plain Python. Here it is
done for millions. By the leading bits of their keys tickets fall into ranges, smaller keys in earlier
ranges; what each range asks is added up, and a running sum says which ranges win as a whole. Only
the range in which the money ends is put in order, and of the others no more than somebody reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from eigenwijs.draws.types import Fit, Group

# So many leading bits that a range has some tickets, and no more than that the sums of a hundred
# groups stay in a processor's own memory.
_MOST_BITS = 10
_BITS_OF_A_RANGE = 5
_TICKETS_AT_ONCE = 2**16

Places = NDArray[np.intp]
"""Which tickets, by their place in the arrays."""

Cents = NDArray[np.int64]

_NOBODY: Places = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Keyed:
    """Tickets, by their numbers: the key of each, what it asks, and the place of its group in the rules.

    A key is four numbers of 64 bits, the most significant first.
    """

    keys: NDArray[np.uint64]
    cents: Cents
    groups: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which tickets won, how many cents each, and which follow on the reserve list, the first first."""

    won: Places
    cents: Cents
    reserve: Places


def keyed(keys: bytes, cents: Sequence[int], groups: Sequence[int]) -> Keyed:
    """Return tickets as arrays; `keys` holds 32 bytes of each, one after the other."""
    words = np.frombuffer(keys, dtype=">u8").reshape(-1, 4)
    return Keyed(words, np.array(cents, dtype=np.int64), np.array(groups, dtype=np.int32))


def choose(
    tickets: Keyed, *, pot_cents: int, groups: Sequence[Group], fit: Fit, reserve_places: int
) -> Chosen:
    """Return who wins, as `rules.draw` describes it; equal keys follow the order of the tickets.

    All that is asked together must be less than 2^63 cents.
    """
    cells, asked = _ranges(tickets, len(groups))
    in_all = int(asked.sum())
    shares = [pot_cents * group.share_percent // 100 for group in groups]
    whole, early = _reserved(tickets, cells, asked, shares)
    by_range = asked.sum(axis=0)
    end, left = _whole_ranges(by_range, pot_cents - in_all + int(by_range.sum()))
    whole[:, :end] = True
    won = whole.reshape(-1)[cells]
    won[early] = True

    rest = _in_order(
        tickets,
        cells,
        won=won,
        groups=len(groups),
        ranges=range(end, len(by_range)),
        step=1 + reserve_places * len(by_range) // max(1, len(cells)),
    )
    line = next(rest, _NOBODY)
    fits = _fitting(tickets.cents[line], left)
    won[line[:fits]] = True
    left -= int(tickets.cents[line[:fits]].sum())
    partly = line[fits : fits + 1] if fit is Fit.PARTIAL and left else _NOBODY
    won[partly] = True
    rest = chain([line[fits:]], rest)
    if fit is Fit.SKIP:
        rest = _skip(tickets, rest, won, left)
    places = np.flatnonzero(won)
    cents = tickets.cents[places]
    cents[np.searchsorted(places, partly)] = left
    return Chosen(places, cents, _first(rest, won, reserve_places))


def _ranges(tickets: Keyed, groups: int) -> tuple[NDArray[np.int32], Cents]:
    """Return the cell of each ticket, its group and the range of its key, and what each cell asks.

    A cell counts the ranges of the groups before it too.
    """
    count = len(tickets.cents)
    bits = min(_MOST_BITS, max(0, count.bit_length() - _BITS_OF_A_RANGE))
    cells = np.empty(count, dtype=np.int32)
    asked = np.zeros(groups << bits, dtype=np.int64)
    for start in range(0, count, _TICKETS_AT_ONCE):
        some = slice(start, start + _TICKETS_AT_ONCE)
        leading = tickets.keys[some, 0].astype(np.uint64) >> np.uint64(64 - _MOST_BITS)
        cell = (leading >> np.uint64(_MOST_BITS - bits)).astype(np.intp)
        cell += tickets.groups[some].astype(np.intp) << bits
        cells[some] = cell
        np.add.at(asked, cell, tickets.cents[some])
    return cells, asked.reshape(groups, 1 << bits)


def _reserved(
    tickets: Keyed, cells: NDArray[np.int32], asked: Cents, shares: Sequence[int]
) -> tuple[NDArray[np.bool_], Places]:
    """Give each group its reserved share, and take what it pays out of what is asked.

    Return the cells that it pays as a whole, and the tickets that it pays of the cells where it ends.
    """
    whole = np.zeros(asked.shape, dtype=np.bool_)
    last = np.zeros(asked.shape, dtype=np.bool_)
    left: dict[int, int] = {}
    for group, share in enumerate(shares):
        if share:
            end, left[group] = _whole_ranges(asked[group], share)
            whole[group, :end] = True
            last[group, end : end + 1] = True
    if not left:
        return whole, _NOBODY
    near = np.flatnonzero(last.reshape(-1)[cells])
    near = near[_order(tickets.keys[near])]
    owners = tickets.groups[near]
    paid = []
    for group, cents in left.items():
        own = near[owners == group]
        paid.append(own[: _fitting(tickets.cents[own], cents)])
    early = np.concatenate(paid)
    asked[whole] = 0
    np.subtract.at(asked.reshape(-1), cells[early], tickets.cents[early])
    return whole, early


def _whole_ranges(asked: Cents, cents: int) -> tuple[int, int]:
    """Return how many ranges, from the first on, the cents pay as a whole, and what they leave."""
    running = asked.cumsum()
    end = int(np.searchsorted(running, cents, side="right"))
    return end, cents - (int(running[end - 1]) if end else 0)


def _fitting(asked: Cents, cents: int) -> int:
    """Return how many requests, from the first on, the cents pay."""
    return int(np.searchsorted(asked.cumsum(), cents, side="right"))


def _in_order(
    tickets: Keyed,
    cells: NDArray[np.int32],
    *,
    won: NDArray[np.bool_],
    groups: int,
    ranges: range,
    step: int,
) -> Iterator[Places]:
    """Yield who has not won in these ranges, in order of their keys: `step` ranges, then twice as many.

    Each costs a pass over all tickets, and is put in order only when somebody reads that far.
    """
    start = ranges.start
    while start < ranges.stop:
        looked_at = np.zeros((groups, ranges.stop), dtype=np.bool_)
        looked_at[:, start : start + step] = True
        some = np.flatnonzero(looked_at.reshape(-1)[cells] & ~won)
        yield some[_order(tickets.keys[some])]
        start += step
        step *= 2


def _order(keys: NDArray[np.uint64]) -> Places:
    """Return the order of keys: by their first 8 bytes, and by all of them where those are the same."""
    words = keys.astype(np.uint64)
    order = np.argsort(words[:, 0], kind="stable")
    first = words[order, 0]
    if (first[1:] == first[:-1]).any():
        return np.lexsort(words.T[::-1])
    return order


def _skip(
    tickets: Keyed, rest: Iterator[Places], won: NDArray[np.bool_], left: int
) -> Iterator[Places]:
    """Give what is left to the next that it pays, as long as it can pay anybody.

    Return everyone from the first that it did not pay, whoever won behind them included.
    """
    most = np.iinfo(np.int64).max
    smallest = int(tickets.cents.min(where=~won, initial=most))
    passed = []
    while left >= smallest and (some := next(rest, None)) is not None:
        passed.append(some)
        for one in some[tickets.cents[some] <= left].tolist():
            cents = int(tickets.cents[one])
            if cents <= left:
                won[one] = True
                left -= cents
    return chain(passed, rest)


def _first(rest: Iterator[Places], won: NDArray[np.bool_], count: int) -> Places:
    """Return the first of the rest that did not win, as many as asked; and read no further."""
    found, missing = _NOBODY, count
    while missing and (some := next(rest, None)) is not None:
        found = np.concatenate([found, some[~won[some]][:missing]])
        missing = count - len(found)
    return found
