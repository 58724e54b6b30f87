"""A synthetic population of 15 to 75 years, drawn person by person from the joint table.

No person in it exists. A person follows from seed and number alone, so any part of a population holds the
same persons.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.hashing import draws, part
from eigenwijs.simulation.marginals import (
    AGES,
    CONTRACTS,
    EDUCATION_OF_LEVEL,
    EDUCATIONS,
    FIRM_SIZES,
    LEVELS,
    QUALIFICATIONS,
    SECTORS,
    counts,
    fitted,
)
from eigenwijs.simulation.parameters import Parameters, shipped

UNEMPLOYED, OUTSIDE = CONTRACTS.index("unemployed"), CONTRACTS.index("outside")
NO_SECTOR, NO_FIRM = len(SECTORS), len(FIRM_SIZES)
YOUNGEST, END_AGE = 15, 75
AGE_BAND = np.minimum(np.maximum((np.arange(256) - 15) // 10, 0), 5).astype(np.uint8)
HOURS_IN_BAND = ((4, 8), (12, 8), (20, 15), (36, 5))
"""The first whole hour of each band, and how many there are: assumed equally common."""
YEARS_IN_TENURE = ((0, 1), (1, 4), (5, 5), (10, 10), (20, 15))
WAGE_STEPS = 256
POPULATION, DETAILS, WAGE = 1, 2, 3
"""Streams of chance."""

Small = NDArray[np.uint8]


@dataclass(slots=True)
class Persons:
    """Persons as columns. `hourly_wage` is in cents; `hours` are whole hours a week.

    `trained` is 1 for who took a course as an adult before the simulation; sector and firm size have a
    last value for people without a job.
    """

    contract: Small
    level: Small
    age: Small
    hours: Small
    sector: Small
    firm_size: Small
    tenure: Small
    trained: Small
    hourly_wage: NDArray[np.uint16]

    @property
    def education(self) -> Small:
        """0 without a starting qualification, 2 with a bachelor's degree or higher, else 1."""
        return np.array(EDUCATION_OF_LEVEL, np.uint8)[self.level]

    def __len__(self) -> int:
        return len(self.contract)

    def rows(self, chosen: NDArray[np.int64] | slice) -> Persons:
        """Return some persons; of a slice, the same columns and no copy."""
        return Persons(*(getattr(self, one.name)[chosen] for one in fields(self)))

    def copy(self) -> Persons:
        """Return the same persons in columns of their own."""
        return Persons(*(getattr(self, one.name).copy() for one in fields(self)))

    def nbytes(self) -> int:
        """Return how much memory the columns take."""
        return sum(getattr(self, one.name).nbytes for one in fields(self))


@dataclass(frozen=True, slots=True)
class Cells:
    """What a person is drawn from: the cells' attributes, and thresholds that rise to 2**48.

    `guide` says which cell is the first that a chance can be of, by its first 16 bits.
    """

    guide: NDArray[np.int64]
    thresholds: NDArray[np.int64]
    contract: Small
    qualified: Small
    education: Small
    age: Small
    hours: Small
    sector: Small
    firm_size: Small
    tenure: Small


CHANCES = 2**48


def cells(parameters: Parameters | None = None) -> Cells:
    """Return the cells of the employed, the unemployed and those outside the labour force."""
    parameters = parameters or shipped()
    table = fitted(parameters).table
    places = np.indices(table.shape, dtype=np.uint8).reshape(table.ndim, -1)
    known = counts()
    position = known["position"]
    unemployed = known["unemployed_education"]
    total = sum(unemployed.values())
    others = [(UNEMPLOYED, [unemployed[name] / total for name in EDUCATIONS], "unemployed")]
    outside = parameters.values("outside_education", EDUCATIONS)
    others.append((OUTSIDE, outside, "outside"))
    rows, weights = [], [table.ravel()]
    for contract, by_education, name in others:
        by_age = np.array(parameters.values(f"{name}_age", AGES))
        shares = np.array(by_education)[:, None] * by_age[None, :]
        weights.append((shares / shares.sum() * position[name]).ravel())
        rows += [
            (contract, min(education, 1), age, 0, NO_SECTOR, NO_FIRM, 0, education)
            for education in range(len(EDUCATIONS))
            for age in range(len(AGES))
        ]
    unknown = np.full(table.size, 255, np.uint8)  # middle or high, drawn later
    unknown[places[1] == QUALIFICATIONS.index("not_qualified")] = 0
    columns = np.concatenate([np.vstack([places, unknown]), np.array(rows, np.uint8).T], axis=1)
    running = np.cumsum(np.concatenate(weights))
    thresholds = np.rint(running / running[-1] * CHANCES).astype(np.int64)
    contract, qualified, age, hours, sector, firm_size, tenure, education = columns
    guide = guide_to(thresholds)
    return Cells(
        guide, thresholds, contract, qualified, education, age, hours, sector, firm_size, tenure
    )


def guide_to(thresholds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first cell that a chance can be of, by the first 16 bits of the chance."""
    return np.searchsorted(thresholds, np.arange(65536) << 32, side="right").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that persons are drawn with, as whole numbers."""

    cells: Cells
    level_thresholds: NDArray[np.int64]
    untrained: NDArray[np.int64]
    wages: NDArray[np.uint16]


def drawing(parameters: Parameters | None = None) -> Drawing:
    """Return what persons are drawn with, from a set of parameters."""
    parameters = parameters or shipped()
    return Drawing(cells(parameters), _levels(), _untrained(parameters), wage_table(parameters))


@cache
def shipped_drawing() -> Drawing:
    """Return what persons are drawn with by the parameters that come with us."""
    return drawing()


def _levels() -> NDArray[np.int64]:
    """Return thresholds of 16 bits by (kind of cell, level).

    The first three kinds are low, middle and high; the last is qualified, middle or high.
    """
    shares = np.array([counts()["education"][level] for level in LEVELS])
    of_level = np.array(EDUCATION_OF_LEVEL)
    masks = [of_level == 0, of_level == 1, of_level == 2, of_level > 0]
    kinds = np.array([np.where(mask, shares, 0.0) for mask in masks])
    running = np.cumsum(kinds, axis=1)
    thresholds: NDArray[np.int64] = np.rint(running / running[:, -1:] * 65536).astype(np.int64)
    return thresholds


def _untrained(parameters: Parameters) -> NDArray[np.int64]:
    shares = np.array(parameters.values("never_trained", EDUCATIONS))
    thresholds: NDArray[np.int64] = np.rint(shares * 65536).astype(np.int64)
    return thresholds


def wage_table(parameters: Parameters) -> NDArray[np.uint16]:
    """Return hourly wages in cents by (education, age band, step of 256): lognormal, assumed."""
    sigma = parameters.value("wage_spread", "sigma")
    steps = [NormalDist().inv_cdf((step + 0.5) / WAGE_STEPS) for step in range(WAGE_STEPS)]
    median = np.array(parameters.values("hourly_wage", EDUCATIONS))[:, None, None]
    by_age = np.array(parameters.values("wage_by_age", AGES))[None, :, None]
    wages = median * by_age * np.exp(sigma * np.array(steps))[None, None, :]
    least = parameters.value("wage_least", "cents")
    found: NDArray[np.uint16] = np.clip(np.rint(wages), least, 65535).astype(np.uint16)
    return found


def persons(seed: int, first: int, last: int, using: Drawing | None = None) -> Persons:
    """Return the persons `first` up to and including `last` of a population."""
    using = using or shipped_drawing()
    chance = (draws(seed, 0, POPULATION, first, last) >> np.uint64(16)).astype(np.int64)
    cell = np.searchsorted(using.cells.thresholds, chance, side="right")
    details = draws(seed, 0, DETAILS, first, last)
    found = using.cells
    kind = found.education[cell].astype(np.int64)
    kind[kind == 255] = 3
    levels = using.level_thresholds[kind]
    level = (part(details, 0)[:, None] >= levels).sum(1).astype(np.uint8)
    band = found.age[cell]
    age = (YOUNGEST + 10 * band.astype(np.int64) + part(details, 1) * 10 // 65536).astype(np.uint8)
    education = np.array(EDUCATION_OF_LEVEL, np.uint8)[level]
    wage_step = (draws(seed, 0, WAGE, first, last) >> np.uint64(56)).astype(np.int64)
    has_job = found.contract[cell] < UNEMPLOYED
    at_work = np.array(HOURS_IN_BAND)[found.hours[cell]]
    hours = at_work[:, 0] + part(details, 2) * at_work[:, 1] // 65536
    worked = np.array(YEARS_IN_TENURE)[found.tenure[cell]]
    spread = part(draws(seed, 0, WAGE, first, last), 0)
    tenure = np.minimum(worked[:, 0] + spread * worked[:, 1] // 65536, age - YOUNGEST)
    return Persons(
        contract=found.contract[cell],
        level=level,
        age=age,
        hours=np.where(has_job, hours, 0).astype(np.uint8),
        sector=found.sector[cell],
        firm_size=found.firm_size[cell],
        tenure=np.where(has_job, tenure, 0).astype(np.uint8),
        trained=(part(details, 3) >= using.untrained[education]).astype(np.uint8),
        hourly_wage=using.wages[education, band, wage_step],
    )
