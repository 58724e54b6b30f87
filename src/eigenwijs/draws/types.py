"""What callers of this room get and give. Frozen, and free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from eigenwijs.kernel.money import Money

Localised = Mapping[str, str]
"""A text by language: nl and en."""


class Fit(StrEnum):
    """What happens to the first request for which there is not enough money left.

    CLOSE: the round closes before it. SKIP: it is passed over, and a smaller one behind it may still
    fit. PARTIAL: it gets what is left.
    """

    CLOSE = "close"
    SKIP = "skip"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Group:
    """A group that was agreed beforehand: `weight` chances in the draw, and a share of the pot.

    `when` is a condition over the facts of a person, in the language of schemes; empty: everyone.
    A person is in the first group of the rules whose condition holds.
    """

    id: str
    title: Localised
    when: str = ""
    weight: int = 1
    share_percent: int = 0


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Bad luck counts next time: `step` more weight for each round drawn in vain, `most` rounds."""

    step: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Beacon:
    """A public random number that nobody knows before it falls.

    `source` says who publishes it, `round` which one it is, `falls_at` the moment it is published.
    """

    source: str
    round: str
    falls_at: datetime


@dataclass(frozen=True, slots=True)
class RoundRules:
    """All that is settled before a window opens, and never changes after.

    A request asks `least` to `most`; a fixed amount is both. Money goes with the conditions of
    `scheme` in the version of `scheme_hash`. `when` says who may enter, and `who` says it in words.
    Facts count as they are on `opens_on`. A place is kept `accept_days` for its winner; the reserve
    list runs up to and including `reserve_until`. Without `beacon` the operator could steer.
    """

    round_id: UUID
    title: Localised
    who: Localised
    when: str
    payer: str
    scheme: str
    scheme_hash: str
    pot: Money
    least: Money
    most: Money
    opens_on: date
    closes_on: date
    groups: tuple[Group, ...]
    fit: Fit
    reserve_places: int
    carry_over: CarryOver
    accept_days: int
    reserve_until: date
    beacon: Beacon | None
