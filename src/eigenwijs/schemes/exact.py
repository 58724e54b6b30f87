"""Numbers as they stand in a text, exactly. No float ever exists."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,12})|/(\d{1,15}))?", re.ASCII)


def exact_number(text: str) -> Fraction:
    """Read ``12``, ``12.50`` or ``1/3`` exactly; raises ValueError on anything else."""
    match = _NUMBER.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a number")
    sign, whole, decimals, divisor = match.groups()
    value = Fraction(int(whole))
    if decimals:
        value += Fraction(int(decimals), 10 ** len(decimals))
    if divisor:
        if int(divisor) == 0:
            raise ValueError(f"'{text}' divides by zero")
        value /= int(divisor)
    return -value if sign else value
