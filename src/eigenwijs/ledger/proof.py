"""Proving the books: every figure recomputed from the transfers, every breach named.

Each check is one statement that returns the rows that are wrong, as (bucket, id, detail). Sums of
history are read here only, never on the way of somebody who pays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from eigenwijs.ledger.rules import BETWEEN_ID
from eigenwijs.ledger.sealing import BEFORE_THE_FIRST
from eigenwijs.ledger.types import Breach

_CHECKS = {
    "balance_differs": """
    WITH effect AS (
        SELECT t.bucket, t.debit, t.credit,
               CASE WHEN t.phase IN ('posted', 'post') THEN t.amount_cents ELSE 0 END AS posted,
               CASE WHEN t.phase = 'pending' THEN t.amount_cents
                    WHEN t.phase IN ('post', 'void') THEN -coalesce(hold.amount_cents, 0)
                    ELSE 0 END AS pending
        FROM ledger_transfer AS t
        LEFT JOIN ledger_transfer AS hold
          ON hold.bucket = t.bucket AND hold.id = t.settles AND hold.phase = 'pending'
    ), leg AS (
        SELECT bucket, debit AS id, posted AS dr, 0 AS cr, pending AS dr_held, 0 AS cr_held
        FROM effect
        UNION ALL
        SELECT bucket, credit, 0, posted, 0, pending FROM effect
    ), total AS (
        SELECT bucket, id, sum(dr) AS dr, sum(cr) AS cr, sum(dr_held) AS dr_held,
               sum(cr_held) AS cr_held
        FROM leg GROUP BY bucket, id
    )
    SELECT bucket, id, format(
        'account: debits %%s, credits %%s, held %%s and %%s; transfers: %%s, %%s, %%s and %%s',
        coalesce(a.debits_posted::text, 'none'), coalesce(a.credits_posted::text, 'none'),
        coalesce(a.debits_pending::text, 'none'), coalesce(a.credits_pending::text, 'none'),
        coalesce(dr, 0), coalesce(cr, 0), coalesce(dr_held, 0), coalesce(cr_held, 0))
    FROM ledger_account AS a FULL JOIN total USING (bucket, id)
    WHERE (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
          IS DISTINCT FROM
          (coalesce(dr, 0), coalesce(cr, 0), coalesce(dr_held, 0), coalesce(cr_held, 0))
    """,
    "overdrawn": """
    SELECT bucket, id, format('%%s account has debits %%s and credits %%s, held %%s and %%s',
        kind, debits_posted, credits_posted, debits_pending, credits_pending)
    FROM ledger_account
    WHERE (side = 'credit' AND credits_posted < debits_posted + debits_pending)
       OR (side = 'debit' AND debits_posted < credits_posted + credits_pending)
    """,
    "content_changed": """
    SELECT bucket, id, 'the row is not what was recorded: its digest differs'
    FROM ledger_transfer AS stated
    WHERE digest <> ledger_digest(stated, recorded_at)
    """,
    "half_missing": """
    SELECT half.bucket, half.id, format('its other half in bucket %%s is not there or differs', half.other_bucket)
    FROM ledger_transfer AS half
    LEFT JOIN ledger_transfer AS other
      ON other.bucket = half.other_bucket AND other.id = half.id AND other.other_bucket = half.bucket
     AND (other.amount_cents, other.kind, other.phase, other.group_id, other.occurred_on, other.recorded_at)
       = (half.amount_cents, half.kind, half.phase, half.group_id, half.occurred_on, half.recorded_at)
     AND other.settles IS NOT DISTINCT FROM half.settles
     AND other.reverses IS NOT DISTINCT FROM half.reverses
     AND other.expires_at IS NOT DISTINCT FROM half.expires_at
     AND (other.debit = %(between)s) = (half.credit = %(between)s)
    WHERE half.other_bucket IS NOT NULL AND other.id IS NULL
    """,
    "half_without_between": """
    SELECT bucket, id, 'a half, and only a half, moves money through the account between buckets'
    FROM ledger_transfer
    WHERE (other_bucket IS NOT NULL) <> (debit = %(between)s OR credit = %(between)s)
    """,
    "key_used_twice": """
    SELECT min(bucket), id, format('the key stands in %%s rows that are not two halves', count(*))
    FROM ledger_transfer GROUP BY id
    HAVING count(*) > 2 OR (count(*) = 2 AND bool_or(other_bucket IS NULL))
    """,
    "settlement_wrong": """
    SELECT s.bucket, s.id, CASE
        WHEN hold.id IS NULL THEN 'it settles a hold that does not exist'
        WHEN (s.debit, s.credit) <> (hold.debit, hold.credit) THEN 'its accounts are not those of the hold'
        WHEN s.amount_cents > hold.amount_cents THEN 'it posts more than was held'
        ELSE 'it was posted at or after the end of the hold' END
    FROM ledger_transfer AS s
    LEFT JOIN ledger_transfer AS hold
      ON hold.bucket = s.bucket AND hold.id = s.settles AND hold.phase = 'pending'
    WHERE s.phase IN ('post', 'void')
      AND (hold.id IS NULL OR (s.debit, s.credit) <> (hold.debit, hold.credit)
           OR s.amount_cents > hold.amount_cents
           OR (s.phase = 'post' AND s.recorded_at >= hold.expires_at))
    """,
    "hold_settled_twice": """
    SELECT bucket, settles, format('%%s transfers settle this hold', count(*))
    FROM ledger_transfer WHERE settles IS NOT NULL
    GROUP BY bucket, settles HAVING count(*) > 1
    """,
    "reversal_wrong": """
    SELECT r.bucket, r.id, 'it reverses a transfer that does not exist or had other accounts'
    FROM ledger_transfer AS r
    LEFT JOIN ledger_transfer AS original
      ON original.bucket = r.bucket AND original.id = r.reverses
     AND original.phase IN ('posted', 'post')
     AND (original.debit, original.credit) = (r.credit, r.debit)
    WHERE r.reverses IS NOT NULL AND original.id IS NULL
    """,
    "reversal_exceeds": """
    SELECT original.bucket, original.id,
        format('%%s cents were given back of %%s', sum(r.amount_cents), original.amount_cents)
    FROM ledger_transfer AS r
    JOIN ledger_transfer AS original ON original.bucket = r.bucket AND original.id = r.reverses
    GROUP BY original.bucket, original.id, original.amount_cents
    HAVING sum(r.amount_cents) > original.amount_cents
    """,
    "hold_past_its_end": """
    SELECT hold.bucket, hold.id,
        format('%%s cents are still held, its end was %%s', hold.amount_cents, hold.expires_at)
    FROM ledger_transfer AS hold
    WHERE hold.phase = 'pending' AND hold.expires_at <= %(at)s AND hold.debit <> %(between)s
      AND NOT EXISTS (SELECT 1 FROM ledger_transfer AS s
                      WHERE s.bucket = hold.bucket AND s.settles = hold.id)
    """,
    "hold_without_owner": """
    SELECT hold.bucket, hold.id, format('%%s cents are held and no room knows for what', hold.amount_cents)
    FROM ledger_transfer AS hold
    LEFT JOIN unnest(%(known_holds)s::uuid[]) AS known (id) ON known.id = hold.id
    WHERE %(check_owners)s AND hold.phase = 'pending' AND hold.debit <> %(between)s
      AND known.id IS NULL
      AND NOT EXISTS (SELECT 1 FROM ledger_transfer AS s
                      WHERE s.bucket = hold.bucket AND s.settles = hold.id)
    """,
    "between_not_zero": """
    SELECT NULL, NULL, format(
        'all accounts between buckets: debits %%s and credits %%s, held %%s and %%s',
        sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending))
    FROM ledger_account WHERE kind = 'between'
    HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending)
    """,
    "sums_differ": """
    SELECT NULL, NULL, format(
        'all accounts together: debits %%s and credits %%s, held %%s and %%s',
        sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending))
    FROM ledger_account
    HAVING sum(debits_posted) <> sum(credits_posted) OR sum(debits_pending) <> sum(credits_pending)
    """,
    "seal_broken": """
    SELECT NULL, NULL, format(
        'seal %%s, of the transfers numbered %%s to %%s: %%s rows were sealed, %%s are there%%s',
        seal.id, seal.first, seal.last, seal.rows, found.rows,
        CASE WHEN seal.rows = found.rows THEN ', and not as they were' ELSE '' END)
    FROM ledger_seal AS seal,
        LATERAL ledger_seal(seal.previous, seal.first, seal.last) AS found
    WHERE (seal.rows, seal.hash) IS DISTINCT FROM (found.rows, found.hash)
    """,
    "seal_missing": """
    SELECT NULL, NULL, format('seal %%s does not follow the one before it', id)
    FROM (
        SELECT id, first, previous, lag(last, 1, 0) OVER earlier AS before,
            lag(id, 1, 0) OVER earlier AS id_before,
            lag(hash, 1, %(no_seal)s) OVER earlier AS hash_before
        FROM ledger_seal WINDOW earlier AS (ORDER BY id)
    ) AS seal
    WHERE (id, first, previous) IS DISTINCT FROM (id_before + 1, before + 1, hash_before)
    """,
    "client_money_differs": """
    SELECT NULL, NULL, format('%%s cents are there and %%s are owed', there, owed)
    FROM (SELECT
        coalesce(sum(debits_posted - credits_posted) FILTER (WHERE side = 'debit'), 0) AS there,
        coalesce(sum(credits_posted - debits_posted) FILTER (WHERE side = 'credit'), 0) AS owed
        FROM ledger_account) AS total
    WHERE there <> owed
    """,
}


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything read within see one snapshot, and write nothing.

    Inside a transaction that runs already nothing changes: it sees what that transaction sees.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def prove(*, at: datetime, known_holds: Collection[UUID] | None) -> list[Breach]:
    """Run every check on one and the same moment of the books; return the breaches found.

    Called outside a transaction, it sees one snapshot however long it takes and whatever is
    posted meanwhile. `at` is the moment that ends of holds are compared with.
    """
    parameters: dict[str, Any] = {
        "at": at,
        "between": BETWEEN_ID,
        "no_seal": BEFORE_THE_FIRST,
        "known_holds": list(known_holds or ()),
        "check_owners": known_holds is not None,
    }
    breaches = []
    with one_moment(), connection.cursor() as cursor:
        for code, statement in _CHECKS.items():
            cursor.execute(statement, parameters)
            breaches += [Breach(code, detail, *where) for *where, detail in cursor.fetchall()]
    return breaches
