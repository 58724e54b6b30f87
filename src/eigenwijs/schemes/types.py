"""What callers of schemes get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Self
from uuid import UUID

from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.schemes.conditions import (
    LEAST_MONTHS_AFTER_NEWS,
    LEAST_REFUND_GRACE_MONTHS,
    CancelPrice,
    Conditions,
    Contribution,
    Localised,
    Milestone,
    OrderClocks,
    PayableSteps,
    Refusal,
    SpendAmount,
    SpendExemption,
    SpendFacts,
    SpendLimit,
    SpendMilestones,
    SpendOwn,
    most_at,
)
from eigenwijs.schemes.facts import CONFIDED_FACTS
from eigenwijs.schemes.units import DAYS_TO_ANSWER, TIME_UNITS, in_unit

__all__ = [
    "ACCOUNT_UNIT",
    "ADVANCE",
    "DAYS_TO_ANSWER",
    "LEAST_MONTHS_AFTER_NEWS",
    "LEAST_REFUND_GRACE_MONTHS",
    "TIME_UNITS",
    "TWO_SIDES",
    "CancelPrice",
    "CheckedText",
    "Clause",
    "ClauseSection",
    "Conditions",
    "Contribution",
    "CreditFacts",
    "Earlier",
    "ExplainedPerson",
    "Localised",
    "Milestone",
    "NegotiationView",
    "OrderClocks",
    "Outcome",
    "Part",
    "PayableSteps",
    "ProposalView",
    "Received",
    "Refusal",
    "SchemeChoices",
    "SchemeFigure",
    "SchemeRule",
    "SchemeVersionView",
    "SpendAmount",
    "SpendExemption",
    "SpendFacts",
    "SpendLimit",
    "SpendMilestones",
    "SpendOwn",
    "Step",
    "TypicalPerson",
    "YearFollowed",
    "in_unit",
    "most_at",
]

CreditFacts = Mapping[str, Fraction | str | None]
"""The facts of one person in one period, by the names of the dictionary of facts.

Hours, years and counts are exact fractions, labels are text; None says that there is no such fact
(no contract hours for someone on call).
"""

FULL_TIME_HOURS = 38
"""Hours a week of a full-time job of invented people; assumed, as agreements have 36 to 40."""

ACCOUNT_UNIT = "EUR"
"""What pots hold, and what is negotiated and simulated; time to learn (`TIME_UNITS`) has accounts of its own."""

ADVANCE = "advance"
"""The key of what came ahead among the parts of credits; no credit may have it as its id."""

TWO_SIDES = ("workers", "employers")
"""Who sit at a table."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule of a scheme in words.

    `places` are the article and the source as the scheme has them; `assumed` is why it was assumed,
    where nobody published it. A clause without both says what the scheme is silent about.
    """

    sentence: str
    places: tuple[str, ...] = ()
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class ClauseSection:
    """The clauses on one subject."""

    title: str
    clauses: tuple[Clause, ...]


BETWEEN_PLACES = "; "


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards an amount: `code` names the sentence, `params` fill it.

    Params hold plain values: cents, exact numbers as text, ISO dates, texts by language. `article` is
    where it stands: an article or a source, of more rules with BETWEEN_PLACES; empty where no rule says it.
    """

    code: str
    params: Mapping[str, Any]
    article: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {"code": self.code, "params": dict(self.params), "article": self.article}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(values["code"], values["params"], values["article"])


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one credit gave in the other periods of the same year.

    `exact` is the sum of the exact amounts in cents, `amount` the sum that became due.
    """

    exact: Fraction = Fraction(0)
    amount: Money = field(default_factory=Money.zero)

    def with_part(self, part: Part) -> Earlier:
        """Return the sums with one more period's part."""
        return Earlier(self.exact + part.exact, self.amount + part.amount)


@dataclass(frozen=True, slots=True)
class Received:
    """What a person got under a scheme in all jobs together, apart from the period that is computed.

    `ever` holds it by credit, over all years, or those near enough to forbid giving it again; `year` is all
    credits in the period's own year.
    """

    ever: Mapping[str, Money] = field(default_factory=dict)
    year: Money = field(default_factory=Money.zero)

    def with_amount(self, credit: str, amount: Money, *, of_this_year: bool) -> Received:
        """Return the sums with an amount more of one credit."""
        ever = {**self.ever, credit: self.ever.get(credit, Money.zero()) + amount}
        return Received(ever, self.year + amount if of_this_year else self.year)

    def with_parts(self, parts: Iterable[Part]) -> Received:
        """Return the sums with what one more period of the same year gave."""
        found = self
        for part in parts:
            found = found.with_amount(part.credit, part.amount, of_this_year=True)
        return found

    def without(self, parts: Mapping[str, Earlier]) -> Received:
        """Return the sums without what one period of the same year gave."""
        found = self
        for credit, part in parts.items():
            found = found.with_amount(credit, -part.amount, of_this_year=True)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column: cents."""
        return {"ever": {key: one.cents for key, one in self.ever.items()}, "year": self.year.cents}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(
            {key: Money(cents) for key, cents in values["ever"].items()}, Money(values["year"])
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What one credit of a scheme gives in a period: exact in cents, and in whole cents."""

    credit: str
    exact: Fraction
    amount: Money


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scheme gives one person in one period, and why.

    `amount` is the sum of `parts`. It can be below zero by a cent or more where a corrected period
    lowers a running total. `refused` holds the identifiers of the conditions that did not hold.
    `article` is where the amount stands, or what was not met: each place once, with BETWEEN_PLACES.
    """

    scheme: str
    title: Localised
    hash: str
    amount: Money
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    eligible: bool
    refused: tuple[str, ...]
    article: str


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text that is a scheme: its name, hash, what nobody published, and how many examples ran.

    One that is not `portable` takes money away after a job, or lets an employer have what is left of it. One
    that `has_rounds` divides money under a ceiling too.
    """

    scheme: str
    hash: str
    inferred: tuple[str, ...]
    examples: int
    portable: bool
    has_rounds: bool


@dataclass(frozen=True, slots=True)
class ExplainedPerson:
    """What a text gives one person in a period, in plain words, a sentence a step; `amount` with its unit."""

    title: str
    period: Period
    sentences: tuple[str, ...]
    amount: str


@dataclass(frozen=True, slots=True)
class SchemeVersionView:
    """One version of a scheme. `valid_from` is None until it was activated."""

    id: UUID
    scheme: str
    title: Localised
    version: int
    hash: str
    text: str
    source: str
    unit: str
    periods: tuple[PeriodKind, ...]
    facts_needed: frozenset[str]
    inferred: tuple[str, ...]
    signed_by: tuple[str, ...]
    signatures: Mapping[str, UUID]
    loaded_at: datetime
    valid_from: date | None
    has_end: bool
    has_cap: bool
    needs_received: bool
    again_after: Mapping[str, int]
    correctable_for_days: int | None
    goes_back_to_employer: bool = False
    advance_place: str | None = None
    """Where it says that people may use coming amounts now; None where they may not."""

    @property
    def counts_time(self) -> bool:
        """Whether it gives hours or days to learn at work, for which nobody pays."""
        return self.unit in TIME_UNITS

    @property
    def has_advance(self) -> bool:
        """Whether people may use coming amounts now."""
        return self.advance_place is not None

    @property
    def counts_confided(self) -> bool:
        """Whether it counts what people tell about themselves and no employer may learn."""
        return bool(self.facts_needed & CONFIDED_FACTS)


@dataclass(frozen=True, slots=True)
class SchemeFigure:
    """A figure of a scheme on a day, as it is written there; `unit` is what it counts.

    `later` are the values that it gets after that day, by ISO date.
    """

    name: str
    label: Localised
    unit: str
    value: str
    later: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchemeRule:
    """A condition of a scheme, and what is said to those for whom it does not hold."""

    id: str
    when: str
    otherwise: Localised


@dataclass(frozen=True, slots=True)
class SchemeChoices:
    """What can be chosen in a scheme without writing YAML.

    `ends` is whether money ends at all; `end_months` after how many months, where it says so; `returns_to`
    who then receives it, of `receivers`. `work_related_only` is whether it is for learning for work alone.
    """

    figures: tuple[SchemeFigure, ...]
    rules: tuple[SchemeRule, ...]
    work_related_only: bool
    ends: bool
    end_months: int | None
    returns_to: str | None
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TypicalPerson:
    """An invented worker whose facts stay the same over the years, age apart."""

    contract_kind: str
    hours_week: Fraction
    hourly_wage: Money
    born: int
    qualification: str | None = None

    @property
    def on_call(self) -> bool:
        return self.contract_kind == "on_call"


@dataclass(frozen=True, slots=True)
class YearFollowed:
    """What one year gave; `nothing_for_them` is that the conditions held in no period of it."""

    year: int
    credited: Money
    ended: Money
    held: Money
    nothing_for_them: bool


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A text that one side laid on the table; `number` counts per side from 1."""

    side: str
    number: int
    hash: str
    text: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class NegotiationView:
    """A negotiation on one scheme: who sit at the table, what was laid on it, what was said yes to.

    `agreed` is the hash that both sides said yes to, or nothing; `accepted` is per side to which it
    said yes last.
    """

    id: UUID
    title: str
    scheme: str
    starts_on: date
    base: str
    parties: Mapping[str, UUID]
    proposals: tuple[ProposalView, ...]
    accepted: Mapping[str, str]
    agreed: str
    opened_at: datetime

    def side_of(self, organisation_id: UUID | None) -> str:
        """Return for which side an organisation sits here; nothing where it does not."""
        return next((side for side, one in self.parties.items() if one == organisation_id), "")

    def newest(self, side: str) -> ProposalView | None:
        """Return what a side laid on the table last."""
        mine = [one for one in self.proposals if one.side == side]
        return max(mine, key=lambda one: one.number, default=None)
