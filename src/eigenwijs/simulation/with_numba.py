"""The steps of `transitions.move` and of a year's learning for one person at a time, where numba is present.

The same whole numbers, bit for bit; a test holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.behaviour import AFTER, STEPS
from eigenwijs.simulation.hashing import FIRST_FACTOR, GAMMA, SECOND_FACTOR, key
from eigenwijs.simulation.marginals import EDUCATION_OF_LEVEL
from eigenwijs.simulation.population import (
    END_AGE,
    NO_FIRM,
    NO_SECTOR,
    OUTSIDE,
    UNEMPLOYED,
    YOUNGEST,
    Persons,
    Small,
)
from eigenwijs.simulation.transitions import ENTRANT, JOB, JOB_ENDED, MOVE, NEW_PERSON, MoveTables
from eigenwijs.simulation.types import SHAPE

Cents = NDArray[np.int64]

if TYPE_CHECKING:
    from eigenwijs.simulation.yearly import Block, Year

_GAMMA, _FIRST, _SECOND = np.uint64(GAMMA), np.uint64(FIRST_FACTOR), np.uint64(SECOND_FACTOR)
_EDUCATION = np.array(EDUCATION_OF_LEVEL, np.int64)
_SELF_EMPLOYED = UNEMPLOYED - 1
_EDUCATIONS, _AGES, _SECTORS, _FIRMS = SHAPE[1:]
_THE_OLDEST, _ALL_OF_IT = 1, 2
_NO_AGE = 255


@numba.njit
def _draw(key: Any, person: Any) -> Any:
    number = key + person * _GAMMA
    number = (number ^ (number >> np.uint64(30))) * _FIRST
    number = (number ^ (number >> np.uint64(27))) * _SECOND
    return number ^ (number >> np.uint64(31))


@numba.njit
def _part(number: Any, place: int) -> Any:
    return np.int64((number >> np.uint64(16 * place)) & np.uint64(0xFFFF))


@numba.njit
def _passed(number: Any, thresholds: Any) -> Any:
    count = 0
    while count < len(thresholds) and number >= thresholds[count]:
        count += 1
    return count


@numba.njit(nogil=True)
def _move(people: Any, tables: Any, keys: Any, first: Any, marks: Any) -> None:
    contract, level, age, hours, sector, firm_size, tenure, trained, wage = people
    for row in range(len(contract)):
        person = np.uint64(first + row)
        moved = _draw(keys[0], person)
        before = np.int64(contract[row])
        is_new = age[row] >= END_AGE - 1
        band = tables.age_band[age[row]]
        after = np.int64(_passed(_part(moved, 0), tables.contract[band, before]))
        if is_new:
            after = np.int64(OUTSIDE)
        same_job = False
        if before < UNEMPLOYED and after < UNEMPLOYED:
            chance = _part(moved, 1)
            if before == after:
                longer = 1 if tenure[row] >= 2 else 0
                same_job = before == _SELF_EMPLOYED or chance >= tables.changes_employer[longer]
            else:
                same_job = chance < tables.same_employer[before, after]
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
                at = _passed(_part(job, 3), tables.hours[after])
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


@numba.njit
def _gets(knows: Any, row: int, chance: Any, stages: Any) -> Any:
    """Whether somebody gets a place; who hears of the account knows it from now on."""
    if _part(chance, 0) < stages[0]:
        knows[row] = 1
    return (
        knows[row] == 1
        and _part(chance, 1) < stages[1]
        and _part(chance, 2) < stages[2]
        and _part(chance, 3) < stages[3]
    )


@numba.njit
def _pay(lots: Any, row: int, paid: Any) -> None:
    left = paid
    for lot in range(lots.shape[1] - 1, -1, -1):
        taken = min(left, np.int64(lots[row, lot]))
        lots[row, lot] -= taken
        left -= taken


@numba.njit
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
    keys, first, lapses_at, ends_at_age, table = run
    knows, lots, spent = state
    marks, leaves, loses, lapses, given = done
    for row in range(len(contract)):
        education, band = _EDUCATION[level[row]], tables.age_band[age[row]]
        balance = np.int64(0)
        for lot in range(lots.shape[1]):
            balance += lots[row, lot]
        money = _passed(balance, tables.balance_from)
        was_trained = trained[row]
        price, paid = np.int64(0), np.int64(0)
        completes, would_anyway = False, False
        if money > 0:
            person = np.uint64(first + row)
            stages = tables.stages[was_trained, band, education, contract[row], money]
            if _gets(knows, row, _draw(keys[0], person), stages):
                after = _draw(keys[1], person)
                price = tables.prices[_part(after, 2) >> 8]
                paid = min(price, balance)
                spent[row] += paid
                _pay(lots, row, paid)
                completes = _part(after, 0) < stages[4]
                would_anyway = _part(after, 1) < tables.would_anyway[was_trained]
        if completes:
            trained[row] = 1
        lapsed = _lapse(lots, row, _ALL_OF_IT if age[row] >= ends_at_age else lapses_at)
        cell = (np.int64(contract[row]) * _EDUCATIONS + education) * _AGES + band
        sums = table[(cell * _SECTORS + sector[row]) * _FIRMS + firm_size[row]]
        sums[0] += 1  # in the order of `types.MEASURES`
        sums[1] += given[row]
        sums[2] += paid
        sums[3] += lapses[row] + lapsed
        sums[4] += loses[row]
        sums[5] += balance - paid - lapsed
        sums[6] += given[row] > 0
        sums[7] += price > 0
        sums[8] += completes
        sums[9] += would_anyway
        sums[10] += was_trained == 0
        sums[11] += was_trained == 0 and price > 0
        sums[12] += balance >= tables.median_price[0]
        sums[13] += price > 0 and paid == price
        sums[14] += marks[row] & JOB_ENDED
        sums[15] += leaves[row]
        sums[16] += lapses[row]


@numba.njit(nogil=True)
def _leave(knows: Any, lots: Any, marks: Any, portable: Any, found: Any) -> None:
    for row in range(len(marks)):
        held = np.int64(0)
        for lot in range(lots.shape[1]):
            held += lots[row, lot]
        found[0, row] = held
        mark = marks[row]
        if mark == 0:
            continue
        is_new = mark & NEW_PERSON > 0
        if not is_new:
            found[1, row] = held
        if is_new:
            knows[row] = 0
            found[3, row] = held
        elif not portable:
            found[2, row] = held
        if is_new or not portable:
            found[0, row] = 0
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


def leave(
    knows: Small, lots: NDArray[np.int32], marks: Small, *, portable: bool
) -> tuple[Cents, Cents, Cents, Cents]:
    """Do what `yearly.Block` does with money when people move."""
    found = np.zeros((4, len(marks)), np.int64)
    _leave(knows, lots, marks, portable, found)
    balance, leaves, loses, lapses = found
    return balance, leaves, loses, lapses


def learn(block: Block, done: Year, number: int, table: NDArray[np.int64]) -> None:
    """Do what `yearly.Block` does in a year once people were credited."""
    lapses_at = 0 if block.proposal.years_kept is None else _THE_OLDEST
    if done.ends:
        lapses_at = _ALL_OF_IT
    ends_at_age = block.proposal.ends_at_age or _NO_AGE
    _learn(
        _columns(block.people),
        block.using.behaviour,
        (_keys(block.seed, number, STEPS, AFTER), block.first, lapses_at, ends_at_age, table),
        (block.knows, block.lots, block.spent),
        (done.marks, done.leaves, done.loses, done.lapses, done.given),
    )
