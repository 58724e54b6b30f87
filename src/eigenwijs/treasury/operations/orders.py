"""Payment orders: what is to be paid, and what the bank did with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef
from eigenwijs.treasury.books import Posting, clearing_of
from eigenwijs.treasury.lifecycle import BATCH, ENTRY, ORDER
from eigenwijs.treasury.models import Entry, OrderSource, PaymentOrder
from eigenwijs.treasury.operations.allocations import allocate
from eigenwijs.treasury.pain import bank_text
from eigenwijs.treasury.types import Doubt, OrderKind, PaymentSource, Purpose

_MESSAGES = {
    "wrong_amount": _("Het bedrag moet hoger zijn dan nul."),
    "wrong_reference": _("De omschrijving moet 1 tot 140 gewone tekens hebben."),
    "key_reused": _("Dit nummer is al gebruikt voor een andere betaling."),
    "not_owed": _("Zo veel is de stichting deze ontvanger niet schuldig."),
    "not_found": _("Deze betaalopdracht bestaat niet."),
    "wrong_state": _("Deze betaalopdracht zit al in een betaalbatch."),
}
_OWED_TO_PAYEES = (AccountKind.PROVIDER_PAYABLE, AccountKind.LAPSED)


class UnableToOrderPayment(DomainError):
    """Codes: wrong_amount, wrong_reference, key_reused, not_owed, not_found, wrong_state."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@transaction.atomic
def order_payment(
    *,
    key: UUID,
    reference: str,
    payee_id: UUID,
    sources: Sequence[PaymentSource],
    owner: tuple[str, UUID],
    by: Actor,
    at: datetime,
) -> UUID:
    """Order that a payee is paid what `sources` (accounts of the books) owe; return `key`.

    `reference` is what the payee reads on the statement. Nothing moves in the books until the
    batch is released. The same content again changes nothing. What became of it is announced with
    the id of `owner`: `order_settled`, `order_rejected` or `order_returned`; to pay after the last
    two, order again with a new key. Raises `UnableToOrderPayment`.
    """
    if not sources or any(source.amount <= Money.zero() for source in sources):
        raise UnableToOrderPayment("wrong_amount")
    if not 1 <= len(bank_text(reference, 141)) <= 140 or len(reference) > 140:
        raise UnableToOrderPayment("wrong_reference")
    amount = sum_money(source.amount for source in sources)
    same = {
        "reference": reference,
        "amount_cents": amount.cents,
        "payee_id": payee_id,
        "owner_kind": owner[0],
        "owner_id": owner[1],
    }
    known = PaymentOrder.objects.filter(pk=key).first()
    if known is not None:
        if any(getattr(known, name) != value for name, value in same.items()):
            raise UnableToOrderPayment("key_reused")
        return key
    _check_owed(payee_id, sources)
    order = PaymentOrder.objects.create(
        id=key, end_to_end_id=key.hex, kind=OrderKind.PAYOUT, ordered_at=at, **same
    )
    OrderSource.objects.bulk_create(
        OrderSource(
            order=order,
            bucket=source.account.bucket,
            account=source.account.id,
            cents=source.amount.cents,
        )
        for source in sources
    )
    audit.record(
        by=by,
        at=at,
        action="treasury.paymentorder.order",
        subject=("treasury.paymentorder", key),
        ids={"cents": amount.cents, "payee": str(payee_id), "owner": str(owner[1])},
    )
    return key


@transaction.atomic
def withdraw_order(*, key: UUID, by: Actor, at: datetime) -> None:
    """Take back an order that is not in a batch yet; again changes nothing.

    Raises `UnableToOrderPayment`: not_found, wrong_state.
    """
    order = PaymentOrder.objects.select_for_update().filter(pk=key, kind=OrderKind.PAYOUT).first()
    if order is None:
        raise UnableToOrderPayment("not_found")
    if order.state == "withdrawn":
        return
    if order.state != "ready":
        raise UnableToOrderPayment("wrong_state")
    audit.move(order, "withdraw", by=by, at=at, lifecycle=ORDER)


def _check_owed(payee_id: UUID, sources: Sequence[PaymentSource]) -> None:
    """Each source is what we owe this payee, and owes enough, other unfinished orders included."""
    refs = [source.account for source in sources]
    try:
        accounts, balances = ledger.accounts(refs), ledger.balances(refs)
    except LookupError:
        raise UnableToOrderPayment("not_owed") from None
    for source in sources:
        account = accounts[source.account]
        ordered = OrderSource.objects.filter(
            bucket=source.account.bucket,
            account=source.account.id,
            order__state__in=["ready", "batched", "in_transit"],
        ).aggregate(cents=Sum("cents"))["cents"]
        owed = balances[source.account].available
        is_theirs = account.kind in _OWED_TO_PAYEES and account.owner == payee_id
        if not is_theirs or source.amount + Money(ordered or 0) > owed:
            raise UnableToOrderPayment("not_owed")


def settle(order: PaymentOrder, entry: Entry, posting: Posting) -> None:
    """Write that the bank paid a locked order in transit, with `entry`; announce it.

    A return that was paid settles the entry that it came with.
    """
    for source in sources_of(order):
        posting.move(source.account, posting.books.in_transit, source.amount.cents, "order_settled")
    _move(order, "settle", announce_as="order_settled", posting=posting, values={})
    allocate(entry, Purpose.ORDER, -order.amount_cents, posting, order=order)
    if order.entry is not None:
        audit.move(order.entry, "settle", by=posting.by, at=posting.at, lifecycle=ENTRY)
    _finish_batch(order, posting)


def bring_back(order: PaymentOrder, entry: Entry, source: AccountRef, posting: Posting) -> None:
    """Write that a settled payment came back as `entry`: it is owed again; announce it."""
    for part in sources_of(order):
        posting.move(source, part.account, part.amount.cents, "order_returned")
    _move(
        order,
        "return",
        announce_as="order_returned",
        posting=posting,
        values={"reason": entry.return_reason},
    )
    allocate(entry, Purpose.ORDER, order.amount_cents, posting, order=order)
    _reopen_origin(order, posting)


def reject(order: PaymentOrder, reason: str, posting: Posting) -> None:
    """Write that the bank refuses a locked order in transit: the money is in the bank; announce."""
    books = posting.books
    posting.move(books.bank, books.in_transit, order.amount_cents, "order_rejected")
    _move(order, "reject", announce_as="order_rejected", posting=posting, values={"reason": reason})
    _reopen_origin(order, posting)
    _finish_batch(order, posting)


def sources_of(order: PaymentOrder) -> list[PaymentSource]:
    """Return the accounts of the books that owe an order."""
    return [
        PaymentSource(AccountRef(source.bucket, source.account), Money(source.cents))
        for source in order.sources.order_by("id")
    ]


def _reopen_origin(order: PaymentOrder, posting: Posting) -> None:
    """A return that did not arrive: its entry is on the work list again, the money where it was."""
    origin = order.entry
    if origin is None:
        return
    books = posting.books
    home = books.unmatched
    if origin.held_for is not None:
        home = clearing_of(origin.held_for, at=posting.at)
    posting.move(books.returned, home, order.amount_cents, "return_failed")
    allocate(origin, Purpose.RETURN, -order.amount_cents, posting, order=order)
    audit.move(
        origin,
        "reopen",
        by=posting.by,
        at=posting.at,
        lifecycle=ENTRY,
        values={"open_cents": order.amount_cents, "doubt": Doubt.PAYMENT_BACK},
    )


def _finish_batch(order: PaymentOrder, posting: Posting) -> None:
    """Finish the batch of an order when none of its orders is in transit any more."""
    batch = order.batch
    assert batch is not None  # noqa: S101 — a constraint says so
    if not batch.orders.filter(state="in_transit").exists():
        audit.move(batch, "finish", by=posting.by, at=posting.at, lifecycle=BATCH)


def _move(
    order: PaymentOrder,
    event: str,
    *,
    announce_as: str,
    posting: Posting,
    values: dict[str, object],
) -> None:
    """Move an order; payouts are announced, a return is our own business.

    A return repeats the payer's own words in its reference: those stay out of the trail.
    """
    ids: dict[str, str | int | None] = {
        "owner": str(order.owner_id),
        "reference": order.reference if order.kind == OrderKind.PAYOUT else "",
        "order": str(order.id),
        "cents": order.amount_cents,
        "reason": str(values.get("reason", "")),
    }
    audit.move(
        order,
        event,
        by=posting.by,
        at=posting.at,
        lifecycle=ORDER,
        announce_as=announce_as if order.kind == OrderKind.PAYOUT else "",
        ids=ids,
        values=values,
    )
