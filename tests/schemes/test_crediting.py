"""What is due, to the cent, and why."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.contributions.rules import age_on
from eigenwijs.kernel.money import Money, Rounding, round_fraction, sum_money
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.crediting import (
    UnableToComputeEntitlement,
    entitlement,
    reference_day,
)
from eigenwijs.schemes.explaining import explain
from eigenwijs.schemes.types import CreditFacts, Earlier, Outcome, Received
from tests.schemes.test_language import GOOD

SCHEMES = Path(__file__).resolve().parents[2] / "schemes/nl"


def shipped(name: str) -> Scheme:
    return check((SCHEMES / name / "scheme.yaml").read_text())


SUPERMARKET = shipped("supermarkt")
ELECTROTECHNICAL = shipped("elektrotechnische-detailhandel")
GIFT = shipped("gift-werkgever")
TWENTY_HOURS: CreditFacts = {"contract_kind": "permanent", "contract_hours_week": Fraction(20)}


def due(
    scheme: Scheme,
    period: str,
    facts: CreditFacts = TWENTY_HOURS,
    earlier: Earlier | None = None,
    balance: int = 0,
    received: Received | None = None,
) -> Outcome:
    return entitlement(
        scheme,
        digest="",
        facts=facts,
        period=Period.parse(period),
        earlier={scheme.credit[0].id: earlier} if earlier else {},
        balance=Money(balance),
        received=received or Received(),
    )


def run_of(scheme: Scheme, periods: list[str], facts: CreditFacts = TWENTY_HOURS) -> list[Money]:
    earlier, amounts = Earlier(), []
    for period in periods:
        outcome = due(scheme, period, facts, earlier)
        earlier = earlier.with_part(outcome.parts[0])
        amounts.append(outcome.amount)
    return amounts


def four_weeks(first: int, last: int) -> list[str]:
    return [f"2026-P{number:02d}" for number in range(first, last + 1)]


def test_175_00_in_thirteen_parts_is_175_00() -> None:
    parts = run_of(SUPERMARKET, four_weeks(1, 13))
    assert sum_money(parts) == Money(175_00)
    assert {part.cents for part in parts} == {1346, 1347}


def test_who_enters_in_the_fifth_part_and_leaves_after_the_ninth_gets_67_31() -> None:
    # 175.00 × 5/13 = 67.3077
    assert sum_money(run_of(SUPERMARKET, four_weeks(5, 9))) == Money(67_31)


def test_parts_that_come_in_another_order_add_up_to_the_same() -> None:
    assert sum_money(run_of(SUPERMARKET, four_weeks(1, 13)[::-1])) == Money(175_00)


def test_what_was_due_already_is_taken_into_account() -> None:
    # After six parts 80.77 is due; someone who was given 80.00 gets the 0.77 with the seventh.
    earlier = Earlier(Fraction(17500 * 6, 13), Money(80_00))
    assert due(SUPERMARKET, "2026-P07", earlier=earlier).amount == Money(14_23)


def test_a_part_that_turns_out_not_to_be_due_keeps_the_total_exact() -> None:
    # Six parts, the sixth recomputed as not eligible: five parts are 67.31.
    five = Earlier(Fraction(17500 * 5, 13), Money(80_77))
    outcome = due(
        SUPERMARKET,
        "2026-P06",
        {"contract_kind": "permanent", "contract_hours_week": Fraction(10)},
        five,
    )
    assert outcome.amount == Money(67_31 - 80_77)
    assert not outcome.eligible


@given(
    st.integers(1, 13).flatmap(lambda first: st.tuples(st.just(first), st.integers(first, 13))),
    st.lists(st.integers(0, 8000), min_size=13, max_size=13),
)
def test_running_totals_never_lose_or_gain_a_cent(
    span: tuple[int, int], hundredths: list[int]
) -> None:
    earlier, exact = Earlier(), Fraction(0)
    for number in range(span[0], span[1] + 1):
        facts: CreditFacts = {
            "contract_kind": "permanent",
            "contract_hours_week": Fraction(hundredths[number - 1], 100),
            "paid_hours_period": Fraction(0),
        }
        outcome = due(GIFT, f"2026-P{number:02d}", facts, earlier)
        earlier = earlier.with_part(outcome.parts[0])
        rate = Fraction(hundredths[number - 1], 3600)
        exact += Fraction(24000, 13) * (1 if rate >= Fraction(4, 5) else rate)
        assert earlier.exact == exact
        assert earlier.amount == Money(round_fraction(exact, Rounding.HALF_UP))


ONCE = check(
    GOOD.replace("per: year", "per: once")
    .replace("spread: cumulative", "round: up")
    .replace("balance: [{otherwise: per_year * 3}]", "year: [{otherwise: per_year / 2}]")
)


def test_an_amount_once_is_due_in_full_in_the_first_period_and_never_again() -> None:
    """Thirteen periods a year or not: € 87.50 in one, whatever job it is in."""
    first = due(ONCE, "2024-P05")
    assert first.amount == Money(87_50)
    later = due(ONCE, "2025-P01", received=Received({"yearly": Money(87_50)}))
    assert later.amount == Money.zero()
    assert "once_before" in [step.code for step in later.steps]


def test_a_cap_a_year_counts_what_was_given_in_all_jobs_of_that_year() -> None:
    """€ 80.00 of at most € 87.50 was given elsewhere: € 7.50 is left; the next year € 87.50 again."""
    assert due(
        ONCE, "2024-P05", received=Received({"other": Money(80_00)}, Money(80_00))
    ).amount == (Money(7_50))
    assert due(ONCE, "2024-P05", received=Received({"other": Money(80_00)})).amount == Money(87_50)


def test_a_cap_for_ever_and_one_on_the_balance_hold_both() -> None:
    text = GOOD.replace("balance:", "ever: [{otherwise: per_year}]\n  balance:")
    both = check(
        text.replace("per: year", "per: period").replace("spread: cumulative", "round: up")
    )
    for balance, ever, expected in ((0, 0, 87_50), (0, 100_00, 75_00), (500_00, 0, 25_00)):
        received = Received({"yearly": Money(ever)})
        assert due(both, "2024-02", balance=balance, received=received).amount == Money(expected)


@pytest.mark.parametrize(
    ("expiry", "credited", "last"),
    [
        ("after_months: 36", date(2026, 2, 28), date(2029, 2, 28)),
        ("on: 2026-12-31", date(2026, 12, 31), date(2026, 12, 31)),
        ("on: 2026-12-31", date(2027, 1, 1), date(2027, 7, 1)),  # paid late: six months of grace
        ("end_of_year_after: 0", date(2026, 12, 31), date(2026, 12, 31)),
        ("end_of_year_after: 2", date(2026, 1, 1), date(2028, 12, 31)),
    ],
)
def test_money_ends_on_the_day_that_the_scheme_says(
    expiry: str, credited: date, last: date
) -> None:
    found = check(GOOD.replace("after_months: 60", expiry)).expiry
    assert found
    assert found.last_day(credited, 6, None) == last


@pytest.mark.parametrize(
    ("born", "age", "credited", "last"),
    [
        (date(1960, 5, 1), 67, date(2026, 1, 31), date(2027, 4, 30)),
        (date(1960, 5, 1), 67, date(2027, 4, 30), date(2027, 4, 30)),
        (date(1960, 5, 1), 67, date(2027, 5, 1), date(2027, 11, 1)),  # six months of grace
        (date(1960, 1, 1), 67, date(2026, 1, 31), date(2026, 12, 31)),
        (date(1960, 2, 29), 67, date(2026, 1, 31), date(2027, 2, 28)),  # their birthday is 1 March
        (date(1960, 2, 29), 68, date(2026, 1, 31), date(2028, 2, 28)),  # and now 29 February
        (date(1960, 3, 1), 67, date(2026, 1, 31), date(2027, 2, 28)),
        (date(1960, 3, 1), 68, date(2026, 1, 31), date(2028, 2, 29)),
        (None, 67, date(2026, 1, 31), None),
    ],
)
def test_money_until_an_age_ends_on_the_day_before_the_birthday(
    born: date | None, age: int, credited: date, last: date | None
) -> None:
    found = check(GOOD.replace("after_months: 60", f"at_age: {age}")).expiry
    assert found
    assert found.last_day(credited, 6, born) == last
    if born and last and age_on(born, credited) < age:
        assert (age_on(born, last), age_on(born, last + timedelta(days=1))) == (age - 1, age)


@pytest.mark.parametrize(
    ("expiry", "said"),
    [
        ("after_months: 1", "You can use it for 1 month from the day it arrives."),
        ("after_months: 2", "You can use it for 2 months from the day it arrives."),
        ("on: 2026-12-31", "until and including 31 December 2026"),
        ("at_age: 67", "until and including the day before you turn 67"),
        ("end_of_year_after: 0", "until 31 December of the year in which it arrives"),
        ("end_of_year_after: 2", "until 31 December, 2 years after the year"),
    ],
)
def test_the_end_of_money_is_said_with_the_amount(expiry: str, said: str) -> None:
    outcome = due(check(GOOD.replace("after_months: 60", expiry)), "2024-02")
    assert said in " ".join(explain(outcome.steps, "en")).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("hours", "eligible"),
    [("11.99", False), ("12", False), ("12.01", True), ("80", True), ("0", False)],
)
def test_twelve_hours_is_the_boundary_in_supermarkets(hours: str, eligible: bool) -> None:
    facts = {"contract_kind": "permanent", "contract_hours_week": Fraction(hours)}
    outcome = due(SUPERMARKET, "2026-P01", facts)
    assert outcome.eligible is eligible
    assert outcome.refused == (() if eligible else ("hours",))
    assert bool(outcome.amount) is eligible


def test_on_call_and_agency_are_told_why_not_however_much_they_worked() -> None:
    on_call: CreditFacts = {
        "contract_kind": "on_call",
        "contract_hours_week": None,
        "paid_hours_period": Fraction(140),
    }
    outcome = due(SUPERMARKET, "2026-P01", on_call)
    assert (outcome.amount, outcome.refused) == (Money.zero(), ("contract_hours_week",))
    assert any("oproepcontract zonder vaste uren" in line for line in explain(outcome.steps, "nl"))
    agency: CreditFacts = {"contract_kind": "agency", "contract_hours_week": Fraction(38)}
    outcome = due(SUPERMARKET, "2026-P01", agency)
    assert (outcome.amount, outcome.refused) == (Money.zero(), ("agency",))
    assert any("through an agency" in line for line in explain(outcome.steps, "en"))


def test_the_gift_counts_hours_worked_where_there_are_no_hours_in_the_contract() -> None:
    # 72 hours in 4 weeks is 18 a week, half of 36: 240.00 / 13 / 2 = 9.2308
    facts: CreditFacts = {
        "contract_kind": "on_call",
        "contract_hours_week": None,
        "paid_hours_period": Fraction(72),
    }
    outcome = due(GIFT, "2026-P03", facts)
    assert outcome.amount == Money(9_23)
    assert "18 uur per week" in " ".join(explain(outcome.steps, "nl"))


def test_the_cap_leaves_what_fits_and_what_did_not_fit_never_comes_back() -> None:
    assert due(ELECTROTECHNICAL, "2026-02", balance=520_00).amount == Money(5_00)
    assert due(ELECTROTECHNICAL, "2026-02", balance=525_00).amount == Money.zero()
    assert due(ELECTROTECHNICAL, "2026-02", balance=999_00).amount == Money.zero()
    capped = check(GOOD.replace("per_year * 3", "per_year / 2"))
    facts = {"contract_kind": "permanent", "contract_hours_week": Fraction(38)}
    first = due(capped, "2024-02", facts, balance=80_00)
    assert first.amount == Money(7_50)
    assert first.parts[0].exact == 750
    second = due(capped, "2024-03", facts, Earlier(first.parts[0].exact, first.amount))
    assert second.amount == Money(14_58)


def test_figures_are_those_of_the_first_day_in_the_period_s_own_year() -> None:
    assert str(reference_day(Period.parse("2026-P01"))) == "2026-01-01"  # starts on 29 December
    assert str(reference_day(Period.parse("2026-P02"))) == "2026-01-26"
    scheme = check(GOOD)
    facts = {"contract_kind": "permanent", "contract_hours_week": Fraction(38)}
    assert due(scheme, "2025-P13", facts).amount == Money(13_46)
    assert due(scheme, "2026-P01", facts).amount == Money(13_85)  # 180.00 / 13 = 13.8462


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"contract_kind": "permanent"}, "fact_missing"),
        ({"contract_hours_week": Fraction(20)}, "fact_missing"),
        ({"contract_kind": None, "contract_hours_week": Fraction(20)}, "fact_missing"),
        ({**TWENTY_HOURS, "shoe_size": Fraction(43)}, "fact_unknown"),
        ({**TWENTY_HOURS, "contract_hours_week": Fraction(169)}, "fact_out_of_bounds"),
        ({**TWENTY_HOURS, "contract_hours_week": Fraction(-1)}, "fact_out_of_bounds"),
        ({**TWENTY_HOURS, "contract_kind": "freelance"}, "fact_out_of_bounds"),
    ],
)
def test_facts_that_do_not_fit_are_refused(facts: CreditFacts, code: str) -> None:
    with pytest.raises(UnableToComputeEntitlement) as refused:
        due(SUPERMARKET, "2026-P01", facts)
    assert refused.value.code == code


def test_periods_the_scheme_does_not_know_are_refused() -> None:
    for period, code in (("2026-P01", "other_period"), ("2018-06", "before_start")):
        with pytest.raises(UnableToComputeEntitlement) as refused:
            due(ELECTROTECHNICAL, period)
        assert refused.value.code == code


def test_a_scheme_names_the_facts_it_needs() -> None:
    assert SUPERMARKET.facts_needed == {"contract_kind", "contract_hours_week"}
    assert GIFT.facts_needed == {"contract_hours_week", "paid_hours_period"}


@given(
    st.sampled_from(list(PeriodKind)),
    st.integers(0, 8000),
    st.integers(0, 40000),
)
def test_every_kind_of_period_gives_the_same_year(kind: PeriodKind, week: int, worked: int) -> None:
    """The parts of a year add up to the year, whatever the kind of period."""
    facts: CreditFacts = {
        "contract_hours_week": Fraction(week, 100),
        "paid_hours_period": Fraction(worked, 100),
    }
    period = Period.containing(Period(2026, 1).start, kind)
    period = Period(2026, 1, kind)
    names = []
    for _ in range(period.of_year):
        names.append(str(period))
        period = period.next()
    assert sum_money(run_of(GIFT, names, facts)) == due(GIFT, "2026", facts).amount


def test_the_steps_tell_the_whole_way_in_both_languages() -> None:
    outcome = due(
        GIFT,
        "2026-03",
        {"contract_hours_week": Fraction(20), "paid_hours_period": Fraction("86.5")},
        Earlier(Fraction(20000, 9), Money(22_22)),
    )
    assert [line.replace("\N{NO-BREAK SPACE}", " ") for line in explain(outcome.steps, "nl")] == [
        "In je contract staat 20 uur per week.",
        "Je werkgever betaalde 86,5 uur in deze periode.",
        "Deze regeling geldt voor jou.",
        "Het bedrag is € 240,00 per jaar. (artikel 1)",
        "Je krijgt een deel dat past bij je uren: 55,56%. Dat is € 133,33. (artikel 2)",
        "Dit is deel 3 van 12 van het jaar. (artikel 1)",
        "Dit jaar is het opgeteld € 33,33. Daarvan telde al mee: € 22,22. Er komt nu € 11,11 bij. "
        "(artikel 1)",
        "Was het te veel? Dan kan wat je nog niet gebruikte 60 dagen lang terug. (artikel 5)",
    ]
    english = explain(outcome.steps, "en")
    assert english[3] == "The amount is €240.00 a year. (article 1)"
    assert len(english) == 8


FOUND_ELSEWHERE = re.sub(r'article: "(\d)"', r"source: page \1", GOOD).replace(
    "    spread: cumulative",
    "    extra:\n"
    "      - {id: more, when: contract_hours_week > full_week / 2, plus: per_year / 10, "
    "text: {nl: Meer., en: More.}, source: page 8}\n"
    "    spread: cumulative",
)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("{after_months: 60, source: page 5}", "expiry"),
        ("{on: 2030-12-31, source: page 5}", "expiry_on"),
        ("{at_age: 67, source: page 5}", "expiry_age"),
        ("{end_of_year_after: 3, source: page 5}", "expiry_years"),
        ("{end_of_year_after: 0, source: page 5}", "expiry_year"),
    ],
)
def test_each_step_says_the_source_of_its_rule_where_it_has_no_article(end: str, code: str) -> None:
    text = FOUND_ELSEWHERE.replace("{after_months: 60, source: page 5}", end)
    text += "credited: {months_after: 6, source: page 9}\n"
    steps = due(check(text), "2026-03", balance=535_00).steps
    assert [(step.code, step.article) for step in steps if not step.code.startswith("fact_")] == [
        ("eligible", "page 3"),
        ("amount_year", "page 1"),
        ("extra", "page 8"),
        ("prorate_full", "page 2"),
        ("part_of_year", "page 1"),
        ("spread", "page 1"),
        ("cap_room", "page 4"),
        ("capped", "page 4"),
        ("credited", "page 9"),
        (code, "page 5"),
        ("correctable", "page 7"),
    ]
    told = explain(steps, "en")
    assert told[2] == "This scheme is for you. (page 3)"
    assert told[3].endswith("(page 1)")


def test_an_assumed_rule_names_no_place_and_never_that_of_the_amount() -> None:
    assumed = GOOD.replace(
        'article: "2"}\n    spread', "status: inferred, why: unknown}\n    spread"
    )
    steps = due(check(assumed), "2026-03").steps
    assert [step.article for step in steps if step.code == "prorate_full"] == [""]


def test_the_rules_of_who_is_refused_are_named_and_no_others() -> None:
    rule = (
        "  - id: hours\n    when: contract_hours_week >= full_week\n"
        "    otherwise: {nl: Te weinig., en: Too few.}\n    source: https://example.org/hours\n"
    )
    scheme = check(GOOD.replace("credit:\n", f"{rule}credit:\n", 1))
    assert due(scheme, "2026-03").article == "https://example.org/hours"
    both = due(scheme, "2026-03", {**TWENTY_HOURS, "contract_kind": "on_call"})
    assert both.article == "3; https://example.org/hours"
    met = due(scheme, "2026-03", {**TWENTY_HOURS, "contract_hours_week": Fraction(38)})
    assert met.article == "1"
    assert "This scheme is for you. (article 3; example.org)" in explain(met.steps, "en")


def test_an_amount_names_each_place_of_the_credits_that_gave_something() -> None:
    def credit(name: str, amount: str, place: str) -> str:
        cases = f"cases: [{{otherwise: {amount}}}]"
        return f"  - {{id: {name}, per: period, {cases}, round: down, {place}}}\n"

    more = (
        credit("nothing", "0", "source: page 8")
        + credit("second", "per_year / 2", "source: page 9")
        + credit("third", "per_year / 3", 'article: "1"')
        + credit("fourth", "per_year / 4", "status: inferred, why: unknown")
    )
    scheme = check(GOOD.replace("cap:\n", f"{more}cap:\n", 1))
    assert due(scheme, "2026-03").article == "1; page 9; an invented agreement"
    assert due(scheme, "2026-03", balance=540_00).article == "1"
