"""Money of a round: brought together, promised to winners until a day, theirs after their yes.

The room that draws owns the holds (`lapse_due` there voids them) and says what is left over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import compress
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import telling
from eigenwijs.budgets.granted import hold_key, left_in_round, round_account
from eigenwijs.budgets.models import Credit, Pot
from eigenwijs.budgets.operations import crediting
from eigenwijs.budgets.queries import credit_views
from eigenwijs.budgets.types import CreditView, NewCredit, NewGrant
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    HoldPosting,
    HoldVoid,
    NewTransfer,
    TransferRef,
)
from eigenwijs.notices import operations as notices
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury.types import PaymentSource

ROUND = "draws.round"
_MESSAGES = {
    "not_funded": _("Er is nog niet genoeg geld voor deze ronde."),
    "expired": _("De laatste dag om ja te zeggen is voorbij."),
    "already_settled": _("Op dit geld is al ja of nee gezegd."),
}


class UnableToGrant(DomainError):
    """Nothing was promised or handed out. Codes: not_funded, expired, already_settled."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


@transaction.atomic
def fund_round(*, round_id: UUID, payer_id: UUID, amount: Money, by: Actor, at: datetime) -> None:
    """Set what a payer paid for a round apart from its other money, once. Raises UnableToGrant."""
    transfer = NewTransfer(
        key=derived_id(round_id, "budgets.fund_round"),
        debit=ledger.open_account(kind=AccountKind.PAYER_CLEARING, owner=payer_id, at=at),
        credit=round_account(round_id, at=at),
        amount=amount,
        kind="fund_round",
        occurred_on=local_date(at),
        group=round_id,
    )
    try:
        ledger.post([transfer], by=by, at=at)
    except ledger.UnableToPost as error:
        if error.code == "insufficient_funds":
            raise UnableToGrant("not_funded") from error
        raise
    audit.record(
        by=by,
        at=at,
        action="budgets.round.fund",
        subject=(ROUND, round_id),
        ids={"payer": str(payer_id), "cents": amount.cents},
    )


@transaction.atomic
def promise_grants(grants: Sequence[NewGrant], *, round_id: UUID, by: Actor, at: datetime) -> None:
    """Hold money of a round for each winner's pot until its last moment, all of it or none.

    Makes the pots that are not there yet. Send a few hundred at a time. A known key with the same
    content does nothing. Raises UnableToGrant (not_funded).
    """
    try:
        ledger.post(_holds(grants, round_id, at), by=by, at=at)
    except ledger.UnableToPost as error:
        if error.code == "insufficient_funds":
            raise UnableToGrant("not_funded") from error
        raise
    _record_promised(grants, round_id, by=by, at=at)


@transaction.atomic
def promise_what_fits(
    grants: Sequence[NewGrant], *, round_id: UUID, by: Actor, at: datetime
) -> list[bool]:
    """Hold money of a round for each of these that it is enough for, in their order; return for which.

    What does not fit is passed over, and a smaller one behind it may still fit. Makes the pots that
    are not there yet. Send up to 1,000 at a time. A known key with the same content does nothing.
    """
    answers = ledger.post_many([[hold] for hold in _holds(grants, round_id, at)], by=by, at=at)
    for answer in answers:
        if isinstance(answer, ledger.UnableToPost) and answer.code != "insufficient_funds":
            raise answer
    fits = [not isinstance(answer, ledger.UnableToPost) for answer in answers]
    _record_promised(list(compress(grants, fits)), round_id, by=by, at=at)
    return fits


def _holds(grants: Sequence[NewGrant], round_id: UUID, at: datetime) -> list[NewTransfer]:
    pot_ids = {grant.credit.key: grant.credit.pot_id for grant in grants}
    accounts = crediting.open_pots(
        {pot_ids[grant.credit.key]: grant.credit for grant in grants}, at
    )
    source = round_account(round_id, at=at)
    return [
        NewTransfer(
            key=hold_key(grant.credit.key),
            debit=source,
            credit=accounts[pot_ids[grant.credit.key]],
            amount=grant.credit.amount,
            kind="grant",
            occurred_on=local_date(at),
            group=grant.credit.group,
            expires_at=grant.expires_at,
        )
        for grant in grants
    ]


def _record_promised(
    grants: Sequence[NewGrant], round_id: UUID, *, by: Actor, at: datetime
) -> None:
    audit.record(
        by=by,
        at=at,
        action="budgets.grant.promise",
        subject=(ROUND, round_id),
        ids={"grants": len(grants), "cents": sum(one.credit.amount.cents for one in grants)},
    )


@transaction.atomic
def accept_grant(credit: NewCredit, *, round_id: UUID, by: Actor, at: datetime) -> CreditView:
    """Put promised money on the learning account, with its conditions and its reason; return it.

    The same credit again is answered as it is. Raises UnableToGrant: expired, already_settled.
    """
    pot = Pot.objects.select_for_update(of=("self",)).get(pk=credit.pot_id)
    if known := credit_views([credit.key]).get(credit.key):
        return known
    hold = TransferRef(round_account(round_id, at=at).bucket, hold_key(credit.key))
    try:
        ledger.post([HoldPosting(hold, credit.key, local_date(at))], by=by, at=at)
    except ledger.UnableToPost as error:
        code = {"hold_expired": "expired", "hold_already_settled": "already_settled"}
        if error.code in code:
            raise UnableToGrant(code[error.code]) from error
        raise
    crediting.store([credit], {credit.key: pot.pk}, at)
    audit.record(
        by=by,
        at=at,
        action="budgets.grant.accept",
        subject=(Credit._meta.label_lower, credit.key),
        ids={"round": str(round_id), "cents": credit.amount.cents},
    )
    notices.tell_all(telling.arrived([credit]), by=by, at=at)
    return credit_views([credit.key])[credit.key]


@transaction.atomic
def withdraw_grants(keys: Collection[UUID], *, round_id: UUID, by: Actor, at: datetime) -> None:
    """Set promised money free again, back in its round. Again changes nothing."""
    bucket = round_account(round_id, at=at).bucket
    entries = [
        HoldVoid(TransferRef(bucket, hold), derived_id(hold, "void"), local_date(at))
        for hold in (hold_key(key) for key in sorted(keys))
    ]
    ledger.post(entries, by=by, at=at)


@transaction.atomic
def pay_left_over(
    *, key: UUID, round_id: UUID, payer_id: UUID, reference: str, by: Actor, at: datetime
) -> Money:
    """Order that what nobody won goes back to the payer of the round; return how much it is.

    It goes the way of every payment: to an account that a second person approved, in a batch that
    another person than its maker releases. `key` makes repeating safe; nothing left is zero.
    """
    source = round_account(round_id, at=at)
    owed = ledger.open_account(kind=AccountKind.LAPSED, owner=payer_id, at=at)
    left = left_in_round(round_id)
    if left:
        _move_left_over(source, owed, left, key=key, round_id=round_id, by=by, at=at)
        treasury.order_payment(
            key=key,
            reference=reference,
            payee_id=payer_id,
            sources=[PaymentSource(owed, left)],
            owner=(ROUND, round_id),
            by=by,
            at=at,
        )
    return left


@transaction.atomic
def pay_left_over_again(
    *,
    key: UUID,
    round_id: UUID,
    payer_id: UUID,
    amount: Money,
    reference: str,
    by: Actor,
    at: datetime,
) -> None:
    """Order once more what the bank did not pay to the payer of a round."""
    owed = ledger.open_account(kind=AccountKind.LAPSED, owner=payer_id, at=at)
    treasury.order_payment(
        key=key,
        reference=reference,
        payee_id=payer_id,
        sources=[PaymentSource(owed, amount)],
        owner=(ROUND, round_id),
        by=by,
        at=at,
    )


def _move_left_over(
    source: AccountRef,
    owed: AccountRef,
    left: Money,
    *,
    key: UUID,
    round_id: UUID,
    by: Actor,
    at: datetime,
) -> None:
    transfer = NewTransfer(
        key=key,
        debit=source,
        credit=owed,
        amount=left,
        kind="left_over",
        occurred_on=local_date(at),
        group=round_id,
    )
    ledger.post([transfer], by=by, at=at)
    audit.record(
        by=by,
        at=at,
        action="budgets.round.left_over",
        subject=(ROUND, round_id),
        ids={"cents": left.cents},
    )
