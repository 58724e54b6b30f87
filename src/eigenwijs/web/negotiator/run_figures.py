"""What a long run says, as rows for its charts and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from eigenwijs.kernel.money import Money
from eigenwijs.simulation import queries
from eigenwijs.simulation.types import (
    Figure,
    LongRunGroup,
    LongRunText,
    LongRunView,
    LongRunYear,
)
from eigenwijs.web.negotiator.amounts import large, percent, with_band
from eigenwijs.web.templatetags.eigenwijs import money

WIDEST = 100
CHARTED = "contract"


@dataclass(frozen=True)
class Bar:
    """What one text does: `width` is a share of the widest bar, of a hundred; `said` the figure in words."""

    name: str
    width: int
    said: str


@dataclass(frozen=True)
class Row:
    """A year or a group, under each text."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class YearLine:
    """A year under one text, in words; `ends` is that money ends in it."""

    year: int
    name: str
    credited: str
    spent: str
    held: str
    ended: str
    ends: bool


@dataclass(frozen=True)
class GroupLine:
    """A group under one text, in words."""

    label: str
    name: str
    gets_nothing: str
    takes_up: str
    balance: Money | None


@dataclass(frozen=True)
class Figures:
    """All that a run says: a finding over each chart, and the tables. No `ended` rows: no money ends."""

    ended_finding: str
    ended: tuple[Row, ...]
    cost_finding: str
    cost: tuple[Row, ...]
    nothing_finding: str
    nothing: tuple[Row, ...]
    learning: tuple[str, ...]
    years: tuple[YearLine, ...]
    groups: tuple[GroupLine, ...]


def figures(run: LongRunView, names: dict[str, str]) -> Figures:
    """Return what a run says, with the texts by these names."""
    texts = [(names[text.hash], text) for text in run.texts]
    is_ending = any(year.ended.value for _name, text in texts for year in text.years)
    return Figures(
        ended_finding=_("Hier vervalt geld dat al van mensen was. In %(years)s jaar: %(sums)s.")
        % {
            "years": run.size.years,
            "sums": "; ".join(
                f"{name}, {large(sum(year.ended.value for year in text.years))}"
                for name, text in texts
            ),
        }
        if is_ending
        else _("Onder deze teksten vervalt geen geld dat al van mensen was."),
        ended=_years(texts, lambda year: year.ended) if is_ending else (),
        cost_finding=_("Storten kost gemiddeld per jaar: %(sums)s.")
        % {
            "sums": "; ".join(
                f"{name}, "
                + large(sum(year.credited.value for year in text.years) / run.size.years)
                for name, text in texts
            )
        },
        cost=_years(texts, lambda year: year.credited),
        nothing_finding=" ".join(_nothing_finding(name, text) for name, text in texts),
        nothing=_groups(texts),
        learning=tuple(
            _(
                "%(name)s: in een jaar leert %(share)s van de werknemers met dit geld. Aan het eind staat er "
                "gemiddeld %(balance)s per werknemer."
            )
            % {
                "name": name,
                "share": _takes_up(text.everyone),
                "balance": money(Money(round(text.everyone.balance or 0))),
            }
            for name, text in texts
        ),
        years=tuple(
            YearLine(
                place.year,
                name,
                with_band(place.credited),
                with_band(place.spent),
                with_band(place.held),
                with_band(place.ended),
                place.ended.value > 0,
            )
            for same in zip(*(text.years for _name, text in texts), strict=True)
            for (name, _text), place in zip(texts, same, strict=True)
        ),
        groups=tuple(_group_lines(texts)),
    )


def _years(
    texts: list[tuple[str, LongRunText]], measure: Callable[[LongRunYear], Figure]
) -> tuple[Row, ...]:
    most = max(measure(year).value for _name, text in texts for year in text.years) or 1
    return tuple(
        Row(
            str(same[0].year),
            tuple(
                Bar(
                    name,
                    round(WIDEST * measure(year).value / most),
                    large(measure(year).value),
                )
                for (name, _text), year in zip(texts, same, strict=True)
            ),
        )
        for same in zip(*(text.years for _name, text in texts), strict=True)
    )


def _groups(texts: list[tuple[str, LongRunText]]) -> tuple[Row, ...]:
    return tuple(
        Row(
            queries.group_label(same[0].grouping, same[0].value),
            tuple(
                Bar(
                    name,
                    round(WIDEST * (one.gets_nothing or 0)),
                    _("%(share)s %% krijgt niets") % {"share": percent(one.gets_nothing or 0)},
                )
                for (name, _text), one in zip(texts, same, strict=True)
            ),
        )
        for same in zip(*(text.groups for _name, text in texts), strict=True)
        if same[0].grouping == CHARTED
    )


def _nothing_finding(name: str, text: LongRunText) -> str:
    share = text.everyone.gets_nothing or 0
    worst = max(text.groups, key=lambda one: one.gets_nothing or 0, default=text.everyone)
    told = {"name": name, "share": percent(share)}
    if not worst.value or percent(worst.gets_nothing or 0) == percent(share):
        return _("Met %(name)s krijgt %(share)s %% in een jaar niets.") % told
    return _(
        "Met %(name)s krijgt %(share)s %% in een jaar niets; van de groep “%(group)s” %(worst)s %%."
    ) % {
        **told,
        "group": queries.group_label(worst.grouping, worst.value),
        "worst": percent(worst.gets_nothing or 0),
    }


def _group_lines(texts: list[tuple[str, LongRunText]]) -> list[GroupLine]:
    everyone = [(name, text.everyone) for name, text in texts]
    rows = zip(*(text.groups for _name, text in texts), strict=True)
    each = [(name, one) for same in rows for (name, _text), one in zip(texts, same, strict=True)]
    return [
        GroupLine(
            _label(one),
            name,
            _share(one.gets_nothing),
            _takes_up(one),
            None if one.balance is None else Money(round(one.balance)),
        )
        for name, one in [*everyone, *each]
    ]


def _label(one: LongRunGroup) -> str:
    if not one.grouping:
        return _("Iedereen")
    grouping = queries.grouping_label(one.grouping)
    return f"{grouping}: {queries.group_label(one.grouping, one.value)}"


def _share(share: float | None) -> str:
    return "–" if share is None else _("%(share)s %%") % {"share": percent(share)}


def _takes_up(one: LongRunGroup) -> str:
    """Return the share that learns, with a digit behind the comma: it is small, and texts differ little in it."""
    if one.takes_up is None:
        return "–"
    return _("%(share)s %%") % {"share": number_format(round(100 * one.takes_up, 1), 1)}
