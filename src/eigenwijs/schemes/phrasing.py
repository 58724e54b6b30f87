"""Formulas as people say them, with the labels of facts and the figures of the scheme. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Rounding, round_fraction
from eigenwijs.schemes.blocks import Figure, Parameter, Scheme
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
from eigenwijs.schemes.facts import LABEL_TEXTS, PERSON_FACTS, SPEND_FACTS, Kind
from eigenwijs.schemes.units import in_unit

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
MOST_DECIMALS = 13
_FACTS = PERSON_FACTS | SPEND_FACTS


def condition(text: str, scheme: Scheme) -> str:
    """Return a condition in words, without a full stop."""
    return _said(parse(text), scheme)


def amount(text: str, scheme: Scheme) -> str:
    """Return an amount in words; a figure that changes is given with the day of each value."""
    tree = parse(text)
    if isinstance(tree, Number) and tree.value == 0:
        return gettext("niets")
    if isinstance(tree, Name) and tree.name in scheme.parameters:
        parameter = scheme.parameters[tree.name]
        if len(parameter.values) > 1:
            return by_date(parameter, scheme.unit)
    return _said(tree, scheme)


def rate(text: str, scheme: Scheme) -> str:
    """Return a rate: a percentage where it is one and the same for everyone, else in words."""
    tree = parse(text)
    known = {
        name: _only_value(scheme.parameters[name])
        for name in names_in(tree)
        if name in scheme.parameters
    }
    figures = {name: found for name, found in known.items() if found is not None}
    if names_in(tree) <= figures.keys():
        return _percentage(value(tree, figures))
    return _said(tree, scheme)


def by_date(parameter: Parameter, unit: str, *, with_why: bool = False) -> str:
    """Return each value with the day it starts; one that nobody published is marked as assumed.

    `unit` is what the scheme counts.
    """
    return listed(
        _dated(parameter, unit, start, found, with_why)
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


def exact(number: Fraction) -> str:
    """Write a number in full, in the active language's notation; `1/3` where it has no end."""
    decimals = next((n for n in range(MOST_DECIMALS) if (number * 10**n).denominator == 1), None)
    if decimals is None:
        return str(number)
    whole, rest = divmod(int(number * 10**decimals), 10**decimals)
    comma = "," if wording.is_dutch() else "."
    return wording.grouped(whole) + (f"{comma}{rest:0{decimals}d}" if decimals else "")


def _percentage(number: Fraction) -> str:
    return f"{exact(number * 100)}%"


def _share(
    left: Expression, right: Expression, scheme: Scheme
) -> tuple[Fraction, Expression] | None:
    """Return the part below one that a product takes, and of what; None where it takes none."""
    for part, whole in ((left, right), (right, left)):
        found = None
        if isinstance(part, Number):
            found = part.value
        elif isinstance(part, Name) and part.name in scheme.parameters:
            parameter = scheme.parameters[part.name]
            found = _only_value(parameter) if parameter.unit == "number" else None
        if found is not None and found < 1:
            return found, whole
    return None


def _dated(parameter: Parameter, unit: str, start: date, found: Figure, with_why: bool) -> str:
    words = {"figure": _measured(parameter, unit, found), "day": wording.day(start)}
    text = gettext("%(figure)s vanaf %(day)s") % words
    if found.status == "inferred":
        why = f": {(found.why or '').removesuffix('.')}" if with_why else ""
        text += gettext(" (aangenomen%(why)s)") % {"why": why}
    return text


def _only_value(parameter: Parameter) -> Fraction | None:
    first, *others = parameter.values.values()
    return None if others else first.value


def _measured(parameter: Parameter, unit: str, found: Figure) -> str:
    if parameter.is_amount:
        return in_unit(round_fraction(found.value * 100, Rounding.HALF_UP), unit)
    number, count = exact(found.value), 1 if found.value == 1 else 2
    if parameter.unit == "hours":
        return ngettext("%(number)s uur", "%(number)s uur", count) % {"number": number}
    if parameter.unit == "years":
        return ngettext("%(number)s jaar", "%(number)s jaar", count) % {"number": number}
    return number


def _said(tree: Expression, scheme: Scheme) -> str:
    match tree:
        case Number(_text, number):
            return exact(number)
        case Name(name):
            return _name(name, scheme)
        case Not(inner):
            return gettext("niet: %(inner)s") % {"inner": _inside(tree, inner, scheme)}
        case Membership(name, labels):
            return _membership(name, labels)
        case Both(either, left, right):
            sides = (_inside(tree, left, scheme), _inside(tree, right, scheme))
            return listed(sides, either=either)
        case Arithmetic() | Comparison():
            return _two_sides(tree, scheme)


def _two_sides(tree: Arithmetic | Comparison, scheme: Scheme) -> str:
    if tree.sign == "*" and (found := _share(tree.left, tree.right, scheme)):
        part, whole = found
        words = {"part": _percentage(part), "whole": _inside(tree, whole, scheme)}
        return gettext("%(part)s van %(whole)s") % words
    signs = _LABEL_SIGNS if _is_label(tree.left) else _SIGNS
    return str(signs[tree.sign]) % {
        "left": _inside(tree, tree.left, scheme),
        "right": _inside(tree, tree.right, scheme, is_right=True),
    }


def _name(name: str, scheme: Scheme) -> str:
    if name in scheme.parameters:
        parameter = scheme.parameters[name]
        first, *others = parameter.values.values()
        return name_of(name, parameter) if others else _measured(parameter, scheme.unit, first)
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
    scheme: Scheme,
    *,
    is_right: bool = False,
) -> str:
    """Say a part of a formula, in parentheses where it could be read otherwise without.

    People know no order of `and` and `or`, nor where a `not` ends: only what is one thing, a single
    comparison or another link of the same chain stands without.
    """
    text = _said(inner, scheme)
    if _is_one_thing(inner):
        return text
    if isinstance(outer, Both):
        is_list = isinstance(inner, Membership) and len(inner.labels) > 1
        is_other = isinstance(inner, Both) and inner.either is not outer.either
        return f"({text})" if is_list or is_other or isinstance(inner, Not) else text
    if isinstance(outer, Arithmetic) and isinstance(inner, Arithmetic):
        is_chain = not is_right and (
            outer.sign == inner.sign == "*" or (_is_sum(outer) and _is_sum(inner))
        )
        return text if is_chain else f"({text})"
    return f"({text})" if isinstance(outer, Not) or not isinstance(inner, Arithmetic) else text


def _is_one_thing(tree: Expression) -> bool:
    return isinstance(tree, Number | Name)


def _is_sum(tree: Arithmetic) -> bool:
    return tree.sign in ("+", "-")
