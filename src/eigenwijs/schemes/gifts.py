"""What somebody got under a scheme year by year, and what of it counts for a period. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from eigenwijs.kernel.money import Money
from eigenwijs.schemes.types import Part, Received


@dataclass(frozen=True, slots=True)
class Gifts:
    """What a person got under a scheme in all jobs together, in cents by calendar year and credit."""

    cents: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def with_amount(self, year: int, credit: str, amount: Money) -> Gifts:
        """Return the gifts with an amount more."""
        key = (year, credit)
        return Gifts({**self.cents, key: self.cents.get(key, 0) + amount.cents})

    def with_parts(self, year: int, parts: Iterable[Part]) -> Gifts:
        """Return the gifts with what a period of a year gave."""
        found = self
        for part in parts:
            found = found.with_amount(year, part.credit, part.amount)
        return found

    def received(self, year: int, again_after: Mapping[str, int]) -> Received:
        """Return what counts for a period of `year`.

        A credit of `again_after` counts only what was given fewer calendar years from it, before or after.
        """
        found = Received()
        for (given_in, credit), cents in self.cents.items():
            away = abs(given_in - year)
            if away < again_after.get(credit, away + 1):
                found = found.with_amount(credit, Money(cents), of_this_year=not away)
        return found
