"""The tables of this room."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eigenwijs.contributions.lifecycle import DELIVERY, PAYMENT_REQUEST
from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    PUBLIC,
    Classified,
)


def _public(*names: str) -> dict[str, Classified]:
    return dict.fromkeys(names, PUBLIC)


_WITHIN_WHAT_IS_SETTLED = """
PERFORM due.id FROM contributions_amountdue AS due
    WHERE due.id IN (SELECT {columns} FROM new_rows) ORDER BY due.id FOR NO KEY UPDATE;
IF EXISTS (
    SELECT FROM contributions_amountdue AS due
    WHERE due.id IN (SELECT {columns} FROM new_rows) AND due.settled_cents < (
        SELECT coalesce(sum(one.cents), 0) FROM contributions_setoff AS one
        WHERE one.lowering_id = due.id OR one.amount_id = due.id
    ) + (
        SELECT coalesce(sum(one.cents), 0) FROM contributions_takenback AS one
        WHERE one.lowering_id = due.id
    )
) THEN
    RAISE EXCEPTION 'more was set off or came back than an amount says' USING ERRCODE = '23514';
END IF;
RETURN NULL;
"""
_EITHER_SIDE = "lowering_id FROM new_rows UNION SELECT amount_id"


def _within_what_is_settled(name: str, columns: str, operation: pgtrigger.Operation) -> Any:
    """Forbid rows that together go beyond `settled_cents`, which a CHECK holds to the amount."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
        func=_WITHIN_WHAT_IS_SETTLED.format(columns=columns),
    )


class Participation(models.Model):
    """That an employer takes part in a scheme: who pays, how fast, who receives what ends unspent."""

    id = models.UUIDField(primary_key=True, editable=False)
    employer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=63)
    payer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    reverts_to = models.ForeignKey(
        "people.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    payment_term_days = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    recorded_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = _public(
        "id", "employer", "scheme", "payer", "reverts_to", "payment_term_days", "starts_on",
        "ends_on", "recorded_at",
    )  # fmt: skip

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["employer", "scheme"],
                name="participation_one_running",
                condition=Q(ends_on=None),
            ),
            models.UniqueConstraint(
                fields=["employer", "scheme", "starts_on"], name="participation_starts_once"
            ),
            models.CheckConstraint(
                name="participation_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]


class Delivery(models.Model):
    """One payroll file for one period. Once read the file itself is not kept, its lines are.

    `totals` is what the preview showed: per scheme the number of people and the cents. `corrects`
    is the delivery of the same period that this one changes. `content` is the file while it waits to
    be read, and None after; `faults` are what was wrong with a refused one.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    employer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=8)
    period_start = models.DateField()
    file_name = models.CharField(max_length=255)
    content_hash = models.CharField(max_length=64)
    ignored_columns = models.JSONField(default=list)
    line_count = models.PositiveIntegerField()
    state = models.CharField(max_length=20, default=DELIVERY.initial)
    corrects = models.ForeignKey(
        "contributions.Delivery", null=True, on_delete=models.PROTECT, related_name="corrections"
    )
    totals = models.JSONField(default=list)
    delivered_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    content = models.BinaryField(null=True)
    faults = models.JSONField(default=list)

    FIELDS: ClassVar[dict[str, Classified]] = {
        **_public(
            "id", "employer", "period", "period_start", "content_hash", "ignored_columns",
            "line_count", "state", "corrects", "delivered_at", "confirmed_at",
        ),
        **dict.fromkeys(("file_name", "content", "faults"), PERSONAL_SCRUBBED),
        "totals": MONEY,
    }  # fmt: skip

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="delivery_state_known", condition=Q(state__in=sorted(DELIVERY.states))
            ),
            models.UniqueConstraint(
                fields=["employer"],
                name="delivery_one_preview",
                condition=Q(state__in=["received", "previewed"]),
            ),
            models.CheckConstraint(
                name="delivery_confirmed_at_a_moment",
                condition=Q(state__in=["received", "previewed", "discarded"], confirmed_at=None)
                | Q(state__in=["confirmed", "booked"], confirmed_at__isnull=False)
                | Q(state="refused"),
            ),
            models.CheckConstraint(
                name="delivery_kept_until_read",
                condition=Q(content=None) | Q(state="received"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["employer", "-period_start"], name="delivery_by_employer"),
        ]


class DeliveryLine(models.Model):
    """What a payroll file said of one employment. Birth date and contact go once it is booked.

    `change_cents` is what the preview showed for it under all schemes together; `is_without` is
    whether no scheme gives anything.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    delivery = models.ForeignKey(
        "contributions.Delivery", on_delete=models.CASCADE, related_name="lines"
    )
    number = models.PositiveIntegerField()
    personnel_number = models.CharField(max_length=30)
    employment_number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True)
    email = models.CharField(max_length=254, blank=True)
    age = models.PositiveSmallIntegerField()
    contract_kind = models.CharField(max_length=20)
    contract_hours_week = models.PositiveIntegerField(null=True)
    paid_hours_period = models.PositiveIntegerField()
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    change_cents = models.BigIntegerField()
    is_without = models.BooleanField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "delivery": PUBLIC,
        "number": PUBLIC,
        "change_cents": MONEY,
        **dict.fromkeys(
            (
                "personnel_number", "employment_number", "name", "birth_date", "email", "age",
                "contract_kind", "contract_hours_week", "paid_hours_period", "started_on",
                "ended_on", "is_without",
            ),
            PERSONAL_SCRUBBED,
        ),
    }  # fmt: skip

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delivery", "personnel_number", "employment_number"],
                name="delivery_line_once_an_employment",
            ),
            models.UniqueConstraint(fields=["delivery", "number"], name="delivery_line_number"),
        ]


class AmountDue(models.Model):
    """What a delivery makes due for one employment under one scheme in one period.

    `entitled_cents` is what the scheme gives in the period; `amount_cents` is what this delivery
    adds to it, below zero for a lowering. Of an amount, `settled_cents` was set off against
    lowerings and `credited_cents` reached the pot; of a lowering, `settled_cents` was set off or
    came back. `parts` and `inputs` (what else the scheme looked at) allow the same computation
    again. The current row of an employment, scheme and period is the last word on it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    delivery = models.ForeignKey(
        "contributions.Delivery", on_delete=models.PROTECT, related_name="amounts"
    )
    line = models.ForeignKey("contributions.DeliveryLine", null=True, on_delete=models.PROTECT)
    employment = models.ForeignKey("people.Employment", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    participation = models.ForeignKey("contributions.Participation", on_delete=models.PROTECT)
    scheme = models.CharField(max_length=63)
    period = models.CharField(max_length=8)
    version_hash = models.CharField(max_length=64)
    eligible = models.BooleanField()
    inputs = models.JSONField()
    parts = models.JSONField()
    entitled_cents = models.BigIntegerField()
    amount_cents = models.BigIntegerField()
    settled_cents = models.BigIntegerField(default=0)
    credited_cents = models.BigIntegerField(default=0)
    is_current = models.BooleanField(default=True)
    request = models.ForeignKey(
        "contributions.PaymentRequest", null=True, on_delete=models.PROTECT, related_name="amounts"
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        **_public(
            "id", "delivery", "line", "participation", "scheme", "period", "version_hash",
            "is_current", "request",
        ),
        **dict.fromkeys(("employment", "person"), PERSONAL_REFERENCE),
        **dict.fromkeys(("eligible", "inputs", "parts"), PERSONAL_SCRUBBED),
        **dict.fromkeys(
            ("entitled_cents", "amount_cents", "settled_cents", "credited_cents"), MONEY
        ),
    }  # fmt: skip

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["employment", "scheme", "period"],
                name="amount_due_one_current",
                condition=Q(is_current=True),
            ),
            models.CheckConstraint(
                name="amount_due_not_settled_twice",
                condition=Q(
                    settled_cents__gte=0,
                    credited_cents__gte=0,
                    amount_cents__gte=F("settled_cents") + F("credited_cents"),
                )
                | Q(
                    amount_cents__lt=0,
                    settled_cents__gte=0,
                    settled_cents__lte=-F("amount_cents"),
                    credited_cents=0,
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["employment", "scheme"],
                name="amount_due_open",
                condition=~Q(amount_cents=F("settled_cents") + F("credited_cents")),
            ),
            models.Index(
                fields=["participation", "period"],
                name="amount_due_by_period",
                condition=Q(is_current=True),
            ),
            models.Index(
                fields=["participation"],
                name="amount_due_open_lowering",
                condition=Q(amount_cents__lt=0) & ~Q(amount_cents=-F("settled_cents")),
            ),
            models.Index(
                fields=["participation", "id"],
                name="amount_due_to_request",
                condition=Q(
                    amount_cents__gt=F("settled_cents") + F("credited_cents"), request=None
                ),
            ),
            models.Index(
                fields=["request"], name="amount_due_by_request", condition=~Q(request=None)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="amount_due_settled_only_grows",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__settled_cents__lt=pgtrigger.F("old__settled_cents")),
            ),
        ]


class YearTotal(models.Model):
    """The running totals of an employment under a scheme in a year: exact and in cents, by credit."""

    employer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    employment = models.ForeignKey("people.Employment", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=63)
    year = models.PositiveSmallIntegerField()
    period_kind = models.CharField(max_length=12)
    parts = models.JSONField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        **_public("id", "employer", "scheme", "year", "period_kind"),
        "employment": PERSONAL_REFERENCE,
        "parts": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["employment", "scheme", "year"], name="year_total_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["employer", "year"], name="year_total_by_employer"),
        ]


class PaymentRequest(models.Model):
    """A nota: one payer is asked for the amounts due of one delivery. Once made, its content stands.

    `taken_back_cents` is money of this payer that had come back and is used first; the rest is to
    be paid with the reference. `totals` is what the nota says per scheme. `lowered_cents` is what a
    correction took off it while a part had come in and nothing was credited.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.BigIntegerField(unique=True)
    reference = models.CharField(max_length=25, unique=True)
    employer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    delivery = models.ForeignKey(
        "contributions.Delivery", on_delete=models.PROTECT, related_name="requests"
    )
    state = models.CharField(max_length=20, default=PAYMENT_REQUEST.initial)
    total_cents = models.BigIntegerField()
    taken_back_cents = models.BigIntegerField(default=0)
    lowered_cents = models.BigIntegerField(default=0)
    credited_cents = models.BigIntegerField(default=0)
    totals = models.JSONField()
    due_on = models.DateField()
    requested_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    replaced_by = models.ForeignKey(
        "contributions.PaymentRequest", null=True, on_delete=models.PROTECT, related_name="replaces"
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        **_public(
            "id", "number", "reference", "employer", "payer", "delivery", "state", "due_on",
            "requested_at", "reminded_at", "replaced_by",
        ),
        **dict.fromkeys((
                "total_cents", "taken_back_cents", "lowered_cents", "credited_cents", "totals",
            ),
            MONEY,
        ),
    }  # fmt: skip

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="payment_request_state_known",
                condition=Q(state__in=sorted(PAYMENT_REQUEST.states)),
            ),
            models.CheckConstraint(
                name="payment_request_is_money",
                condition=Q(
                    total_cents__gt=0,
                    taken_back_cents__gte=0,
                    lowered_cents__gte=0,
                    taken_back_cents__lte=F("total_cents") - F("lowered_cents"),
                    credited_cents__gte=0,
                    credited_cents__lte=F("total_cents") - F("lowered_cents"),
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on"],
                name="payment_request_to_pay",
                condition=Q(state__in=["open", "part_paid", "reopened"]),
            ),
        ]


class CreditedAmount(models.Model):
    """That (part of) an amount due reached the pot; the id is the key of the credit. Append-only."""

    id = models.UUIDField(primary_key=True, editable=False)
    amount_due = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="credits"
    )
    cents = models.BigIntegerField()
    credited_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        **_public("id", "amount_due", "credited_at"),
        "cents": MONEY,
    }

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="credited_amount_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class SetOff(models.Model):
    """That a lowering was set off against an amount that had not been credited. Append-only."""

    id = models.UUIDField(primary_key=True, editable=False)
    lowering = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="set_offs"
    )
    amount = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="lowered_by"
    )
    cents = models.BigIntegerField()
    set_off_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        **_public("id", "lowering", "amount", "set_off_at"),
        "cents": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="set_off_is_money", condition=Q(cents__gt=0)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="set_off_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            _within_what_is_settled("set_off_within_settled", _EITHER_SIDE, pgtrigger.Insert),
        ]


class TakenBack(models.Model):
    """Money that came back to the payer within the scheme's term of correction.

    It stands in the payer's clearing account until a payment request uses it (`request`).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    lowering = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="taken_back"
    )
    credit = models.ForeignKey("contributions.CreditedAmount", on_delete=models.PROTECT)
    payer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    cents = models.BigIntegerField()
    taken_back_at = models.DateTimeField()
    request = models.ForeignKey(
        "contributions.PaymentRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="uses",
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        **_public("id", "lowering", "credit", "payer", "taken_back_at", "request"),
        "cents": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="taken_back_is_money", condition=Q(cents__gt=0)),
        ]
        triggers: ClassVar = [
            _within_what_is_settled("taken_back_within_settled", "lowering_id", pgtrigger.Insert),
            _within_what_is_settled("taken_back_stays_within", "lowering_id", pgtrigger.Update),
            pgtrigger.Protect(name="taken_back_not_deleted", operation=pgtrigger.Delete),
        ]
