"""Who gets nothing from a scheme, and who less than their share: one year, one answer at once.

Nobody moves, learns or spends here; that is what `yearly` is for. So it is quick enough for a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.kinds import Whole
from eigenwijs.simulation.marginals import (
    AGES,
    CONTRACTS,
    EDUCATIONS,
    FIRM_SIZES,
    HOURS,
    SECTORS,
    fitted,
)
from eigenwijs.simulation.population import AGE_BAND, Persons, persons
from eigenwijs.simulation.proposals import EMPLOYEES, SchemeProposal
from eigenwijs.simulation.types import FirstYear, GroupShare, Workforce
from eigenwijs.simulation.workforce import only_these

DRAWN = 400_000
MOST_PEOPLE = 20_000
FEWEST = 100
"""A group with fewer people in the sample is not told of."""
SEED = 1
HOURS_FROM = (12, 20, 35)
PRIORITY = frozenset(
    {
        ("contract", "fixed_term"),
        ("contract", "on_call"),
        ("contract", "agency"),
        ("education", "low"),
        ("hours", "0-12"),
        ("hours", "12-20"),
        ("age", "15-25"),
        ("age", "55-65"),
        ("firm_size", "1-10"),
    }
)
"""Groups that learn less, or have less to learn with, than others: a scheme should not add to that.

The list is ours; the Council recommendation on individual learning accounts of 16 June 2022 (2022/C 243/03,
paragraph 6) asks for more for those in greater need, and names no list.
"""
MOST_SHUT_OUT = 0.95
"""From this share with nothing on, a group is shut out: what is left are the exceptions."""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What another text changes for one group of employees in a year.

    `more` and `less` are the shares (0 to 1) of the group that get more and less than before, `mean` is by how
    many cents its mean amount rises.
    """

    grouping: str
    value: str
    is_priority: bool
    more: float
    less: float
    mean: float


def first_year(
    text: str, year: int, sector: str | None = None, workforce: Workforce | None = None
) -> FirstYear:
    """Return what a text gives synthetic employees, of one sector or all, in a calendar year.

    With a `workforce` they are like the people of that table, whatever the `sector`. Raises FaultyScheme,
    UnableToSimulate (fact_unknown, not_in_force), or ValueError for no such sector.
    """
    if sector is not None and sector not in SECTORS:
        raise ValueError(f"no sector {sector}")
    return _first_year(text, year, None if workforce else sector, workforce)


def first_year_change(
    text: str, before: str, year: int, sector: str | None = None, workforce: Workforce | None = None
) -> tuple[GroupChange, ...]:
    """Return who of the same people gets more and who less than under the text before: all of them, then by group.

    The grouping of all is empty. Raises what `first_year` does.
    """
    asked = (year, None if workforce else sector, workforce)
    people = _own(workforce) if workforce else _employees(asked[1])
    change = _given(text, *asked).astype(np.int64) - _given(before, *asked)
    return (
        _changed("", "", change),
        *(_changed(grouping, name, change[mine]) for grouping, name, mine in _groups(people)),
    )


def _changed(grouping: str, name: str, change: NDArray[np.int64]) -> GroupChange:
    return GroupChange(
        grouping,
        name,
        (grouping, name) in PRIORITY,
        more=float((change > 0).mean()),
        less=float((change < 0).mean()),
        mean=float(change.mean()),
    )


@lru_cache(maxsize=16)
def _given(text: str, year: int, sector: str | None, workforce: Workforce | None) -> Whole:
    """Return what each person of the sample gets in the year, in cents."""
    proposal = SchemeProposal(text)
    proposal.prepare(year)
    people = _own(workforce) if workforce else _employees(sector)
    nothing = np.zeros(len(people), np.int64)
    return proposal.credit(people, nothing, proposal.start(len(people)), year, "numpy")


@lru_cache(maxsize=128)
def _first_year(text: str, year: int, sector: str | None, workforce: Workforce | None) -> FirstYear:
    people = _own(workforce) if workforce else _employees(sector)
    given = _given(text, year, sector, workforce)
    groups = [
        _share(grouping, name, given[mine], given) for grouping, name, mine in _groups(people)
    ]
    return FirstYear(
        people=len(people),
        stands_for=workforce.people if workforce else _employed(sector),
        mean=float(given.mean()),
        nothing=float((given == 0).mean()),
        groups=tuple(groups),
    )


def _share(grouping: str, name: str, mine: Whole, given: Whole) -> GroupShare:
    nothing = float((mine == 0).mean())
    total = given.sum()
    return GroupShare(
        grouping=grouping,
        value=name,
        of_people=len(mine) / len(given),
        of_money=float(mine.sum() / total) if total else 0.0,
        nothing=nothing,
        mean=float(mine.mean()),
        is_priority=(grouping, name) in PRIORITY,
        is_shut_out=nothing >= MOST_SHUT_OUT,
    )


def _groups(people: Persons) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield each group of enough people: its grouping, its name and who is in it."""
    for grouping, names, places in _groupings(people):
        for place, name in enumerate(names):
            mine = places == place
            if mine.sum() >= FEWEST:
                yield grouping, name, mine


def _groupings(
    people: Persons,
) -> list[tuple[str, tuple[str, ...], NDArray[np.int64]]]:
    hours = np.searchsorted(np.array(HOURS_FROM), people.hours, side="right")
    return [
        ("contract", CONTRACTS[:EMPLOYEES], people.contract.astype(np.int64)),
        ("hours", HOURS, hours),
        ("education", EDUCATIONS, people.education.astype(np.int64)),
        ("age", AGES, AGE_BAND[people.age].astype(np.int64)),
        ("firm_size", FIRM_SIZES, people.firm_size.astype(np.int64)),
    ]


@lru_cache(maxsize=len(SECTORS) + 1)
def _employees(sector: str | None) -> Persons:
    """Return the first synthetic employees, of a sector or all: always the same ones."""
    drawn = persons(SEED, 0, DRAWN - 1)
    chosen = drawn.contract < EMPLOYEES
    if sector is not None:
        chosen &= drawn.sector == SECTORS.index(sector)
    return drawn.rows(np.flatnonzero(chosen)[:MOST_PEOPLE])


@lru_cache(maxsize=8)
def _own(workforce: Workforce) -> Persons:
    """Return synthetic employees like those of a table: always the same ones."""
    return persons(SEED, 0, MOST_PEOPLE - 1, only_these(workforce))


def _employed(sector: str | None) -> int:
    """Return how many employees there are, of a sector or all."""
    employees = fitted().table[:EMPLOYEES]
    of_sector = employees if sector is None else employees[..., SECTORS.index(sector), :, :]
    return round(float(of_sector.sum()) * 1000)
