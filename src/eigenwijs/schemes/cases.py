"""Worked examples beside a scheme (`cases.yaml`): the scheme runs them, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from eigenwijs.kernel.errors import DomainError, Fault
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.block import Block
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import FaultyScheme
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.exact import exact_number
from eigenwijs.schemes.facts import PERSON_FACTS, Kind
from eigenwijs.schemes.gifts import Gifts
from eigenwijs.schemes.reading import read_document
from eigenwijs.schemes.structure import structural_faults
from eigenwijs.schemes.types import CreditFacts, Earlier
from eigenwijs.schemes.values import Number, Sentence


def _period(text: object) -> object:
    try:
        return Period.parse(str(text))
    except ValueError:
        raise PydanticCustomError("not_a_period", "{text}", {"text": str(text)[:60]}) from None


MOST_YEARS = 20

PeriodText = Annotated[Period, BeforeValidator(_period)]


class WorkedExample(Block):
    """Facts in one period, or in every period through `until`, and what must come out.

    Either `amount`, in what the scheme counts, over all the periods together, or the conditions that refuse.
    """

    name: Sentence
    period: PeriodText
    until: PeriodText | None = None
    facts: dict[str, str]
    balance: Number = Fraction(0)
    amount: Number | None = None
    refused: list[str] | None = None
    source: Sentence | None = None


class WorkedExamples(Block):
    """A file of worked examples."""

    cases: Annotated[list[WorkedExample], Field(min_length=1)]


def check_examples(scheme: Scheme, text: str) -> int:
    """Run every example in `text`; return how many. Raises FaultyScheme with all that differ."""
    document = read_document(text)
    if document.faults:
        raise FaultyScheme(document.faults)
    try:
        examples = WorkedExamples.model_validate(document.tree)
    except ValidationError as error:
        raise FaultyScheme(structural_faults(document, error, WorkedExamples)) from None
    faults = []
    for index, example in enumerate(examples.cases):
        line = document.line(("cases", index))
        faults += [
            Fault(code, message, params, line, f"cases.{index + 1}")
            for code, message, params in _differences(scheme, example)
        ]
    if faults:
        raise FaultyScheme(faults)
    return len(examples.cases)


_UNTIL = _(
    "‘%(name)s’: until moet van dezelfde soort zijn als period, niet eerder en hooguit "
    "%(most)s jaar later."
)


def _differences(
    scheme: Scheme, example: WorkedExample
) -> Iterator[tuple[str, object, dict[str, object]]]:
    params: dict[str, object] = {"name": example.name}
    if (example.amount is None) == (example.refused is None):
        yield "answer", _("‘%(name)s’: schrijf amount of refused, precies één."), params
        return
    period, last = example.period, example.until or example.period
    if last.kind is not period.kind or last < period or last.year > period.year + MOST_YEARS:
        yield "until", _UNTIL, params | {"most": MOST_YEARS}
        return
    try:
        amount, refused = _run(scheme, example)
    except (DomainError, ValueError) as error:
        yield (
            "cannot_run",
            _("‘%(name)s’ kan niet: %(problem)s."),
            params | {"problem": _problem(error)},
        )
        return
    expected = list(example.refused or [])
    if refused != expected:
        yield (
            "differs",
            _("‘%(name)s’: verwacht refused %(expected)s, gekregen %(found)s."),
            params | {"expected": expected, "found": refused},
        )
    elif example.amount is not None and amount.cents != example.amount * 100:
        yield (
            "differs",
            _("‘%(name)s’: verwacht %(expected)s, gekregen %(found)s."),
            params
            | {
                "expected": _written(example.amount * 100, scheme.unit),
                "found": _written(Fraction(amount.cents), scheme.unit),
            },
        )


def _run(scheme: Scheme, example: WorkedExample) -> tuple[Money, list[str]]:
    facts: CreditFacts = {name: fact_value(name, text) for name, text in example.facts.items()}
    total, refused = Money.zero(), []
    earlier: dict[str, Earlier] = {}
    gifts = Gifts()
    period, last = example.period, example.until or example.period
    while period <= last:
        outcome = entitlement(
            scheme,
            digest="",
            facts=facts,
            period=period,
            earlier=earlier,
            balance=Money(int(example.balance * 100)) + total,
            received=gifts.received(period.year, scheme.again_after),
        )
        total = total + outcome.amount
        refused = list(outcome.refused)
        earlier = {
            part.credit: earlier.get(part.credit, Earlier()).with_part(part)
            for part in outcome.parts
        }
        gifts = gifts.with_parts(period.year, outcome.parts)
        following = period.next()
        if following.year != period.year:
            earlier = {}
        period = following
    return total, refused


def fact_value(name: str, text: str) -> Fraction | str | None:
    """Read a fact as it stands in a text; `none` is that there is no such fact. Raises ValueError."""
    if name not in PERSON_FACTS:
        raise ValueError(f"{name}?")
    if text == "none":
        return None
    kind = PERSON_FACTS[name].kind
    if kind is Kind.LABEL:
        return text
    return exact_number(text) * 100 if kind is Kind.EUR else exact_number(text)


def _problem(error: Exception) -> str:
    if isinstance(error, DomainError):
        return f"{error.code} {', '.join(str(value) for value in error.params.values())}".strip()
    return str(error)


def _written(hundredths: Fraction, unit: str) -> str:
    whole, part = divmod(int(hundredths), 100)
    return f"{whole}.{part:02d} {unit}"
