"""Amounts of a month and of four weeks: worked out exactly, in both ways."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.binding import values_of
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.clauses import written_out
from eigenwijs.schemes.compiling import compiled
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.explaining import explain
from eigenwijs.schemes.types import CreditFacts, Outcome, Received

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
