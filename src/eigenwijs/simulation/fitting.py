"""How far the simulator says what was published, and how its fitted figures were found.

Published facts are of rules that are in force nowhere here, so each is compared with a simple rule of the
same size on the synthetic Dutch population: a *situation*. Facts that are `held_out` were not looked at
in fitting. The misses are shown with the hits.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.behaviour import APPLIES, BALANCE_FROM, behaviour_tables
from eigenwijs.simulation.kinds import Backend, Whole
from eigenwijs.simulation.lives import Chances, Lives, chances
from eigenwijs.simulation.marginals import CONTRACTS
from eigenwijs.simulation.parameters import FOLDER, ParameterKind, Parameters, shipped
from eigenwijs.simulation.population import OUTSIDE, UNEMPLOYED, Persons, persons
from eigenwijs.simulation.proposals import Cents
from eigenwijs.simulation.transitions import JOB_ENDED, move
from eigenwijs.simulation.types import GROUPINGS, MEASURES, Compared, PublishedFact, Totals
from eigenwijs.simulation.yearly import simulate

FIT_SEED = 20_260_101
FIT_PERSONS = 400_000
FIT_ROUNDS = 8
TABLE_PERSONS = 100_000
FIRST_YEAR = 2027
MOST = {"applies": 20.0, "would_anyway": 0.9, "price": 300_000.0}
RANGE = (0.75, 1.25)
"""How far another value than a fitted one is as credible: set, not measured."""


@cache
def facts() -> tuple[PublishedFact, ...]:
    """Return every published fact, from `data/facts.csv`."""
    with (FOLDER / "facts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            PublishedFact(
                row["id"],
                row["fact"],
                row["unit"],
                float(row["published"]) if row["published"] else None,
                row["situation"],
                row["measure"],
                row["use"],
                tuple(_named(one) for one in row["fits"].split()),
                row["note"],
                row["source"],
            )
            for row in csv.DictReader(file)
        )


def _named(text: str) -> tuple[str, str]:
    group, _colon, name = text.partition(":")
    return group, name


@dataclass(slots=True)
class SimpleRight:
    """A rule of one amount a year, more for the practically schooled, up to a cap; in cents.

    `once` gives it in the first year alone; `employees` leaves out who is not employed, `low_alone` who has
    a starting qualification.
    """

    amount: int
    amount_low: int
    cap: int
    cap_low: int
    once: bool = False
    employees: bool = False
    low_alone: bool = False
    years_kept: int | None = None
    ends_in: int | None = None
    ends_at_age: int | None = None
    portable: bool = True

    def start(self, _count: int) -> dict[str, Cents]:
        """No state."""
        return {}

    def prepare(self, _year: int) -> None:
        """Nothing to make ready."""

    def credit(
        self,
        people: Persons,
        balance: Whole,
        _state: dict[str, Cents],
        year: int,
        _backend: Backend | None,
    ) -> Cents:
        """Return the amount, as far as the cap leaves room."""
        low = people.education == 0
        full = np.where(low, self.amount_low, self.amount)
        room = np.maximum(np.where(low, self.cap_low, self.cap) - balance, 0)
        may = (people.age >= 18) & (people.age < 67)
        may &= (people.contract < UNEMPLOYED - 1) if self.employees else people.contract < OUTSIDE
        if self.low_alone:
            may &= low
        if self.once and year > FIRST_YEAR:
            may &= False
        result: NDArray[np.int64] = np.where(may, np.minimum(full, room), 0).astype(np.int64)
        return result


SITUATIONS: dict[str, tuple[SimpleRight, int]] = {
    "account": (SimpleRight(50_000, 80_000, 500_000, 800_000, employees=True), 3),
    "subsidy": (SimpleRight(100_000, 100_000, 100_000, 100_000, years_kept=0), 1),
    "credit": (SimpleRight(33_000, 33_000, 33_000, 33_000, once=True), 5),
    "voucher": (
        SimpleRight(100_000, 100_000, 100_000, 100_000, once=True, employees=True, low_alone=True),
        2,
    ),
}
"""The rule and how many years: the French account in its third year, the Dutch subsidy of 2022, the Singapore
credit of 500 dollars (about 330 euro), and the trial's voucher."""


class _Runs:
    """The situations under one set of parameters, each run once."""

    def __init__(self, parameters: Parameters, count: int, seed: int) -> None:
        self.parameters, self.count, self.seed = parameters, count, seed
        self.using: Chances = chances(parameters)
        self._found: dict[tuple[str, int], Totals] = {}

    def run(self, situation: str, years: int | None = None) -> Totals:
        rule, all_years = SITUATIONS[situation]
        wanted = years or all_years
        if (situation, wanted) not in self._found:
            lives = Lives(0, self.count - 1, years=wanted, seed=self.seed, using=self.using)
            (found,) = simulate([rule], lives, first_year=FIRST_YEAR)
            self._found[situation, wanted] = found
        return self._found[situation, wanted]

    def measure(self, fact: PublishedFact) -> float | None:
        """Return what the simulator says of a fact, in its unit."""
        if not fact.measure:
            return None
        kind, *rest = fact.measure.split()
        given = dict(one.split("=", 1) for one in rest if "=" in one)
        year = int(given.pop("year", -1))
        if fact.situation == "work":
            return 100 * _work_flows(self.using, self.count, self.seed)[kind]
        if kind == "less_by_contract":
            return _less_by_contract(self.parameters, rest[0])
        if kind == "ever":
            totals = self.run(fact.situation, year + 1)
            return 100 * float((totals.spent > 0).sum() / (totals.credited > 0).sum())
        return _figure(self.run(fact.situation), kind, given, year)


def _figure(totals: Totals, kind: str, given: Mapping[str, str], year: int) -> float:
    users = _sum(totals, "takes_up", given, year)
    if kind == "share":
        return 100 * users / _sum(totals, "takes_up", {}, year)
    if kind in ("take_up", "relative"):
        rate = 100 * users / _sum(totals, "persons", given, year)
        if kind == "take_up":
            return rate
        whole = _sum(totals, "takes_up", ALL_EMPLOYEES, year)
        return rate * _sum(totals, "persons", ALL_EMPLOYEES, year) / whole
    if kind == "mean_spent":
        return _sum(totals, "spent", given, year) / users / 100
    measure = {"pays_all": "pays_all", "deadweight": "would_anyway"}[kind]
    return 100 * _sum(totals, measure, given, year) / users


ALL_EMPLOYEES = {"contract": "permanent+fixed_term+agency"}


def _group_weights(grouping: str, text: str) -> NDArray[np.float64]:
    """Read `low+middle*0.73`; no text is everybody."""
    if not text:
        return np.ones(len(GROUPINGS[grouping]))
    found = np.zeros(len(GROUPINGS[grouping]))
    for one in text.split("+"):
        value, _star, weight = one.partition("*")
        found[GROUPINGS[grouping].index(value)] = float(weight or 1)
    return found


def _sum(totals: Totals, measure: str, given: Mapping[str, str], year: int) -> float:
    """Return a measure of those whom `given` names by grouping, in one year."""
    found: NDArray[np.float64] = totals.sums[year, ..., MEASURES.index(measure)].astype(float)
    for grouping in GROUPINGS:
        # The first axis is summed away each time.
        found = np.tensordot(_group_weights(grouping, given.get(grouping, "")), found, axes=(0, 0))
    return float(found)


def _work_flows(using: Chances, count: int, seed: int) -> dict[str, float]:
    people = persons(seed, 0, count - 1, using.drawing)
    worked = (people.contract < UNEMPLOYED) & (people.age < 65)
    marks = move(people, using.moves, seed=seed, year=1, first=0)[worked]
    works = people.contract[worked] < UNEMPLOYED
    ended = (marks & JOB_ENDED) > 0
    return {
        "same_job": float((~ended).mean()),
        "other_job": float((ended & works).mean()),
        "out_of_work": float((~works).mean()),
    }


def _less_by_contract(parameters: Parameters, contract: str) -> float:
    """Return by how many percent less a contract applies than a permanent one, all else alike."""
    stages = behaviour_tables(parameters).stages[APPLIES, :, 1, 2, 1, len(BALANCE_FROM) - 2]
    return float(100 * (1 - stages[CONTRACTS.index(contract)] / stages[0]))


def compare(
    parameters: Parameters | None = None, *, count: int = TABLE_PERSONS, seed: int = FIT_SEED
) -> list[Compared]:
    """Return every published fact beside what the simulator says."""
    runs = _Runs(parameters or shipped(), count, seed)
    return [Compared(fact, runs.measure(fact)) for fact in facts()]


def fit_table() -> list[Compared]:
    """Return the table that comes with us, from `data/fit.csv`; a test makes it again."""
    with (FOLDER / "fit.csv").open(encoding="utf-8", newline="") as file:
        kept = {row["id"]: row["simulated"] for row in csv.DictReader(file)}
    return [Compared(one, float(kept[one.id]) if kept[one.id] else None) for one in facts()]


def write_fit_table(compared: list[Compared], path: Path) -> None:
    """Write what the simulator says of each fact, rounded to two digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "simulated"))
        for one in compared:
            figure = "" if one.simulated is None else f"{one.simulated:.2f}"
            writer.writerow((one.fact.id, figure))


def fit(
    parameters: Parameters | None = None,
    *,
    count: int = FIT_PERSONS,
    rounds: int = FIT_ROUNDS,
    seed: int = FIT_SEED,
) -> Parameters:
    """Return the parameters with the fitted ones such that the facts used for it hold, as far as they can.

    Each round multiplies what a fact fits by published / simulated: iterative proportional fitting, on
    the same people with the same chances in every round. The range of a fitted figure follows `RANGE`.
    """
    found = parameters or shipped()
    for _round in range(rounds):
        runs = _Runs(found, count, seed)
        known = {(one.group, one.name): one for one in found.rows}
        values: dict[tuple[str, str], float] = {}
        for fact in facts():
            if fact.use != "fitted" or fact.situation == "work" or fact.published is None:
                continue
            simulated = runs.measure(fact)
            factor = fact.published / simulated if simulated else 1.0
            for name in fact.fits:
                one = known[name]
                if one.kind is ParameterKind.FITTED:
                    values[name] = min(one.value * factor, MOST[name[0]])
        found = found.with_values(values)
    return found.with_ranges(RANGE)
