"""What callers of this room get and give. Frozen, and free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.bookings.states import (
    BookingState,
    CompletionOutcome,
    HalfwayOutcome,
    LeavingKind,
    Outcome,
    PayoutState,
    StartOutcome,
    WorkItemCause,
)
from eigenwijs.budgets.types import Mix
from eigenwijs.catalogue.types import FrozenOffer
from eigenwijs.draws.types import OpenPlace
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.schemes.types import Milestone

__all__ = [
    "BookingState",
    "BookingView",
    "CompletionOutcome",
    "CompletionView",
    "CostStep",
    "DecisionView",
    "HalfwayOutcome",
    "HalfwayView",
    "Leaving",
    "LeavingKind",
    "Outcome",
    "PayoutState",
    "PayoutView",
    "ProposalView",
    "ProviderBookingView",
    "Quote",
    "StartOutcome",
    "Terms",
    "WorkItemCause",
    "WorkItemDetail",
    "WorkItemView",
]


@dataclass(frozen=True, slots=True)
class CostStep:
    """Leaving at least `days_before` full days before the start costs `percent` of the price.

    With `working` these are working days.
    """

    days_before: int
    percent: int
    working: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of the terms of booking (`terms.yaml` says what each means and where from).

    Of `cost_steps` the lowest that holds counts. What money was agreed with can be better for the worker
    (`rules.with_agreed`): `withdrawal_working_days` is then a term beside `withdrawal_days`, and the later last
    day counts. Terms from before `accept_working_days` was said give four.
    """

    version: str
    valid_from: date
    answer_working_days: int
    withdrawal_days: int
    reminder_days: int
    work_item_days: int
    objection_days: int
    hold_days_after_start: int
    cost_steps: tuple[CostStep, ...]
    withdrawal_working_days: int = 0
    accept_working_days: int = 4

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {**asdict(self), "valid_from": self.valid_from.isoformat()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        steps = tuple(CostStep(**step) for step in values["cost_steps"])
        valid_from = date.fromisoformat(values["valid_from"])
        return cls(**{**values, "cost_steps": steps, "valid_from": valid_from})


@dataclass(frozen=True, slots=True)
class Quote:
    """What booking a run would mean, before the yes.

    `key` is made with the quote and carried by the form, so that sending the form twice makes one
    booking. `mix` says which pots pay what (`mix.from_account`) and what the worker pays the provider
    directly (`mix.pay_yourself`). `answer_by` is the provider's last day to answer.
    `needs_early_start`: the course may start within the withdrawal term, so the worker is asked for a
    separate tick; `withdrawal_until` is the last day of that term if the provider answers last minute.
    `costs` says what leaving costs after that term: the last day, from now on, of each percentage of the price.
    `costs_less_by_money`: by what the money was agreed with, leaving costs less than for every booking.
    `halfway_on` is the day halfway the course, None where it is too short to have one.
    `places` were won in a round: booking says yes to them, and what is not used stays on the account.
    """

    key: UUID
    person_id: UUID
    offer: FrozenOffer
    mix: Mix
    terms: Terms
    work_related: bool
    answer_by: date
    withdrawal_until: date
    needs_early_start: bool
    costs: tuple[tuple[date, int], ...]
    costs_less_by_money: bool
    halfway_on: date | None
    places: tuple[OpenPlace, ...] = ()

    @property
    def price(self) -> Money:
        """What the run costs, all in."""
        return self.offer.price

    @property
    def won(self) -> Money:
        """What comes on the account with the yes, from the places that the booking accepts."""
        return sum_money(place.amount for place in self.places)

    @property
    def at_halfway(self) -> Money:
        """What the provider gets of the worker's money only when they still follow the course halfway."""
        return self._at(Milestone.HALFWAY)

    @property
    def at_completion(self) -> Money:
        """What the provider gets of the worker's money only when the course was completed."""
        return self._at(Milestone.COMPLETED)

    def _at(self, milestone: Milestone) -> Money:
        has_halfway = self.halfway_on is not None
        parts = (
            line.pot.conditions.parts(line.amount, has_halfway=has_halfway)
            for line in self.mix.lines
        )
        return sum_money(part.get(milestone, Money.zero()) for part in parts)

    @property
    def lines(self) -> tuple[tuple[UUID, Money], ...]:
        """Pots and amounts, in the order in which they pay: what `reserve` asks for."""
        return tuple((line.pot.id, line.amount) for line in self.mix.lines)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaving a booking means today.

    `cost` is what the provider keeps, of which `from_account` is paid from what was set aside and
    `pay_provider` by the worker directly; `back` goes back to the pots it came from. Of that,
    `ends_at_once` is past its last day and will not be usable: only after the withdrawal term.
    """

    kind: LeavingKind
    cost: Money
    from_account: Money
    pay_provider: Money
    back: Money
    ends_at_once: Money = field(default_factory=Money.zero)

    @property
    def usable_back(self) -> Money:
        """What goes back and can be used again."""
        return self.back - self.ends_at_once


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What a person decided about a start or an end, and why. The worker may read all of it."""

    outcome: Outcome
    reason: str
    evidence: str
    decided_at: datetime
    objection_until: date | None
    objection: str


@dataclass(frozen=True, slots=True)
class HalfwayView:
    """The part of a provider's money that is paid only when the worker still follows the course halfway.

    From `falls_on` the worker says so, or the provider does: then a person calls if the worker says nothing
    until and including `contest_until`. `due_at` is when it was settled that the provider gets this part; `payout`
    is where it stands.
    """

    amount: Money
    falls_on: date
    contest_until: date | None
    denied_at: datetime | None
    due_at: datetime | None
    payout: PayoutState | None


@dataclass(frozen=True, slots=True)
class ProposalView:
    """Another start that a provider proposes; the worker says yes or no until and including `accept_by`."""

    run_id: UUID
    starts_on: date
    price: Money
    accept_by: date


@dataclass(frozen=True, slots=True)
class CompletionView:
    """The part of a provider's money that is paid only when the course was completed.

    That is who attended `attended_at_least` percent (0: nothing is asked) or, where that suffices, has
    a certificate. `attended_percent` and `certificate` are what the provider says; a person calls if the
    worker says nothing until and including `contest_until`. With `is_too_little` that is not enough and a person
    decides. `payout` is where this part stands.
    """

    amount: Money
    attended_at_least: int
    certificate_suffices: bool
    attended_percent: int | None
    certificate: bool | None
    contest_until: date | None
    is_too_little: bool
    denied_at: datetime | None
    payout: PayoutState | None


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking as its worker sees it. Dates are last days, inclusive.

    `pay_yourself` goes to the provider directly; `cost` is what it keeps where somebody ended it, else None.
    """

    id: UUID
    number: str
    person_id: UUID
    offer: FrozenOffer
    terms: Terms
    state: BookingState
    from_account: Money
    pay_yourself: Money
    work_related: bool
    early_start_requested: bool
    requested_at: datetime
    answer_by: date
    confirmed_at: datetime | None
    withdrawal_until: date | None
    started_at: datetime | None
    completed_at: datetime | None
    ended_at: datetime | None
    start_denied_at: datetime | None
    cost: Money | None
    answer: str
    proposal: ProposalView | None
    payout: PayoutState | None
    halfway: HalfwayView | None
    completion: CompletionView | None
    decisions: tuple[DecisionView, ...]

    @property
    def price(self) -> Money:
        """What the run costs, all in."""
        return self.offer.price

    @property
    def is_paid(self) -> bool:
        """Whether the provider has all that it gets, at the start, halfway and at the completion."""
        later = [part for part in (self.halfway, self.completion) if part]
        states = [part.payout for part in later]
        if self.from_account > sum_money(part.amount for part in later):
            states.append(self.payout)
        return all(state is PayoutState.PAID for state in states or [self.payout])

    @property
    def state_label(self) -> str | Promise:
        """The state on the screen."""
        return _state_label(self.state, self.confirmed_at)


def _state_label(state: BookingState, confirmed_at: datetime | None) -> str | Promise:
    """Name a state; the withdrawal term only begins with the provider's yes."""
    if state is not BookingState.WITHDRAWN:
        return state.label
    if confirmed_at:
        return _("Teruggetrokken in de bedenktijd")
    return _("Gestopt voordat de opleider antwoordde")


@dataclass(frozen=True, slots=True)
class ProviderBookingView:
    """A booking as its provider sees it: whom to expect, and what is owed. No balance, no pots.

    `from_us` and `from_participant` are what the provider gets from whom; they and how to reach the
    participant are told once it has confirmed. The name is empty when the booking came to nothing.
    """

    id: UUID
    number: str
    run_id: UUID
    offer: FrozenOffer
    state: BookingState
    participant_name: str
    participant_email: str
    participant_phone: str
    requested_at: datetime
    answer_by: date
    confirmed_at: datetime | None
    from_us: Money | None
    from_participant: Money | None
    attended: bool | None
    proposal: ProposalView | None
    payout: PayoutState | None
    halfway: HalfwayView | None
    completion: CompletionView | None

    @property
    def state_label(self) -> str | Promise:
        """The state on the screen."""
        return _state_label(self.state, self.confirmed_at)


@dataclass(frozen=True, slots=True)
class PayoutView:
    """What a provider gets for one booking, at one moment."""

    booking_id: UUID
    number: str
    title: str
    starts_on: date
    milestone: Milestone
    amount: Money
    state: PayoutState
    reason: str
    ordered_at: datetime
    settled_at: datetime | None

    @property
    def part_label(self) -> str | Promise:
        """Which later part it is, on the provider's screen; nothing for all else."""
        return _PART_LABELS.get(self.milestone, "")


_PART_LABELS = {
    Milestone.HALFWAY: _("Het deel halverwege"),
    Milestone.COMPLETED: _("Het deel voor de afronding"),
}


@dataclass(frozen=True, slots=True)
class WorkItemView:
    """A booking for which a person has to call. It does not say whose booking it is.

    `attended` is what the provider says: True, False, or None where it said nothing.
    """

    id: UUID
    booking_id: UUID
    number: str
    cause: WorkItemCause
    opened_at: datetime
    closed_at: datetime | None
    title: str
    provider_id: UUID
    provider_name: str
    starts_on: date
    attended: bool | None
    halfway: HalfwayView | None
    completion: CompletionView | None
    decisions: tuple[DecisionView, ...]


@dataclass(frozen=True, slots=True)
class WorkItemDetail:
    """A work item with whom to call.

    `worker_affirmed`: they say that the course was completed where the provider says that it is too little.
    """

    item: WorkItemView
    person_id: UUID
    person_name: str
    phone: str
    email: str
    provider_email: str
    worker_affirmed: bool
