"""One text, one amount: explained for one person, computed in whole numbers, and for many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from random import Random
from types import NoneType
from typing import Any

import numpy as np
import pytest

from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes import many_people, operations, queries
from eigenwijs.schemes.binding import Bound, Compiled, UnableToCompile, fact_parts
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import FaultyScheme, check
from eigenwijs.schemes.compiling import compiled
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.facts import PERSON_FACTS, Kind
from eigenwijs.schemes.integer_form import OPERATORS, TooLarge
from eigenwijs.schemes.many_people import (
    Backend,
    Cents,
    book_for_many,
    for_many,
    steps_of,
)
from eigenwijs.schemes.reading import read_document
from eigenwijs.schemes.steps import Step, Steps
from eigenwijs.schemes.steps_with_numba import run_of
from eigenwijs.schemes.types import Earlier, Outcome, Received
from tests.factories.budgets import NOW
from tests.factories.people import SYSTEM
from tests.schemes.random_schemes import people, random_scheme
from tests.schemes.test_language import GOOD, SCHEMES

GROUPS, IN_A_GROUP = 8, 26
PEOPLE = 1_700
EXACTLY = 60
EXPLAINED = 8
FORMER = 100_00
SHIPPED = sorted(SCHEMES.glob("*/*/scheme.yaml"))


def facts_of(program: Compiled, columns: Mapping[str, Cents], row: int) -> dict[str, Any]:
    """The facts as a person has them, of one row of whole numbers."""
    found: dict[str, Any] = {}
    for name in program.scheme.facts_needed:
        fact = PERSON_FACTS[name]
        if columns.get(f"absent:{name}", np.zeros(row + 1))[row]:
            found[name] = None
        elif fact.kind is Kind.LABEL:
            found[name] = fact.labels[columns[name][row]] if name in columns else fact.labels[0]
        else:
            found[name] = (
                Fraction(int(columns[name][row]), fact_parts(name)) if name in columns else fact.low
            )
    return found


def explained(bound: Bound, columns: Mapping[str, Cents], row: int) -> Outcome:
    """What the computation with every step gives that row."""
    scheme = bound.compiled.scheme
    earlier = {
        credit: Earlier(
            Fraction(int(columns[f"earlier_exact:{credit}"][row]), parts),
            Money(int(columns[f"earlier:{credit}"][row])),
        )
        for credit, parts in bound.parts.items()
    }
    ever = {one.id: Money(int(columns[f"ever:{one.id}"][row])) for one in scheme.credit}
    ever["former"] = Money(int(columns["ever"][row])) - sum_money(ever.values())
    return entitlement(
        scheme,
        digest="",
        facts=facts_of(bound.compiled, columns, row),
        period=bound.period,
        earlier=earlier,
        balance=Money(int(columns["balance"][row])),
        received=Received(ever, Money(int(columns["year"][row]))),
    )


def explained_outputs(bound: Bound, columns: Mapping[str, Cents], row: int) -> dict[str, int]:
    """The same by the names of a program's outputs."""
    outcome = explained(bound, columns, row)
    told = {"eligible": int(outcome.eligible)}
    for step in outcome.steps:
        if step.code == "cap_room":
            told["limit:balance"] = int(step.params["cap"])
    for part in outcome.parts:
        told[f"amount:{part.credit}"] = part.amount.cents
        if part.credit in bound.parts:
            told[f"exact:{part.credit}"] = int(part.exact * bound.parts[part.credit])
    return told


def differences(scheme: Scheme, seed: int, count: int = PEOPLE) -> list[str]:
    """Run three periods of a year in every way, one after the other; return what is not the same.

    They come in any order, as files do, with other facts each time.
    """
    random = Random(seed)
    program = compiled(scheme)
    kind = random.choice(scheme.periods)
    of_year = Period(2025, 1, kind).of_year
    numbers = random.sample(range(1, of_year + 1), min(3, of_year))
    state = _nothing(scheme, count)
    state["ever"] += random.choice([0, FORMER])  # of a credit that a former version had
    found: list[str] = []
    for number in numbers:
        bound = program.bind(Period(2025, number, kind))
        columns = people(bound, count, seed + number) | state
        ways = {name: for_many(bound, columns, backend=name) for name in ("numpy", "numba")}
        outputs = ways["numpy"]
        for name, values in outputs.items():
            if not np.array_equal(values, ways["numba"][name]):
                found.append(f"{bound.period} {name}: numba")
        ways_to_book: tuple[Backend, ...] = ("numpy", "numba") if seed % 4 == 1 else ("numpy",)
        booked = {name: _booked(bound, columns, state, name) for name in ways_to_book}
        for row in range(min(EXACTLY, count)):
            one = bound.for_one({name: int(columns[name][row]) for name in program.columns})
            if one != {name: int(values[row]) for name, values in outputs.items()}:
                found.append(f"{bound.period} row {row}: one by one {one}")
        for row in range(min(EXPLAINED, count)):
            told = explained_outputs(bound, columns, row)
            given = {name: int(values[row]) for name, values in outputs.items()}
            if not told["eligible"]:
                given.pop("limit:balance", None)  # nobody is told of a limit on nothing
            if told != given:
                found.append(f"{bound.period} row {row}: explained {told}")
        _add(state, scheme, outputs)
        for way, own in booked.items():
            found += [
                f"{bound.period} {name}: booked by {way}"
                for name, values in own.items()
                if not np.array_equal(values, state[name])
            ]
    return found


def _booked(
    bound: Bound, columns: Mapping[str, Cents], state: Mapping[str, Cents], backend: Backend
) -> dict[str, Cents]:
    """What was before, brought up to date in place, from facts of as few bits as hold all they can be."""
    spread = bound.parts.keys()
    own = {
        name: values.copy()
        for name, values in state.items()
        if not name.startswith("earlier") or name.partition(":")[2] in spread
    }
    limits = {name: bound.bounds[place] for name, place in bound.places.items()}
    facts = {
        name: columns[name].astype(np.min_scalar_type(int(high)))
        for name, (low, high) in limits.items()
        if name not in own and low >= 0
    }
    book_for_many(bound, {**columns, **facts}, own, backend=backend)
    return own


def _nothing(scheme: Scheme, count: int) -> dict[str, Cents]:
    names = ["balance", "year", "ever"]
    for credit in scheme.credit:
        names += [f"{name}:{credit.id}" for name in ("ever", "earlier", "earlier_exact")]
    return {name: np.zeros(count, np.int64) for name in names}


def _add(state: dict[str, Cents], scheme: Scheme, outputs: Mapping[str, Cents]) -> None:
    """What a period gave is there in the next."""
    for credit in scheme.credit:
        amount = outputs[f"amount:{credit.id}"]
        for name in ("balance", "year", "ever", f"ever:{credit.id}", f"earlier:{credit.id}"):
            state[name] = state[name] + amount
        if f"exact:{credit.id}" in outputs:
            state[f"earlier_exact:{credit.id}"] += outputs[f"exact:{credit.id}"]


@pytest.mark.parametrize("group", range(GROUPS))
def test_schemes_that_nobody_wrote_give_the_same_cents_in_every_way(group: int) -> None:
    """208 schemes, three periods each, 1,700 people: over a million amounts, none a cent different."""
    wrong = {}
    for seed in range(group * IN_A_GROUP, (group + 1) * IN_A_GROUP):
        if found := differences(random_scheme(seed), seed):
            wrong[seed] = found[:3]
    assert not wrong


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_every_scheme_that_we_ship_gives_the_same_cents_in_every_way(path: Path) -> None:
    assert differences(check(path.read_text()), 1, 20_000) == []


@pytest.mark.parametrize("kind", ["minimum", "divide", "choose", "less", "add"])
def test_a_way_that_computes_something_else_is_seen(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the comparison above would fail: here one way has one wrong step."""
    true = many_people._IN_ARRAYS[kind]
    wrong = {
        "minimum": np.maximum,
        "divide": lambda x, y: -(-x // y),
        "choose": lambda condition, x, y: np.where(condition, y, x),
        "less": np.less_equal,
        "add": lambda x, y: true(x, y) + 1,
    }[kind]
    monkeypatch.setitem(many_people._IN_ARRAYS, kind, wrong)
    assert any(differences(random_scheme(seed), seed, 200) for seed in range(12))


def test_the_thirteenth_part_of_175_00_is_13_46() -> None:
    """€ 175.00 a year in thirteen parts: € 13.46, and € 161.54 after twelve of them."""
    scheme = check((SCHEMES / "nl/supermarkt/scheme.yaml").read_text())
    bound = compiled(scheme).bind(Period.parse("2026-P13"))
    values = dict.fromkeys(bound.compiled.columns, 0) | {"contract_hours_week": 2000}
    assert bound.for_one(values)["amount:yearly"] == 13_46
    later = {"earlier:yearly": 161_54, "earlier_exact:yearly": 12 * 175_00}
    assert bound.for_one(values | later)["amount:yearly"] == 13_46


def test_a_text_with_another_figure_is_not_compiled_again() -> None:
    """GOOD gives € 180.00 in 2026; with € 200.00 in its place the same steps give what they would with numpy."""
    before, after = (
        compiled(check(GOOD.replace("180.00", figure))).bind(Period.parse("2026-05"))
        for figure in ("180.00", "200.00")
    )
    columns = people(after, 500, 1) | _nothing(after.compiled.scheme, 500)
    old = for_many(before, columns, backend="numba")["amount:yearly"]
    compiled_before = run_of.cache_info().misses
    new = for_many(after, columns, backend="numba")["amount:yearly"]
    assert run_of.cache_info().misses == compiled_before
    assert np.array_equal(new, for_many(after, columns, backend="numpy")["amount:yearly"])
    assert not np.array_equal(old, new)


def test_hours_of_three_decimals_give_the_same_cents_in_every_way() -> None:
    """36.125 hours is no whole number of hundredths, in which people's hours are counted."""
    assert differences(check(GOOD.replace("2024-01-01: 38}", "2024-01-01: 36.125}")), 1, 500) == []


@pytest.mark.parametrize(
    ("period", "code"), [("2023-12", "before_start"), ("2026", "other_period")]
)
def test_a_period_that_the_scheme_does_not_know_is_refused(period: str, code: str) -> None:
    with pytest.raises(UnableToCompile) as refused:
        compiled(check(GOOD)).bind(Period.parse(period))
    assert refused.value.code == code


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("hours", [(0, 16_800, 16_801), (16_800, 0, -1)])
def test_a_value_outside_the_bounds_of_its_fact_is_refused(
    backend: Backend, hours: tuple[int, ...]
) -> None:
    bound = compiled(check(GOOD)).bind(Period.parse("2026-05"))
    columns = people(bound, 3, 1) | _nothing(bound.compiled.scheme, 3)
    columns["contract_hours_week"] = np.array(hours)
    with pytest.raises(ValueError, match="contract_hours_week"):
        for_many(bound, columns, backend=backend)
    for_many(bound, columns | {"contract_hours_week": np.array((*hours[:2], 0))}, backend=backend)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("per_year / 2", "per_year / (age + ages)", "spread_by_fact"),
        ("per_year / 2", "per_year * 0.000000000123", "too_large"),
    ],
)
def test_a_scheme_that_could_not_run_for_many_is_no_scheme(old: str, new: str, code: str) -> None:
    text = GOOD.replace(old, new)
    if "ages" in new:
        figure = "  ages: {unit: years, values: {2024-01-01: 1}, article: x}\n"
        text = text.replace("parameters:\n", f"parameters:\n{figure}").replace(
            "age + ages)", "(age + ages) / ages)"
        )
    with pytest.raises(FaultyScheme) as refused:
        check(text)
    assert [fault.code for fault in refused.value.faults] == [code]
    place = "- id: yearly" if code == "spread_by_fact" else "credit:"
    assert refused.value.faults[0].line == text[: text.index(place)].count("\n") + 1


def test_without_numba_the_same_is_computed_with_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many_people, "HAS_NUMBA", False)
    monkeypatch.setattr(many_people, "_with_numba", None)
    bound = compiled(check(GOOD)).bind(Period.parse("2026-05"))
    columns = people(bound, 50, 1) | _nothing(bound.compiled.scheme, 50)
    assert for_many(bound, columns)["amount:yearly"].sum() > 0


def part_of_pay(part: str) -> Bound:
    """A scheme that gives a part of pay, bound for a month."""
    text = GOOD.replace("amount: per_year}", f"amount: gross_wage_period * {part}}}")
    text = text.replace("spread: cumulative", "round: down").replace("per: year", "per: period")
    text = text.replace("year * 3", "year * 1000")
    text = "\n".join(line for line in text.splitlines() if "prorate" not in line)
    return compiled(check(text)).bind(Period.parse("2026-05"))


@pytest.mark.parametrize(("part", "fits"), [("0.4000001", True), ("0.6000001", False)])
def test_floats_are_used_where_no_step_reaches_2_to_the_50th(part: str, fits: bool) -> None:
    """Pay is at most 10**8 cents: twice that times 4,000,001 is below 1.126 × 10**15, times 6,000,001 above."""
    assert part_of_pay(part).fits_floats is fits


def test_what_a_float_does_not_hold_is_computed_in_whole_numbers() -> None:
    """99,999,999 × 100,000,001 is 9,999,999 and a part, over 2**53: the nearest float is 10,000,000 whole."""
    bound = part_of_pay("0.100000001")
    columns = {name: np.zeros(1, np.int64) for name in bound.compiled.columns}
    columns |= {"contract_hours_week": np.array([38_00])}
    columns |= {"gross_wage_period": np.array([999_999_99])}
    assert not bound.fits_floats
    for backend in ("numpy", "numba"):
        assert for_many(bound, columns, backend=backend)["amount:yearly"] == [99_999_99]


def test_nothing_of_a_text_is_in_what_numba_compiles() -> None:
    """Names of steps and whole numbers only, so that no text can run anything."""
    for seed in range(30):
        program = compiled(random_scheme(seed))
        state = () if seed % 3 == 0 else ("balance", f"ever:{program.scheme.credit[0].id}")
        steps, _places = steps_of(program, state)
        assert {type(part) for part in parts_of(steps)} <= {int, bool, NoneType}
        assert {one.kind for one in steps.steps} <= {*OPERATORS, "constant", "column", "shared"}


def test_many_cases_after_each_other_are_written_down_too() -> None:
    """Each waits for the next: 250, and 230 sums after that, are more than Python calls inside each other."""
    cases = "".join(
        f"      - {{when: age > one_year * {number}, amount: per_year * {number}}}\n"
        for number in range(2, 252)
    )
    text = GOOD.replace("    cases:\n", f"    cases:\n{cases}").replace(
        "spread: cumulative", "round: up"
    )
    text = text.replace("per_year / 2", f"gross_wage_period / 99{'+a' * 230}", 1)
    figures = "  one_year: {unit: years, values: {2024-01-01: 1}, article: x}\n"
    figures += "  a: {unit: EUR, values: {2024-01-01: 1.00}, article: x}\n"
    program = compiled(check(text.replace("parameters:\n", f"parameters:\n{figures}")))
    steps, places = steps_of(program)
    assert len(steps.steps) > 1_000
    assert sum(one.kind == "shared" for one in steps.steps) == len(places)


def parts_of(value: object) -> Iterator[object]:
    """All that is in there, the kinds of steps apart."""
    if isinstance(value, Steps):
        yield from parts_of((value.steps, value.columns, value.outputs, value.adds))
    elif isinstance(value, Step):
        yield from parts_of((value.inputs, value.number))
    elif isinstance(value, tuple):
        for one in value:
            yield from parts_of(one)
    else:
        yield value


@pytest.mark.django_db
def test_an_amount_on_which_two_computations_differ_is_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = operations.load(text=GOOD, by=SYSTEM, at=NOW).hash
    facts = {"contract_kind": "permanent", "contract_hours_week": Fraction(38)}

    def give() -> Money:
        return queries.entitlement(
            version_hash=version,
            facts=facts,
            period=Period.parse("2026-05"),
            earlier={},
            balance=Money.zero(),
            received=Received(),
        ).amount

    assert give() == Money(15_00)
    right = Bound.for_one
    monkeypatch.setattr(
        Bound, "for_one", lambda *given: {name: x + 1 for name, x in right(*given).items()}
    )
    with pytest.raises(AssertionError, match="two computations"):
        give()


@pytest.mark.django_db
def test_what_a_former_version_gave_counts_for_the_most_that_is_ever_given() -> None:
    """€ 170.00 of a credit that the text has no longer, of at most € 180.00 ever: € 10.00 is left of € 15.00."""
    text = GOOD.replace("balance: [{otherwise: per_year * 3}]", "ever: [{otherwise: per_year}]")
    outcome = queries.entitlement(
        version_hash=operations.load(text=text, by=SYSTEM, at=NOW).hash,
        facts={"contract_kind": "permanent", "contract_hours_week": Fraction(38)},
        period=Period.parse("2026-05"),
        earlier={},
        balance=Money.zero(),
        received=Received({"starter": Money(170_00)}),
    )
    assert outcome.amount == Money(10_00)


LEAP = """\
scheme: nl/schrikkel
title: {nl: Proef, en: Trial}
source: invented
starts: 2027-01-01
periods: [month]
signed_by: [workers, employers]
portable: true
parameters:
  per_year: {unit: EUR, values: {2027-01-01: 175.00}, article: x}
  full_week: {unit: hours, values: {2027-01-01: 38}, article: x}
credit:
  - id: yearly
    per: year
    cases: [{otherwise: per_year * 0.8}]
    prorate: {by: paid_hours_period / weeks_period / full_week, article: x}
    spread: cumulative
    article: x
spend: {work_related_only: false, article: x}
"""


def test_a_scheme_that_would_be_too_large_in_a_leap_year_is_refused_before_it() -> None:
    """In 2027 it fits in 64 bits; in 2028, with its 29 days, it does not. One person needs no such proof."""
    with pytest.raises(FaultyScheme) as refused:
        check(LEAP)
    assert [fault.code for fault in refused.value.faults] == ["too_large"]
    scheme = Scheme.model_validate(read_document(LEAP).tree)
    bound = compiled(scheme).bind(Period.parse("2028-02"))
    values = dict.fromkeys(bound.compiled.columns, 0) | {"paid_hours_period": 7600}
    assert bound.for_one(values)["amount:yearly"] == 5_63


def test_a_scheme_that_would_be_too_large_in_a_longer_quarter_is_refused_before_it() -> None:
    """It fits in the first quarter of 2028, of 13 whole weeks, and not in the third, of 92 days."""
    text = LEAP.replace("2027-01-01", "2028-01-01").replace("[month]", "[quarter]")
    text = text.replace("spread: cumulative", "round: half_up").replace("0.8", "0.81111111")
    with pytest.raises(FaultyScheme) as refused:
        check(text)
    assert [fault.code for fault in refused.value.faults] == ["too_large"]
    program = compiled(Scheme.model_validate(read_document(text).tree))
    program.bind(Period.parse("2028-Q1")).prove()
    with pytest.raises(TooLarge):
        program.bind(Period.parse("2028-Q3")).prove()


def test_a_condition_that_is_settled_leaves_nothing_behind() -> None:
    """`1 < 2` always holds, so the wage of the other case is never asked for."""
    text = GOOD.replace(
        "contract_hours_week >= full_week, amount: per_year", "1 < 2, amount: per_year"
    )
    text = text.replace("otherwise: per_year / 2", "otherwise: gross_wage_period / 100")
    program = compiled(check(text))
    assert "gross_wage_period" not in program.columns
    assert differences(check(text), 1, 50) == []
