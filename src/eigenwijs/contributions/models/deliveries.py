"""What employers deliver, and which schemes they take part in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from eigenwijs.contributions.lifecycle import DELIVERY
from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_SCRUBBED,
    PUBLIC,
    Classified,
    public,
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

    FIELDS: ClassVar[dict[str, Classified]] = public(
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
        **public(
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

    `gross_wage_cents`, and by name the facts in `sought`, are kept only where one of the employer's schemes
    looks at them. `change_cents` is what the preview showed for it under all schemes together; `is_without`
    is whether no scheme gives anything.
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
    gross_wage_cents = models.BigIntegerField(null=True)
    sought = models.JSONField(default=dict)
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
                "ended_on", "gross_wage_cents", "sought", "is_without",
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
