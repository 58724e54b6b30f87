"""What synthetic people are credited is what workers with the same facts would be, cent for cent."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np
import pytest

from eigenwijs.kernel.clock import months_touched
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import PERIODS_A_YEAR, Period
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.facts import CONTRACT_KINDS, QUALIFICATIONS
from eigenwijs.schemes.gifts import Gifts
from eigenwijs.schemes.types import FULL_TIME_HOURS, CreditFacts, Earlier
from eigenwijs.simulation import yearly
from eigenwijs.simulation.kinds import Backend
from eigenwijs.simulation.lives import Lives
from eigenwijs.simulation.marginals import SECTORS
from eigenwijs.simulation.population import Persons
from eigenwijs.simulation.proposals import (
    EMPLOYEES,
    ON_CALL,
    QUALIFICATION_OF_LEVEL,
    WEEKS_A_YEAR,
    SchemeProposal,
)
from eigenwijs.simulation.transitions import NEW_PERSON
from eigenwijs.simulation.types import MEASURES
from tests.schemes.random_schemes import random_text

FIRST_YEAR = 2027
PERIODS = "periods: [month, four_weeks, quarter, year]"
EVERY_STATE = """\
scheme: nl/proef
title: {nl: Proef, en: Trial}
source: invented
starts: 2024-01-01
periods: [month]
signed_by: [workers, employers]
portable: true
parameters:
  large: {unit: EUR, values: {2024-01-01: 300.00}, article: x}
  small: {unit: EUR, values: {2024-01-01: 100.01}, article: x}
  young: {unit: years, values: {2024-01-01: 30}, article: x}
credit:
  - {id: again, per: once, again_after_years: 2, cases: [{otherwise: large}], round: down, article: x}
  - {id: yearly, per: year, cases: [{otherwise: small}], spread: cumulative, article: x}
  - id: welcome
    per: once
    cases: [{when: age < young, amount: small}, {otherwise: "0"}]
    round: up
    article: x
cap: {balance: [{otherwise: large * 2}], year: [{otherwise: large + small / 2}], article: x}
spend: {work_related_only: false, article: x}
"""
ONCE_IN_A_LIFE = EVERY_STATE.replace(" again_after_years: 2,", "").replace("balance:", "ever:")

UNDER_A_LIMIT = EVERY_STATE.replace("periods: [month]", "periods: [quarter]").replace(
    EVERY_STATE[EVERY_STATE.index("credit:") : EVERY_STATE.index("spend:")],
    """\
credit:
  - id: every
    per: period
    cases: [{when: 'qualification in [bachelor]', amount: small * 2}, {otherwise: small}]
    prorate: {by: paid_hours_period / full, full_from: 3/4, article: x}
    round: up
    article: x
  - {id: yearly, per: year, cases: [{otherwise: large}], round: half_up, article: x}
cap:
  balance: [{when: 'qualification in [primary]', amount: large * 7}, {otherwise: large * 4}]
  article: x
absent: {qualification: {use: vocational, article: x}}
""",
)
UNDER_A_LIMIT = UNDER_A_LIMIT.replace(
    "young: {unit: years, values: {2024-01-01: 30}", "full: {unit: hours, values: {2024-01-01: 400}"
)
"""What somebody gets follows from few values and from the room on their account."""


def facts_of(people: Persons, row: int, period: Period) -> CreditFacts:
    """What a payroll would say of somebody."""
    contract, hours, wage = (
        int(column[row]) for column in (people.contract, people.hours, people.hourly_wage)
    )
    days = (period.end - period.start).days + 1
    in_contract = None if contract == ON_CALL else Fraction(hours)
    a_week = Fraction(hours) + (Fraction(1, 2) if contract == ON_CALL else 0)
    return {
        "contract_kind": CONTRACT_KINDS[contract],
        "contract_hours_week": in_contract,
        "contract_hours_reference": in_contract,
        "full_time_hours_week": Fraction(FULL_TIME_HOURS),
        "leave_hours_period": Fraction(0),
        "hourly_wage": Fraction(wage),
        "job_kind": "ordinary",
        "training_programme": "does_not_join",
        "paid_hours_period": Fraction(ceil(a_week * days * 100 / 7), 100),
        "gross_wage_period": Fraction(wage * hours * WEEKS_A_YEAR // period.of_year),
        "age": Fraction(int(people.age[row])),
        "employed_days_period": Fraction(days),
        "employed_months_period": Fraction(months_touched(period.start, period.end)),
        "service_years": Fraction(int(people.tenure[row])),
        "qualification": QUALIFICATIONS[QUALIFICATION_OF_LEVEL[people.level[row]]],
    }


def differences(
    text: str, sector: str = "", *, people: int, years: int = 4, backend: Backend = "numpy"
) -> list[str]:
    """Let people live, learn and be credited; return who was not credited what `entitlement` says."""
    proposal, scheme = SchemeProposal(text, sector), check(text)
    lives = Lives(0, people - 1, years=years, seed=5, backend=backend)
    (block,) = lives.blocks()
    accounts = yearly.Accounts(proposal, lives, block, yearly._sums(lives))
    gifts = [Gifts()] * people
    found = []
    for number, life in enumerate(block.years):
        year, kind = FIRST_YEAR + number, scheme.periods[0]
        proposal.prepare(year)
        held, before = accounts.held.copy(), accounts.credited.copy()
        for row in np.flatnonzero(life.marks & NEW_PERSON):
            gifts[row], held[row] = Gifts(), 0
        accounts.step(life, year, number + 1, np.zeros((yearly.CELLS, len(MEASURES)), np.int64))
        given = accounts.credited - before
        for row in range(people):
            earlier: dict[str, Earlier] = {}
            due = Money.zero()
            is_credited = life.people.contract[row] < EMPLOYEES
            if sector and life.people.sector[row] != SECTORS.index(sector):
                is_credited = False
            for place in range(PERIODS_A_YEAR[kind] if is_credited else 0):
                period = Period(year, place + 1, kind)
                outcome = entitlement(
                    scheme,
                    digest="",
                    facts=facts_of(life.people, row, period),
                    period=period,
                    earlier=earlier,
                    balance=Money(int(held[row])) + due,
                    received=gifts[row].received(year, scheme.again_after),
                )
                due = due + outcome.amount
                gifts[row] = gifts[row].with_parts(year, outcome.parts)
                earlier = {
                    part.credit: earlier.get(part.credit, Earlier()).with_part(part)
                    for part in outcome.parts
                }
            if due.cents != given[row]:
                found.append(f"{year} person {row}: {given[row]}, exactly {due.cents}")
    return found


@pytest.mark.parametrize("kind", ["month", "four_weeks", "quarter", "year"])
def test_people_are_credited_exactly_under_schemes_that_nobody_wrote(kind: str) -> None:
    wrong = {}
    for seed in range(500, 506):
        text = random_text(seed).replace(PERIODS, f"periods: [{kind}]")
        if found := differences(text, "G" if seed % 3 == 0 else "", people=40, years=2):
            wrong[seed] = found[:3]
    assert not wrong


@pytest.mark.parametrize("text", [EVERY_STATE, ONCE_IN_A_LIFE], ids=["again", "ever"])
@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_what_people_had_before_counts_until_others_come_in_their_places(
    text: str, backend: Backend
) -> None:
    """Amounts once, once in two years, and limits on what there is, of a year and ever."""
    assert differences(text, people=150, backend=backend) == []


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("sector", ["", "G"])
@pytest.mark.parametrize(
    ("changed", "is_looked_up"),
    [
        ({}, True),
        ({"periods: [quarter]": "periods: [year]"}, True),
        # From July on more can stand there: so it matters when what was given.
        ({"{2024-01-01: 300.00}": "{2024-01-01: 300.00, 2028-07-01: 350.00}"}, False),
        ({"round: half_up": "spread: cumulative"}, False),
    ],
    ids=["quarters", "years", "more room from July", "spread"],
)
def test_what_there_is_room_for_is_given_to_the_cent(
    changed: dict[str, str], is_looked_up: bool, sector: str, backend: Backend
) -> None:
    text = UNDER_A_LIMIT
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    assert differences(text, sector, people=60, years=5, backend=backend) == []
    proposal = SchemeProposal(text, sector)
    proposal.prepare(2028)
    assert bool(proposal._kinds and proposal._of_kinds(2028, backend)) == is_looked_up


def test_what_somebody_was_given_does_not_count_for_who_comes_in_their_place() -> None:
    proposal = SchemeProposal(EVERY_STATE)
    proposal.prepare(FIRST_YEAR)
    lives = Lives(0, 1_999, years=1, seed=5, backend="numpy")
    (block,) = lives.blocks()
    accounts = yearly.Accounts(proposal, lives, block, [])
    for values in accounts.state.values():
        values[:] = 7
    for life in block.years:
        accounts.step(life, FIRST_YEAR, 1, np.zeros((yearly.CELLS, len(MEASURES)), np.int64))
        is_new = (life.marks & NEW_PERSON) > 0
        assert is_new.any()
        for name, values in accounts.state.items():
            assert np.array_equal(values == 0, is_new), name


@pytest.mark.parametrize("text", [EVERY_STATE, UNDER_A_LIMIT], ids=["each apart", "by kind"])
def test_nothing_is_compiled_where_numpy_was_asked_for(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that shows a first year waits for no compiler."""

    def compile_it(*_given: object) -> None:
        raise AssertionError("numba compiles")

    monkeypatch.setattr("eigenwijs.schemes.many_people._with_numba", compile_it)
    proposal = SchemeProposal(text)
    proposal.prepare(2028)
    (block,) = Lives(0, 99, years=1, seed=5, backend="numpy").blocks()
    nothing, state = np.zeros(100, np.int32), proposal.start(100)
    assert proposal.credit(block.start, nothing, state, 2028, "numpy").any()
