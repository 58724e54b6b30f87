"""A year's money and learning of people, where numba is present: bit for bit what `yearly.Accounts` does.

Most people take no course in a year, and a processor that guesses an answer wrong loses more time than a sum
takes. So everybody goes through one loop without a branch, which writes down who is an exception, and loops
over those few do the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.behaviour import AFTER, BALANCE_FROM, COMPLETES, STAGES, STEPS
from eigenwijs.simulation.marginals import EDUCATION_OF_LEVEL
from eigenwijs.simulation.population import Persons
from eigenwijs.simulation.transitions import JOB_ENDED, NEW_PERSON
from eigenwijs.simulation.types import MEASURES, SHAPE
from eigenwijs.simulation.with_numba import band_of, draw, draws, keys_of, part

if TYPE_CHECKING:
    from eigenwijs.simulation.lives import LifeYear
    from eigenwijs.simulation.yearly import Accounts, Year

Cents = NDArray[np.int64]
Lots = NDArray[np.int32]

_CONTRACTS, _EDUCATIONS, _AGES, _SECTORS, _FIRMS = SHAPE
_BALANCE_FROM, _MOST, _MONEY = np.array(BALANCE_FROM), BALANCE_FROM[-1], len(BALANCE_FROM) + 1
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


@numba.njit
def _four(first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """Four counts of sixteen bits, to be added at once."""
    pair = np.uint64(first) | np.uint64(second) << np.uint64(16)
    return pair | np.uint64(third) << np.uint64(32) | np.uint64(fourth) << np.uint64(48)


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
        most = np.int32(
            min(balance[row], _MOST)
        )  # a processor does twice as many of 32 bits at once
        money = np.int32(0)
        for one in range(_MONEY - 1):
            money += most >= np.int32(_BALANCE_FROM[one])
        found[row] = (2 * np.int32(who[row]) + np.int32(trained[row])) * np.int32(_MONEY) + money


@numba.njit(nogil=True)
def _choose(places: Any, stages: Any, chances: Any, knows: Any, takes: Any) -> None:
    """Write down who knows, and who takes a course; all stages of a place stand after each other."""
    for row in range(len(places)):
        chance, place = chances[row], places[row]
        knows[row] |= part(chance, 0) < stages[place, 0]
        # Not `and`, which is a guess each. Without money each chance is none.
        takes[row] = (
            knows[row]
            & (part(chance, 1) < stages[place, 1])
            & (part(chance, 2) < stages[place, 2])
            & (part(chance, 3) < stages[place, 3])
        )


@numba.njit(nogil=True)
def _sum(cells: Any, money: Any, trained: Any, median_price: Any, sums: Any) -> None:
    """Add everybody to their group."""
    balance, given = money
    for row in range(len(cells)):
        cell = cells[row]
        covered = balance[row] >= median_price
        sums[cell, 0] += _four(True, given[row] > 0, trained[row] == 0, covered)
        sums[cell, 1] += np.uint64(given[row])
        sums[cell, 2] += np.uint64(balance[row])


@numba.njit(nogil=True)
def _take(takers: Any, tables: Any, chance: Any, state: Any, sums: Any) -> None:
    """Let people pay for their course, from the oldest money first."""
    to_complete, places, cells, key, first = chance
    trained, balance, spent, lots = state
    for row in takers:
        cell = cells[row]
        after = draw(key, np.uint64(first + row))
        price = tables.prices[part(after, 2) >> 8]
        paid = min(price, balance[row])
        spent[row] += paid
        left = paid
        for lot in range(len(lots) - 1, -1, -1):
            taken = min(left, np.int64(lots[lot, row]))
            lots[lot, row] -= taken
            left -= taken
        would_anyway = part(after, 1) < tables.would_anyway[trained[row]]
        completes = part(after, 0) < to_complete[places[row]]
        sums[cell, 3] += _four(True, trained[row] == 0, paid == price, would_anyway)
        sums[cell, 4] += np.uint64(completes)
        sums[cell, 5] += np.uint64(paid)
        sums[cell, 2] -= np.uint64(paid)
        trained[row] |= completes


@numba.njit(nogil=True)
def _lapse(age: Any, lots: Any, until: Any, cells: Any, sums: Any) -> None:
    """Let all money lapse of who has the age for it, and of everybody the lots from `until[1]` on."""
    ends_at_age, oldest = until
    for row in range(len(age)):
        lapsed = np.int64(0)
        for lot in range(0 if age[row] >= ends_at_age else oldest, len(lots)):
            lapsed += lots[lot, row]
            lots[lot, row] = 0
        sums[cells[row], 2] -= np.uint64(lapsed)
        sums[cells[row], 6] += np.uint64(lapsed)


@numba.njit(nogil=True)
def _leave(cells: Any, marked: Any, marks: Any, money: Any, sums: Any) -> None:
    """Take money of who ages out, or loses a job if it is not portable, off accounts."""
    knows, trained, entered, lots, balance, portable = money
    for row in marked:
        cell = cells[row]
        is_new = marks[row] & NEW_PERSON > 0
        sums[cell, 4] += np.uint64(marks[row] & JOB_ENDED) << np.uint64(16)
        sums[cell, 8 if is_new else 7] += np.uint64(balance[row])
        if is_new:
            knows[row] = 0
            trained[row] = entered[row]
        if is_new or not portable:
            balance[row] = 0
            for lot in range(len(lots)):
                lots[lot, row] = 0


@numba.njit(nogil=True)
def _add(sums: Any, portable: Any, table: Any) -> None:
    """Add the sums of a block, so small that they stay near the processor, to those of a year; begin anew."""
    for cell in range(len(sums)):
        if sums[cell, 0] > 0:
            table[cell, _PERSONS] += part(sums[cell, 0], 0)
            table[cell, _GETS_MONEY] += part(sums[cell, 0], 1)
            table[cell, _NEVER] += part(sums[cell, 0], 2)
            table[cell, _COVERED] += part(sums[cell, 0], 3)
            table[cell, _CREDITED] += np.int64(sums[cell, 1])
            table[cell, _HELD] += np.int64(sums[cell, 2])
            table[cell, _TAKES_UP] += part(sums[cell, 3], 0)
            table[cell, _NEVER_TAKES_UP] += part(sums[cell, 3], 1)
            table[cell, _PAYS_ALL] += part(sums[cell, 3], 2)
            table[cell, _WOULD_ANYWAY] += part(sums[cell, 3], 3)
            table[cell, _COMPLETES] += part(sums[cell, 4], 0)
            table[cell, _JOBS_ENDED] += part(sums[cell, 4], 1)
            table[cell, _SPENT] += np.int64(sums[cell, 5])
            table[cell, _LAPSED] += np.int64(sums[cell, 6] + sums[cell, 8])
            table[cell, _HELD_AT_JOB_END] += np.int64(sums[cell, 7])
            table[cell, _AGED_OUT] += np.int64(sums[cell, 8])
            if not portable:
                table[cell, _LOST] += np.int64(sums[cell, 7])
            sums[cell] = 0


def leave(own: Accounts, life: LifeYear) -> Cents:
    """Do what `yearly.Accounts` does with money when people move; return what is left on each account."""
    people, marks, held = life.people, life.marks, own.held
    _who((people.contract, people.level, people.age), own.who)
    _cells(own.who, people.sector, people.firm_size, own.cells)
    money = (own.knows, own.trained, people.trained, own.lots, held, own.proposal.portable)
    _leave(own.cells, np.flatnonzero(marks > 0), marks, money, own.sums)
    return held


def learn(own: Accounts, people: Persons, done: Year, number: int, table: Cents) -> None:
    """Do what `yearly.Accounts` does in a year once people were credited."""
    tables, proposal, trained = own.tables, own.proposal, own.trained
    steps, after = keys_of(own.seed, number, STEPS, AFTER)
    places, takes = np.empty(len(trained), np.int32), np.empty(len(trained), np.bool_)
    _places(own.who, trained, done.balance, places)
    stages = np.ascontiguousarray(tables.stages.reshape(len(STAGES), -1).T)
    chances = draws(steps, own.first, len(trained))
    _choose(places, stages, chances, own.knows, takes)
    money = (done.balance, done.given)
    _sum(own.cells, money, trained, tables.median_price[0], own.sums)
    _take(
        np.flatnonzero(takes),
        tables,
        (tables.stages[COMPLETES].ravel(), places, own.cells, after, own.first),
        (trained, done.balance, own.spent, own.lots),
        own.sums,
    )
    oldest = len(own.lots) if proposal.years_kept is None else len(own.lots) - 1
    until = (proposal.ends_at_age or NO_AGE, 0 if done.ends else oldest)
    if until != (NO_AGE, len(own.lots)):
        _lapse(people.age, own.lots, until, own.cells, own.sums)
    _add(own.sums, proposal.portable, table)
