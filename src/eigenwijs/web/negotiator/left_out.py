"""Who gets nothing from the texts that are compared, and what they cost: synthetic employees, by group."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from eigenwijs.kernel.money import Money
from eigenwijs.simulation import queries
from eigenwijs.simulation.queries import UnableToSimulate
from eigenwijs.simulation.types import FirstYear
from eigenwijs.web.negotiator.amounts import large, percent
from eigenwijs.web.negotiator.whom import Whom


@dataclass(frozen=True)
class Share:
    """What one text does for a group: per cent with nothing, and a mean amount a year."""

    name: str
    width: int
    nothing: str
    mean: Money


@dataclass(frozen=True)
class Group:
    """One group under each text; `is_priority` is said beside it."""

    grouping: str
    label: str
    is_priority: bool
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Cost:
    """What one text costs in the first year: for all employees, and for each on average."""

    name: str
    said: str
    mean: Money


@dataclass(frozen=True)
class LeftOut:
    """The answer for the texts that are compared, or why there is none."""

    whom: Whom
    finding: str = ""
    cost_finding: str = ""
    people: int = 0
    stands_for: int = 0
    costs: tuple[Cost, ...] = ()
    all: tuple[Share, ...] = ()
    groups: tuple[Group, ...] = ()
    problem: str = ""


def left_out(texts: list[str], names: list[str], year: int, whom: Whom) -> LeftOut:
    """Return who gets nothing in the first year, and what it costs, under each text."""
    try:
        found = [
            queries.first_year(text, year, whom.sector or None, whom.workforce) for text in texts
        ]
    except UnableToSimulate as error:
        return LeftOut(whom, problem=str(error))
    groups = tuple(
        Group(
            queries.grouping_label(same[0].grouping),
            queries.group_label(same[0].grouping, same[0].value),
            same[0].is_priority,
            tuple(
                _share(name, one.nothing, one.mean) for name, one in zip(names, same, strict=True)
            ),
        )
        for same in zip(*(one.groups for one in found), strict=True)
    )
    costs = tuple(
        Cost(name, large(one.cost), Money(round(one.mean)))
        for name, one in zip(names, found, strict=True)
    )
    return LeftOut(
        whom=whom,
        cost_finding=_("Storten kost in %(year)s: %(sums)s.")
        % {"year": year, "sums": "; ".join(f"{one.name}, {one.said}" for one in costs)},
        costs=costs,
        stands_for=found[0].stands_for,
        finding=" ".join(_finding(name, one) for name, one in zip(names, found, strict=True)),
        people=found[0].people,
        all=tuple(
            _share(name, one.nothing, one.mean) for name, one in zip(names, found, strict=True)
        ),
        groups=groups,
    )


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
