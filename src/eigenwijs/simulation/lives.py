"""Lives of persons: who they are and how they move, year after year, whatever is agreed.

Every proposal meets the same lives, so they are drawn once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from eigenwijs.simulation.behaviour import BehaviourTables, behaviour_tables
from eigenwijs.simulation.kinds import Backend
from eigenwijs.simulation.parameters import Parameters, shipped
from eigenwijs.simulation.population import Drawing, Persons, Small, drawing, persons
from eigenwijs.simulation.transitions import MoveTables, move, move_tables

HAS_NUMBA = find_spec("numba") is not None
PERSONS_AT_ONCE = 131_072
"""So many are followed through all years before the next: with fewer, calls take longer than what they do."""
WORTH_COMPILING = 40_000_000
"""Compiling takes some 9.5 s where a year of a person is 0.23 µs cheaper: measured in docs/performance.md."""


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """All that decides what people are and do, as whole numbers."""

    drawing: Drawing
    moves: MoveTables
    behaviour: BehaviourTables


def chances(parameters: Parameters) -> Chances:
    """Return all chances by a set of parameters."""
    drawn_with = drawing(parameters)
    return Chances(drawn_with, move_tables(drawn_with, parameters), behaviour_tables(parameters))


@cache
def shipped_chances() -> Chances:
    """Return all chances by the parameters that come with us."""
    return chances(shipped())


def fastest(years_of_persons: int) -> Backend:
    """Return what so many years of persons are computed with soonest; the bits are the same."""
    return "numba" if HAS_NUMBA and years_of_persons >= WORTH_COMPILING else "numpy"


@dataclass(frozen=True, slots=True)
class LifeYear:
    """Some persons once they moved in a year, and what happened to each: `JOB_ENDED`, `NEW_PERSON`."""

    people: Persons
    marks: Small


@dataclass(frozen=True, slots=True)
class LifeBlock:
    """Persons from the number `first` on: as they start, and in each year.

    Read each before the next: unless lives are kept, the same columns are brought up to date.
    """

    first: int
    start: Persons
    years: Iterable[LifeYear]


class Lives:
    """The lives of the persons `first` up to and including `last`, in so many years.

    They follow from `seed` and the chances alone. Without a `backend`, numba where it is present and the
    number of years of persons is `WORTH_COMPILING`. With `keep` they are drawn once, and stay in memory for
    the next proposals: 11 bytes a year of a person.
    """

    def __init__(
        self,
        first: int,
        last: int,
        *,
        years: int,
        seed: int,
        using: Chances | None = None,
        backend: Backend | None = None,
        keep: bool = False,
    ) -> None:
        self.first, self.last, self.years, self.seed = first, last, years, seed
        self.using = using or shipped_chances()
        self.backend = backend or fastest(len(self) * years)
        self._keep = keep
        self._kept: list[LifeBlock] = []

    def __len__(self) -> int:
        return self.last - self.first + 1

    def blocks(self) -> Iterable[LifeBlock]:
        """Return all persons, `PERSONS_AT_ONCE` at a time."""
        if not self._keep:
            return self._drawn()
        if not self._kept:
            self._kept = [LifeBlock(one.first, one.start, list(one.years)) for one in self._drawn()]
        return self._kept

    def _drawn(self) -> Iterator[LifeBlock]:
        for first in range(self.first, self.last + 1, PERSONS_AT_ONCE):
            start = self._persons(first, min(first + PERSONS_AT_ONCE - 1, self.last))
            yield LifeBlock(first, start, self._lived(start, first))

    def _lived(self, people: Persons, first: int) -> Iterator[LifeYear]:
        for number in range(1, self.years + 1):
            if self._keep:
                people = people.copy()
            yield LifeYear(people, self._move(people, number, first))

    def _persons(self, first: int, last: int) -> Persons:
        if self.backend == "numba":
            from eigenwijs.simulation import with_numba

            using, _moves = with_numba.columns_of(self.using)
            return with_numba.persons(self.seed, first, last, using)
        return persons(self.seed, first, last, self.using.drawing)

    def _move(self, people: Persons, number: int, first: int) -> Small:
        if self.backend == "numba":
            from eigenwijs.simulation import with_numba

            _drawing, using = with_numba.columns_of(self.using)
            return with_numba.move(people, using, seed=self.seed, year=number, first=first)
        return move(people, self.using.moves, seed=self.seed, year=number, first=first)
