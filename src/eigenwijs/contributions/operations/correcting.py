"""Lowerings: first what is not credited yet, then what may come back, then later amounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import product
from uuid import UUID

from django.db.models import F

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import operations as budgets
from eigenwijs.contributions import rules
from eigenwijs.contributions.lifecycle import PAYMENT_REQUEST
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    CreditingRun,
    PaymentRequest,
    PlannedShare,
    SetOff,
    TakenBack,
)
from eigenwijs.contributions.operations.requesting import announce
from eigenwijs.contributions.rules import Offset, Open
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import derived_id, new_id
from eigenwijs.kernel.money import Money
from eigenwijs.treasury import operations as treasury

_CHUNK = 5_000
_TOUCHABLE = ("open",)

Group = tuple[UUID, str, UUID]
"""What lowerings may take from: one employment, one scheme, one payer."""


def lock_requests(employer_id: UUID) -> None:
    """Lock an employer's requests that are not paid: before amounts, as settling locks them.

    A payment may come in at this very moment.
    """
    unpaid = PaymentRequest.objects.filter(employer=employer_id).exclude(
        state__in=("paid", "replaced")
    )
    list(unpaid.select_for_update().order_by("id").values_list("id"))


def lower(employer_id: UUID, *, by: Actor, at: datetime) -> None:
    """Let every open lowering of an employer's deliveries take what it may.

    Amounts that nobody was credited yet go first, those of the same period before others; a
    payment request of which nothing was paid is withdrawn, so that a new one asks for less; one of
    which something came in but nothing was credited asks less itself, down to what came in. Then
    what was paid and waits for its day comes free for the payer's next request. Then what was
    credited within a scheme's term of correction, unspent and unreserved, comes back. The rest
    waits for the same payer's next amounts for the same employment and scheme. Call
    `lock_requests` before any amount is touched.
    """
    groups = _open_rows(employer_id)
    by_id = {row.id: row for rows in groups.values() for row in rows}
    rooms: dict[UUID | None, int] = {}
    while True:
        room_left = dict(rooms)
        offsets = [offset for rows in groups.values() for offset in _offsets(rows, room_left)]
        touched = {by_id[offset.amount].request_id for offset in offsets} - rooms.keys()
        found = {one: _withdraw(one, by=by, at=at) for one in sorted(filter(None, touched))}
        kept: dict[UUID | None, int] = {
            one: room for one, room in found.items() if room is not None
        }
        if not kept:
            break
        rooms |= kept
    _write(offsets, by_id, by=by, at=at)
    _ask_less(offsets, by_id, rooms, by=by, at=at)
    _take_from_waiting(groups, by=by, at=at)
    waiting = {group: left for group, rows in groups.items() if (left := _waiting(rows))}
    _take_back_all(waiting, by=by, at=at)


def _open_rows(employer_id: UUID) -> dict[Group, list[AmountDue]]:
    """Return the open amounts and lowerings of each group in which there is a lowering."""
    own = AmountDue.objects.filter(participation__employer=employer_id)
    lowered = list(
        own.filter(amount_cents__lt=0)
        .exclude(amount_cents=-F("settled_cents"))
        .values_list("employment", flat=True)
        .distinct()
    )
    groups: dict[Group, list[AmountDue]] = defaultdict(list)
    for start in range(0, len(lowered), _CHUNK):
        rows = (
            own.select_for_update(of=("self",))
            .filter(employment__in=lowered[start : start + _CHUNK])
            .exclude(amount_cents=F("settled_cents") + F("credited_cents"))
            .exclude(amount_cents__lt=0, amount_cents=-F("settled_cents"))
            .select_related("participation")
            .order_by("id")
        )
        for row in rows:
            groups[row.employment_id, row.scheme, row.participation.payer_id].append(row)
    return {
        group: rows for group, rows in groups.items() if any(row.amount_cents < 0 for row in rows)
    }


def _offsets(rows: Sequence[AmountDue], rooms: dict[UUID | None, int]) -> list[Offset]:
    """Set lowerings off against amounts that were not credited: same period first, then newest."""
    lowerings = [row for row in rows if row.amount_cents < 0]
    amounts = [row for row in rows if row.amount_cents > 0]
    periods = {row.period for row in lowerings}
    amounts.sort(key=lambda row: (row.period in periods, row.id), reverse=True)
    return rules.set_off(
        [Open(row.id, -row.amount_cents - row.settled_cents) for row in lowerings],
        [
            Open(row.id, row.amount_cents - row.settled_cents - row.credited_cents, row.request_id)
            for row in amounts
        ],
        rooms,
    )


def _withdraw(request_id: UUID, *, by: Actor, at: datetime) -> int | None:
    """Withdraw a payment request of which nothing was paid.

    Where that cannot be done, return how many cents less it may ask.
    """
    request = PaymentRequest.objects.select_for_update().get(pk=request_id)
    if request.state == "replaced":
        return None
    if request.state not in _TOUCHABLE or request.credited_cents:
        return 0
    if request.total_cents > request.taken_back_cents:
        try:
            treasury.withdraw_expected_receipt(reference=request.reference, by=by, at=at)
        except treasury.UnableToExpectReceipt:
            return treasury.lock_expected_receipt(reference=request.reference).cents
    audit.move(request, "replace", by=by, at=at, lifecycle=PAYMENT_REQUEST)
    AmountDue.objects.filter(request=request).update(request=None)
    TakenBack.objects.filter(request=request).update(request=None)
    return None


def _ask_less(
    offsets: Sequence[Offset],
    by_id: Mapping[UUID, AmountDue],
    kept: Collection[UUID | None],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Lower requests that could not be withdrawn by what was set off, and tell the workers.

    One of which exactly the corrected amounts came in is complete with that.
    """
    lowered: dict[UUID, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    for offset in offsets:
        request_id = by_id[offset.amount].request_id
        if request_id in kept and request_id:
            lowered[request_id][offset.amount] += offset.cents
    for request in PaymentRequest.objects.filter(pk__in=lowered).order_by("id"):
        less = sum(lowered[request.id].values())
        PaymentRequest.objects.filter(pk=request.pk).update(lowered_cents=F("lowered_cents") + less)
        changed = request.amounts.filter(
            pk__in=lowered[request.id], amount_cents__gt=F("settled_cents")
        )
        announce(request, changed, by=by, at=at)
        treasury.lower_expected_receipt(reference=request.reference, less=Money(less), by=by, at=at)


def _write(
    offsets: Sequence[Offset], by_id: Mapping[UUID, AmountDue], *, by: Actor, at: datetime
) -> None:
    """Keep what was set off, and lower what the worker was told to expect."""
    for offset in offsets:
        by_id[offset.lowering].settled_cents += offset.cents
        by_id[offset.amount].settled_cents += offset.cents
    changed = {one for offset in offsets for one in (offset.lowering, offset.amount)}
    AmountDue.objects.bulk_update(
        [by_id[one] for one in changed], ["settled_cents"], batch_size=1_000
    )
    SetOff.objects.bulk_create(
        [
            SetOff(
                id=new_id(at),
                lowering_id=offset.lowering,
                amount_id=offset.amount,
                cents=offset.cents,
                set_off_at=at,
            )
            for offset in offsets
        ],
        batch_size=_CHUNK,
    )
    emptied = [
        by_id[offset.amount].id
        for offset in offsets
        if by_id[offset.amount].amount_cents == by_id[offset.amount].settled_cents
    ]
    budgets.withdraw_all_expected(emptied, by=by, at=at)


def _take_from_waiting(
    groups: Mapping[Group, Sequence[AmountDue]], *, by: Actor, at: datetime
) -> None:
    """Take from shares of runs that wait for their day; the payer's money for them comes free.

    Also where the bank took the payment back: the payer owes that to the buffer, which put it in its place.
    """
    by_id = {row.id: row for rows in groups.values() for row in rows if _waiting(rows)}
    runs = CreditingRun.objects.filter(
        state="waiting", request__in={row.request_id for row in by_id.values() if row.request_id}
    )
    runs_by_id = {run.pk: run for run in runs.select_for_update(of=("self",)).order_by("id")}
    own = PlannedShare.objects.filter(run__in=runs_by_id, amount_due__in=by_id)
    shares: dict[UUID, list[PlannedShare]] = defaultdict(list)
    for share in own.order_by("run", "place"):
        shares[share.amount_due_id].append(share)
    changed: dict[UUID, set[UUID]] = defaultdict(set)
    for rows in groups.values():
        lowerings = _waiting(rows)
        periods = {row.period for row in lowerings}
        amounts = [row for row in rows if row.id in shares and not row.credited_cents]
        amounts.sort(key=lambda row: (row.period in periods, row.id), reverse=True)
        for lowering, amount in product(lowerings, amounts):
            for share in shares[amount.id]:
                cents = min(-lowering.amount_cents - lowering.settled_cents, share.cents)
                if cents:
                    run = runs_by_id[share.run_id]
                    _take_share(lowering, amount, share, run, cents, at=at)
                    changed[run.request_id].add(amount.id)
    _announce_less(changed, by_id, by=by, at=at)


def _take_share(
    lowering: AmountDue,
    amount: AmountDue,
    share: PlannedShare,
    run: CreditingRun,
    cents: int,
    *,
    at: datetime,
) -> None:
    """Let `cents` of a share that waits go against a lowering, and be the payer's again."""
    share.cents -= cents
    run.cents -= cents
    lowering.settled_cents += cents
    amount.settled_cents += cents
    if share.cents:
        share.save(update_fields=["cents"])
    else:
        share.delete()
        run.amounts -= 1
    run.save(update_fields=["cents", "amounts"])
    for row in (lowering, amount):
        row.save(update_fields=["settled_cents"])
    set_off = SetOff.objects.create(
        id=new_id(at), lowering=lowering, amount=amount, cents=cents, set_off_at=at
    )
    TakenBack.objects.create(
        id=new_id(at),
        lowering=lowering,
        set_off=set_off,
        payer_id=amount.participation.payer_id,
        cents=cents,
        taken_back_at=at,
    )


def _announce_less(
    changed: Mapping[UUID, Collection[UUID]],
    by_id: Mapping[UUID, AmountDue],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Tell workers of amounts, by request, that less of them is to come."""
    amounts = [by_id[amount] for group in changed.values() for amount in group]
    emptied = {row.id for row in amounts if row.amount_cents == row.settled_cents}
    budgets.withdraw_all_expected(emptied, by=by, at=at)
    for request in PaymentRequest.objects.filter(pk__in=changed).order_by("id"):
        left = request.amounts.filter(pk__in=set(changed[request.pk]) - emptied)
        announce(request, left, by=by, at=at)


def _waiting(rows: Sequence[AmountDue]) -> list[AmountDue]:
    """Return the lowerings that did not take all that they may."""
    return [row for row in rows if -row.amount_cents > row.settled_cents]


def _credits(group: Group) -> list[CreditedAmount]:
    """Return what was credited, the newest first."""
    employment_id, scheme, payer_id = group
    return list(
        CreditedAmount.objects.filter(
            amount_due__employment=employment_id,
            amount_due__scheme=scheme,
            amount_due__participation__payer=payer_id,
        )
        .select_related("amount_due__participation")
        .order_by("-credited_at", "-id")
    )


def _take_back_all(
    waiting: Mapping[Group, Sequence[AmountDue]], *, by: Actor, at: datetime
) -> None:
    """Ask back what was credited within the term of correction, the newest credit first."""
    credits_ = {group: _credits(group) for group in waiting}
    correctable = budgets.lock_to_take_back(
        [credit.id for found in credits_.values() for credit in found], at=at
    )
    for group, lowerings in waiting.items():
        found = [credit for credit in credits_[group] if credit.id in correctable]
        for lowering in lowerings:
            _take_back(lowering, found, by=by, at=at)


def _take_back(
    lowering: AmountDue, credits_: Sequence[CreditedAmount], *, by: Actor, at: datetime
) -> None:
    """Take from these credits, one after the other, until the lowering has all that it may."""
    for credit in credits_:
        rest = -lowering.amount_cents - lowering.settled_cents
        if not rest:
            return
        taken = budgets.take_back(
            # What was settled before is in it: the same credit may give more later.
            key=derived_id(lowering.id, f"take_back.{credit.id}.{lowering.settled_cents}"),
            credit_id=credit.id,
            amount=Money(rest),
            by=by,
            at=at,
        )
        if taken:
            lowering.settled_cents += taken.cents
            AmountDue.objects.filter(pk=lowering.pk).update(settled_cents=lowering.settled_cents)
            TakenBack.objects.create(
                id=new_id(at),
                lowering=lowering,
                credit=credit,
                payer_id=credit.amount_due.participation.payer_id,
                cents=taken.cents,
                taken_back_at=at,
            )
