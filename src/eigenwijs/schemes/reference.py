"""The tables of docs/reference/scheme-language.md, made from the types, the facts and the schemes we ship."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from fractions import Fraction
from itertools import chain
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from django.utils import translation

from eigenwijs.schemes import values
from eigenwijs.schemes.block import Block, Sourced
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import check, inferred_places
from eigenwijs.schemes.facts import LABEL_TEXTS, PERSON_FACTS, SPEND_FACTS, Fact, Kind

_VALUES = {
    values.Number: "number",
    values.Day: "day",
    values.DayOfYear: "month and day, such as `01-01`",
    values.TrueOrFalse: "`true` or `false`",
    values.Identifier: "name",
    values.SchemeName: "`<country>/<name>`",
    values.Formula: "formula",
    values.Sentence: "text",
    str: "name",
    int: "whole number",
}
_PART = re.compile(
    r"(<!-- made of the (?:types|files): (\w+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL
)


def put_in(page: str, shipped: Iterable[str]) -> str:
    """Return the page with its parts made anew, each between its two marks.

    `shipped` is the text of every scheme that comes with the software, in the order of the page. Raises
    FaultyScheme for a text that is none.
    """
    made = {"blocks": _blocks(), "facts": _facts(), "schemes": _schemes(shipped)}
    return _PART.sub(lambda part: f"{part[1]}\n{made[part[2]]}\n{part[3]}", page)


def _blocks() -> str:
    headings = _headings()
    return "\n".join(
        chain.from_iterable(_block(block, heading, headings) for block, heading in headings.items())
    )


def _headings() -> dict[type[Block], str]:
    """Return every block of the language with its heading: the keys it stands under."""
    keys: dict[type[Block], list[str]] = {Scheme: []}
    waiting: list[type[Block]] = [Scheme]
    while waiting:
        for key, annotation in _types_of(waiting.pop(0)).items():
            for inner in _blocks_in(annotation):
                if inner not in keys:
                    waiting.append(inner)
                if key not in keys.setdefault(inner, []):
                    keys[inner].append(key)
    headings = {block: ", ".join(f"`{key}`" for key in under) for block, under in keys.items()}
    return {**headings, Scheme: "The scheme itself", Sourced: "Where it was found"}


def _block(block: type[Block], heading: str, headings: dict[type[Block], str]) -> Iterator[str]:
    yield f"### {heading}"
    yield ""
    yield from inspect.cleandoc(block.__doc__ or "").splitlines()
    yield ""
    yield "| key | value | needed | what it says |"
    yield "|---|---|---|---|"
    is_sourced = issubclass(block, Sourced) and block is not Sourced
    for key, field in block.model_fields.items():
        if is_sourced and key in Sourced.model_fields:
            continue
        default = "" if field.default in (None, [], {}) else f"if not: `{field.default}`"
        needed = "yes" if field.is_required() else default
        says = " ".join((field.description or "").split())
        yield f"| `{key}` | {_value(_types_of(block)[key], headings)} | {needed} | {says} |"
    if is_sourced:
        says = "Where it was found: `article` or `source`, or `status: inferred` with `why`."
        yield f"| | {_link(Sourced, headings)} | yes | {says} |"
    yield ""


def _link(block: type[Block], headings: dict[type[Block], str]) -> str:
    anchor = re.sub(r"[^\w\- ]", "", headings[block].lower()).replace(" ", "-")
    return f"[block](#{anchor})"


def _types_of(block: type[Block]) -> dict[str, Any]:
    hints = get_type_hints(block, include_extras=True)
    return {key: hints[key] for key in block.model_fields}


def _blocks_in(annotation: Any) -> Iterator[type[Block]]:
    if isinstance(annotation, type) and issubclass(annotation, Block):
        yield annotation
    for argument in get_args(annotation):
        yield from _blocks_in(argument)


def _value(annotation: Any, headings: dict[type[Block], str]) -> str:
    """Say what may stand behind a key."""
    if annotation in headings:
        return _link(annotation, headings)
    if annotation in _VALUES:
        return _VALUES[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal or (isinstance(annotation, type) and issubclass(annotation, StrEnum)):
        return ", ".join(f"`{one}`" for one in arguments or annotation)
    inner = [_value(one, headings) for one in arguments[:2] if _is_said(one)]
    if origin is dict:
        return f"{inner[1]} by {inner[0]}"
    return f"list: {inner[0]}" if origin is list else inner[0] + _bounds(arguments)


def _is_said(argument: Any) -> bool:
    """Whether it is a type, and not `None` or what pydantic is told about a type."""
    return argument is not NoneType and (isinstance(argument, type) or bool(get_args(argument)))


def _bounds(arguments: tuple[Any, ...]) -> str:
    told = [one for part in arguments[1:] for one in getattr(part, "metadata", ())]
    return "".join(
        f"{words}{getattr(one, name)}"
        for name, words in (("ge", ", "), ("le", " to "))
        for one in told
        if hasattr(one, name)
    )


def _facts() -> str:
    with translation.override("en"):
        return "\n".join(
            [
                "### Facts of a person in a period",
                "",
                *_fact_table(PERSON_FACTS.values()),
                "",
                "### Facts of a course and of who buys it, in `spend`",
                "",
                *_fact_table(SPEND_FACTS.values()),
                "",
            ]
        )


def _fact_table(facts: Iterable[Fact]) -> Iterator[str]:
    yield "| fact | kind | from | values | what it is |"
    yield "|---|---|---|---|---|"
    for fact in facts:
        absent = "; can be absent: `absent` says what then" if fact.may_be_absent else ""
        yield (
            f"| `{fact.name}` | {fact.kind} | {fact.origin} | {_range(fact)} | {fact.label}{absent} |"
        )


def _range(fact: Fact) -> str:
    if fact.kind is Kind.LABEL:
        return ", ".join(f"`{one}` ({LABEL_TEXTS[one]})" for one in fact.labels)
    if fact.low == fact.high:
        return ""
    scale = 100 if fact.kind is Kind.EUR else 1
    whole = ", whole" if fact.whole else ""
    cents = ", in whole cents" if fact.kind is Kind.EUR else ""
    return f"{_number(fact.low / scale)} to {_number(fact.high / scale)}{whole}{cents}"


def _number(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else str(value)


def _schemes(shipped: Iterable[str]) -> str:
    rows = ["| scheme | counts | source | assumed |", "|---|---|---|---|"]
    for text in shipped:
        scheme = check(text)
        inferred = ", ".join(f"`{place}`" for place in inferred_places(scheme)) or "nothing"
        source = f"<{scheme.source}>" if "://" in scheme.source else scheme.source
        rows.append(f"| `{scheme.scheme}` | `{scheme.unit}` | {source} | {inferred} |")
    return "\n".join([*rows, ""])
