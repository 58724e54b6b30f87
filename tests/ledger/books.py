"""A small world of accounts for the tests of the ledger."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations
from eigenwijs.ledger.models import Transfer
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
BY = Actor.system("test")


def key() -> UUID:
    """A fresh key."""
    return new_id(NOW)


def account(kind: AccountKind, bucket: int = 7) -> AccountRef:
    """A new account of a new owner, in the bucket named."""
    return operations.sub_account(kind=kind, owner=key(), bucket=bucket, at=NOW)


def transfer(
    debit: AccountRef,
    credit: AccountRef,
    cents: int,
    *,
    days: int | None = None,
    group: UUID | None = None,
) -> NewTransfer:
    """A new transfer; with `days` a hold that ends so many days after now."""
    return NewTransfer(
        key=key(),
        debit=debit,
        credit=credit,
        amount=Money(cents),
        kind="test",
        occurred_on=TODAY,
        group=group or key(),
        expires_at=None if days is None else NOW + timedelta(days=days),
    )


def funded_pot(cents: int, bucket: int = 7) -> AccountRef:
    """A new pot with money that came from a bank."""
    pot = account(AccountKind.POT, bucket)
    bank = account(AccountKind.BANK, bucket)
    operations.post([transfer(bank, pot, cents)], by=BY, at=NOW)
    return pot


def digest(row: Transfer) -> bytes:
    """What the digest of a row must be, worked out apart from the database."""
    stated = (
        row.bucket,
        row.id,
        row.debit,
        row.credit,
        row.other_bucket,
        row.amount_cents,
        row.kind,
        row.phase,
        row.settles,
        row.reverses,
        row.group,
        row.occurred_on.isoformat(),
        _microseconds(row.recorded_at),
        row.expires_at and _microseconds(row.expires_at),
    )
    text = "|".join("" if value is None else str(value) for value in stated)
    return hashlib.sha256(text.encode()).digest()


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
