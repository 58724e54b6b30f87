"""Drawing people, `transitions.move` and a year's learning for one person at a time, where numba is present.

The same whole numbers, bit for bit; a test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.behaviour import AFTER, BALANCE_FROM, STEPS
from eigenwijs.simulation.hashing import FIRST_FACTOR, GAMMA, SECOND_FACTOR, key
from eigenwijs.simulation.marginals import EDUCATION_OF_LEVEL, LEVELS
from eigenwijs.simulation.population import (
    DETAILS,
    END_AGE,
    HOURS_IN_BAND,
    NO_FIRM,
    NO_SECTOR,
    OUTSIDE,
    POPULATION,
    UNEMPLOYED,
    WAGE,
    YEARS_IN_TENURE,
    YOUNGEST,
    Drawing,
    Persons,
    Small,
)
from eigenwijs.simulation.transitions import ENTRANT, JOB, JOB_ENDED, MOVE, NEW_PERSON, MoveTables
from eigenwijs.simulation.types import MEASURES, SHAPE

Cents = NDArray[np.int64]

if TYPE_CHECKING:
    from eigenwijs.simulation.yearly import Block, Year

_GAMMA, _FIRST, _SECOND = np.uint64(GAMMA), np.uint64(FIRST_FACTOR), np.uint64(SECOND_FACTOR)
_EDUCATION = np.array(EDUCATION_OF_LEVEL, np.int64)
_SELF_EMPLOYED = UNEMPLOYED - 1
_CONTRACTS, _EDUCATIONS, _AGES, _SECTORS, _FIRMS = SHAPE
_LEVELS, _HOURS, _MONEY = len(LEVELS), len(HOURS_IN_BAND), len(BALANCE_FROM) + 1
(
    _CONTRACT_AT,
    _EDUCATION_AT,
    _AGE_AT,
    _HOURS_AT,
    _SECTOR_AT,
    _FIRM_SIZE_AT,
    _TENURE_AT,
) = range(7)
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
_THE_OLDEST, _ALL_OF_IT = 1, 2
_NO_AGE = 255


_in_place = numba.njit(inline="always")
"""A call that hands on an array counts references to it, which takes longer than what these do."""


@numba.njit
def _draw(key: Any, person: Any) -> Any:
    number = key + person * _GAMMA
    number = (number ^ (number >> np.uint64(30))) * _FIRST
    number = (number ^ (number >> np.uint64(27))) * _SECOND
    return number ^ (number >> np.uint64(31))


@numba.njit
def _part(number: Any, place: int) -> Any:
    return np.int64((number >> np.uint64(16 * place)) & np.uint64(0xFFFF))


@_in_place
def _passed(number: Any, thresholds: Any) -> Any:
    count = 0
    for threshold in thresholds:  # all of them: a processor guesses no end of a loop
        count += number >= threshold
    return count


@numba.njit(nogil=True)
def _persons(tables: Any, keys: Any, first: Any, people: Any) -> None:
    guide, thresholds, attributes, levels, untrained, wages, hours_in_band, in_tenure = tables
    contract, level, age, hours, sector, firm_size, tenure, trained, wage = people
    for row in range(len(contract)):
        person = np.uint64(first + row)
        details, of_wage = _draw(keys[1], person), _draw(keys[2], person)
        chance = np.int64(_draw(keys[0], person) >> np.uint64(16))
        cell = guide[chance >> 32]
        while chance >= thresholds[cell]:
            cell += 1
        kind = min(attributes[cell, _EDUCATION_AT], 3)
        level[row] = 0
        for one in range(_LEVELS):
            level[row] += _part(details, 0) >= levels[kind, one]
        age[row] = YOUNGEST + 10 * attributes[cell, _AGE_AT] + _part(details, 1) * 10 // 65536
        education = _EDUCATION[level[row]]
        contract[row], sector[row], firm_size[row] = (
            attributes[cell, _CONTRACT_AT],
            attributes[cell, _SECTOR_AT],
            attributes[cell, _FIRM_SIZE_AT],
        )
        if attributes[cell, _CONTRACT_AT] < UNEMPLOYED:
            start, size = (
                hours_in_band[attributes[cell, _HOURS_AT], 0],
                hours_in_band[attributes[cell, _HOURS_AT], 1],
            )
            hours[row] = start + _part(details, 2) * size // 65536
            start, size = (
                in_tenure[attributes[cell, _TENURE_AT], 0],
                in_tenure[attributes[cell, _TENURE_AT], 1],
            )
            worked = start + _part(of_wage, 0) * size // 65536
            tenure[row] = min(worked, np.int64(age[row]) - YOUNGEST)
        trained[row] = _part(details, 3) >= untrained[education]
        wage[row] = wages[education, attributes[cell, _AGE_AT], of_wage >> np.uint64(56)]


@numba.njit(nogil=True)
def _move(people: Any, tables: Any, keys: Any, first: Any, marks: Any) -> None:
    contract, level, age, hours, sector, firm_size, tenure, trained, wage = people
    for row in range(len(contract)):
        person = np.uint64(first + row)
        moved = _draw(keys[0], person)
        before = np.int64(contract[row])
        is_new = age[row] >= END_AGE - 1
        band = tables.age_band[age[row]]
        after = np.int64(0)
        for one in range(_CONTRACTS):
            after += _part(moved, 0) >= tables.contract[band, before, one]
        if is_new:
            after = np.int64(OUTSIDE)
        chance, longer = _part(moved, 1), 1 if tenure[row] >= 2 else 0
        stays = (before == _SELF_EMPLOYED) | (chance >= tables.changes_employer[longer])
        if before != after:
            stays = chance < tables.same_employer[before, after]
        same_job = (before < UNEMPLOYED) & (after < UNEMPLOYED) & stays
        if after >= UNEMPLOYED:
            sector[row] = NO_SECTOR
            firm_size[row] = NO_FIRM
            hours[row] = 0
        elif not same_job:
            job = _draw(keys[1], person)
            worked = sector[row] != NO_SECTOR
            if not (worked and _part(job, 0) < tables.keeps[0]):
                sector[row] = _passed(_part(job, 1), tables.sector)
            firm_size[row] = _passed(_part(job, 2), tables.firm_size)
            if not (worked and _part(moved, 2) < tables.keeps[1]):
                at = 0
                for one in range(_HOURS):
                    at += _part(job, 3) >= tables.hours[after, one]
                start, size = tables.hours_in_band[at, 0], tables.hours_in_band[at, 1]
                hours[row] = start + _part(moved, 3) * size // 65536
        tenure[row] = min(tenure[row] + 1, 60) if same_job else 0
        contract[row] = after
        age[row] += 1
        marks[row] = JOB_ENDED if before < UNEMPLOYED and not same_job else 0
        if is_new:
            marks[row] += NEW_PERSON
            entrant = _draw(keys[2], person)
            age[row] = YOUNGEST
            level[row] = _passed(_part(entrant, 0), tables.level)
            education = tables.education[level[row]]
            trained[row] = 1 if _part(entrant, 1) >= tables.untrained[education] else 0
            wage[row] = tables.wages[education, 0, _part(entrant, 2) >> 8]


@_in_place
def _pay(lots: Any, row: int, paid: Any) -> None:
    left = paid
    for lot in range(lots.shape[1] - 1, -1, -1):
        taken = min(left, np.int64(lots[row, lot]))
        lots[row, lot] -= taken
        left -= taken


@_in_place
def _lapse(lots: Any, row: int, lapses_at: Any) -> Any:
    lapsed = np.int64(0)
    oldest = lots.shape[1] - 1
    if lapses_at == _ALL_OF_IT:
        for lot in range(oldest + 1):
            lapsed += lots[row, lot]
            lots[row, lot] = 0
    elif lapses_at == _THE_OLDEST:
        lapsed += lots[row, oldest]
        for lot in range(oldest, 0, -1):
            lots[row, lot] = lots[row, lot - 1]
        lots[row, 0] = 0
    return lapsed


@numba.njit(nogil=True)
def _learn(people: Any, tables: Any, run: Any, state: Any, done: Any) -> None:
    contract, level, age, _hours, sector, firm_size, _tenure, trained, _wage = people
    keys, first, lapses_at, ends_at_age, portable, table = run
    knows, lots, spent = state
    marks, stood, given = done
    stages = tables.stages.reshape(-1, 5)
    sums = np.zeros((len(table), 8), np.uint64)
    for row in range(len(contract)):
        education, band = _EDUCATION[level[row]], tables.age_band[age[row]]
        balance = np.int64(0)
        for lot in range(lots.shape[1]):
            balance += lots[row, lot]
        cell = (np.int64(contract[row]) * _EDUCATIONS + education) * _AGES + band
        cell = (cell * _SECTORS + sector[row]) * _FIRMS + firm_size[row]
        never = trained[row] == 0
        paid = np.int64(0)
        if balance > 0:
            person = np.uint64(first + row)
            money = _passed(balance, tables.balance_from)
            stage = (np.int64(trained[row]) * _AGES + band) * _EDUCATIONS + education
            stage = (stage * _CONTRACTS + contract[row]) * _MONEY + money
            chance = _draw(keys[0], person)
            knows[row] |= _part(chance, 0) < stages[stage, 0]
            # Not `and`: a processor that guesses one answer is right more often than for each of four.
            if (
                (knows[row] == 1)
                & (_part(chance, 1) < stages[stage, 1])
                & (_part(chance, 2) < stages[stage, 2])
                & (_part(chance, 3) < stages[stage, 3])
            ):
                after = _draw(keys[1], person)
                price = tables.prices[_part(after, 2) >> 8]
                paid = min(price, balance)
                spent[row] += paid
                _pay(lots, row, paid)
                would_anyway = _part(after, 1) < tables.would_anyway[trained[row]]
                completes = _part(after, 0) < stages[stage, 4]
                sums[cell, 3] += _four(True, never, paid == price, would_anyway)
                sums[cell, 4] += np.uint64(completes)
                sums[cell, 5] += np.uint64(paid)
                trained[row] |= completes
        lapsed = _lapse(lots, row, _ALL_OF_IT if age[row] >= ends_at_age else lapses_at)
        if lapsed > 0:
            sums[cell, 6] += np.uint64(lapsed)
        if marks[row] > 0:
            if marks[row] & NEW_PERSON > 0:
                table[cell, _AGED_OUT] += stood[row]
                sums[cell, 6] += np.uint64(stood[row])
            else:
                sums[cell, 7] += np.uint64(stood[row])
            sums[cell, 4] += np.uint64(marks[row] & JOB_ENDED) << np.uint64(16)
        covered = balance >= tables.median_price[0]
        sums[cell, 0] += _four(True, given[row] > 0, never, covered)
        sums[cell, 1] += np.uint64(given[row])
        sums[cell, 2] += np.uint64(balance - paid - lapsed)
    _add(sums, table, portable)


@numba.njit
def _four(first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """Four counts of sixteen bits, to be added at once."""
    pair = np.uint64(first) | np.uint64(second) << np.uint64(16)
    return pair | np.uint64(third) << np.uint64(32) | np.uint64(fourth) << np.uint64(48)


@_in_place
def _add(sums: Any, table: Any, portable: Any) -> None:
    """Add the sums of a block, so small that they stay near the processor, to those of a year."""
    for cell in range(len(sums)):
        if sums[cell, 0] > 0:
            table[cell, _PERSONS] += _part(sums[cell, 0], 0)
            table[cell, _GETS_MONEY] += _part(sums[cell, 0], 1)
            table[cell, _NEVER] += _part(sums[cell, 0], 2)
            table[cell, _COVERED] += _part(sums[cell, 0], 3)
            table[cell, _CREDITED] += np.int64(sums[cell, 1])
            table[cell, _HELD] += np.int64(sums[cell, 2])
            table[cell, _TAKES_UP] += _part(sums[cell, 3], 0)
            table[cell, _NEVER_TAKES_UP] += _part(sums[cell, 3], 1)
            table[cell, _PAYS_ALL] += _part(sums[cell, 3], 2)
            table[cell, _WOULD_ANYWAY] += _part(sums[cell, 3], 3)
            table[cell, _COMPLETES] += _part(sums[cell, 4], 0)
            table[cell, _JOBS_ENDED] += _part(sums[cell, 4], 1)
            table[cell, _SPENT] += np.int64(sums[cell, 5])
            table[cell, _LAPSED] += np.int64(sums[cell, 6])
            table[cell, _HELD_AT_JOB_END] += np.int64(sums[cell, 7])
            if not portable:
                table[cell, _LOST] += np.int64(sums[cell, 7])


@numba.njit(nogil=True)
def _leave(knows: Any, lots: Any, marks: Any, portable: Any, found: Any) -> None:
    stood, held = found
    for row in range(len(marks)):
        for lot in range(lots.shape[1]):
            stood[row] += lots[row, lot]
        held[row] = stood[row]
        if marks[row] > 0:
            is_new = marks[row] & NEW_PERSON > 0
            if is_new:
                knows[row] = 0
            if is_new or not portable:
                held[row] = 0
                for lot in range(lots.shape[1]):
                    lots[row, lot] = 0


def _columns(people: Persons) -> tuple[NDArray[Any], ...]:
    return (
        people.contract,
        people.level,
        people.age,
        people.hours,
        people.sector,
        people.firm_size,
        people.tenure,
        people.trained,
        people.hourly_wage,
    )


def _keys(seed: int, year: int, *streams: int) -> NDArray[np.uint64]:
    return np.array([key(seed, year, stream) for stream in streams], np.uint64)


def move(people: Persons, tables: MoveTables, *, seed: int, year: int, first: int) -> Small:
    """Do what `transitions.move` does."""
    marks = np.zeros(len(people), np.uint8)
    _move(_columns(people), tables, _keys(seed, year, MOVE, JOB, ENTRANT), first, marks)
    return marks


def persons(seed: int, first: int, last: int, using: Drawing) -> Persons:
    """Do what `population.persons` does."""
    count = last - first + 1
    small = np.zeros((8, count), np.uint8)
    wages = np.zeros(count, np.uint16)
    found = Persons(
        small[0], small[1], small[2], small[3], small[4], small[5], small[6], small[7], wages
    )
    cells = using.cells
    attributes = (
        cells.contract,
        cells.education,
        cells.age,
        cells.hours,
        cells.sector,
        cells.firm_size,
        cells.tenure,
    )
    tables = (
        cells.guide,
        cells.thresholds,
        np.column_stack(attributes).astype(np.int64),
        using.level_thresholds,
        using.untrained,
        using.wages,
        np.array(HOURS_IN_BAND, np.int64),
        np.array(YEARS_IN_TENURE, np.int64),
    )
    _persons(tables, _keys(seed, 0, POPULATION, DETAILS, WAGE), first, _columns(found))
    return found


def leave(
    knows: Small, lots: NDArray[np.int32], marks: Small, *, portable: bool
) -> tuple[Cents, Cents]:
    """Do what `yearly.Block` does with money when people move."""
    stood, held = np.zeros((2, len(marks)), np.int64)
    _leave(knows, lots, marks, portable, (stood, held))
    return stood, held


def learn(block: Block, done: Year, number: int, table: NDArray[np.int64]) -> None:
    """Do what `yearly.Block` does in a year once people were credited."""
    lapses_at = 0 if block.proposal.years_kept is None else _THE_OLDEST
    if done.ends:
        lapses_at = _ALL_OF_IT
    ends_at_age = block.proposal.ends_at_age or _NO_AGE
    keys, portable = _keys(block.seed, number, STEPS, AFTER), block.proposal.portable
    _learn(
        _columns(block.people),
        block.using.behaviour,
        (keys, block.first, lapses_at, ends_at_age, portable, table),
        (block.knows, block.lots, block.spent),
        (done.marks, done.stood, done.given),
    )
