"""Reads: what proposals would do to a synthetic population, and how far to trust it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from eigenwijs.simulation import fitting, results
from eigenwijs.simulation.definitions import DEFINITIONS, Definition
from eigenwijs.simulation.first_year import first_year
from eigenwijs.simulation.marginals import SECTORS, JointTable, fitted
from eigenwijs.simulation.parameters import ParameterKind, SimulationParameter, shipped
from eigenwijs.simulation.proposals import SchemeProposal, UnableToSimulate
from eigenwijs.simulation.types import Compared, SimulationRun
from eigenwijs.simulation.words import group_label, grouping_label, kind_label, use_label

__all__ = [
    "MOST_PERSONS",
    "MOST_YEARS",
    "SECTORS",
    "ParameterKind",
    "SchemeProposal",
    "UnableToSimulate",
    "definitions",
    "first_year",
    "fit_again",
    "fit_table",
    "group_label",
    "grouping_label",
    "joint_table",
    "kind_label",
    "parameters",
    "proposal",
    "simulate",
    "steps",
    "use_label",
]

MOST_PERSONS = 20_000_000
MOST_YEARS = 40
PERSONS_A_DRAW = 50_000


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
