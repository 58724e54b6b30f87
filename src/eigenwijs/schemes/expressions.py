"""The tiny expression language of `when`, `amount`, `by` and `full_from`.

Names, numbers, ``+ - * /``, comparisons, ``and or not``, ``in [..]`` and parentheses; nothing
else: no calls, no attributes, no strings. Text becomes a tree once; the tree is checked for kinds
and bounds before it may run, and runs on exact fractions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError
from eigenwijs.schemes.exact import exact_number
from eigenwijs.schemes.facts import FactValue

MOST_CHARACTERS = 500
MOST_LEVELS = 30

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/()<>\[\],]))",
    re.ASCII,
)
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_WORDS = ("and", "or", "not", "in")


class UnreadableExpression(DomainError):
    """The text is not an expression of this language. Codes: syntax, too_long, too_deep."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written; `text` keeps leading zeros, for codes."""

    text: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, a fact or a label."""

    name: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left` sign `right`, the sign one of ``+ - * /``."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left` sign `right`, the sign one of ``< <= > >= == !=``."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether the fact `name` is one of (or has one of) `labels`."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """`left` and `right`, or with `either` at least one of them."""

    either: bool
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of `inner`."""

    inner: Expression


Expression = Number | Name | Arithmetic | Comparison | Membership | Both | Not


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read one expression; raises UnreadableExpression with the position of what is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise UnreadableExpression(
            "too_long",
            _("Deze formule is te lang: hooguit %(most)s tekens."),
            {"most": MOST_CHARACTERS},
        )
    reader = _Reader(text)
    tree = reader.either()
    if reader.peek():
        raise reader.unexpected()
    return tree


def names_in(tree: Expression) -> frozenset[str]:
    """Return every name in the expression, labels included (a comparison's right side too)."""
    match tree:
        case Number():
            return frozenset()
        case Name(name) | Membership(name):
            return frozenset({name})
        case Not(inner):
            return names_in(inner)
        case Arithmetic() | Comparison() | Both():
            return names_in(tree.left) | names_in(tree.right)


class _Reader:
    """One pass over the tokens, from the weakest binding (or) to the strongest (a factor)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._tokens(text)
        self.at = 0
        self.level = 0

    def _tokens(self, text: str) -> list[tuple[str, str, int]]:
        tokens, position = [], 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if not match or not match.lastgroup:
                start = position + len(text[position:]) - len(text[position:].lstrip())
                raise self._syntax(text[start], start)
            tokens.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            position = match.end()
        return tokens

    def _syntax(self, found: str, position: int) -> UnreadableExpression:
        message = _(
            "In ‘%(text)s’ snap ik ‘%(found)s’ niet (teken %(position)s). Gebruik namen, "
            "getallen, + - * /, vergelijkingen, and, or, not, in [..] en haakjes."
        )
        if found == "=":
            message = _("In ‘%(text)s’ staat ‘=’ (teken %(position)s). Schrijf == voor gelijk.")
        return UnreadableExpression(
            "syntax", message, {"text": self.text, "found": found, "position": position + 1}
        )

    def unexpected(self) -> UnreadableExpression:
        if self.at < len(self.tokens):
            _kind, found, position = self.tokens[self.at]
            return self._syntax(found, position)
        return UnreadableExpression(
            "syntax",
            _("De formule ‘%(text)s’ is niet af: aan het einde ontbreekt iets."),
            {"text": self.text},
        )

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        found = self.peek()
        if found not in wanted:
            raise self.unexpected()
        self.at += 1
        return found

    def either(self) -> Expression:
        self.level += 1
        if self.level > MOST_LEVELS:
            raise UnreadableExpression(
                "too_deep",
                _("Deze formule heeft te veel haakjes: hooguit %(most)s lagen."),
                {"most": MOST_LEVELS},
            )
        tree = self.both()
        while self.peek() == "or":
            self.at += 1
            tree = Both(True, tree, self.both())
        self.level -= 1
        return tree

    def both(self) -> Expression:
        tree = self.negation()
        while self.peek() == "and":
            self.at += 1
            tree = Both(False, tree, self.negation())
        return tree

    def negation(self) -> Expression:
        negative = False
        while self.peek() == "not":
            self.at += 1
            negative = not negative
        tree = self.comparison()
        return Not(tree) if negative else tree

    def comparison(self) -> Expression:
        left = self.sum()
        if self.peek() in _COMPARISONS:
            return Comparison(self.take(*_COMPARISONS), left, self.sum())
        if self.peek() == "in" and isinstance(left, Name):
            self.at += 1
            return Membership(left.name, self.labels())
        return left

    def labels(self) -> tuple[str, ...]:
        self.take("[")
        found = []
        while True:
            if self.at >= len(self.tokens) or self.tokens[self.at][0] == "sign":
                raise self.unexpected()
            found.append(self.peek())
            self.at += 1
            if self.take(",", "]") == "]":
                return tuple(found)

    def sum(self) -> Expression:
        tree = self.product()
        while self.peek() in ("+", "-"):
            tree = Arithmetic(self.take("+", "-"), tree, self.product())
        return tree

    def product(self) -> Expression:
        tree = self.factor()
        while self.peek() in ("*", "/"):
            tree = Arithmetic(self.take("*", "/"), tree, self.factor())
        return tree

    def factor(self) -> Expression:
        if self.at >= len(self.tokens):
            raise self.unexpected()
        kind, found, _position = self.tokens[self.at]
        if found == "(":
            self.at += 1
            tree = self.either()
            self.take(")")
            return tree
        if kind == "sign" or found in _WORDS:
            raise self.unexpected()
        self.at += 1
        if kind == "number":
            try:
                return Number(found, exact_number(found))
            except ValueError:
                self.at -= 1
                raise self.unexpected() from None
        return Name(found)


def value(tree: Expression, values: Mapping[str, FactValue]) -> Fraction:
    """Compute an arithmetic expression exactly. The tree has been checked: kinds fit."""
    match tree:
        case Number(_text, number):
            return number
        case Name(name):
            found = values[name]
            if not isinstance(found, Fraction):
                raise TypeError(f"{name} is no number")
            return found
        case Arithmetic(sign, left, right):
            x, y = value(left, values), value(right, values)
            if sign == "+":
                return x + y
            if sign == "-":
                return x - y
            return x * y if sign == "*" else x / y
        case _:
            raise TypeError("a condition is no number")


def holds(tree: Expression, values: Mapping[str, FactValue]) -> bool:
    """Compute a condition. The tree has been checked: kinds fit."""
    match tree:
        case Not(inner):
            return not holds(inner, values)
        case Both(either, left, right):
            if either:
                return holds(left, values) or holds(right, values)
            return holds(left, values) and holds(right, values)
        case Membership(name, labels):
            return _is_among(values[name], labels)
        case Comparison(sign, left, right):
            return _compares(sign, left, right, values)
        case Name(name):
            return values[name] is True
        case _:
            raise TypeError("a number is no condition")


def _is_among(found: FactValue, labels: tuple[str, ...]) -> bool:
    """A label is in the list; of codes, one begins with a code of the list; of marks, one is."""
    if isinstance(found, str):
        return found in labels
    if isinstance(found, frozenset):
        return any(
            code == label or (label.isdigit() and code.startswith(label))
            for code in found
            for label in labels
        )
    raise TypeError("only labels, codes and marks can be in a list")


def _compares(
    sign: str, left: Expression, right: Expression, values: Mapping[str, FactValue]
) -> bool:
    if isinstance(left, Name) and isinstance(values[left.name], str):
        same = isinstance(right, Name) and values[left.name] == right.name
        return same if sign == "==" else not same
    x, y = value(left, values), value(right, values)
    return {
        "<": x < y,
        "<=": x <= y,
        ">": x > y,
        ">=": x >= y,
        "==": x == y,
        "!=": x != y,
    }[sign]
