"""Parts of credits and their sums as JSON columns hold them: exact cents as text, whole cents as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from eigenwijs.kernel.money import Money
from eigenwijs.schemes.types import Earlier, Part

Earliers = dict[str, Earlier]


def write_parts(parts: Iterable[Part]) -> dict[str, list[str | int]]:
    """Write parts for a JSON column: per credit the exact cents as text, and the cents."""
    return {part.credit: [str(part.exact), part.amount.cents] for part in parts}


def read_parts(parts: Mapping[str, list[Any]]) -> Earliers:
    """Read what `write_parts` or `write_earlier` wrote."""
    return {
        credit: Earlier(Fraction(exact), Money(cents)) for credit, (exact, cents) in parts.items()
    }


def write_earlier(earlier: Mapping[str, Earlier]) -> dict[str, list[str | int]]:
    """Write sums for a JSON column."""
    return {credit: [str(sums.exact), sums.amount.cents] for credit, sums in earlier.items()}
