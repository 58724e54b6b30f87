"""What callers of this room get and give. Frozen, and free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from eigenwijs.budgets.types import NewCredit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money

Localised = Mapping[str, str]
"""A text by language: nl and en."""


class Fit(StrEnum):
    """What happens to the first request for which there is not enough money left.

    CLOSE: the round closes before it. SKIP: it is passed over, and a smaller one behind it may still
    fit. PARTIAL: it gets what is left.
    """

    CLOSE = "close"
    SKIP = "skip"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Group:
    """A group that was agreed beforehand: `weight` chances in the draw, and a share of the pot.

    `when` is a condition over the facts of a person, in the language of schemes; empty: everyone.
    A person is in the first group of the rules whose condition holds.
    """

    id: str
    title: Localised
    when: str = ""
    weight: int = 1
    share_percent: int = 0


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Bad luck counts next time: `step` more weight for each round drawn in vain, `most` rounds."""

    step: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Beacon:
    """A public random number that nobody knows before it falls.

    `source` says who publishes it, `round` which one it is, `falls_at` the moment it is published.
    """

    source: str
    round: str
    falls_at: datetime


@dataclass(frozen=True, slots=True)
class FirstCome:
    """A law demands that requests are dealt with in order of arrival, from `opens_at` on.

    Whoever waited in the window of the round comes first, in the order of the draw; whoever comes
    from `opens_at` on is served after them, in order of arrival. `law` is the text that demands it.
    """

    opens_at: datetime
    law: str


@dataclass(frozen=True, slots=True)
class RoundRules:
    """All that is settled before a window opens, and never changes after.

    A request asks `least` to `most`; a fixed amount is both. Money goes with the conditions of
    `scheme` in the version of `scheme_hash`. `when` says who may enter, and `who` says it in words.
    Facts count as they are on `opens_on`. A place is kept `accept_days` for its winner; the reserve
    list runs up to and including `reserve_until`. Without `beacon` the operator could steer. With
    `first_come` the window is the waiting room of a round that is served in order of arrival. With
    `once_a_year` nobody gets money of two rounds of the scheme with their `first_day` in one calendar year.
    """

    round_id: UUID
    title: Localised
    who: Localised
    when: str
    payer: str
    scheme: str
    scheme_hash: str
    pot: Money
    least: Money
    most: Money
    opens_on: date
    closes_on: date
    groups: tuple[Group, ...]
    fit: Fit
    reserve_places: int
    carry_over: CarryOver
    accept_days: int
    reserve_until: date
    beacon: Beacon | None
    first_come: FirstCome | None = None
    once_a_year: bool = False

    @property
    def first_day(self) -> date:
        """The first day on which requests are taken: a waiting room before it does not count."""
        return local_date(self.first_come.opens_at) if self.first_come else self.opens_on

    @property
    def is_fixed(self) -> bool:
        """Whether every request asks the same amount."""
        return self.least == self.most

    def group(self, identifier: str) -> Group:
        """Return the group with an id; raises LookupError."""
        return next(group for group in self.groups if group.id == identifier)


@dataclass(frozen=True, slots=True)
class AgreedTerms:
    """What a scheme settles of a round in one of its windows; the rest is the operator's.

    Requests are taken from `first_day` to `last_day`: by lot, or with a `law` in order of arrival, after a
    waiting room before `first_day`.
    """

    scheme: str
    scheme_title: Localised
    who: Localised
    when: str
    law: str
    first_day: date
    last_day: date
    pot: Money
    least: Money
    most: Money
    groups: tuple[Group, ...]
    fit: Fit
    carry_over: CarryOver
    once_a_year: bool


class RoundState(StrEnum):
    """How far a round is."""

    DRAFT = "draft"
    DISCARDED = "discarded"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    LISTED = "listed"
    FALLEN = "fallen"
    DRAWN = "drawn"
    SETTLED = "settled"

    @property
    def is_public(self) -> bool:
        """Whether everyone may see it."""
        return self not in (RoundState.DRAFT, RoundState.DISCARDED)

    @property
    def is_drawn(self) -> bool:
        """Whether the winners are known."""
        return self in (RoundState.DRAWN, RoundState.SETTLED)


class Outcome(StrEnum):
    """What the draw gave a ticket."""

    WON = "won"
    RESERVE = "reserve"
    LOST = "lost"


class PlaceState(StrEnum):
    """What became of a place."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round, as everyone may see it once it is published.

    `closes_at` is the first moment after the window. `reference` is with what the payer pays for it,
    `funded_at` when all its money was there. `seed` is empty until it is revealed; `entered_by` is
    the pseudonym of who typed the beacon's value. `withdrawn_for` is why it was withdrawn, if it was.
    """

    id: UUID
    number: int
    state: RoundState
    rules: RoundRules
    payer_id: UUID
    reference: str
    rules_sha256: str
    seed_sha256: str
    closes_at: datetime
    made_at: datetime
    funded_at: datetime | None
    published_at: datetime | None
    listed_at: datetime | None
    tickets_sha256: str
    beacon_value: str
    beacon_entered_at: datetime | None
    entered_by: str
    seed: str
    drawn_at: datetime | None
    settled_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_for: Localised | None

    @property
    def could_be_steered(self) -> bool:
        """Whether the operator could have steered: no beacon, or a list that came after it fell."""
        beacon = self.rules.beacon
        return beacon is None or (self.listed_at is not None and self.listed_at >= beacon.falls_at)

    def is_open(self, at: datetime) -> bool:
        """Whether a ticket can be had now."""
        is_begun = self.rules.opens_on <= local_date(at)
        return self.state is RoundState.PUBLISHED and is_begun and at < self.closes_at

    def is_served(self, at: datetime) -> bool:
        """Whether a request is dealt with now, in order of arrival."""
        terms = self.rules.first_come
        is_opened = self.state is RoundState.DRAWN and terms is not None and terms.opens_at <= at
        return is_opened and local_date(at) <= self.rules.reserve_until


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class of a round: its tickets, what they ask, and their chance from 0 to 1.

    `winners` and `won` are what the draw gave, or a dry run; None before.
    """

    group: Group
    losses: int
    weight: int
    tickets: int
    asked: Money
    chance: float
    winners: int | None = None
    won: Money | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What rules would do on a list of tickets: a line a class, or what is wrong with the list."""

    lines: tuple[ClassLine, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A won place. `expires_at` is the first moment at which it can no longer be accepted."""

    id: UUID
    amount: Money
    state: PlaceState
    offered_at: datetime
    expires_at: datetime
    answered_at: datetime | None

    @property
    def is_passed_on(self) -> bool:
        """Whether it ended before its last day: its winner had money of another round that year, or has a
        place in this one with a file that was joined.
        """
        is_early = self.answered_at is not None and self.answered_at < self.expires_at
        return self.state is PlaceState.LAPSED and is_early


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A won place that waits for its winner's yes, and the credit that it becomes if that is today."""

    id: UUID
    round_id: UUID
    title: Localised
    payer: str
    expires_at: datetime
    credit: NewCredit

    @property
    def amount(self) -> Money:
        """What was won."""
        return self.credit.amount


@dataclass(frozen=True, slots=True)
class TicketView:
    """One person's ticket. `chance` is that of its class now, None where nothing can be said.

    `arrival` is its place in the order of arrival, from 1; None where it is drawn.
    """

    id: UUID
    round_id: UUID
    person_id: UUID
    number: str
    amount: Money
    entered_at: datetime
    withdrawn_at: datetime | None
    group: Group | None
    losses: int
    weight: int
    chance: float | None
    outcome: Outcome | None
    reserve_rank: int | None
    arrival: int | None
    place: PlaceView | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A request in a round that is served in order of arrival: for whom, how much, sent by whom, when."""

    person_id: UUID
    amount: Money
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """How many places of a round wait, were accepted, and came free again; and what is left of the pot."""

    offered: int
    accepted: int
    declined: int
    lapsed: int
    left: Money


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a person may enter a round, and in which group they are."""

    may_enter: bool
    group: Group


@dataclass(frozen=True, slots=True)
class OwnRound:
    """A round as one person stands in it; `is_open` is whether they can enter or withdraw now.

    `is_served` is whether requests are dealt with in order of arrival now, `can_ask` whether this person
    can make one and there is money for it. With `had_money` they got money of the scheme this year already, and
    can get no more: not with their ticket, and not with a place to which they said no yes.
    """

    round: RoundView
    ticket: TicketView | None
    standing: Standing
    is_open: bool
    is_served: bool = False
    can_ask: bool = False
    had_money: bool = False

    @property
    def is_in(self) -> bool:
        """Whether the person has a ticket that counts."""
        return self.ticket is not None and self.ticket.withdrawn_at is None
