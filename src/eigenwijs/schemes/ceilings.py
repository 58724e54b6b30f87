"""What a scheme says of money that is divided in rounds, as plain values for who runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from eigenwijs.kernel.money import Money
from eigenwijs.schemes.checking import check

Localised = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CeilingWindow:
    """The first and last day on which requests are taken, and what is divided among them."""

    opens_on: date
    closes_on: date
    pot: Money


@dataclass(frozen=True, slots=True)
class PriorityGroup:
    """A group that comes first: `weight` chances, and a share of each pot in whole percents."""

    id: str
    title: Localised
    when: str
    weight: int
    share_percent: int


@dataclass(frozen=True, slots=True)
class CeilingTerms:
    """The terms on which money is divided; without a `law` by lot, with one in order of arrival.

    A request asks `least` to `most`. `when_too_small` is close, skip or partial. Each round in vain counts
    `bad_luck_step` chances more, for at most `bad_luck_rounds` rounds. With `once_a_year` somebody gets money
    in one of the windows that open in a calendar year.
    """

    who: Localised
    when: str
    law: str
    groups: tuple[PriorityGroup, ...]
    bad_luck_step: int
    bad_luck_rounds: int
    least: Money
    most: Money
    when_too_small: str
    once_a_year: bool
    windows: tuple[CeilingWindow, ...]


def ceiling(text: str) -> CeilingTerms | None:
    """Return on what terms a scheme's text divides money in rounds; None where it says nothing of it.

    Raises FaultyScheme.
    """
    said = check(text).ceiling
    if said is None:
        return None
    return CeilingTerms(
        who=said.who.model_dump(),
        when=said.when or "",
        law=said.law or "",
        groups=tuple(
            PriorityGroup(
                group.id,
                group.text.model_dump(),
                group.when,
                group.weight or 1,
                group.share_percent or 0,
            )
            for group in said.groups
        ),
        bad_luck_step=said.bad_luck.step if said.bad_luck else 0,
        bad_luck_rounds=said.bad_luck.rounds if said.bad_luck else 0,
        least=Money(1) if said.least is None else _money(said.least),
        most=_money(said.most),
        when_too_small=said.when_too_small,
        once_a_year=said.once_a_year,
        windows=tuple(
            CeilingWindow(one.opens, one.closes, _money(one.pot)) for one in said.windows
        ),
    )


def _money(number: Fraction) -> Money:
    """A checked amount is in whole hundredths."""
    return Money(int(number * 100))
