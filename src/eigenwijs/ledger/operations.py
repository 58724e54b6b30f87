"""Writing into the books: open accounts, post transfers, hold, settle, reverse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import rules, store
from eigenwijs.ledger.rules import Row
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    Entry,
    HoldPosting,
    HoldVoid,
    NewAccount,
    NewTransfer,
    Phase,
    Recorded,
    Reversal,
    TransferRef,
)

_MESSAGES = {
    "insufficient_funds": _("Er staat niet genoeg geld op de rekening."),
    "key_reused": _("Dit nummer is al gebruikt voor een andere boeking."),
    "hold_expired": _("Deze reservering is verlopen."),
    "hold_already_settled": _("Deze reservering is al afgehandeld."),
    "exceeds_hold": _("Het bedrag is hoger dan wat er gereserveerd is."),
    "reversal_exceeds": _("Er kan niet meer terug dan er geboekt is."),
    "unknown_account": _("Deze rekening bestaat niet in het grootboek."),
    "unknown_hold": _("Deze reservering bestaat niet in het grootboek."),
    "unknown_transfer": _("Deze boeking bestaat niet in het grootboek."),
}


class UnableToPost(DomainError):
    """The books refuse, and nothing of the group was recorded.

    Codes: insufficient_funds, key_reused, hold_expired, hold_already_settled, exceeds_hold,
    reversal_exceeds, unknown_account, unknown_hold, unknown_transfer. `params` has the `key` of
    the entry, or the `account` that would be overdrawn or does not exist.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


def open_account(
    *, kind: AccountKind, owner: UUID, holder: UUID | None = None, at: datetime
) -> AccountRef:
    """Open one account; see `open_accounts`."""
    return open_accounts([NewAccount(kind, owner, holder)], at=at)[0]


def open_accounts(wanted: Sequence[NewAccount], *, at: datetime) -> list[AccountRef]:
    """Open accounts that are not open yet; return where each is, in their order.

    An account lives in the bucket of its `holder` (None: of its owner): give all pots of a person
    that person. An owner has one account of a kind in a bucket.
    """
    refs = [
        AccountRef(rules.bucket_of(one.holder or one.owner), rules.account_id(one.kind, one.owner))
        for one in wanted
    ]
    store.open_accounts(
        [(ref, one.kind, one.owner) for ref, one in zip(refs, wanted, strict=True)], at=at
    )
    return refs


def sub_account(*, kind: AccountKind, owner: UUID, bucket: int, at: datetime) -> AccountRef:
    """Open the owner's account of this kind in one bucket, unless it is open; return where it is.

    For accounts that are only sums (payables, clearing): all of an owner's accounts of that kind
    together are the balance, see `queries.balance_of`.
    """
    ref = AccountRef(bucket, rules.account_id(kind, owner))
    store.open_accounts([(ref, kind, owner)], at=at)
    return ref


def lock_for_posts(
    refs: Collection[AccountRef], *, holders: Collection[UUID], at: datetime
) -> None:
    """Lock at once all that several calls of `post` in this transaction will touch between them.

    `refs` are accounts; `holders` those in whose buckets accounts will be opened on the way. Each
    call locks in order, but the second one would begin at the front again, with the locks of the
    first still held: two such transactions could each hold what the other waits for.
    """
    buckets = {ref.bucket for ref in refs} | {rules.bucket_of(holder) for holder in holders}
    between = [AccountRef(bucket, rules.BETWEEN_ID) for bucket in buckets]
    _open_between(between, at)
    store.lock({*refs, *between})


def post_hold(
    *,
    hold: TransferRef,
    key: UUID,
    amount: Money | None = None,
    by: Actor,
    at: datetime,
    occurred_on: date,
) -> Recorded:
    """Post one hold in full or in part; see `HoldPosting` and `post`."""
    entry = HoldPosting(hold=hold, key=key, occurred_on=occurred_on, amount=amount)
    return post([entry], by=by, at=at)[0]


def void_hold(
    *, hold: TransferRef, key: UUID, by: Actor, at: datetime, occurred_on: date
) -> Recorded:
    """Void one hold; see `HoldVoid` and `post`."""
    return post([HoldVoid(hold=hold, key=key, occurred_on=occurred_on)], by=by, at=at)[0]


def reverse(
    *,
    transfer: TransferRef,
    key: UUID,
    amount: Money | None = None,
    by: Actor,
    at: datetime,
    occurred_on: date,
) -> Recorded:
    """Give back one transfer in full or in part; see `Reversal` and `post`."""
    entry = Reversal(transfer=transfer, key=key, occurred_on=occurred_on, amount=amount)
    return post([entry], by=by, at=at)[0]


@transaction.atomic
def post(entries: Sequence[Entry], *, by: Actor, at: datetime) -> list[Recorded]:
    """Record entries as one linked group: all or nothing, one answer an entry, in their order.

    An entry whose key is known with the same content is answered as replayed and does nothing; an
    account may be short in between as long as it is not when the whole group is done. A hold can
    be settled from the call after the one that made it. One row of the trail for each group that
    something was recorded in. Raises `UnableToPost`.
    """
    planned = _plan(entries)
    refs = {ref for rows in planned.values() for row in rows for ref in row.accounts}
    _open_between(refs, at)
    accounts = store.lock(refs)
    if unknown := refs - accounts.keys():
        raise UnableToPost("unknown_account", account=str(min(unknown).id))
    known = _known(planned)
    fresh = [row for key, rows in planned.items() if key not in known for row in rows]
    if fresh:
        _check_settlements(fresh, at)
        _check_reversals(fresh)
        changes = rules.changes(fresh)
        for ref, change in changes.items():
            side, sums = accounts[ref]
            if sums.plus(change).overdrawn(side):
                raise UnableToPost("insufficient_funds", account=str(ref.id))
        if store.insert(fresh, at=at) < len(fresh):
            raise UnableToPost("key_reused", key=str(fresh[0].id))
        store.add(changes)
        _record(fresh, by=by, at=at)
    return _answers(entries, planned, known)


def _plan(entries: Sequence[Entry]) -> dict[UUID, list[Row]]:
    """The rows of each key; an entry that is given twice is planned once."""
    named = store.whole([_named(entry) for entry in entries if not isinstance(entry, NewTransfer)])
    planned: dict[UUID, list[Row]] = {}
    for entry in entries:
        if isinstance(entry, NewTransfer):
            rows = _new_rows(entry)
        elif isinstance(entry, Reversal):
            rows = _reversal_rows(entry, named.get(entry.transfer, []))
        else:
            rows = _settlement_rows(entry, named.get(entry.hold, []))
        if planned.setdefault(entry.key, rows) != rows:
            raise UnableToPost("key_reused", key=str(entry.key))
    return planned


def _named(entry: HoldPosting | HoldVoid | Reversal) -> TransferRef:
    return entry.transfer if isinstance(entry, Reversal) else entry.hold


def _new_rows(entry: NewTransfer) -> list[Row]:
    debit, credit = entry.debit, entry.credit
    if debit == credit:
        raise ValueError("a transfer needs two accounts")
    if rules.BETWEEN_ID in (debit.id, credit.id):
        raise UnableToPost("unknown_account", account=str(rules.BETWEEN_ID))
    row = Row(
        bucket=debit.bucket,
        id=entry.key,
        debit=debit.id,
        credit=credit.id,
        other_bucket=None,
        amount_cents=_euro_cents(entry.amount),
        kind=entry.kind,
        phase=Phase.PENDING if entry.expires_at else Phase.POSTED,
        settles=None,
        reverses=None,
        group=entry.group,
        occurred_on=entry.occurred_on,
        expires_at=entry.expires_at,
    )
    if debit.bucket == credit.bucket:
        return [row]
    return [
        replace(row, credit=rules.BETWEEN_ID, other_bucket=credit.bucket),
        replace(row, bucket=credit.bucket, debit=rules.BETWEEN_ID, other_bucket=debit.bucket),
    ]


def _settlement_rows(entry: HoldPosting | HoldVoid, hold: Sequence[Row]) -> list[Row]:
    if not hold or hold[0].phase is not Phase.PENDING:
        raise UnableToPost("unknown_hold", key=str(entry.key))
    held = hold[0].amount_cents
    if isinstance(entry, HoldVoid):
        phase, amount = Phase.VOID, held
    else:
        phase, amount = Phase.POST, held if entry.amount is None else _euro_cents(entry.amount)
    if amount > held:
        raise UnableToPost("exceeds_hold", key=str(entry.key))
    return [
        replace(
            half,
            id=entry.key,
            amount_cents=amount,
            phase=phase,
            settles=half.id,
            group=entry.group or half.group,
            occurred_on=entry.occurred_on,
            expires_at=None,
            source=half,
        )
        for half in hold
    ]


def _reversal_rows(entry: Reversal, original: Sequence[Row]) -> list[Row]:
    if not original or original[0].phase not in (Phase.POSTED, Phase.POST):
        raise UnableToPost("unknown_transfer", key=str(entry.key))
    amount = original[0].amount_cents if entry.amount is None else _euro_cents(entry.amount)
    return [
        replace(
            half,
            id=entry.key,
            debit=half.credit,
            credit=half.debit,
            amount_cents=amount,
            phase=Phase.POSTED,
            settles=None,
            reverses=half.id,
            group=entry.group or half.group,
            occurred_on=entry.occurred_on,
            source=half,
        )
        for half in original
    ]


def _euro_cents(amount: Money) -> int:
    if amount.currency != "EUR" or amount.cents <= 0:
        raise ValueError(f"a transfer moves euros, more than none, not {amount}")
    return amount.cents


def _open_between(refs: Iterable[AccountRef], at: datetime) -> None:
    wanted = [ref for ref in refs if ref.id == rules.BETWEEN_ID]
    if wanted:
        store.open_accounts([(ref, AccountKind.BETWEEN, rules.BETWEEN_ID) for ref in wanted], at=at)


def _known(planned: Mapping[UUID, list[Row]]) -> set[UUID]:
    """The keys that are recorded already, with the same content; another content is refused."""
    stored = store.stored([row.ref for rows in planned.values() for row in rows])
    known = set()
    for key, rows in planned.items():
        found = [row.ref in stored for row in rows]
        if not any(found):
            continue
        if not all(found) or any(_differs(row, *stored[row.ref]) for row in rows):
            raise UnableToPost("key_reused", key=str(key))
        known.add(key)
    return known


def _differs(row: Row, recorded_at: datetime, digest: bytes) -> bool:
    return rules.digest(row, recorded_at) != digest


def _check_settlements(fresh: Sequence[Row], at: datetime) -> None:
    settlements = [(row, row.source) for row in fresh if row.settles is not None and row.source]
    if not settlements:
        return
    settled = store.settled([hold.ref for _, hold in settlements])
    for row, hold in settlements:
        if hold.ref in settled:
            raise UnableToPost("hold_already_settled", key=str(row.id))
        settled.add(hold.ref)
        if row.phase is Phase.POST and (hold.expires_at is None or at >= hold.expires_at):
            raise UnableToPost("hold_expired", key=str(row.id))


def _check_reversals(fresh: Sequence[Row]) -> None:
    reversals = [(row, row.source) for row in fresh if row.reverses is not None and row.source]
    if not reversals:
        return
    given_back = store.reversed_cents([original.ref for _, original in reversals])
    for row, original in reversals:
        cents = given_back.get(original.ref, 0) + row.amount_cents
        if cents > original.amount_cents:
            raise UnableToPost("reversal_exceeds", key=str(row.id))
        given_back[original.ref] = cents


def _record(fresh: Sequence[Row], *, by: Actor, at: datetime) -> None:
    """One row of the trail for each group; the second half of a transfer is not counted."""
    groups: dict[UUID, list[int]] = defaultdict(list)
    counted: set[UUID] = set()
    for row in fresh:
        if row.id not in counted:
            counted.add(row.id)
            groups[row.group].append(row.amount_cents)
    for group, amounts in groups.items():
        audit.record(
            by=by,
            at=at,
            action="ledger.post",
            subject=("ledger.group", group),
            ids={"transfers": len(amounts), "cents": sum(amounts)},
        )


def _answers(
    entries: Sequence[Entry], planned: Mapping[UUID, list[Row]], known: set[UUID]
) -> list[Recorded]:
    answers = []
    seen = set(known)
    for entry in entries:
        answers.append(Recorded(entry.key, planned[entry.key][0].ref, entry.key in seen))
        seen.add(entry.key)
    return answers
