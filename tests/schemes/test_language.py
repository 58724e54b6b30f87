"""A wrong text is refused with what is wrong, where, and what would be right."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes import blocks, spend_blocks
from eigenwijs.schemes.block import Block
from eigenwijs.schemes.checking import FaultyScheme, check, inferred_places
from eigenwijs.schemes.expressions import UnreadableExpression, parse
from eigenwijs.schemes.facts import CONTRACT_KINDS, PERSON_FACTS, SPEND_FACTS
from eigenwijs.schemes.queries import check_text, json_schema, reference_page

SCHEMES = Path(__file__).resolve().parents[2] / "schemes"

GOOD = """\
scheme: nl/proef
title: {nl: Proefregeling, en: Trial scheme}
source: an invented agreement
starts: 2024-01-01
periods: [month, four_weeks]
signed_by: [workers, employers]
portable: true
parameters:
  per_year:
    unit: EUR
    values: {2024-01-01: 175.00, 2026-01-01: 180.00}
    article: "1"
  full_week:
    unit: hours
    values: {2024-01-01: 38}
    article: "2"
absent:
  contract_hours_week:
    not_eligible: {nl: Geen vaste uren., en: No fixed hours.}
    article: "3"
eligible:
  - id: kind
    when: contract_kind in [permanent, fixed_term]
    otherwise: {nl: Niet voor jou., en: Not for you.}
    article: "3"
credit:
  - id: yearly
    per: year
    cases:
      - {when: contract_hours_week >= full_week, amount: per_year}
      - otherwise: per_year / 2
    prorate: {by: contract_hours_week / full_week, full_from: 1/2, article: "2"}
    spread: cumulative
    article: "1"
cap:
  balance: [{otherwise: per_year * 3}]
  article: "4"
expiry: {after_months: 60, article: "5"}
reversion: {to: sector_fund, article: "5"}
spend:
  work_related_only: false
  only:
    - id: price
      when: price <= per_year * 5 and (online or subject in [06, 0913])
      otherwise: {nl: Te duur., en: Too dear.}
      article: "6"
  article: "6"
correctable_for: {days: 30, article: "7"}
"""


def faults(text: str) -> list[Fault]:
    with pytest.raises(FaultyScheme) as refused:
        check(text)
    return list(refused.value.faults)


def test_the_good_text_is_good() -> None:
    assert check(GOOD).credit[0].id == "yearly"


@pytest.mark.parametrize("path", sorted(SCHEMES.glob("*/*/scheme.yaml")), ids=str)
def test_every_scheme_that_we_ship_holds_with_its_worked_examples(path: Path) -> None:
    found = check_text(path.read_text(), path.with_name("cases.yaml").read_text())
    assert found.scheme == f"{path.parents[1].name}/{path.parent.name}"
    assert found.examples >= 6


def test_an_absent_fact_can_be_replaced_by_another_figure() -> None:
    said = "not_eligible: {nl: Geen vaste uren., en: No fixed hours.}"
    assert check(GOOD.replace(said, "use: paid_hours_period")).absent["contract_hours_week"].use


def test_all_faults_come_at_once() -> None:
    text = GOOD.replace("per_year / 2", "per_jaar").replace("[permanent, fixed_term]", "[vast]")
    assert [fault.code for fault in faults(text)] == ["unknown_label", "unknown_name"]
    text = GOOD.replace("per_year / 2", "per_jaar").replace("to: sector_fund", "too: fund")
    text = text.replace("per: year", "per: jaar").replace("full_from: 1/2", "full_from: '('")
    assert {fault.code for fault in faults(text)} == {
        "unknown_name",
        "extra_forbidden",
        "missing",
        "literal_error",
        "syntax",
    }


def test_a_figure_nobody_published_is_found_wherever_it_stands() -> None:
    text = GOOD.replace(
        "2026-01-01: 180.00", "2026-01-01: {value: 180.00, status: inferred, why: a guess}"
    ).replace('after_months: 60, article: "5"', "after_months: 60, status: inferred, why: a guess")
    assert inferred_places(check(text)) == ("expiry", "parameters.per_year.values.2026-01-01")


def test_a_text_of_aliases_or_great_depth_is_refused_before_it_grows() -> None:
    assert faults("a: [[[[[[[[[[[[[[1]]]]]]]]]]]]]]")[0].code == "too_deep"
    bomb = "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50))
    assert faults(bomb)[0].code == "anchor"
    assert faults("x" * 200_001)[0].code == "too_long"
    assert faults("")[0].code == "not_a_mapping"


def test_an_expression_cannot_be_too_long_or_too_deep() -> None:
    for text in ("1+" * 300 + "1", "(" * 40 + "1" + ")" * 40, "not " * 200 + "online"):
        with pytest.raises(UnreadableExpression):
            parse(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="abc_ 019.+-*/()<>=![],\n:{}&*'\"#é\x00", max_size=80), st.integers(0, 60))
def test_noise_in_a_text_is_refused_or_read_and_never_crashes(noise: str, line: int) -> None:
    lines = GOOD.splitlines(keepends=True)
    lines.insert(min(line, len(lines)), noise)
    for text in ("".join(lines), noise):
        try:
            check(text)
        except FaultyScheme as error:
            for fault in error.faults:
                assert str(fault)
                assert fault.line
    with suppress(UnreadableExpression):
        parse(noise)


PAGE = SCHEMES.parent / "docs/reference/scheme-language.md"


def test_the_tables_of_the_reference_are_made_from_the_types_and_the_shipped_schemes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shipped = {path: path.read_text(encoding="utf-8") for path in SCHEMES.glob("*/*/scheme.yaml")}
    assert reference_page(page, [shipped[path] for path in sorted(shipped)]) == page, (
        "the language or a scheme changed: run.py manage scheme reference docs/reference/scheme-language.md"
    )
    listed = set(re.findall(r"(?m)^\| `([a-z]{2}/[\w-]+)` \|", page))
    assert listed == {f"{path.parents[1].name}/{path.parent.name}" for path in shipped}
    keys = {
        name
        for module in (blocks, spend_blocks)
        for block in vars(module).values()
        if isinstance(block, type) and issubclass(block, Block)
        for name in block.model_fields
    }
    rows = set(re.findall(r"(?m)^\| `(\w+)` \|", page))
    assert rows >= keys | set(PERSON_FACTS) | set(SPEND_FACTS)
    assert all(kind in page for kind in CONTRACT_KINDS)


def test_every_key_says_what_it_is_for() -> None:
    """Editors show it too: it is the description in the JSON Schema."""
    schema = json_schema()
    for block in (schema, *schema["$defs"].values()):
        for name, key in block.get("properties", {}).items():
            assert key.get("description"), name


def test_the_command_makes_the_tables_anew(tmp_path: Path) -> None:
    whole = PAGE.read_text(encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(re.sub(r"(?m)^\| `.*\n", "", whole).replace("## Writing", "## Written"))
    call_command("scheme", "reference", str(page))
    assert page.read_text(encoding="utf-8").count("| `after_months` |") == 1
    assert "## Written" in page.read_text(encoding="utf-8")
