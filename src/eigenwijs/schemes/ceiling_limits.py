"""The bounds of money that is divided in rounds: what a scheme may say and what a round may hold to."""

from __future__ import annotations

from eigenwijs.kernel.money import Money

MOST_GROUPS = 6
"""With the one for everyone who is in no other."""
MOST_WEIGHT = 10
MOST_BAD_LUCK = 5
MOST_POT = Money(100_000_000_000)
EVERYONE = "all"
"""The group of everyone who is in no other."""
LEAST_DAYS_TO_ACCEPT = 7
MOST_DAYS_TO_ACCEPT = 92
