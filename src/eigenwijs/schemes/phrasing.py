"""Formulas as people say them, with the labels of facts and the figures of the scheme. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money, Rounding, round_fraction
from eigenwijs.schemes.blocks import Figure, Parameter
from eigenwijs.schemes.explaining import figure, percentage
from eigenwijs.schemes.expressions import (
    Arithmetic,
    Both,
    Comparison,
    Expression,
    Membership,
    Name,
    Not,
    Number,
    names_in,
    parse,
    value,
)
from eigenwijs.schemes.facts import COURSE_FACTS, LABEL_TEXTS, PERSON_FACTS, Kind

_SIGNS: dict[str, str | Promise] = {
    "+": _("%(left)s plus %(right)s"),
    "-": _("%(left)s min %(right)s"),
    "*": _("%(left)s keer %(right)s"),
    "/": _("%(left)s gedeeld door %(right)s"),
    "<": _("%(left)s minder dan %(right)s"),
    "<=": _("%(left)s hooguit %(right)s"),
    ">": _("%(left)s meer dan %(right)s"),
    ">=": _("%(left)s minstens %(right)s"),
    "==": _("%(left)s precies %(right)s"),
    "!=": _("%(left)s niet precies %(right)s"),
}
_LABEL_SIGNS: dict[str, str | Promise] = {
    "==": _("%(left)s is %(right)s"),
    "!=": _("%(left)s is niet %(right)s"),
}
_FACTS = PERSON_FACTS | COURSE_FACTS


def condition(text: str, parameters: Mapping[str, Parameter]) -> str:
    """Return a condition in words, without a full stop."""
    return _said(parse(text), parameters)


def amount(text: str, parameters: Mapping[str, Parameter]) -> str:
    """Return an amount in words; a figure that changes is given with the day of each value."""
    tree = parse(text)
    if isinstance(tree, Number) and tree.value == 0:
        return gettext("niets")
    if isinstance(tree, Name) and tree.name in parameters:
        parameter = parameters[tree.name]
        if len(parameter.values) > 1:
            return by_date(parameter)
    return _said(tree, parameters)


def rate(text: str, parameters: Mapping[str, Parameter]) -> str:
    """Return a rate: a percentage where it is one and the same for everyone, else in words."""
    tree = parse(text)
    known = {name: _only_value(parameters[name]) for name in names_in(tree) if name in parameters}
    figures = {name: found for name, found in known.items() if found is not None}
    if names_in(tree) <= figures.keys():
        return percentage(value(tree, figures))
    return _said(tree, parameters)


def by_date(parameter: Parameter, *, with_why: bool = False) -> str:
    """Return each value with the day it starts; one that nobody published is marked as assumed."""
    return listed(
        _dated(parameter, start, found, with_why)
        for start, found in sorted(parameter.values.items())
    )


def name_of(name: str, parameter: Parameter) -> str:
    """Return what people call a parameter; without a label its own name, between quotes."""
    if parameter.label:
        return parameter.label.in_language("nl" if wording.is_dutch() else "en")
    return f"‘{name.replace('_', ' ')}’"


def listed(items: Iterable[str], *, either: bool = False) -> str:
    """Return `a, b en c`; with `either` it is `a, b of c`."""
    *rest, last = items
    if not rest:
        return last
    text = gettext("%(rest)s of %(last)s") if either else gettext("%(rest)s en %(last)s")
    return text % {"rest": ", ".join(rest), "last": last}


def _dated(parameter: Parameter, start: date, found: Figure, with_why: bool) -> str:
    words = {"figure": _measured(parameter, found), "day": wording.day(start)}
    text = gettext("%(figure)s vanaf %(day)s") % words
    if found.status == "inferred":
        why = f": {(found.why or '').removesuffix('.')}" if with_why else ""
        text += gettext(" (aangenomen%(why)s)") % {"why": why}
    return text


def _only_value(parameter: Parameter) -> Fraction | None:
    first, *others = parameter.values.values()
    return None if others else first.value


def _measured(parameter: Parameter, found: Figure) -> str:
    if parameter.unit == "EUR":
        return wording.money(Money(round_fraction(found.value * 100, Rounding.HALF_UP)))
    number = figure(found.value)
    if parameter.unit == "hours":
        return wording.hours(round_fraction(found.value * 100, Rounding.HALF_UP))
    if parameter.unit == "years":
        count = 1 if found.value == 1 else 2
        return ngettext("%(number)s jaar", "%(number)s jaar", count) % {"number": number}
    return number


def _said(tree: Expression, parameters: Mapping[str, Parameter]) -> str:
    match tree:
        case Number(_text, number):
            return figure(number)
        case Name(name):
            return _name(name, parameters)
        case Not(inner):
            return gettext("niet: %(inner)s") % {"inner": _inside(tree, inner, parameters)}
        case Membership(name, labels):
            return _membership(name, labels)
        case Both(either, left, right):
            sides = (_inside(tree, left, parameters), _inside(tree, right, parameters))
            return listed(sides, either=either)
        case Arithmetic(sign, left, right) | Comparison(sign, left, right):
            signs = _LABEL_SIGNS if _is_label(left) else _SIGNS
            return str(signs[sign]) % {
                "left": _inside(tree, left, parameters),
                "right": _inside(tree, right, parameters, is_right=True),
            }


def _name(name: str, parameters: Mapping[str, Parameter]) -> str:
    if name in parameters:
        parameter = parameters[name]
        first, *others = parameter.values.values()
        return name_of(name, parameter) if others else _measured(parameter, first)
    if name in _FACTS:
        return str(_FACTS[name].label)
    return str(LABEL_TEXTS[name])


def _membership(name: str, labels: tuple[str, ...]) -> str:
    fact = _FACTS[name]
    if fact.kind is Kind.LABEL:
        words, text = [str(LABEL_TEXTS[label]) for label in labels], _LABEL_SIGNS["=="]
    elif fact.kind is Kind.CODES:
        words, text = list(labels), _("%(left)s begint met ISCED-code %(right)s")
    else:
        words, text = [label.upper() for label in labels], _LABEL_SIGNS["=="]
    return str(text) % {"left": str(fact.label), "right": listed(words, either=True)}


def _is_label(tree: Expression) -> bool:
    return isinstance(tree, Name) and tree.name in _FACTS and _FACTS[tree.name].kind is Kind.LABEL


def _inside(
    outer: Expression,
    inner: Expression,
    parameters: Mapping[str, Parameter],
    *,
    is_right: bool = False,
) -> str:
    """Say a part of a formula, in parentheses where it would read otherwise without."""
    text = _said(inner, parameters)
    is_loose = _binding(inner) < _binding(outer)
    is_second = is_right and _binding(inner) == _binding(outer)
    return f"({text})" if is_loose or is_second else text


def _binding(tree: Expression) -> int:
    """How strongly a formula holds together, from `or` to a name."""
    match tree:
        case Both(either):
            return 1 if either else 2
        case Not():
            return 3
        case Comparison() | Membership():
            return 4
        case Arithmetic(sign):
            return 5 if sign in "+-" else 6
        case _:
            return 7
