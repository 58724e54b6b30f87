"""Money: its balances are in the ledger; here is whose they are, and why."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eigenwijs.budgets.lifecycle import RESERVATION
from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    PUBLIC,
    Classified,
    Sensitivity,
)
from eigenwijs.schemes.types import Milestone


class Pot(models.Model):
    """A person, a payer and one set of conditions; its money is one account of the ledger.

    `rank` is its place in the order that the worker chose. `check_on` is the first day on which
    something in it may lapse; the worker was told beforehand of every end to `warned_until`.

    Of money that ends with a job `employer` is the employer of that job. `job_ended_on` is the job's last
    day as it was known when `ends_on` was worked out: the last day of all money in the pot.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=100)
    conditions_key = models.CharField(max_length=64)
    conditions = models.JSONField()
    account_bucket = models.SmallIntegerField()
    account_id = models.UUIDField()
    rank = models.SmallIntegerField(null=True)
    check_on = models.DateField(null=True)
    warned_until = models.DateField(null=True)
    employer = models.ForeignKey(
        "people.Organisation", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    job_ended_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    opened_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "person": PERSONAL_REFERENCE,
        "payer": PUBLIC,
        "scheme": PUBLIC,
        "conditions_key": PUBLIC,
        "conditions": PUBLIC,
        "account_bucket": PUBLIC,
        "account_id": PUBLIC,
        "rank": PUBLIC,
        "check_on": PUBLIC,
        "warned_until": PUBLIC,
        "employer": PERSONAL_REFERENCE,
        # The end of somebody's job, and of money with it; the books need them until then.
        "job_ended_on": Classified(Sensitivity.PERSONAL),
        "ends_on": Classified(Sensitivity.PERSONAL),
        "opened_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "payer", "conditions_key"], name="pot_once_a_set_of_conditions"
            ),
            models.CheckConstraint(
                name="pot_ends_with_a_job_that_ended",
                condition=Q(job_ended_on__isnull=True, ends_on__isnull=True)
                | Q(
                    employer__isnull=False,
                    job_ended_on__isnull=False,
                    ends_on__gt=F("job_ended_on"),
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["check_on", "id"], name="pot_to_check", condition=Q(check_on__isnull=False)
            ),
            models.Index(
                fields=["id"], name="pot_that_ends_with_a_job", condition=Q(employer__isnull=False)
            ),
            models.Index(fields=["ends_on"], name="pot_by_end", condition=Q(ends_on__isnull=False)),
        ]


class Credit(models.Model):
    """Money that arrived in a pot, with the reason for its amount. Its key is the transfer's."""

    id = models.UUIDField(primary_key=True, editable=False)
    pot = models.ForeignKey("budgets.Pot", on_delete=models.PROTECT, related_name="credits")
    amount_cents = models.BigIntegerField()
    taken_back_cents = models.BigIntegerField(default=0)
    occurred_on = models.DateField()
    usable_until = models.DateField(null=True)
    correctable_until = models.DateField(null=True)
    reason = models.JSONField()
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "pot": PERSONAL_REFERENCE,
        "amount_cents": MONEY,
        "taken_back_cents": MONEY,
        "occurred_on": PUBLIC,
        # Where money ends at an age, its end tells the birthday; the books need it until then.
        "usable_until": Classified(Sensitivity.PERSONAL),
        "correctable_until": PUBLIC,
        "reason": PERSONAL_SCRUBBED,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="credit_is_money", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="credit_not_taken_back_twice",
                condition=Q(taken_back_cents__gte=0, taken_back_cents__lte=F("amount_cents")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["usable_until"],
                name="credit_by_end",
                condition=Q(usable_until__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="credit_not_removed", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="credit_read_only", exclude=["taken_back_cents", "reason"]),
        ]


class Lapse(models.Model):
    """Money of a pot that reached its end and goes to the receiver that its conditions name.

    Its key is the transfer's. `order` is the payment order that pays it to the receiver, None
    while it waits. What was to go back to an employer and was of too few people in its year is
    `passed_to` the organisation that gets it instead; the key of that transfer follows from this one's.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    pot = models.ForeignKey("budgets.Pot", on_delete=models.PROTECT, related_name="lapses")
    receiver = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    amount_cents = models.BigIntegerField()
    lapsed_on = models.DateField()
    order = models.UUIDField(null=True)
    passed_to = models.ForeignKey(
        "people.Organisation", on_delete=models.PROTECT, null=True, related_name="+"
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "pot": PERSONAL_REFERENCE,
        "receiver": PUBLIC,
        "amount_cents": MONEY,
        "lapsed_on": PUBLIC,
        "order": PUBLIC,
        "passed_to": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="lapse_is_money", condition=Q(amount_cents__gt=0)),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["receiver", "id"], name="lapse_waits", condition=Q(order__isnull=True)
            ),
            models.Index(fields=["order"], name="lapse_by_order", condition=Q(order__isnull=False)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="lapse_not_removed", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="lapse_read_only", exclude=["order", "passed_to"]),
        ]


class GraceLot(models.Model):
    """Money that came back after its end and stays usable for a while. Never changed."""

    id = models.UUIDField(primary_key=True, editable=False)
    pot = models.ForeignKey("budgets.Pot", on_delete=models.PROTECT, related_name="grace_lots")
    reservation = models.ForeignKey(
        "budgets.Reservation", on_delete=models.PROTECT, related_name="grace_lots"
    )
    amount_cents = models.BigIntegerField()
    usable_until = models.DateField()
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "pot": PERSONAL_REFERENCE,
        "reservation": PERSONAL_REFERENCE,
        "amount_cents": MONEY,
        "usable_until": PUBLIC,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="grace_lot_is_money", condition=Q(amount_cents__gt=0)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="grace_lot_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class ExpectedCredit(models.Model):
    """Money that was announced; it is in no book until it arrives."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=100)
    amount_cents = models.BigIntegerField()
    credited_cents = models.BigIntegerField(default=0)
    due_on = models.DateField()
    conditions = models.JSONField()
    reason = models.JSONField()
    withdrawn_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "person": PERSONAL_REFERENCE,
        "payer": PUBLIC,
        "scheme": PUBLIC,
        "amount_cents": MONEY,
        "credited_cents": MONEY,
        "due_on": PUBLIC,
        "conditions": Classified(Sensitivity.PERSONAL),  # the end of money can tell a birthday
        "reason": PERSONAL_SCRUBBED,
        "withdrawn_at": PUBLIC,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="expected_credit_is_money", condition=Q(amount_cents__gt=0)
            ),
            models.CheckConstraint(
                name="expected_credit_not_negative", condition=Q(credited_cents__gte=0)
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["person"],
                name="expected_credit_open",
                condition=Q(withdrawn_at=None, credited_cents__lt=F("amount_cents")),
            ),
        ]


class Reservation(models.Model):
    """Money of one or more pots set aside for one booking; its id is the booking's."""

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    payee = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=RESERVATION.initial)
    expires_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "person": PERSONAL_REFERENCE,
        "payee": PERSONAL_REFERENCE,
        "state": PUBLIC,
        "expires_at": PUBLIC,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reservation_state_known", condition=Q(state__in=sorted(RESERVATION.states))
            ),
        ]


class ReservationLine(models.Model):
    """What one pot set aside for one milestone, spent and got back, in the order of the funding mix.

    `hold` is the ledger's hold, renewed with a new key; `posting` the transfer that spent it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    reservation = models.ForeignKey(
        "budgets.Reservation", on_delete=models.PROTECT, related_name="lines"
    )
    pot = models.ForeignKey("budgets.Pot", on_delete=models.PROTECT, related_name="+")
    milestone = models.CharField(max_length=10, default=Milestone.STARTED.value)
    position = models.SmallIntegerField()
    amount_cents = models.BigIntegerField()
    spent_cents = models.BigIntegerField(default=0)
    refunded_cents = models.BigIntegerField(default=0)
    hold = models.UUIDField(unique=True)
    posting = models.UUIDField(null=True, unique=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "reservation": PERSONAL_REFERENCE,
        "pot": PERSONAL_REFERENCE,
        "milestone": PUBLIC,
        "position": PUBLIC,
        "amount_cents": MONEY,
        "spent_cents": MONEY,
        "refunded_cents": MONEY,
        "hold": PUBLIC,
        "posting": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reservation_line_milestone_known",
                condition=Q(milestone__in=[one.value for one in Milestone]),
            ),
            models.CheckConstraint(
                name="reservation_line_is_money", condition=Q(amount_cents__gt=0)
            ),
            models.CheckConstraint(
                name="reservation_line_spent_within",
                condition=Q(spent_cents__gte=0, spent_cents__lte=F("amount_cents")),
            ),
            models.CheckConstraint(
                name="reservation_line_refunded_within",
                condition=Q(refunded_cents__gte=0, refunded_cents__lte=F("spent_cents")),
            ),
            models.UniqueConstraint(
                fields=["reservation", "pot", "milestone"], name="reservation_line_once_a_part"
            ),
            models.UniqueConstraint(
                fields=["reservation", "position"], name="reservation_line_position"
            ),
        ]


class Refund(models.Model):
    """Money that a provider owes no longer and that went back to its pots. Never changed."""

    id = models.UUIDField(primary_key=True, editable=False)
    reservation = models.ForeignKey(
        "budgets.Reservation", on_delete=models.PROTECT, related_name="refunds"
    )
    amount_cents = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PERSONAL_REFERENCE,
        "reservation": PERSONAL_REFERENCE,
        "amount_cents": MONEY,
        "recorded_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="refund_is_money", condition=Q(amount_cents__gt=0)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="refund_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]
