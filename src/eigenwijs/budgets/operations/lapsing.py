"""Money that reaches its end: the worker is told in time, then it goes to the receiver named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import lots, rules, telling
from eigenwijs.budgets.lots import PotState
from eigenwijs.budgets.models import Credit, GraceLot, Lapse, Pot
from eigenwijs.budgets.operations import following
from eigenwijs.budgets.types import LapseRun
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef, NewAccount, NewTransfer
from eigenwijs.notices import operations as notices
from eigenwijs.schemes.types import Conditions

CHUNK = 500
WARN_DAYS = 60
"""Two months: time to think, choose a course and book it."""


@transaction.atomic
def lapse_due(*, by: Actor, at: datetime, limit: int = CHUNK) -> LapseRun:
    """Let money lapse that has reached its end, in one chunk of pots; call again until `done`.

    From then on it is owed to the organisation that its conditions name (see `pay_lapsed`). Pots
    that somebody uses at this moment are left for the next call: so it waits for no pot, in
    whatever order, and takes them all before accounts of the books. Repeating it is safe.
    """
    day = local_date(at)
    ids = list(
        Pot.objects.filter(check_on__lte=day)
        .order_by("check_on", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", flat=True)[:limit]
    )
    lapsed = let_ended_lapse(lots.lock(ids), by=by, at=at)
    return LapseRun(pots=len(ids), lapsed=lapsed, done=len(ids) < limit)


def let_ended_lapse(
    states: Mapping[UUID, PotState],
    *,
    then_posted: Collection[AccountRef] = (),
    by: Actor,
    at: datetime,
) -> Money:
    """Let what has ended in pots lapse that the caller has locked; return how much it was.

    `then_posted`: the accounts of the books that the caller posts to after it in the same transaction.
    """
    day = local_date(at)
    if following.follow(
        states.values(), by=by, at=at
    ):  # the payroll's last word, not this morning's
        states = lots.read([state.pot for state in states.values()])
    amounts = {
        state.pot: cents
        for state in states.values()
        if (cents := rules.lapsing(state.lots, state.available, day))
    }
    if amounts:
        _post(amounts, then_posted, by=by, at=at)
    for state in states.values():
        state.pot.check_on = rules.next_check(state.lots, day)
    Pot.objects.bulk_update([state.pot for state in states.values()], ["check_on"])
    return Money(sum(amounts.values()))


def _post(
    amounts: Mapping[Pot, int], then_posted: Collection[AccountRef], *, by: Actor, at: datetime
) -> None:
    """Post what lapses from each pot as one group, and tell each person where it went."""
    group, day = new_id(at), local_date(at)
    receivers = _receivers(amounts)
    accounts = ledger.open_accounts(
        [NewAccount(AccountKind.LAPSED, owner=one) for one in receivers.values()], at=at
    )
    if then_posted:
        ledger.lock_for_posts([*map(lots.account, amounts), *accounts, *then_posted], at=at)
    transfers = [
        NewTransfer(
            key=new_id(at),
            debit=lots.account(pot),
            credit=account,
            amount=Money(cents),
            kind="lapse",
            occurred_on=day,
            group=group,
        )
        for (pot, cents), account in zip(amounts.items(), accounts, strict=True)
    ]
    ledger.post(transfers, by=by, at=at)
    Lapse.objects.bulk_create(
        Lapse(
            id=transfer.key,
            pot=pot,
            receiver_id=receivers[pot],
            amount_cents=transfer.amount.cents,
            lapsed_on=day,
        )
        for pot, transfer in zip(amounts, transfers, strict=True)
    )
    audit.record(
        by=by,
        at=at,
        action="budgets.lapse",
        subject=("ledger.group", group),
        ids={"pots": len(amounts), "cents": sum(amounts.values())},
    )
    told = [
        (transfer.key, pot, receivers[pot], transfer.amount.cents)
        for pot, transfer in zip(amounts, transfers, strict=True)
    ]
    notices.tell_all(telling.lapsed(told), by=by, at=at)


def _receivers(pots: Iterable[Pot]) -> dict[Pot, UUID]:
    """Who gets what ends; crediting refuses money that ends without a receiver."""
    named = {pot: Conditions.from_json(pot.conditions).receiver for pot in pots}
    return {pot: receiver for pot, receiver in named.items() if receiver is not None}


@transaction.atomic
def warn_of_lapse(*, by: Actor, at: datetime, limit: int = CHUNK) -> int:
    """Tell people which money ends within two months, once for each end, in one chunk of pots.

    Returns how many pots were looked at; call again until 0. Money that is spent or set aside is
    not warned of.
    """
    day = local_date(at)
    horizon = day + timedelta(days=WARN_DAYS)
    ends_soon = Q(usable_until__range=(day, horizon)) & (
        Q(pot__warned_until=None) | Q(usable_until__gt=F("pot__warned_until"))
    )
    job_ends_soon = Q(ends_on__range=(day, horizon)) & (
        Q(warned_until=None) | Q(ends_on__gt=F("warned_until"))
    )
    ids = sorted(
        {
            *Credit.objects.filter(ends_soon).values_list("pot", flat=True).distinct()[:limit],
            *GraceLot.objects.filter(ends_soon).values_list("pot", flat=True).distinct()[:limit],
            *Pot.objects.filter(job_ends_soon).values_list("pk", flat=True)[:limit],
        }
    )
    states = lots.lock(ids[:limit])
    warnings = []
    for state in states.values():
        ending: dict[date, int] = defaultdict(int)
        told_until = state.pot.warned_until or day - timedelta(days=1)
        for lot in state.left(day):
            if lot.until is not None and told_until < lot.until <= horizon:
                ending[lot.until] += lot.cents
        warnings += [telling.lapsing(state.pot, until, cents) for until, cents in ending.items()]
        state.pot.warned_until = horizon
    notices.tell_all(warnings, by=by, at=at)
    Pot.objects.bulk_update([state.pot for state in states.values()], ["warned_until"])
    return len(states)
