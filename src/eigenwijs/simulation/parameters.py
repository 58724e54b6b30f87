"""Every figure the simulator uses that is no count of people: value, range, source and kind."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("data")
REFITTED = ("applies", "would_anyway", "price")
"""The groups whose fitted figures `fitting.fit` finds; those of others were set by hand."""


class ParameterKind(StrEnum):
    """How far a figure can be trusted: published, found by fitting on what is published, or set by us."""

    MEASURED = "measured"
    FITTED = "fitted"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class SimulationParameter:
    """One figure. `low` and `high` are the range within which another value is as credible."""

    group: str
    name: str
    value: float
    low: float
    high: float
    kind: ParameterKind
    source: str


class Parameters:
    """All figures by group and name."""

    def __init__(self, rows: Iterable[SimulationParameter]) -> None:
        self.rows = tuple(rows)
        self._values = {(one.group, one.name): one.value for one in self.rows}

    def value(self, group: str, name: str) -> float:
        return self._values[group, name]

    def values(self, group: str, names: Sequence[str]) -> list[float]:
        """Return the values of a group in the order of `names`."""
        return [self._values[group, name] for name in names]

    def group(self, group: str) -> dict[str, float]:
        return {name: value for (one, name), value in self._values.items() if one == group}

    def with_values(self, values: Mapping[tuple[str, str], float]) -> Parameters:
        """Return all figures with other values for some."""
        return Parameters(
            replace(one, value=values.get((one.group, one.name), one.value)) for one in self.rows
        )

    def with_ranges(self, parts: tuple[float, float]) -> Parameters:
        """Return all figures, the ranges of the fitted ones being `parts` of their values."""
        return Parameters(
            replace(one, low=one.value * parts[0], high=one.value * parts[1])
            if one.kind is ParameterKind.FITTED and one.group in REFITTED
            else one
            for one in self.rows
        )

    def write(self, path: Path) -> None:
        """Write all figures as `data/parameters.csv` has them, rounded to six digits."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("group", "name", "value", "low", "high", "kind", "source"))
            for one in self.rows:
                figures = [f"{figure:.6g}" for figure in (one.value, one.low, one.high)]
                writer.writerow((one.group, one.name, *figures, one.kind, one.source))


@cache
def shipped() -> Parameters:
    """Return the figures that come with us, from `data/parameters.csv`."""
    with (FOLDER / "parameters.csv").open(encoding="utf-8", newline="") as file:
        return Parameters(
            SimulationParameter(
                row["group"],
                row["name"],
                float(row["value"]),
                float(row["low"]),
                float(row["high"]),
                ParameterKind(row["kind"]),
                row["source"],
            )
            for row in csv.DictReader(file)
        )
