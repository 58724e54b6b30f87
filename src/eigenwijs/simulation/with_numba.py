"""Drawing people and `transitions.move` for one person at a time, where numba is present.

The same whole numbers, bit for bit; a test holds the two together.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.hashing import FIRST_FACTOR, GAMMA, SECOND_FACTOR, key
from eigenwijs.simulation.marginals import AGES, CONTRACTS, EDUCATION_OF_LEVEL, LEVELS
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

_GAMMA, _FIRST, _SECOND = np.uint64(GAMMA), np.uint64(FIRST_FACTOR), np.uint64(SECOND_FACTOR)
EDUCATION = np.array(EDUCATION_OF_LEVEL, np.int64)
_SELF_EMPLOYED = UNEMPLOYED - 1
_CONTRACTS, _AGES = len(CONTRACTS), len(AGES)
_LEVELS, _HOURS = len(LEVELS), len(HOURS_IN_BAND)
in_place = numba.njit(inline="always")
"""A call that hands on an array counts references to it, which takes longer than what these do."""


@numba.njit
def draw(key: Any, person: Any) -> Any:
    """The 64 bits of a person, as `hashing.draws` has them."""
    number = key + person * _GAMMA
    number = (number ^ (number >> np.uint64(30))) * _FIRST
    number = (number ^ (number >> np.uint64(27))) * _SECOND
    return number ^ (number >> np.uint64(31))


@numba.njit(nogil=True)
def _draws(key: Any, first: Any, numbers: Any) -> None:
    for row in range(len(numbers)):
        numbers[row] = draw(key, np.uint64(first + row))


def draws(key: Any, first: int, count: int) -> NDArray[np.uint64]:
    """Do what `hashing.draws` does, in a loop of its own: a processor then does several people at once."""
    numbers = np.empty(count, np.uint64)
    _draws(key, first, numbers)
    return numbers


@numba.njit
def part(number: Any, place: int) -> Any:
    """The 16 bits at a place, as `hashing.part` has them."""
    return np.int64((number >> np.uint64(16 * place)) & np.uint64(0xFFFF))


@in_place
def _passed(number: Any, thresholds: Any) -> Any:
    count = 0
    for threshold in thresholds:  # all of them: a processor guesses no end of a loop
        count += number >= threshold
    return count


@numba.njit(nogil=True)
def _persons(tables: Any, cells: Any, keys: Any, first: Any, people: Any) -> None:
    guide, thresholds, levels, untrained, wages, hours_in_band, in_tenure = tables
    of_contract, of_education, of_age, of_hours, of_sector, of_firm_size, of_tenure = cells
    contract, level, age, hours, sector, firm_size, tenure, trained, wage = people
    for row in range(len(contract)):
        person = np.uint64(first + row)
        details, of_wage = draw(keys[1], person), draw(keys[2], person)
        chance = np.int64(draw(keys[0], person) >> np.uint64(16))
        cell = guide[chance >> 32]
        while chance >= thresholds[cell]:
            cell += 1
        kind = min(of_education[cell], 3)
        passed = 0
        for one in range(_LEVELS):
            passed += part(details, 0) >= levels[kind, one]
        level[row] = passed
        age[row] = YOUNGEST + 10 * of_age[cell] + part(details, 1) * 10 // 65536
        education = EDUCATION[passed]
        contract[row], sector[row], firm_size[row] = (
            of_contract[cell],
            of_sector[cell],
            of_firm_size[cell],
        )
        if of_contract[cell] < UNEMPLOYED:
            start, size = hours_in_band[of_hours[cell], 0], hours_in_band[of_hours[cell], 1]
            hours[row] = start + part(details, 2) * size // 65536
            start, size = in_tenure[of_tenure[cell], 0], in_tenure[of_tenure[cell], 1]
            worked = start + part(of_wage, 0) * size // 65536
            tenure[row] = min(worked, np.int64(age[row]) - YOUNGEST)
        trained[row] = part(details, 3) >= untrained[education]
        wage[row] = wages[education, of_age[cell], of_wage >> np.uint64(56)]


@in_place
def band_of(age: Any) -> Any:
    """The band of an age, as `population.AGE_BAND` has it; compared, as many compare at once and few look up."""
    band = 0
    for one in range(1, _AGES):
        band += age >= YOUNGEST + 10 * one
    return band


@numba.njit(nogil=True)
def _movers(people: Any, stays: Any, changes_employer: Any, chances: Any, moves: Any) -> None:
    """Write down for whom more changes than their age."""
    contract, age, tenure = people
    stays_from, stays_below = stays
    short, long = changes_employer
    for row in range(len(moves)):
        moved, before = chances[row], np.int32(contract[row])
        place = np.int64(band_of(age[row]) * _CONTRACTS + before)
        chance, other = np.int32(part(moved, 0)), np.int32(part(moved, 1))
        moves[row] = (
            (chance < stays_from[place])
            | (chance >= stays_below[place])
            | ((before < _SELF_EMPLOYED) & (other < (long if tenure[row] >= 2 else short)))
            | (age[row] >= END_AGE - 1)
        )


@numba.njit(nogil=True)
def _move(people: Any, movers: Any, tables: Any, draws_from: Any, marks: Any) -> None:
    """Give those for whom more changes another contract or employer, or put a new person in their place."""
    contract, level, age, hours, sector, firm_size, tenure, trained, wage = people
    chances, keys, first = draws_from
    for row in movers:
        person = np.uint64(first + row)
        moved = chances[row]
        before, band = np.int64(contract[row]), band_of(age[row] - 1)
        is_new = age[row] >= END_AGE
        after = np.int64(0)
        for one in range(_CONTRACTS):
            after += part(moved, 0) >= tables.contract[band, before, one]
        if is_new:
            after = np.int64(OUTSIDE)
        same_job = (before != after) & (before < UNEMPLOYED) & (after < UNEMPLOYED)
        same_job &= part(moved, 1) < tables.same_employer[before, after]
        if after >= UNEMPLOYED:
            sector[row] = NO_SECTOR
            firm_size[row] = NO_FIRM
            hours[row] = 0
        elif not same_job:
            job = draw(keys[0], person)
            worked = sector[row] != NO_SECTOR
            if not (worked and part(job, 0) < tables.keeps[0]):
                sector[row] = _passed(part(job, 1), tables.sector)
            firm_size[row] = _passed(part(job, 2), tables.firm_size)
            if not (worked and part(moved, 2) < tables.keeps[1]):
                at = 0
                for one in range(_HOURS):
                    at += part(job, 3) >= tables.hours[after, one]
                start, size = tables.hours_in_band[at, 0], tables.hours_in_band[at, 1]
                hours[row] = start + part(moved, 3) * size // 65536
        if not same_job:
            tenure[row] = 0
            marks[row] = JOB_ENDED if before < UNEMPLOYED else 0
        contract[row] = after
        if is_new:
            marks[row] += NEW_PERSON
            entrant = draw(keys[1], person)
            age[row] = YOUNGEST
            level[row] = _passed(part(entrant, 0), tables.level)
            education = tables.education[level[row]]
            trained[row] = 1 if part(entrant, 1) >= tables.untrained[education] else 0
            wage[row] = tables.wages[education, 0, part(entrant, 2) >> 8]


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


def keys_of(seed: int, year: int, *streams: int) -> NDArray[np.uint64]:
    """Return the keys of streams of chance in a year."""
    return np.array([key(seed, year, stream) for stream in streams], np.uint64)


def move(people: Persons, tables: MoveTables, *, seed: int, year: int, first: int) -> Small:
    """Do what `transitions.move` does."""
    keys, moves = keys_of(seed, year, MOVE, JOB, ENTRANT), np.empty(len(people), np.bool_)
    chances = draws(keys[0], first, len(people))
    stays_below = np.diagonal(tables.contract, axis1=1, axis2=2).astype(np.int32)
    stays_from = np.zeros_like(stays_below)
    stays_from[:, 1:] = np.diagonal(tables.contract, -1, axis1=1, axis2=2)
    short, long = tables.changes_employer.astype(np.int32)
    _movers(
        (people.contract, people.age, people.tenure),
        (stays_from.ravel(), stays_below.ravel()),
        (short, long),
        chances,
        moves,
    )
    people.age += 1
    np.minimum(people.tenure + 1, 60, out=people.tenure)
    people.tenure *= people.contract < UNEMPLOYED
    marks = np.zeros(len(people), np.uint8)
    movers = np.flatnonzero(moves)
    _move(_columns(people), movers, tables, (chances, keys[1:], first), marks)
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
    of_cells = (
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
        using.level_thresholds,
        using.untrained,
        using.wages,
        np.array(HOURS_IN_BAND, np.int64),
        np.array(YEARS_IN_TENURE, np.int64),
    )
    _persons(tables, of_cells, keys_of(seed, 0, POPULATION, DETAILS, WAGE), first, _columns(found))
    return found
