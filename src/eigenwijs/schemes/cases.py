"""Worked examples beside a scheme (`cases.yaml`): the scheme runs them, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field, ValidationError

from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money
from eigenwijs.schemes.block import Block
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import FaultyScheme
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.exact import exact_number
from eigenwijs.schemes.facts import SPEND_FACTS, Kind
from eigenwijs.schemes.gifts import Gifts
from eigenwijs.schemes.kinds import WrongExpression, unknown_label, unknown_name
from eigenwijs.schemes.one_person import (
    PeriodText,
    amount_faults,
    fact_faults,
    person_faults,
    read_facts,
)
from eigenwijs.schemes.reading import Document, Path, label, read_document
from eigenwijs.schemes.spending import (
    co_funding_refusal,
    most_payable,
    spending_on,
    spending_refusals,
)
from eigenwijs.schemes.structure import structural_faults
from eigenwijs.schemes.types import Conditions, Earlier, SpendFacts
from eigenwijs.schemes.values import Day, Number, Sentence, TrueOrFalse

MOST_YEARS = 20
YES_NO = ("yes", "no")


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
    faults = [_placed(document, path, one) for path, of_one in found for one in of_one]
    if faults:
        raise FaultyScheme(faults)
    return len(found)


def _placed(document: Document, example: Path, fault: Fault) -> Fault:
    """Return a fault with its line in the file, and its place within the example as a place in the file."""
    inner = tuple(fault.field_name.split(".")) if fault.field_name else ()
    path = (*example, *inner)
    return replace(fault, line=document.line(path), field_name=label(path))


_UNTIL = _(
    "‘%(name)s’: until moet van dezelfde soort zijn als period, niet eerder en hooguit "
    "%(most)s jaar later."
)


def _differences(scheme: Scheme, example: WorkedExample) -> Iterator[Fault]:
    """Yield what is wrong, each with its place within the example."""
    params: dict[str, object] = {"name": example.name}
    if (example.amount is None) == (example.refused is None):
        yield Fault("answer", _("‘%(name)s’: schrijf amount of refused, precies één."), params)
        return
    period, last = example.period, example.until or example.period
    if last.kind is not period.kind or last < period or last.year > period.year + MOST_YEARS:
        yield Fault("until", _UNTIL, params | {"most": MOST_YEARS}, field_name="until")
        return
    faults = list(person_faults(scheme, example.facts, example.balance, period))
    if faults:
        yield from faults
        return
    amount, refused = _run(scheme, example)
    yield from _compared(example, example.amount, amount, refused, scheme.unit)


def _compared(
    example: WorkedExample | SpendingExample,
    expected: Fraction | None,
    amount: Money,
    refused: list[str],
    unit: str,
) -> Iterator[Fault]:
    params: dict[str, object] = {"name": example.name}
    conditions = list(example.refused or [])
    if refused != conditions:
        yield Fault(
            "differs",
            _("‘%(name)s’: verwacht refused %(expected)s, gekregen %(found)s."),
            params | {"expected": conditions, "found": refused},
        )
    elif expected is not None and amount.cents != expected * 100:
        yield Fault(
            "differs",
            _("‘%(name)s’: verwacht %(expected)s, gekregen %(found)s."),
            params
            | {
                "expected": _written(expected * 100, unit),
                "found": _written(Fraction(amount.cents), unit),
            },
        )


def _spent(scheme: Scheme, example: SpendingExample) -> Iterator[Fault]:
    params: dict[str, object] = {"name": example.name}
    if (example.pays is None) == (example.refused is None):
        yield Fault("answer", _("‘%(name)s’: schrijf pays of refused, precies één."), params)
        return
    faults = [
        *amount_faults(example.others_pay, "others_pay"),
        *_course_faults(example.course),
    ]
    if faults:
        yield from faults
        return
    course = _course(example.course)
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


def _course_faults(facts: Mapping[str, str]) -> Iterator[Fault]:
    for name, given in facts.items():
        place, fact = f"course.{name}", SPEND_FACTS.get(name)
        wrong: WrongExpression | None = None
        if fact is None:
            wrong = unknown_name(name, SPEND_FACTS)
        elif fact.kind is Kind.YES_NO and given not in YES_NO:
            wrong = unknown_label(given[:60], name, YES_NO)
        elif fact.kind in (Kind.EUR, Kind.LABEL):
            yield from fact_faults(fact, given, place)
        if wrong is not None:
            yield Fault(wrong.code, wrong.message, wrong.params, field_name=place)
    if "price" not in facts:
        message = _("‘%(field)s’ ontbreekt.")
        yield Fault("missing", message, {"field": "price"}, field_name="course")


def _course(facts: Mapping[str, str]) -> SpendFacts:
    """Read the facts of a course and its buyer; who is not said to be without a job has one."""
    return SpendFacts(
        price=Money(int(exact_number(facts["price"]) * 100)),
        subjects=tuple(facts.get("subject", "").split()),
        is_online=facts.get("online") == "yes",
        quality_marks=tuple(facts.get("quality_mark", "").split()),
        employed=facts.get("employed", "yes") == "yes",
        course_kind=facts.get("course_kind", "course"),
    )


def _run(scheme: Scheme, example: WorkedExample) -> tuple[Money, list[str]]:
    facts = read_facts(example.facts)
    total, refused = Money.zero(), []
    earlier: dict[str, Earlier] = {}
    gifts = Gifts()
    period, last = example.period, example.until or example.period
    while True:
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
        if period == last:
            return total, refused
        following = period.next()
        if following.year != period.year:
            earlier = {}
        period = following


def _written(hundredths: Fraction, unit: str) -> str:
    whole, part = divmod(int(hundredths), 100)
    return f"{whole}.{part:02d} {unit}"
