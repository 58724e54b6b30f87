"""What a correction takes off other amounts, and what came back from accounts."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from eigenwijs.kernel.classification import (
    MONEY,
    PERSONAL_REFERENCE,
    Classified,
    public,
)

_WITHIN_WHAT_IS_SETTLED = """
PERFORM due.id FROM contributions_amountdue AS due
    WHERE due.id IN (SELECT {columns} FROM new_rows) ORDER BY due.id FOR NO KEY UPDATE;
IF EXISTS (
    SELECT FROM contributions_amountdue AS due
    WHERE due.id IN (SELECT {columns} FROM new_rows) AND due.settled_cents < (
        SELECT coalesce(sum(one.cents), 0) FROM contributions_setoff AS one
        WHERE one.lowering_id = due.id OR one.amount_id = due.id
    ) + (
        SELECT coalesce(sum(one.cents), 0) FROM contributions_takenback AS one
        WHERE one.lowering_id = due.id AND one.set_off_id IS NULL
    )
) THEN
    RAISE EXCEPTION 'more was set off or came back than an amount says' USING ERRCODE = '23514';
END IF;
RETURN NULL;
"""
_WITHIN_THE_SET_OFF = """
PERFORM off.id FROM contributions_setoff AS off
    WHERE off.id IN (SELECT set_off_id FROM new_rows) ORDER BY off.id FOR NO KEY UPDATE;
IF EXISTS (
    SELECT FROM contributions_setoff AS off
    WHERE off.id IN (SELECT set_off_id FROM new_rows) AND off.cents < (
        SELECT coalesce(sum(one.cents), 0) FROM contributions_takenback AS one
        WHERE one.set_off_id = off.id
    )
) THEN
    RAISE EXCEPTION 'more came free than was set off' USING ERRCODE = '23514';
END IF;
RETURN NULL;
"""
_EITHER_SIDE = "lowering_id FROM new_rows UNION SELECT amount_id"


def _within_what_is_settled(name: str, columns: str, operation: pgtrigger.Operation) -> Any:
    """Forbid rows that together go beyond `settled_cents`, which a CHECK holds to the amount."""
    return _for_all_new_rows(name, _WITHIN_WHAT_IS_SETTLED.format(columns=columns), operation)


def _for_all_new_rows(name: str, func: str, operation: pgtrigger.Operation) -> Any:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
        func=func,
    )


class AdvanceAsk(models.Model):
    """That somebody asks coming amounts of a job ahead; `amount_due` is what answered it, None while it waits."""

    id = models.UUIDField(primary_key=True, editable=False)
    employment = models.ForeignKey("people.Employment", on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=63)
    cents = models.BigIntegerField()
    asked_at = models.DateTimeField()
    amount_due = models.ForeignKey(
        "contributions.AmountDue", null=True, on_delete=models.PROTECT, related_name="advance_asks"
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public("id", "scheme", "asked_at", "amount_due"),
        "employment": PERSONAL_REFERENCE,
        "cents": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="advance_ask_is_money", condition=Q(cents__gt=0)),
            models.UniqueConstraint(
                fields=["employment", "scheme"],
                name="advance_ask_one_waits",
                condition=Q(amount_due=None),
            ),
        ]


class SetOff(models.Model):
    """That a lowering was set off against an amount that had not been credited. Append-only."""

    id = models.UUIDField(primary_key=True, editable=False)
    lowering = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="set_offs"
    )
    amount = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="lowered_by"
    )
    cents = models.BigIntegerField()
    set_off_at = models.DateTimeField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public("id", "lowering", "amount", "set_off_at"),
        "cents": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="set_off_is_money", condition=Q(cents__gt=0)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="set_off_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            _within_what_is_settled("set_off_within_settled", _EITHER_SIDE, pgtrigger.Insert),
        ]


class TakenBack(models.Model):
    """Money that came back to the payer: from an account, within the term of correction, or before it got there.

    It stands in the payer's clearing account until a payment request uses it (`request`). It came from an
    account (`credit`), or had been paid for an amount that waited for its day and was set off (`set_off`).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    lowering = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="taken_back"
    )
    credit = models.ForeignKey("contributions.CreditedAmount", null=True, on_delete=models.PROTECT)
    set_off = models.ForeignKey(
        "contributions.SetOff", null=True, on_delete=models.PROTECT, related_name="freed"
    )
    payer = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="+")
    cents = models.BigIntegerField()
    taken_back_at = models.DateTimeField()
    request = models.ForeignKey(
        "contributions.PaymentRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="uses",
    )

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public("id", "lowering", "credit", "set_off", "payer", "taken_back_at", "request"),
        "cents": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="taken_back_is_money", condition=Q(cents__gt=0)),
            models.CheckConstraint(
                name="taken_back_from_one_place",
                condition=Q(credit=None, set_off__isnull=False)
                | Q(credit__isnull=False, set_off=None),
            ),
        ]
        triggers: ClassVar = [
            _within_what_is_settled("taken_back_within_settled", "lowering_id", pgtrigger.Insert),
            _within_what_is_settled("taken_back_stays_within", "lowering_id", pgtrigger.Update),
            _for_all_new_rows("freed_within_set_off", _WITHIN_THE_SET_OFF, pgtrigger.Insert),
            _for_all_new_rows("freed_stays_within", _WITHIN_THE_SET_OFF, pgtrigger.Update),
            pgtrigger.Protect(name="taken_back_not_deleted", operation=pgtrigger.Delete),
        ]
