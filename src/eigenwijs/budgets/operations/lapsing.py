"""Money that reaches its end: the worker is told in time, then it goes to the receiver named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import lots, rules
from eigenwijs.budgets.lots import PotState
from eigenwijs.budgets.models import Pot
from eigenwijs.budgets.types import LapseRun
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef, NewAccount, NewTransfer
from eigenwijs.schemes.types import Conditions

CHUNK = 500


@transaction.atomic
def lapse_due(*, at: datetime, limit: int = CHUNK) -> LapseRun:
    """Let money lapse that has reached its end, in one chunk of pots; call again until `done`.

    It goes to the clearing account of the organisation that its conditions name. Pots that
    somebody is booking from at this moment are left for the next call. Repeating it is safe.
    """
    day = local_date(at)
    ids = list(
        Pot.objects.filter(check_on__lte=day)
        .order_by("check_on", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", flat=True)[:limit]
    )
    states = lots.lock(ids)
    lapsed = _post(list(states.values()), day, at)
    for state in states.values():
        check_on = rules.next_check(state.lots, day)
        Pot.objects.filter(pk=state.pot.pk).update(check_on=check_on)
    return LapseRun(pots=len(ids), lapsed=Money(lapsed), done=len(ids) < limit)


def _post(states: Sequence[PotState], day: date, at: datetime) -> int:
    """Post what lapses from each pot; return the sum in cents."""
    by = Actor.system("lapse_due")
    amounts = {
        state.pot: cents
        for state in states
        if (cents := rules.lapsing(state.lots, state.available, day))
    }
    receivers = _receivers(list(amounts), at)
    transfers = {
        pot: NewTransfer(
            key=new_id(at),
            debit=lots.account(pot),
            credit=receivers[pot],
            amount=Money(cents),
            kind="lapse",
            occurred_on=day,
            group=new_id(at),
        )
        for pot, cents in amounts.items()
    }
    ledger.post(list(transfers.values()), by=by, at=at)
    for pot, transfer in transfers.items():
        cents = transfer.amount.cents
        audit.record(
            by=by,
            at=at,
            action="budgets.lapse",
            subject=(Pot._meta.label_lower, pot.pk),
            ids={"group": str(transfer.group), "cents": cents},
        )
    return sum(amounts.values())


def _receivers(pots: Sequence[Pot], at: datetime) -> dict[Pot, AccountRef]:
    named = {pot: Conditions.from_json(pot.conditions).reverts_to for pot in pots}
    organisations = sorted({one for one in named.values() if one is not None})
    accounts = ledger.open_accounts(
        [NewAccount(AccountKind.PAYER_CLEARING, owner=one) for one in organisations], at=at
    )
    by_owner = dict(zip(organisations, accounts, strict=True))
    return {pot: by_owner[one] for pot, one in named.items() if one is not None}
