"""Worked examples beside a scheme (`cases.yaml`): the scheme runs them, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from eigenwijs.schemes.facts import COURSE_KINDS, PERSON_FACTS, SPEND_FACTS, Kind
from eigenwijs.schemes.gifts import Gifts
from eigenwijs.schemes.reading import label, read_document
from eigenwijs.schemes.spending import (
    co_funding_refusal,
    most_payable,
    spending_on,
    spending_refusals,
)
from eigenwijs.schemes.structure import structural_faults
from eigenwijs.schemes.types import Conditions, CreditFacts, Earlier, SpendFacts
from eigenwijs.schemes.values import Day, Number, Sentence, TrueOrFalse


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


class SpendingExample(Block):
    """A course on a day, paid with money of that day, and what must come out.

    Either `pays`, the most that the money pays where that of other agreements pays `others_pay`, or the
    conditions that refuse it.
    """

    name: Sentence
    on: Day
    course: dict[str, str]
    others_pay: Number = Fraction(0)
    work_related: TrueOrFalse = True
    pays: Number | None = None
    refused: list[str] | None = None
    source: Sentence | None = None


class WorkedExamples(Block):
    """A file of worked examples: of what people get, and of what money pays."""

    cases: Annotated[list[WorkedExample], Field(min_length=1)]
    spending: list[SpendingExample] = Field(default=[])


def check_examples(scheme: Scheme, text: str) -> int:
    """Run every example in `text`; return how many. Raises FaultyScheme with all that differ."""
    document = read_document(text)
    if document.faults:
        raise FaultyScheme(document.faults)
    try:
        examples = WorkedExamples.model_validate(document.tree)
    except ValidationError as error:
        raise FaultyScheme(structural_faults(document, error, WorkedExamples)) from None
    found = [
        *((("cases", n), _differences(scheme, one)) for n, one in enumerate(examples.cases)),
        *((("spending", n), _spent(scheme, one)) for n, one in enumerate(examples.spending)),
    ]
    faults = [
        Fault(code, message, params, document.line(path), label(path))
        for path, differences in found
        for code, message, params in differences
    ]
    if faults:
        raise FaultyScheme(faults)
    return len(found)


_UNTIL = _(
    "‘%(name)s’: until moet van dezelfde soort zijn als period, niet eerder en hooguit "
    "%(most)s jaar later."
)


Difference = tuple[str, object, dict[str, object]]
"""The code, the message and the params of a fault."""


def _differences(scheme: Scheme, example: WorkedExample) -> Iterator[Difference]:
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
    yield from _compared(example, example.amount, amount, refused, scheme.unit)


def _compared(
    example: WorkedExample | SpendingExample,
    expected: Fraction | None,
    amount: Money,
    refused: list[str],
    unit: str,
) -> Iterator[Difference]:
    params: dict[str, object] = {"name": example.name}
    conditions = list(example.refused or [])
    if refused != conditions:
        yield (
            "differs",
            _("‘%(name)s’: verwacht refused %(expected)s, gekregen %(found)s."),
            params | {"expected": conditions, "found": refused},
        )
    elif expected is not None and amount.cents != expected * 100:
        yield (
            "differs",
            _("‘%(name)s’: verwacht %(expected)s, gekregen %(found)s."),
            params
            | {
                "expected": _written(expected * 100, unit),
                "found": _written(Fraction(amount.cents), unit),
            },
        )


def _spent(scheme: Scheme, example: SpendingExample) -> Iterator[Difference]:
    params: dict[str, object] = {"name": example.name}
    if (example.pays is None) == (example.refused is None):
        yield "answer", _("‘%(name)s’: schrijf pays of refused, precies één."), params
        return
    try:
        course = _course(example.course)
    except ValueError as error:
        message = _("‘%(name)s’ kan niet: %(problem)s.")
        yield "cannot_run", message, params | {"problem": _problem(error)}
        return
    conditions = Conditions(
        scheme=scheme.scheme,
        title=scheme.title.model_dump(),
        **spending_on(scheme, example.on),
    )
    refusals = spending_refusals(conditions, course=course, work_related=example.work_related)
    others = Money(int(example.others_pay * 100))
    if refusal := co_funding_refusal(conditions, course=course, others=others):
        refusals.append(refusal)
    most = most_payable(conditions, course=course, others=others)
    pays = course.price if most is None else most
    refused = [one.id for one in refusals]
    yield from _compared(example, example.pays, pays, refused, scheme.unit)


def _course(facts: Mapping[str, str]) -> SpendFacts:
    """Read the facts of a course and its buyer; who is not said to be without a job has one."""
    for name in facts:
        if name not in SPEND_FACTS:
            raise ValueError(f"{name}?")
    if "price" not in facts:
        raise ValueError("price?")
    kind = facts.get("course_kind", "course")
    if kind not in COURSE_KINDS:
        raise ValueError(f"{kind}? {', '.join(COURSE_KINDS)}")
    return SpendFacts(
        price=Money(int(exact_number(facts["price"]) * 100)),
        subjects=tuple(facts.get("subject", "").split()),
        is_online=_yes_or_no(facts.get("online", "no")),
        quality_marks=tuple(facts.get("quality_mark", "").split()),
        employed=_yes_or_no(facts.get("employed", "yes")),
        course_kind=kind,
    )


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"{text}? yes, no")
    return text == "yes"


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
