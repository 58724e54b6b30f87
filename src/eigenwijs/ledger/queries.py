"""Reading the books."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.ledger import check_seals, proof, rules, sealing, store
from eigenwijs.ledger import periods as closing
from eigenwijs.ledger.models import Account, Period, Seal, Transfer
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    AccountView,
    Balance,
    Breach,
    ClientMoney,
    Happened,
    Hold,
    PeriodView,
    Phase,
    Progress,
    ProofPart,
    SealView,
    Side,
    TransferRef,
    TransferView,
)


def balance(ref: AccountRef) -> Balance:
    """Return the balance of one account; raises LookupError if there is none."""
    return balances([ref])[ref]


def balances(refs: Collection[AccountRef]) -> dict[AccountRef, Balance]:
    """Return the balance of each account; raises LookupError if one does not exist."""
    found = {ref: _from_sums(sums, side) for ref, (side, sums) in store.read(refs).items()}
    if missing := set(refs) - found.keys():
        raise LookupError(min(missing))
    return found


def balance_of(kind: AccountKind, owner: UUID) -> Balance:
    """Return the balance of all of an owner's accounts of one kind together; none is zero."""
    return _total(_balance(account) for account in _accounts_of(kind, owner))


def balance_at_home(kind: AccountKind, owner: UUID) -> Balance:
    """Return the balance of an owner's account of one kind in the owner's own bucket; none is zero.

    One row, where `balance_of` looks into every bucket.
    """
    ref = AccountRef(rules.bucket_of(owner), rules.account_id(kind, owner))
    side, sums = store.read([ref]).get(ref, (kind.side, rules.Sums()))
    return _from_sums(sums, side)


_TOTALS_BY_KIND = """
    SELECT
        kind,
        sum(debits_posted), sum(credits_posted),
        sum(debits_pending), sum(credits_pending)
    FROM ledger_account GROUP BY kind
"""


def totals_by_kind() -> dict[AccountKind, Balance]:
    """Return the balance of all accounts of each kind; every kind is there."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS_BY_KIND)
        sums = {kind: rules.Sums(*map(int, totals)) for kind, *totals in cursor.fetchall()}
    return {kind: _from_sums(sums.get(kind.value, rules.Sums()), kind.side) for kind in AccountKind}


def account(ref: AccountRef) -> AccountView:
    """Return the kind and the owner of an account; raises LookupError if it does not exist."""
    return accounts([ref])[ref]


def accounts(refs: Collection[AccountRef]) -> dict[AccountRef, AccountView]:
    """Return the kind and the owner of each account; raises LookupError if one does not exist."""
    found = {
        AccountRef(bucket, id_): AccountView(AccountRef(bucket, id_), AccountKind(kind), owner)
        for bucket, id_, kind, owner in Account.objects.filter(
            pk__in=[(ref.bucket, ref.id) for ref in refs]
        ).values_list("bucket", "id", "kind", "owner")
    }
    if missing := set(refs) - found.keys():
        raise LookupError(min(missing))
    return found


def transfers(ref: AccountRef) -> list[TransferView]:
    """Return what was recorded on an account, oldest first, holds and voids included."""
    rows = Transfer.objects.filter(bucket=ref.bucket).filter(Q(debit=ref.id) | Q(credit=ref.id))
    return _views(list(rows.order_by("recorded_at", "id")))


def transfers_into(kind: AccountKind, *, chunk: int) -> Iterator[list[TransferView]]:
    """Yield what was credited to accounts of a kind, account by account, `chunk` at a time."""
    for account_ in Account.objects.filter(kind=kind).order_by("bucket", "id"):
        rows = Transfer.objects.filter(bucket=account_.bucket, credit=account_.id).order_by("id")
        stream = rows.iterator(chunk)
        while part := list(islice(stream, chunk)):
            yield _views(part)


def group(group_id: UUID, *, offset: int = 0, limit: int | None = None) -> list[TransferView]:
    """Return the transfers of one event, oldest first: all, or `limit` from place `offset` on."""
    rows = _once(Transfer.objects.filter(group=group_id)).order_by("recorded_at", "id")
    return _views(list(rows[offset : None if limit is None else offset + limit]))


def what_happened(group_ids: Collection[UUID]) -> dict[tuple[UUID, datetime], list[Happened]]:
    """Return what was recorded in these groups, moment by moment: each kind of transfer once."""
    rows = _once(Transfer.objects.filter(group__in=group_ids))
    found: dict[tuple[UUID, datetime], list[Happened]] = {}
    for group_id, at, kind, phase, is_reversal in (
        rows.annotate(is_reversal=Q(reverses__isnull=False))
        .values_list("group", "recorded_at", "kind", "phase", "is_reversal")
        .distinct()
        .order_by("kind", "phase", "is_reversal")
    ):
        found.setdefault((group_id, at), []).append(Happened(kind, Phase(phase), is_reversal))
    return found


def group_size(group_id: UUID) -> int:
    """Return how many transfers one event has."""
    return _once(Transfer.objects.filter(group=group_id)).count()


def transfer(ref: TransferRef) -> TransferView | None:
    """Return one transfer, or None."""
    return transfers_by_ref([ref]).get(ref)


def transfers_by_ref(refs: Collection[TransferRef]) -> dict[TransferRef, TransferView]:
    """Return transfers by the names they were asked by; absent ones are left out.

    Send a few thousand at a time.
    """
    found = _views(list(Transfer.objects.filter(pk__in=[(ref.bucket, ref.id) for ref in refs])))
    by_bucket = {
        TransferRef(bucket, view.ref.id): view
        for view in found
        for bucket in (view.debit.bucket, view.credit.bucket)
    }
    return {ref: by_bucket[ref] for ref in refs if ref in by_bucket}


def transfers_named(key: UUID) -> list[TransferView]:
    """Return the transfers with this key, wherever they live; hardly ever more than one."""
    return _views(list(_once(Transfer.objects.filter(bucket__in=range(rules.BUCKETS), id=key))))


def transfers_of(
    amount: Money, *, since: date | None = None, until: date | None = None, limit: int = 100
) -> list[TransferView]:
    """Return transfers of exactly this amount, the last recorded first; days as in `transfers`.

    There is no index on amounts: this reads the books from end to end, and is for auditors.
    """
    rows = _once(_occurred(Transfer.objects.filter(amount_cents=amount.cents), since, until))
    return _views(list(rows.order_by("-recorded_at", "-id")[:limit]))


def given_back(refs: Collection[TransferRef]) -> dict[TransferRef, Money]:
    """Return how much of each transfer was reversed; absent is nothing."""
    return {ref: Money(cents) for ref, cents in store.reversed_cents(refs).items()}


def groups(*, since: date | None = None, until: date | None = None, limit: int = 100) -> list[UUID]:
    """Return the groups in which something was recorded last, newest first."""
    rows = _occurred(Transfer.objects.all(), since, until)
    latest = rows.values("group").annotate(last=Max("recorded_at")).order_by("-last", "-group")
    return [row["group"] for row in latest[:limit]]


def open_holds(*, before: datetime | None = None) -> list[Hold]:
    """Return the holds that are neither posted nor voided, earliest end first.

    With `before`: only those whose end is at or before that moment. A hold between buckets is
    named once, by its debit account.
    """
    settlement = Transfer.objects.filter(bucket=OuterRef("bucket"), settles=OuterRef("id"))
    rows = Transfer.objects.filter(phase=Phase.PENDING.value).filter(~Exists(settlement))
    if before is not None:
        rows = rows.filter(expires_at__lte=before)
    return [
        Hold(
            ref=TransferRef(row.bucket, row.id),
            debit=AccountRef(row.bucket, row.debit),
            amount=Money(row.amount_cents),
            kind=row.kind,
            group=row.group,
            expires_at=row.expires_at,
        )
        for row in rows.exclude(debit=rules.BETWEEN_ID).order_by("expires_at", "id")
        if row.expires_at is not None
    ]


def client_money() -> ClientMoney:
    """Return what is at the bank and under way, and what is owed to everybody together."""
    totals = totals_by_kind()
    return ClientMoney(
        bank=totals[AccountKind.BANK].posted,
        in_transit=totals[AccountKind.IN_TRANSIT].posted,
        owed=sum_money(total.posted for kind, total in totals.items() if kind.side is Side.CREDIT),
    )


def seal_lines() -> Iterator[str]:
    """Yield all seals in their order, each as a line of JSON, as `docs/reference/seals.md` describes."""
    for row in Seal.objects.order_by("id").iterator():
        told = {
            "seal": row.id,
            "first": row.first,
            "last": row.last,
            "rows": row.rows,
            "previous": bytes(row.previous).hex(),
            "hash": bytes(row.hash).hex(),
            "sealed_at": row.sealed_at.isoformat(),
        }
        yield json.dumps(told) + "\n"


def seal_checker() -> str:
    """Return the text of the stand-alone script that checks exported seals."""
    return Path(check_seals.__file__).read_text(encoding="utf-8")


def last_seal() -> SealView | None:
    """Return the last seal, or None."""
    row = Seal.objects.order_by("-id").first()
    return None if row is None else _seal_view(row)


def sealed_rows(*, first: int, last: int) -> Iterator[tuple[int, str, str]]:
    """Yield the number, the digest (hexadecimal) and the stated text of each transfer in a range.

    The digest is the SHA-256 of the text: its fields joined by `|`, as `docs/reference` lists them.
    """
    return sealing.rows(first, last)


def is_replica() -> bool:
    """Whether this database follows another one, so that it can be read and not written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return bool(cursor.fetchone()[0])


def periods(*, limit: int | None = None) -> list[PeriodView]:
    """Return the months that were closed, or are being closed, the last one first."""
    rows = Period.objects.order_by("-until")[:limit]
    return [
        PeriodView(
            until=row.until,
            begun_at=row.begun_at,
            begun_by=row.begun_by,
            closed_at=row.closed_at,
            closed_by=row.closed_by,
            seal=row.seal,
        )
        for row in rows
    ]


def closed_until() -> date | None:
    """Return the last day in which nothing can be recorded any more, or None."""
    return closing.closed_until()


def first_open_day(day: date) -> date:
    """Return `day`, or the first day after it in which something can be recorded."""
    closed = closing.closed_until()
    return day if closed is None or day > closed else closed + timedelta(days=1)


def one_moment() -> AbstractContextManager[None]:
    """Let everything that is read within see one and the same moment of the books; see `proof`."""
    return proof.one_moment()


def prove(
    *,
    at: datetime,
    known_holds: Collection[UUID] | None = None,
    part: ProofPart | None = None,
    tell: Progress | None = None,
    connections: int = 1,
) -> list[Breach]:
    """Recompute the books from their transfers and return everything that is wrong; see `proof`.

    `known_holds`: the keys of all holds that rooms above own; an open hold that is not among them
    is a breach (None: owners are not checked). With `part` only that much is proven. `tell` hears
    which check is how far. So many `connections` share the work, all at one moment. Raises LookupError
    if there is no such seal or account.
    """
    return proof.prove(
        at=at, known_holds=known_holds, part=part, tell=tell, connections=connections
    )


def _accounts_of(kind: AccountKind, owner: UUID) -> Iterable[Account]:
    return Account.objects.filter(
        bucket__in=range(rules.BUCKETS), id=rules.account_id(kind, owner)
    ).order_by("bucket")


def _balance(account: Account) -> Balance:
    sums = rules.Sums(
        account.debits_posted,
        account.credits_posted,
        account.debits_pending,
        account.credits_pending,
    )
    return _from_sums(sums, Side(account.side))


def _seal_view(row: Seal) -> SealView:
    return SealView(
        row.id, row.first, row.last, row.rows, bytes(row.previous), bytes(row.hash), row.sealed_at
    )


def _from_sums(sums: rules.Sums, side: Side) -> Balance:
    posted, reserved = Money(sums.posted(side)), Money(sums.reserved(side))
    return Balance(posted=posted, reserved=reserved, available=posted - reserved)


def _total(parts: Iterable[Balance]) -> Balance:
    balances = list(parts)
    return Balance(
        posted=sum_money(part.posted for part in balances),
        reserved=sum_money(part.reserved for part in balances),
        available=sum_money(part.available for part in balances),
    )


def _occurred(
    rows: QuerySet[Transfer], since: date | None, until: date | None
) -> QuerySet[Transfer]:
    if since is not None:
        rows = rows.filter(occurred_on__gte=since)
    return rows if until is None else rows.filter(occurred_on__lte=until)


def _once(rows: QuerySet[Transfer]) -> QuerySet[Transfer]:
    """One row a transfer: of two halves the one with the debited account."""
    return rows.exclude(debit=rules.BETWEEN_ID)


def _views(rows: Sequence[Transfer]) -> list[TransferView]:
    """One view a transfer: halves are joined, whichever of them was found."""
    found = {TransferRef(row.bucket, row.id): row for row in rows}
    others = [
        (row.other_bucket, row.id)
        for row in rows
        if row.other_bucket is not None and TransferRef(row.other_bucket, row.id) not in found
    ]
    for row in Transfer.objects.filter(pk__in=others):
        found[TransferRef(row.bucket, row.id)] = row
    views: dict[TransferRef, TransferView] = {}
    for row in rows:
        view = _view(row, found)
        views.setdefault(view.ref, view)
    return list(views.values())


def _view(row: Transfer, found: dict[TransferRef, Transfer]) -> TransferView:
    debit_half = credit_half = row
    if row.other_bucket is not None:
        other = found[TransferRef(row.other_bucket, row.id)]
        debit_half, credit_half = (other, row) if row.debit == rules.BETWEEN_ID else (row, other)
    return TransferView(
        ref=TransferRef(debit_half.bucket, row.id),
        debit=AccountRef(debit_half.bucket, debit_half.debit),
        credit=AccountRef(credit_half.bucket, credit_half.credit),
        amount=Money(row.amount_cents),
        kind=row.kind,
        phase=Phase(row.phase),
        group=row.group,
        occurred_on=row.occurred_on,
        recorded_at=row.recorded_at,
        expires_at=row.expires_at,
        settles=row.settles,
        reverses=row.reverses,
    )
