"""Year after year: people who moved are credited, learn, and money reaches its end.

Nobody's year depends on another person, so any parts of a population can run anywhere and be added. Whole
numbers only; `learning_with_numba` does the same steps one person at a time, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.behaviour import choose
from eigenwijs.simulation.kinds import LARGEST_HELD, Whole
from eigenwijs.simulation.lives import LifeBlock, LifeYear, Lives
from eigenwijs.simulation.population import AGE_BAND, Persons, Small
from eigenwijs.simulation.proposals import Proposal, UnableToSimulate, yearly_wage
from eigenwijs.simulation.transitions import JOB_ENDED, NEW_PERSON
from eigenwijs.simulation.types import MEASURES, SHAPE, Totals
from eigenwijs.simulation.words import PROBLEMS

if TYPE_CHECKING:
    from eigenwijs.simulation.learning_with_numba import Sums

CELLS = int(np.prod(SHAPE))

Cents = NDArray[np.int64]
Held = NDArray[np.int32]


def simulate(
    proposals: Sequence[Proposal],
    lives: Lives,
    *,
    first_year: int,
    progress: Callable[[int], None] | None = None,
) -> list[Totals]:
    """Return what each proposal does in the same lives, from a calendar year on.

    `progress` is told of every year of so many persons that is done.
    """
    for proposal in proposals:
        for number in range(lives.years):
            proposal.prepare(first_year + number)
    found = [_nothing_yet(lives) for _proposal in proposals]
    sums = [_sums(lives) for _proposal in proposals]
    for block in lives.blocks():
        own = [
            Accounts(proposal, lives, block, of_proposal)
            for proposal, of_proposal in zip(proposals, sums, strict=True)
        ]
        rows = slice(block.first - lives.first, block.first - lives.first + len(block.start))
        for totals in found:
            totals.yearly_wage[rows] = yearly_wage(block.start)
            totals.contract[rows] = block.start.contract
        for number, life in enumerate(block.years):
            for accounts, totals in zip(own, found, strict=True):
                table = totals.sums[number].reshape(CELLS, len(MEASURES))
                accounts.step(life, first_year + number, number + 1, table)
                if progress:
                    progress(len(block.start))
        for accounts, totals in zip(own, found, strict=True):
            totals.credited[rows] = accounts.credited
            totals.spent[rows] = accounts.spent
    for proposal, totals, of_proposal in zip(proposals, found, sums, strict=True):
        for number, of_year in enumerate(of_proposal):
            table = totals.sums[number].reshape(CELLS, len(MEASURES))
            of_year.add_to(table, portable=proposal.portable)
    return found


def _sums(lives: Lives) -> list[Sums]:
    """Return room for sums of every year with numba, which keeps the largest ones apart until the end."""
    if lives.backend != "numba":
        return []
    from eigenwijs.simulation import learning_with_numba

    return [learning_with_numba.Sums(CELLS) for _year in range(lives.years)]


def _nothing_yet(lives: Lives) -> Totals:
    return Totals(
        sums=np.zeros((lives.years, *SHAPE, len(MEASURES)), np.int64),
        credited=np.empty(len(lives), np.int64),
        spent=np.empty(len(lives), np.int64),
        yearly_wage=np.empty(len(lives), np.int32),
        contract=np.empty(len(lives), np.uint8),
    )


class Accounts:
    """What a proposal gives some persons, and what they do with it: the state that goes from year to year."""

    def __init__(
        self, proposal: Proposal, lives: Lives, block: LifeBlock, sums: Sequence[Sums]
    ) -> None:
        self.proposal, self.backend = proposal, lives.backend
        self.tables = lives.using.behaviour
        self.seed, self.first = lives.seed, block.first
        count = len(block.start)
        self.knows: Small = np.zeros(count, np.uint8)
        self.trained: Small = block.start.trained.copy()
        self.state = proposal.start(count)
        # Money by its age in whole years, the newest first, and person; without an end age does not matter.
        kept = proposal.years_kept
        self.lots: Held = np.zeros((1 if kept is None else kept + 1, count), np.int32)
        self.credited = np.zeros(count, np.int64)
        self.spent = np.zeros(count, np.int64)
        if self.backend == "numba":
            from eigenwijs.simulation import learning_with_numba

            self.stages, self.sums = learning_with_numba.stages_of(self.tables), sums
            # Everybody's groups in a year, and whoever something happens to.
            self.who, self.cells = np.zeros(count, np.uint8), np.zeros(count, np.uint16)
            self.rows = np.zeros(count, np.uint32)

    @property
    def held(self) -> Held:
        """What stands on each account: not a copy where money is all of one age."""
        found: Held = self.lots[0] if len(self.lots) == 1 else self.lots.sum(0, dtype=np.int32)
        return found

    def step(self, life: LifeYear, year: int, number: int, table: Cents) -> None:
        """Take everybody a year further and add them to a table of `CELLS` by `MEASURES`.

        `number` counts years for the draws of chance.
        """
        if self.state:
            for values in self.state.values():
                values[(life.marks & NEW_PERSON) > 0] = 0
        self._leave(life, number, table)
        held = self.held
        whole = self.proposal.credit(life.people, held, self.state, year, self.backend)
        _refuse_unusable(whole, held)
        given = whole.astype(np.int32, copy=False)
        self.credited += given
        self.lots[0] += given
        ends = self.proposal.ends_in is not None and year >= self.proposal.ends_in
        done = Year(given, self.held, ends)
        if self.backend == "numba":
            from eigenwijs.simulation import learning_with_numba

            learning_with_numba.learn(self, life.people, done, number, table)
        else:
            self._learn(life.people, done, number, table)
        if self.proposal.years_kept:
            self.lots[1:] = self.lots[:-1].copy()
            self.lots[0] = 0

    def _leave(self, life: LifeYear, number: int, table: Cents) -> None:
        """Add up what people leave who age out or lose a job.

        Who ages out leaves it, and who loses a job does too if it is not portable. A new person starts with
        nothing and knows nothing.
        """
        if self.backend == "numba":
            from eigenwijs.simulation import learning_with_numba

            learning_with_numba.leave(self, life, number, table)
            return
        moved = np.flatnonzero(life.marks > 0)
        marks, stood = life.marks[moved], self.held[moved]
        is_new, ended = (marks & NEW_PERSON) > 0, (marks & JOB_ENDED) > 0
        aged_out, leaves = np.where(is_new, stood, 0), np.where(ended & ~is_new, stood, 0)
        _add(
            table,
            cells_of(life.people)[moved],
            lapsed=aged_out,
            aged_out=aged_out,
            jobs_ended=ended,
            held_at_job_end=leaves,
            lost=np.zeros_like(leaves) if self.proposal.portable else leaves,
        )
        new = moved[is_new]
        self.knows[new] = 0
        self.trained[new] = life.people.trained[new]
        self.lots[:, new if self.proposal.portable else moved] = 0

    def _learn(self, people: Persons, done: Year, number: int, table: Cents) -> None:
        balance, known = done.balance, (self.knows, self.trained)
        found = choose(
            people, known, balance, self.tables, seed=self.seed, year=number, first=self.first
        )
        rows, never = found.rows, self.trained == 0
        covered = balance >= self.tables.median_price[0]
        paid = np.minimum(found.price, balance[rows])
        self._pay(rows, paid)
        self.spent[rows] += paid
        lapsed = self._lapse(people, all_of_it=done.ends)
        cell = cells_of(people)
        _add(
            table,
            cell,
            persons=np.ones(len(people), np.bool_),
            credited=done.given,
            lapsed=lapsed,
            held=self.held,
            gets_money=done.given > 0,
            never_trained=never,
            covered=covered,
        )
        _add(
            table,
            cell[rows],
            spent=paid,
            takes_up=np.ones(len(rows), np.bool_),
            completes=found.completes,
            would_anyway=found.would_anyway,
            never_trained_takes_up=never[rows],
            pays_all=paid == found.price,
        )
        self.trained[rows] |= found.completes

    def _pay(self, rows: NDArray[np.int64], paid: Cents) -> None:
        """Take what some people pay from their oldest money first."""
        left = paid.copy()
        for age in reversed(range(len(self.lots))):
            taken = np.minimum(left, self.lots[age, rows])
            self.lots[age, rows] -= taken.astype(np.int32)
            left -= taken

    def _lapse(self, people: Persons, *, all_of_it: bool) -> Cents:
        """Return what reached its end, and take it from accounts."""
        lapsed = np.zeros(len(people), np.int64)
        if all_of_it:
            lapsed += self.held
            self.lots[:] = 0
            return lapsed
        if self.proposal.ends_at_age is not None:
            over = people.age >= self.proposal.ends_at_age
            lapsed[over] = self.held[over]
            self.lots[:, over] = 0
        if self.proposal.years_kept is not None:
            lapsed += self.lots[-1]
            self.lots[-1] = 0
        return lapsed


def _add(
    table: Cents,
    cell: NDArray[np.int64],
    **columns: Whole | NDArray[np.bool_],
) -> None:
    """Add columns of people, whose groups `cell` holds, to the measures of their names."""
    for name, column in columns.items():
        # Sums of whole numbers under 2**53 are exact in floating point.
        found = np.bincount(cell, column, CELLS).astype(np.int64)
        table[:, MEASURES.index(name)] += found


def _refuse_unusable(given: Whole, held: Held) -> None:
    """Refuse amounts that no account here can hold."""
    if given.min() < 0:
        raise UnableToSimulate("below_zero", PROBLEMS["below_zero"])
    if int(given.max()) + int(held.max()) > LARGEST_HELD:
        raise UnableToSimulate("too_much", PROBLEMS["too_much"])


@dataclass(frozen=True, slots=True)
class Year:
    """What people have in a year before they choose to learn.

    `balance` is what they can spend, what was given included; `ends` is that all money lapses at its end.
    """

    given: Held
    balance: Held
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
