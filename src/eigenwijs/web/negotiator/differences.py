"""Two texts of one scheme beside each other: figures and conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money
from eigenwijs.schemes import queries
from eigenwijs.schemes.types import SchemeChoices, SchemeFigure
from eigenwijs.web import schemes as words
from eigenwijs.web.templatetags.eigenwijs import localised, money


@dataclass(frozen=True)
class Row:
    """One line of the comparison: its words, and a cell per text; `differs` is said beside it."""

    label: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


def rows(texts: list[str], on: date) -> list[Row]:
    """Return figures, conditions, what money is for and its end, a cell for each text."""
    found = [queries.choices(text, on) for text in texts]
    labels = {figure.name: figure for one in found for figure in one.figures}
    lines = [
        Row(sentence(localised(figure.label)), tuple(_figure(one, name) for one in found))
        for name, figure in labels.items()
    ]
    rules = {rule.id: rule for one in found for rule in one.rules}
    lines += [
        Row(
            _("Wie er buiten valt: “%(sentence)s”") % {"sentence": localised(rule.otherwise)},
            tuple(
                _("staat erin")
                if any(mine.id == name for mine in one.rules)
                else _("staat er niet in")
                for one in found
            ),
        )
        for name, rule in rules.items()
    ]
    return [
        *lines,
        Row(
            _("Waarvoor het geld is"),
            tuple(str(words.PURPOSES[one.work_related_only]) for one in found),
        ),
        Row(_("Wanneer geld vervalt"), tuple(_end(one) for one in found)),
        Row(
            _("Naar wie geld gaat dat vervalt"),
            tuple(
                str(words.RECEIVERS[one.returns_to]) if one.returns_to else _("niemand")
                for one in found
            ),
        ),
    ]


def sentence(label: str) -> str:
    """Return a label as the start of a sentence."""
    return label[:1].upper() + label[1:]


def _figure(one: SchemeChoices, name: str) -> str:
    figure = next((figure for figure in one.figures if figure.name == name), None)
    if figure is None:
        return _("staat er niet in")
    return "; ".join([with_unit(figure.unit, figure.value), *later(figure)])


def later(figure: SchemeFigure) -> list[str]:
    """Return what a figure becomes after the day it is shown for."""
    return [
        _("vanaf %(day)s %(value)s")
        % {"day": wording.day(date.fromisoformat(day)), "value": with_unit(figure.unit, value)}
        for day, value in figure.later.items()
    ]


def with_unit(unit: str, value: str) -> str:
    """Return a figure as people read it: € 175,00, or 12 uur."""
    if unit == "EUR":
        euros, cents = value.split(".")
        return money(Money(int(euros) * 100 + int(cents)))
    number = value.replace(".", ",") if get_language() == "nl" else value
    units = {"hours": _("%(number)s uur"), "years": _("%(number)s jaar"), "number": "%(number)s"}
    return units[unit] % {"number": number}


def _end(one: SchemeChoices) -> str:
    if not one.ends:
        return _("nooit")
    if one.end_months is None:
        return _("op een dag die in de tekst staat")
    return _("na %(months)s") % {"months": wording.months(one.end_months)}


def stale_sentences(text: str, before: str, on: date) -> list[str]:
    """Return the sentences for people that still name a figure as it was before, while it is another now."""
    old = {figure.name: figure.value for figure in queries.choices(before, on).figures}
    found = queries.choices(text, on)
    changed = [
        (figure.name, old[figure.name].removesuffix(".00"))
        for figure in found.figures
        if figure.value != old.get(figure.name, figure.value)
    ]
    return [
        sentence
        for rule in found.rules
        for sentence in rule.otherwise.values()
        if any(
            name in rule.when and re.search(rf"\b{re.escape(number)}\b", sentence.replace(",", "."))
            for name, number in changed
        )
    ]
