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
WORTH_COMPILING = 15_000_000
"""Compiling takes some 8 s where a year of a person is 0.5 µs cheaper: measured in docs/performance.md."""
LARGEST_LOT = 2**31 - 1
CELLS, SUMS = int(np.prod(SHAPE)), 9

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
        # Money by its age in whole years, the newest first, and person; without an end age does not matter.
        kept = proposal.years_kept
        self.lots: Lots = np.zeros((1 if kept is None else kept + 1, count), np.int32)
        self.credited = np.zeros(count, np.int64)
        self.spent = np.zeros(count, np.int64)
        # With numba: everybody's groups in a year, and its sums, so small that they stay near the processor.
        self.who, self.cells = np.zeros(count, np.uint8), np.zeros(count, np.uint16)
        self.sums = np.zeros((CELLS if backend == "numba" else 0, SUMS), np.uint64)

    @property
    def held(self) -> Cents:
        """What stands on each account."""
        found: Cents = self.lots.sum(0, dtype=np.int64)
        return found

    def step(self, year: int, number: int, table: Cents) -> None:
        """Take everybody a year further and add them to a table of `CELLS` by `MEASURES`.

        `number` counts years for the draws of chance.
        """
        marks = self._move(number)
        if self.state:
            for values in self.state.values():
                values[(marks & NEW_PERSON) > 0] = 0
        held = self._leave(marks, table)
        given = self.proposal.credit(self.people, held, self.state, year, self.backend)
        _refuse_unusable(given, self.lots)
        self.lots[0] += given.astype(np.int32)
        self.credited += given
        ends = self.proposal.ends_in is not None and year >= self.proposal.ends_in
        done = Year(given, held + given, ends)
        if self.backend == "numba":
            from eigenwijs.simulation import learning_with_numba

            learning_with_numba.learn(self, done, number, table)
        else:
            self._learn(done, number, table)
        if self.proposal.years_kept:
            self.lots[1:] = self.lots[:-1].copy()
            self.lots[0] = 0

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

    def _leave(self, marks: Small, table: Cents) -> Cents:
        """Add up what people leave who age out or lose a job; return what stays on each account.

        Who ages out leaves it, and who loses a job does too if it is not portable. A new person starts with
        nothing and knows nothing.
        """
        if self.backend == "numba":
            from eigenwijs.simulation import learning_with_numba

            return learning_with_numba.leave(self, marks)
        stood = self.held
        new, ended = (marks & NEW_PERSON) > 0, (marks & JOB_ENDED) > 0
        aged_out, leaves = np.where(new, stood, 0), np.where(ended & ~new, stood, 0)
        self._add(
            table,
            lapsed=aged_out,
            aged_out=aged_out,
            jobs_ended=ended,
            held_at_job_end=leaves,
            lost=np.zeros_like(leaves) if self.proposal.portable else leaves,
        )
        self.knows[new] = 0
        self.lots[:, new if self.proposal.portable else marks > 0] = 0
        return self.held

    def _learn(self, done: Year, number: int, table: Cents) -> None:
        people, tables, balance = self.people, self.using.behaviour, done.balance
        found = choose(
            people, self.knows, balance, tables, seed=self.seed, year=number, first=self.first
        )
        paid = np.minimum(found.price, balance)
        self._pay(paid)
        self.spent += paid
        lapsed = self._lapse(all_of_it=done.ends)
        takes_up, never = found.price > 0, people.trained == 0
        self._add(
            table,
            persons=np.ones(len(people), np.int64),
            credited=done.given,
            spent=paid,
            lapsed=lapsed,
            held=self.held,
            gets_money=done.given > 0,
            takes_up=takes_up,
            completes=found.completes,
            would_anyway=found.would_anyway,
            never_trained=never,
            never_trained_takes_up=never & takes_up,
            covered=balance >= tables.median_price[0],
            pays_all=takes_up & (paid == found.price),
        )
        people.trained |= found.completes

    def _add(self, table: Cents, **columns: NDArray[np.int64] | NDArray[np.bool_]) -> None:
        """Add columns of people to the measures of their names."""
        cell = cells_of(self.people)
        for name, column in columns.items():
            # Sums of whole numbers under 2**53 are exact in floating point.
            found = np.bincount(cell, column, CELLS).astype(np.int64)
            table[:, MEASURES.index(name)] += found

    def _pay(self, paid: Cents) -> None:
        """Take what is paid from the oldest money first."""
        left = paid.copy()
        for age in reversed(range(len(self.lots))):
            taken = np.minimum(left, self.lots[age])
            self.lots[age] -= taken.astype(np.int32)
            left -= taken

    def _lapse(self, *, all_of_it: bool) -> Cents:
        """Return what reached its end, and take it from accounts."""
        lapsed = np.zeros(len(self.people), np.int64)
        if all_of_it:
            lapsed += self.held
            self.lots[:] = 0
            return lapsed
        if self.proposal.ends_at_age is not None:
            over = self.people.age >= self.proposal.ends_at_age
            lapsed[over] = self.held[over]
            self.lots[:, over] = 0
        if self.proposal.years_kept is not None:
            lapsed += self.lots[-1]
            self.lots[-1] = 0
        return lapsed


def _refuse_unusable(given: Cents, lots: Lots) -> None:
    """Refuse amounts that no account here can hold."""
    if given.min() < 0:
        raise UnableToSimulate("below_zero", PROBLEMS["below_zero"])
    if int(given.max()) + int(lots[0].max()) > LARGEST_LOT:
        raise UnableToSimulate("too_much", PROBLEMS["too_much"])


@dataclass(frozen=True, slots=True)
class Year:
    """What people have in a year before they choose to learn.

    `balance` is what they can spend, what was given included; `ends` is that all money lapses at its end.
    """

    given: Cents
    balance: Cents
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
