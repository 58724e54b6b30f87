"""Reads about payment orders, batches and payee accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from eigenwijs.kernel.money import Money
from eigenwijs.treasury.books import release_group
from eigenwijs.treasury.models import (
    Entry,
    PayeeAccount,
    PaymentBatch,
    PaymentOrder,
)
from eigenwijs.treasury.types import (
    BatchState,
    Blocked,
    OrderKind,
    OrderState,
    PayableOrder,
    PayeeAccountState,
    PayeeAccountView,
    PaymentBatchView,
    PaymentOrderView,
)


def orders_for(entry_id: UUID) -> list[PaymentOrderView]:
    """Return our payments that an entry may be: in transit for money out, settled for money in."""
    row = Entry.objects.select_related("statement").get(pk=entry_id)
    orders = PaymentOrder.objects.filter(
        batch__bank_account_id=row.statement.bank_account_id,
        state="settled" if row.cents > 0 else "in_transit",
        amount_cents__lte=row.open_cents,
    )
    return [order_view(order) for order in orders.order_by("-id")[:200]]


def order(order_id: UUID) -> PaymentOrderView:
    """Return one payment order; raises LookupError if there is none."""
    row = PaymentOrder.objects.filter(pk=order_id).first()
    if row is None:
        raise LookupError(order_id)
    return order_view(row)


def orders_of(*owner_ids: UUID) -> list[PaymentOrderView]:
    """Return the payment orders of one owner or several, oldest first."""
    rows = PaymentOrder.objects.filter(owner_id__in=owner_ids).order_by("ordered_at", "id")
    return [order_view(row) for row in rows]


def orders_named(*identifiers: UUID) -> list[PaymentOrderView]:
    """Return payment orders by id, oldest first; absent ones are left out."""
    rows = PaymentOrder.objects.filter(pk__in=identifiers).order_by("ordered_at", "id")
    return [order_view(row) for row in rows]


def orders_in(entry_ids: Collection[UUID]) -> list[PaymentOrderView]:
    """Return the payment orders that these entries settled, brought back or were sent back with."""
    rows = PaymentOrder.objects.filter(allocations__entry__in=entry_ids).distinct()
    return [order_view(row) for row in rows.order_by("ordered_at", "id")]


def orders_to(payee_id: UUID, *, limit: int = 500) -> list[PaymentOrderView]:
    """Return what a payee was or will be paid, newest first."""
    rows = PaymentOrder.objects.filter(payee_id=payee_id).order_by("-ordered_at", "-id")[:limit]
    return [order_view(row) for row in rows]


def payable_orders(on: date) -> list[PayableOrder]:
    """Return the orders that wait for a batch, oldest first, and whether they can go on that day."""
    rows = list(PaymentOrder.objects.filter(state="ready").order_by("ordered_at", "id"))
    accounts: dict[UUID, list[PayeeAccount]] = {}
    for account in PayeeAccount.objects.filter(
        payee_id__in={row.payee_id for row in rows if row.payee_id}, state="approved"
    ).order_by("usable_from", "decided_at"):
        accounts.setdefault(account.payee_id, []).append(account)
    return [
        _payable(row, accounts.get(row.payee_id, []) if row.payee_id else [], on) for row in rows
    ]


def batches(*, limit: int = 100) -> list[PaymentBatchView]:
    """Return payment batches, newest first."""
    return [_batch(row) for row in _batches().order_by("-made_at", "-id")[:limit]]


def batch(batch_id: UUID) -> PaymentBatchView:
    """Return one payment batch; raises LookupError if there is none."""
    row = _batches().filter(pk=batch_id).first()
    if row is None:
        raise LookupError(batch_id)
    return _batch(row)


def batches_named(batch_ids: Collection[UUID]) -> list[PaymentBatchView]:
    """Return payment batches by id, oldest first; absent ones are left out."""
    return [_batch(row) for row in _batches().filter(pk__in=batch_ids).order_by("made_at", "id")]


def batch_orders(batch_id: UUID) -> list[PaymentOrderView]:
    """Return the orders of a batch in the order of its file."""
    return [
        order_view(row) for row in PaymentOrder.objects.filter(batch_id=batch_id).order_by("id")
    ]


def batch_file(batch_id: UUID) -> bytes:
    """Return the frozen file of a batch; raises LookupError if there is none."""
    content = PaymentBatch.objects.filter(pk=batch_id).values_list("content", flat=True).first()
    if content is None:
        raise LookupError(batch_id)
    return content.encode()


def payee_accounts(
    *, payee_id: UUID | None = None, state: str = "", limit: int = 500
) -> list[PayeeAccountView]:
    """Return payee accounts, the last registered first; of one payee, or in one state.

    Each says which approved IBAN it replaces, if any.
    """
    rows = PayeeAccount.objects.order_by("-registered_at", "-id")
    if payee_id is not None:
        rows = rows.filter(payee_id=payee_id)
    if state:
        rows = rows.filter(state=state)
    return _payee_accounts(list(rows[:limit]))


def payee_account(account_id: UUID) -> PayeeAccountView:
    """Return one payee account; raises LookupError if there is none."""
    found = _payee_accounts(list(PayeeAccount.objects.filter(pk=account_id)))
    if not found:
        raise LookupError(account_id)
    return found[0]


def _payee_accounts(rows: list[PayeeAccount]) -> list[PayeeAccountView]:
    earlier = list(
        PayeeAccount.objects.filter(
            payee_id__in={row.payee_id for row in rows}, state__in=["approved", "ended"]
        ).order_by("decided_at")
    )
    return [_payee_account(row, earlier) for row in rows]


def usable_account(payee_id: UUID, on: date) -> PayeeAccountView | None:
    """Return the account on which a payee is paid on that day, or None."""
    row = (
        PayeeAccount.objects.filter(payee_id=payee_id, state="approved", usable_from__lte=on)
        .order_by("-usable_from", "-decided_at")
        .first()
    )
    return None if row is None else _payee_account(row, [])


def order_view(row: PaymentOrder) -> PaymentOrderView:
    """Show an order."""
    return PaymentOrderView(
        id=row.id,
        end_to_end_id=row.end_to_end_id,
        kind=OrderKind(row.kind),
        reference=row.reference,
        amount=Money(row.amount_cents),
        payee_id=row.payee_id,
        owner=(row.owner_kind, row.owner_id),
        state=OrderState(row.state),
        batch_id=row.batch_id,
        iban=row.iban,
        holder_name=row.holder_name,
        requested_by=row.requested_by,
        ordered_at=row.ordered_at,
        reason=row.reason,
    )


def _payable(row: PaymentOrder, accounts: Iterable[PayeeAccount], on: date) -> PayableOrder:
    if row.kind == OrderKind.RETURN:
        return PayableOrder(order_view(row), row.iban, row.holder_name, Blocked.NOT, None)
    iban = name = ""
    blocked = Blocked.NO_ACCOUNT
    usable_from: date | None = None
    for account in accounts:
        if account.usable_from is not None and account.usable_from <= on:
            iban, name, blocked = account.iban, account.holder_name, Blocked.NOT
        elif blocked is not Blocked.NOT:
            blocked, usable_from = Blocked.TOO_NEW, usable_from or account.usable_from
    return PayableOrder(
        order_view(row), iban, name, blocked, None if blocked is Blocked.NOT else usable_from
    )


def _batches() -> QuerySet[PaymentBatch]:
    return PaymentBatch.objects.select_related("bank_account").annotate(
        settled=Count("orders", filter=Q(orders__state__in=["settled", "returned"])),
        rejected=Count("orders", filter=Q(orders__state="rejected")),
        returned=Count("orders", filter=Q(orders__state="returned")),
    )


def _batch(row: PaymentBatch) -> PaymentBatchView:
    return PaymentBatchView(
        id=row.id,
        bank_account_id=row.bank_account_id,
        iban=row.bank_account.iban,
        identifier=row.identifier,
        execute_on=row.execute_on,
        order_count=row.order_count,
        total=Money(row.total_cents),
        checksum=row.checksum,
        state=BatchState(row.state),
        made_by=row.made_by,
        made_at=row.made_at,
        released_by=row.released_by,
        released_at=row.released_at,
        settled=row.settled,  # type: ignore[attr-defined]
        rejected=row.rejected,  # type: ignore[attr-defined]
        returned=row.returned,  # type: ignore[attr-defined]
        group=release_group(row.id),
    )


def _payee_account(row: PayeeAccount, earlier: Iterable[PayeeAccount]) -> PayeeAccountView:
    replaced = [
        account.iban
        for account in earlier
        if account.payee_id == row.payee_id
        and account.id != row.id
        and account.registered_at < row.registered_at
    ]
    return PayeeAccountView(
        id=row.id,
        payee_id=row.payee_id,
        iban=row.iban,
        holder_name=row.holder_name,
        state=PayeeAccountState(row.state),
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        usable_from=row.usable_from,
        replaces=replaced[-1] if replaced else "",
    )
