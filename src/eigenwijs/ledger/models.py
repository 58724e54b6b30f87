"""The tables of this room. Every key starts with the bucket, so that they can be distributed."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When

from eigenwijs.kernel.append_only import append_only
from eigenwijs.kernel.classification import MONEY, PERSONAL_REFERENCE, PUBLIC, Classified
from eigenwijs.ledger.types import AccountKind

_SUMS = ("debits_posted", "credits_posted", "debits_pending", "credits_pending")


def _is_sound(table: str, *fields: str) -> models.CheckConstraint:
    """A check by a function: one that is written out is prepared anew for every statement."""
    name = f"ledger_{table}_is_sound"
    condition = Func(*map(F, fields), function=name, output_field=models.BooleanField())
    return models.CheckConstraint(name=f"{table}_is_sound", condition=condition)


class Account(models.Model):
    """One account with its cached balance: the only place where a balance is kept.

    Its row is written for every transfer; there is no index but the key, so that an update stays
    within its page.
    """

    DISTRIBUTED_BY = "bucket"

    pk = models.CompositePrimaryKey("bucket", "id")
    bucket = models.SmallIntegerField()
    id = models.UUIDField()
    kind = models.CharField(max_length=20)
    owner = models.UUIDField()
    # From the kind, by the database itself: a check would be read again for every posting.
    side = models.GeneratedField(
        expression=Case(
            *(When(kind=kind.value, then=Value(kind.side.value)) for kind in AccountKind)
        ),
        output_field=models.CharField(max_length=6),
        db_persist=True,
    )
    debits_posted = models.BigIntegerField(default=0)
    credits_posted = models.BigIntegerField(default=0)
    debits_pending = models.BigIntegerField(default=0)
    credits_pending = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "bucket": PUBLIC,
        "id": PUBLIC,
        "kind": PUBLIC,
        "owner": PUBLIC,
        "side": PUBLIC,
        "debits_posted": MONEY,
        "credits_posted": MONEY,
        "debits_pending": MONEY,
        "credits_pending": MONEY,
        "opened_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            _is_sound("account", "bucket", "side", *_SUMS),
        ]


class NextNumber(models.Func):
    """The next number of a transfer; given by the database, also where a function inserts."""

    function = "nextval"
    template = "%(function)s('ledger_transfer_number')"
    output_field = models.BigIntegerField()


class Transfer(models.Model):
    """One recorded transfer. Never changed, never removed. Its accounts live in its own bucket.

    A transfer between two buckets is two rows with the same id: each moves the amount between
    its own account and the account between buckets, and names the bucket of the other half.
    """

    DISTRIBUTED_BY = "bucket"

    pk = models.CompositePrimaryKey("bucket", "id")
    bucket = models.SmallIntegerField()
    id = models.UUIDField()
    debit = models.UUIDField()
    credit = models.UUIDField()
    other_bucket = models.SmallIntegerField(null=True)
    amount_cents = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    phase = models.CharField(max_length=7)
    settles = models.UUIDField(null=True)
    reverses = models.UUIDField(null=True)
    group = models.UUIDField(db_column="group_id")
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    digest = models.BinaryField(max_length=32)
    number = models.BigIntegerField(db_default=NextNumber())

    FIELDS: ClassVar[dict[str, Classified]] = {
        "bucket": PUBLIC,
        "id": PUBLIC,
        "debit": PUBLIC,
        "credit": PUBLIC,
        "other_bucket": PUBLIC,
        "amount_cents": MONEY,
        "kind": PUBLIC,
        "phase": PUBLIC,
        "settles": PUBLIC,
        "reverses": PUBLIC,
        "group": PUBLIC,
        "occurred_on": PUBLIC,
        "recorded_at": PUBLIC,
        "expires_at": PUBLIC,
        "digest": PUBLIC,
        "number": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            _is_sound(
                "transfer",
                "bucket",
                "debit",
                "credit",
                "other_bucket",
                "amount_cents",
                "kind",
                "phase",
                "settles",
                "reverses",
                "expires_at",
            ),
            models.UniqueConstraint(
                fields=["bucket", "settles"],
                name="transfer_hold_settled_once",
                condition=Q(settles__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            # Without the id: PostgreSQL then stores an account once for many of its rows.
            models.Index(fields=["bucket", "debit"], name="transfer_by_debit"),
            models.Index(fields=["bucket", "credit"], name="transfer_by_credit"),
            models.Index(fields=["group"], name="transfer_by_group"),
            models.Index(
                fields=["bucket", "reverses"],
                name="transfer_by_reversed",
                condition=Q(reverses__isnull=False),
            ),
            BrinIndex(
                fields=["number"],
                name="transfer_by_number",
                pages_per_range=16,
                autosummarize=True,
            ),
        ]
        triggers: ClassVar = append_only("transfer")


class Seal(models.Model):
    """The hash of a range of transfers by number, and of the seal before it. Never changed, never removed."""

    STAYS_LOCAL = "one chain over all buckets, written by one job"

    id = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    rows = models.IntegerField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "first": PUBLIC,
        "last": PUBLIC,
        "rows": PUBLIC,
        "previous": PUBLIC,
        "hash": PUBLIC,
        "sealed_at": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="seal_has_a_range", condition=Q(last__gte=F("first"), rows__gte=0)
            ),
            models.UniqueConstraint(fields=["first"], name="seal_begins_once"),
            models.UniqueConstraint(fields=["last"], name="seal_ends_once"),
        ]
        triggers: ClassVar = append_only("seal")


class SealHorizon(models.Model):
    """Up to which number rows can be sealed, once all that ran when it was noted has ended."""

    STAYS_LOCAL = "one row, read and written by the job that seals"

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    transaction = models.BigIntegerField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        "id": PUBLIC,
        "number": PUBLIC,
        "transaction": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="one_seal_horizon", condition=Q(id=1)),
        ]


class Period(models.Model):
    """Days up to and including `until` in which nothing is recorded any more, since `begun_at`.

    `transaction` is the first one that can have begun after everybody could see that, and `seen_at` a
    moment from which they could, by the clock of the database; `seal` the last
    seal when it was closed, which covers every row of these days. A closed row never changes.
    """

    STAYS_LOCAL = "a row a month, read where a posting comes in and written by whoever closes"

    until = models.DateField(primary_key=True)
    begun_at = models.DateTimeField()
    begun_by = models.UUIDField()
    transaction = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    seal = models.BigIntegerField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        "until": PUBLIC,
        "begun_at": PUBLIC,
        "begun_by": PERSONAL_REFERENCE,
        "transaction": PUBLIC,
        "seen_at": PUBLIC,
        "closed_at": PUBLIC,
        "closed_by": PERSONAL_REFERENCE,
        "seal": PUBLIC,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="period_closed_by_another",
                condition=Q(closed_at=None, closed_by=None, seal=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, seal__isnull=False)
                & ~Q(closed_by=F("begun_by")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="period_never_reopened", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="period_closed_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
        ]
