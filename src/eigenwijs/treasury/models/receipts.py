"""The table of what is expected to come in. Amounts are whole cents."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    PUBLIC,
    Classified,
)
from eigenwijs.treasury.lifecycle import RECEIPT


class ExpectedReceipt(models.Model):
    """A reference and an amount that a payer will pay.

    `received_cents` came in, net of what the bank took back; `released_cents` was handed on to be
    credited and never goes down. The buffer carries released minus received where that is positive.
    """

    id = models.UUIDField(primary_key=True)
    reference = models.CharField(max_length=25, unique=True)
    amount_cents = models.BigIntegerField()
    received_cents = models.BigIntegerField(default=0)
    released_cents = models.BigIntegerField(default=0)
    payer_id = models.UUIDField()
    due_on = models.DateField()
    owner_kind = models.CharField(max_length=60)
    owner_id = models.UUIDField()
    state = models.CharField(max_length=10, default=RECEIPT.initial)
    expected_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "reference": PUBLIC,
        "amount_cents": MONEY,
        "received_cents": MONEY,
        "released_cents": MONEY,
        "payer_id": PERSONAL_REFERENCE,
        "due_on": PUBLIC,
        "owner_kind": PUBLIC,
        "owner_id": PUBLIC,
        "state": PUBLIC,
        "expected_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="receipt_within_its_amount",
                condition=Q(
                    amount_cents__gt=0,
                    received_cents__gte=0,
                    received_cents__lte=F("amount_cents"),
                    released_cents__gte=0,
                    released_cents__lte=F("amount_cents"),
                ),
            ),
            models.CheckConstraint(
                name="receipt_state_says_what_came_in",
                condition=Q(state="open", received_cents=0)
                | Q(state="withdrawn", received_cents=0)
                | Q(state="partly", received_cents__gt=0, received_cents__lt=F("amount_cents"))
                | Q(
                    state="paid",
                    received_cents=F("amount_cents"),
                    released_cents=F("amount_cents"),
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner_id"], name="receipt_by_owner"),
            models.Index(fields=["payer_id"], name="receipt_by_payer"),
        ]
