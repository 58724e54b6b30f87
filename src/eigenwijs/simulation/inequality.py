"""How unequal what a proposal gives is, over people and between groups that were named before anyone looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation import measures
from eigenwijs.simulation.measures import UnableToMeasure
from eigenwijs.simulation.proposals import EMPLOYEES
from eigenwijs.simulation.types import GROUPINGS, GroupMeasure, Totals

T = TypeVar("T")

COMPARED = (
    ("education", "low", "high"),
    ("contract", "fixed_term", "permanent"),
    ("contract", "on_call", "permanent"),
    ("contract", "agency", "permanent"),
)
"""Groups that are set beside each other: the first, and what it is compared with."""
LOWEST_WAGES = (20, 40, 60, 80)
"""Percents of people, from the lowest wage up, of whom the share of the money is told."""
KOLM_AVERSION = 0.01
"""By euro a year; the words beside Kolm's measure say it too."""
CENTS = 100


def of_people(totals: Totals) -> dict[str, float | None]:
    """Return measures over who was an employee at the start, by name; money is what all years gave.

    Kolm's is in cents a year. Erreygers' and Wagstaff's are of having learnt with the money at all, by wage at
    the start.
    """
    employees = totals.contract < EMPLOYEES
    credited, wages = totals.credited[employees], totals.yearly_wage[employees].astype(np.int64)
    has_learnt = totals.spent[employees] > 0
    years = len(totals.sums)
    taken: dict[str, Callable[[], float]] = {
        "share_of_zeros": lambda: measures.share_of_zeros(credited),
        "gini": lambda: measures.gini(credited),
        "theil": lambda: measures.theil(credited),
        "kolm": lambda: measures.kolm(credited / years, aversion=KOLM_AVERSION / CENTS),
        "concentration_index": lambda: measures.concentration_index(credited, ranked_by=wages),
        "kakwani": lambda: measures.kakwani(credited, income=wages),
        "erreygers": lambda: measures.erreygers(has_learnt, ranked_by=wages),
        "wagstaff": lambda: measures.wagstaff(has_learnt, ranked_by=wages),
    }
    return {name: _measured(measure) for name, measure in taken.items()}


def of_groups(totals: Totals) -> tuple[GroupMeasure, ...]:
    """Return measures between groups of employees.

    Take-up and amounts are means of a year, of who is an employee in it; `absolute_gap` is in cents. Theil's and
    the curve are of what all years gave, by contract and wage at the start.
    """
    in_year = replace(totals, sums=totals.sums[:, :EMPLOYEES])
    opportunity = (
        GroupMeasure("opportunity_index", grouping, figure=_opportunity(in_year, grouping))
        for grouping in GROUPINGS
    )
    return (*_pairs(in_year), *opportunity, *_theil(totals), *_curve(totals))


def _pairs(employees: Totals) -> Iterator[GroupMeasure]:
    for grouping, value, other in COMPARED:
        for name, figure in _pair(employees, grouping, value, other).items():
            yield GroupMeasure(name, grouping, value, other, figure)


def _pair(employees: Totals, grouping: str, value: str, other: str) -> dict[str, float | None]:
    used, place, people = _users(employees, grouping)
    credited = np.tile(_means(employees, grouping), 2)
    group = place == GROUPINGS[grouping].index(value)
    compared = place == GROUPINGS[grouping].index(other)
    taken: tuple[tuple[Callable[..., float], NDArray[Any]], ...] = (
        (measures.take_up_ratio, used),
        (measures.take_up_gap, used),
        (measures.absolute_gap, credited),
    )
    return {
        measure.__name__: _measured(
            partial(measure, values, group=group, compared_with=compared, weights=people)
        )
        for measure, values in taken
    }


def _users(
    employees: Totals, grouping: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return used or not, the place of a group and how many of it, for who used it and then who did not."""
    persons = employees.of("persons", grouping).sum(0)
    users = employees.of("takes_up", grouping).sum(0)
    used = np.repeat([1, 0], len(persons))
    return used, np.tile(np.arange(len(persons)), 2), np.concatenate([users, persons - users])


def _means(employees: Totals, grouping: str) -> NDArray[np.float64]:
    persons = employees.of("persons", grouping).sum(0)
    credited = employees.of("credited", grouping).sum(0)
    means: NDArray[np.float64] = credited / np.maximum(persons, 1)  # nobody was credited nothing
    return means


def _opportunity(employees: Totals, grouping: str) -> float | None:
    used, groups, people = _users(employees, grouping)
    return _measured(lambda: measures.opportunity_index(used, groups=groups, weights=people))


def _theil(totals: Totals) -> Iterator[GroupMeasure]:
    employees = totals.contract < EMPLOYEES
    credited, contracts = totals.credited[employees], totals.contract[employees]
    found = _measured(lambda: measures.theil_by_group(credited, groups=contracts))
    for part in ("between", "within"):
        figure = getattr(found, part) if found else None
        yield GroupMeasure("theil_by_group", "contract", part, figure=figure)


def _curve(totals: Totals) -> Iterator[GroupMeasure]:
    employees = totals.contract < EMPLOYEES
    credited, wages = totals.credited[employees], totals.yearly_wage[employees].astype(np.int64)
    found = _measured(lambda: measures.concentration_curve(credited, ranked_by=wages))
    for percent in LOWEST_WAGES:
        figure = float(np.interp(percent / 100, *found)) if found else None
        yield GroupMeasure("concentration_curve", "wage", f"0-{percent}", figure=figure)


def _measured(measure: Callable[[], T]) -> T | None:
    try:
        return measure()
    except UnableToMeasure:
        return None
