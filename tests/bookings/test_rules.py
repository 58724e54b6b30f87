"""Deadlines and costs, with the euros worked out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.bookings import rules
from eigenwijs.bookings.terms import terms_in_force
from eigenwijs.bookings.types import Leaving, LeavingKind, Terms
from eigenwijs.kernel.clock import is_working_day
from eigenwijs.kernel.money import Money
from eigenwijs.schemes.types import CancelPrice, OrderClocks

TERMS = terms_in_force(date(2026, 11, 23))
PRICE = Money(35_000)
STARTS, ENDS = date(2027, 3, 15), date(2027, 3, 24)  # ten days

days = st.dates(date(2026, 1, 1), date(2030, 12, 31))


def left(
    on: date, until: date | None, *, early: bool = False, from_account: int = 35_000
) -> Leaving | None:
    return rules.leaving(
        terms=TERMS,
        price=PRICE,
        from_account=Money(from_account),
        starts_on=STARTS,
        ends_on=ENDS,
        withdrawal_until=until,
        early_start_requested=early,
        on=on,
    )


def test_provider_answers_within_five_working_days_and_before_the_start() -> None:
    monday = date(2026, 11, 23)
    assert rules.answer_by(TERMS, monday, STARTS) == date(2026, 11, 30)
    assert rules.answer_by(TERMS, monday, date(2026, 11, 25)) == date(2026, 11, 24)
    # Christmas and Boxing Day are a Friday and a Saturday in 2026.
    assert rules.answer_by(TERMS, date(2026, 12, 21), STARTS) == date(2026, 12, 29)


@pytest.mark.parametrize(
    ("confirmed", "until"),
    [
        (date(2026, 11, 23), date(2026, 12, 7)),  # Monday to Monday
        (date(2026, 11, 28), date(2026, 12, 14)),  # Saturday: the 12th is a Saturday
        (date(2026, 12, 11), date(2026, 12, 28)),  # the 25th is Christmas, then a weekend
        (date(2026, 12, 18), date(2027, 1, 4)),  # 1 January is a Friday
    ],
)
def test_withdrawal_term_is_fourteen_days_and_ends_on_a_working_day(
    confirmed: date, until: date
) -> None:
    assert rules.withdrawal_until(TERMS, confirmed) == until


@given(days)
def test_withdrawal_term_is_never_shorter_than_the_law(confirmed: date) -> None:
    until = rules.withdrawal_until(TERMS, confirmed)
    assert until >= confirmed + timedelta(days=14)
    assert is_working_day(until)


def test_early_start_is_asked_for_where_the_course_may_begin_within_the_term() -> None:
    answer_by = date(2026, 11, 30)  # then the term runs to 14 December
    assert rules.needs_early_start(TERMS, answer_by, date(2026, 12, 14))
    assert not rules.needs_early_start(TERMS, answer_by, date(2026, 12, 15))


@pytest.mark.parametrize(
    ("on", "cents"),
    [
        (date(2027, 3, 14), 0),
        (date(2027, 3, 15), 3_500),  # one day of ten
        (date(2027, 3, 17), 10_500),
        (date(2027, 3, 24), 35_000),
        (date(2027, 4, 1), 35_000),
    ],
)
def test_what_was_given_is_charged_by_the_day(on: date, cents: int) -> None:
    assert rules.given(PRICE, STARTS, ENDS, on) == Money(cents)


def test_what_was_given_is_rounded_down_for_the_worker() -> None:
    week = rules.given(Money(10_000), STARTS, STARTS + timedelta(days=6), STARTS)
    assert week == Money(1_428)  # a seventh of 100.00 is 14.2857


@pytest.mark.parametrize(
    ("days_before", "cents"),
    [
        (100, 0),
        (28, 0),
        (27, 3_500),
        (14, 3_500),
        (13, 10_500),
        (7, 10_500),
        (6, 17_500),
        (1, 17_500),
        (0, 35_000),
    ],
)
def test_leaving_after_the_term_costs_what_its_step_says(days_before: int, cents: int) -> None:
    on = STARTS - timedelta(days=days_before)
    assert rules.step_cost(TERMS, PRICE, STARTS, on) == Money(cents)


FRENCH = OrderClocks(2, None, 14, (CancelPrice(7, True, 0), CancelPrice(0, False, 100)))
"""Two working days to answer, fourteen to change your mind, free until seven working days before the start."""


def test_what_money_was_agreed_with_counts_where_it_is_better() -> None:
    """A course of € 350.00 that starts on Monday 15 March 2027; seven working days before it is 4 March."""
    terms = rules.with_agreed(TERMS, [FRENCH])
    monday = date(2026, 11, 23)
    assert rules.answer_by(terms, monday, STARTS) == date(2026, 11, 25)
    assert rules.withdrawal_until(terms, monday) == date(2026, 12, 11)
    assert rules.withdrawal_until(TERMS, monday) == date(2026, 12, 7)
    assert rules.costs(terms, STARTS) == (
        (date(2027, 3, 4), 0),
        (date(2027, 3, 8), 30),
        (date(2027, 3, 14), 50),
        (date(2027, 3, 15), 100),
    )
    assert rules.step_cost(terms, PRICE, STARTS, date(2027, 3, 4)) == Money(0)
    assert rules.step_cost(terms, PRICE, STARTS, date(2027, 3, 5)) == Money(105_00)
    assert rules.with_agreed(TERMS, []) == TERMS


clocks = st.builds(
    OrderClocks,
    st.none() | st.integers(1, 60),
    st.none() | st.integers(14, 100),
    st.none() | st.integers(14, 100),
    st.lists(
        st.builds(CancelPrice, st.integers(0, 60), st.booleans(), st.integers(0, 100)), max_size=4
    ).map(tuple),
)


@given(st.lists(clocks, max_size=3), days, st.integers(1, 90), st.integers(-5, 90))
def test_together_terms_are_the_best_of_each_for_the_worker_and_never_worse_than_usual(
    agreed: list[OrderClocks], requested: date, until_start: int, before: int
) -> None:
    together = rules.with_agreed(TERMS, agreed)
    each = [TERMS, *(rules.with_agreed(TERMS, [one]) for one in agreed)]
    starts = requested + timedelta(days=until_start)
    on = starts - timedelta(days=before)
    assert rules.answer_by(together, requested, starts) == min(
        rules.answer_by(one, requested, starts) for one in each
    )
    assert rules.withdrawal_until(together, requested) == max(
        rules.withdrawal_until(one, requested) for one in each
    )
    assert rules.step_cost(together, PRICE, starts, on) == min(
        rules.step_cost(one, PRICE, starts, on) for one in each
    )
    assert Terms.from_json(together.to_json()) == together


@given(clocks, days, st.integers(0, 90))
def test_leaving_later_never_costs_less(agreed: OrderClocks, starts: date, before: int) -> None:
    terms = rules.with_agreed(TERMS, [agreed])
    on = starts - timedelta(days=before)
    earlier = rules.step_cost(terms, PRICE, starts, on - timedelta(days=1))
    assert earlier <= rules.step_cost(terms, PRICE, starts, on)


def test_leaving_before_the_answer_and_within_the_term_is_free() -> None:
    assert left(STARTS - timedelta(days=1), None) == Leaving(
        LeavingKind.BEFORE_ANSWER, Money(0), Money(0), Money(0), Money(35_000)
    )
    until = STARTS - timedelta(days=1)
    assert left(until, until) == Leaving(
        LeavingKind.WITHIN_TERM, Money(0), Money(0), Money(0), Money(35_000)
    )


def test_leaving_within_the_term_after_an_early_start_costs_what_was_given() -> None:
    until, on = STARTS + timedelta(days=5), STARTS + timedelta(days=2)
    asked = left(on, until, early=True)
    assert asked == Leaving(
        LeavingKind.WITHIN_TERM_STARTED, Money(10_500), Money(10_500), Money(0), Money(24_500)
    )
    never_asked = left(on, until, early=False)
    assert never_asked
    assert (never_asked.cost, never_asked.back) == (Money(0), Money(35_000))


def test_leaving_on_the_first_day_within_the_term_costs_no_more_than_its_step_says() -> None:
    """A course of one day was given as a whole then; who leaves after the term would pay 60 percent."""
    agreed = OrderClocks(withdrawal_days=200, cancel=(CancelPrice(0, False, 60),))
    leaving = rules.leaving(
        terms=rules.with_agreed(TERMS, [agreed]),
        price=PRICE,
        from_account=PRICE,
        starts_on=STARTS,
        ends_on=STARTS,
        withdrawal_until=STARTS + timedelta(days=30),
        early_start_requested=True,
        on=STARTS,
    )
    assert leaving
    assert (leaving.kind, leaving.cost) == (LeavingKind.WITHIN_TERM_STARTED, Money(210_00))


def test_costs_are_paid_from_the_account_first() -> None:
    # 350.00, of which 80.00 from the account; leaving 13 days before costs 105.00.
    leaving = left(STARTS - timedelta(days=13), date(2026, 12, 7), from_account=8_000)
    assert leaving == Leaving(
        LeavingKind.AFTER_TERM, Money(10_500), Money(8_000), Money(2_500), Money(0)
    )


def test_after_the_start_and_the_term_nobody_leaves() -> None:
    assert left(STARTS, date(2026, 12, 7)) is None


@given(
    on=days,
    until=st.none() | days,
    early=st.booleans(),
    from_account=st.integers(0, PRICE.cents),
)
def test_every_cent_is_somewhere(
    on: date, until: date | None, early: bool, from_account: int
) -> None:
    leaving = left(on, until, early=early, from_account=from_account)
    if leaving is None:
        return
    assert Money(0) <= leaving.cost <= PRICE
    assert leaving.from_account + leaving.pay_provider == leaving.cost
    assert leaving.from_account + leaving.back == Money(from_account)
    assert min(leaving.from_account, leaving.pay_provider, leaving.back) >= Money(0)
