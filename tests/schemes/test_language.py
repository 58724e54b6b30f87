"""A wrong text is refused with what is wrong, where, and what would be right."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes import blocks
from eigenwijs.schemes.checking import FaultyScheme, check, inferred_places
from eigenwijs.schemes.expressions import UnreadableExpression, parse
from eigenwijs.schemes.facts import CONTRACT_KINDS, COURSE_FACTS, PERSON_FACTS
from eigenwijs.schemes.queries import check_text

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


WRONG = [
    ("credit:", "credits:", "extra_nearest", "credits", "credit"),
    ("per_year / 2", "per_jaar / 2", "unknown_name", "credit.1.cases.2.otherwise", "per_year"),
    ("per_year / 2", "per_year + full_week", "kinds_differ", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "per_year * per_year", "money_times_money", "credit.1.cases.2.otherwise", ""),
    (
        "per_year / 2",
        "per_year / contract_hours_week",
        "wrong_division",
        "credit.1.cases.2.otherwise",
        "",
    ),
    (
        "per_year / 2",
        "per_year / (age / age)",
        "may_divide_by_zero",
        "credit.1.cases.2.otherwise",
        "",
    ),
    ("per_year / 2", "per_year - per_year * 2", "negative", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "per_year * 99999999", "too_much", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "full_week", "not_money", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "90", "not_money", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "__import__('os')", "syntax", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "per_year.real", "syntax", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "per_year if online", "syntax", "credit.1.cases.2.otherwise", ""),
    ("per_year / 2", "(per_year", "syntax", "credit.1.cases.2.otherwise", ""),
    (
        "per_year / 2",
        "contract_hours_week > full_week",
        "not_a_number",
        "credit.1.cases.2.otherwise",
        "",
    ),
    (
        "contract_hours_week >= full_week",
        "contract_hours_week >= 38",
        "bare_number",
        "credit.1.cases.1.when",
        "",
    ),
    (
        "contract_hours_week >= full_week",
        "contract_hours_week = full_week",
        "syntax",
        "credit.1.cases.1.when",
        "",
    ),
    (
        "contract_hours_week >= full_week",
        "contract_hours_week",
        "not_a_condition",
        "credit.1.cases.1.when",
        "",
    ),
    (
        "contract_hours_week >= full_week",
        "contract_kind > permanent",
        "not_a_condition",
        "credit.1.cases.1.when",
        "",
    ),
    ("[permanent, fixed_term]", "[permanant]", "unknown_label", "eligible.1.when", "permanent"),
    (
        "contract_kind in [permanent, fixed_term]",
        "contract_kind == permnent",
        "unknown_label",
        "eligible.1.when",
        "permanent",
    ),
    (
        "contract_kind in [permanent, fixed_term]",
        "contract_kimd != agency",
        "unknown_name",
        "eligible.1.when",
        "contract_kind",
    ),
    ("[06, 0913]", "[ict]", "unknown_label", "spend.only.1.when", ""),
    ("price <= per_year", "age <= per_year", "unknown_name", "spend.only.1.when", ""),
    ("    spread: cumulative\n", "", "rounding", "credit.1", ""),
    (
        "    spread: cumulative\n",
        "    spread: cumulative\n    round: up\n",
        "rounding",
        "credit.1",
        "",
    ),
    ("    spread: cumulative\n", "    round: nearest\n", "enum", "credit.1.round", ""),
    ("per: year", "per: period", "spread_needs_year", "credit.1.spread", ""),
    ("per: year", "per: week", "literal_error", "credit.1.per", ""),
    ("per: year", "per: once", "spread_needs_year", "credit.1.spread", ""),
    ("  balance: [{otherwise: per_year * 3}]\n", "", "cap_empty", "cap", ""),
    ("  balance: [{", "  ballance: [{", "extra_nearest", "cap.ballance", "balance"),
    (
        "  balance: [{otherwise: per_year",
        "  ever: [{otherwise: age",
        "not_money",
        "cap.ever.1.otherwise",
        "",
    ),
    ("      - otherwise: per_year / 2\n", "", "otherwise_missing", "credit.1.cases.1", ""),
    (
        "      - {when: contract_hours_week >= full_week, amount: per_year}\n"
        "      - otherwise: per_year / 2\n",
        "      - otherwise: per_year / 2\n"
        "      - {when: contract_hours_week >= full_week, amount: per_year}\n",
        "otherwise_not_last",
        "credit.1.cases.1",
        "",
    ),
    (", amount: per_year}", "}", "case", "credit.1.cases.1", ""),
    ("full_from: 1/2", "full_from: full_week", "not_a_rate", "credit.1.prorate.full_from", ""),
    ("2024-01-01: 38", "2024-02-01: 38", "no_value", "parameters.full_week.values", ""),
    (
        "2024-01-01: 38",
        "2024-02-30: 38",
        "not_a_date",
        "parameters.full_week.values.2024-02-30",
        "",
    ),
    (
        "2024-01-01: 38",
        "2024-01-01: veel",
        "not_a_number",
        "parameters.full_week.values.2024-01-01.value",
        "",
    ),
    ("2024-01-01: 38", "2024-01-01: 38,5", "not_allowed", "", ""),
    ("2024-01-01: 38", "2024-01-01: -38", "negative", "parameters.full_week.values.2024-01-01", ""),
    ("175.00", "175.005", "part_of_cent", "parameters.per_year.values.2024-01-01", ""),
    ("unit: hours", "unit: days", "literal_error", "parameters.full_week.unit", ""),
    ("full_week:\n    unit", "age:\n    unit", "name_taken", "parameters.age", ""),
    (
        "  full_week:\n    unit: hours\n",
        "  spare:\n    unit: hours\n    values: {2024-01-01: 1}\n    article: '9'\n"
        "  full_week:\n    unit: hours\n",
        "unused",
        "parameters.spare",
        "",
    ),
    (
        '    values: {2024-01-01: 38}\n    article: "2"\n',
        "    values: {2024-01-01: 38}\n",
        "source_missing",
        "parameters.full_week",
        "",
    ),
    (
        '    values: {2024-01-01: 38}\n    article: "2"\n',
        "    values: {2024-01-01: 38}\n    status: inferred\n",
        "why_missing",
        "parameters.full_week",
        "",
    ),
    (
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: price * price}], text: {nl: x, en: x}, article: '6'}\n"
        '  article: "6"\ncorrectable',
        "money_times_money",
        "spend.pays.cases.1.otherwise",
        "",
    ),
    (
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: age}], text: {nl: x, en: x}, article: '6'}\n"
        '  article: "6"\ncorrectable',
        "unknown_name",
        "spend.pays.cases.1.otherwise",
        "",
    ),
    (
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: price}], article: '6'}\n  article: \"6\"\ncorrectable",
        "missing",
        "spend.pays.text",
        "",
    ),
    ("portable: true", "portable: false", "not_run_yet", "portable", ""),
    ("portable: true", "portable: yes", "not_true_or_false", "portable", ""),
    ('reversion: {to: sector_fund, article: "5"}\n', "", "reversion_missing", "expiry", ""),
    ('expiry: {after_months: 60, article: "5"}\n', "", "expiry_missing", "reversion", ""),
    ("to: sector_fund", "to: payer", "literal_error", "reversion.to", ""),
    ("after_months: 60", "after_months: 60, on: 2030-01-01", "expiry_once", "expiry", ""),
    ("{after_months: 60, article", "{article", "expiry_once", "expiry", ""),
    ("after_months: 60", "on: 2023-12-31", "ends_before_start", "expiry.on", ""),
    ("after_months: 60", "on: 2030-02-30", "not_a_date", "expiry.on", ""),
    (
        "after_months: 60",
        "end_of_year_after: 51",
        "less_than_equal",
        "expiry.end_of_year_after",
        "",
    ),
    ("after_months: 60", "after_months: 0", "greater_than_equal", "expiry.after_months", ""),
    ("after_months: 60", "after_months: vijf", "int_parsing", "expiry.after_months", ""),
    (
        "    not_eligible: {nl: Geen vaste uren., en: No fixed hours.}\n",
        "",
        "absent_answer",
        "absent.contract_hours_week",
        "",
    ),
    (
        "    not_eligible: {nl: Geen vaste uren., en: No fixed hours.}\n",
        "    use: paid_hours_period\n",
        "",
        "",
        "",
    ),
    (
        "    not_eligible: {nl: Geen vaste uren., en: No fixed hours.}\n",
        "    use: age\n",
        "kinds_differ",
        "absent.contract_hours_week.use",
        "",
    ),
    ("  contract_hours_week:\n    not", "  age:\n    not", "absent_missing", "", ""),
    (", en: Trial scheme", "", "missing", "title.en", ""),
    ("title: {nl: Proefregeling, en: Trial scheme}", "title: Proef", "not_a_block", "title", ""),
    ("periods: [month, four_weeks]", "periods: [week]", "enum", "periods.1", ""),
    ("periods: [month, four_weeks]", "periods: month", "list_type", "periods", ""),
    ("periods: [month, four_weeks]", "periods: []", "too_short", "periods", ""),
    ("scheme: nl/proef", "scheme: Proef", "string_pattern_mismatch", "scheme", ""),
    ("source: an", "source: &a an", "anchor", "", ""),
    ("source: an invented agreement", "source: ~", "not_allowed", "", ""),
    ("source: an invented agreement", "source: !!python/object x", "not_allowed", "", ""),
    ("starts: 2024-01-01", "starts: 2024-01-01\nstarts: 2024-01-01", "twice", "", ""),
    ("starts: 2024-01-01", "starts: [", "not_yaml", "", ""),
]


@pytest.mark.parametrize(("before", "after", "code", "block", "nearest"), WRONG)
def test_a_wrong_text_is_refused_with_its_place(
    before: str, after: str, code: str, block: str, nearest: str
) -> None:
    assert GOOD.count(before) >= 1
    text = GOOD.replace(before, after, 1)
    if not code:
        check(text)
        return
    found = faults(text)
    match = [fault for fault in found if fault.code == code and fault.field_name == block]
    assert match, [(fault.code, fault.field_name, str(fault)) for fault in found]
    assert match[0].params.get("nearest", "") == nearest
    line = match[0].line or 0
    if block and "missing" not in code:
        offset = GOOD.index(before)
        assert abs(line - GOOD[:offset].count("\n") - 1) <= before.count("\n") + 7
    for language in ("nl", "en"):
        with translation.override(language):
            assert str(match[0])


def test_all_faults_come_at_once() -> None:
    text = GOOD.replace("per_year / 2", "per_jaar").replace("[permanent, fixed_term]", "[vast]")
    assert [fault.code for fault in faults(text)] == ["unknown_label", "unknown_name"]
    text = GOOD.replace("per_year / 2", "per_jaar").replace("to: sector_fund", "too: fund")
    text = text.replace("per: year", "per: jaar").replace("full_from: 1/2", "full_from: '('")
    assert {fault.code for fault in faults(text)} == {
        "unknown_name",
        "extra_nearest",
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


def test_the_reference_names_every_key_and_every_fact() -> None:
    """docs/reference/scheme-language.md is complete."""
    text = (SCHEMES.parent / "docs/reference/scheme-language.md").read_text()
    keys = {
        name
        for block in vars(blocks).values()
        if isinstance(block, type) and issubclass(block, blocks.Block)
        for name in block.model_fields
    }
    names = keys | set(PERSON_FACTS) | set(COURSE_FACTS) | set(CONTRACT_KINDS)
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", text)) == []
