"""What callers of the simulation get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.marginals import AGES, CONTRACTS, EDUCATIONS, FIRM_SIZES, SECTORS

NONE = "none"
GROUPINGS = {
    "contract": CONTRACTS,
    "education": EDUCATIONS,
    "age": AGES,
    "sector": (*SECTORS, NONE),
    "firm_size": (*FIRM_SIZES, NONE),
}
"""What people are grouped by, as they are after the moves of a year; without a job there is none."""
SHAPE = tuple(len(values) for values in GROUPINGS.values())

MEASURES = (
    "persons",
    "credited",
    "spent",
    "lapsed",
    "lost",
    "held",
    "gets_money",
    "takes_up",
    "completes",
    "would_anyway",
    "never_trained",
    "never_trained_takes_up",
    "covered",
    "pays_all",
    "jobs_ended",
    "held_at_job_end",
)
"""What is added up per group and year: people and cents.

`lapsed` reached its end, the money of people who age out included; `lost` went with a job under a
scheme that is not portable; `held` stands at the end of the year; `covered` has at least the price of a
median course before spending; `pays_all` is a course paid by the account alone.
"""


@dataclass(slots=True)
class Totals:
    """What one proposal does with some people: sums by year, group and measure, and people one by one.

    `sums` is [year, *SHAPE, measure]. `credited` in all years, `held` at the end and `yearly_wage` at
    the start are in cents per person; `working` is 1 for who had a job at the start.
    """

    sums: NDArray[np.int64]
    credited: NDArray[np.int64]
    held: NDArray[np.int64]
    spent: NDArray[np.int64]
    yearly_wage: NDArray[np.int64]
    contract: NDArray[np.uint8]

    def __add__(self, other: Totals) -> Totals:
        """Return the totals of both parts of a population, the persons of the first before the other's."""
        return Totals(
            self.sums + other.sums,
            np.concatenate([self.credited, other.credited]),
            np.concatenate([self.held, other.held]),
            np.concatenate([self.spent, other.spent]),
            np.concatenate([self.yearly_wage, other.yearly_wage]),
            np.concatenate([self.contract, other.contract]),
        )

    def of(self, measure: str, grouping: str | None = None) -> NDArray[np.int64]:
        """Return a measure by year, and by the values of a grouping where one is named."""
        found = self.sums[..., MEASURES.index(measure)]
        kept = {0} if grouping is None else {0, 1 + list(GROUPINGS).index(grouping)}
        result: NDArray[np.int64] = found.sum(
            tuple(axis for axis in range(found.ndim) if axis not in kept)
        )
        return result
