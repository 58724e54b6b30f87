"""What callers of the simulation get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.marginals import (
    AGES,
    CONTRACTS,
    EDUCATIONS,
    FIRM_SIZES,
    HOURS,
    SECTORS,
)

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
    "aged_out",
)
"""What is added up per group and year: people and cents.

`lapsed` reached its end, the money of people who age out (`aged_out`) included; `lost` went with a job under a
scheme that is not portable; `held` stands at the end of the year; `covered` has at least the price of a
median course before spending; `pays_all` is a course paid by the account alone.
"""


WORKFORCE_COLUMNS = {
    "contract": CONTRACTS[:4],
    "education": EDUCATIONS,
    "age": AGES,
    "hours": HOURS,
    "firm_size": FIRM_SIZES,
    "wage": ("0-15", "15-20", "20-25", "25-35", "35+"),
}
"""What a table of somebody's own people may say of a group of employees; wages in euros an hour."""


@dataclass(frozen=True, slots=True)
class WorkforceGroup:
    """So many employees; `told` has each column that the table fills for them, with the values they may have.

    Columns and values stand in the order of `WORKFORCE_COLUMNS`.
    """

    count: int
    told: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the table fills for them."""
        return tuple(name for name, _values in self.told)


@dataclass(frozen=True, slots=True)
class Workforce:
    """An anonymous table of the people of a firm or an agreement, and the sector that fills it up.

    Groups that fill the same columns are one breakdown: each counts everybody once.
    """

    sector: str
    groups: tuple[WorkforceGroup, ...]

    @property
    def breakdowns(self) -> dict[tuple[str, ...], list[WorkforceGroup]]:
        """The groups by the columns that they fill."""
        found: dict[tuple[str, ...], list[WorkforceGroup]] = {}
        for group in self.groups:
            found.setdefault(group.columns, []).append(group)
        return found

    @property
    def people(self) -> int:
        """How many people it counts."""
        return sum(group.count for group in next(iter(self.breakdowns.values())))


@dataclass(frozen=True, slots=True)
class WorkforceView:
    """A version of the own people of a table: which, of whom and since when; `side` delivered it."""

    number: int
    side: str
    delivered_at: datetime
    workforce: Workforce


@dataclass(slots=True)
class Totals:
    """What one proposal does with some people: sums by year, group and measure, and people one by one.

    `sums` is [year, *SHAPE, measure]. `credited` and `spent` in all years and `yearly_wage` at
    the start are in cents per person; `contract` is that at the start.
    """

    sums: NDArray[np.int64]
    credited: NDArray[np.int64]
    spent: NDArray[np.int64]
    yearly_wage: NDArray[np.int32]
    contract: NDArray[np.uint8]

    def __add__(self, other: Totals) -> Totals:
        """Return the totals of both parts of a population, the persons of the first before the other's."""
        return Totals(
            self.sums + other.sums,
            np.concatenate([self.credited, other.credited]),
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


@dataclass(frozen=True, slots=True)
class PublishedFact:
    """A published fact. `use` is fitted, held_out, input or not_simulated; `fits` names figures."""

    id: str
    fact: str
    unit: str
    published: float | None
    situation: str
    measure: str
    use: str
    fits: tuple[tuple[str, str], ...]
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A fact beside what the simulator says; `simulated` is None where it says nothing."""

    fact: PublishedFact
    simulated: float | None

    @property
    def difference(self) -> float | None:
        """Simulated less published, in the unit of the fact."""
        if self.simulated is None or self.fact.published is None:
            return None
        return self.simulated - self.fact.published


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and the 80 % band of it where one was drawn: between `low` and `high` in 8 of 10 draws."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """What a proposal does for one group: means over all years, balances at the end.

    `people` is in the whole country. Amounts are in cents: `cost` of the group a year, `balance` a
    person. Shares are of the group's people, but `would_anyway` is of who learns, `never_trained` of who
    never took a course and `kept_at_job_end` of the money that stood there when their job ended; None where
    there is nobody or nothing.
    """

    grouping: str
    value: str
    people: float
    cost: Figure
    balance: float | None
    takes_up: float | None
    covered: float | None
    gets_nothing: float | None
    would_anyway: float | None
    never_trained: float | None
    kept_at_job_end: float | None


@dataclass(frozen=True, slots=True)
class GroupMeasure:
    """A measure of inequality, by its name in `definitions`, between the groups of a grouping.

    `value` is of whom or of what it is: a group with the one it is `compared_with`, the part of Theil's
    (between, within), the percents of the lowest wages (0-20); empty where it is over all groups. `figure` is
    None where there is no such measure.
    """

    measure: str
    grouping: str
    value: str = ""
    compared_with: str = ""
    figure: float | None = None


@dataclass(frozen=True, slots=True)
class YearResult:
    """Cents in the whole country in one year; `held` at its end."""

    year: int
    credited: Figure
    spent: Figure
    held: Figure
    lapsed: float
    lost: float


@dataclass(frozen=True, slots=True)
class ProposalResult:
    """All that is told of one proposal.

    `kept_at_job_end` is the share of what stood on accounts when a job ended that stayed; `at_stake` is
    how much that was, as a share of all that was credited; the same euro counts at every end.
    `nothing_in_all_years` is of who had a job at the start as an employee. `inequality` holds measures of those
    people by their name in `definitions`, None where there is no such measure; `between_groups` holds those
    between groups. What one that `has_rounds` gives in rounds is in no figure.
    """

    name: str
    titles: Mapping[str, str]
    hash: str
    portable: bool
    has_rounds: bool
    inferred: tuple[str, ...]
    years: tuple[YearResult, ...]
    groups: tuple[GroupResult, ...]
    kept_at_job_end: float | None
    at_stake: float | None
    would_anyway: float | None
    nothing_in_all_years: float | None
    inequality: Mapping[str, float | None]
    between_groups: tuple[GroupMeasure, ...]


@dataclass(frozen=True, slots=True)
class SimulationRun:
    """How it was computed, and what came out for each proposal."""

    persons: int
    first_year: int
    years: int
    seed: int
    draws: int
    persons_a_draw: int
    stands_for: float
    proposals: tuple[ProposalResult, ...]


@dataclass(frozen=True, slots=True)
class RunSize:
    """How much a long run computes: `persons` for the figures, `draws` of `persons_a_draw` for the band."""

    persons: int = 200_000
    years: int = 10
    draws: int = 40
    persons_a_draw: int = 50_000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class LongRunYear:
    """Cents of all people under one text in a year; `held` at its end, `ended` by a rule, unspent.

    People who age out take theirs along: that is in none of these but `held`, which it leaves.
    """

    year: int
    credited: Figure
    spent: Figure
    held: Figure
    ended: Figure


@dataclass(frozen=True, slots=True)
class LongRunGroup:
    """Employees of a group: shares a year over all years, `balance` in cents a person at the end.

    None where there is nobody. Without a grouping it is everybody.
    """

    grouping: str
    value: str
    gets_nothing: float | None
    takes_up: float | None
    balance: float | None


@dataclass(frozen=True, slots=True)
class LongRunText:
    """What came out for the text of a hash: small groups are not told of.

    `people_at_end` is how many employees the last year has, of the sector where there is one.
    """

    hash: str
    people_at_end: int
    years: tuple[LongRunYear, ...]
    everyone: LongRunGroup
    groups: tuple[LongRunGroup, ...]


@dataclass(frozen=True, slots=True)
class LongRunView:
    """A run of years at a table: what was asked, how far it is, and what came out.

    `hashes` are the texts in the order of the table; no `sector` is all; with a `workforce` the sector's people
    are like those of that version. `texts` is empty until the figures are there. `problem` says why it failed.
    `is_stuck` is that nothing was heard of it for long.
    """

    id: UUID
    negotiation_id: UUID
    hashes: tuple[str, ...]
    sector: str
    workforce: WorkforceView | None
    first_year: int
    size: RunSize
    state: str
    problem: str
    asked_at: datetime
    drawn: int
    is_stuck: bool
    texts: tuple[LongRunText, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self.state in ("done", "failed")

    @property
    def last_year(self) -> int:
        """The last year of the run."""
        return self.first_year + self.size.years - 1

    @property
    def share_done(self) -> float:
        """The part of all years of persons that is done, from 0 to 1."""
        size = self.size
        done = size.persons * bool(self.texts) + self.drawn * size.persons_a_draw
        return done / (size.persons + size.draws * size.persons_a_draw)


@dataclass(frozen=True, slots=True)
class LongRunLine:
    """A run in a list: what was asked and how it stands; `workforce` is the number of a table of people."""

    id: UUID
    hashes: tuple[str, ...]
    sector: str
    workforce: int | None
    asked_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class GroupShare:
    """What one group of employees gets in a year; shares are from 0 to 1, `mean` is in cents.

    `of_people` is its share of the employees, `of_money` of what is credited, `nothing` the share of the
    group that gets nothing. `is_priority` is that a scheme should not give it less than its share.
    """

    grouping: str
    value: str
    of_people: float
    of_money: float
    nothing: float
    mean: float
    is_priority: bool
    is_shut_out: bool

    @property
    def gets_less(self) -> bool:
        """Whether the group gets a smaller part of the money than it is of the people, by over a tenth."""
        return self.of_money < 0.9 * self.of_people


@dataclass(frozen=True, slots=True)
class FirstYear:
    """What a scheme gives synthetic employees in a year: `people` of them, `mean` cents each.

    They stand for `stands_for` real ones.
    """

    people: int
    stands_for: int
    mean: float
    nothing: float
    groups: tuple[GroupShare, ...]

    @property
    def cost(self) -> float:
        """Cents for all real employees that they stand for."""
        return self.mean * self.stands_for

    @property
    def flagged(self) -> tuple[GroupShare, ...]:
        """The priority groups that are shut out or get less than their share, the worst first."""
        found = [
            one for one in self.groups if one.is_priority and (one.is_shut_out or one.gets_less)
        ]
        return tuple(sorted(found, key=lambda one: (-one.nothing, one.mean)))
