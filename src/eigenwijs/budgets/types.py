"""What callers of this room get and give. Frozen, and free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eigenwijs.budgets.time_rules import TimeLot
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period
from eigenwijs.ledger.types import AccountRef
from eigenwijs.schemes.types import Conditions, Localised, Milestone, Refusal, Step


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a credit has the amount it has: stored once, with the credit, and read only there.

    `steps` lead to the amount, `facts` are what they used (by the names of the dictionary of
    facts, as text), `sources` are ids of where it came from (delivery, payment request).
    """

    scheme: str
    version_hash: str
    article: str
    period: str
    steps: tuple[Step, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {
            "scheme": self.scheme,
            "version_hash": self.version_hash,
            "article": self.article,
            "period": self.period,
            "steps": [step.to_json() for step in self.steps],
            "facts": dict(self.facts),
            "sources": dict(self.sources),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        steps = tuple(Step.from_json(step) for step in values["steps"])
        return cls(**{**values, "steps": steps})


@dataclass(frozen=True, slots=True)
class NewCredit:
    """Money of a payer that arrives for a person.

    `key` is made by the caller and makes repeating safe. `expected` names the expectation that
    this money (partly) fulfils; None: the one with the same key, if there is one. The term of
    correction counts from `counts_from`, the day on which all of one payment counts as credited,
    whenever each part of it is recorded; None: from `occurred_on`.
    """

    key: UUID
    person_id: UUID
    payer_id: UUID
    amount: Money
    conditions: Conditions
    reason: Reason
    occurred_on: date
    group: UUID
    expected: UUID | None = None
    counts_from: date | None = None

    @property
    def pot_id(self) -> UUID:
        """The pot in which it arrives: its person, payer and conditions."""
        return derived_id(
            self.person_id, f"budgets.pot.{self.payer_id}.{self.conditions.pot_key()}"
        )


@dataclass(frozen=True, slots=True)
class NewGrant:
    """Money of a round that is promised to a winner: the credit that it becomes, until `expires_at`."""

    credit: NewCredit
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewExpected:
    """Money of a payer that is announced for a person, due on a day. `key` is made by the caller."""

    key: UUID
    person_id: UUID
    payer_id: UUID
    amount: Money
    due_on: date
    conditions: Conditions
    reason: Reason


@dataclass(frozen=True, slots=True)
class Lot:
    """Money with one end: `usable_until` is its last day, None for no end."""

    amount: Money
    usable_until: date | None


@dataclass(frozen=True, slots=True)
class PotView:
    """One pot. `lots` are what is available now, the earliest end first; together `available`."""

    id: UUID
    person_id: UUID
    payer_id: UUID
    payer_name: str
    title: Localised
    conditions: Conditions
    available: Money
    reserved: Money
    lots: tuple[Lot, ...]
    rank: int | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class PotOwner:
    """Whose pot it is, who paid into it, and its account in the ledger."""

    pot_id: UUID
    person_id: UUID
    payer_name: str
    title: Localised
    account: AccountRef


@dataclass(frozen=True, slots=True)
class ExpectedView:
    """Money that was announced and has not (all) arrived; `amount` is what is still to come."""

    id: UUID
    payer_id: UUID
    payer_name: str
    amount: Money
    due_on: date
    conditions: Conditions
    reason: Reason


@dataclass(frozen=True, slots=True)
class AccountView:
    """A person's learning account: never one number only. Pots in the order of the funding mix."""

    person_id: UUID
    available: Money
    reserved: Money
    expected: Money
    pots: tuple[PotView, ...]
    coming: tuple[ExpectedView, ...]


@dataclass(frozen=True, slots=True)
class CreditView:
    """Money that arrived, with everything that was said about it on its first day.

    `taken_back` was corrected within the term; `correctable_until` is that term's last day.
    """

    id: UUID
    pot_id: UUID
    person_id: UUID
    payer_id: UUID
    payer_name: str
    amount: Money
    taken_back: Money
    occurred_on: date
    usable_until: date | None
    correctable_until: date | None
    conditions: Conditions
    reason: Reason


class StatementKind(StrEnum):
    """What happened to the money."""

    CREDITED = "credited"
    TAKEN_BACK = "taken_back"
    RESERVED = "reserved"
    RELEASED = "released"
    SPENT = "spent"
    REFUNDED = "refunded"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One thing that happened in one pot, as the ledger has it.

    `amount` is what moved or was set aside, `change` what it did to what can be spent (spending
    what was reserved changes nothing, unless some of it came free), `available` what could be
    spent from all pots afterwards. `credit_id` leads to the reason, `booking_id` to the booking.
    `belongs_to` is the period that the line is about, if that is closed: nothing can be recorded in it.
    """

    on: date
    at: datetime
    kind: StatementKind
    amount: Money
    change: Money
    available: Money
    pot_id: UUID
    payer_name: str
    credit_id: UUID | None
    booking_id: UUID | None
    belongs_to: Period | None


@dataclass(frozen=True, slots=True)
class PotYear:
    """One calendar year of one pot: the sums of its lines of the statement, by the day they belong to.

    `begin` + `credited` + `refunded` - `spent` - `taken_back` - `lapsed` = `end`, of which `reserved`
    was set aside at the end of the year.
    """

    year: int
    pot_id: UUID
    payer_name: str
    title: Localised
    begin: Money
    credited: Money
    refunded: Money
    spent: Money
    taken_back: Money
    lapsed: Money
    end: Money
    reserved: Money


@dataclass(frozen=True, slots=True)
class PotAnswer:
    """Whether a pot can pay for a course, and if not why, in both languages.

    `most` is what all pots of its scheme together pay for it at most, whatever they hold, and `limits`
    is how that is said; None: all. `exempted` is why nobody pays a contribution of their own here, where
    others would; nothing where they would not.
    """

    pot: PotView
    usable: bool
    refusals: tuple[Refusal, ...]
    most: Money | None = None
    limits: tuple[Localised, ...] = ()
    exempted: Localised | None = None


@dataclass(frozen=True, slots=True)
class MixLine:
    """What one pot pays."""

    pot: PotView
    amount: Money


@dataclass(frozen=True, slots=True)
class Mix:
    """Which pots pay for a course, in their order, and what is left for the worker to pay.

    `accepts` are the promised credits, by key, without which its lines cannot be paid.
    """

    lines: tuple[MixLine, ...]
    from_account: Money
    pay_yourself: Money
    answers: tuple[PotAnswer, ...]
    accepts: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ReservedLine:
    """What one pot set aside for one milestone of a booking, and what became of it."""

    pot_id: UUID
    milestone: Milestone
    amount: Money
    spent: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class ReservationView:
    """Money set aside for a booking: reserved (as long as any of it is), released or spent."""

    booking_id: UUID
    person_id: UUID
    payee_id: UUID
    state: str
    expires_at: datetime
    lines: tuple[ReservedLine, ...]

    def amount_at(self, milestone: Milestone) -> Money:
        """Return what was set aside for a milestone."""
        return sum_money(line.amount for line in self.lines if line.milestone is milestone)


@dataclass(frozen=True, slots=True)
class PayableLine:
    """What is owed to a provider in one account of the ledger: a source of a payment order."""

    account: AccountRef
    amount: Money


@dataclass(frozen=True, slots=True)
class Spending:
    """What a booking spent, all of it or at one milestone; `payable` is where the provider's money now stands."""

    booking_id: UUID
    payee_id: UUID
    amount: Money
    payable: tuple[PayableLine, ...]


FEWEST_PEOPLE = 10
"""A payer sees what became of its money only as totals of at least so many people (promise 9)."""


@dataclass(frozen=True, slots=True)
class LapsedView:
    """What lapsed to one receiver and waits to be paid to it: how much, of how many people, when.

    Of an employer it is what lapsed in one `year`, and it is complete when that year is over.
    """

    receiver_id: UUID
    receiver_name: str
    amount: Money
    people: int
    first_on: date
    last_on: date
    year: int | None = None
    is_complete: bool = True

    @property
    def is_payable(self) -> bool:
        """Whether nothing comes to it any more and it is of so many people that it says nothing of any."""
        return self.is_complete and self.people >= FEWEST_PEOPLE


@dataclass(frozen=True, slots=True)
class LapseRun:
    """What one chunk of lapsing did; `done` when nothing is left to look at."""

    pots: int
    lapsed: Money
    done: bool


MOST_A_DAY = {"hours": 24_00, "days": 1_00}
"""The most time, in hundredths, that one day has."""


LONGEST_AHEAD = timedelta(days=366)
"""How far ahead a day to learn can be chosen."""


class TimeRefusal(StrEnum):
    """Why an employer cannot let somebody learn on the day that they chose."""

    TOO_FEW = "too_few"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class NewTime:
    """Time to learn that an employer gives; `key` is made by the caller and makes repeating safe."""

    key: UUID
    person_id: UUID
    employer_id: UUID
    employer_name: str
    scheme: str
    unit: str
    hundredths: int
    usable_until: date | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class TimeCreditView:
    """Time that was given once, in hundredths of its unit, with the reason."""

    id: UUID
    person_id: UUID
    employer_name: str
    scheme: str
    unit: str
    hundredths: int
    given_on: date
    usable_until: date | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class TimeUseView:
    """A day on which somebody learns. `answer_by` is until when its employer can say no."""

    id: UUID
    person_id: UUID
    employment_id: UUID
    employer_id: UUID
    employer_name: str
    scheme: str
    unit: str
    hundredths: int
    day: date
    state: str
    answer_by: date
    refusal: TimeRefusal | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class TimeAccountView:
    """A person's time under one scheme: what is left by its end, what was given, the days that were chosen."""

    scheme: str
    unit: str
    lots: tuple[TimeLot, ...]
    credits: tuple[TimeCreditView, ...]
    uses: tuple[TimeUseView, ...]

    @property
    def left(self) -> int:
        """What can still be taken, in hundredths."""
        return sum(lot.hundredths for lot in self.lots)
