"""The peer: the rule of `bench.schemes` in openfisca-core, in whole cents, asked year by year."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import ETERNITY, YEAR
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

FIRST = 2026
Person = build_entity("person", "persons", "A person", is_person=True)
people = np.load(sys.argv[1])


class agency(Variable):  # noqa: N801
    value_type, entity, definition_period = int, Person, ETERNITY


class hours(Variable):  # noqa: N801
    value_type, entity, definition_period = int, Person, YEAR


class spend(Variable):  # noqa: N801
    value_type, entity, definition_period = int, Person, YEAR


class credit(Variable):  # noqa: N801
    value_type, entity, definition_period = int, Person, YEAR

    def formula(person: Any, period: Any) -> Any:  # noqa: N805
        rate = np.where(person("agency", period), 80_000, 50_000).astype(np.int64)
        worked = person("hours", period).astype(np.int64)
        return np.where(2 * worked >= 160_700, rate, (rate * worked + 160_699) // 160_700)


class balance(Variable):  # noqa: N801
    value_type, entity, definition_period = int, Person, YEAR

    def formula(person: Any, period: Any) -> Any:  # noqa: N805
        most = np.where(person("agency", period), 800_000, 500_000)
        before = person("balance", period.last_year)
        held = before + np.minimum(person("credit", period), np.maximum(most - before, 0))
        return held - np.minimum(person("spend", period), held)


system = TaxBenefitSystem([Person])
system.add_variables(agency, hours, spend, credit, balance)
given = {name: people[name] for name in ("agency", "hours", "spend")}


def ask(count: int) -> Any:
    """Return the balances of the first so many people after ten years."""
    simulation = SimulationBuilder().build_default_simulation(system, count=count)
    simulation.max_spiral_loops = 100
    simulation.set_input("agency", str(FIRST), given["agency"][:count])
    for place in range(10):
        simulation.set_input("hours", str(FIRST + place), given["hours"][place, :count])
        simulation.set_input("spend", str(FIRST + place), given["spend"][place, :count])
    simulation.set_input("balance", str(FIRST - 1), np.zeros(count, np.int32))
    found = None
    for place in range(10):
        found = simulation.calculate("balance", str(FIRST + place))
    return found


ask(1000)  # nothing is asked for the first time while the clock runs
begun = time.process_time()
found = ask(len(given["agency"]))
seconds = time.process_time() - begun
np.save(sys.argv[2], np.asarray(found, np.int64))
print(json.dumps({"seconds": seconds}))
