"""Reads: what proposals would do to a synthetic population, and how far to trust it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from eigenwijs.kernel.actor import Actor
from eigenwijs.people.access import NotPermitted
from eigenwijs.schemes import queries as schemes
from eigenwijs.simulation import fitting, long_runs, results, types
from eigenwijs.simulation.definitions import DEFINITIONS, Definition
from eigenwijs.simulation.first_year import GroupChange, first_year, first_year_change
from eigenwijs.simulation.marginals import SECTORS, JointTable, fitted
from eigenwijs.simulation.models import LongRun, Workforce
from eigenwijs.simulation.parameters import ParameterKind, SimulationParameter, shipped
from eigenwijs.simulation.proposals import SchemeProposal, UnableToSimulate
from eigenwijs.simulation.types import (
    WORKFORCE_COLUMNS,
    Compared,
    LongRunLine,
    LongRunView,
    RunSize,
    SimulationRun,
    WorkforceGroup,
    WorkforceView,
)
from eigenwijs.simulation.words import (
    caveat,
    group_label,
    grouping_label,
    kind_label,
    problem_in_words,
    use_label,
)
from eigenwijs.simulation.workforce_file import MOST_BYTES as MOST_WORKFORCE_BYTES
from eigenwijs.simulation.workforce_file import NAMES as WORKFORCE_NAMES
from eigenwijs.simulation.workforce_file import allowed_words, cell_text, example, header, written

__all__ = [
    "MOST_PERSONS",
    "MOST_WORKFORCE_BYTES",
    "MOST_YEARS",
    "SECTORS",
    "WORKFORCE_COLUMNS",
    "WORKFORCE_NAMES",
    "GroupChange",
    "ParameterKind",
    "SchemeProposal",
    "UnableToSimulate",
    "allowed_words",
    "caveat",
    "cell_text",
    "definitions",
    "example",
    "first_year",
    "first_year_change",
    "fit_again",
    "fit_table",
    "group_label",
    "grouping_label",
    "header",
    "joint_table",
    "kind_label",
    "long_run",
    "long_runs_of",
    "parameters",
    "problem_in_words",
    "proposal",
    "simulate",
    "steps",
    "use_label",
    "workforces",
    "written",
]

MOST_PERSONS = 20_000_000
MOST_YEARS = 40
PERSONS_A_DRAW = 50_000
HEARD_WITHIN = timedelta(minutes=15)
"""A piece of a long run takes seconds; after this nothing more may be expected of it."""


def proposal(text: str) -> SchemeProposal:
    """Return a scheme's text as a proposal; raises FaultyScheme, or UnableToSimulate (fact_unknown)."""
    return SchemeProposal(text)


def simulate(
    proposals: Sequence[SchemeProposal],
    *,
    persons: int,
    years: int,
    first_year: int,
    seed: int,
    draws: int,
    progress: Callable[[int], None] | None = None,
) -> SimulationRun:
    """Return what each proposal does with the same `persons`, in the same years, with the same chances.

    `draws` runs of at most `PERSONS_A_DRAW` persons each give the 80 % bands. `progress` is told how many
    years of persons were done. Raises UnableToSimulate (not_in_force, below_zero, too_much).
    """
    return results.run(
        proposals,
        count=persons,
        years=years,
        first_year=first_year,
        seed=seed,
        draws=draws,
        persons_a_draw=min(persons, PERSONS_A_DRAW),
        progress=progress,
    )


def steps(*, proposals: int, persons: int, years: int, draws: int) -> int:
    """Return how many years of persons `simulate` does in all."""
    return proposals * years * (persons + draws * min(persons, PERSONS_A_DRAW))


def parameters() -> tuple[SimulationParameter, ...]:
    """Return every figure that is no count of people: value, range, source and kind."""
    return shipped().rows


def fit_table() -> list[Compared]:
    """Return every published fact beside what the simulator says, hits and misses."""
    return fitting.fit_table()


def joint_table() -> JointTable:
    """Return the table the population is drawn from, and how far each marginal holds."""
    return fitted()


def definitions() -> dict[str, Definition]:
    """Return the measures of inequality in words, by name."""
    return DEFINITIONS


def fit_again(folder: Path, *, persons: int = fitting.FIT_PERSONS) -> list[Compared]:
    """Fit the fitted figures again on so many persons; write them, and the table of the fit, in a folder."""
    found = fitting.fit(count=persons)
    found.write(folder / "parameters.csv")
    compared = fitting.compare(found, count=min(persons, fitting.TABLE_PERSONS))
    fitting.write_fit_table(compared, folder / "fit.csv")
    return compared


def long_run(run_id: UUID, *, by: Actor, at: datetime) -> LongRunView:
    """Return a long run; raises NotPermitted where it is absent or the actor has no seat at its table."""
    row = LongRun.objects.select_related("workforce").filter(pk=run_id).first()
    if row is None:
        raise NotPermitted
    schemes.negotiation(row.negotiation_id, by=by)
    return _view(row, at)


def long_runs_of(negotiation_id: UUID, *, by: Actor) -> list[LongRunLine]:
    """Return the long runs of a table, the last asked first; raises NotPermitted."""
    schemes.negotiation(negotiation_id, by=by)
    rows = LongRun.objects.filter(negotiation=negotiation_id).order_by("-asked_at", "id")
    told = ("id", "hashes", "sector", "workforce__number", "asked_at", "state")
    return [LongRunLine(one[0], tuple(one[1]), *one[2:]) for one in rows.values_list(*told)]


def workforces(negotiation_id: UUID, *, by: Actor) -> list[WorkforceView]:
    """Return the tables of people that were delivered at a table, the newest first; raises NotPermitted."""
    schemes.negotiation(negotiation_id, by=by)
    rows = Workforce.objects.filter(negotiation=negotiation_id).order_by("-number")
    return [workforce_view(row) for row in rows]


def workforce_view(row: Workforce) -> WorkforceView:
    """Return a delivered table as it was."""
    groups = tuple(
        WorkforceGroup(count, tuple((column, tuple(values)) for column, values in told))
        for count, told in row.groups
    )
    delivered = types.Workforce(row.sector, groups)
    return WorkforceView(row.number, row.side, row.delivered_at, delivered)


def size_of(row: LongRun) -> RunSize:
    """Return how much a run computes."""
    return RunSize(row.persons, row.years, row.draws, row.persons_a_draw, row.seed)


def is_stuck(row: LongRun, at: datetime) -> bool:
    """Whether a run waits for a piece that should have been done long ago."""
    return row.state in ("asked", "running") and at - row.moved_at > HEARD_WITHIN


def _view(row: LongRun, at: datetime) -> LongRunView:
    size = size_of(row)
    texts = (
        long_runs.told(row.hashes, row.first_year, size, row.counted, row.drawn)
        if row.counted
        else ()
    )
    return LongRunView(
        id=row.id,
        negotiation_id=row.negotiation_id,
        hashes=tuple(row.hashes),
        sector=row.sector,
        workforce=workforce_view(row.workforce) if row.workforce else None,
        first_year=row.first_year,
        size=size,
        state=row.state,
        problem=problem_in_words(row.problem) if row.problem else "",
        asked_at=row.asked_at,
        drawn=len(row.drawn),
        is_stuck=is_stuck(row, at),
        texts=texts,
    )
