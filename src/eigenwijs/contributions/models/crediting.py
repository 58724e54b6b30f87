"""Runs that bring what was paid to the workers' accounts, chunk by chunk."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from eigenwijs.contributions.lifecycle import CREDITING
from eigenwijs.kernel.classification import MONEY, Classified, public


class CreditingRun(models.Model):
    """One payment on a request that is divided over its amounts; the id follows from the event.

    Of `amounts` shares, together `cents`, the first `done` (together `done_cents`) are on accounts.
    Every chunk moves these with its credits, in one transaction: there the run goes on after a kill.
    `moved_at` is when that happened last, at first when the run began. It waits until `begins_on`, and then
    until its payer's money is there; a correction takes from what waits before it takes from accounts.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    request = models.ForeignKey(
        "contributions.PaymentRequest", on_delete=models.PROTECT, related_name="runs"
    )
    state = models.CharField(max_length=20, default=CREDITING.initial)
    amounts = models.PositiveIntegerField()
    cents = models.BigIntegerField()
    done = models.PositiveIntegerField(default=0)
    done_cents = models.BigIntegerField(default=0)
    begins_on = models.DateField()
    begun_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public(
            "id", "request", "state", "amounts", "done", "begins_on", "begun_at", "moved_at", "ended_at",
        ),
        **dict.fromkeys(("cents", "done_cents"), MONEY),
    }  # fmt: skip

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="crediting_run_state_known", condition=Q(state__in=sorted(CREDITING.states))
            ),
            models.CheckConstraint(
                name="crediting_run_within_its_plan",
                condition=Q(done__lte=F("amounts"), done_cents__gte=0, done_cents__lte=F("cents")),
            ),
            models.CheckConstraint(
                name="crediting_run_ends_when_all_is_done",
                condition=Q(state="waiting", begun_at=None, ended_at=None, done=0)
                | Q(state="running", begun_at__isnull=False, ended_at=None)
                | Q(
                    state="ended",
                    begun_at__isnull=False,
                    ended_at__isnull=False,
                    done=F("amounts"),
                    done_cents=F("cents"),
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["request"], name="crediting_run_running", condition=Q(state="running")
            ),
            models.Index(
                fields=["begins_on"], name="crediting_run_waiting", condition=Q(state="waiting")
            ),
        ]


class PlannedShare(models.Model):
    """What a run still has to credit of one amount; gone once it is on the account.

    The id is the key that the credit will have; `place` is its turn, from 1.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    run = models.ForeignKey(
        "contributions.CreditingRun",
        on_delete=models.PROTECT,
        related_name="shares",
        db_index=False,
    )
    place = models.PositiveIntegerField()
    amount_due = models.ForeignKey(
        "contributions.AmountDue", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cents = models.BigIntegerField()

    FIELDS: ClassVar[dict[str, Classified]] = {
        **public("id", "run", "place", "amount_due"),
        "cents": MONEY,
    }

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "place"], name="planned_share_one_a_place"),
            models.CheckConstraint(name="planned_share_is_money", condition=Q(cents__gt=0)),
        ]
