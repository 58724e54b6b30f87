"""Drawing people and `transitions.move` for one person at a time, where numba is present.

The same whole numbers, bit for bit; a test holds the two together. A processor that guesses an answer wrong loses
more time than all that either answer asks, so loops have no branch where both answers are common.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.hashing import FIRST_FACTOR, GAMMA, SECOND_FACTOR, key
from eigenwijs.simulation.marginals import (
    AGES,
    CONTRACTS,
    EDUCATION_OF_LEVEL,
    LEVELS,
)
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
from eigenwijs.simulation.transitions import (
    CERTAIN,
    ENTRANT,
    JOB,
    JOB_ENDED,
    MOVE,
    NEW_PERSON,
    MoveTables,
)

if TYPE_CHECKING:
    from eigenwijs.simulation.kinds import ByKind
    from eigenwijs.simulation.lives import Chances

_GAMMA, _FIRST, _SECOND = np.uint64(GAMMA), np.uint64(FIRST_FACTOR), np.uint64(SECOND_FACTOR)
EDUCATION = np.array(EDUCATION_OF_LEVEL, np.int64)
_SELF_EMPLOYED = UNEMPLOYED - 1
_CONTRACTS, _AGES = len(CONTRACTS), len(AGES)
_LEVELS, _HOURS = len(LEVELS), len(HOURS_IN_BAND)
_LAST_YEAR = 2 * _AGES * _CONTRACTS
"""The place, among those of ages, contracts and tenures, of who ages out."""
_LOW, _STAY = np.uint64(0xFFFF), np.uint64(0x1FFFF)
_PART, _BELOW, _CHANGES = np.uint64(16), np.uint64(17), np.uint64(34)
_OFTEN = 2
"""So many cells more than the guide's first are enough for nearly everybody."""

in_place = numba.njit(inline="always")
"""A call that hands on an array counts references to it, which takes longer than what these do."""

Whole = NDArray[np.int32]


class DrawingColumns(NamedTuple):
    """`Drawing` as the loop over people reads it: all of a cell side by side."""

    guide: Whole
    thresholds: NDArray[np.int64]
    cells: Small
    levels: Whole
    untrained: Whole
    wages: NDArray[np.uint16]
    hours: Whole
    tenure: Whole


class MoveColumns(NamedTuple):
    """`MoveTables` as the loops over people read it, mostly in 32 bits: a processor does twice as many at once."""

    stays: NDArray[np.uint64]
    """By age band, contract and tenure, from and below what draw a contract stays, and below what an employee
    changes jobs: 17 bits each, as 65,536 is one of them."""
    contract: Whole
    same_employer: Whole
    sector_of: Small
    """For each of 65,536 draws."""
    firm_size_of: Small
    hours: Whole
    first_hour: Whole
    hours_in_band: Whole
    keeps: Whole
    level: Whole
    education: Whole
    untrained: Whole
    wages: NDArray[np.uint16]


@lru_cache(maxsize=2)
def columns_of(using: Chances) -> tuple[DrawingColumns, MoveColumns]:
    """Return chances as the loops here read them."""
    return _drawing_columns(using.drawing), _move_columns(using.moves)


def _drawing_columns(using: Drawing) -> DrawingColumns:
    cells = using.cells
    parts = (
        np.minimum(cells.education, 3),
        cells.contract,
        cells.age,
        cells.hours,
        cells.sector,
        cells.firm_size,
        cells.tenure,
        np.zeros_like(cells.tenure),  # eight bytes never lie across two lines of memory
    )
    return DrawingColumns(
        using.cells.guide.astype(np.int32),
        using.cells.thresholds,
        np.ascontiguousarray(np.stack(parts, axis=1)),
        using.level_thresholds.astype(np.int32),
        using.untrained.astype(np.int32),
        using.wages,
        np.array(HOURS_IN_BAND, np.int32),
        np.array(YEARS_IN_TENURE, np.int32),
    )


def _move_columns(tables: MoveTables) -> MoveColumns:
    below = np.diagonal(tables.contract, axis1=1, axis2=2)
    start = np.zeros_like(below)
    start[:, 1:] = np.diagonal(tables.contract, -1, axis1=1, axis2=2)
    changes = np.zeros((_AGES, _CONTRACTS, 2), np.int64)
    changes[:, :_SELF_EMPLOYED] = tables.changes_employer
    stays = (start | below << int(_BELOW))[..., None] | changes << int(_CHANGES)
    hours = np.full((_CONTRACTS, _HOURS), CERTAIN)
    hours[:UNEMPLOYED] = tables.hours
    first_hour, hours_in_band = tables.hours_in_band.astype(np.int32).T.copy()
    every = np.arange(CERTAIN)
    return MoveColumns(
        np.append(stays, CERTAIN).astype(np.uint64),  # who ages out never stays
        tables.contract.reshape(-1, _CONTRACTS).astype(np.int32),
        tables.same_employer.astype(np.int32),
        np.searchsorted(tables.sector, every, side="right").astype(np.uint8),
        np.searchsorted(tables.firm_size, every, side="right").astype(np.uint8),
        hours.astype(np.int32),
        first_hour,
        hours_in_band,
        tables.keeps.astype(np.int32),
        tables.level[None].astype(np.int32),
        tables.education.astype(np.int32),
        tables.untrained.astype(np.int32),
        tables.wages,
    )


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


@numba.njit(nogil=True)
def _kinds(columns: Any, sizes: Any, kinds: Any) -> None:
    for row in range(len(kinds)):
        kind = np.uint16(0)
        for one in range(len(columns)):
            kind = np.uint16(kind * sizes[one] + columns[one][row])
        kinds[row] = kind


@numba.njit(nogil=True)
def _look_up(given: Any, kinds: Any, found: Any) -> None:
    for row in range(len(kinds)):
        found[row] = given[kinds[row]]


@numba.njit(nogil=True)
def _look_up_room(given: Any, most: Any, kinds: Any, balance: Any, found: Any) -> None:
    for row in range(len(kinds)):
        room = most[kinds[row]] - balance[row]
        found[row] = min(given[kinds[row]], room * (room > 0))


def of_kinds(by_kind: ByKind, people: Persons, balance: NDArray[Any]) -> NDArray[Any]:
    """Do what `ByKind.of` does. Kinds are numbered in a loop of their own: a processor does many at once."""
    columns = tuple(getattr(people, name) for name in by_kind.columns)
    kinds = np.empty(len(people), np.uint16)
    _kinds(columns, np.array(by_kind.shape, np.uint16), kinds)
    found = np.empty(len(people), by_kind.given.dtype)
    if by_kind.most is None:
        _look_up(by_kind.given, kinds, found)
    else:
        _look_up_room(by_kind.given, by_kind.most, kinds, balance, found)
    return found


@in_place
def _passed(number: Any, thresholds: Any, row: Any, count: Any) -> Any:
    found = 0
    for one in range(count):  # all of them: a processor guesses no end of a loop
        found += np.int32(number) >= thresholds[row, one]
    return found


@numba.njit(nogil=True)
def _cells(guide: Any, thresholds: Any, chances: Any, cells: Any) -> None:
    """Write down the cell of each person, by itself: a short loop waits for memory for many people at once."""
    for row in range(len(cells)):
        chance = np.int64(chances[row] >> _PART)
        cell = np.uint64(guide[chance >> 32])
        for _often in range(_OFTEN):
            cell += np.uint64(chance >= thresholds[cell])
        while chance >= thresholds[cell]:
            cell += np.uint64(1)
        cells[row] = cell


@numba.njit(nogil=True)
def _persons(using: Any, cells: Any, drawn: Any, people: Any) -> None:
    details, of_wage = drawn
    contract, level, age, hours, sector, firm_size, tenure, trained, wage = people
    for row in range(len(cells)):
        cell, detail, other = cells[row], details[row], of_wage[row]
        of_contract, of_age = using.cells[cell, 1], using.cells[cell, 2]
        of_hours, of_tenure = using.cells[cell, 3], using.cells[cell, 6]
        passed = 0
        for one in range(_LEVELS - 1):  # nobody passes the last
            passed += np.int32(part(detail, 0)) >= using.levels[using.cells[cell, 0], one]
        education = EDUCATION[passed]
        years = 10 * of_age + (part(detail, 1) * 10 >> 16)
        has_job = of_contract < UNEMPLOYED
        at_work = using.hours[of_hours, 0] + (part(detail, 2) * using.hours[of_hours, 1] >> 16)
        worked = using.tenure[of_tenure, 0] + (part(other, 0) * using.tenure[of_tenure, 1] >> 16)
        contract[row], level[row], age[row] = of_contract, passed, YOUNGEST + years
        sector[row], firm_size[row] = using.cells[cell, 4], using.cells[cell, 5]
        hours[row], tenure[row] = has_job * at_work, has_job * min(worked, years)
        trained[row] = part(detail, 3) >= using.untrained[education]
        wage[row] = using.wages[education, of_age, other >> np.uint64(56)]


@in_place
def band_of(age: Any) -> Any:
    """The band of an age, as `population.AGE_BAND` has it; compared, as many compare at once and few look up."""
    band = 0
    for one in range(1, _AGES):
        band += age >= YOUNGEST + 10 * one
    return band


@numba.njit(nogil=True)
def _places(contract: Any, age: Any, tenure: Any, places: Any) -> None:
    """Write down where everybody's chances to stay stand."""
    for row in range(len(places)):
        place = 2 * (band_of(age[row]) * _CONTRACTS + contract[row]) + (tenure[row] >= 2)
        places[row] = np.uint8(_LAST_YEAR if age[row] >= END_AGE - 1 else place)


@numba.njit(nogil=True)
def _grow(contract: Any, tenure: Any) -> None:
    """Give everybody with a job a year more in it."""
    for row in range(len(tenure)):
        tenure[row] = min(tenure[row] + 1, 60) * (contract[row] < UNEMPLOYED)


@numba.njit(nogil=True)
def _movers(places: Any, chances: Any, stays: Any, movers: Any) -> Any:
    """Write down for whom more changes than their age; return how many they are.

    Everybody is written down, and most are written over: so there is nothing to guess.
    """
    count = 0
    for row in range(len(places)):
        told, chance, other = stays[places[row]], chances[row] & _LOW, chances[row] >> _PART & _LOW
        movers[count] = row
        count += (
            (chance < (told & _STAY))
            | (chance >= (told >> _BELOW & _STAY))
            | (other < told >> _CHANGES)
        )
    return count


@in_place
def _one_of(first: Any, second: Any, third: Any, number: Any) -> Any:
    """Return one of three small numbers. Compilers make a branch of `if`, and of this they cannot."""
    three = np.uint64(first) | np.uint64(second) << _PART | np.uint64(third) << np.uint64(32)
    return (three >> np.uint64(16 * number)) & _LOW


@numba.njit(nogil=True)
def _move(people: Any, movers: Any, using: Any, draws_from: Any, marks: Any) -> None:
    """Give those for whom more changes another contract or employer, or put a new person in their place."""
    contract, level, age, hours, sector, firm_size, tenure, trained, wage = people
    chances, keys, first = draws_from
    for row in movers:
        moved, job = chances[row], draw(keys[0], first + np.uint64(row))
        before, is_new = np.uint64(contract[row]), age[row] >= END_AGE
        place = np.uint64(band_of(age[row] - 1) * _CONTRACTS) + before
        after = np.uint64(0)
        for one in range(_CONTRACTS - 1):  # nobody passes the last
            after += np.uint64(np.int32(moved & _LOW) >= using.contract[place, one])
        after = np.uint64(OUTSIDE) if is_new else after
        worked, works = before < UNEMPLOYED, after < UNEMPLOYED
        same_job = (before != after) & worked & works
        same_job &= part(moved, 1) < using.same_employer[before, after]
        had_job, idle = sector[row] != NO_SECTOR, 2 * (not works)
        keeps = same_job | (had_job & (part(job, 0) < using.keeps[0]))
        drawn = using.sector_of[part(job, 1)]
        sector[row] = _one_of(drawn, sector[row], NO_SECTOR, idle | (keeps & works))
        drawn = using.firm_size_of[part(job, 2)]
        firm_size[row] = _one_of(drawn, firm_size[row], NO_FIRM, idle | (same_job & works))
        band = np.uint64(0)
        for one in range(_HOURS - 1):
            band += np.uint64(np.int32(job >> np.uint64(48)) >= using.hours[after, one])
        a_week = using.first_hour[band] + (part(moved, 3) * using.hours_in_band[band] >> 16)
        keeps = same_job | (had_job & (part(moved, 2) < using.keeps[1]))
        hours[row] = _one_of(a_week, hours[row], 0, idle | (keeps & works))
        tenure[row] = _one_of(0, tenure[row], 0, np.int64(same_job))
        marks[row] = JOB_ENDED * (worked & (not same_job))
        contract[row] = after
        if is_new:
            marks[row] += NEW_PERSON
            entrant = draw(keys[1], first + np.uint64(row))
            age[row] = YOUNGEST
            level[row] = _passed(part(entrant, 0), using.level, 0, _LEVELS)
            education = using.education[level[row]]
            trained[row] = part(entrant, 1) >= using.untrained[education]
            wage[row] = using.wages[education, 0, part(entrant, 2) >> 8]


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


def move(people: Persons, using: MoveColumns, *, seed: int, year: int, first: int) -> Small:
    """Do what `transitions.move` does."""
    keys, count = keys_of(seed, year, MOVE, JOB, ENTRANT), len(people)
    chances = draws(keys[0], first, count)
    places, movers = np.empty(count, np.uint8), np.empty(count, np.uint32)
    _places(people.contract, people.age, people.tenure, places)
    movers = movers[: _movers(places, chances, using.stays, movers)]
    people.age += 1
    _grow(people.contract, people.tenure)
    marks = np.zeros(count, np.uint8)
    _move(_columns(people), movers, using, (chances, keys[1:], np.uint64(first)), marks)
    return marks


def persons(seed: int, first: int, last: int, using: DrawingColumns) -> Persons:
    """Do what `population.persons` does."""
    count = last - first + 1
    small = np.empty((8, count), np.uint8)
    found = Persons(
        small[0],
        small[1],
        small[2],
        small[3],
        small[4],
        small[5],
        small[6],
        small[7],
        np.empty(count, np.uint16),
    )
    chances, *drawn = (
        draws(one, first, count) for one in keys_of(seed, 0, POPULATION, DETAILS, WAGE)
    )
    cells = np.empty(count, np.uint32)
    _cells(using.guide, using.thresholds, chances, cells)
    _persons(using, cells, tuple(drawn), _columns(found))
    return found
