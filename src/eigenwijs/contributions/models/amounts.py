"""What is due for whom, what is asked for it, and what was credited."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eigenwijs.contributions.advances import Advance
from eigenwijs.contributions.lifecycle import PAYMENT_REQUEST
from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    Classified,
    public,
)
from eigenwijs.schemes.types import ACCOUNT_UNIT, ADVANCE, TIME_UNITS


class AmountDue(models.Model):
    """What a delivery makes due for one employment under one scheme in one period.

    `entitled_cents` is what the scheme gives in the period, with its `advance`; `amount_cents` is
    what this delivery adds to it, below zero for a lowering. Of an amount, `settled_cents` was set off against
    lowerings and `credited_cents` reached the pot; of a lowering, `settled_cents` was set off or
    came back. `parts` and `inputs` (what else the scheme looked at) allow the same computation
    again. The current row of an employment, scheme and period is the last word on it.

    In a scheme that gives time to learn (`unit`) all of these are hundredths of hours or days, and nobody is
    asked to pay them.
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
    unit = models.CharField(max_length=5, default=ACCOUNT_UNIT, db_default=ACCOUNT_UNIT)
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

    @property
    def advance(self) -> Advance:
        """What came ahead with it, and what went off that."""
        return Advance(**self.inputs.get(ADVANCE, {}))

    @property
    def given_cents(self) -> int:
        """What the scheme gives in the period, whatever came ahead or went off that."""
        return self.entitled_cents - self.advance.net

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public(
            "id", "delivery", "line", "participation", "scheme", "unit", "period", "version_hash",
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
            models.CheckConstraint(
                name="amount_due_asks_money_only",
                condition=Q(unit=ACCOUNT_UNIT) | Q(unit__in=sorted(TIME_UNITS), request=None),
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
        **public("id", "employer", "scheme", "year", "period_kind"),
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

    One with `counts_confided` asks for what schemes give that count what people told about
    themselves: no employer sees it. `taken_back_cents` is money of this payer that had come back and is
    used first; the rest is to be paid with the reference. `totals` is what the nota says per scheme.
    `lowered_cents` is what a correction took off it while a part had come in and nothing was credited.
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
    counts_confided = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    replaced_by = models.ForeignKey(
        "contributions.PaymentRequest", null=True, on_delete=models.PROTECT, related_name="replaces"
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public(
            "id", "number", "reference", "employer", "payer", "delivery", "state", "due_on",
            "requested_at", "reminded_at", "replaced_by", "counts_confided",
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
        **public("id", "amount_due", "credited_at"),
        "cents": MONEY,
    }

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="credited_amount_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]
