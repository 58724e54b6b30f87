"""Proving the books: every figure recomputed from the transfers, every breach named.

Each check is one statement that returns the rows that are wrong, as (bucket, id, detail). It is run
on one slice after another: rows by their number, which is how they lie on the disk, accounts by their
bucket. A slice of buckets reads the whole table, so there are few; what a statement has to remember
beyond its memory goes to disk. Sums of history are read here only, never on the way of somebody who
pays.

The same statements prove a part: the rows after a seal, or those of one account. What needs all rows
(sums, keys, and for rows after a seal balances) such a part does not prove.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from eigenwijs.ledger.rules import BETWEEN_ID, BUCKETS
from eigenwijs.ledger.sealing import BEFORE_THE_FIRST
from eigenwijs.ledger.types import AccountRef, Breach, Progress, ProofPart, SinceSeal

# What one statement looks at: enough to be worth its start, and little enough to tell how far it is.
ROWS_A_SLICE = 1_000_000
ROWS_A_BUCKET_SLICE = 64_000_000
SEALS_A_SLICE = 100
WORK_MEMORY = "16MB"  # of a sort; a hash may take twice as much, in each of three processes

# Of each row by itself.
_ROWS = {
    "content_changed": """
    SELECT t.bucket, t.id, 'the row is not what was recorded: its digest differs'
    FROM ledger_transfer AS t
    WHERE %(rows)s AND digest <> ledger_digest(t, recorded_at)
    """,
    "half_without_between": """
    SELECT t.bucket, t.id, 'a half, and only a half, moves money through the account between buckets'
    FROM ledger_transfer AS t
    WHERE %(rows)s AND (other_bucket IS NOT NULL) <> (debit = %(between)s OR credit = %(between)s)
    """,
}

# Of each row and what it belongs with.
_TIED = {
    "half_missing": """
    SELECT t.bucket, t.id, format('its other half in bucket %%s is not there or differs', t.other_bucket)
    FROM ledger_transfer AS t
    LEFT JOIN ledger_transfer AS other
      ON other.bucket = t.other_bucket AND other.id = t.id AND other.other_bucket = t.bucket
     AND %(others)s
     AND (other.amount_cents, other.kind, other.phase, other.group_id, other.occurred_on, other.recorded_at)
       = (t.amount_cents, t.kind, t.phase, t.group_id, t.occurred_on, t.recorded_at)
     AND other.settles IS NOT DISTINCT FROM t.settles
     AND other.reverses IS NOT DISTINCT FROM t.reverses
     AND other.expires_at IS NOT DISTINCT FROM t.expires_at
     AND (other.debit = %(between)s) = (t.credit = %(between)s)
    WHERE %(rows)s AND t.other_bucket IS NOT NULL AND other.id IS NULL
    """,
    "settlement_wrong": """
    SELECT t.bucket, t.id, CASE
        WHEN hold.id IS NULL THEN 'it settles a hold that does not exist'
        WHEN (t.debit, t.credit) <> (hold.debit, hold.credit) THEN 'its accounts are not those of the hold'
        WHEN t.amount_cents > hold.amount_cents THEN 'it posts more than was held'
        ELSE 'it was posted at or after the end of the hold' END
    FROM ledger_transfer AS t
    LEFT JOIN ledger_transfer AS hold
      ON hold.bucket = t.bucket AND hold.id = t.settles AND hold.phase = 'pending'
    WHERE %(rows)s AND t.phase IN ('post', 'void')
      AND (hold.id IS NULL OR (t.debit, t.credit) <> (hold.debit, hold.credit)
           OR t.amount_cents > hold.amount_cents
           OR (t.phase = 'post' AND t.recorded_at >= hold.expires_at))
    """,
    "hold_settled_twice": """
    SELECT bucket, settles, format('%%s transfers settle this hold', count(*))
    FROM ledger_transfer AS t
    WHERE settles IS NOT NULL AND %(same_hold)s
    GROUP BY bucket, settles HAVING count(*) > 1 AND %(last_of_it)s
    """,
    "reversal_wrong": """
    SELECT t.bucket, t.id, 'it reverses a transfer that does not exist or had other accounts'
    FROM ledger_transfer AS t
    LEFT JOIN ledger_transfer AS original
      ON original.bucket = t.bucket AND original.id = t.reverses
     AND original.phase IN ('posted', 'post')
     AND (original.debit, original.credit) = (t.credit, t.debit)
    WHERE %(rows)s AND t.reverses IS NOT NULL AND original.id IS NULL
    """,
    "reversal_exceeds": """
    SELECT original.bucket, original.id,
        format('%%s cents were given back of %%s', back.cents, original.amount_cents)
    FROM (
        SELECT bucket, reverses, sum(amount_cents) AS cents FROM ledger_transfer AS t
        WHERE reverses IS NOT NULL AND %(same_original)s GROUP BY bucket, reverses
        HAVING %(last_of_it)s
    ) AS back
    JOIN ledger_transfer AS original
      ON original.bucket = back.bucket AND original.id = back.reverses
    WHERE back.cents > original.amount_cents
    """,
}

_HOLD = "hold_left_open"
_TIED[_HOLD] = """
    SELECT t.bucket, t.id, t.amount_cents, t.expires_at
    FROM ledger_transfer AS t
    WHERE %(rows)s AND t.phase = 'pending' AND t.debit <> %(between)s
      AND NOT EXISTS (SELECT 1 FROM ledger_transfer AS s
                      WHERE s.bucket = t.bucket AND s.settles = t.id)
"""

# Of each account and all its rows.
_ACCOUNTS = {
    "balance_differs": """
    WITH effect AS NOT MATERIALIZED (
        SELECT t.bucket, t.debit, t.credit,
               CASE WHEN t.phase IN ('posted', 'post') THEN t.amount_cents ELSE 0 END AS posted,
               CASE WHEN t.phase = 'pending' THEN t.amount_cents
                    WHEN t.phase IN ('post', 'void') THEN -coalesce(hold.amount_cents, 0)
                    ELSE 0 END AS held
        FROM ledger_transfer AS t
        LEFT JOIN ledger_transfer AS hold
          ON hold.bucket = t.bucket AND hold.id = t.settles AND hold.phase = 'pending'
        WHERE %(rows)s
    ), total AS (
        SELECT bucket, id, dr, cr, dr_held, cr_held
        FROM (SELECT bucket, debit AS id, sum(posted) AS dr, sum(held) AS dr_held
              FROM effect GROUP BY bucket, debit) AS debited
        FULL JOIN (SELECT bucket, credit AS id, sum(posted) AS cr, sum(held) AS cr_held
                   FROM effect GROUP BY bucket, credit) AS credited USING (bucket, id)
    )
    SELECT bucket, id, format(
        'account: debits %%s, credits %%s, held %%s and %%s; transfers: %%s, %%s, %%s and %%s',
        coalesce(a.debits_posted::text, 'none'), coalesce(a.credits_posted::text, 'none'),
        coalesce(a.debits_pending::text, 'none'), coalesce(a.credits_pending::text, 'none'),
        coalesce(dr, 0), coalesce(cr, 0), coalesce(dr_held, 0), coalesce(cr_held, 0))
    FROM (SELECT * FROM ledger_account AS a WHERE %(accounts)s) AS a
    FULL JOIN (SELECT * FROM total AS a WHERE %(accounts)s) AS total USING (bucket, id)
    WHERE (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
          IS DISTINCT FROM
          (coalesce(dr, 0), coalesce(cr, 0), coalesce(dr_held, 0), coalesce(cr_held, 0))
    """,
    "overdrawn": """
    SELECT bucket, id, format('%%s account has debits %%s and credits %%s, held %%s and %%s',
        kind, debits_posted, credits_posted, debits_pending, credits_pending)
    FROM ledger_account AS a
    WHERE %(accounts)s AND (
        (side = 'credit' AND credits_posted < debits_posted + debits_pending)
        OR (side = 'debit' AND debits_posted < credits_posted + credits_pending))
    """,
}

# Of two halves the one that comes out of the account between has the same key by right.
_KEYS = {
    "key_used_twice": """
    SELECT min(t.bucket), t.id, format('%%s transfers have this key', count(*))
    FROM ledger_transfer AS t WHERE %(rows)s AND t.debit <> %(between)s
    GROUP BY t.id HAVING count(*) > 1
    """,
}

# Of the books as a whole.
_SUMS = {
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
    "client_money_differs": """
    SELECT NULL, NULL, format('%%s cents are there and %%s are owed', there, owed)
    FROM (SELECT
        coalesce(sum(debits_posted - credits_posted) FILTER (WHERE side = 'debit'), 0) AS there,
        coalesce(sum(credits_posted - debits_posted) FILTER (WHERE side = 'credit'), 0) AS owed
        FROM ledger_account) AS total
    WHERE there <> owed
    """,
}

_SEALS = {
    "seal_broken": """
    SELECT NULL, NULL, format(
        'seal %%s, of the transfers numbered %%s to %%s: %%s rows were sealed, %%s are there%%s',
        seal.id, seal.first, seal.last, seal.rows, found.rows,
        CASE WHEN seal.rows = found.rows THEN ', and not as they were' ELSE '' END)
    FROM ledger_seal AS seal,
        LATERAL ledger_seal(seal.previous, seal.first, seal.last) AS found
    WHERE seal.id > %(after)s AND seal.id <= %(until)s
      AND (seal.rows, seal.hash) IS DISTINCT FROM (found.rows, found.hash)
    """,
    "seal_missing": """
    SELECT NULL, NULL, format('seal %%s does not follow the one before it', id)
    FROM (
        SELECT id, first, previous, lag(last, 1, 0) OVER earlier AS before,
            lag(id, 1, 0) OVER earlier AS id_before,
            lag(hash, 1, %(no_seal)s) OVER earlier AS hash_before
        FROM ledger_seal WINDOW earlier AS (ORDER BY id)
    ) AS seal
    WHERE id > %(after)s AND id <= %(until)s
      AND (id, first, previous) IS DISTINCT FROM (id_before + 1, before + 1, hash_before)
    """,
}

# What the names in the statements stand for: which rows; which of their other halves, and of what
# settles or reverses the same, however long ago, the slice that has the last of it; which accounts.
_EVERYTHING = dict.fromkeys(
    ("rows", "others", "same_hold", "same_original", "last_of_it", "accounts"), "true"
)
_BY_NUMBER = {
    **_EVERYTHING,
    "rows": "t.number > %(after)s AND t.number <= %(until)s",
    "same_hold": """(bucket, settles) IN (
        SELECT bucket, settles FROM ledger_transfer
        WHERE number > %(after)s AND number <= %(until)s)""",
    "same_original": """(bucket, reverses) IN (
        SELECT bucket, reverses FROM ledger_transfer
        WHERE number > %(after)s AND number <= %(until)s)""",
    "last_of_it": "max(number) > %(after)s AND max(number) <= %(until)s",
}
_IN_BUCKET = "t.bucket > %(after)s AND t.bucket <= %(until)s"
_BY_BUCKET = {
    "rows": _IN_BUCKET,
    "others": "other.other_bucket > %(after)s AND other.other_bucket <= %(until)s",
    "same_hold": _IN_BUCKET,
    "same_original": _IN_BUCKET,
    "last_of_it": "true",
    "accounts": "a.bucket > %(after)s AND a.bucket <= %(until)s",
}
_OF_ACCOUNT = "t.bucket = %(bucket)s AND (t.debit = %(account)s OR t.credit = %(account)s)"
_OF_ONE = {
    "rows": _OF_ACCOUNT,
    "others": "true",
    "same_hold": _OF_ACCOUNT,
    "same_original": _OF_ACCOUNT,
    "last_of_it": "true",
    "accounts": "a.bucket = %(bucket)s AND a.id = %(account)s",
}
_IS_THERE = "SELECT FROM ledger_account WHERE bucket = %(bucket)s AND id = %(account)s"
_FIRST, _NO_END = -(2**63), 2**63 - 1
_BEFORE_ALL, _AFTER_ALL = -(2**15) - 1, 2**15 - 1  # of what a bucket can be

_Row = tuple[Any, ...]


class _Slice(NamedTuple):
    """What one statement looks at, and how far the check is once it has."""

    names: dict[str, str]
    where: dict[str, Any]
    progress: tuple[int, int, str]


class _Step(NamedTuple):
    """One check of one slice."""

    code: str
    statement: str
    slice: _Slice

    def found(self) -> list[_Row]:
        where = {"between": BETWEEN_ID, "no_seal": BEFORE_THE_FIRST, **self.slice.where}
        return _rows(_filled(self.statement, self.slice.names), where)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything read within see one snapshot, and write nothing.

    Inside a transaction that runs already nothing changes: it sees what that transaction sees.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def prove(
    *,
    at: datetime,
    known_holds: Collection[UUID] | None,
    part: ProofPart | None,
    tell: Progress | None,
    connections: int,
) -> list[Breach]:
    """Run every check that the part can answer, on one moment of the books; return the breaches found.

    Called outside a transaction, it sees one snapshot however long it takes and whatever is
    posted meanwhile. `at` is the moment that ends of holds are compared with. With more than one of
    `connections` so many checks run at once, each on its own, all on that snapshot; inside a
    transaction that may have written, which others cannot see, there is one. Raises LookupError if
    there is no such seal or account.
    """
    breaches: list[Breach] = []
    with one_moment():
        _settle_in()
        steps = [
            _Step(code, statement, one)
            for checks, slices in _plan(part)
            for one in slices
            for code, statement in checks.items()
        ]
        for step, found in _answers(steps, connections):
            if step.code == _HOLD:
                breaches += _holds(found, at, known_holds)
            else:
                breaches += [Breach(step.code, detail, *where) for *where, detail in found]
            if tell is not None:
                tell(step.code, *step.slice.progress)
    return breaches


def _answers(steps: list[_Step], connections: int) -> Iterator[tuple[_Step, list[_Row]]]:
    """Yield what each step finds, in their order."""
    ((changes_nothing,),) = _rows("SELECT current_setting('transaction_read_only')::boolean")
    if connections == 1 or not changes_nothing:
        for step in steps:
            yield step, step.found()
        return
    ((snapshot,),) = _rows("SELECT pg_export_snapshot()")

    def elsewhere(step: _Step) -> list[_Row]:
        try:
            with one_moment():
                _settle_in(snapshot)
                return step.found()
        finally:
            connection.close()

    with ThreadPoolExecutor(connections) as threads:
        yield from zip(steps, threads.map(elsewhere, steps), strict=True)


def _settle_in(snapshot: str | None = None) -> None:
    """Let statements that read millions of rows use memory and all processors, for this proof only.

    Hardly a row is an answer, though the planner expects nearly all of them to be: nothing has to
    be paid for handing rows over between processes.
    """
    with connection.cursor() as cursor:
        if snapshot is not None:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
        cursor.execute("SET LOCAL parallel_tuple_cost = 0")
        cursor.execute("SET LOCAL jit = off")
        # The one whose snapshot the others share says nothing until they are done.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _filled(statement: str, names: dict[str, str]) -> str:
    """Return the statement with the conditions that its names stand for."""
    for name, condition in names.items():
        statement = statement.replace(f"%({name})s", condition)
    return statement


def _plan(part: ProofPart | None) -> list[tuple[dict[str, str], list[_Slice]]]:
    """Which checks look at which slices."""
    everything = [_Slice(_EVERYTHING, {}, (1, 1, "parts"))]
    match part:
        case None:
            return [
                (_ROWS, _by_number(_FIRST)),
                (_TIED | _ACCOUNTS, _by_bucket()),
                (_KEYS | _SUMS, everything),
                (_SEALS, _by_seal(0)),
            ]
        case SinceSeal(number):
            after = _end_of_seal(number)
            new = [_Slice(_BY_NUMBER, {"after": after, "until": _NO_END}, (1, 1, "parts"))]
            return [(_ROWS | _TIED, _by_number(after)), (_KEYS, new), (_SEALS, _by_seal(number))]
        case AccountRef(bucket, id_):
            where = {"bucket": bucket, "account": id_}
            if not _rows(_IS_THERE, where):
                raise LookupError(part)
            one = [_Slice(_OF_ONE, where, (1, 1, "accounts"))]
            return [(_ROWS | _TIED | _ACCOUNTS, one)]


def _end_of_seal(number: int) -> int:
    found = _rows("SELECT last FROM ledger_seal WHERE id = %(id)s", {"id": number})
    if number and not found:
        raise LookupError(number)
    return found[0][0] if number else _FIRST


def _by_number(after: int) -> list[_Slice]:
    """Rows as they were recorded, and as they lie on the disk; the last slice has no end."""
    ((last,),) = _rows("SELECT last_value FROM ledger_transfer_number")
    ends = [*range(max(after, 0) + ROWS_A_SLICE, last, ROWS_A_SLICE), _NO_END]
    return [
        _Slice(_BY_NUMBER, {"after": start, "until": end}, (min(end, last), last, "rows"))
        for start, end in zip([after, *ends], ends, strict=False)
    ]


def _by_bucket() -> list[_Slice]:
    """Accounts and all their rows, in as many slices as there are many rows."""
    ((last,),) = _rows("SELECT last_value FROM ledger_transfer_number")
    slices = min(BUCKETS, 1 + last // ROWS_A_BUCKET_SLICE)
    ends = [BUCKETS * number // slices - 1 for number in range(1, slices)]
    return [  # the first has no beginning and the last no end: what lies outside is looked at too
        _Slice(
            _BY_BUCKET,
            {"after": start, "until": end},
            (min(end + 1, BUCKETS), BUCKETS, "buckets"),
        )
        for start, end in pairwise([_BEFORE_ALL, *ends, _AFTER_ALL])
    ]


def _by_seal(after: int) -> list[_Slice]:
    """Seals; the last slice has no end."""
    ((last,),) = _rows("SELECT coalesce(max(id), 0) FROM ledger_seal")
    ends = [*range(after + SEALS_A_SLICE, last, SEALS_A_SLICE), _NO_END]
    return [
        _Slice(_EVERYTHING, {"after": start, "until": end}, (min(end, last), last, "seals"))
        for start, end in zip([after, *ends], ends, strict=False)
    ]


def _holds(found: list[_Row], at: datetime, known: Collection[UUID] | None) -> Iterator[Breach]:
    """What is wrong with open holds: past their end, or owned by nobody."""
    for bucket, id_, cents, end in found:
        if end is not None and end <= at:
            detail = f"{cents} cents are still held, its end was {end}"
            yield Breach("hold_past_its_end", detail, bucket, id_)
        if known is not None and id_ not in known:
            detail = f"{cents} cents are held and no room knows for what"
            yield Breach("hold_without_owner", detail, bucket, id_)


def _rows(statement: str, where: dict[str, Any] | None = None) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, where)
        return list(cursor.fetchall())
