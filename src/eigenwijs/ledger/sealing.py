"""Seals: hashes over ranges of transfers, each chained to the one before. Private to the room.

Transfers are numbered when they are inserted, and become visible when their transaction ends: a
lower number may appear after a higher one. So a range is sealed only after everything has ended
that ran when its last number was given out. Posting locks accounts, and so has its transaction's
number, before it takes the numbers of its rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from eigenwijs.ledger.models import Seal, SealHorizon

ROWS_A_SEAL = 10_000
BEFORE_THE_FIRST = bytes(32)

_NOTE = """
SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_transfer_number
"""

# A snapshot ends after the last transaction that has ended: later ones may be running already.
NEXT_TRANSACTION = """
SELECT greatest(
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    max(pg_current_xact_id()::text::bigint - age(transactionid)) + 1)
FROM pg_locks
WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock'
"""
_OWN_TRANSACTION = "SELECT pg_current_xact_id()::text::bigint"

# Of this database only: what runs for long in another one holds nothing up here. A transaction gives
# the lock on its own number back after everybody can see what it did.
_STILL_RUNNING = """
SELECT count(*)
FROM pg_locks AS held
LEFT JOIN pg_stat_activity AS session ON session.pid = held.pid
WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock'
  AND (session.datname = current_database() OR held.pid IS NULL)
  AND age(held.transactionid) > pg_current_xact_id()::text::bigint - %s
"""

_SEAL = "SELECT rows, hash FROM ledger_seal(%s, %s, %s)"

_ROWS = """
SELECT number, encode(digest, 'hex'), ledger_stated(stated, recorded_at)
FROM ledger_transfer AS stated
WHERE number BETWEEN %s AND %s
ORDER BY number, bucket, id
"""


def seal(*, at: datetime) -> int:
    """Seal what can be sealed since the last time, and note what can be the next time.

    Returns how many seals were made. Of two at the same moment the second waits and finds nothing.
    """
    made = 0
    with transaction.atomic():
        SealHorizon.objects.get_or_create(id=1, defaults={"number": 0, "transaction": 0})
        horizon = SealHorizon.objects.select_for_update().get()
        # A later transaction than ours was noted in a database that this one is a copy of.
        if horizon.transaction <= _read(_OWN_TRANSACTION):
            if _read(_STILL_RUNNING, horizon.transaction):
                return 0
            made = _seal_up_to(horizon.number, at)
        horizon.number = _read(_NOTE)
        horizon.transaction = _read(NEXT_TRANSACTION)
        horizon.save()
    return made


def _seal_up_to(number: int, at: datetime) -> int:
    before = Seal.objects.order_by("-last").first()
    made = 0
    while (first := before.last + 1 if before else 1) <= number:
        last = min(number, first + ROWS_A_SEAL - 1)
        previous = bytes(before.hash) if before else BEFORE_THE_FIRST
        with connection.cursor() as cursor:
            cursor.execute(_SEAL, [previous, first, last])
            rows, found = cursor.fetchone()
        before = Seal.objects.create(
            id=before.id + 1 if before else 1,
            first=first,
            last=last,
            rows=rows,
            previous=previous,
            hash=found,
            sealed_at=at,
        )
        made += 1
    return made


def _read(statement: str, *values: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


def rows(first: int, last: int) -> Iterator[tuple[int, str, str]]:
    """Yield the number, the digest and the stated text of each transfer in a range, a seal at a time."""
    for lowest in range(first, last + 1, ROWS_A_SEAL):
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, [lowest, min(last, lowest + ROWS_A_SEAL - 1)])
            yield from cursor.fetchall()
