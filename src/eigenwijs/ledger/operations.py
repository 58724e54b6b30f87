"""Writing into the books: open accounts, post transfers, hold, settle, reverse."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue, Subject
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.ledger import periods, rules, sealing, store
from eigenwijs.ledger.models import Period
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    Entry,
    HoldVoid,
    NewAccount,
    NewTransfer,
    Recorded,
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
    "period_closed": _("Deze dag valt in een maand die is afgesloten."),
}
_CLOSING_MESSAGES = {
    "not_a_month": _("Kies de laatste dag van een maand."),
    "not_over": _("Deze maand is nog niet lang genoeg voorbij. Kan vanaf twee dagen na het eind."),
    "closed_already": _("Deze maand is al afgesloten."),
    "not_begun": _("Het afsluiten van deze maand is nog niet begonnen."),
    "same_person": _("Iemand anders moet deze maand afsluiten: vier ogen."),
    "still_running": _("Er wordt nog een boeking van eerder afgemaakt. Probeer het zo weer."),
    "not_sealed": _("Nog niet alle posten hebben een zegel. Probeer het over een minuut weer."),
}


class UnableToPost(DomainError):
    """The books refuse, and nothing of the group was recorded.

    Codes: insufficient_funds, key_reused, hold_expired, hold_already_settled, exceeds_hold,
    reversal_exceeds, unknown_account, unknown_hold, unknown_transfer, period_closed. `params` has
    the `key` of the entry, or the `account` that would be overdrawn or does not exist.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


class UnableToClose(DomainError):
    """The month stays as it is.

    Codes: not_a_month, not_over, closed_already, not_begun, same_person, still_running, not_sealed.
    """

    def __init__(self, code: str, until: date) -> None:
        super().__init__(code, _CLOSING_MESSAGES[code], {"until": until.isoformat()})


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


def lock_for_posts(refs: Collection[AccountRef], *, at: datetime) -> None:
    """Lock at once all accounts that several calls of `post` in this transaction will touch.

    Each call locks in order, but the second one would begin at the front again, with the locks of
    the first still held: two such transactions could each hold what the other waits for.
    """
    between = [AccountRef(bucket, rules.BETWEEN_ID) for bucket in {ref.bucket for ref in refs}]
    store.open_accounts([(ref, AccountKind.BETWEEN, rules.BETWEEN_ID) for ref in between], at=at)
    store.lock({*refs, *between})


def post(entries: Sequence[Entry], *, by: Actor, at: datetime) -> list[Recorded]:
    """Record entries as one linked group: all or nothing, one answer an entry, in their order.

    An entry whose key is known with the same content is answered as replayed and does nothing; an
    account may be short in between as long as it is not when the whole group is done. A hold can
    be settled from the call after the one that made it. One row of the trail for each group that
    something was recorded in. Raises `UnableToPost`.
    """
    (answers,) = post_many([entries], by=by, at=at)
    if isinstance(answers, UnableToPost):
        raise answers
    return answers


def post_many(
    links: Sequence[Sequence[Entry]], *, by: Actor, at: datetime
) -> list[list[Recorded] | UnableToPost]:
    """Record links of entries in their order, in one round trip: what fits is recorded.

    Each link is recorded as `post` does, after those before it, or refused as a whole: its answer
    is then what `post` would raise. Send a few hundred at a time: all accounts of all links stay
    locked until the end of the transaction.
    """
    try:
        return _post_many(links, by=by, at=at)
    except IntegrityError:
        # Somebody took one of the keys meanwhile for other accounts; now that is to be seen.
        return _post_many(links, by=by, at=at)


@transaction.atomic
def _post_many(
    links: Sequence[Sequence[Entry]], *, by: Actor, at: datetime
) -> list[list[Recorded] | UnableToPost]:
    distinct, stored = _store([_distinct(link) for link in links], by, at)
    answers: list[list[Recorded] | UnableToPost] = []
    for link, known in zip(links, distinct, strict=True):
        if isinstance(known, UnableToPost):
            answers.append(known)
            continue
        found = next(stored) if known else {}
        if isinstance(found, store.Refused):
            answers.append(_refusal(found))
        else:
            answers.append(_recorded(link, found))
    return answers


_Link = dict[UUID, Entry] | UnableToPost


def _store(
    links: list[_Link], by: Actor, at: datetime
) -> tuple[list[_Link], Iterator[dict[UUID, store.Stored] | store.Refused]]:
    """Record what can be recorded; return the links, some of them refused, and what is stored for the others.

    A link of a closed month is refused, unless all that belongs to it is there already.
    """
    known: set[UUID] = set()
    while sent := [list(link.values()) for link in links if isinstance(link, dict) and link]:
        stored = store.record(sent, by=by, at=at, known=known)
        if stored is not None:
            return links, iter(stored)
        closed = periods.closed_until()
        late = [one for link in sent for one in link if closed and one.occurred_on <= closed]
        known = store.recorded_keys(late)
        refused = {one.key for one in late} - known
        links = [
            next(
                (UnableToPost("period_closed", key=str(key)) for key in link if key in refused),
                link,
            )
            if isinstance(link, dict)
            else link
            for link in links
        ]
    return links, iter(())


def begin_closing(*, until: date, by: Actor, at: datetime) -> None:
    """Refuse from now on what belongs to `until`, the last day of a month, or to an earlier day.

    Only what is recorded already is answered as before, as a replay. It cannot be taken back; a second
    person closes the month for good with `close`. Doing it again changes nothing. Call it outside a
    transaction. Raises UnableToClose: not_a_month, not_over (less than two days ago), closed_already
    (a later month is being closed).
    """
    if not periods.is_last_of_month(until):
        raise UnableToClose("not_a_month", until)
    if local_date(at) < until + timedelta(days=2):
        raise UnableToClose("not_over", until)
    if (closed := periods.closed_until()) and closed > until:
        raise UnableToClose("closed_already", until)
    with transaction.atomic(durable=True):
        if periods.begin(until, by=_person(by), at=at):
            audit.record(
                by=by, at=at, action="ledger.period.begin", subject=_period(until), ids=_days(until)
            )
    periods.note_who_runs(until)


@transaction.atomic
def close(*, until: date, by: Actor, at: datetime) -> None:
    """Close for good what somebody else began to close. Nothing can open it again.

    Doing it again changes nothing. Raises UnableToClose: not_begun, same_person, still_running
    (something that ran when it was begun has not ended), not_sealed.
    """
    if not may_close(until=until, by=by):
        return
    if refusal := periods.close(until, by=_person(by), at=at):
        raise UnableToClose(refusal, until)
    audit.record(
        by=by, at=at, action="ledger.period.close", subject=_period(until), ids=_days(until)
    )


def may_close(*, until: date, by: Actor) -> bool:
    """Whether a month waits to be closed for good; False if it is. Raises UnableToClose as `close`."""
    row = Period.objects.filter(until=until).first()
    if row is None:
        raise UnableToClose("not_begun", until)
    if row.closed_at is not None:
        return False
    if row.begun_by == _person(by):
        raise UnableToClose("same_person", until)
    return True


def seal(*, at: datetime) -> int:
    """Seal the transfers that nothing can be added before any more; return how many seals were made.

    Call it again and again: what it notes in one call it seals in a later one, when all that ran
    has ended. See `sealing`.
    """
    return sealing.seal(at=at)


def _distinct(link: Sequence[Entry]) -> dict[UUID, Entry] | UnableToPost:
    """The entries by their keys, each once."""
    entries: dict[UUID, Entry] = {}
    for entry in link:
        _check(entry)
        if entries.setdefault(entry.key, entry) != entry:
            return UnableToPost("key_reused", key=str(entry.key))
        if isinstance(entry, NewTransfer) and rules.BETWEEN_ID in (entry.debit.id, entry.credit.id):
            return UnableToPost("unknown_account", account=str(rules.BETWEEN_ID))
    return entries


def _period(until: date) -> Subject:
    return ("ledger.period", derived_id(UUID(int=0), f"ledger.period.{until}"))


def _days(until: date) -> dict[str, IdValue]:
    return {"period": f"{until:%Y-%m}"}


def _person(by: Actor) -> UUID:
    """Who closes; whoever closes for the software itself is one and the same."""
    return by.person_id or UUID(int=0)


def _check(entry: Entry) -> None:
    if isinstance(entry, NewTransfer) and entry.debit == entry.credit:
        raise ValueError("a transfer needs two accounts")
    if isinstance(entry, HoldVoid) or entry.amount is None:
        return
    if entry.amount.currency != "EUR" or entry.amount.cents <= 0:
        raise ValueError(f"a transfer moves euros, more than none, not {entry.amount}")


def _recorded(link: Sequence[Entry], found: Mapping[UUID, store.Stored]) -> list[Recorded]:
    answers = []
    seen: set[UUID] = set()
    for entry in link:
        stored = found[entry.key]
        replayed = entry.key in seen or not stored.is_new
        answers.append(Recorded(entry.key, TransferRef(stored.bucket, entry.key), replayed))
        seen.add(entry.key)
    return answers


def _refusal(refused: store.Refused) -> UnableToPost:
    is_account = refused.code in ("insufficient_funds", "unknown_account")
    return UnableToPost(refused.code, **{"account" if is_account else "key": str(refused.culprit)})
