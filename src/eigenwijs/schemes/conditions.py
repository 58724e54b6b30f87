"""The conditions frozen on money when it is credited: what it is for, what it pays, when it ends.

Callers get them from `types`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from eigenwijs.kernel.money import Money, Rounding, sum_money

Localised = Mapping[str, str]
"""A sentence by language: nl and en."""

LEAST_REFUND_GRACE_MONTHS = 6
"""Money that comes back after its end stays usable for so many months, whatever a scheme says."""

LEAST_MONTHS_AFTER_NEWS = 2
"""Money never ends with a job within so many months of the day that we heard of the job's end."""


@dataclass(frozen=True, slots=True)
class SpendLimit:
    """Which courses money is for: a condition over course facts, and what is said otherwise.

    `figures` holds the scheme's parameters as they were, exact as text, euros in cents.
    """

    id: str
    when: str
    figures: Mapping[str, str]
    otherwise: Localised
    article: str


@dataclass(frozen=True, slots=True)
class SpendAmount:
    """An amount of a course, such as the most that money pays: the first case that holds, as condition and amount.

    The last condition is empty and holds always. `figures` holds the scheme's parameters as they
    were, exact as text, euros in cents; `text` is how it is said to people.
    """

    cases: tuple[tuple[str, str], ...]
    figures: Mapping[str, str]
    text: Localised
    article: str

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read plain values of a JSON column."""
        cases = tuple((when, amount) for when, amount in values["cases"])
        return cls(**{**values, "cases": cases})


@dataclass(frozen=True, slots=True)
class SpendExemption:
    """Who pays no contribution of their own: a condition, or from what amount of others on."""

    when: str
    others_pay_at_least: str
    text: Localised


@dataclass(frozen=True, slots=True)
class SpendOwn:
    """What money leaves of the price of a course: cases and figures as in `SpendAmount`."""

    cases: tuple[tuple[str, str], ...]
    unless: tuple[SpendExemption, ...]
    figures: Mapping[str, str]
    text: Localised
    article: str

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read plain values of a JSON column."""
        cases = tuple((when, amount) for when, amount in values["cases"])
        unless = tuple(SpendExemption(**one) for one in values["unless"])
        return cls(**{**values, "cases": cases, "unless": unless})


class Milestone(StrEnum):
    """When a provider is paid, in this order.

    The start was said and the withdrawal term is over; the course is halfway and still followed; it was
    completed.
    """

    STARTED = "started"
    HALFWAY = "halfway"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class SpendMilestones:
    """How many percent of what money pays for a course the provider gets halfway and when it was completed.

    The rest it gets at the start. Completed is who attended so many percent (0: nothing is asked), or,
    where that suffices, has a certificate.
    """

    completed_percent: int
    attended_at_least: int
    certificate_suffices: bool
    article: str
    halfway_percent: int = 0


@dataclass(frozen=True, slots=True)
class CancelPrice:
    """Stopping at least so many days before the start costs `percent` of the price; of which kind of days."""

    days: int
    working: bool
    percent: int


@dataclass(frozen=True, slots=True)
class OrderClocks:
    """How long a provider and a worker have, and what stopping costs; None and nothing where it is not said."""

    answer_working_days: int | None = None
    withdrawal_days: int | None = None
    withdrawal_working_days: int | None = None
    cancel: tuple[CancelPrice, ...] = ()
    accept_working_days: int | None = None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read plain values of a JSON column."""
        cancel = tuple(CancelPrice(**one) for one in values["cancel"])
        return cls(**{**values, "cancel": cancel})


@dataclass(frozen=True, slots=True)
class SpendFacts:
    """The plain facts of a course and its buyer by which money's conditions are judged.

    `subjects` are ISCED-F codes; `quality_marks` are codes in small letters; `employed` is whether who
    buys has a job on the day of the booking; `course_kind` is one of `facts.COURSE_KINDS`.
    """

    price: Money
    subjects: tuple[str, ...]
    is_online: bool
    quality_marks: tuple[str, ...]
    employed: bool
    course_kind: str = "course"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What somebody pays of a course beside money that asks for a contribution, and how that is said.

    Nothing, and why, where they are exempted.
    """

    amount: Money
    text: Localised


PayableSteps = tuple[tuple[int, int], ...]
"""The most that money pays for a course, in cents, as steps: what others pay at least, and the most from there on.

The first step begins at nothing, and later ones are never lower.
"""


def most_at(steps: PayableSteps, others: int) -> int:
    """Return the most that is paid where others pay so many cents."""
    return next(most for least, most in reversed(steps) if least <= others)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why money cannot be used for a course, in both languages."""

    id: str
    texts: Localised
    article: str


@dataclass(frozen=True)
class Conditions:
    """The conditions frozen on a credit: visible from the first day, never changed after.

    `expires_on` is the last day the money can be used, None for no end; `reverts_to` is the
    organisation that receives what ends. `correctable_for_days` is None where credited money is
    never taken back.

    Of money that is not portable `employer` is the one whose job gave it: it ends `months_after_job`
    (None where it does not), and where it `goes_back` what ends is that employer's, as far as it is of
    enough people; what is not goes to `reverts_to`.
    """

    scheme: str
    title: Localised
    work_related_only: bool
    spend: tuple[SpendLimit, ...] = ()
    pays: SpendAmount | None = None
    own: SpendOwn | None = None
    others_pay_at_least: SpendAmount | None = None
    orders: OrderClocks | None = None
    milestones: SpendMilestones | None = None
    expires_on: date | None = None
    correctable_for_days: int | None = None
    refund_grace_months: int = LEAST_REFUND_GRACE_MONTHS
    portable: bool = True
    reverts_to: UUID | None = None
    employer: UUID | None = None
    months_after_job: int | None = None
    goes_back: bool = False

    @property
    def has_end(self) -> bool:
        """Whether it has a last day, or gets one when a job ends."""
        return self.expires_on is not None or self.months_after_job is not None

    @property
    def payment_rules(self) -> tuple[Localised, ...]:
        """How much of a course it pays, as people read it; nothing where it pays all of it."""
        own = (self.own.text, *(one.text for one in self.own.unless)) if self.own else ()
        pays = (self.pays.text,) if self.pays else ()
        others = (self.others_pay_at_least.text,) if self.others_pay_at_least else ()
        return (*pays, *own, *others)

    @property
    def receiver(self) -> UUID | None:
        """Who receives what ends: of enough people, where it goes back to the employer."""
        return self.employer if self.goes_back else self.reverts_to

    def parts(self, amount: Money, *, has_halfway: bool) -> dict[Milestone, Money]:
        """Return when a provider gets how much of an amount: no part of nothing, together all of it.

        Parts of a cent are for the last. In a course without a day halfway (`has_halfway`) that part is
        for the completion.
        """
        halfway = self.milestones.halfway_percent if self.milestones else 0
        completed = self.milestones.completed_percent if self.milestones else 0
        if not has_halfway:
            halfway, completed = 0, halfway + completed
        percents = {
            Milestone.STARTED: 100 - halfway - completed,
            Milestone.HALFWAY: halfway,
            Milestone.COMPLETED: completed,
        }
        parts = {
            milestone: amount.share(Fraction(percent, 100), Rounding.DOWN)
            for milestone, percent in percents.items()
            if percent
        }
        last = list(parts)[-1]
        parts[last] += amount - sum_money(parts.values())
        return {milestone: part for milestone, part in parts.items() if part}

    def pot_key(self) -> str:
        """Return the identity of the set of conditions: all of them but the end of this money."""
        return self._pot_key

    @cached_property
    def _pot_key(self) -> str:
        plain = json.dumps(replace(self, expires_on=None).to_json(), sort_keys=True)
        return hashlib.sha256(plain.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        # Not asdict: it copies deeply, and payrolls freeze conditions by the hundred thousand.
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        plain["title"] = dict(self.title)
        plain["spend"] = [asdict(limit) for limit in self.spend]
        # Left out where it says nothing: the key of pots from before it could be said stays the same.
        for name in ("pays", "own", "others_pay_at_least", "milestones", "orders"):
            if plain[name] is None:
                del plain[name]
            else:
                plain[name] = asdict(plain[name])
        if self.orders and self.orders.accept_working_days is None:
            del plain["orders"]["accept_working_days"]
        if self.milestones and not self.milestones.halfway_percent:
            del plain["milestones"]["halfway_percent"]
        plain["expires_on"] = self.expires_on.isoformat() if self.expires_on else None
        plain["reverts_to"] = str(self.reverts_to) if self.reverts_to else None
        for name in ("employer", "months_after_job", "goes_back"):
            if not plain[name]:
                del plain[name]
        if self.employer:
            plain["employer"] = str(self.employer)
        return plain

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        typed = dict(values)
        typed["spend"] = tuple(SpendLimit(**limit) for limit in values["spend"])
        for name in ("pays", "others_pay_at_least"):
            if found := values.get(name):
                typed[name] = SpendAmount.from_json(found)
        if milestones := values.get("milestones"):
            typed["milestones"] = SpendMilestones(**milestones)
        if own := values.get("own"):
            typed["own"] = SpendOwn.from_json(own)
        if orders := values.get("orders"):
            typed["orders"] = OrderClocks.from_json(orders)
        if values["expires_on"]:
            typed["expires_on"] = date.fromisoformat(values["expires_on"])
        if values["reverts_to"]:
            typed["reverts_to"] = UUID(values["reverts_to"])
        if employer := values.get("employer"):
            typed["employer"] = UUID(employer)
        return cls(**typed)
