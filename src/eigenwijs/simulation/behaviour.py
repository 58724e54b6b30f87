"""What people do with money to learn: knows, wants, applies, gets, completes.

Who has money is eligible. Each stage is a chance by age, education, contract, balance and whether somebody
ever took a course; who knows of the account does not forget it. The chances are whole numbers of 65,536, so
that every machine decides the same.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation.hashing import draws, part
from eigenwijs.simulation.marginals import AGES, CONTRACTS, EDUCATIONS
from eigenwijs.simulation.parameters import Parameters, shipped
from eigenwijs.simulation.population import AGE_BAND, Persons, Small
from eigenwijs.simulation.transitions import CERTAIN, Thresholds

STAGES = ("knows", "wants", "applies", "gets", "completes")
KNOWS, WANTS, APPLIES, GETS, COMPLETES = range(len(STAGES))
TRAINED = ("never", "before")
BALANCE_FROM = (1, 10_000, 25_000, 50_000, 100_000, 200_000, 500_000)
"""Where each band of balance above nothing starts, in cents."""
PRICES = 256
STEPS, AFTER = 21, 22
"""Streams of chance."""


class BehaviourTables(NamedTuple):
    """All chances of a year as whole numbers of 65,536, and what courses cost."""

    stages: NDArray[np.int32]
    """[stage, contract, education, age band, trained, band of balance]"""
    would_anyway: Thresholds
    """[trained]: who learns with this money and would have without it"""
    prices: Thresholds
    """256 prices in cents, each as common as another"""
    median_price: Thresholds
    balance_from: Thresholds
    age_band: Small


def behaviour_tables(parameters: Parameters | None = None) -> BehaviourTables:
    """Return all chances by a set of parameters; a stage without a factor for something has 1."""
    parameters = parameters or shipped()
    bands = [str(number) for number in range(len(BALANCE_FROM) + 1)]
    axes = (
        ("trained", TRAINED),
        ("age", AGES),
        ("education", EDUCATIONS),
        ("contract", CONTRACTS),
        ("balance", bands),
    )
    stages = np.empty((*(len(values) for _name, values in axes), len(STAGES)), np.int32)
    for place, stage in enumerate(STAGES):
        given = parameters.group(stage)
        chance = np.full(stages.shape[:-1], given["base"])
        for axis, (name, values) in enumerate(axes):
            factors = np.array([given.get(f"{name}|{value}", 1.0) for value in values])
            chance *= factors.reshape([-1 if axis == one else 1 for one in range(len(axes))])
        chance[..., 0] = 0.0  # without money nobody is eligible
        stages[..., place] = np.rint(np.minimum(chance, 1.0) * CERTAIN)
    anyway = parameters.values("would_anyway", ("never", "trained"))
    median, sigma = (parameters.value("price", name) for name in ("median", "sigma"))
    steps = [NormalDist().inv_cdf((step + 0.5) / PRICES) for step in range(PRICES)]
    return BehaviourTables(
        stages=np.ascontiguousarray(stages.transpose(5, 3, 2, 1, 0, 4)),
        would_anyway=np.rint(np.array(anyway) * CERTAIN).astype(np.int64),
        prices=np.rint(median * np.exp(sigma * np.array(steps))).astype(np.int64),
        median_price=np.array([round(median)], np.int64),
        balance_from=np.array(BALANCE_FROM, np.int64),
        age_band=AGE_BAND,
    )


class Choices(NamedTuple):
    """Who takes a course in a year, by their places, and of each of them the price in cents and two marks."""

    rows: NDArray[np.int64]
    price: NDArray[np.int64]
    completes: NDArray[np.bool_]
    would_anyway: NDArray[np.bool_]


def choose(
    people: Persons,
    known: tuple[Small, Small],
    balance: NDArray[np.integer[Any]],
    tables: BehaviourTables,
    *,
    seed: int,
    year: int,
    first: int,
) -> Choices:
    """Return what people choose with what stands on their accounts.

    `known` is who knows of the account, which is brought up to date, and who took a course before.
    """
    knows, trained = known
    last = first + len(people) - 1
    chance = draws(seed, year, STEPS, first, last)
    money = np.searchsorted(tables.balance_from, balance, side="right")
    groups = (people.contract, people.education, tables.age_band[people.age], trained, money)
    place = np.ravel_multi_index(groups, tables.stages.shape[1:])
    stages = tables.stages.reshape(len(STAGES), -1)
    knows |= part(chance, 0) < stages[KNOWS].take(place)
    rows = np.flatnonzero(knows)
    for draw, stage in enumerate((WANTS, APPLIES, GETS), 1):
        rows = rows[part(chance[rows], draw) < stages[stage].take(place[rows])]
    after = draws(seed, year, AFTER, first, last)[rows]
    return Choices(
        rows,
        tables.prices[part(after, 2) >> 8],
        part(after, 0) < stages[COMPLETES].take(place[rows]),
        part(after, 1) < tables.would_anyway[trained[rows]],
    )
