"""The blocks a scheme is made of, as types. What is not here is not in the language.

Every block that carries a rule says where it was found (`article` of the scheme's source, or a
`source` of its own) or that it was not found (`status: inferred` with `why`).
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from eigenwijs.kernel.clock import months_after
from eigenwijs.kernel.money import Rounding
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.schemes.block import Block, Case, Cases, Sourced, Texts
from eigenwijs.schemes.ceiling_blocks import Ceiling
from eigenwijs.schemes.expressions import names_in, parse
from eigenwijs.schemes.facts import CALENDAR_FACTS, PERSON_FACTS
from eigenwijs.schemes.order_blocks import Orders
from eigenwijs.schemes.spend_blocks import Spend
from eigenwijs.schemes.types import LEAST_REFUND_GRACE_MONTHS
from eigenwijs.schemes.units import Unit
from eigenwijs.schemes.values import (
    Day,
    DayOfYear,
    Formula,
    Identifier,
    Number,
    SchemeName,
    Sentence,
    TrueOrFalse,
)


class Figure(Block):
    """A parameter's value from a date on, with a status of its own where it was inferred."""

    value: Number
    """The figure itself. `2026-01-01: 180.00` is short for `2026-01-01: {value: 180.00}`."""
    status: Literal["inferred"] | None = None
    """Nobody published this value."""
    why: Sentence | None = None
    """Why it was assumed; needed with `status`."""


def _figure(value: object) -> object:
    return {"value": value} if isinstance(value, str) else value


class Parameter(Sourced):
    """A figure of the agreement: an amount, hours a week, years or a bare number, by date."""

    label: Texts | None = None
    """What people call it in a clause, such as `het bedrag per jaar`."""
    unit: Literal["EUR", "amount", "hours", "years", "number"]
    """What it counts: `amount` is whole hundredths of what the scheme counts (its `unit`), and `EUR` says
    the same in a scheme of euros; `hours` is hours a week, `years` years of age or service, `number` a
    bare number.
    """
    values: dict[Day, Annotated[Figure, BeforeValidator(_figure)]] = Field(min_length=1)
    """Its value from each day on; one of them must hold on the day the scheme starts."""

    def at(self, day: date) -> Fraction | None:
        """Return the value on `day` (amounts in hundredths), or None before the first date."""
        dates = [start for start in self.values if start <= day]
        if not dates:
            return None
        value = self.values[max(dates)].value
        return value * 100 if self.is_amount else value

    @property
    def is_in_hundredths(self) -> bool:
        """Whether each of its values is a whole number of hundredths."""
        return all((figure.value * 100).denominator == 1 for figure in self.values.values())

    @property
    def is_amount(self) -> bool:
        """Whether it is an amount in what the scheme counts."""
        return self.unit in ("EUR", "amount")


class Proration(Sourced):
    """The part of the amount that is due: `by`, or all of it from `full_from` on."""

    by: Formula
    """The rate: a bare number, such as hours divided by hours."""
    full_from: Formula = "1"
    """The rate from which the whole amount is due."""


class Extra(Sourced):
    """More, or less, of the amount for whom a condition holds: a group with priority, a supplement.

    It comes after the case and before proration; of several each works on what the one above it left.
    """

    id: Identifier
    """Its own name."""
    when: Formula
    """The condition."""
    times: Formula | None = None
    """The amount becomes so many times what it was: a bare number, zero or more. Either this or `plus`."""
    plus: Formula | None = None
    """So much is added to the amount."""
    text: Texts
    """What is said to those for whom it holds."""


class Credit(Sourced):
    """What becomes due: an amount a year or a period, by case, in part, in whole hundredths."""

    id: Identifier
    """Its own name."""
    cases: Cases
    """The amount, by case."""
    per: Literal["year", "month", "four_weeks", "period", "once"]
    """An amount of a year, of a month (12 in a year) or of four weeks (13 in a year), whatever the pay
    period is: each period gets its part of a year, the fifth week of a year of 53 weeks nothing more. Or an
    amount of every pay period, or given once: in the first period in which it is above zero, in whatever job,
    and never again.
    """
    again_after_years: Annotated[int, Field(ge=1, le=50)] | None = None
    """What was given `once` can be given again so many calendar years after the year in which it was; only with
    `per: once`.
    """
    extra: list[Extra] = Field(default=[])
    """More or less for whom a condition holds, in the order in which it is worked out."""
    prorate: Proration | None = None
    """Which part of the amount is due."""
    round: Rounding | None = None
    """How each period is rounded to a cent."""
    spread: Literal["cumulative"] | None = None
    """The running total of the calendar year is rounded (half up), so that the periods add up to
    the year. Either `round` or `spread`; `spread` only with `per: year`.
    """

    @property
    def amounts(self) -> list[str]:
        """The amount of each case."""
        return [text for case in self.cases for text in (case.amount, case.otherwise) if text]

    @property
    def times_a_year(self) -> int | None:
        """How often a year has the amount, whatever the pay period; None where that counts."""
        return {"year": 1, "month": 12, "four_weeks": 13}.get(self.per)


class Eligibility(Sourced):
    """Who it is for: a condition, and what is said to those for whom it does not hold."""

    id: Identifier
    """Its own name."""
    when: Formula
    """The condition."""
    otherwise: Texts
    """What is said to those for whom it does not hold."""


class Absent(Sourced):
    """What happens where a fact is not there: another figure is used, or nothing is due."""

    use: Formula | None = None
    """Another figure of the same kind, or another label, used instead."""
    not_eligible: Texts | None = None
    """Nothing is due, and this is said. Either this or `use`."""


class Cap(Sourced):
    """The most that can stand on the account under this scheme, or be given: a year, or ever.

    What counts is what a person has or got in all jobs together.
    """

    balance: Cases | None = None
    """The most that can stand on the account, expected money included."""
    year: Cases | None = None
    """The most that is given in a calendar year."""
    ever: Cases | None = None
    """The most that is ever given."""

    @property
    def limits(self) -> dict[str, list[Case]]:
        """The limits that are there, by name."""
        found = {"balance": self.balance, "year": self.year, "ever": self.ever}
        return {name: cases for name, cases in found.items() if cases is not None}


class Advance(Sourced):
    """That people may use coming amounts now: what came ahead goes off what comes later in the same job.

    It comes with a delivery after they asked. Who leaves the job keeps it. Caps look at what periods gave,
    not at what came ahead.
    """

    most: Cases
    """The most that can have come ahead at once."""


class Credited(Sourced):
    """From which day on money of a period can stand on an account: exactly one of the two.

    Until that day it is expected, however early it was delivered and paid; it counts for caps. What is paid
    after it is credited at once.
    """

    months_after: Annotated[int, Field(ge=1, le=24)] | None = None
    """So many months after the last day of the period."""
    next_year_on: DayOfYear | None = None
    """This day, such as `04-01`, of the year after the year of the period."""

    def first_day(self, period: Period) -> date:
        """Return from which day on money of a period can stand on an account.

        Of February 2026, six months after: 28 August 2026. Of 2026, next year on 04-01: 1 April 2027.
        """
        if self.next_year_on is not None:
            return self.next_year_on.replace(year=period.year + 1)
        if self.months_after is None:
            raise AssertionError("a checked block says when money is credited")
        return months_after(period.end, self.months_after)


class Expiry(Sourced):
    """The last day of money: exactly one of the five."""

    after_months: Annotated[int, Field(ge=1, le=600)] | None = None
    """So many months after the day it was credited."""
    on: Day | None = None
    """This day. What is credited later, because it was paid late, stays usable for the months of
    `refund_grace`.
    """
    end_of_year_after: Annotated[int, Field(ge=0, le=50)] | None = None
    """31 December, so many years after the year of crediting (0: of that year)."""
    at_age: Annotated[int, Field(ge=16, le=100)] | None = None
    """The day before the birthday on which somebody reaches this age; who was born on 29 February has
    that birthday on 1 March in a year without the day. What is credited from that birthday on stays
    usable for the months of `refund_grace`. Without a known birth date money has no end.
    """
    months_after_job: Annotated[int, Field(ge=1, le=60)] | None = None
    """So many months after the last day of the job at the employer that took part for it, but never within two
    months of the day that this day was known; no end while that job goes on. Only with `portable: false`.
    What is credited after it stays usable for the months of `refund_grace`.
    """

    def last_day(
        self, credited_on: date, grace_months: int, birth_date: date | None
    ) -> date | None:
        """Return the last day on which money that was credited on a day can be used; None for no end.

        Who was paid too late to use it by a fixed day, or by the birthday of `at_age`, can use it for the
        months of grace. Born on 1 May 1960 money that ends at 67 can be used up to and including 30 April
        2027; born on 29 February 1960 up to and including 28 February 2027; born on 1 March 1960, at 68,
        up to and including 29 February 2028. Money for somebody whose birth date nobody knows has no end
        by age, and so has money that ends with a job: that end is known when the job's is.
        """
        if self.months_after_job is not None:
            return None
        if self.after_months is not None:
            return months_after(credited_on, self.after_months)
        if self.end_of_year_after is not None:
            return date(credited_on.year + self.end_of_year_after, 12, 31)
        if self.at_age is not None and birth_date is None:
            return None
        day = self.on or _day_before_age(birth_date, self.at_age)
        return day if credited_on <= day else months_after(credited_on, grace_months)


def _day_before_age(birth_date: date | None, age: int | None) -> date:
    if birth_date is None or age is None:
        raise AssertionError("a checked block says when money ends")
    year = birth_date.year + age
    if (birth_date.month, birth_date.day) == (2, 29):
        return date(year, 2, 28)
    return birth_date.replace(year=year) - timedelta(days=1)


class Reversion(Sourced):
    """Who receives what ends unspent."""

    to: Literal["sector_fund", "state", "employer"]
    """Who receives it: the sector's training fund or the state; which organisation that is, is said of every
    employer that takes part. They get it in sums over at least ten people. `employer`, only with
    `portable: false`: the employer that paid it, in one sum of a calendar year over at least ten people; what
    is of fewer goes to the sector's fund.
    """


class ReferenceDate(Sourced):
    """The day of the year on which the hours of the contract count for all that comes until the next one."""

    day: DayOfYear
    """Month and day, such as `01-01`; the fact `contract_hours_reference` is what stood in the contract then."""


class Correctable(Sourced):
    """Within so many days of crediting, unspent money that was too much can go back."""

    days: Annotated[int, Field(ge=1, le=366)]
    """The days after crediting."""


class RefundGrace(Sourced):
    """Money that comes back after its end stays usable for so many months; never under six."""

    months: Annotated[int, Field(ge=6, le=60)]
    """The months after its end."""


Side = Literal["workers", "employers", "employer", "state"]


class Scheme(Block):
    """One agreement's rules."""

    scheme: SchemeName
    """Its name."""
    title: Texts
    """What people read."""
    source: Sentence
    """Where the agreement was published."""
    unit: Unit = "EUR"
    """What its amounts count, in whole hundredths. `hours` and `days` are time to learn at work: an employer gives
    it with every delivery and nobody pays, so that blocks about money are refused, and time that ends goes to
    nobody. It is negotiated and simulated in euros only. A scheme in another currency can be checked, explained
    and exported, not put in force.
    """
    starts: Day
    """The first day on which it can be law."""
    periods: Annotated[list[PeriodKind], Field(min_length=1)]
    """The kinds of pay period it knows."""
    signed_by: Annotated[list[Side], Field(min_length=1)]
    """The sides that must sign."""
    portable: TrueOrFalse
    """`true`: the money stays the worker's after the job. `false`: it ends after the job
    (`expiry.months_after_job`), or what is left goes back to the employer (`reversion.to: employer`).
    """
    parameters: dict[Identifier, Parameter] = Field(default={})
    """Figures by name."""
    absent: dict[str, Absent] = Field(default={})
    """By fact that can be missing: what happens without it."""
    eligible: list[Eligibility] = Field(default=[])
    """The conditions; all of them must hold."""
    credit: Annotated[list[Credit], Field(min_length=1)]
    """The amounts."""
    reference_date: ReferenceDate | None = None
    """On which day of the year the hours of the contract count, for `contract_hours_reference`."""
    cap: Cap | None = None
    """The most."""
    advance: Advance | None = None
    """What of coming amounts people may use now; left out, nothing."""
    credited: Credited | None = None
    """From which day on money can stand on an account; left out, as soon as it is paid."""
    expiry: Expiry | None = None
    """The last day of money; left out, it has none."""
    reversion: Reversion | None = None
    """Who receives what ends unspent; money that ends needs it."""
    ceiling: Ceiling | None = None
    """How money is divided that does not reach for everyone; only for rounds."""
    spend: Spend
    """What the money may be spent on."""
    orders: Orders | None = None
    """When a provider answers, and until when stopping costs what; left out, as for every booking."""
    correctable_for: Correctable | None = None
    """Within which days a mistake can be taken back."""
    refund_grace: RefundGrace | None = None
    """How long money stays usable that comes back after its end; six months where this is left
    out.
    """

    @cached_property
    def person_expressions(self) -> tuple[str, ...]:
        """Every formula over the facts of a person."""
        cases = [case for credit in self.credit for case in credit.cases]
        cases += self.advance.most if self.advance else []
        cases += [
            case for limit in (self.cap.limits.values() if self.cap else ()) for case in limit
        ]
        texts = [
            text for case in cases for text in (case.when, case.amount, case.otherwise) if text
        ]
        texts += [rule.when for rule in self.eligible]
        texts += [rule.use for rule in self.absent.values() if rule.use]
        for credit in self.credit:
            for extra in credit.extra:
                texts += [text for text in (extra.when, extra.times, extra.plus) if text]
            if credit.prorate:
                texts += [credit.prorate.by, credit.prorate.full_from]
        return tuple(texts)

    @property
    def grace_months(self) -> int:
        """For how many months money stays usable that comes back, or comes at all, after its end."""
        return self.refund_grace.months if self.refund_grace else LEAST_REFUND_GRACE_MONTHS

    @property
    def goes_back_to_employer(self) -> bool:
        """Whether what ends unspent goes back to the employer that paid it."""
        return self.reversion is not None and self.reversion.to == "employer"

    @property
    def ends_with_job(self) -> bool:
        """Whether money ends after the job that gave it."""
        return self.expiry is not None and self.expiry.months_after_job is not None

    @property
    def again_after(self) -> dict[str, int]:
        """After how many calendar years a credit that was given once can be given again."""
        found = {credit.id: credit.again_after_years for credit in self.credit}
        return {credit: years for credit, years in found.items() if years is not None}

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
