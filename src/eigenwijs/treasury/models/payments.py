"""Tables of what goes out: payee accounts, orders, batches. Amounts are whole cents."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import F, Q

from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    PERSONAL_SCRUBBED,
    PUBLIC,
    Classified,
)
from eigenwijs.treasury.lifecycle import BATCH, ORDER, PAYEE_ACCOUNT
from eigenwijs.treasury.matching import RETURN_CODE
from eigenwijs.treasury.models.statements import Entry


class PayeeAccount(models.Model):
    """The IBAN on which a payee is paid, from `usable_from`, once a second person approved it."""

    id = models.UUIDField(primary_key=True)
    payee_id = models.UUIDField()
    iban = models.CharField(max_length=34)
    holder_name = models.CharField(max_length=70)
    state = models.CharField(max_length=10, default=PAYEE_ACCOUNT.initial)
    registered_by = models.UUIDField()
    registered_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    usable_from = models.DateField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "payee_id": PERSONAL_REFERENCE,
        "iban": PERSONAL_SCRUBBED,
        "holder_name": PERSONAL_SCRUBBED,
        "state": PUBLIC,
        "registered_by": PERSONAL_REFERENCE,
        "registered_at": PUBLIC,
        "decided_by": PERSONAL_REFERENCE,
        "decided_at": PUBLIC,
        "usable_from": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="payee_account_needs_a_second_person",
                condition=Q(decided_by=None) | ~Q(decided_by=F("registered_by")),
            ),
            models.CheckConstraint(
                name="payee_account_approved_by_somebody",
                condition=Q(state="awaiting")
                | Q(state="refused", decided_by__isnull=False)
                | Q(
                    state__in=["approved", "ended"],
                    decided_by__isnull=False,
                    usable_from__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                fields=["payee_id"],
                name="payee_account_one_awaiting",
                condition=Q(state="awaiting"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payee_id", "state"], name="payee_account_by_payee"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="payee_account_frozen",
                fields=["payee_id", "iban", "holder_name", "registered_by", "registered_at"],
            ),
        ]


class PaymentBatch(models.Model):
    """A payment file, frozen with its checksum; one person makes it, another releases it."""

    id = models.UUIDField(primary_key=True)
    bank_account = models.ForeignKey("treasury.BankAccount", on_delete=models.PROTECT)
    identifier = models.CharField(max_length=35, unique=True)
    execute_on = models.DateField()
    order_count = models.PositiveIntegerField()
    total_cents = models.BigIntegerField()
    content = models.TextField()
    checksum = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=BATCH.initial)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    released_by = models.UUIDField(null=True)
    released_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "bank_account": PUBLIC,
        "identifier": PUBLIC,
        "execute_on": PUBLIC,
        "order_count": PUBLIC,
        "total_cents": MONEY,
        "content": PERSONAL_SCRUBBED,
        "checksum": PUBLIC,
        "state": PUBLIC,
        "made_by": PERSONAL_REFERENCE,
        "made_at": PUBLIC,
        "released_by": PERSONAL_REFERENCE,
        "released_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="batch_needs_two_people",
                condition=Q(state__in=["made", "withdrawn"], released_by=None)
                | (
                    Q(state__in=["released", "finished"], released_by__isnull=False)
                    & ~Q(released_by=F("made_by"))
                ),
            ),
            models.CheckConstraint(
                name="batch_pays_something", condition=Q(total_cents__gt=0, order_count__gt=0)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="batch_frozen",
                fields=[
                    "bank_account",
                    "identifier",
                    "execute_on",
                    "order_count",
                    "total_cents",
                    "content",
                    "checksum",
                    "made_by",
                    "made_at",
                ],
            ),
        ]


class PaymentOrder(models.Model):
    """An amount to pay to a payee, from what the books owe.

    A *return* sends money back to the IBAN it came from; it has the entry it came with, the person
    who asked for it, and its IBAN from the start. A *payout* gets the payee's IBAN in its batch.
    """

    id = models.UUIDField(primary_key=True)
    end_to_end_id = models.CharField(max_length=35, unique=True)
    kind = models.CharField(max_length=6)
    reference = models.CharField(max_length=140)
    amount_cents = models.BigIntegerField()
    payee_id = models.UUIDField(null=True)
    owner_kind = models.CharField(max_length=60)
    owner_id = models.UUIDField()
    entry = models.ForeignKey("treasury.Entry", on_delete=models.PROTECT, null=True)
    requested_by = models.UUIDField(null=True)
    ordered_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=ORDER.initial)
    batch = models.ForeignKey(
        "treasury.PaymentBatch", on_delete=models.PROTECT, null=True, related_name="orders"
    )
    iban = models.CharField(max_length=34, blank=True)
    holder_name = models.CharField(max_length=140, blank=True)
    reason = models.CharField(max_length=35, blank=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "end_to_end_id": PUBLIC,
        "kind": PUBLIC,
        "reference": PUBLIC,
        "amount_cents": MONEY,
        "payee_id": PERSONAL_REFERENCE,
        "owner_kind": PUBLIC,
        "owner_id": PUBLIC,
        "entry": PUBLIC,
        "requested_by": PERSONAL_REFERENCE,
        "ordered_at": PUBLIC,
        "state": PUBLIC,
        "batch": PUBLIC,
        "iban": PERSONAL_SCRUBBED,
        "holder_name": PERSONAL_SCRUBBED,
        "reason": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="order_of_a_kind",
                condition=Q(kind="payout", payee_id__isnull=False, entry=None)
                | (
                    Q(kind="return", payee_id=None, entry__isnull=False)
                    & Q(requested_by__isnull=False)
                    & ~Q(iban="")
                ),
            ),
            models.CheckConstraint(name="order_pays_something", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="order_batched_with_an_iban",
                condition=Q(state__in=["ready", "withdrawn"], batch=None)
                | (
                    Q(state__in=["batched", "in_transit", "settled", "rejected", "returned"])
                    & Q(batch__isnull=False)
                    & ~Q(iban="")
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner_id"], name="order_by_owner"),
            models.Index(
                fields=["state", "id"],
                name="order_unfinished",
                condition=Q(state__in=["ready", "batched", "in_transit"]),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="order_frozen",
                fields=["end_to_end_id", "kind", "reference", "amount_cents", "payee_id"],
            ),
        ]


def batch_named_by(entry: Entry) -> set[UUID]:
    """Return the batch of ours that the bank names on an entry, or nothing."""
    named = Q(identifier=entry.payment_information_id) | Q(
        orders__end_to_end_id=entry.end_to_end_id
    )
    rows = PaymentBatch.objects.filter(
        named, bank_account=entry.statement.bank_account_id, state__in=["released", "finished"]
    )
    return set(rows.values_list("id", flat=True))


def offsets_of(entry: Entry, batch_ids: Collection[UUID]) -> models.QuerySet[Entry]:
    """Return money in that may be the bank giving back a part of money out, of these batches.

    Open, of the same account, at most as much, of which the bank itself says that it is a payment
    that came back, and which names an order of the batches that was refused or came back, or the
    batch itself: neither a payer's money nor that of another batch explains what left.
    """
    if entry.cents > 0:
        return Entry.objects.none()
    says_so = Q(is_reversal=True) | ~Q(return_reason="")
    says_so |= Q(bank_code__endswith=f"-{RETURN_CODE}")
    refused = PaymentOrder.objects.filter(batch__in=batch_ids, state__in=["rejected", "returned"])
    batches = PaymentBatch.objects.filter(id__in=batch_ids)
    of_batch = Q(end_to_end_id__in=refused.values("end_to_end_id"))
    of_batch |= Q(end_to_end_id="", payment_information_id__in=batches.values("identifier"))
    return Entry.objects.filter(
        says_so,
        of_batch,
        statement__bank_account_id=entry.statement.bank_account_id,
        state="open",
        held_for=None,
        cents__gt=0,
        open_cents__lte=entry.open_cents,
    ).order_by("booked_on", "id")


class OrderSource(models.Model):
    """A part of an order: the account of the books that owes it."""

    order = models.ForeignKey(
        "treasury.PaymentOrder", on_delete=models.PROTECT, related_name="sources"
    )
    bucket = models.SmallIntegerField()
    account = models.UUIDField()
    cents = models.BigIntegerField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "order": PUBLIC,
        "bucket": PUBLIC,
        "account": PUBLIC,
        "cents": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "bucket", "account"], name="order_source_once"
            ),
            models.CheckConstraint(name="order_source_pays", condition=Q(cents__gt=0)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="order_source_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]
