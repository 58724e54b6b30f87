"""Invented workers whom a proposal is followed for, and what two texts give them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.schemes import queries
from eigenwijs.schemes.types import TypicalPerson, YearFollowed
from eigenwijs.web.templatetags.eigenwijs import money

YEARS = 10
WIDEST = 100
PEOPLE: tuple[tuple[str | Promise, TypicalPerson], ...] = (
    (
        gettext_lazy("Weekendhulp van 19, 10 uur per week"),
        TypicalPerson("fixed_term", Fraction(10), Money(12_00), 19, "upper_secondary"),
    ),
    (
        gettext_lazy("Oproepkracht van 44, meestal 16 of 17 uur per week"),
        TypicalPerson("on_call", Fraction(33, 2), Money(15_50), 44, "lower_secondary"),
    ),
    (
        gettext_lazy("Uitzendkracht van 33, 32 uur per week"),
        TypicalPerson("agency", Fraction(32), Money(16_50), 33, "basic_vocational"),
    ),
    (
        gettext_lazy("Vaste kracht van 52, 36 uur per week"),
        TypicalPerson("permanent", Fraction(36), Money(22_00), 52, "vocational"),
    ),
)
"""Words and facts, `born` being their age in the first year; none of them exists. All told their diploma."""


@dataclass(frozen=True)
class Bar:
    """What one text gives one of them: in the first year, what stands there after all years, what ended before.

    `width` and `ended_width` are shares of the widest bar, of a hundred; `ended_in` are the years in which
    money ended.
    """

    name: str
    first_year: Money
    held: Money
    ended: Money
    ended_in: tuple[int, ...]
    nothing: bool
    width: int
    ended_width: int

    @property
    def whole_width(self) -> int:
        """Where the bar with what ended stops."""
        return self.width + self.ended_width


@dataclass(frozen=True)
class Followed:
    """One of them, under each text."""

    label: str | Promise
    bars: tuple[Bar, ...]


def follow(texts: list[str], names: list[str], first_year: int) -> list[Followed]:
    """Return what each text gives each of them in ten years from a first one, nothing spent."""
    people = tuple(replace(one, born=first_year - one.born) for _label, one in PEOPLE)
    runs = [queries.followed(text, people, first_year, YEARS) for text in texts]
    most = max(years[-1].held.cents + _ended(years).cents for run in runs for years in run) or 1
    return [
        Followed(
            label,
            tuple(_bar(name, run[place], most) for name, run in zip(names, runs, strict=True)),
        )
        for place, (label, _one) in enumerate(PEOPLE)
    ]


def _bar(name: str, years: tuple[YearFollowed, ...], most: int) -> Bar:
    held = years[-1].held
    return Bar(
        name=name,
        first_year=years[0].credited,
        held=held,
        ended=_ended(years),
        ended_in=tuple(year.year for year in years if year.ended),
        nothing=not any(year.credited for year in years),
        width=round(WIDEST * held.cents / most),
        ended_width=round(WIDEST * _ended(years).cents / most),
    )


def _ended(years: tuple[YearFollowed, ...]) -> Money:
    return sum_money(year.ended for year in years)


def finding(people: list[Followed]) -> str:
    """Return in one sentence what stands out: who gets nothing under which text, or the largest gap."""
    left_out = [
        _("%(name)s geeft niets aan: %(people)s.")
        % {
            "name": bar.name,
            "people": "; ".join(str(one.label) for one in people if one.bars[place].nothing),
        }
        for place, bar in enumerate(people[0].bars)
        if any(one.bars[place].nothing for one in people)
    ]
    if left_out:
        return " ".join(left_out)
    if all(one.bars[0].held == one.bars[-1].held for one in people):
        return _("Iedereen van deze vier krijgt iets.")
    one = max(people, key=lambda one: abs(one.bars[0].held.cents - one.bars[1].held.cents))
    return _("Het grootste verschil: %(person)s heeft na tien jaar %(first)s of %(second)s.") % {
        "person": one.label,
        "first": money(one.bars[0].held),
        "second": money(one.bars[1].held),
    }
