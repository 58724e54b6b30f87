"""Money in whole cents. The only place where amounts are rounded or divided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Rounding(StrEnum):
    """How a fraction of a cent becomes a cent. Every rule names one; there is no default."""

    UP = "up"
    DOWN = "down"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


def round_fraction(value: Fraction, rounding: Rounding) -> int:
    """Return `value` as a whole number.

    UP is towards plus infinity, DOWN towards minus infinity; HALF_UP sends a half towards plus
    infinity, HALF_EVEN to the even neighbour.
    """
    floor = value.numerator // value.denominator
    rest = value - floor
    if rest == 0 or rounding is Rounding.DOWN:
        return floor
    if rounding is Rounding.UP:
        return floor + 1
    half = Fraction(1, 2)
    if rest != half:
        return floor + (rest > half)
    if rounding is Rounding.HALF_UP:
        return floor + 1
    return floor + floor % 2


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole cents of one currency; may be negative (a difference).

    Raises TypeError on a float, a bool or another type of cents, and ValueError when two
    currencies meet.
    """

    cents: int
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"cents must be a whole number, not {type(self.cents).__name__}")

    @classmethod
    def zero(cls, currency: str = "EUR") -> Money:
        """No money."""
        return cls(0, currency)

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.cents - other.cents, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.cents < other.cents

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.cents <= other.cents

    def __gt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.cents > other.cents

    def __ge__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.cents >= other.cents

    def share(self, rate: Fraction | int, rounding: Rounding) -> Money:
        """Return `rate` of this amount, rounded once, as the rule says."""
        if type(rate) is not Fraction and type(rate) is not int:
            raise TypeError(f"a rate must be exact, not {type(rate).__name__}")
        return Money(round_fraction(self.cents * Fraction(rate), rounding), self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Divide this amount over whole-number `weights` without losing a cent.

        Largest remainder (Hamilton): everyone gets the rounded-down share, what is left goes cent
        by cent to the largest remainders, the earliest first among equals.

        Raises ValueError on no weights, a negative weight, weights that are all zero, or a
        negative amount.
        """
        if not weights or any(type(w) is not int or w < 0 for w in weights) or not any(weights):
            raise ValueError("weights must be whole numbers of 0 or more, at least one above 0")
        if self.cents < 0:
            raise ValueError("a negative amount cannot be split")
        total = sum(weights)
        shares = [self.cents * w // total for w in weights]
        remainders = [self.cents * w % total for w in weights]
        left = self.cents - sum(shares)
        for index in sorted(range(len(weights)), key=lambda i: -remainders[i])[:left]:
            shares[index] += 1
        return [Money(cents, self.currency) for cents in shares]


def sum_money(amounts: Iterable[Money], currency: str = "EUR") -> Money:
    """Add amounts up; no amounts are zero of `currency`."""
    total = Money.zero(currency)
    for amount in amounts:
        total = total + amount
    return total
