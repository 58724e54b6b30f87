"""What a transfer does to balances, and how its content is summed up. Pure: no database."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from eigenwijs.kernel.ids import derived_id
from eigenwijs.ledger.types import AccountKind, AccountRef, Phase, Side, TransferRef

BUCKETS = 1024
BETWEEN_ID = UUID(int=0)
"""The id of the account between buckets, one in each bucket."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bucket_of(holder: UUID) -> int:
    """Return the bucket of everything that `holder` holds: 0 to 1023, for ever the same."""
    return int.from_bytes(hashlib.sha256(holder.bytes).digest()[:2]) % BUCKETS


def account_id(kind: AccountKind, owner: UUID) -> UUID:
    """Return the id of the owner's account of this kind; the same in every bucket."""
    return derived_id(owner, f"ledger.account.{kind}")


def between(bucket: int) -> AccountRef:
    """Return the account between buckets of one bucket."""
    return AccountRef(bucket, BETWEEN_ID)


@dataclass(frozen=True, slots=True)
class Row:
    """One row to record. A transfer between buckets is two of them: its halves."""

    bucket: int
    id: UUID
    debit: UUID
    credit: UUID
    other_bucket: int | None
    amount_cents: int
    kind: str
    phase: Phase
    settles: UUID | None
    reverses: UUID | None
    group: UUID
    occurred_on: date
    expires_at: datetime | None
    source: Row | None = None
    """The row of the hold or transfer that this one settles or reverses; not stored again."""

    @property
    def ref(self) -> TransferRef:
        """The row's key."""
        return TransferRef(self.bucket, self.id)

    @property
    def accounts(self) -> tuple[AccountRef, AccountRef]:
        """The debited and the credited account."""
        return AccountRef(self.bucket, self.debit), AccountRef(self.bucket, self.credit)


def digest(row: Row, recorded_at: datetime) -> bytes:
    """Return the SHA-256 of everything that a row states, in the way `queries.prove` does in SQL.

    The fields as text, joined by `|`, absent ones empty, moments in microseconds since 1970.
    """
    fields = (
        row.bucket,
        row.id,
        row.debit,
        row.credit,
        row.other_bucket,
        row.amount_cents,
        row.kind,
        row.phase.value,
        row.settles,
        row.reverses,
        row.group,
        row.occurred_on.isoformat(),
        _microseconds(recorded_at),
        _microseconds(row.expires_at),
    )
    text = "|".join("" if value is None else str(value) for value in fields)
    return hashlib.sha256(text.encode()).digest()


def _microseconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    elapsed = moment - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


@dataclass(slots=True)
class Sums:
    """The four sums of an account, in cents; or the change that transfers make to them."""

    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0

    def plus(self, other: Sums) -> Sums:
        """Return both together."""
        return Sums(
            self.debits_posted + other.debits_posted,
            self.credits_posted + other.credits_posted,
            self.debits_pending + other.debits_pending,
            self.credits_pending + other.credits_pending,
        )

    def posted(self, side: Side) -> int:
        """Return the balance on `side`; an account that may be on either counts as debit."""
        difference = self.debits_posted - self.credits_posted
        return -difference if side is Side.CREDIT else difference

    def reserved(self, side: Side) -> int:
        """Return what open holds would take from the balance on `side`."""
        return self.debits_pending if side is Side.CREDIT else self.credits_pending

    def overdrawn(self, side: Side) -> bool:
        """Whether holds and transfers together took more than there was."""
        return side is not Side.EITHER and self.posted(side) < self.reserved(side)


def changes(rows: Iterable[Row]) -> dict[AccountRef, Sums]:
    """Return what recording `rows` adds to the sums of each account that they touch."""
    result: dict[AccountRef, Sums] = defaultdict(Sums)
    for row in rows:
        debit, credit = (result[ref] for ref in row.accounts)
        if row.phase is Phase.PENDING:
            debit.debits_pending += row.amount_cents
            credit.credits_pending += row.amount_cents
        else:
            if row.settles is not None and row.source is not None:
                debit.debits_pending -= row.source.amount_cents
                credit.credits_pending -= row.source.amount_cents
            if row.phase is not Phase.VOID:
                debit.debits_posted += row.amount_cents
                credit.credits_posted += row.amount_cents
    return dict(result)
