"""Closing months: from then on nothing is recorded in them any more. Private to the room.

Posting locks nothing for it. Closing takes two steps: first it is begun, which every posting that begins
afterwards sees and keeps to; and it is closed for good once everything has ended that ran when that
became visible. What such a transaction still recorded is then there, and nothing can follow.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from eigenwijs.ledger import sealing
from eigenwijs.ledger.models import Period, Seal

_CLOSED_UNTIL = "SELECT ledger_closed_until()"

# Transactions that have written, and all that began before everybody could see that the days are closed:
# one that waits for its first lock has no number yet, and may have looked already.
_STILL_RUNNING = """
SELECT count(*) FROM (
    SELECT pid, transactionid AS oldest FROM pg_locks
    WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock'
    UNION ALL
    SELECT pid, NULL FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND xact_start <= %s
) AS held
LEFT JOIN pg_stat_activity AS session ON session.pid = held.pid
WHERE (session.datname = current_database() OR held.pid IS NULL)
  AND held.pid IS DISTINCT FROM pg_backend_pid()
  AND (held.oldest IS NULL OR age(held.oldest) > pg_current_xact_id()::text::bigint - %s)
"""

_NOT_SEALED = "SELECT EXISTS (SELECT FROM ledger_transfer WHERE number > %s AND occurred_on <= %s)"


def closed_until() -> date | None:
    """Return the last day on which nothing can be recorded any more, or None."""
    found: date | None = _read(_CLOSED_UNTIL)
    return found


def begin(until: date, *, by: UUID, at: datetime) -> bool:
    """Let nobody who begins after this is committed record anything up to that day; whether it is new."""
    _row, is_new = Period.objects.get_or_create(
        until=until, defaults={"begun_at": at, "begun_by": by}
    )
    return is_new


def note_who_runs(until: date) -> None:
    """Note, once the beginning is committed, what may still look at the days as open."""
    Period.objects.filter(until=until, transaction=None).update(
        transaction=_read(sealing.NEXT_TRANSACTION), seen_at=_read("SELECT clock_timestamp()")
    )


def close(until: date, *, by: UUID, at: datetime) -> str | None:
    """Close for good what was begun; return why that cannot be done yet, or None."""
    row = Period.objects.select_for_update().get(until=until)
    if row.closed_at is not None:
        return None
    if row.transaction is None or row.seen_at is None:
        return "still_running"
    if _read(_STILL_RUNNING, row.seen_at, row.transaction):
        return "still_running"
    seal = Seal.objects.order_by("-id").first()
    if _read(_NOT_SEALED, seal.last if seal else 0, until):
        return "not_sealed"
    row.closed_at, row.closed_by, row.seal = at, by, seal.id if seal else 0
    row.save()
    return None


def is_last_of_month(day: date) -> bool:
    """Whether a month ends on that day."""
    return (day + timedelta(days=1)).day == 1


def _read(statement: str, *values: int | date | datetime) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
