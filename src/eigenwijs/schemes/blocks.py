"""The blocks a scheme is made of, as types. What is not here is not in the language.

Every block that carries a rule says where it was found (`article` of the scheme's source, or a
`source` of its own) or that it was not found (`status: inferred` with `why`).
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from eigenwijs.kernel.clock import months_after
from eigenwijs.kernel.money import Rounding
from eigenwijs.kernel.period import PeriodKind
from eigenwijs.schemes.exact import exact_number
from eigenwijs.schemes.expressions import names_in, parse
from eigenwijs.schemes.facts import CALENDAR_FACTS, PERSON_FACTS
from eigenwijs.schemes.types import LEAST_REFUND_GRACE_MONTHS

PROBLEMS = {
    "not_a_number": _("‘%(text)s’ is geen getal. Schrijf bijvoorbeeld 175.00 of 12."),
    "not_a_date": _("‘%(text)s’ is geen datum. Schrijf bijvoorbeeld 2026-01-01."),
    "too_far": _(
        "‘%(text)s’ is te lang geleden of te ver weg. Kies een dag van 1900 tot en met 2199."
    ),
    "not_true_or_false": _("Schrijf hier true of false, niet ‘%(text)s’."),
}
"""What the value types here can refuse, by code; the checker adds what pydantic itself refuses."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _refused(code: str, text: object) -> PydanticCustomError:
    return PydanticCustomError(code, "{text}", {"text": str(text)[:60]})


def _number(text: object) -> object:
    try:
        return exact_number(str(text))
    except ValueError:
        raise _refused("not_a_number", text) from None


def _date(text: object) -> object:
    if not _DATE.fullmatch(str(text)):
        raise _refused("not_a_date", text)
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        raise _refused("not_a_date", text) from None
    if not 1900 <= day.year < 2200:  # a pay period has a year of 1900 to 2200
        raise _refused("too_far", text)
    return day


def _true_or_false(text: object) -> object:
    if text not in ("true", "false"):
        raise _refused("not_true_or_false", text)
    return text == "true"


def _figure(value: object) -> object:
    return {"value": value} if isinstance(value, str) else value


Number = Annotated[Fraction, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_date)]
TrueOrFalse = Annotated[bool, BeforeValidator(_true_or_false)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
SchemeName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}/[a-z][a-z0-9-]{1,59}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Block(BaseModel):
    """Exactly these keys; nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Texts(Block):
    """One sentence for people, in both languages."""

    nl: Sentence
    en: Sentence

    def in_language(self, language: str) -> str:
        """Return the sentence in `language`; Dutch where there is none."""
        return self.en if language == "en" else self.nl


class Sourced(Block):
    """A rule and where it was found."""

    article: Sentence | None = None
    source: Sentence | None = None
    status: Literal["inferred"] | None = None
    why: Sentence | None = None


class Figure(Block):
    """A parameter's value from a date on, with a status of its own where it was inferred."""

    value: Number
    status: Literal["inferred"] | None = None
    why: Sentence | None = None


class Parameter(Sourced):
    """A figure of the agreement: euros, hours a week, years of age or a bare number, by date.

    `label` is what people call it in a clause: `het bedrag per jaar`.
    """

    label: Texts | None = None
    unit: Literal["EUR", "hours", "years", "number"]
    values: dict[Day, Annotated[Figure, BeforeValidator(_figure)]] = Field(min_length=1)

    def at(self, day: date) -> Fraction | None:
        """Return the value on `day` (euros in cents), or None before the first date."""
        dates = [start for start in self.values if start <= day]
        if not dates:
            return None
        value = self.values[max(dates)].value
        return value * 100 if self.unit == "EUR" else value


class Case(Block):
    """An amount under a condition, or the amount `otherwise`, which ends the list."""

    when: Sentence | None = None
    amount: Sentence | None = None
    otherwise: Sentence | None = None


Cases = Annotated[list[Case], Field(min_length=1)]


class Proration(Sourced):
    """The part of the amount that is due: `by`, or all of it from `full_from` on."""

    by: Sentence
    full_from: Sentence = "1"


class Credit(Sourced):
    """Money that becomes due: an amount a year or a period, by case, in part, in whole cents.

    An amount `once` is due in the first period in which it is above zero, in whatever job, and never
    again. `spread: cumulative` rounds the running total of the calendar year (half up), so that the
    periods of a year add up to the year; `round` rounds every period for itself.
    """

    id: Identifier
    cases: Cases
    per: Literal["year", "period", "once"]
    prorate: Proration | None = None
    round: Rounding | None = None
    spread: Literal["cumulative"] | None = None


class Eligibility(Sourced):
    """Who it is for: a condition, and what is said to those for whom it does not hold."""

    id: Identifier
    when: Sentence
    otherwise: Texts


class Absent(Sourced):
    """What happens where a fact is not there: another figure is used, or nothing is due."""

    use: Sentence | None = None
    not_eligible: Texts | None = None


class Cap(Sourced):
    """The most that can stand on the account under this scheme, or be given: a year, or ever.

    What counts is what a person has or got in all jobs together.
    """

    balance: Cases | None = None
    year: Cases | None = None
    ever: Cases | None = None

    @property
    def limits(self) -> dict[str, list[Case]]:
        """The limits that are there, by name."""
        found = {"balance": self.balance, "year": self.year, "ever": self.ever}
        return {name: cases for name, cases in found.items() if cases is not None}


class Expiry(Sourced):
    """The last day of money: exactly one of the three.

    So many months after it was credited; the day `on`; or 31 December, so many years after the year
    in which it was credited (0: of that year).
    """

    after_months: Annotated[int, Field(ge=1, le=600)] | None = None
    on: Day | None = None
    end_of_year_after: Annotated[int, Field(ge=0, le=50)] | None = None

    def last_day(self, credited_on: date, grace_months: int) -> date:
        """Return the last day on which money that was credited on a day can be used.

        Who was paid too late to use it by the day `on` can use it for the months of grace.
        """
        if self.after_months is not None:
            return months_after(credited_on, self.after_months)
        if self.end_of_year_after is not None:
            return date(credited_on.year + self.end_of_year_after, 12, 31)
        if self.on is None:
            raise AssertionError("a checked block says when money ends")
        return self.on if credited_on <= self.on else months_after(credited_on, grace_months)


class Reversion(Sourced):
    """Who receives what ends unspent."""

    to: Literal["sector_fund"]


class SpendCondition(Sourced):
    """Which courses the money is for, and what is said where a course is not one of them."""

    id: Identifier
    when: Sentence
    otherwise: Texts


class Payment(Sourced):
    """The most that the money pays for a course, by case, and how that is said to people.

    An own contribution is the rest of the price: the worker's, or another pot's.
    """

    cases: Cases
    text: Texts


class Spend(Sourced):
    """What the money may be spent on, and how much of a course it pays; all of it where nothing is said."""

    work_related_only: TrueOrFalse
    only: list[SpendCondition] = []
    pays: Payment | None = None


class Correctable(Sourced):
    """Within so many days of crediting, unspent money that was too much can go back."""

    days: Annotated[int, Field(ge=1, le=366)]


class RefundGrace(Sourced):
    """Money that comes back after its end stays usable for so many months; never under six."""

    months: Annotated[int, Field(ge=6, le=60)]


Side = Literal["workers", "employers", "employer", "state"]


class Scheme(Block):
    """One agreement's rules."""

    scheme: SchemeName
    title: Texts
    source: Sentence
    starts: Day
    periods: Annotated[list[PeriodKind], Field(min_length=1)]
    signed_by: Annotated[list[Side], Field(min_length=1)]
    portable: TrueOrFalse
    parameters: dict[Identifier, Parameter] = {}
    absent: dict[str, Absent] = {}
    eligible: list[Eligibility] = []
    credit: Annotated[list[Credit], Field(min_length=1)]
    cap: Cap | None = None
    expiry: Expiry | None = None
    reversion: Reversion | None = None
    spend: Spend
    correctable_for: Correctable | None = None
    refund_grace: RefundGrace | None = None

    @cached_property
    def person_expressions(self) -> tuple[str, ...]:
        """Every formula over the facts of a person."""
        cases = [case for credit in self.credit for case in credit.cases]
        cases += [
            case for limit in (self.cap.limits.values() if self.cap else ()) for case in limit
        ]
        texts = [
            text for case in cases for text in (case.when, case.amount, case.otherwise) if text
        ]
        texts += [rule.when for rule in self.eligible]
        texts += [rule.use for rule in self.absent.values() if rule.use]
        for credit in self.credit:
            if credit.prorate:
                texts += [credit.prorate.by, credit.prorate.full_from]
        return tuple(texts)

    @property
    def grace_months(self) -> int:
        """For how many months money stays usable that comes back, or comes at all, after its end."""
        return self.refund_grace.months if self.refund_grace else LEAST_REFUND_GRACE_MONTHS

    @property
    def needs_received(self) -> bool:
        """Whether it matters what a person got before or elsewhere."""
        by_cap = self.cap is not None and (self.cap.year is not None or self.cap.ever is not None)
        return by_cap or any(credit.per == "once" for credit in self.credit)

    @cached_property
    def facts_needed(self) -> frozenset[str]:
        """The facts that someone must deliver: those named in any rule, but the calendar's."""
        names = set(self.absent)
        for text in self.person_expressions:
            names |= names_in(parse(text))
        return frozenset(names & PERSON_FACTS.keys() - CALENDAR_FACTS)
