"""One person's facts from a text, what is wrong with them, and what a scheme gives. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from eigenwijs.kernel.errors import Fault, FaultyImport
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.block import Block
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.crediting import entitlement, reference_day
from eigenwijs.schemes.exact import exact_number
from eigenwijs.schemes.facts import CALENDAR_FACTS, PERSON_FACTS, Fact, Kind
from eigenwijs.schemes.kinds import Measured, WrongExpression, look_up, unknown_label
from eigenwijs.schemes.reading import read_document
from eigenwijs.schemes.structure import structural_faults
from eigenwijs.schemes.types import CreditFacts, Outcome, Received
from eigenwijs.schemes.values import PROBLEMS, Number

_GIVEN = {
    name: Measured(fact.kind, fact.low, fact.high, fact.labels, name)
    for name, fact in PERSON_FACTS.items()
    if name not in CALENDAR_FACTS
}


def _period(text: object) -> object:
    try:
        return Period.parse(str(text))
    except ValueError:
        raise PydanticCustomError("not_a_period", "{text}", {"text": str(text)[:60]}) from None


PeriodText = Annotated[Period, BeforeValidator(_period)]


class OnePerson(Block):
    """The facts of one person in one period, and what stood on the account, in what the scheme counts."""

    facts: dict[str, str]
    balance: Number = Fraction(0)
    period: PeriodText | None = None


def outcome_for(
    scheme: Scheme, *, digest: str, text: str, period: Period | None
) -> tuple[Period, Outcome]:
    """Return the period and what `scheme` gives in it to the person in `text`, and why.

    Nothing was given before. `period` goes before the one in the text. Raises
    FaultyImport (faulty_facts) with every fault in the text, its line and its place.
    """
    document = read_document(text)
    faults = list(document.faults)
    if not faults:
        try:
            person = OnePerson.model_validate(document.tree)
        except ValidationError as error:
            faults = list(structural_faults(document, error, OnePerson))
    if not faults:
        period = period or person.period
        faults = [
            replace(found, line=document.line(tuple(found.field_name.split("."))))
            for found in person_faults(scheme, person.facts, person.balance, period)
        ]
    if faults or period is None:
        raise FaultyImport("faulty_facts", sorted(faults, key=lambda fault: fault.line or 0))
    outcome = entitlement(
        scheme,
        digest=digest,
        facts=read_facts(person.facts),
        period=period,
        earlier={},
        balance=Money(int(person.balance * 100)),
        received=Received(),
    )
    return period, outcome


def read_facts(facts: Mapping[str, str]) -> CreditFacts:
    """Return the values of facts in which `person_faults` finds nothing; `none` is that there is no such fact."""
    return {name: _value(PERSON_FACTS[name], text) for name, text in facts.items()}


def _value(fact: Fact, text: str) -> Fraction | str | None:
    if text == "none":
        return None
    return text if fact.kind is Kind.LABEL else exact_number(text) * _scale(fact)


def person_faults(
    scheme: Scheme, facts: Mapping[str, str], balance: Fraction, period: Period | None
) -> Iterator[Fault]:
    """Yield what does not fit the scheme, each with its place as a path with dots: period, balance or facts."""
    if period is None:
        yield Fault(
            "period_missing",
            _("Zeg welke periode: 2026-03, 2026-P03, 2026-Q1 of 2026, hier of met --period."),
            field_name="period",
        )
    elif period.kind not in scheme.periods:
        yield Fault(
            "other_period",
            _("Deze regeling kent deze soort periode niet. Mag wel: %(allowed)s."),
            {"allowed": ", ".join(scheme.periods)},
            field_name="period",
        )
    elif reference_day(period) < scheme.starts:
        yield Fault(
            "before_start",
            _("Deze regeling bestond toen nog niet. Ze begint op %(starts)s."),
            {"starts": scheme.starts.isoformat()},
            field_name="period",
        )
    yield from amount_faults(balance, "balance")
    for name, given in facts.items():
        try:
            look_up(name, _GIVEN)
        except WrongExpression as error:
            yield Fault(error.code, error.message, error.params, field_name=f"facts.{name}")
        else:
            yield from fact_faults(PERSON_FACTS[name], given, f"facts.{name}")
    for name in sorted(scheme.facts_needed - facts.keys()):
        message = _("‘%(name)s’ ontbreekt. Deze regeling rekent ermee.")
        if PERSON_FACTS[name].may_be_absent:
            message = _("‘%(name)s’ ontbreekt. Is het er niet? Schrijf dan none.")
        yield Fault("fact_missing", message, {"name": name}, field_name="facts")


def amount_faults(amount: Fraction, place: str) -> Iterator[Fault]:
    """Yield what is wrong with an amount in whole units: below zero, or with a part of a cent."""
    if amount < 0:
        yield Fault("negative", _("Een waarde mag niet onder nul zijn."), field_name=place)
    if (amount * 100).denominator != 1:
        yield _part_of_cent(place)


def _part_of_cent(place: str) -> Fault:
    return Fault("part_of_cent", _("Schrijf een bedrag in hele centen."), field_name=place)


def fact_faults(fact: Fact, given: str, place: str) -> Iterator[Fault]:
    """Yield what is wrong with a fact as it stands in a text, at a place: a number or a label."""
    if given == "none":
        if not fact.may_be_absent:
            message = _("‘%(name)s’ kan niet ontbreken.")
            yield Fault("fact_missing", message, {"name": fact.name}, field_name=place)
    elif fact.kind is Kind.LABEL:
        if given not in fact.labels:
            wrong = unknown_label(given[:60], fact.name, fact.labels)
            yield Fault(wrong.code, wrong.message, wrong.params, field_name=place)
    else:
        try:
            number = exact_number(given) * _scale(fact)
        except ValueError:
            params = {"text": given[:60]}
            yield Fault("not_a_number", PROBLEMS["not_a_number"], params, field_name=place)
            return
        if not fact.low <= number <= fact.high:
            bounds = {
                "name": fact.name,
                "low": str(fact.low / _scale(fact)),
                "high": str(fact.high / _scale(fact)),
            }
            message = _("‘%(name)s’ moet tussen %(low)s en %(high)s liggen.")
            yield Fault("fact_out_of_bounds", message, bounds, field_name=place)
        elif fact.kind is Kind.EUR and number.denominator != 1:
            yield _part_of_cent(place)


def _scale(fact: Fact) -> int:
    """Return in what a fact counts: in a text euros stand as euros."""
    return 100 if fact.kind is Kind.EUR else 1
