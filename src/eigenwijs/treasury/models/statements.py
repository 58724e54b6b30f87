"""Tables of what the bank says: accounts, statements, entries, and the proof. Amounts are whole cents."""

from __future__ import annotations

from typing import ClassVar

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
from eigenwijs.treasury.lifecycle import ENTRY


class BankAccount(models.Model):
    """An account of the foundation that holds the clients' money."""

    id = models.UUIDField(primary_key=True)
    iban = models.CharField(max_length=34, unique=True)
    bic = models.CharField(max_length=11, blank=True)
    holder_name = models.CharField(max_length=70)
    opening_cents = models.BigIntegerField()
    opened_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "iban": MONEY,
        "bic": PUBLIC,
        "holder_name": PUBLIC,
        "opening_cents": MONEY,
        "opened_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="bank_account_opens_not_overdrawn", condition=Q(opening_cents__gte=0)
            ),
        ]


CHRONOLOGICAL = ("closed_on", "opened_on", "sequence")
"""The order of statements: that of their days, and within a day of their import."""


class BankStatement(models.Model):
    """A statement as the bank gave it. `sequence` counts the imports of its account."""

    id = models.UUIDField(primary_key=True)
    bank_account = models.ForeignKey("treasury.BankAccount", on_delete=models.PROTECT)
    statement_id = models.CharField(max_length=35)
    sequence = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    opening_cents = models.BigIntegerField()
    closing_cents = models.BigIntegerField()
    opened_on = models.DateField()
    closed_on = models.DateField()
    file_name = models.CharField(max_length=120)
    imported_by = models.UUIDField(null=True)
    imported_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "bank_account": PUBLIC,
        "statement_id": PUBLIC,
        "sequence": PUBLIC,
        "digest": PUBLIC,
        "opening_cents": MONEY,
        "closing_cents": MONEY,
        "opened_on": PUBLIC,
        "closed_on": PUBLIC,
        "file_name": PUBLIC,
        "imported_by": PERSONAL_REFERENCE,
        "imported_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            # A bank may count its statements from one again every year.
            models.UniqueConstraint(
                fields=["bank_account", "statement_id", "opened_on", "closed_on"],
                name="statement_imported_once",
            ),
            models.UniqueConstraint(
                fields=["bank_account", "sequence"], name="statement_has_one_place"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="statement_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class Entry(models.Model):
    """One payment on a statement. `cents` below zero is money out.

    `open_cents` is what has no destination yet. Of money in it stands in the books as unmatched,
    or in clearing where `held_for` names the payer; money out that is open is not in the books.
    """

    id = models.UUIDField(primary_key=True)
    statement = models.ForeignKey(
        "treasury.BankStatement", on_delete=models.PROTECT, related_name="entries"
    )
    number = models.PositiveIntegerField()
    part = models.PositiveIntegerField()
    cents = models.BigIntegerField()
    open_cents = models.BigIntegerField()
    held_for = models.UUIDField(null=True)
    doubt = models.CharField(max_length=30, blank=True)
    other_iban = models.BooleanField(default=False)
    reverses = models.OneToOneField(
        "treasury.Entry", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    state = models.CharField(max_length=10, default=ENTRY.initial)
    booked_on = models.DateField()
    bank_code = models.CharField(max_length=20, blank=True)
    is_reversal = models.BooleanField()
    return_reason = models.CharField(max_length=35, blank=True)
    bank_reference = models.CharField(max_length=35, blank=True)
    end_to_end_id = models.CharField(max_length=35, blank=True)
    payment_information_id = models.CharField(max_length=35, blank=True)
    counterparty_iban = models.CharField(max_length=34, blank=True)
    counterparty_name = models.CharField(max_length=140, blank=True)
    remittance = models.TextField(blank=True)
    references = models.JSONField(default=list)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "statement": PUBLIC,
        "number": PUBLIC,
        "part": PUBLIC,
        "cents": MONEY,
        "open_cents": MONEY,
        "held_for": PERSONAL_REFERENCE,
        "doubt": PUBLIC,
        "other_iban": PUBLIC,
        "reverses": PUBLIC,
        "state": PUBLIC,
        "booked_on": PUBLIC,
        "bank_code": PUBLIC,
        "is_reversal": PUBLIC,
        "return_reason": PUBLIC,
        "bank_reference": PUBLIC,
        "end_to_end_id": PUBLIC,
        "payment_information_id": PUBLIC,
        "counterparty_iban": PERSONAL_SCRUBBED,
        "counterparty_name": PERSONAL_SCRUBBED,
        "remittance": PERSONAL_SCRUBBED,
        "references": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["statement", "number", "part"], name="entry_has_one_place"
            ),
            models.CheckConstraint(name="entry_moves_money", condition=~Q(cents=0)),
            models.CheckConstraint(
                name="entry_open_within_its_amount",
                condition=Q(open_cents__gte=0)
                & (
                    Q(cents__gt=0, open_cents__lte=F("cents"))
                    | Q(cents__lt=0, open_cents__lte=-F("cents"))
                ),
            ),
            models.CheckConstraint(
                name="entry_state_says_what_is_open",
                condition=Q(state__in=["open", "kept"], open_cents__gt=0)
                | Q(state__in=["settled", "returning"], open_cents=0),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["booked_on", "id"],
                name="entry_work_list",
                condition=Q(state__in=["open", "kept"]),
            ),
            models.Index(
                fields=["end_to_end_id"], name="entry_by_end_to_end", condition=~Q(end_to_end_id="")
            ),
        ]


class Allocation(models.Model):
    """Where cents of an entry went. Never changed: what is undone is a second row, below zero.

    `group` names the transfers in the books. `purpose` is receipt, order, buffer, return,
    reversal or netted.
    """

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(
        "treasury.Entry", on_delete=models.PROTECT, related_name="allocations"
    )
    purpose = models.CharField(max_length=10)
    cents = models.BigIntegerField()
    receipt = models.ForeignKey(
        "treasury.ExpectedReceipt",
        on_delete=models.PROTECT,
        null=True,
        related_name="allocations",
    )
    order = models.ForeignKey(
        "treasury.PaymentOrder", on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    group = models.UUIDField()
    allocated_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "entry": PUBLIC,
        "purpose": PUBLIC,
        "cents": MONEY,
        "receipt": PUBLIC,
        "order": PUBLIC,
        "group": PUBLIC,
        "allocated_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="allocation_names_its_destination",
                condition=Q(purpose="receipt", receipt__isnull=False, order=None)
                | Q(purpose__in=["order", "return"], receipt=None, order__isnull=False)
                | Q(purpose__in=["buffer", "reversal", "netted"], receipt=None, order=None),
            ),
            models.CheckConstraint(name="allocation_moves_money", condition=~Q(cents=0)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="allocation_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]


class ClientMoneyProof(models.Model):
    """What was proven on a day: statement against books, with every gap named.

    `gaps` is a list of ``{"code", "cents", "count"}``; together they explain the difference
    between statement and books, and `unexplained_cents` is what they don't.
    """

    id = models.UUIDField(primary_key=True)
    bank_account = models.ForeignKey("treasury.BankAccount", on_delete=models.PROTECT)
    on = models.DateField()
    statement = models.ForeignKey("treasury.BankStatement", on_delete=models.PROTECT, null=True)
    statement_cents = models.BigIntegerField()
    bank_cents = models.BigIntegerField()
    in_transit_cents = models.BigIntegerField()
    books_difference_cents = models.BigIntegerField()
    unexplained_cents = models.BigIntegerField()
    gaps = models.JSONField(default=list)
    proven_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "bank_account": PUBLIC,
        "on": PUBLIC,
        "statement": PUBLIC,
        "statement_cents": MONEY,
        "bank_cents": MONEY,
        "in_transit_cents": MONEY,
        "books_difference_cents": MONEY,
        "unexplained_cents": MONEY,
        "gaps": MONEY,
        "proven_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bank_account", "on"], name="proof_once_a_day"),
        ]
