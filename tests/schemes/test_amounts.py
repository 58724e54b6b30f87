"""Amounts of a month and of four weeks, and what is added to amounts: exact, and the same in both ways."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.binding import values_of
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import FaultyScheme, check
from eigenwijs.schemes.clauses import written_out
from eigenwijs.schemes.compiling import compiled
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.explaining import explain
from eigenwijs.schemes.facts import CALENDAR_FACTS, PERSON_FACTS
from eigenwijs.schemes.gifts import Gifts
from eigenwijs.schemes.queries import choices, followed, with_choices
from eigenwijs.schemes.types import CreditFacts, Outcome, Received, TypicalPerson
from eigenwijs.simulation.population import persons
from eigenwijs.simulation.proposals import EMPLOYEES, FACTS, SchemeProposal

TEXT = """\
scheme: nl/bedragen
title: {nl: Bedragen, en: Amounts}
source: invented
starts: 2024-01-01
periods: [month, four_weeks, quarter, year]
signed_by: [state]
portable: true
parameters:
  amount_due: {unit: EUR, values: {2024-01-01: 13.00}, article: x}
credit:
  - id: one
    per: month
    cases: [{otherwise: amount_due}]
    round: half_up
    article: "1"
spend: {work_related_only: false, article: x}
"""


def due(
    scheme: Scheme, period: str, facts: CreditFacts, ever: Mapping[str, Money] | None = None
) -> Outcome:
    """What is due, computed with every step and in whole numbers: the same, and within 64 bits."""
    on, received = Period.parse(period), Received(ever or {})
    given = {"facts": facts, "earlier": {}, "balance": Money.zero(), "received": received}
    outcome = entitlement(scheme, digest="", period=on, **given)  # type: ignore[arg-type]
    bound = compiled(scheme).bind(on)
    bound.prove()
    values = values_of(bound, **given)  # type: ignore[arg-type]
    assert values is not None
    found = bound.for_one(values)
    for part in outcome.parts:
        assert found[f"amount:{part.credit}"] == part.amount.cents
    return outcome


@pytest.mark.parametrize(
    ("per", "period", "cents"),
    [
        ("month", "2026-05", 13_00),
        ("month", "2026-P05", 12_00),  # 13.00 × 12/13
        ("month", "2026-Q2", 39_00),
        ("month", "2026", 156_00),
        ("four_weeks", "2026-P05", 13_00),
        ("four_weeks", "2026-P13", 13_00),  # five weeks, in a year of 53
        ("four_weeks", "2026-05", 14_08),  # 13.00 × 13/12 = 14.0833
        ("four_weeks", "2026-Q2", 42_25),
        ("four_weeks", "2026", 169_00),
        ("year", "2026-P13", 1_00),
    ],
)
def test_an_amount_of_a_month_or_of_four_weeks_is_that_in_every_pay_period(
    per: str, period: str, cents: int
) -> None:
    """€ 13.00 a month is € 156.00 a year and € 12.00 per four weeks; per four weeks it is € 169.00."""
    scheme = check(TEXT.replace("per: month", f"per: {per}"))
    assert due(scheme, period, {}).amount == Money(cents)


def test_it_says_which_part_of_a_year_counts() -> None:
    steps = due(check(TEXT), "2026-P05", {}).steps
    nl, en = (explain(steps, language) for language in ("nl", "en"))
    assert "Het bedrag is € 13,00 per maand. (artikel 1)".replace("€ ", "€\N{NO-BREAK SPACE}") in nl
    assert "A year has 12 months. This period is 1/13 of a year: that is €12.00. (article 1)" in en
    assert len(due(check(TEXT), "2026-05", {}).steps) == len(steps) - 1
    words = " ".join(written_out(check(TEXT), "", "en").split())
    assert "The amount a month: €13.00. A year counts twelve months, also where" in words


EXTRA = TEXT.replace(
    "    round: half_up",
    """\
    extra:
      - id: doubled
        when: contract_kind == fixed_term
        times: 2
        text: {nl: Je hebt een tijdelijk contract., en: You have a temporary contract.}
        article: "2"
      - {id: old, when: age >= fifty, plus: more, text: {nl: Je bent 50., en: You are 50.}, article: "3"}
    prorate: {by: contract_hours_week / full_week, article: "4"}
    round: half_up""",
).replace(
    "credit:",
    """\
  more: {unit: EUR, values: {2024-01-01: 10.00}, article: x}
  fifty: {unit: years, values: {2024-01-01: 50}, article: x}
  full_week: {unit: hours, values: {2024-01-01: 40}, article: x}
absent: {contract_hours_week: {use: paid_hours_period, article: x}}
credit:""",
)


@pytest.mark.parametrize(
    ("kind", "age", "cents"),
    [
        ("permanent", 49, 6_50),
        ("fixed_term", 49, 13_00),
        ("permanent", 50, 11_50),  # (13.00 + 10.00) / 2
        ("fixed_term", 50, 18_00),  # (13.00 × 2 + 10.00) / 2: in the order that is written
    ],
)
def test_extras_change_the_amount_in_their_order_before_the_part_is_taken(
    kind: str, age: int, cents: int
) -> None:
    """€ 13.00 a month, half of it for half a week; doubled for some, € 10.00 more from 50 on."""
    facts = {
        "contract_kind": kind,
        "age": Fraction(age),
        "contract_hours_week": Fraction(20),
        "paid_hours_period": Fraction(80),
    }
    outcome = due(check(EXTRA), "2026-05", facts)
    assert outcome.amount == Money(cents)
    told = [step for step in outcome.steps if step.code == "extra"]
    assert len(told) == (kind == "fixed_term") + (age >= 50)
    if kind == "fixed_term":
        assert explain(told, "en")[0] == (
            "You have a temporary contract. The amount becomes €26.00. (article 2)"
        )


def test_each_extra_has_a_clause() -> None:
    words = " ".join(written_out(check(EXTRA), "", "nl").split())
    assert (
        "Als dit klopt: het soort contract is een tijdelijk contract, dan wordt dat bedrag keer 2. We "
        "zeggen dan: ‘Je hebt een tijdelijk contract.’ (artikel 2)"
    ) in words
    assert (
        "minstens 50 jaar, dan komt bij dat bedrag: € 10,00. We zeggen dan: ‘Je bent 50.’" in words
    )


def test_the_table_keeps_what_it_offers_no_choice_for() -> None:
    text = EXTRA.replace("state", "workers, employers")
    on = date(2027, 1, 1)
    assert [one.name for one in choices(text, on).figures] == [
        "amount_due", "more", "fifty", "full_week",
    ]  # fmt: skip
    tried = with_choices(
        text, on=on, figures={"more": "20.00"}, without=frozenset(), end_months=None, source="cao"
    )
    assert [extra.id for extra in check(tried).credit[0].extra] == ["doubled", "old"]
    assert dict(check(tried).parameters["more"].values)[on].value == 20


MEANS = TEXT.replace(
    "credit:",
    """\
  limit: {unit: EUR, values: {2024-01-01: 22000.00}, article: x}
  five: {unit: years, values: {2024-01-01: 5}, article: x}
eligible:
  - id: means
    when: gross_wage_period * periods_year <= limit
    otherwise: {nl: Je verdient meer dan de grens., en: You earn more than the limit.}
    article: x
  - {id: service, when: service_years >= five, otherwise: {nl: Nog niet., en: Not yet.}, article: x}
credit:""",
).replace(
    "    round:",
    "    prorate: {by: employed_months_period / months_period, article: x}\n    round:",
)


@pytest.mark.parametrize(
    ("period", "wage", "years", "months", "refused", "cents"),
    [
        ("2026", 22_000_00, 5, 12, (), 156_00),
        ("2026", 22_000_01, 5, 12, ("means",), 0),
        ("2026", 22_000_00, 4, 12, ("service",), 0),
        ("2026", 22_000_00, 5, 3, (), 39_00),  # 156.00 × 3/12
        ("2026-05", 1_833_33, 5, 1, (), 13_00),  # × 12 = 21,999.96
        ("2026-05", 1_833_34, 5, 1, ("means",), 0),
        ("2026-P05", 1_692_30, 5, 2, (), 12_00),  # × 13 = 21,999.90
        ("2026-P05", 1_692_31, 5, 2, ("means",), 0),
        ("2026-P04", 1_692_30, 5, 1, (), 6_00),  # in one of the two months that it touches
        ("2026-Q2", 5_500_00, 5, 2, (), 26_00),
    ],
)
def test_means_service_and_months_decide_in_every_kind_of_period(
    period: str, wage: int, years: int, months: int, refused: tuple[str, ...], cents: int
) -> None:
    """€ 13.00 a month for who earns at most € 22,000.00 a year and is in service for five years."""
    facts = {
        "gross_wage_period": Fraction(wage),
        "service_years": Fraction(years),
        "employed_months_period": Fraction(months),
    }
    outcome = due(check(MEANS), period, facts)
    assert (outcome.amount, outcome.refused) == (Money(cents), refused)


def test_the_table_follows_years_in_service_and_the_simulator_knows_every_fact() -> None:
    """Who enters as the first year begins has nothing for five years, then € 156.00 a year."""
    person = TypicalPerson("permanent", Fraction(36), Money(10_00), 1990)
    (years,) = followed(MEANS.replace("state", "workers, employers"), (person,), 2027, 7)
    assert [year.credited.cents for year in years] == [0, 0, 0, 0, 0, 156_00, 156_00]
    assert FACTS.keys() >= PERSON_FACTS.keys() - CALENDAR_FACTS


AGAIN = TEXT.replace("per: month\n", "per: once\n    again_after_years: 5\n")


def test_what_was_given_once_comes_again_after_years() -> None:
    """€ 13.00 in 2027 and, five years after that, in 2032: for one who is followed and for the simulator."""
    person = TypicalPerson("permanent", Fraction(36), Money(20_00), born=1990)
    (years,) = followed(AGAIN, (person,), 2027, 7)
    assert [one.credited.cents for one in years] == [13_00, 0, 0, 0, 0, 13_00, 0]
    drawn = persons(1, 0, 999)
    people = drawn.rows(np.flatnonzero(drawn.contract < EMPLOYEES)[:50])
    proposal = SchemeProposal(AGAIN)
    state, nothing = proposal.start(50), np.zeros(50, np.int64)
    given = []
    for year in range(2027, 2034):
        proposal.prepare(year)
        given.append(int(proposal.credit(people, nothing, state, year, "numpy").sum()))
    assert given == [50 * 13_00, 0, 0, 0, 0, 50 * 13_00, 0]


def test_what_comes_again_is_said_with_its_years() -> None:
    scheme = check(AGAIN)
    said = "Je kunt het opnieuw krijgen, 5 jaar na het jaar waarin je het kreeg."
    assert said in written_out(scheme, "", "nl")
    found = due(scheme, "2028", {}, {"one": Money(13_00)})
    assert found.amount == Money.zero()
    told = "You can get this amount once in 5 years. You get or got €13.00 already. (article 1)"
    assert told in explain(found.steps, "en")


@pytest.mark.parametrize("away", [-5, -4, -1, 0, 1, 4, 5])
def test_only_gifts_fewer_years_away_stand_in_the_way(away: int) -> None:
    gifts = Gifts().with_amount(2027 + away, "one", Money(13_00))
    assert gifts.received(2027, {"one": 5}).ever == ({} if abs(away) == 5 else {"one": Money(1300)})
    assert gifts.received(2027, {}).ever == {"one": Money(1300)}
    assert gifts.received(2027, {}).year == Money(0 if away else 1300)


def test_what_comes_again_has_no_most_for_ever() -> None:
    with pytest.raises(FaultyScheme) as refused:
        check(AGAIN.replace("spend:", "cap: {ever: [{otherwise: amount_due}], article: x}\nspend:"))
    assert [one.code for one in refused.value.faults] == ["ever_and_again"]
