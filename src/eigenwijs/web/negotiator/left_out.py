"""Who gets nothing from the texts that are compared: synthetic employees of a sector, by group."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from eigenwijs.kernel.money import Money
from eigenwijs.simulation import queries
from eigenwijs.simulation.queries import UnableToSimulate
from eigenwijs.simulation.types import FirstYear


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
class LeftOut:
    """The answer for the texts that are compared, or why there is none."""

    finding: str
    people: int
    all: tuple[Share, ...]
    groups: tuple[Group, ...]
    problem: str = ""


def left_out(texts: list[str], names: list[str], year: int, sector: str) -> LeftOut:
    """Return who gets nothing in the first year, under each text."""
    try:
        found = [queries.first_year(text, year, sector or None) for text in texts]
    except UnableToSimulate as error:
        return LeftOut("", 0, (), (), str(error))
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
    return LeftOut(
        finding=" ".join(_finding(name, one) for name, one in zip(names, found, strict=True)),
        people=found[0].people,
        all=tuple(
            _share(name, one.nothing, one.mean) for name, one in zip(names, found, strict=True)
        ),
        groups=groups,
    )


def _share(name: str, nothing: float, mean: float) -> Share:
    return Share(name, round(100 * nothing), percent(nothing), Money(round(mean)))


def percent(share: float) -> str:
    """Return a share in whole per cents; what is not nothing or all is never told as such."""
    if 0 < share < 0.01:
        return _("minder dan 1")
    if 0.99 < share < 1:
        return _("meer dan 99")
    return str(round(100 * share))


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
