"""One person's facts from a text, and what a scheme gives them, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.block import Block
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.cases import PeriodText, fact_value
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.facts import CALENDAR_FACTS, PERSON_FACTS, Fact, Kind
from eigenwijs.schemes.kinds import Measured, WrongExpression, look_up
from eigenwijs.schemes.reading import read_document
from eigenwijs.schemes.structure import structural_faults
from eigenwijs.schemes.types import CreditFacts, Outcome, Received
from eigenwijs.schemes.values import PROBLEMS, Number

_GIVEN = {
    name: Measured(fact.kind, fact.low, fact.high, fact.labels, name)
    for name, fact in PERSON_FACTS.items()
    if name not in CALENDAR_FACTS
}


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
            replace(found, line=document.line(tuple((found.field_name or "facts").split("."))))
            for found in _faults(scheme, person, period)
        ]
    if faults or period is None:
        raise FaultyImport("faulty_facts", sorted(faults, key=lambda fault: fault.line or 0))
    facts: CreditFacts = {name: fact_value(name, given) for name, given in person.facts.items()}
    balance = Money(int(person.balance * 100))
    try:
        outcome = entitlement(
            scheme,
            digest=digest,
            facts=facts,
            period=period,
            earlier={},
            balance=balance,
            received=Received(),
        )
    except DomainError as error:
        message = error.message or error.code
        fault = Fault(error.code, message, error.params, document.line(("period",)), "period")
        raise FaultyImport("faulty_facts", [fault]) from None
    return period, outcome


def _faults(scheme: Scheme, person: OnePerson, period: Period | None) -> Iterator[Fault]:
    """Yield what does not fit, each with its place as a path with dots."""
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
    if person.balance < 0:
        yield Fault("negative", _("Een waarde mag niet onder nul zijn."), field_name="balance")
    if (person.balance * 100).denominator != 1:
        yield Fault("part_of_cent", _("Schrijf een bedrag in hele centen."), field_name="balance")
    for name, given in person.facts.items():
        place = f"facts.{name}"
        try:
            look_up(name, _GIVEN)
        except WrongExpression as error:
            yield Fault(error.code, error.message, error.params, field_name=place)
        else:
            yield from (replace(f, field_name=place) for f in _fact(PERSON_FACTS[name], given))
    for name in sorted(scheme.facts_needed - person.facts.keys()):
        message = _("‘%(name)s’ ontbreekt. Deze regeling rekent ermee.")
        if PERSON_FACTS[name].may_be_absent:
            message = _("‘%(name)s’ ontbreekt. Is het er niet? Schrijf dan none.")
        yield Fault("fact_missing", message, {"name": name}, field_name="facts")


def _fact(fact: Fact, given: str) -> Iterator[Fault]:
    scale = 100 if fact.kind is Kind.EUR else 1  # in a text euros stand as euros
    params = {
        "name": fact.name,
        "text": given[:60],
        "label": given[:60],
        "allowed": ", ".join(fact.labels),
        "low": str(fact.low / scale),
        "high": str(fact.high / scale),
    }
    if given == "none":
        if not fact.may_be_absent:
            yield Fault("fact_missing", _("‘%(name)s’ kan niet ontbreken."), params)
    elif fact.kind is Kind.LABEL:
        if given not in fact.labels:
            message = _("‘%(label)s’ is geen waarde van ‘%(name)s’. Mag wel: %(allowed)s.")
            yield Fault("unknown_label", message, params)
    else:
        try:
            number = fact_value(fact.name, given)
        except ValueError:
            yield Fault("not_a_number", PROBLEMS["not_a_number"], params)
            return
        if isinstance(number, Fraction) and not fact.low <= number <= fact.high:
            message = _("‘%(name)s’ moet tussen %(low)s en %(high)s liggen.")
            yield Fault("fact_out_of_bounds", message, params)
