"""What an expression measures and between which bounds: the check before anything runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError
from eigenwijs.schemes.expressions import (
    Arithmetic,
    Both,
    Comparison,
    Expression,
    Membership,
    Name,
    Not,
    Number,
)
from eigenwijs.schemes.facts import Kind


class WrongExpression(DomainError):
    """The expression reads well but means nothing.

    Codes: unknown_name, kinds_differ, money_times_money, wrong_division, may_divide_by_zero,
    unknown_label, not_a_condition, not_a_number, bare_number.
    """


@dataclass(frozen=True, slots=True)
class Measured:
    """The kind of a value with its bounds; `labels` where it is a label."""

    kind: Kind
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    labels: tuple[str, ...] = ()
    name: str = ""


_NUMERIC = frozenset({Kind.EUR, Kind.AMOUNT, Kind.HOURS, Kind.YEARS, Kind.NUMBER})
_KIND_NAMES = {
    Kind.EUR: _("een geldbedrag"),
    Kind.AMOUNT: _("wat de regeling telt"),
    Kind.HOURS: _("uren"),
    Kind.YEARS: _("jaren"),
    Kind.NUMBER: _("een kaal getal"),
    Kind.YES_NO: _("een voorwaarde (ja of nee)"),
    Kind.LABEL: _("een soort"),
    Kind.CODES: _("codes"),
    Kind.MARKS: _("keurmerken"),
}


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return the name of `allowed` that `name` was probably meant to be, or nothing."""
    return next(iter(difflib.get_close_matches(name, sorted(allowed), n=1, cutoff=0.6)), "")


def measure(tree: Expression, names: Mapping[str, Measured]) -> Measured:
    """Return what an arithmetic expression measures; raises WrongExpression."""
    match tree:
        case Number(_text, number):
            return Measured(Kind.NUMBER, number, number)
        case Name(name):
            found = look_up(name, names)
            if found.kind not in _NUMERIC:
                raise WrongExpression(
                    "not_a_number",
                    _("‘%(name)s’ is %(kind)s; hier hoort een getal of bedrag."),
                    {"name": name, "kind": _KIND_NAMES[found.kind]},
                )
            return found
        case Arithmetic(sign, left, right):
            return _arithmetic(sign, measure(left, names), measure(right, names))
        case _:
            raise WrongExpression(
                "not_a_number", _("Hier hoort een getal of bedrag, geen voorwaarde.")
            )


def check_condition(tree: Expression, names: Mapping[str, Measured]) -> None:
    """Check that the expression is a condition whose kinds fit; raises WrongExpression."""
    match tree:
        case Not(inner):
            check_condition(inner, names)
        case Both():
            check_condition(tree.left, names)
            check_condition(tree.right, names)
        case Membership(name, labels):
            _check_labels(name, labels, names)
        case Comparison():
            _check_comparison(tree, names)
        case Name(name) if look_up(name, names).kind is Kind.YES_NO:
            pass
        case _:
            raise WrongExpression(
                "not_a_condition",
                _("Hier hoort een voorwaarde, bijvoorbeeld contract_hours_week > min_hours."),
            )


def look_up(name: str, names: Mapping[str, Measured]) -> Measured:
    """Return what a name stands for; raises WrongExpression with the nearest name there is."""
    try:
        return names[name]
    except KeyError:
        raise unknown_name(name, names) from None


def unknown_name(name: str, allowed: Iterable[str]) -> WrongExpression:
    """Return the error for a name that is not one of `allowed`, with the nearest that is."""
    names = sorted(allowed)
    near = nearest(name, names)
    message = _("‘%(name)s’ bestaat niet. Bedoel je ‘%(nearest)s’? Mag wel: %(allowed)s.")
    if not near:
        message = _("‘%(name)s’ bestaat niet. Mag wel: %(allowed)s.")
    params = {"name": name, "nearest": near, "allowed": ", ".join(names)}
    return WrongExpression("unknown_name", message, params)


def _arithmetic(sign: str, x: Measured, y: Measured) -> Measured:
    if sign in "+-":
        if x.kind is not y.kind:
            raise _differ(x, y)
        if sign == "+":
            return Measured(x.kind, x.low + y.low, x.high + y.high)
        return Measured(x.kind, x.low - y.high, x.high - y.low)
    if sign == "*":
        if Kind.NUMBER not in (x.kind, y.kind):
            raise WrongExpression(
                "money_times_money",
                _(
                    "Je kunt %(left)s niet vermenigvuldigen met %(right)s. "
                    "Een van de twee moet een kaal getal zijn."
                ),
                {"left": _KIND_NAMES[x.kind], "right": _KIND_NAMES[y.kind]},
            )
        kind = y.kind if x.kind is Kind.NUMBER else x.kind
        corners = [a * b for a in (x.low, x.high) for b in (y.low, y.high)]
        return Measured(kind, min(corners), max(corners))
    if y.kind not in (Kind.NUMBER, x.kind):
        raise WrongExpression(
            "wrong_division",
            _(
                "Je kunt %(left)s niet delen door %(right)s. "
                "Deel door een kaal getal of door dezelfde soort."
            ),
            {"left": _KIND_NAMES[x.kind], "right": _KIND_NAMES[y.kind]},
        )
    if y.low <= 0:
        raise WrongExpression(
            "may_divide_by_zero",
            _("Hier kan door nul gedeeld worden. Deel door iets dat altijd groter dan 0 is."),
        )
    corners = [a / b for a in (x.low, x.high) for b in (y.low, y.high)]
    kind = Kind.NUMBER if x.kind is y.kind else x.kind
    return Measured(kind, min(corners), max(corners))


def _differ(x: Measured, y: Measured) -> WrongExpression:
    if Kind.NUMBER in (x.kind, y.kind):
        return WrongExpression(
            "bare_number",
            _(
                "Je kunt %(left)s en %(right)s niet vergelijken of optellen. Maak van het getal "
                "een parameter met een eenheid en een bron."
            ),
            {"left": _KIND_NAMES[x.kind], "right": _KIND_NAMES[y.kind]},
        )
    return WrongExpression(
        "kinds_differ",
        _(
            "Je kunt %(left)s en %(right)s niet vergelijken of optellen. "
            "Beide moeten van dezelfde soort zijn."
        ),
        {"left": _KIND_NAMES[x.kind], "right": _KIND_NAMES[y.kind]},
    )


def _check_labels(name: str, labels: tuple[str, ...], names: Mapping[str, Measured]) -> None:
    found = look_up(name, names)
    if found.kind not in (Kind.LABEL, Kind.CODES, Kind.MARKS):
        raise WrongExpression(
            "not_a_condition",
            _(
                "‘in [..]’ kan niet bij ‘%(name)s’: alleen bij soorten en codes. Gebruik <, > of ==."
            ),
            {"name": name},
        )
    for label in labels:
        if found.kind is Kind.LABEL and label not in found.labels:
            raise unknown_label(label, found.name, found.labels)
        if found.kind is Kind.CODES and not (label.isdigit() and 2 <= len(label) <= 4):
            raise WrongExpression(
                "unknown_label",
                _("‘%(label)s’ is geen ISCED-code. Schrijf twee tot vier cijfers."),
                {"label": label},
            )


def unknown_label(label: str, name: str, labels: tuple[str, ...]) -> WrongExpression:
    """Return that `label` is no value of the fact `name`, with those that are and the nearest."""
    near = nearest(label, labels)
    message = _("‘%(label)s’ is geen waarde van ‘%(name)s’. Mag wel: %(allowed)s.")
    if near:
        message = _(
            "‘%(label)s’ is geen waarde van ‘%(name)s’. Bedoel je ‘%(nearest)s’? "
            "Mag wel: %(allowed)s."
        )
    params = {"label": label, "name": name, "allowed": ", ".join(labels), "nearest": near}
    return WrongExpression("unknown_label", message, params)


def _written(tree: Expression) -> str:
    """Return a name or a number as it was written, and dots for what is longer."""
    match tree:
        case Name(text) | Number(text):
            return text
        case _:
            return "…"


def _check_comparison(tree: Comparison, names: Mapping[str, Measured]) -> None:
    if isinstance(tree.left, Name):
        found = look_up(tree.left.name, names)
        if found.kind is Kind.LABEL:
            if tree.sign not in ("==", "!="):
                raise WrongExpression(
                    "not_a_condition",
                    _("Bij ‘%(name)s’ kan alleen ==, != of in [..]."),
                    {"name": tree.left.name},
                )
            if not isinstance(tree.right, Name) or tree.right.name not in found.labels:
                raise unknown_label(_written(tree.right), found.name, found.labels)
            return
    left, right = measure(tree.left, names), measure(tree.right, names)
    if left.kind is not right.kind:
        raise _differ(left, right)
