"""Published counts of people, fitted to one joint table by iterative proportional fitting.

Deming and Stephan (1940): scale the table to each marginal in turn until all hold. Counts of different
years and tables do not add up to the same total, so each is scaled to the employed of `position` first;
`Marginal.scaled_by` says how much, and more than `LARGEST_QUIET_SCALE` is told in the model card.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.parameters import FOLDER, Parameters, shipped

AGES = ("15-25", "25-35", "35-45", "45-55", "55-65", "65-75")
CONTRACTS = (
    "permanent",
    "fixed_term",
    "on_call",
    "agency",
    "self_employed",
    "unemployed",
    "outside",
)
"""Contracts in the order of the dictionary of facts, then the other positions."""
EMPLOYED = CONTRACTS[:5]
EDUCATIONS = ("low", "middle", "high")
LEVELS = (
    "primary",
    "vmbo_bk_mbo1",
    "vmbo_gt_lower_havo_vwo",
    "mbo2_3",
    "mbo4",
    "havo_vwo",
    "bachelor",
    "master_phd",
)
EDUCATION_OF_LEVEL = (0, 0, 0, 1, 1, 1, 2, 2)
"""Without a starting qualification is low; that is mbo 2 or havo and higher."""
QUALIFICATIONS = ("not_qualified", "qualified")
HOURS = ("0-12", "12-20", "20-35", "35+")
SECTORS = (*tuple("ABCDEFGHIJKLMN"), "O-Q", "R-U")
FIRM_SIZES = ("1-10", "10-50", "50-250", "250+")
TENURES = ("0-1", "1-5", "5-10", "10-20", "20+")

DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "contract": EMPLOYED,
    "qualification": QUALIFICATIONS,
    "age": AGES,
    "hours": HOURS,
    "sector": SECTORS,
    "firm_size": FIRM_SIZES,
    "tenure": TENURES,
}
PRECISION = 1e-6
"""Fitted when no count differs by more than this part of the employed."""
MOST_ROUNDS = 500
LARGEST_QUIET_SCALE = 0.01

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Marginal:
    """One set of counts that the table must meet, in thousands; nan where nothing was published.

    `residual` is the largest difference after fitting, as a part of all employed.
    """

    name: str
    dimensions: tuple[str, ...]
    target: Table
    published: float
    scaled_by: float
    residual: float = 0.0


@dataclass(frozen=True, slots=True)
class JointTable:
    """The employed in thousands, by `DIMENSIONS`; how far each marginal holds, after so many rounds."""

    table: Table
    marginals: tuple[Marginal, ...]
    rounds: int


@cache
def counts() -> Mapping[str, Mapping[str, float]]:
    """Return the published counts in thousands by marginal and value, from `data/marginals.csv`."""
    found: dict[str, dict[str, float]] = {}
    with (FOLDER / "marginals.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["marginal"], {})[row["value"]] = float(row["thousands"])
    return found


def targets() -> list[Marginal]:
    """Return the marginals of the employed, scaled to their number by `position`."""
    known = counts()
    position = known["position"]
    employed = position["permanent"] + position["flexible"] + position["self_employed"]
    contract = _contracts(known)
    low = sum(known["education"][level] for level in LEVELS[:3])
    low *= employed / sum(known["education"][level] for level in LEVELS)
    qualified = np.full((3, 2), np.nan)
    for row, group in enumerate(("permanent", "flexible")):
        pair = [known["position+qualification"][f"{group}/{name}"] for name in QUALIFICATIONS]
        qualified[row] = np.array(pair) * position[group] / sum(pair)
    # Those without a qualification who are no employees are self-employed.
    qualified[2, 0] = low - qualified[:2, 0].sum()
    qualified[2, 1] = position["self_employed"] - qualified[2, 0]
    pairs = known["position+qualification"].values()
    employees = position["permanent"] + position["flexible"]
    found = [
        Marginal("contract", ("contract",), contract, employed, 1.0),
        Marginal(
            "position+qualification",
            ("contract", "qualification"),
            qualified,
            sum(pairs),
            employees / sum(pairs),
        ),
    ]
    for name in ("age", "hours", "sector", "firm_size", "tenure"):
        one = np.array([known[name][value] for value in DIMENSIONS[name]])
        published = sum(known[name].values())  # unknown spread over the known
        found.append(
            Marginal(name, (name,), one * employed / one.sum(), published, employed / published)
        )
    full_time = np.full((4, 2), np.nan)
    pair = [known["hours+qualification"][f"35+/{name}"] for name in QUALIFICATIONS]
    scaled = found[3].target[3] / sum(pair)
    full_time[3] = np.array(pair) * scaled
    found.append(
        Marginal("hours+qualification", ("hours", "qualification"), full_time, sum(pair), scaled)
    )
    return found


def _contracts(known: Mapping[str, Mapping[str, float]]) -> Table:
    """Return the employed by contract; flexible work that is not on call or by agency is fixed-term."""
    position, flexible = known["position"], known["contract"]
    on_call, agency = flexible["on_call"], flexible["agency"]
    fixed_term = position["flexible"] - on_call - agency
    return np.array([position["permanent"], fixed_term, on_call, agency, position["self_employed"]])


def fitted(parameters: Parameters | None = None) -> JointTable:
    """Return the joint table that meets every marginal, from the odds among the parameters.

    Raises ArithmeticError where it does not converge in `MOST_ROUNDS`.
    """
    table = _start(parameters or shipped())
    marginals = targets()
    employed = marginals[0].target.sum()
    for number in range(1, MOST_ROUNDS + 1):
        for one in marginals:
            _scale(table, one)
        residuals = [_residual(table, one) / employed for one in marginals]
        if max(residuals) < PRECISION:
            measured = tuple(
                Marginal(o.name, o.dimensions, o.target, o.published, o.scaled_by, residual)
                for o, residual in zip(marginals, residuals, strict=True)
            )
            return JointTable(table, measured, number)
    raise ArithmeticError(f"no table after {MOST_ROUNDS} rounds: {max(residuals):.2e} is left")


def _start(parameters: Parameters) -> Table:
    names = tuple(DIMENSIONS)
    table = np.ones([len(values) for values in DIMENSIONS.values()])
    for name, odds in parameters.group("odds").items():
        one, its_value, other, other_value = name.split("|")
        place: list[slice | int] = [slice(None)] * len(names)
        place[names.index(one)] = DIMENSIONS[one].index(its_value)
        place[names.index(other)] = DIMENSIONS[other].index(other_value)
        table[tuple(place)] *= odds
    return table


def _margin(table: Table, marginal: Marginal) -> Table:
    """Return the table's own counts in the shape of the marginal's target."""
    names = tuple(DIMENSIONS)
    kept = [names.index(name) for name in marginal.dimensions]
    found: Table = table.sum(tuple(place for place in range(len(names)) if place not in kept))
    if kept != sorted(kept):
        found = found.T
    if marginal.name == "position+qualification":
        found = np.array([found[0], found[1:4].sum(0), found[4]])
    return found


def _scale(table: Table, marginal: Marginal) -> None:
    factor = marginal.target / _margin(table, marginal)
    factor[np.isnan(factor)] = 1.0
    if marginal.name == "position+qualification":
        factor = factor[[0, 1, 1, 1, 2]]
    names = tuple(DIMENSIONS)
    kept = [names.index(name) for name in marginal.dimensions]
    if kept != sorted(kept):
        factor = factor.T
    table *= factor.reshape([len(v) if p in kept else 1 for p, v in enumerate(DIMENSIONS.values())])


def _residual(table: Table, marginal: Marginal) -> float:
    return float(np.nanmax(np.abs(_margin(table, marginal) - marginal.target)))
