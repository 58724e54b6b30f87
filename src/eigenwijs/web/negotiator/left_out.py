"""Who gets nothing from the texts that are compared, and what they cost: synthetic employees, by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from eigenwijs.kernel.money import Money
from eigenwijs.simulation import queries
from eigenwijs.simulation.queries import GroupChange, UnableToSimulate
from eigenwijs.simulation.types import FirstYear, GroupShare, Workforce
from eigenwijs.web.negotiator.amounts import large, percent
from eigenwijs.web.negotiator.whom import Whom

Asked = tuple[int, str | None, Workforce | None]
"""A year, and of whom: a sector or a workforce table."""
Changes = dict[int, tuple[GroupChange, ...]]
"""What texts change, by their places among those that are compared: for everybody, and then by group."""


@dataclass(frozen=True)
class Share:
    """What one text does for a group: per cent with nothing, and a mean amount a year."""

    name: str
    width: int
    nothing: str
    mean: Money


@dataclass(frozen=True)
class Cost:
    """What one text costs in the first year: for all employees, and for each on average.

    `width` is its share of the dearest, of a hundred; `change` is the mean beside the text they began with.
    """

    name: str
    said: str
    mean: Money
    width: int
    change: Money


@dataclass(frozen=True)
class Gain:
    """Who of a group gets more and less under one text than under the one they began with, in per cents.

    `line` is how its bars are drawn everywhere on the page.
    """

    name: str
    line: int
    more: str
    less: str
    mean: Money
    width: int
    whole_width: int


@dataclass(frozen=True)
class Group:
    """Everybody or one group under each text; `gains` are of the texts that differ from what they began with."""

    name: str
    is_priority: bool
    shares: tuple[Share, ...]
    gains: tuple[Gain, ...]


@dataclass(frozen=True)
class LeftOut:
    """The answer for the texts that are compared, or why there is none; the first group is everybody."""

    whom: Whom
    finding: str = ""
    cost_finding: str = ""
    people: int = 0
    stands_for: int = 0
    costs: tuple[Cost, ...] = ()
    groups: tuple[Group, ...] = ()
    gains_finding: str = ""
    problem: str = ""


def left_out(texts: list[str], names: list[str], base: str, year: int, whom: Whom) -> LeftOut:
    """Return who gets nothing in the first year, what it costs, and who gains beside the text they began with."""
    asked: Asked = (year, whom.sector or None, whom.workforce)
    try:
        found = [queries.first_year(text, *asked) for text in texts]
    except UnableToSimulate as error:
        return LeftOut(whom, problem=str(error))
    before, changes = _changes(texts, base, asked)
    dearest = max(one.cost for one in found) or 1
    costs = tuple(
        Cost(
            name, large(one.cost), _mean(one), round(100 * one.cost / dearest), _mean(one) - before
        )
        for name, one in zip(names, found, strict=True)
    )
    everybody = Group(_("Iedereen"), False, _shares(names, found), _gains(names, changes, 0))
    groups = [
        Group(
            f"{queries.grouping_label(same[0].grouping)}: "
            f"{queries.group_label(same[0].grouping, same[0].value)}",
            same[0].is_priority,
            _shares(names, same),
            _gains(names, changes, place),
        )
        for place, same in enumerate(zip(*(one.groups for one in found), strict=True), start=1)
    ]
    return LeftOut(
        whom=whom,
        cost_finding=_("Storten kost in %(year)s: %(sums)s.")
        % {"year": year, "sums": "; ".join(f"{one.name}, {one.said}" for one in costs)},
        costs=costs,
        stands_for=found[0].stands_for,
        finding=" ".join(_finding(name, one) for name, one in zip(names, found, strict=True)),
        people=found[0].people,
        groups=(everybody, *groups),
        gains_finding=" ".join(
            _("%(name)s: %(more)s %% krijgt meer dan waarmee jullie begonnen, %(less)s %% minder.")
            % {"name": one.name, "more": one.more, "less": one.less}
            for one in everybody.gains
        ),
    )


def _changes(texts: list[str], base: str, asked: Asked) -> tuple[Money, Changes]:
    """Return the mean under the text they began with, and what the others change; nothing if it does not run."""
    try:
        before = _mean(queries.first_year(base, *asked))
        return before, {
            place: queries.first_year_change(text, base, *asked)
            for place, text in enumerate(texts)
            if text != base
        }
    except UnableToSimulate:
        return Money.zero(), {}


def _mean(found: FirstYear) -> Money:
    return Money(round(found.mean))


def _shares(names: Sequence[str], found: Sequence[FirstYear | GroupShare]) -> tuple[Share, ...]:
    return tuple(
        _share(name, one.nothing, one.mean) for name, one in zip(names, found, strict=True)
    )


def _gains(names: Sequence[str], changes: Changes, group: int) -> tuple[Gain, ...]:
    return tuple(_gain(names[place], place + 1, of[group]) for place, of in changes.items())


def _gain(name: str, line: int, found: GroupChange) -> Gain:
    more, less = round(100 * found.more), round(100 * found.less)
    mean = Money(round(found.mean))
    return Gain(name, line, percent(found.more), percent(found.less), mean, more, more + less)


def _share(name: str, nothing: float, mean: float) -> Share:
    return Share(name, round(100 * nothing), percent(nothing), Money(round(mean)))


def _finding(name: str, found: FirstYear) -> str:
    worst = next((one for one in found.flagged if one.nothing > found.nothing), None)
    share = percent(found.nothing)
    if not found.nothing:
        return _("%(name)s geeft iedereen iets.") % {"name": name}
    if worst is None:
        return _("%(name)s geeft %(share)s %% niets.") % {"name": name, "share": share}
    return _("%(name)s geeft %(share)s %% niets; van de groep “%(group)s” %(worst)s %%.") % {
        "name": name,
        "share": share,
        "group": queries.group_label(worst.grouping, worst.value),
        "worst": percent(worst.nothing),
    }
