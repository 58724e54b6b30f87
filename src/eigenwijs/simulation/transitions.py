"""What happens to people from one year to the next: jobs, contracts, ageing, entering and leaving.

Published flows are of a quarter; four quarters make a year, as if each quarter's chance knew nothing of
the last. At 75 somebody leaves and a new person of 15 comes.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.hashing import draws, part
from eigenwijs.simulation.marginals import (
    AGES,
    CONTRACTS,
    EMPLOYED,
    FIRM_SIZES,
    SECTORS,
    counts,
    fitted,
)
from eigenwijs.simulation.parameters import FOLDER, Parameters, shipped
from eigenwijs.simulation.population import (
    AGE_BAND,
    END_AGE,
    HOURS_IN_BAND,
    NO_FIRM,
    NO_SECTOR,
    OUTSIDE,
    UNEMPLOYED,
    YOUNGEST,
    Drawing,
    Persons,
    Small,
)

MOVE, JOB, ENTRANT = 11, 12, 13
"""Streams of chance."""
CERTAIN = 65536
QUARTERS = 4
JOB_ENDED, NEW_PERSON = 1, 2
"""Marks of a year."""
GROUPS = ("permanent", "flexible", "self_employed", "unemployed", "outside")
FLEXIBLE = ("fixed_term", "on_call", "agency")

Thresholds = NDArray[np.int64]


class MoveTables(NamedTuple):
    """All chances of a year as whole numbers of 65,536; each row rises, a draw counts what it passes."""

    contract: Thresholds
    """[age band, contract, next contract]"""
    changes_employer: Thresholds
    """[under two years or longer in the job]"""
    same_employer: Thresholds
    """[contract, next contract], of employees whose contract changes"""
    sector: Thresholds
    firm_size: Thresholds
    hours: Thresholds
    """[contract, band of hours]"""
    hours_in_band: Thresholds
    keeps: Thresholds
    """sector, hours"""
    level: Thresholds
    education: Thresholds
    untrained: Thresholds
    wages: NDArray[np.uint16]
    age_band: Small


@cache
def flows() -> Mapping[tuple[str, str], float]:
    """Return published flows of a quarter as parts, from `data/flows.csv`."""
    with (FOLDER / "flows.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["from"], row["to"]): float(row["thousands"]) / float(row["of"])
            for row in csv.DictReader(file)
        }


def quarterly(
    parameters: Parameters, enters: float = 1.0, leaves: float = 1.0
) -> NDArray[np.float64]:
    """Return the chances from each of `GROUPS` to each a quarter later.

    `enters` and `leaves` say how much more often than average somebody starts or stops working.
    """
    seen, assumed = flows(), parameters.group("flow")
    table = np.zeros((5, 5))

    def stops(row: int, group: str, unemployed: float) -> float:
        out = min((1 - seen[group, "employed"]) * leaves, 1.0)
        table[row, 3:] = out * unemployed, out * (1 - unemployed)
        return 1 - out

    works = stops(0, "permanent", assumed["permanent_to_unemployed"])
    stays = seen["permanent", "permanent"] / seen["permanent", "employed"]
    table[0, 0] = works * stays
    table[0, 1] = works * (1 - stays) * assumed["permanent_to_flexible"]
    table[0, 2] = works - table[0, 0] - table[0, 1]
    works = stops(1, "flexible", assumed["flexible_to_unemployed"])
    table[1, 0] = works * sum(_to_permanent(parameters))
    table[1, 2] = works * assumed["flexible_to_self"]
    table[1, 1] = works - table[1, 0] - table[1, 2]
    works = stops(2, "self_employed", assumed["self_to_unemployed"])
    table[2, :2] = works * assumed["self_to_permanent"], works * assumed["self_to_flexible"]
    table[2, 2] = works - table[2, :2].sum()
    permanent, own = assumed["found_permanent"], assumed["found_self"]
    found = np.array([permanent, 1 - permanent - own, own])
    for row, group, other, leaving in (
        (3, "unemployed", 4, assumed["unemployed_to_outside"]),
        (4, "outside", 3, assumed["outside_to_unemployed"]),
    ):
        table[row, :3] = found * min(seen[group, "employed"] * enters, 0.9)
        table[row, other] = leaving * (enters if row == 4 else 1) * (1 - table[row, :3].sum())
        table[row, row] = 1 - table[row].sum()
    return table


def _to_permanent(parameters: Parameters) -> tuple[float, float]:
    """Return the parts of flexible employees with a permanent contract a quarter later: here, elsewhere."""
    here = flows()["flexible", "permanent at the same employer"]
    elsewhere = 1 - here - flows()["flexible", "flexible at the same employer"]
    return here, elsewhere * parameters.value("flow", "flexible_to_permanent_elsewhere")


def _cumulated(chances: NDArray[np.float64]) -> Thresholds:
    running = np.cumsum(chances, axis=-1)
    return np.rint(running / running[..., -1:] * CERTAIN).astype(np.int64)


def yearly_contracts(parameters: Parameters) -> NDArray[np.float64]:
    """Return the chances by [age band, contract, next contract] of a year."""
    position, flexible = counts()["position"], counts()["contract"]
    kinds = np.array([0.0, flexible["on_call"], flexible["agency"]]) / position["flexible"]
    kinds[0] = 1 - kinds.sum()
    same = parameters.value("flow", "same_flexible_kind")
    enters = np.array(parameters.values("enters_by_age", AGES))
    leaves = np.array(parameters.values("leaves_by_age", AGES))
    outside = np.array(parameters.values("outside_age", AGES))
    working = np.array([counts()["age"][age] for age in AGES])
    enters = enters / (enters * outside / outside.sum()).sum()
    leaves = leaves / (leaves * working / working.sum()).sum()
    group_of = [0, 1, 1, 1, 2, 3, 4]
    found = np.zeros((len(AGES), len(CONTRACTS), len(CONTRACTS)))
    for age in range(len(AGES)):
        year = np.linalg.matrix_power(quarterly(parameters, enters[age], leaves[age]), QUARTERS)
        for row, group in enumerate(group_of):
            spread = kinds if group != 1 else (1 - same) * kinds + same * np.eye(3)[row - 1]
            to = year[group]
            found[age, row] = [to[0], *(to[1] * spread), *to[2:]]
    return found


def move_tables(drawing: Drawing, parameters: Parameters | None = None) -> MoveTables:
    """Return all chances of a year by a set of parameters."""
    parameters = parameters or shipped()
    by_tenure = np.array(parameters.values("changes_employer", ("under_2_years", "from_2_years")))
    again = parameters.value("flow", "changers_of_changes")
    here, elsewhere = _to_permanent(parameters)
    permanent = 1 - flows()["permanent", "permanent"] / flows()["permanent", "employed"]
    to_flexible = permanent * parameters.value("flow", "permanent_to_flexible")
    same = np.zeros((len(CONTRACTS), len(CONTRACTS)))
    same[0, 1:4] = min(flows()["permanent", "flexible at the same employer"] / to_flexible, 1.0)
    same[1:4, 0] = here / (here + elsewhere)
    keeps = np.array(parameters.values("flow", ("same_sector", "same_hours")))
    table = fitted(parameters).table
    return MoveTables(
        contract=_cumulated(yearly_contracts(parameters)),
        changes_employer=np.rint(by_tenure * QUARTERS * again * CERTAIN).astype(np.int64),
        same_employer=np.rint(same * CERTAIN).astype(np.int64),
        sector=_cumulated(np.array([counts()["sector"][one] for one in SECTORS])),
        firm_size=_cumulated(np.array([counts()["firm_size"][one] for one in FIRM_SIZES])),
        hours=_cumulated(table.sum((1, 2, 4, 5, 6)).reshape(len(EMPLOYED), -1)),
        hours_in_band=np.array(HOURS_IN_BAND, np.int64),
        keeps=np.rint(keeps * CERTAIN).astype(np.int64),
        level=_cumulated(np.diff(drawing.level_thresholds.sum(0), prepend=0).astype(np.float64)),
        education=np.array([0, 0, 0, 1, 1, 1, 2, 2], np.int64),
        untrained=drawing.untrained,
        wages=drawing.wages,
        age_band=AGE_BAND,
    )


def move(people: Persons, tables: MoveTables, *, seed: int, year: int, first: int) -> Small:
    """Take people a year further, in place; return what happened: `JOB_ENDED`, `NEW_PERSON` or both.

    The job of somebody who ages out ends too. `with_numba.move` does the same.
    """
    last = first + len(people) - 1
    chance = draws(seed, year, MOVE, first, last)
    before = people.contract.astype(np.int64)
    is_new = people.age >= END_AGE - 1
    band = tables.age_band[people.age].astype(np.int64)
    after = _next_contract(tables, band, before, part(chance, 0))
    after[is_new] = OUTSIDE
    worked, works = before < UNEMPLOYED, after < UNEMPLOYED
    short, long = tables.changes_employer
    stays = part(chance, 1) >= np.where(people.tenure >= 2, long, short)
    stays[before == EMPLOYED.index("self_employed")] = True
    kept = part(chance, 1) < tables.same_employer.take(before * len(CONTRACTS) + after)
    same_job = worked & works & np.where(before == after, stays, kept)
    job = draws(seed, year, JOB, first, last)
    _new_jobs(people, tables, (chance, job), after, works & ~same_job)
    people.contract[:] = after
    people.tenure[:] = np.where(same_job, np.minimum(people.tenure + 1, 60), 0)
    people.age += 1
    for column, value in (
        (people.sector, NO_SECTOR),
        (people.firm_size, NO_FIRM),
        (people.hours, 0),
    ):
        np.putmask(column, ~works, value)
    if is_new.any():
        _enter(people, tables, draws(seed, year, ENTRANT, first, last), np.flatnonzero(is_new))
    marks = np.where(worked & ~same_job, JOB_ENDED, 0) + np.where(is_new, NEW_PERSON, 0)
    return marks.astype(np.uint8)


def _next_contract(
    tables: MoveTables, band: Thresholds, before: Thresholds, chance: Thresholds
) -> Thresholds:
    """Count the thresholds that are passed, one after the other: all at once take ten times the memory."""
    place = band * len(CONTRACTS) + before
    after = np.zeros(len(place), np.int64)
    for thresholds in tables.contract.reshape(-1, len(CONTRACTS)).T[:-1]:  # nobody passes the last
        after += chance >= thresholds.copy().take(place)
    return after


def _new_jobs(
    people: Persons,
    tables: MoveTables,
    chance: tuple[NDArray[np.uint64], NDArray[np.uint64]],
    after: Thresholds,
    is_new_job: NDArray[np.bool_],
) -> None:
    """Give new jobs a sector, a firm and hours; `chance` holds the draws of the move and of the job."""
    rows = np.flatnonzero(is_new_job)
    moved, job, after = chance[0][rows], chance[1][rows], after[rows]
    worked = people.sector[rows] != NO_SECTOR
    drawn = (part(job, 1)[:, None] >= tables.sector).sum(1)
    keeps = worked & (part(job, 0) < tables.keeps[0])
    people.sector[rows] = np.where(keeps, people.sector[rows], drawn)
    people.firm_size[rows] = (part(job, 2)[:, None] >= tables.firm_size).sum(1)
    keeps = worked & (part(moved, 2) < tables.keeps[1])
    in_band = tables.hours_in_band[(part(job, 3)[:, None] >= tables.hours[after]).sum(1)]
    hours = in_band[:, 0] + part(moved, 3) * in_band[:, 1] // CERTAIN
    people.hours[rows] = np.where(keeps, people.hours[rows], hours)


def _enter(
    people: Persons, tables: MoveTables, chance: NDArray[np.uint64], rows: NDArray[np.int64]
) -> None:
    """Put people of 15 in the places of those who were 74, with the schooling that they will have."""
    chance = chance[rows]
    people.age[rows] = YOUNGEST
    level = (part(chance, 0)[:, None] >= tables.level).sum(1)
    education = tables.education[level]
    people.level[rows] = level
    people.trained[rows] = part(chance, 1) >= tables.untrained[education]
    people.hourly_wage[rows] = tables.wages[education, 0, part(chance, 2) >> 8]
