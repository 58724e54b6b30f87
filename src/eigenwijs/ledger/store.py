"""Reading and writing the rows of this room, each in one statement whatever the number of rows.

Private to the room. The functions themselves stand beside the migrations that made them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from eigenwijs.ledger.models import Account, Transfer
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

_RECORD = """
SELECT place, answer, culprit, in_bucket, cents, in_group
FROM (
    SELECT %s::timestamptz AS moment WHERE coalesce(%s::date > ledger_closed_until(), true)
) AS is_open,
LATERAL ledger_record(
    is_open.moment, %s::integer[], %s::uuid[], %s::text[], %s::smallint[], %s::uuid[], %s::smallint[],
    %s::uuid[], %s::smallint[], %s::uuid[], %s::bigint[], %s::text[], %s::uuid[], %s::date[],
    %s::timestamptz[]
)
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
    Account.objects.bulk_create(
        [
            Account(
                bucket=ref.bucket,
                id=ref.id,
                kind=kind.value,
                owner=owner,
                opened_at=at,
            )
            for ref, kind, owner in sorted(accounts)
        ],
        ignore_conflicts=True,
    )


def lock(refs: Collection[AccountRef]) -> None:
    """Lock accounts in the order (bucket, id), as `ledger_record` does."""
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
    links: Sequence[Sequence[Entry]], *, at: datetime, known: Collection[UUID] = ()
) -> list[dict[UUID, Stored] | Refused] | None:
    """Record entries in one round trip: each link as a whole or not at all, in their order.

    Returns for each link what is stored for the keys of its entries, or why it was refused. The
    keys of one link differ. None, and nothing is done, if an entry belongs to a closed month, other
    than those with a `known` key.
    """
    flat = [(number, entry) for number, link in enumerate(links) for entry in link]
    new = [one if isinstance(one, NewTransfer) else None for _number, one in flat]
    named = [_named(one) for _number, one in flat]
    columns: list[list[object] | None] = [
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
    with connection.cursor() as cursor:
        days = [one.occurred_on for _number, one in flat if one.key not in known]
        cursor.execute(_RECORD, [at, min(days, default=None), *columns])
        rows = cursor.fetchall()
    if flat and not rows:
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
