"""Money that is announced before it arrives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.budgets.models import ExpectedCredit
from eigenwijs.budgets.types import NewExpected, Reason
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.money import Money
from eigenwijs.schemes.types import Conditions

_CHANGEABLE = ("scheme", "amount_cents", "due_on", "conditions", "reason")


def expect(
    *,
    key: UUID,
    person_id: UUID,
    payer_id: UUID,
    amount: Money,
    due_on: date,
    conditions: Conditions,
    reason: Reason,
    by: Actor,
    at: datetime,
) -> None:
    """Announce one amount; see `expect_all`."""
    one = NewExpected(key, person_id, payer_id, amount, due_on, conditions, reason)
    expect_all([one], by=by, at=at)


@transaction.atomic
def expect_all(announced: Sequence[NewExpected], *, by: Actor, at: datetime) -> None:
    """Announce money for persons, or change what was announced under the same keys.

    It is in no book and cannot be spent. What (partly) arrived or was withdrawn stays as it is.
    One row of the trail a call, about the first key.
    """
    new = {one.key: _row(one, at) for one in announced}
    known = ExpectedCredit.objects.filter(pk__in=new).order_by("pk").select_for_update().in_bulk()
    changed = []
    for key, row in known.items():
        wanted = new.pop(key)
        is_open = row.withdrawn_at is None and not row.credited_cents
        if is_open and any(getattr(row, name) != getattr(wanted, name) for name in _CHANGEABLE):
            for name in _CHANGEABLE:
                setattr(row, name, getattr(wanted, name))
            changed.append(row)
    copy_in(new.values())
    ExpectedCredit.objects.bulk_update(changed, _CHANGEABLE, batch_size=500)
    if rows := [*new.values(), *changed]:
        _record("budgets.expect", rows, by=by, at=at)


def withdraw_expected(*, key: UUID, by: Actor, at: datetime) -> None:
    """Announce one amount no longer; see `withdraw_all_expected`."""
    withdraw_all_expected([key], by=by, at=at)


@transaction.atomic
def withdraw_all_expected(keys: Collection[UUID], *, by: Actor, at: datetime) -> None:
    """Announce no longer what has not arrived; keys that are not open are left as they are.

    One row of the trail a call, about the first key.
    """
    rows = ExpectedCredit.objects.filter(pk__in=keys, withdrawn_at=None).order_by("pk")
    if found := list(rows.select_for_update()):
        rows.filter(pk__in=[row.pk for row in found]).update(withdrawn_at=at)
        _record("budgets.withdraw_expected", found, by=by, at=at)


def _row(one: NewExpected, at: datetime) -> ExpectedCredit:
    return ExpectedCredit(
        pk=one.key,
        person_id=one.person_id,
        payer_id=one.payer_id,
        scheme=one.conditions.scheme,
        amount_cents=one.amount.cents,
        due_on=one.due_on,
        conditions=one.conditions.to_json(),
        reason=one.reason.to_json(),
        recorded_at=at,
    )


def _record(action: str, rows: Sequence[ExpectedCredit], *, by: Actor, at: datetime) -> None:
    audit.record(
        by=by,
        at=at,
        action=action,
        subject=(ExpectedCredit._meta.label_lower, rows[0].pk),
        ids={"amounts": len(rows), "cents": sum(row.amount_cents for row in rows)},
    )
