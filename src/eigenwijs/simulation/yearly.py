"""Year after year: people move, are credited, learn, and money reaches its end.

Nobody's year depends on another person, so any parts of a population can run anywhere and be added. Whole
numbers only; `with_numba` does the same steps one person at a time, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.behaviour import BehaviourTables, behaviour_tables, choose
from eigenwijs.simulation.parameters import Parameters, shipped
from eigenwijs.simulation.population import (
    AGE_BAND,
    Drawing,
    Persons,
    Small,
    drawing,
    persons,
)
from eigenwijs.simulation.proposals import Backend, Proposal, UnableToSimulate, yearly_wage
from eigenwijs.simulation.transitions import (
    JOB_ENDED,
    NEW_PERSON,
    MoveTables,
    move,
    move_tables,
)
from eigenwijs.simulation.types import MEASURES, SHAPE, Totals
from eigenwijs.simulation.words import PROBLEMS

HAS_NUMBA = find_spec("numba") is not None
PERSONS_AT_ONCE = 65_535
"""So many are followed through all years before the next; sixteen bits count them."""
WORTH_COMPILING = 2_000_000
LARGEST_LOT = 2**31 - 1
CELLS = int(np.prod(SHAPE))

Cents = NDArray[np.int64]
Lots = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
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


def simulate(
    proposal: Proposal,
    *,
    first: int,
    last: int,
    years: int,
    first_year: int,
    seed: int,
    using: Chances | None = None,
    backend: Backend | None = None,
    progress: Callable[[int], None] | None = None,
) -> Totals:
    """Return what a proposal does with the persons `first` up to and including `last`.

    Two proposals with the same seed meet the same people with the same chances. `progress` is told of every
    year of so many persons that is done. Without a `backend`, numba where it is present and the number of
    years of persons is `WORTH_COMPILING`.
    """
    using = using or shipped_chances()
    backend = backend or fastest((last - first + 1) * years)
    for number in range(years):
        proposal.prepare(first_year + number)
    count = last - first + 1
    totals = Totals(
        sums=np.zeros((years, *SHAPE, len(MEASURES)), np.int64),
        credited=np.empty(count, np.int64),
        spent=np.empty(count, np.int64),
        yearly_wage=np.empty(count, np.int32),
        contract=np.empty(count, np.uint8),
    )
    for start in range(first, last + 1, PERSONS_AT_ONCE):
        block = Block(
            proposal, using, backend, seed, (start, min(start + PERSONS_AT_ONCE - 1, last))
        )
        rows = slice(start - first, start - first + len(block.people))
        totals.yearly_wage[rows] = yearly_wage(block.people)
        totals.contract[rows] = block.people.contract
        for number in range(years):
            table = totals.sums[number].reshape(CELLS, len(MEASURES))
            block.step(first_year + number, number + 1, table)
            if progress:
                progress(len(block.people))
        totals.credited[rows] = block.credited
        totals.spent[rows] = block.spent
    return totals


class Block:
    """Some persons with the state that goes with them from year to year."""

    def __init__(
        self, proposal: Proposal, using: Chances, backend: Backend, seed: int, span: tuple[int, int]
    ) -> None:
        self.proposal, self.using, self.backend = proposal, using, backend
        self.seed, self.first = seed, span[0]
        self.people: Persons = self._drawn(span)
        count = len(self.people)
        self.knows: Small = np.zeros(count, np.uint8)
        self.state = proposal.start(count)
        # Money by its age in whole years, the newest first; without an end age does not matter.
        kept = proposal.years_kept
        self.lots: Lots = np.zeros((count, 1 if kept is None else kept + 1), np.int32)
        self.credited = np.zeros(count, np.int64)
        self.spent = np.zeros(count, np.int64)

    @property
    def held(self) -> Cents:
        """What stands on each account."""
        found: Cents = self.lots.sum(1, dtype=np.int64)
        return found

    def step(self, year: int, number: int, table: Cents) -> None:
        """Take everybody a year further and add them to a table of `CELLS` by `MEASURES`.

        `number` counts years for the draws of chance.
        """
        marks = self._move(number)
        if self.state:
            for values in self.state.values():
                values[(marks & NEW_PERSON) > 0] = 0
        stood, held = self._leave(marks)
        given = self.proposal.credit(self.people, held, self.state, year, self.backend)
        _refuse_unusable(given, self.lots)
        self.lots[:, 0] += given.astype(np.int32)
        self.credited += given
        ends = self.proposal.ends_in is not None and year >= self.proposal.ends_in
        done = Year(marks, stood, given, ends)
        if self.backend == "numba":
            from eigenwijs.simulation import with_numba

            with_numba.learn(self, done, number, table)
        else:
            self._learn(done, number, table)

    def _drawn(self, span: tuple[int, int]) -> Persons:
        if self.backend == "numba":
            from eigenwijs.simulation import with_numba

            return with_numba.persons(self.seed, *span, self.using.drawing)
        return persons(self.seed, *span, self.using.drawing)

    def _move(self, number: int) -> Small:
        if self.backend == "numba":
            from eigenwijs.simulation import with_numba

            return with_numba.move(
                self.people, self.using.moves, seed=self.seed, year=number, first=self.first
            )
        return move(self.people, self.using.moves, seed=self.seed, year=number, first=self.first)

    def _leave(self, marks: Small) -> tuple[Cents, Cents]:
        """Return what stood on accounts, and what stays there.

        Who ages out leaves it, and who loses a job does too if it is not portable. A new person starts with
        nothing and knows nothing.
        """
        if self.backend == "numba":
            from eigenwijs.simulation import with_numba

            return with_numba.leave(self.knows, self.lots, marks, portable=self.proposal.portable)
        stood = self.held
        new = (marks & NEW_PERSON) > 0
        self.knows[new] = 0
        self.lots[new if self.proposal.portable else marks > 0] = 0
        return stood, self.held

    def _learn(self, done: Year, number: int, table: Cents) -> None:
        people, tables = self.people, self.using.behaviour
        balance = self.held
        found = choose(
            people, self.knows, balance, tables, seed=self.seed, year=number, first=self.first
        )
        paid = np.minimum(found.price, balance)
        self._pay(paid)
        self.spent += paid
        new, ended = (done.marks & NEW_PERSON) > 0, (done.marks & JOB_ENDED) > 0
        aged_out = np.where(new, done.stood, 0)
        leaves = np.where(ended & ~new, done.stood, 0)
        lapsed = aged_out + self._lapse(all_of_it=done.ends)
        takes_up = found.price > 0
        never = people.trained == 0
        columns = (
            np.ones(len(people), np.int64),
            done.given,
            paid,
            lapsed,
            np.zeros_like(leaves) if self.proposal.portable else leaves,
            self.held,
            done.given > 0,
            takes_up,
            found.completes,
            found.would_anyway,
            never,
            never & takes_up,
            balance >= tables.median_price[0],
            takes_up & (paid == found.price),
            ended,
            leaves,
            aged_out,
        )
        cell = cells_of(people)
        for place, column in enumerate(columns):
            # Sums of whole numbers under 2**53 are exact in floating point.
            table[:, place] += np.bincount(cell, column, CELLS).astype(np.int64)
        people.trained |= found.completes

    def _pay(self, paid: Cents) -> None:
        """Take what is paid from the oldest money first."""
        left = paid.copy()
        for age in reversed(range(self.lots.shape[1])):
            taken = np.minimum(left, self.lots[:, age])
            self.lots[:, age] -= taken.astype(np.int32)
            left -= taken

    def _lapse(self, *, all_of_it: bool) -> Cents:
        """End the year: return what reached its end, and make all other money a year older."""
        lapsed = np.zeros(len(self.people), np.int64)
        if all_of_it:
            lapsed += self.held
            self.lots[:] = 0
            return lapsed
        if self.proposal.ends_at_age is not None:
            over = self.people.age >= self.proposal.ends_at_age
            lapsed[over] = self.held[over]
            self.lots[over] = 0
        if self.proposal.years_kept is not None:
            lapsed += self.lots[:, -1]
            self.lots[:, 1:] = self.lots[:, :-1].copy()
            self.lots[:, 0] = 0
        return lapsed


def _refuse_unusable(given: Cents, lots: Lots) -> None:
    """Refuse amounts that no account here can hold."""
    if given.min() < 0:
        raise UnableToSimulate("below_zero", PROBLEMS["below_zero"])
    if int(given.max()) + int(lots[:, 0].max()) > LARGEST_LOT:
        raise UnableToSimulate("too_much", PROBLEMS["too_much"])


@dataclass(frozen=True, slots=True)
class Year:
    """What happened to people in a year before they choose to learn.

    `stood` is what was on accounts at its start; `ends` is that all money lapses at its end.
    """

    marks: Small
    stood: Cents
    given: Cents
    ends: bool


def cells_of(people: Persons) -> NDArray[np.int64]:
    """Return the number of each person's group in a table of `SHAPE`."""
    places = (
        people.contract,
        people.education,
        AGE_BAND[people.age],
        people.sector,
        people.firm_size,
    )
    found = np.zeros(len(people), np.int64)
    for place, size in zip(places, SHAPE, strict=True):
        found = found * size + place
    return found
