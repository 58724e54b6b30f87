"""A year's money and learning of people, where numba is present: bit for bit what `yearly.Accounts` does.

Most people take no course in a year, and a processor that guesses an answer wrong loses more time than a sum
takes. So everybody goes through loops without a branch, which write down who is an exception, and loops over
those few do the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.behaviour import (
    AFTER,
    APPLIES,
    BALANCE_FROM,
    COMPLETES,
    GETS,
    KNOWS,
    STEPS,
    WANTS,
    BehaviourTables,
)
from eigenwijs.simulation.marginals import EDUCATION_OF_LEVEL
from eigenwijs.simulation.population import Persons
from eigenwijs.simulation.transitions import JOB_ENDED, NEW_PERSON
from eigenwijs.simulation.types import MEASURES, SHAPE
from eigenwijs.simulation.with_numba import band_of, draw, draws, keys_of, part

if TYPE_CHECKING:
    from eigenwijs.simulation.lives import LifeYear
    from eigenwijs.simulation.yearly import Accounts, Year

Cents = NDArray[np.int64]

_CONTRACTS, _EDUCATIONS, _AGES, _SECTORS, _FIRMS = SHAPE
_BALANCE_FROM, _MOST, _MONEY = np.array(BALANCE_FROM), BALANCE_FROM[-1], len(BALANCE_FROM) + 1
_LOW, _HALF = np.uint64(0x1FFFF), np.uint64(32)
_FIRST_LEVEL = np.searchsorted(EDUCATION_OF_LEVEL, np.arange(_EDUCATIONS))
NO_AGE = 255
(
    _PERSONS,
    _CREDITED,
    _SPENT,
    _LAPSED,
    _LOST,
    _HELD,
    _GETS_MONEY,
    _TAKES_UP,
    _COMPLETES,
    _WOULD_ANYWAY,
    _NEVER,
    _NEVER_TAKES_UP,
    _COVERED,
    _PAYS_ALL,
    _JOBS_ENDED,
    _HELD_AT_JOB_END,
    _AGED_OUT,
) = range(len(MEASURES))


class Sums:
    """What is added up of everybody, of one year: so small that it stays near the processor.

    Measures that are added to now and then go to the table of `yearly.simulate` at once.
    """

    def __init__(self, cells: int) -> None:
        # [group, persons and who gets money | never trained and covered | credited | held], counts of 32 bits
        self.all = np.zeros((cells, 4), np.uint64)
        self.jobs = np.zeros((cells, 2), np.int64)  # [group, how many ended | what was held]

    def add_to(self, table: Cents, *, portable: bool) -> None:
        """Add all to a table of `CELLS` by `MEASURES`."""
        counts, others, credited, held = self.all.T
        low = np.uint64(2**32 - 1)
        table[:, _PERSONS] += (counts & low).astype(np.int64)
        table[:, _GETS_MONEY] += (counts >> _HALF).astype(np.int64)
        table[:, _NEVER] += (others & low).astype(np.int64)
        table[:, _COVERED] += (others >> _HALF).astype(np.int64)
        table[:, _CREDITED] += credited.astype(np.int64)
        table[:, _HELD] += held.astype(np.int64)
        table[:, _JOBS_ENDED] += self.jobs[:, 0]
        table[:, _HELD_AT_JOB_END] += self.jobs[:, 1]
        if not portable:
            table[:, _LOST] += self.jobs[:, 1]


class Stages(NamedTuple):
    """`BehaviourTables` as the loops here read them.

    `first` has the chances to know, want and apply of a place, 17 bits each, as 65,536 is one of them.
    """

    first: NDArray[np.uint64]
    gets: NDArray[np.int32]
    completes: NDArray[np.int32]
    would_anyway: Cents
    prices: Cents


def stages_of(tables: BehaviourTables) -> Stages:
    """Return chances as the loops here read them."""
    stages = tables.stages.reshape(len(tables.stages), -1)
    knows, wants, applies = stages[[KNOWS, WANTS, APPLIES]].astype(np.uint64)
    first = knows | wants << np.uint64(17) | applies << np.uint64(34)
    return Stages(first, stages[GETS], stages[COMPLETES], tables.would_anyway, tables.prices)


@numba.njit(nogil=True)
def _who(people: Any, found: Any) -> None:
    """Write down everybody's contract, education and age as one number."""
    contract, level, age = people
    for row in range(len(found)):
        education = 0
        for one in range(1, _EDUCATIONS):
            education += level[row] >= _FIRST_LEVEL[one]
        found[row] = np.uint8((contract[row] * _EDUCATIONS + education) * _AGES + band_of(age[row]))


@numba.njit(nogil=True)
def _cells(who: Any, sector: Any, firm_size: Any, found: Any) -> None:
    """Write down everybody's group, as `yearly.cells_of` numbers them."""
    for row in range(len(found)):
        found[row] = np.uint16((who[row] * _SECTORS + sector[row]) * _FIRMS + firm_size[row])


@numba.njit(nogil=True)
def _places(who: Any, trained: Any, balance: Any, found: Any) -> None:
    """Write down where everybody's chances stand in the table of a stage."""
    for row in range(len(found)):
        money = 0
        for one in range(_MONEY - 1):
            money += balance[row] >= _BALANCE_FROM[one]
        found[row] = np.uint16((2 * who[row] + trained[row]) * _MONEY + money)


@numba.njit(nogil=True)
def _choose(places: Any, first: Any, chances: Any, knows: Any, appliers: Any) -> Any:
    """Write down who knows, and who applies for a course; return how many. Without money each chance is none."""
    count = 0
    for row in range(len(places)):
        chance, told = chances[row], first[places[row]]
        # Not `and`, which is a guess each.
        known = knows[row] | (np.uint64(part(chance, 0)) < (told & _LOW))
        knows[row] = known
        appliers[count] = row
        count += (
            known
            & (np.uint64(part(chance, 1)) < (told >> np.uint64(17) & _LOW))
            & (np.uint64(part(chance, 2)) < told >> np.uint64(34))
        )
    return count


@numba.njit(nogil=True)
def _sum(cells: Any, money: Any, trained: Any, median_price: Any, sums: Any) -> None:
    """Add everybody to their group."""
    balance, given = money
    for row in range(len(cells)):
        cell = cells[row]
        covered = np.uint64(balance[row] >= median_price)
        sums[cell, 0] += np.uint64(1) | np.uint64(given[row] > 0) << _HALF
        sums[cell, 1] += np.uint64(trained[row] == 0) | covered << _HALF
        sums[cell, 2] += np.uint64(given[row])
        sums[cell, 3] += np.uint64(balance[row])


@numba.njit(nogil=True)
def _take(appliers: Any, stages: Any, chance: Any, state: Any, into: Any) -> None:
    """Let people who get their course pay for it, from the oldest money first."""
    chances, places, cells, key, first = chance
    trained, balance, spent, lots = state
    sums, table = into
    for row in appliers:
        place = places[row]
        if part(chances[row], 3) >= stages.gets[place]:
            continue
        cell = cells[row]
        after = draw(key, first + np.uint64(row))
        price = stages.prices[part(after, 2) >> 8]
        paid = min(price, np.int64(balance[row]))
        spent[row] += paid
        left = paid
        for lot in range(len(lots) - 1, -1, -1):
            taken = min(left, np.int64(lots[lot, row]))
            lots[lot, row] -= taken
            left -= taken
        completes = part(after, 0) < stages.completes[place]
        table[cell, _TAKES_UP] += 1
        table[cell, _NEVER_TAKES_UP] += trained[row] == 0
        table[cell, _PAYS_ALL] += paid == price
        table[cell, _WOULD_ANYWAY] += part(after, 1) < stages.would_anyway[trained[row]]
        table[cell, _COMPLETES] += completes
        table[cell, _SPENT] += paid
        sums[cell, 3] -= np.uint64(paid)
        trained[row] |= completes


@numba.njit(nogil=True)
def _lapse(age: Any, lots: Any, until: Any, cells: Any, into: Any) -> None:
    """Let all money lapse of who has the age for it, and of everybody the lots from `until[1]` on."""
    (ends_at_age, oldest), (sums, table) = until, into
    for row in range(len(age)):
        lapsed = np.int64(0)
        for lot in range(0 if age[row] >= ends_at_age else oldest, len(lots)):
            lapsed += lots[lot, row]
            lots[lot, row] = 0
        sums[cells[row], 3] -= np.uint64(lapsed)
        table[cells[row], _LAPSED] += lapsed


@numba.njit(nogil=True)
def _rows_of(marks: Any, found: Any) -> Any:
    """Write down the rows that have a mark; return how many."""
    count = 0
    for row in range(len(marks)):
        found[count] = row
        count += marks[row]
    return count


@numba.njit(nogil=True)
def _leave(cells: Any, moved: Any, money: Any, jobs: Any, table: Any) -> None:
    """Take money of who ages out, or loses a job if it is not portable, off accounts."""
    rows, marks = moved
    knows, trained, entered, lots, portable = money
    for row in rows:
        cell, is_new = cells[row], marks[row] & NEW_PERSON > 0
        stood = np.int64(0)
        for lot in range(len(lots)):
            stood += lots[lot, row]
        jobs[cell, 0] += marks[row] & JOB_ENDED
        if is_new:
            table[cell, _LAPSED] += stood
            table[cell, _AGED_OUT] += stood
            knows[row] = 0
            trained[row] = entered[row]
        else:
            jobs[cell, 1] += stood
        if is_new or not portable:
            for lot in range(len(lots)):
                lots[lot, row] = 0


def leave(own: Accounts, life: LifeYear, number: int, table: Cents) -> None:
    """Do what `yearly.Accounts` does with money when people move."""
    people, marks = life.people, life.marks
    _who((people.contract, people.level, people.age), own.who)
    _cells(own.who, people.sector, people.firm_size, own.cells)
    money = (own.knows, own.trained, people.trained, own.lots, own.proposal.portable)
    rows = own.rows[: _rows_of(marks > 0, own.rows)]
    _leave(own.cells, (rows, marks), money, own.sums[number - 1].jobs, table)


def learn(own: Accounts, people: Persons, done: Year, number: int, table: Cents) -> None:
    """Do what `yearly.Accounts` does in a year once people were credited."""
    proposal, trained, sums = own.proposal, own.trained, own.sums[number - 1].all
    steps, after = keys_of(own.seed, number, STEPS, AFTER)
    count = len(trained)
    places = np.empty(count, np.uint16)
    _places(own.who, trained, done.balance, places)
    chances = draws(steps, own.first, count)
    appliers = own.rows[: _choose(places, own.stages.first, chances, own.knows, own.rows)]
    money = (done.balance, done.given)
    _sum(own.cells, money, trained, own.tables.median_price[0], sums)
    _take(
        appliers,
        own.stages,
        (chances, places, own.cells, after, np.uint64(own.first)),
        (trained, done.balance, own.spent, own.lots),
        (sums, table),
    )
    oldest = len(own.lots) if proposal.years_kept is None else len(own.lots) - 1
    until = (proposal.ends_at_age or NO_AGE, 0 if done.ends else oldest)
    if until != (NO_AGE, len(own.lots)):
        _lapse(people.age, own.lots, until, own.cells, (sums, table))
