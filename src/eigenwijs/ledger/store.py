"""Reading and writing the rows of this room, each in one statement whatever the number of rows.

Private to the room. The functions themselves stand beside the migrations that made them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from eigenwijs.kernel.actor import Actor
from eigenwijs.ledger.models import Transfer
from eigenwijs.ledger.rules import Sums
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    Entry,
    HoldPosting,
    HoldVoid,
    NewTransfer,
    Reversal,
    Side,
    TransferRef,
)

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

_OPEN = """
INSERT INTO ledger_account (
    bucket, id, kind, owner, debits_posted, credits_posted, debits_pending, credits_pending, opened_at
)
SELECT one.bucket, one.id, one.kind, one.owner, 0, 0, 0, 0, %s
FROM unnest(%s::smallint[], %s::uuid[], %s::text[], %s::uuid[]) AS one (bucket, id, kind, owner)
ON CONFLICT (bucket, id) DO NOTHING
"""

# Nothing is recorded, and there is no answer, where the day belongs to a closed month.
_RECORD_ONE = """
WITH stored AS MATERIALIZED (
    SELECT moment, ledger_record_one(
        moment, %s, %s::smallint, %s, %s, %s, %s, %s, %s, %s::timestamptz
    ) AS is_recorded
    FROM (
        SELECT %s::timestamptz AS moment WHERE coalesce(%s::date > ledger_closed_until(), true)
    ) AS is_open
)
SELECT CASE WHEN is_recorded THEN audit_record(
    moment, %s, %s, %s, %s, %s, 'ledger.post', 'ledger.group', ARRAY[%s::uuid], ARRAY[%s::jsonb]
) END
FROM stored
"""

# Of an entry that is two rows, the trail counts the one by which it is named, which comes first.
_RECORD = """
WITH stored AS MATERIALIZED (
    SELECT moment, one.*
    FROM (
        SELECT %s::timestamptz AS moment WHERE coalesce(%s::date > ledger_closed_until(), true)
    ) AS is_open,
    LATERAL ledger_record(
        moment, %s::integer[], %s::uuid[], %s::text[], %s::smallint[], %s::uuid[], %s::smallint[],
        %s::uuid[], %s::smallint[], %s::uuid[], %s::bigint[], %s::text[], %s::uuid[], %s::date[],
        %s::timestamptz[]
    ) WITH ORDINALITY AS one (place, answer, culprit, in_bucket, cents, in_group, number)
), recorded AS (
    SELECT DISTINCT ON (place) moment, in_group, cents
    FROM stored WHERE answer = 'recorded' ORDER BY place, number
), of_group AS (
    SELECT moment, in_group, jsonb_build_object('transfers', count(*), 'cents', sum(cents)) AS ids
    FROM recorded GROUP BY moment, in_group
), trail AS (
    SELECT audit_record(
        moment, %s, %s, %s, %s, %s, 'ledger.post', 'ledger.group', array_agg(in_group), array_agg(ids)
    )
    FROM of_group GROUP BY moment
)
SELECT place, answer, culprit, in_bucket, cents, in_group
FROM stored WHERE (SELECT count(*) FROM trail) >= 0  -- so that the trail is written
ORDER BY number
"""


class Stored(NamedTuple):
    """What stands in the books for one entry; `is_new`: since this call."""

    bucket: int
    cents: int
    group: UUID
    is_new: bool


class Refused(NamedTuple):
    """Why a link was refused, and the key or the account at fault."""

    code: str
    culprit: UUID


def open_accounts(
    accounts: Iterable[tuple[AccountRef, AccountKind, UUID]], *, at: datetime
) -> None:
    """Make the accounts that are not there yet: where, of which kind, whose."""
    rows = sorted(accounts)
    columns: list[list[object]] = [
        [ref.bucket for ref, _kind, _owner in rows],
        [ref.id for ref, _kind, _owner in rows],
        [kind.value for _ref, kind, _owner in rows],
        [owner for _ref, _kind, owner in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [at, *columns])


def lock(refs: Collection[AccountRef]) -> None:
    """Lock accounts in the order (bucket, id), as posting does."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [[ref.bucket for ref in refs], [ref.id for ref in refs]])


def read(refs: Collection[AccountRef]) -> dict[AccountRef, tuple[Side, Sums]]:
    """Return the side and sums of accounts without locking them."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [[ref.bucket for ref in refs], [ref.id for ref in refs]])
        return {
            AccountRef(bucket, account): (Side(side), Sums(*sums))
            for bucket, account, side, *sums in cursor.fetchall()
        }


def record(
    links: Sequence[Sequence[Entry]], *, by: Actor, at: datetime, known: Collection[UUID] = ()
) -> list[dict[UUID, Stored] | Refused] | None:
    """Record entries in one round trip: each link as a whole or not at all, in their order.

    One row of the trail for each group that something was recorded in. Returns for each link what
    is stored for the keys of its entries, or why it was refused. The keys of one link differ. None,
    and nothing is done, if an entry belongs to a closed month, other than those with a `known` key.
    """
    flat = [(number, entry) for number, link in enumerate(links) for entry in link]
    days = [one.occurred_on for _number, one in flat if one.key not in known]
    is_open = [at, min(days, default=None)]
    who = [by.kind, by.person_id, by.role, by.organisation_id, by.name]
    (_number, first), *more = flat
    if not more and isinstance(first, NewTransfer) and first.debit.bucket == first.credit.bucket:
        stored = _record_one(first, is_open, who)
        if stored is not None:
            return [{first.key: stored}]
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [*is_open, *_columns(flat), *who])
        rows = cursor.fetchall()
    if not rows:
        return None
    answers: list[dict[UUID, Stored] | Refused] = [{} for _link in links]
    for place, answer, culprit, bucket, cents, group in rows:
        number, entry = flat[place - 1]
        found = answers[number]
        if culprit is not None:
            answers[number] = Refused(answer, culprit)
        elif isinstance(found, dict):  # the half by which an entry is named comes first
            found.setdefault(entry.key, Stored(bucket, cents, group, answer == "recorded"))
    return answers


def _record_one(one: NewTransfer, is_open: Sequence[Any], who: Sequence[Any]) -> Stored | None:
    """Record one transfer within a bucket; None, and nothing is done, if that is not all there is to it."""
    bucket, cents = one.debit.bucket, one.amount.cents
    entry: list[Any] = [one.key, bucket, one.debit.id, one.credit.id, cents, one.kind, one.group]
    ids = json.dumps({"transfers": 1, "cents": cents})
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD_ONE,
            [*entry, one.occurred_on, one.expires_at, *is_open, *who, one.group, ids],
        )
        answer = cursor.fetchone()
    return Stored(bucket, cents, one.group, is_new=True) if answer and answer[0] else None


def _columns(flat: Sequence[tuple[int, Entry]]) -> list[list[object] | None]:
    """The entries as `ledger_record` takes them: the numbers of their links, then their fields."""
    new = [one if isinstance(one, NewTransfer) else None for _number, one in flat]
    named = [_named(one) for _number, one in flat]
    return [
        [number for number, _one in flat],
        [one.key for _number, one in flat],
        [_ACTS[type(one)] for _number, one in flat],
        [one and one.debit.bucket for one in new],
        [one and one.debit.id for one in new],
        [one and one.credit.bucket for one in new],
        [one and one.credit.id for one in new],
        *(
            ([ref and ref.bucket for ref in named], [ref and ref.id for ref in named])
            if any(named)
            else (None, None)
        ),
        [_cents(one) for _number, one in flat],
        [one and one.kind for one in new],
        [one.group for _number, one in flat],
        [one.occurred_on for _number, one in flat],
        [one and one.expires_at for one in new],
    ]


_ACTS = {NewTransfer: "transfer", HoldPosting: "post", HoldVoid: "void", Reversal: "reverse"}


def _named(entry: Entry) -> TransferRef | None:
    if isinstance(entry, NewTransfer):
        return None
    return entry.transfer if isinstance(entry, Reversal) else entry.hold


def _cents(entry: Entry) -> int | None:
    if isinstance(entry, HoldVoid) or entry.amount is None:
        return None
    return entry.amount.cents


def recorded_keys(entries: Collection[Entry]) -> set[UUID]:
    """Return which of the keys of these entries stand in the buckets that their entries touch."""
    wanted = {
        (bucket, one.key)
        for one in entries
        for bucket in (
            (one.debit.bucket, one.credit.bucket)
            if isinstance(one, NewTransfer)
            else (ref.bucket for ref in [_named(one)] if ref)
        )
    }
    if not wanted:
        return set()
    return set(Transfer.objects.filter(pk__in=sorted(wanted)).values_list("id", flat=True))


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
