"""A planned run of credits: chunk by chunk, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue, TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.types import NewCredit
from eigenwijs.contributions.lifecycle import CREDITING
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    CreditingRun,
    PaymentRequest,
    PlannedShare,
)
from eigenwijs.contributions.reasons import Reasons
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.schemes.types import Conditions

CHUNK = 500
"""Whoever books meanwhile waits for one chunk at most, which takes well under a second."""

_ADD_CREDITED = """
UPDATE contributions_amountdue AS due
SET credited_cents = due.credited_cents + share.cents
FROM contributions_plannedshare AS share
WHERE share.run_id = %s AND share.place <= %s AND due.id = share.amount_due_id
"""


@transaction.atomic
def credit_next(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `crediting_begun` and `crediting_continues`: credit the next chunk of a run.

    Announces the next event of the run, or `money_credited` when all of it is done. An event of which
    the chunk was credited before does nothing. Raises budgets.UnableToCredit; the run then waits.
    Raises ValueError where shares that are not credited are gone, which no retry mends.
    """
    run = (
        CreditingRun.objects.select_for_update(of=("self",))
        .select_related("request")
        .get(pk=event.subject[1])
    )
    if run.state != "running" or run.done != event.ids["done"]:
        return
    subject = (CreditingRun._meta.label_lower, run.pk)
    shares = list(
        run.shares.filter(place__gt=run.done)
        .order_by("place")
        .select_related("amount_due__line")
        .prefetch_related("amount_due__participation")[:CHUNK]
    )
    if run.done < run.amounts and not shares:
        raise ValueError(
            f"run {run.pk} credited {run.done} of {run.amounts} amounts and has no shares left"
        )
    if shares:
        _credit(run, shares, by=by, at=at)
    counted: dict[str, IdValue] = {"payment_request": str(run.request_id), "amounts": run.amounts}
    if run.done < run.amounts:
        ids = {**counted, "done": run.done}
        audit.announce(by=by, at=at, event="crediting_continues", subject=subject, ids=ids)
    else:
        audit.move(
            run,
            "end",
            by=by,
            at=at,
            lifecycle=CREDITING,
            values={"ended_at": at},
            announce_as="money_credited",
            ids={**counted, "cents": run.cents},
        )


def _conditions(reasons: Reasons, row: AmountDue, begun: date, today: date) -> Conditions:
    """Return the conditions of the day on which the run began, unless that money would have ended by now."""
    found = reasons.conditions(row, begun)
    if found.expires_on and found.expires_on < today:
        return reasons.conditions(row, today)
    return found


def _credit(run: CreditingRun, shares: Sequence[PlannedShare], *, by: Actor, at: datetime) -> None:
    """Credit shares, and count them: everybody of one run gets money under the conditions of one day.

    But for money that would have ended by now, see `_conditions`.
    """
    if run.begun_at is None:
        raise AssertionError("a run that is running has begun")
    request, day = run.request, local_date(run.begun_at)
    reasons = Reasons(request)
    amounts = [share.amount_due for share in shares]
    reasons.read_set_offs(amounts)
    reasons.read_birth_dates(amounts)
    occurred_on = ledger.first_open_day(day)
    budgets.credit_all(
        [
            NewCredit(
                key=share.id,
                person_id=share.amount_due.person_id,
                payer_id=request.payer_id,
                amount=Money(share.cents),
                conditions=_conditions(reasons, share.amount_due, day, local_date(at)),
                reason=reasons.reason(share.amount_due),
                occurred_on=occurred_on,
                group=run.id,
                expected=share.amount_due_id,
                counts_from=day,
            )
            for share in shares
        ],
        by=by,
        at=at,
    )
    copy_in(
        CreditedAmount(
            id=share.id, amount_due_id=share.amount_due_id, cents=share.cents, credited_at=at
        )
        for share in shares
    )
    last, cents = shares[-1].place, sum(share.cents for share in shares)
    with connection.cursor() as cursor:
        cursor.execute(_ADD_CREDITED, [run.id, last])
    run.shares.filter(place__lte=last).delete()
    run.done, run.done_cents = run.done + len(shares), run.done_cents + cents
    run.moved_at = at
    run.save(update_fields=["done", "done_cents", "moved_at"])
    PaymentRequest.objects.filter(pk=request.pk).update(credited_cents=F("credited_cents") + cents)
