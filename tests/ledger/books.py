"""A small world of accounts for the tests of the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations
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
