"""Reading and writing the rows of this room, each in one statement whatever the number of rows.

Private to the room: the set-based functions of the database will stand here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from eigenwijs.ledger.models import Account, Transfer
from eigenwijs.ledger.rules import Row, Sums, digest
from eigenwijs.ledger.types import AccountKind, AccountRef, Phase, Side, TransferRef

_READ = """
SELECT account.bucket, account.id, account.side, account.debits_posted, account.credits_posted,
       account.debits_pending, account.credits_pending
FROM ledger_account AS account
JOIN unnest(%s::smallint[], %s::uuid[]) AS wanted (bucket, id)
  ON account.bucket = wanted.bucket AND account.id = wanted.id
"""

_LOCK = f"""
{_READ}
ORDER BY account.bucket, account.id
FOR NO KEY UPDATE OF account
"""

_STORED = """
SELECT transfer.bucket, transfer.id, transfer.recorded_at, transfer.digest
FROM ledger_transfer AS transfer
JOIN unnest(%s::smallint[], %s::uuid[]) AS wanted (bucket, id)
  ON transfer.bucket = wanted.bucket AND transfer.id = wanted.id
"""

_ADD = """
UPDATE ledger_account AS account
SET debits_posted = account.debits_posted + change.debits_posted,
    credits_posted = account.credits_posted + change.credits_posted,
    debits_pending = account.debits_pending + change.debits_pending,
    credits_pending = account.credits_pending + change.credits_pending
FROM unnest(%s::smallint[], %s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
  AS change (bucket, id, debits_posted, credits_posted, debits_pending, credits_pending)
WHERE account.bucket = change.bucket AND account.id = change.id
"""

_INSERT = """
INSERT INTO ledger_transfer (bucket, id, debit, credit, other_bucket, amount_cents, kind, phase,
                             settles, reverses, group_id, occurred_on, recorded_at, expires_at,
                             digest)
SELECT new.bucket, new.id, new.debit, new.credit, new.other_bucket, new.amount_cents, new.kind,
       new.phase, new.settles, new.reverses, new.group_id, new.occurred_on, %s, new.expires_at,
       new.digest
FROM unnest(%s::smallint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::smallint[], %s::bigint[],
            %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::date[],
            %s::timestamptz[], %s::bytea[])
  AS new (bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles, reverses,
          group_id, occurred_on, expires_at, digest)
ON CONFLICT (bucket, id) DO NOTHING
"""


def open_accounts(
    accounts: Iterable[tuple[AccountRef, AccountKind, UUID]], *, at: datetime
) -> None:
    """Make the accounts that are not there yet: where, of which kind, whose."""
    Account.objects.bulk_create(
        [
            Account(
                bucket=ref.bucket,
                id=ref.id,
                kind=kind.value,
                owner=owner,
                side=kind.side.value,
                opened_at=at,
            )
            for ref, kind, owner in sorted(accounts)
        ],
        ignore_conflicts=True,
    )


def lock(refs: Collection[AccountRef]) -> dict[AccountRef, tuple[Side, Sums]]:
    """Lock accounts in the order (bucket, id) and return their side and sums as they are now."""
    return _sums(_LOCK, refs)


def read(refs: Collection[AccountRef]) -> dict[AccountRef, tuple[Side, Sums]]:
    """Return the side and sums of accounts without locking them."""
    return _sums(_READ, refs)


def _sums(statement: str, refs: Collection[AccountRef]) -> dict[AccountRef, tuple[Side, Sums]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [[ref.bucket for ref in refs], [ref.id for ref in refs]])
        return {
            AccountRef(bucket, account): (Side(side), Sums(*sums))
            for bucket, account, side, *sums in cursor.fetchall()
        }


def add(changes: Mapping[AccountRef, Sums]) -> None:
    """Add to the sums of accounts."""
    columns = zip(
        *(
            (
                ref.bucket,
                ref.id,
                change.debits_posted,
                change.credits_posted,
                change.debits_pending,
                change.credits_pending,
            )
            for ref, change in changes.items()
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [list(column) for column in columns])


def insert(rows: Sequence[Row], *, at: datetime) -> int:
    """Record rows; return how many were new. The others have a key that is taken."""
    columns = zip(
        *(
            (
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
                row.occurred_on,
                row.expires_at,
                digest(row, at),
            )
            for row in rows
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, *(list(column) for column in columns)])
        return int(cursor.rowcount)


def stored(refs: Collection[TransferRef]) -> dict[TransferRef, tuple[datetime, bytes]]:
    """Return when the rows with these keys were recorded, and their digests."""
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [[ref.bucket for ref in refs], [ref.id for ref in refs]])
        return {
            TransferRef(bucket, id_): (recorded_at, bytes(found))
            for bucket, id_, recorded_at, found in cursor.fetchall()
        }


def whole(refs: Collection[TransferRef]) -> dict[TransferRef, list[Row]]:
    """Return the transfers named: one row each, or both halves, the named one first."""
    found = {ref: [row] for ref, row in _rows(refs).items()}
    others = {
        ref: TransferRef(row.other_bucket, row.id)
        for ref, (row,) in found.items()
        if row.other_bucket is not None
    }
    halves = _rows(list(others.values()))
    for ref, other in others.items():
        found[ref].append(halves[other])
    return found


def settled(refs: Collection[TransferRef]) -> set[TransferRef]:
    """Return those of the holds named that have been posted or voided."""
    rows = Transfer.objects.filter(
        bucket__in={ref.bucket for ref in refs}, settles__in={ref.id for ref in refs}
    ).values_list("bucket", "settles")
    return {TransferRef(bucket, hold) for bucket, hold in rows if hold is not None}


def reversed_cents(refs: Collection[TransferRef]) -> dict[TransferRef, int]:
    """Return how much of each transfer named has been given back; absent is nothing."""
    rows = (
        Transfer.objects.filter(
            bucket__in={ref.bucket for ref in refs}, reverses__in={ref.id for ref in refs}
        )
        .values_list("bucket", "reverses")
        .annotate(cents=Sum("amount_cents"))
    )
    return {TransferRef(bucket, transfer): cents for bucket, transfer, cents in rows}


def _rows(refs: Collection[TransferRef]) -> dict[TransferRef, Row]:
    return {
        TransferRef(stored.bucket, stored.id): row_of(stored)
        for stored in Transfer.objects.filter(pk__in=_keys(refs))
    }


def _keys(refs: Collection[TransferRef]) -> list[tuple[int, UUID]]:
    return [(ref.bucket, ref.id) for ref in refs]


def row_of(transfer: Transfer) -> Row:
    """Return a stored transfer as a row."""
    return Row(
        bucket=transfer.bucket,
        id=transfer.id,
        debit=transfer.debit,
        credit=transfer.credit,
        other_bucket=transfer.other_bucket,
        amount_cents=transfer.amount_cents,
        kind=transfer.kind,
        phase=Phase(transfer.phase),
        settles=transfer.settles,
        reverses=transfer.reverses,
        group=transfer.group,
        occurred_on=transfer.occurred_on,
        expires_at=transfer.expires_at,
    )
