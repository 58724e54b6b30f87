"""What is wrong in the block of a ceiling: the bounds that a round over it would have to hold to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes import person_conditions
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.ceiling_blocks import Ceiling
from eigenwijs.schemes.ceiling_limits import (
    EVERYONE,
    LEAST_DAYS_TO_ACCEPT,
    MOST_GROUPS,
    MOST_POT,
)
from eigenwijs.schemes.reading import Document, Path

_HERE: Path = ("ceiling",)


def ceiling_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    """Name what no round could run, each at its place."""
    ceiling = scheme.ceiling
    if ceiling is None:
        return
    for where, text in ceiling.conditions.items():
        try:
            person_conditions.check(text)
        except person_conditions.UnusableCondition as error:
            yield document.fault(
                (*_HERE, *where), "unusable_condition", error.message, **error.params
            )
    yield from _order(document, ceiling)
    yield from _groups(document, ceiling)
    yield from _amounts(document, ceiling)
    yield from _windows(document, ceiling, scheme.starts)


def _order(document: Document, ceiling: Ceiling) -> Iterator[Fault]:
    is_first_come = ceiling.order == "first_come"
    if is_first_come != (ceiling.law is not None):
        yield document.fault(
            (*_HERE, "order"),
            "law_and_order",
            _(
                "Volgorde van aankomst mag alleen als een wet dat eist. Schrijf order: first_come en de "
                "tekst van de wet bij law, of geen van beide."
            ),
        )
    if (ceiling.order == "priority") != bool(ceiling.groups):
        yield document.fault(
            (*_HERE, "order"),
            "groups_and_order",
            _(
                "Groepen die voorgaan horen bij order: priority. Schrijf allebei, of geen van beide."
            ),
        )
    if is_first_come and (ceiling.bad_luck or ceiling.when_too_small != "skip"):
        yield document.fault(
            (*_HERE, "order"),
            "first_come_plain",
            _(
                "Op volgorde van aankomst telt pech niet mee, en een aanvraag die niet past slaan we over. "
                "Haal bad_luck weg en schrijf when_too_small: skip."
            ),
        )


def _groups(document: Document, ceiling: Ceiling) -> Iterator[Fault]:
    path: Path = (*_HERE, "groups")
    for index, group in enumerate(ceiling.groups):
        if group.weight is None and group.share_percent is None:
            yield document.fault(
                (*path, index),
                "no_priority",
                _("Zeg hoe deze groep voorgaat: met weight, share_percent of allebei."),
            )
        if group.id == EVERYONE:
            yield document.fault(
                (*path, index, "id"),
                "everyone_else",
                _("‘%(id)s’ is wie in geen groep zit. Kies een andere naam."),
                id=group.id,
            )
    if len(ceiling.groups) >= MOST_GROUPS:
        yield document.fault(
            path,
            "many_groups",
            _("Er zijn te veel groepen: hooguit %(most)s."),
            most=MOST_GROUPS - 1,
        )
    shares = sum(group.share_percent or 0 for group in ceiling.groups)
    if shares > 100:
        yield document.fault(
            path,
            "shares",
            _("De delen zijn samen %(shares)s procent. Maak daar hooguit 100 van."),
            shares=shares,
        )


def _amounts(document: Document, ceiling: Ceiling) -> Iterator[Fault]:
    """Whole hundredths; what can be asked fits in the smallest pot."""
    places: dict[Path, Fraction] = {("most",): ceiling.most}
    if ceiling.least is not None:
        places["least",] = ceiling.least
    for index, window in enumerate(ceiling.windows):
        places["windows", index, "pot"] = window.pot
    for where, number in places.items():
        if (number * 100).denominator != 1:
            message = _("Schrijf een bedrag in hele centen.")
            yield document.fault((*_HERE, *where), "part_of_cent", message)
    least = ceiling.least if ceiling.least is not None else Fraction(1, 100)
    pots = [window.pot for window in ceiling.windows]
    if not 0 < least <= ceiling.most <= min(pots):
        yield document.fault(
            (*_HERE, "most"),
            "request_amounts",
            _(
                "Wat iemand kan vragen is meer dan nul, en het meeste is minstens het minste en hooguit de "
                "kleinste pot."
            ),
        )
    for index, pot in enumerate(pots):
        if pot * 100 > MOST_POT.cents:
            yield document.fault(
                (*_HERE, "windows", index, "pot"),
                "pot_too_large",
                _("Deze pot is te groot: hooguit %(most)s."),
                most=MOST_POT.cents // 100,
            )


def _windows(document: Document, ceiling: Ceiling, starts: date) -> Iterator[Fault]:
    # In order of arrival money is promised until the last day, and a promise is open for days.
    days = LEAST_DAYS_TO_ACCEPT + 1 if ceiling.order == "first_come" else 0
    before = starts - timedelta(days=1)
    for index, window in enumerate(ceiling.windows):
        here: Path = (*_HERE, "windows", index)
        if window.closes < window.opens + timedelta(days=days):
            yield document.fault(
                (*here, "closes"),
                "window_order",
                _("De laatste dag is te vroeg: kies %(first)s of later."),
                first=(window.opens + timedelta(days=days)).isoformat(),
            )
        if window.opens <= before:
            yield document.fault(
                (*here, "opens"),
                "windows_overlap",
                _(
                    "Dit begint voor de regeling, of voor het einde van wat erboven staat. Begin na %(day)s."
                ),
                day=before.isoformat(),
            )
        before = max(before, window.closes)
