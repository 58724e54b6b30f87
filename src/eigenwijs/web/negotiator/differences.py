"""Two texts of one scheme beside each other: figures and conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money
from eigenwijs.schemes import queries
from eigenwijs.schemes.types import SchemeChoices, SchemeFigure
from eigenwijs.web import schemes as words
from eigenwijs.web.templatetags.eigenwijs import localised, money

FOR_WHOM = gettext_lazy("Voor wie")
HOW_LONG = gettext_lazy("Hoe lang je het kunt gebruiken")
"""The titles of the sections of clauses that are compared: a clause for each condition, and the end first."""


@dataclass(frozen=True)
class Row:
    """One line of the comparison: its words, and a cell per text; `differs` is said beside it.

    `language` is that of the cells where it is not the reader's.
    """

    label: str
    cells: tuple[str, ...]
    language: str = ""

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
    lines += [
        _condition(name, texts, found)
        for name in dict.fromkeys(rule.id for one in found for rule in one.rules)
    ]
    return [
        *lines,
        Row(
            _("Waarvoor het geld is"),
            tuple(str(words.PURPOSES[one.work_related_only]) for one in found),
        ),
        Row(_("Wanneer geld vervalt"), tuple(_end(text) for text in texts)),
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


def _condition(name: str, texts: list[str], found: list[SchemeChoices]) -> Row:
    """Return the row of a condition; where two texts both have it and differ, with what each says."""
    rules = [next((rule for rule in one.rules if rule.id == name), None) for one in found]
    having = [rule for rule in rules if rule]
    if all(rule == having[0] for rule in having):
        return Row(
            _("Wie er buiten valt: “%(sentence)s”") % {"sentence": localised(having[0].otherwise)},
            tuple(_("staat erin") if rule else _("staat er niet in") for rule in rules),
        )
    places = [one.rules.index(rule) for one, rule in zip(found, having, strict=True)]
    # What differs in the other language alone, or in no words at all, differs too: the text is signed.
    label, other = _("Wie er buiten valt"), "en" if _language() == "nl" else "nl"
    for language in ("", other):
        said = tuple(
            _clauses(text, FOR_WHOM, language or _language())[place]
            for text, place in zip(texts, places, strict=True)
        )
        if len(set(said)) > 1:
            return Row(label, said, language)
    return Row(label, tuple(rule.when for rule in having))


def _end(text: str) -> str:
    """Return the clause that says how long money can be used: the first of its section."""
    return _clauses(text, HOW_LONG, _language())[0]


def _clauses(text: str, title: Promise, language: str) -> list[str]:
    """Return the sentences of one section of a text."""
    sections = queries.clauses(text, language)
    with override(language):
        section = next(one for one in sections if one.title == str(title))
    return [clause.sentence for clause in section.clauses]


def _language() -> str:
    return "nl" if get_language() == "nl" else "en"


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
