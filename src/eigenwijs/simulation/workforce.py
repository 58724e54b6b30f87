"""The people of a table's own: counts of groups, filled up from the synthetic sector.

What a table does not say follows the sector: the sector's joint table is scaled to the counts by iterative
proportional fitting, as `marginals` does with published ones. So people come out whose counts are those of the
table, and whose other attributes are as common among them as among their like in the sector.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.marginals import (
    EDUCATION_OF_LEVEL,
    LEVELS,
    QUALIFICATIONS,
    SECTORS,
    Table,
    counts,
    fitted,
)
from eigenwijs.simulation.population import (
    CHANCES,
    Cells,
    Drawing,
    Small,
    guide_to,
    shipped_drawing,
)
from eigenwijs.simulation.proposals import EMPLOYEES
from eigenwijs.simulation.transitions import CERTAIN, MoveTables
from eigenwijs.simulation.types import WORKFORCE_COLUMNS, Workforce, WorkforceGroup

MOST_ROUNDS = 500
WITHIN = 0.5
"""Counts are of whole people: met to half a person, they are met."""
PRECISION = 1e-6
"""Shares of contracts are kept when none differs by more than this."""
LEAST = 1e-9
"""The part of the sector that every combination is at least: what is not in the model may be in a firm."""
WAGE_FROM = (0, 1500, 2000, 2500, 3500)
"""Where each band of wages starts, in cents an hour."""
SHAPE = tuple(len(values) for values in WORKFORCE_COLUMNS.values())
CONTRACT, EDUCATION, AGE, HOURS, FIRM_SIZE, WAGE = range(len(SHAPE))

Places = NDArray[np.int64]


class ContradictingCounts(Exception):
    """No people are so that all counts of a table hold; `group` is one that nobody fits in, if it is that."""

    def __init__(self, group: WorkforceGroup | None = None) -> None:
        super().__init__(group)
        self.group = group


def digest(workforce: Workforce) -> str:
    """Return the hash of all that a table says, whatever the order of its lines."""
    groups = sorted((one.told, one.count) for one in workforce.groups)
    return hashlib.sha256(json.dumps([workforce.sector, groups]).encode()).hexdigest()


def cells_of(group: WorkforceGroup) -> Places:
    """Return the numbers of the cells, in a flat table of `SHAPE`, that a group takes."""
    values = dict(group.told)
    taken = [
        [bands.index(one) for one in values[name]] if name in values else range(len(bands))
        for name, bands in WORKFORCE_COLUMNS.items()
    ]
    found: Places = np.ravel_multi_index(np.ix_(*taken), SHAPE).ravel()
    return found


def fit(workforce: Workforce) -> Table:
    """Return people by `WORKFORCE_COLUMNS`, as near to the sector as the counts of the table allow.

    Raises ContradictingCounts.
    """
    table = _sector(workforce.sector).sum(-1).ravel()
    table = np.maximum(table, table.sum() * LEAST)
    breakdowns = list(workforce.breakdowns.values())
    sets = [(_places(one), np.array([group.count for group in one])) for one in breakdowns]
    for place, _wanted in sets:
        table[place < 0] = 0
    for (place, wanted), groups in zip(sets, breakdowns, strict=True):
        empty = np.flatnonzero((_counted(table, place, wanted) == 0) & (wanted > 0))
        if empty.size:
            raise ContradictingCounts(groups[empty[0]])
    for _round in range(MOST_ROUNDS):
        for place, wanted in sets:
            found = _counted(table, place, wanted)
            factor = np.divide(wanted, found, out=np.zeros(len(wanted)), where=found > 0)
            table *= np.where(place < 0, 0.0, factor[place])
        if all(np.abs(_counted(table, *one) - one[1]).max() < WITHIN for one in sets):
            fitted_people: Table = table.reshape(SHAPE)
            return fitted_people
    raise ContradictingCounts


def _places(groups: Sequence[WorkforceGroup]) -> Places:
    """Return for every cell the number of its group in a breakdown, and -1 for a cell in none."""
    found = np.full(int(np.prod(SHAPE)), -1, np.int64)
    for number, group in enumerate(groups):
        found[cells_of(group)] = number
    return found


def _counted(table: Table, place: Places, wanted: NDArray[np.int64]) -> Table:
    inside = place >= 0
    return np.bincount(place[inside], table[inside], len(wanted)).astype(np.float64)


@lru_cache(maxsize=4)
def _sector(sector: str) -> Table:
    """Return the employees of a sector by `WORKFORCE_COLUMNS` and years in the job."""
    table = fitted().table[:EMPLOYEES, :, :, :, SECTORS.index(sector)]
    shares = np.zeros(3)
    for level, education in zip(LEVELS, EDUCATION_OF_LEVEL, strict=True):
        shares[education] += counts()["education"][level]
    qualified = table[:, QUALIFICATIONS.index("qualified")]
    by_education = np.stack(
        [
            table[:, QUALIFICATIONS.index("not_qualified")],
            *(qualified * shares[one] / shares[1:].sum() for one in (1, 2)),
        ],
        axis=1,
    )
    wages = _wage_shares()[None, :, :, None, None, :, None]
    return by_education[:, :, :, :, :, None, :] * wages


def _wage_bands() -> Places:
    """Return the band of every wage that is drawn from, by education, age and step."""
    wages = shipped_drawing().wages
    return np.searchsorted(np.array(WAGE_FROM), wages, side="right") - 1


def _wage_shares() -> Table:
    """Return how wages divide over the bands, by education and age; no band is quite empty."""
    bands = _wage_bands()
    found = np.stack([(bands == one).mean(-1) for one in range(len(WAGE_FROM))], axis=-1) + LEAST
    shares: Table = found / found.sum(-1, keepdims=True)
    return shares


@lru_cache(maxsize=8)
def only_these(workforce: Workforce) -> Drawing:
    """Return what the employees of a table are drawn with, and nobody else."""
    table = fit(workforce)
    return _drawing(workforce, table, _own_cells(workforce, table), np.zeros(0))


@lru_cache(maxsize=8)
def in_the_country(workforce: Workforce) -> tuple[Drawing, float]:
    """Return what the whole country is drawn with when the sector's employees are as those of the table.

    With it the part of the country that they are.
    """
    table = fit(workforce)
    known = shipped_drawing().cells
    weights = np.diff(known.thresholds, prepend=0).astype(np.float64)
    replaced = (known.contract < EMPLOYEES) & (known.sector == SECTORS.index(workforce.sector))
    part = float(weights[replaced].sum() / weights.sum())
    weights[replaced] = 0
    own = _own_cells(workforce, table)
    own *= part * CHANCES / own.sum()
    return _drawing(workforce, table, own, weights), part


def _own_cells(workforce: Workforce, table: Table) -> Table:
    """Return the fitted people by contract, education, age, hours, firm size and years in the job."""
    by_tenure = _sector(workforce.sector).sum(WAGE)
    like = by_tenure.sum(-1, keepdims=True)
    spread = np.divide(by_tenure, like, out=np.zeros_like(by_tenure), where=like > 0)
    spread[like[..., 0] == 0, 0] = 1  # nobody is like them: new in the job
    found: Table = table.sum(WAGE)[..., None] * spread
    return found


def _drawing(workforce: Workforce, table: Table, own: Table, others: Table) -> Drawing:
    known = shipped_drawing()
    places: Small = np.indices(own.shape, dtype=np.uint8).reshape(own.ndim, -1)
    contract, education, age, hours, firm_size, tenure = places
    sector = np.full(own.size, SECTORS.index(workforce.sector), np.uint8)
    columns = {
        "contract": contract,
        "qualified": np.minimum(education, 1),
        "education": education,
        "age": age,
        "hours": hours,
        "sector": sector,
        "firm_size": firm_size,
        "tenure": tenure,
    }
    if others.size:
        columns = {
            name: np.concatenate([getattr(known.cells, name), column])
            for name, column in columns.items()
        }
    running = np.cumsum(np.concatenate([others, own.ravel()]))
    thresholds = np.rint(running / running[-1] * CHANCES).astype(np.int64)
    return Drawing(
        Cells(guide_to(thresholds), thresholds, **columns),
        known.level_thresholds,
        known.untrained,
        _wages(table),
    )


def _wages(table: Table) -> NDArray[np.uint16]:
    """Return hourly wages by education, age and step that divide over the bands as people of the table do.

    Within a band they are as the model has them; where it has none there, half-way the band.
    """
    wages = shipped_drawing().wages.copy()
    bands = _wage_bands()
    steps = wages.shape[-1]
    by_band = table.sum((CONTRACT, HOURS, FIRM_SIZE))
    ends = (*WAGE_FROM[1:], WAGE_FROM[-1] * 2)
    for education, age in np.ndindex(wages.shape[:2]):
        people_here = by_band[education, age]
        if not people_here.sum():
            continue
        until = np.rint(np.cumsum(people_here) / people_here.sum() * steps).astype(int)
        known = [wages[education, age][bands[education, age] == band] for band in range(len(ends))]
        for band, (first, last) in enumerate(zip((0, *until[:-1]), until, strict=True)):
            middle = (WAGE_FROM[band] + ends[band]) // 2
            like = known[band] if known[band].size else np.array([middle], np.uint16)
            evenly = (np.arange(last - first) * 2 + 1) * like.size // (2 * max(last - first, 1))
            wages[education, age, first:last] = like[evenly]
    return wages


def own_jobs(moves: MoveTables, workforce: Workforce) -> MoveTables:
    """Return chances by which jobs stay as the table has them: contracts, hours and firm sizes.

    Only what happens in the sector is counted, so that jobs elsewhere may have them too. Of a contract that the
    table lacks, hours are as in the country.
    """
    table = fit(workforce)
    by_hours = table.sum((EDUCATION, AGE, FIRM_SIZE, WAGE))
    hours = moves.hours.copy()
    for told in np.flatnonzero(by_hours.sum(1)):
        hours[told] = _cumulated(by_hours[told])
    firm_size = _cumulated(table.sum((CONTRACT, EDUCATION, AGE, HOURS, WAGE)))
    contract = _keeping(moves.contract, table.sum((EDUCATION, HOURS, FIRM_SIZE, WAGE)).T)
    return moves._replace(contract=contract, hours=hours, firm_size=firm_size)


def _keeping(thresholds: Places, people_by: Table) -> Places:
    """Return chances of [age, contract, next contract] that keep the shares of contracts among employees.

    Everybody stays an employee as often as before; to which contract is scaled, for all alike, until as many
    come to each contract as leave it. `people_by` is the employees by [age, contract].
    """
    chance = np.diff(thresholds, axis=-1, prepend=0) / CERTAIN
    shares = people_by.sum(0) / people_by.sum()
    works = chance[:, :, :EMPLOYEES].sum(-1, keepdims=True)
    factor = (shares > 0).astype(np.float64)
    for _round in range(MOST_ROUNDS):
        to = chance[:, :, :EMPLOYEES] * factor
        to *= works / to.sum(-1, keepdims=True)
        found = np.einsum("ai,aij->j", people_by, to[:, :EMPLOYEES])
        wanted = shares * found.sum()
        if np.abs(found - wanted).max() < PRECISION * found.sum():
            break
        factor *= np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0)
    chance[:, :EMPLOYEES, :EMPLOYEES] = to[:, :EMPLOYEES]
    chance[:, EMPLOYEES:, :EMPLOYEES] = (
        works[:, EMPLOYEES:] * shares
    )  # who begins has a job of the table
    return np.stack([[_cumulated(row) for row in of_age] for of_age in chance])


def _cumulated(people_by: Table) -> Places:
    running = np.cumsum(people_by)
    found: Places = np.rint(running / running[-1] * CERTAIN).astype(np.int64)
    return found
