"""Money is whole cents: exact, never lost, never rounded in silence."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.money import Money, Rounding, round_fraction, sum_money

BIGGEST = 2**63 - 1
cents = st.integers(-BIGGEST, BIGGEST)
amounts = st.integers(0, BIGGEST)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)
rates = st.fractions(min_value=-10, max_value=10)


@pytest.mark.parametrize(
    ("value", "up", "down", "half_up", "half_even"),
    [
        (Fraction(0), 0, 0, 0, 0),
        (Fraction(1, 3), 1, 0, 0, 0),
        (Fraction(1, 2), 1, 0, 1, 0),
        (Fraction(2, 3), 1, 0, 1, 1),
        (Fraction(3, 2), 2, 1, 2, 2),
        (Fraction(5, 2), 3, 2, 3, 2),
        (Fraction(-1, 2), 0, -1, 0, 0),
        (Fraction(-3, 2), -1, -2, -1, -2),
        (Fraction(-5, 2), -2, -3, -2, -2),
        (Fraction(7), 7, 7, 7, 7),
        (Fraction(2 * BIGGEST + 1, 2), BIGGEST + 1, BIGGEST, BIGGEST + 1, BIGGEST + 1),
    ],
)
def test_each_rounding_at_its_boundaries(
    value: Fraction, up: int, down: int, half_up: int, half_even: int
) -> None:
    assert round_fraction(value, Rounding.UP) == up
    assert round_fraction(value, Rounding.DOWN) == down
    assert round_fraction(value, Rounding.HALF_UP) == half_up
    assert round_fraction(value, Rounding.HALF_EVEN) == half_even


@given(st.fractions(), st.sampled_from(Rounding))
def test_rounding_moves_less_than_one_and_keeps_whole_numbers(
    value: Fraction, rounding: Rounding
) -> None:
    rounded = round_fraction(value, rounding)
    assert abs(rounded - value) < 1
    assert value.denominator != 1 or rounded == value
    if rounding in (Rounding.HALF_UP, Rounding.HALF_EVEN):
        assert abs(rounded - value) <= Fraction(1, 2)


@pytest.mark.parametrize("wrong", [1.0, 12.5, True, False, "100", None, Decimal(5), Fraction(1)])
def test_cents_are_whole_numbers_only(wrong: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        Money(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [0.5, "1/2", Decimal("0.5"), True])
def test_a_rate_must_be_exact(wrong: object) -> None:
    with pytest.raises(TypeError, match="exact"):
        Money(100).share(wrong, Rounding.DOWN)  # type: ignore[arg-type]


def test_currencies_do_not_mix() -> None:
    euro, dollar = Money(1), Money(1, "USD")
    for mix in (
        lambda: euro + dollar,
        lambda: euro - dollar,
        lambda: euro < dollar,
        lambda: euro <= dollar,
        lambda: euro > dollar,
        lambda: euro >= dollar,
        lambda: sum_money([euro, dollar]),
    ):
        with pytest.raises(ValueError, match="cannot mix"):
            mix()
    assert euro != dollar


def test_money_does_not_mix_with_numbers() -> None:
    for mix in (
        lambda: Money(1) + 1,
        lambda: Money(1) * 2,
        lambda: Money(1) < 2,
        lambda: Money(1) / 2,
    ):
        with pytest.raises((TypeError, AttributeError)):
            mix()  # type: ignore[no-untyped-call]


@given(cents, cents)
def test_adding_and_taking_away_undo_each_other(a: int, b: int) -> None:
    assert Money(a) + Money(b) - Money(b) == Money(a)
    assert Money(a) - Money(b) == -(Money(b) - Money(a))
    assert (Money(a) < Money(b)) == (a < b)
    assert (Money(a) >= Money(b)) == (a >= b)


@given(st.lists(cents))
def test_a_sum_is_the_sum_of_the_cents(parts: list[int]) -> None:
    assert sum_money(Money(part) for part in parts) == Money(sum(parts))


def test_no_amounts_are_no_money() -> None:
    assert sum_money([]) == Money.zero()
    assert not Money.zero()
    assert Money(-1)


def test_a_part_time_share_as_a_clause_says_it() -> None:
    """€ 175,00 a year for a full-time week of 36 hours: 24 hours gives € 116,67, not € 116,66."""
    assert Money(17500).share(Fraction(24, 36), Rounding.HALF_UP) == Money(11667)
    assert Money(17500).share(Fraction(24, 36), Rounding.DOWN) == Money(11666)


@given(cents, rates, st.sampled_from(Rounding))
def test_a_share_is_rounded_once(amount: int, rate: Fraction, rounding: Rounding) -> None:
    assert Money(amount).share(rate, rounding).cents == round_fraction(amount * rate, rounding)


@pytest.mark.parametrize(
    ("amount", "shares", "expected"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [1, 1], [1, 0]),
        (0, [3, 1], [0, 0]),
        (5, [0, 1], [0, 5]),
        (1000, [1, 2, 3], [167, 333, 500]),
        (17500, [1] * 13, [1347] * 2 + [1346] * 11),
    ],
)
def test_splitting_worked_out(amount: int, shares: list[int], expected: list[int]) -> None:
    assert [part.cents for part in Money(amount).split(shares)] == expected


@given(amounts, weights)
def test_splitting_loses_no_cent_and_is_fair(amount: int, shares: list[int]) -> None:
    parts = [part.cents for part in Money(amount).split(shares)]
    assert sum(parts) == amount
    for part, weight in zip(parts, shares, strict=True):
        assert abs(part - Fraction(amount * weight, sum(shares))) < 1
        assert weight or not part, "nobody without weight gets a cent"


@pytest.mark.parametrize("wrong", [[], [0, 0], [1, -1], [0.5], [True]])
def test_splitting_needs_sensible_weights(wrong: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100).split(wrong)


def test_a_debt_is_not_split() -> None:
    with pytest.raises(ValueError, match="negative"):
        Money(-1).split([1])
