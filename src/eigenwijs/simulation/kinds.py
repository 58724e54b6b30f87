"""What people are given where that follows from few values: computed once for each kind of person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.marginals import CONTRACTS, LEVELS
from eigenwijs.simulation.population import Persons

Whole = NDArray[np.integer[Any]]
Backend = Literal["numpy", "numba"]

LARGEST_HELD = 2**31 - 1
"""Nobody holds more, in cents: an amount that would make it more is refused."""

VALUES = {"contract": len(CONTRACTS), "hours": 41, "level": len(LEVELS), "age": 76, "tenure": 61}
"""Columns of `Persons` with few values, and how many."""
MOST_KINDS = 2**15
"""What so many kinds of people are given stays near the processor, and sixteen bits number them."""


def are_few(columns: Iterable[str]) -> bool:
    """Return whether people who differ in these columns are of few kinds."""
    return all(name in VALUES for name in columns) and _count(columns) <= MOST_KINDS


def _count(columns: Iterable[str]) -> int:
    return prod(VALUES[name] for name in columns)


def one_of_each(columns: tuple[str, ...]) -> Persons:
    """Return a person of each kind, in the order of their numbers; their other columns are zero."""
    shape = [VALUES[name] for name in columns]
    found: dict[str, Any] = {
        one.name: np.zeros(_count(columns), np.uint8) for one in fields(Persons)
    }
    found |= zip(columns, np.indices(shape, np.uint8).reshape(len(shape), -1), strict=True)
    return Persons(**found)


class ByKind:
    """What every kind of person gets, in cents; with `most`, until so much stands on their account."""

    def __init__(self, columns: tuple[str, ...], given: Whole, most: Whole | None = None) -> None:
        """Keep it in 32 bits where they suffice."""
        self.columns, self.shape = columns, tuple(VALUES[name] for name in columns)
        both = [given] if most is None else [given, most]
        fits = max(one.max() for one in both) <= LARGEST_HELD
        self.given, *rest = [one.astype(np.int32 if fits else np.int64) for one in both]
        self.most = rest[0] if rest else None

    def of(self, people: Persons, balance: Whole, backend: Backend | None) -> Whole:
        """Return what people get who have so much already."""
        if backend == "numba":
            from eigenwijs.simulation import with_numba

            return with_numba.of_kinds(self, people, balance)
        kinds = np.ravel_multi_index([getattr(people, name) for name in self.columns], self.shape)
        given: Whole = self.given.take(kinds)
        if self.most is not None:
            given = np.minimum(given, np.maximum(self.most.take(kinds) - balance, 0))
        return given
