"""The tables of this room."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Right

from eigenwijs.bookings.lifecycle import BOOKING, OPEN_STATES, PAYOUT
from eigenwijs.bookings.types import CompletionOutcome, HalfwayOutcome, StartOutcome, WorkItemCause
from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    PUBLIC,
    SENSITIVE_ERASED,
    Classified,
)
from eigenwijs.schemes.types import Milestone

_ANSWERED = (
    "confirmed",
    "decided",
    "objected",
    "started",
    "completed",
    "cancelled",
    "not_started",
    "not_completed",
)
_QUESTIONS: dict[str, type[StrEnum]] = {
    "start": StartOutcome,
    "halfway": HalfwayOutcome,
    "completion": CompletionOutcome,
}
_OUTCOMES = [outcome.value for outcomes in _QUESTIONS.values() for outcome in outcomes]


class Booking(models.Model):
    """A worker's yes to one run; its id is the key that was made with the quote.

    `offer` and `terms` are what it was made on and never change after. `hold_until` is the last day
    of the hold on the money. `attended` is what the provider says about the start.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey("catalogue.Run", on_delete=models.PROTECT, related_name="+")
    offer = models.JSONField()
    terms = models.JSONField()
    state = models.CharField(max_length=20, default=BOOKING.initial)
    starts_on = models.DateField()
    ends_on = models.DateField()
    price_cents = models.BigIntegerField()
    from_account_cents = models.BigIntegerField()
    pay_yourself_cents = models.BigIntegerField()
    cost_cents = models.BigIntegerField(null=True)
    work_related = models.BooleanField()
    early_start_requested = models.BooleanField()
    requested_at = models.DateTimeField()
    answer_by = models.DateField()
    answer = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True)
    withdrawal_until = models.DateField(null=True)
    hold_until = models.DateField()
    asked_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    start_denied_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attended = models.BooleanField(null=True)
    attendance_said_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "person": PERSONAL_REFERENCE,
        "provider": PUBLIC,
        "run": PUBLIC,
        "offer": PERSONAL_SCRUBBED,
        "terms": PUBLIC,
        "state": PUBLIC,
        "starts_on": PUBLIC,
        "ends_on": PUBLIC,
        "price_cents": MONEY,
        "from_account_cents": MONEY,
        "pay_yourself_cents": MONEY,
        "cost_cents": MONEY,
        "work_related": SENSITIVE_ERASED,
        "early_start_requested": PERSONAL_SCRUBBED,
        "requested_at": PUBLIC,
        "answer_by": PUBLIC,
        "answer": PERSONAL_SCRUBBED,
        "confirmed_at": PUBLIC,
        "withdrawal_until": PUBLIC,
        "hold_until": PUBLIC,
        "asked_at": PUBLIC,
        "reminded_at": PUBLIC,
        "start_denied_at": PUBLIC,
        "started_at": PUBLIC,
        "completed_at": PUBLIC,
        "ended_at": PUBLIC,
        "attended": PERSONAL_SCRUBBED,
        "attendance_said_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="booking_state_known", condition=Q(state__in=sorted(BOOKING.states))
            ),
            models.CheckConstraint(
                name="booking_price_is_paid_once",
                condition=Q(
                    price_cents=F("from_account_cents") + F("pay_yourself_cents"),
                    from_account_cents__gte=0,
                    pay_yourself_cents__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="booking_cost_within_price",
                condition=Q(cost_cents=None)
                | Q(cost_cents__gte=0, cost_cents__lte=F("price_cents")),
            ),
            models.CheckConstraint(
                name="booking_confirmed_with_a_term",
                condition=~Q(state__in=_ANSWERED)
                | Q(confirmed_at__isnull=False, withdrawal_until__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["person", "run"],
                name="booking_one_open_a_run",
                condition=Q(state__in=OPEN_STATES),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "requested_at"], name="booking_of_person"),
            models.Index(fields=["provider", "state"], name="booking_of_provider"),
            models.Index(fields=["state", "starts_on"], name="booking_due"),
            # The number that people use for it.
            models.Index(Right(Cast("id", models.CharField()), 8), name="booking_by_number"),
        ]


class Proposal(models.Model):
    """Another start of the same course that a provider proposes instead of a yes. Never changed.

    Its id is the key of the booking that the worker makes of it, and of the seat that is kept until
    `accept_by`.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="proposal")
    run = models.ForeignKey("catalogue.Run", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    price_cents = models.BigIntegerField()
    accept_by = models.DateField()
    made_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "booking": PERSONAL_REFERENCE,
        "run": PUBLIC,
        "starts_on": PUBLIC,
        "price_cents": MONEY,
        "accept_by": PUBLIC,
        "made_at": PUBLIC,
    }

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="proposal_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class Halfway(models.Model):
    """What a provider gets of a booking only when the worker still follows the course on its day halfway.

    `falls_on` is that day. After the provider said so a person calls if the worker says nothing until and
    including `contest_until`. `due_at` is when it was settled that the provider gets it.
    """

    booking = models.OneToOneField(
        Booking, on_delete=models.PROTECT, primary_key=True, related_name="halfway"
    )
    amount_cents = models.BigIntegerField()
    falls_on = models.DateField()
    asked_at = models.DateTimeField(null=True)
    contest_until = models.DateField(null=True)
    denied_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "booking": PERSONAL_REFERENCE,
        "amount_cents": MONEY,
        "falls_on": PUBLIC,
        "asked_at": PUBLIC,
        "contest_until": PUBLIC,
        "denied_at": PUBLIC,
        "due_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="halfway_is_money", condition=Q(amount_cents__gt=0)),
        ]


class Completion(models.Model):
    """What a provider gets of a booking only when the course was completed, and what counts as that.

    `attended_at_least` is in percent, 0 where nothing is asked. `attended_percent` and `certificate` are
    what the provider said; a person calls if the worker says nothing until and including `contest_until`.
    """

    booking = models.OneToOneField(
        Booking, on_delete=models.PROTECT, primary_key=True, related_name="completion"
    )
    amount_cents = models.BigIntegerField()
    attended_at_least = models.PositiveSmallIntegerField()
    certificate_suffices = models.BooleanField()
    asked_at = models.DateTimeField(null=True)
    attended_percent = models.PositiveSmallIntegerField(null=True)
    certificate = models.BooleanField(null=True)
    contest_until = models.DateField(null=True)
    denied_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "booking": PERSONAL_REFERENCE,
        "amount_cents": MONEY,
        "attended_at_least": PUBLIC,
        "certificate_suffices": PUBLIC,
        "asked_at": PUBLIC,
        "attended_percent": PERSONAL_SCRUBBED,
        "certificate": PERSONAL_SCRUBBED,
        "contest_until": PUBLIC,
        "denied_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="completion_is_money", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="completion_percents",
                condition=Q(attended_at_least__lte=100)
                & (Q(attended_percent=None) | Q(attended_percent__lte=100)),
            ),
        ]


class WorkItem(models.Model):
    """A booking for which a person has to call; at most one is open for a booking."""

    id = models.UUIDField(primary_key=True, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="work_items")
    cause = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "booking": PERSONAL_REFERENCE,
        "cause": PUBLIC,
        "opened_at": PUBLIC,
        "closed_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="work_item_cause_known",
                condition=Q(cause__in=[cause.value for cause in WorkItemCause]),
            ),
            models.UniqueConstraint(
                fields=["booking"], name="work_item_one_open", condition=Q(closed_at=None)
            ),
        ]


class Decision(models.Model):
    """What a person decided about a start or an end, with reason and evidence. Never changed.

    Whoever decides acts as the desk and releases no payments; an objection is decided by another.
    `objection_until` is None for a decision on an objection, which is the last one.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20)
    reason = models.TextField()
    evidence = models.TextField()
    decided_by = models.UUIDField()
    decided_as = models.CharField(max_length=20)
    decided_at = models.DateTimeField()
    objection_until = models.DateField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "booking": PERSONAL_REFERENCE,
        "outcome": PERSONAL_SCRUBBED,
        "reason": SENSITIVE_ERASED,
        "evidence": SENSITIVE_ERASED,
        "decided_by": PERSONAL_REFERENCE,
        "decided_as": PUBLIC,
        "decided_at": PUBLIC,
        "objection_until": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="decision_outcome_known",
                condition=Q(outcome__in=_OUTCOMES),
            ),
            models.CheckConstraint(
                name="decision_has_reason_and_evidence",
                condition=~Q(reason__regex=r"^\s*$") & ~Q(evidence__regex=r"^\s*$"),
            ),
            models.CheckConstraint(name="decision_not_by_who_pays", condition=Q(decided_as="desk")),
            # Per question: a desk of two must not run out of people at the end of a course.
            *(
                models.UniqueConstraint(
                    fields=["booking", "decided_by"],
                    condition=Q(outcome__in=[outcome.value for outcome in outcomes]),
                    name=f"decision_of_{question}_again_by_another",
                )
                for question, outcomes in _QUESTIONS.items()
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="decision_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class Objection(models.Model):
    """What the worker says against a decision, in their own words. Never changed."""

    id = models.UUIDField(primary_key=True, editable=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="objection")
    text = models.TextField()
    made_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "decision": PERSONAL_REFERENCE,
        "text": SENSITIVE_ERASED,
        "made_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="objection_says_something", condition=~Q(text__regex=r"^\s*$")
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="objection_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class Payout(models.Model):
    """What a provider gets for a booking at a milestone, in one payment order at a time.

    What leaving costs is paid as of the start. `order` is the current order's id; every new attempt has
    its own. `reason` is the bank's code for why the last one failed.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="payouts")
    milestone = models.CharField(max_length=10, default=Milestone.STARTED.value)
    provider = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    amount_cents = models.BigIntegerField()
    sources = models.JSONField()
    state = models.CharField(max_length=10, default=PAYOUT.initial)
    order = models.UUIDField(unique=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=40, blank=True)
    ordered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "booking": PERSONAL_REFERENCE,
        "milestone": PUBLIC,
        "provider": PUBLIC,
        "amount_cents": MONEY,
        "sources": MONEY,
        "state": PUBLIC,
        "order": PUBLIC,
        "attempt": PUBLIC,
        "reason": PUBLIC,
        "ordered_at": PUBLIC,
        "settled_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="payout_state_known", condition=Q(state__in=sorted(PAYOUT.states))
            ),
            models.CheckConstraint(name="payout_is_money", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="payout_milestone_known",
                condition=Q(milestone__in=[one.value for one in Milestone]),
            ),
            models.UniqueConstraint(
                fields=["booking", "milestone"], name="payout_once_a_milestone"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "ordered_at"], name="payout_of_provider"),
        ]
