"""Money that arrives, or is corrected within its term."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import lots, rules, telling
from eigenwijs.budgets.models import Credit, ExpectedCredit, Pot
from eigenwijs.budgets.queries import credit_views
from eigenwijs.budgets.types import CreditView, NewCredit, Reason
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger import queries as ledger_queries
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    NewAccount,
    NewTransfer,
    Reversal,
    TransferRef,
)
from eigenwijs.notices import operations as notices
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind
from eigenwijs.schemes.types import Conditions

_ADD_ARRIVED = """
UPDATE budgets_expectedcredit AS expected
SET credited_cents = expected.credited_cents + arrived.cents
FROM unnest(%s::uuid[], %s::bigint[]) AS arrived (id, cents)
WHERE expected.id = arrived.id
"""

# Conditions are alike for most, so they are sent once.
_NEW_POTS = """
INSERT INTO budgets_pot (
    id, person_id, payer_id, scheme, conditions_key, conditions, account_bucket, account_id, opened_at,
    employer_id
)
SELECT pot.id, pot.person, pot.payer, conditions.content ->> 'scheme', pot.key, conditions.content,
    pot.bucket, pot.account, %s,
    CASE WHEN conditions.content ->> 'months_after_job' IS NOT NULL
        THEN (conditions.content ->> 'employer')::uuid END
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::smallint[], %s::uuid[])
    WITH ORDINALITY AS pot (id, person, payer, key, bucket, account, place)
JOIN unnest(%s::text[], %s::jsonb[]) AS conditions (key, content) USING (key)
ORDER BY pot.place
ON CONFLICT DO NOTHING
"""

_CREDIT_MESSAGES = {
    "receiver_missing": _(
        "Dit geld heeft een einddatum, maar er staat niet bij wie het dan krijgt."
    ),
    "reverts_to_employer": _(
        "Deze regeling neem je mee naar ander werk. Het geld kan dus niet teruggaan naar een werkgever."
    ),
    "ends_with_job": _(
        "Deze regeling neem je mee naar ander werk. Het geld kan dus niet eindigen na een baan."
    ),
    "job_missing": _("Dit geld hoort bij een baan, maar er staat niet bij welke werkgever."),
    "ended_already": _("Dit geld zou al verlopen zijn op de dag dat het komt."),
    "not_funded": _("De betaler heeft hiervoor nog niet genoeg geld overgemaakt."),
    "key_reused": _("Dit nummer is al gebruikt voor een andere storting."),
    "period_closed": _("Deze dag valt in een maand die is afgesloten."),
}
_REFUSED_BY_THE_BOOKS = {
    "insufficient_funds": "not_funded",
    "key_reused": "key_reused",
    "period_closed": "period_closed",
}


class UnableToCredit(DomainError):
    """Nothing was credited.

    Codes: receiver_missing (money ends and its conditions name nobody who gets it),
    reverts_to_employer (without a fund for what is of too few people, or of a portable scheme),
    ends_with_job (of a portable scheme), job_missing (money that is not portable names no employer),
    ended_already, not_funded (the payer's clearing account holds less), key_reused, period_closed (the
    day belongs to a closed month). `params` has the `key` of the credit.
    """

    def __init__(self, code: str, key: UUID) -> None:
        super().__init__(code, _CREDIT_MESSAGES[code], {"key": str(key)})


class UnableToTakeBack(DomainError):
    """Nothing was taken back. Codes: unknown_credit, not_correctable (no term, or it is over)."""

    def __init__(self, code: str) -> None:
        message = {
            "unknown_credit": _("Deze storting is er niet."),
            "not_correctable": _("Dit geld is van de werknemer. Het kan niet meer terug."),
        }[code]
        super().__init__(code, message)


def credit(
    *,
    key: UUID,
    person_id: UUID,
    payer_id: UUID,
    amount: Money,
    conditions: Conditions,
    reason: Reason,
    occurred_on: date,
    group: UUID,
    expected: UUID | None = None,
    by: Actor,
    at: datetime,
) -> CreditView:
    """Credit one amount, and return it; see `credit_all`."""
    one = NewCredit(
        key, person_id, payer_id, amount, conditions, reason, occurred_on, group, expected
    )
    credit_all([one], by=by, at=at)
    return credit_views([key])[key]


@transaction.atomic
def credit_all(credits_: Sequence[NewCredit], *, by: Actor, at: datetime) -> None:
    """Move money from the payers' clearing accounts to persons' pots, all of it or none.

    Makes the pots that are not there yet, stores conditions and reason with the credit, lowers
    what was expected and tells each person. A key that is known with the same content does nothing.
    Send a few hundred at a time, each call in a transaction of its own: it locks pots, then accounts
    of the books, each in order, and a second call would begin at the front again. Raises UnableToCredit.
    """
    _check(credits_)
    pot_ids = {one.key: one.pot_id for one in credits_}
    accounts = open_pots({pot_ids[one.key]: one for one in credits_}, at)
    clearing = _clearing_accounts((one.payer_id for one in credits_), at)
    transfers = [
        NewTransfer(
            key=one.key,
            debit=clearing[one.payer_id],
            credit=accounts[pot_ids[one.key]],
            amount=one.amount,
            kind="credit",
            occurred_on=one.occurred_on,
            group=one.group,
        )
        for one in credits_
    ]
    try:
        answers = ledger.post(transfers, by=by, at=at)
    except ledger.UnableToPost as error:
        if error.code not in _REFUSED_BY_THE_BOOKS:
            raise
        raise UnableToCredit(_REFUSED_BY_THE_BOOKS[error.code], credits_[0].key) from error
    fresh = [one for one, answer in zip(credits_, answers, strict=True) if not answer.replayed]
    store(fresh, pot_ids, at)
    _lower_expected(fresh)
    _record(fresh, by=by, at=at)
    notices.tell_all(telling.arrived(fresh, _ends(fresh, pot_ids)), by=by, at=at)


@transaction.atomic
def lock_to_take_back(credit_ids: Collection[UUID], *, at: datetime) -> set[UUID]:
    """Lock at once all that several calls of `take_back` touch; return which credits they may name.

    Those are the credits within their term of correction. Pots
    come before accounts of the books, each in order, as whoever credits or reserves locks them.
    """
    rows = Credit.objects.filter(pk__in=credit_ids, correctable_until__gte=local_date(at))
    found = list(rows.values_list("pk", "pot", "pot__payer"))
    if found:
        pots = Pot.objects.filter(pk__in={pot for _credit, pot, _payer in found})
        _lock(pots, {payer for _credit, _pot, payer in found}, at=at)
    return {credit for credit, _pot, _payer in found}


def _lock(pots: QuerySet[Pot], payers: Iterable[UUID], *, at: datetime) -> None:
    accounts = [
        AccountRef(bucket, account)
        for bucket, account in pots.order_by("pk")
        .select_for_update(of=("self",))
        .values_list("account_bucket", "account_id")
    ]
    clearing = _clearing_accounts(payers, at)
    ledger.lock_for_posts([*accounts, *clearing.values()], at=at)


def _check(credits_: Sequence[NewCredit]) -> None:
    """Money that ends must end with somebody, later, and not with an employer if it goes along."""
    ending = [one for one in credits_ if one.conditions.has_end]
    receivers = {one.conditions.reverts_to for one in ending if one.conditions.reverts_to}
    employers = {
        found.id
        for receiver in receivers
        if (found := people.organisation(receiver)) and found.kind is OrganisationKind.EMPLOYER
    }
    for one in ending:
        conditions = one.conditions
        if conditions.reverts_to is None:
            raise UnableToCredit("receiver_missing", one.key)
        if conditions.expires_on is not None and conditions.expires_on < one.occurred_on:
            raise UnableToCredit("ended_already", one.key)
        if conditions.reverts_to in employers or (conditions.portable and conditions.goes_back):
            raise UnableToCredit("reverts_to_employer", one.key)
        bound = conditions.goes_back or conditions.months_after_job is not None
        if conditions.portable and bound:
            raise UnableToCredit("ends_with_job", one.key)
        if bound and conditions.employer is None:
            raise UnableToCredit("job_missing", one.key)


def open_pots(wanted: Mapping[UUID, NewCredit], at: datetime) -> dict[UUID, AccountRef]:
    """Make the pots that are not there yet, lock all, and return where each is in the ledger."""
    found = set(Pot.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if missing := sorted(wanted.keys() - found):
        accounts = ledger.open_accounts(
            [
                NewAccount(AccountKind.POT, owner=pot_id, holder=wanted[pot_id].person_id)
                for pot_id in missing
            ],
            at=at,
        )
        opened = dict(zip(missing, accounts, strict=True))
        if _insert_pots(opened, wanted, at) == len(wanted):
            return opened  # all of them are new, and nobody else sees them yet
    # Pots before accounts of the books, in the order of their ids, as whoever reserves does.
    locked = Pot.objects.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
    return {
        pot_id: AccountRef(bucket, account)
        for pot_id, bucket, account in locked.values_list("pk", "account_bucket", "account_id")
    }


def _insert_pots(
    opened: Mapping[UUID, AccountRef], wanted: Mapping[UUID, NewCredit], at: datetime
) -> int:
    """Make pots, in the order given, unless somebody else does meanwhile; return how many."""
    credits_ = [wanted[pot_id] for pot_id in opened]
    conditions = {
        key: json.dumps(replace(one, expires_on=None).to_json())
        for key, one in {one.conditions.pot_key(): one.conditions for one in credits_}.items()
    }
    columns: list[list[object]] = [
        list(opened),
        [one.person_id for one in credits_],
        [one.payer_id for one in credits_],
        [one.conditions.pot_key() for one in credits_],
        [account.bucket for account in opened.values()],
        [account.id for account in opened.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_NEW_POTS, [at, *columns, list(conditions), list(conditions.values())])
        return int(cursor.rowcount)


def _clearing_accounts(payers: Iterable[UUID], at: datetime) -> dict[UUID, AccountRef]:
    ordered = sorted(set(payers))
    accounts = ledger.open_accounts(
        [NewAccount(AccountKind.PAYER_CLEARING, owner=payer) for payer in ordered], at=at
    )
    return dict(zip(ordered, accounts, strict=True))


def store(fresh: Sequence[NewCredit], pot_ids: Mapping[UUID, UUID], at: datetime) -> None:
    """Keep credits that were posted, with their reasons, and look at their ends in time."""
    copy_in(_row(one, pot_ids[one.key], at) for one in fresh)
    _look_at_ends(fresh, pot_ids)


def _row(one: NewCredit, pot_id: UUID, at: datetime) -> Credit:
    days, first = one.conditions.correctable_for_days, one.counts_from or one.occurred_on
    return Credit(
        pk=one.key,
        pot_id=pot_id,
        amount_cents=one.amount.cents,
        occurred_on=one.occurred_on,
        usable_until=one.conditions.expires_on,
        correctable_until=None if days is None else first + timedelta(days=days),
        reason=one.reason.to_json(),
        recorded_at=at,
    )


def _look_at_ends(fresh: Sequence[NewCredit], pot_ids: Mapping[UUID, UUID]) -> None:
    pots_by_end: dict[date, list[UUID]] = defaultdict(list)
    for one in fresh:
        if one.conditions.expires_on is not None:
            pots_by_end[one.conditions.expires_on].append(pot_ids[one.key])
    for end, pots in pots_by_end.items():
        lots.check_from(pots, end + timedelta(days=1))

    _stay_for_grace(fresh, pot_ids)


def _stay_for_grace(fresh: Sequence[NewCredit], pot_ids: Mapping[UUID, UUID]) -> None:
    """Let pots that money reaches after a job, and after the months that follow it, stay usable for a while."""
    bound = {pot_ids[one.key]: one for one in fresh if one.conditions.months_after_job}
    for pot in Pot.objects.filter(pk__in=bound) if bound else ():
        if pot.job_ended_on is None or pot.ends_on is None:
            continue
        one = bound[pot.pk]
        end = max(pot.ends_on, rules.end_of_pot(pot.job_ended_on, one.conditions, one.occurred_on))
        Pot.objects.filter(pk=pot.pk).update(ends_on=end)
        lots.check_from([pot.pk], end + timedelta(days=1))


def _ends(fresh: Sequence[NewCredit], pot_ids: Mapping[UUID, UUID]) -> dict[UUID, date]:
    """Return the last day of fresh money of which the job ended already, by its key."""
    bound = {one.key: pot_ids[one.key] for one in fresh if one.conditions.months_after_job}
    if not bound:
        return {}
    rows = Pot.objects.filter(pk__in=bound.values()).values_list("pk", "ends_on")
    ends = {pot: end for pot, end in rows if end is not None}
    return {key: ends[pot] for key, pot in bound.items() if pot in ends}


def _lower_expected(fresh: Sequence[NewCredit]) -> None:
    arrived: dict[UUID, int] = defaultdict(int)
    for one in fresh:
        arrived[one.expected or one.key] += one.amount.cents
    rows = ExpectedCredit.objects.filter(pk__in=arrived).order_by("pk").select_for_update()
    locked = list(rows.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_ADD_ARRIVED, [locked, [arrived[key] for key in locked]])


def _record(fresh: Sequence[NewCredit], *, by: Actor, at: datetime) -> None:
    """One row of the trail for each group; the ledger's rows say which credits are in it."""
    groups: dict[UUID, list[int]] = defaultdict(list)
    for one in fresh:
        groups[one.group].append(one.amount.cents)
    for group, amounts in groups.items():
        audit.record(
            by=by,
            at=at,
            action="budgets.credit",
            subject=("ledger.group", group),
            ids={"credits": len(amounts), "cents": sum(amounts)},
        )


@transaction.atomic
def take_back(*, key: UUID, credit_id: UUID, amount: Money, by: Actor, at: datetime) -> Money:
    """Correct a credit within the term that was shown on it; return what was taken back.

    Takes at most `amount`, and only what is neither spent nor reserved: what is gone stays gone,
    other money is not touched. Zero if nothing is left. A key that is known gives the amount that
    was taken then. Before the first of several calls in one transaction, `lock_to_take_back`.
    Raises UnableToTakeBack.
    """
    one = Credit.objects.select_related("pot", "pot__payer").filter(pk=credit_id).first()
    if one is None:
        raise UnableToTakeBack("unknown_credit")
    state = lots.lock([one.pot_id])[one.pot_id]
    known = ledger_queries.transfer(TransferRef(one.pot.account_bucket, key))
    if known is not None:
        return known.amount
    day = local_date(at)
    if one.correctable_until is None or day > one.correctable_until:
        raise UnableToTakeBack("not_correctable")
    left = sum(
        lot.cents for lot in rules.remaining(state.lots, state.available) if lot.id == credit_id
    )
    taken = Money(min(amount.cents, left))
    if not taken:
        return taken
    original = TransferRef(one.pot.account_bucket, credit_id)
    ledger.post([Reversal(original, key, day, taken)], by=by, at=at)
    Credit.objects.filter(pk=credit_id).update(taken_back_cents=F("taken_back_cents") + taken.cents)
    audit.record(
        by=by,
        at=at,
        action="budgets.take_back",
        subject=(Credit._meta.label_lower, credit_id),
        ids={"key": str(key), "cents": taken.cents},
    )
    notices.tell_all([telling.corrected(key, credit_id, one.pot, taken.cents)], by=by, at=at)
    return taken
