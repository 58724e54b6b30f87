"""The work list: what people decide about entries that the software does not place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.treasury.books import Posting, open_books
from eigenwijs.treasury.lifecycle import ENTRY
from eigenwijs.treasury.models import (
    BankAccount,
    Entry,
    ExpectedReceipt,
    OrderSource,
    PaymentOrder,
    batch_named_by,
    offsets_of,
)
from eigenwijs.treasury.operations import orders, placing, receipts
from eigenwijs.treasury.operations.accounts import UnableToChangeAccount, checked_iban
from eigenwijs.treasury.operations.allocations import allocate, note_open
from eigenwijs.treasury.pain import bank_text
from eigenwijs.treasury.types import Doubt, OrderKind, Purpose

_MESSAGES = {
    "not_found": _("Deze boeking bestaat niet."),
    "wrong_state": _("Deze boeking is al afgehandeld."),
    "money_in_only": _("Dit kan alleen met geld dat binnenkwam."),
    "money_out_only": _("Dit kan alleen met geld dat eraf ging."),
    "no_parts": _("Vul ten minste één betalingskenmerk en bedrag in."),
    "wrong_amount": _("Het bedrag moet hoger zijn dan nul."),
    "too_much": _("Dat is meer dan er van deze boeking over is."),
    "unknown_reference": _("Betalingskenmerk %(reference)s bestaat niet."),
    "reference_twice": _("Betalingskenmerk %(reference)s staat er twee keer."),
    "withdrawn_reference": _("Betalingskenmerk %(reference)s is ingetrokken."),
    "exceeds_reference": _("Op %(reference)s staat niet zo veel open."),
    "other_payer": _("Dit geld is van een andere betaler dan %(reference)s."),
    "payers_money": _("Dit geld is van een betaler. Wijs het toe of betaal het terug."),
    "no_iban": _("Deze boeking heeft geen geldig rekeningnummer om naar terug te betalen."),
    "not_a_person": _("Alleen een persoon kan dit doen."),
    "not_a_surplus": _("Alleen geld van een bekende betaler kan op zijn rekening blijven staan."),
    "wrong_orders": _("Deze betaalopdrachten passen niet bij deze boeking."),
    "other_batch": _(
        "Wat je koos als teruggave hoort niet bij deze batch, of het is al verwerkt. Kies ook de "
        "betalingen van de batch, en alleen geld dat terugkwam van een geweigerde betaling daaruit."
    ),
    "wrong_original": _("Deze ontvangst past niet bij deze terugboeking."),
    "insufficient_funds": _("In de buffer zit niet genoeg geld. Vul die eerst aan."),
}


class UnableToDecide(DomainError):
    """Codes: not_found, wrong_state, money_in_only, money_out_only, no_parts, wrong_amount,
    too_much, unknown_reference, reference_twice, withdrawn_reference, exceeds_reference,
    other_payer, payers_money, no_iban, not_a_person, not_a_surplus, wrong_orders, other_batch,
    wrong_original, insufficient_funds."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@transaction.atomic
def assign_entry(
    *, entry_id: UUID, parts: Sequence[tuple[str, Money]], by: Actor, at: datetime
) -> None:
    """Assign money in to expected receipts; what is left stays on the work list.

    Each part is at most what is open on its reference, together at most what is open on the entry.
    A payer's surplus can only go to that payer's receipts. Raises `UnableToDecide`.
    """
    entry, posting = _decide(entry_id, by=by, at=at)
    if entry.cents < 0:
        raise UnableToDecide("money_in_only")
    if not parts:
        raise UnableToDecide("no_parts")
    if any(amount <= Money.zero() for _reference, amount in parts):
        raise UnableToDecide("wrong_amount")
    total = sum(amount.cents for _reference, amount in parts)
    if total > entry.open_cents:
        raise UnableToDecide("too_much")
    named = [reference for reference, _amount in parts]
    found = {
        receipt.reference: receipt
        for receipt in ExpectedReceipt.objects.select_for_update()
        .filter(reference__in=named)
        .order_by("reference")
    }
    for reference, amount in parts:
        _check_part(entry, found.get(reference), reference, amount, named)
    source = placing.whereabouts(entry, posting)
    placing.note_other_iban(entry, list(found.values()))
    for reference, amount in parts:
        receipts.receive(
            found[reference], amount.cents, entry=entry, source=source, posting=posting
        )
    _close(entry, total, posting)


def _check_part(
    entry: Entry,
    receipt: ExpectedReceipt | None,
    reference: str,
    amount: Money,
    named: Sequence[str],
) -> None:
    if receipt is None:
        raise UnableToDecide("unknown_reference", reference=reference)
    if named.count(reference) > 1:
        raise UnableToDecide("reference_twice", reference=reference)
    if receipt.state == "withdrawn":
        raise UnableToDecide("withdrawn_reference", reference=reference)
    if amount.cents > receipts.due(receipt).open:
        raise UnableToDecide("exceeds_reference", reference=reference)
    if entry.held_for is not None and entry.held_for != receipt.payer_id:
        raise UnableToDecide("other_payer", reference=reference)


@transaction.atomic
def match_again(*, entry_id: UUID, by: Actor, at: datetime) -> bool:
    """Try again to place an entry beyond doubt; return whether that lowered what is open.

    For when the request came later than the payment, or the buffer was filled.
    """
    entry, posting = _decide(entry_id, by=by, at=at)
    before = entry.open_cents
    placing.place(entry, posting, is_new=False)
    return entry.open_cents < before


@transaction.atomic
def keep_surplus(*, entry_id: UUID, by: Actor, at: datetime) -> None:
    """Let a payer's surplus stay in clearing; it leaves the work list and can be assigned later."""
    entry, _posting = _decide(entry_id, by=by, at=at)
    if entry.held_for is None:
        raise UnableToDecide("not_a_surplus")
    if entry.state == "kept":
        raise UnableToDecide("wrong_state")
    audit.move(entry, "keep", by=by, at=at, lifecycle=ENTRY)


@transaction.atomic
def book_to_buffer(*, entry_id: UUID, by: Actor, at: datetime) -> None:
    """Book all that is open to the buffer: the foundation's own money (costs, interest, a gift).

    Raises `UnableToDecide`: a payer's surplus may not go there, and the buffer may not go short.
    """
    entry, posting = _decide(entry_id, by=by, at=at)
    if entry.held_for is not None:
        raise UnableToDecide("payers_money")
    books, cents = posting.books, entry.open_cents
    if entry.cents > 0:
        posting.move(books.unmatched, books.buffer, cents, "buffer")
        allocate(entry, Purpose.BUFFER, cents, posting)
    else:
        posting.move(books.buffer, books.bank, cents, "buffer")
        allocate(entry, Purpose.BUFFER, -cents, posting)
    _close(entry, cents, posting)


@transaction.atomic
def return_receipt(*, entry_id: UUID, by: Actor, at: datetime) -> UUID:
    """Send all that is open back to the IBAN it came from; return the id of the payment order.

    The order goes into a batch that somebody else than `by` must release: four eyes. Raises
    `UnableToDecide`.
    """
    entry, posting = _decide(entry_id, by=by, at=at)
    if entry.cents < 0:
        raise UnableToDecide("money_in_only")
    if by.person_id is None:
        raise UnableToDecide("not_a_person")
    try:
        iban = checked_iban(entry.counterparty_iban)
    except UnableToChangeAccount:
        raise UnableToDecide("no_iban") from None
    books, cents = posting.books, entry.open_cents
    posting.move(placing.whereabouts(entry, posting), books.returned, cents, "return")
    order_id = new_id(at)
    # The payer reads what it is about; without words of their own, the bank's name for the entry.
    words = bank_text(f"Retour {entry.remittance}", 140)
    order = PaymentOrder.objects.create(
        id=order_id,
        end_to_end_id=order_id.hex,
        kind=OrderKind.RETURN,
        reference=words,
        amount_cents=cents,
        owner_kind="treasury.entry",
        owner_id=entry.id,
        entry=entry,
        requested_by=by.person_id,
        ordered_at=at,
        iban=iban,
        holder_name=entry.counterparty_name if bank_text(entry.counterparty_name, 70) else iban,
    )
    OrderSource.objects.create(
        order=order, bucket=books.returned.bucket, account=books.returned.id, cents=cents
    )
    allocate(entry, Purpose.RETURN, cents, posting, order=order)
    audit.move(
        entry,
        "return",
        by=by,
        at=at,
        lifecycle=ENTRY,
        ids={"cents": cents, "order": str(order_id)},
        values={"open_cents": 0, "doubt": ""},
    )
    _write(posting)
    return order_id


@transaction.atomic
def assign_entry_to_orders(
    *,
    entry_id: UUID,
    order_ids: Sequence[UUID],
    offset_ids: Sequence[UUID] = (),
    by: Actor,
    at: datetime,
) -> None:
    """Say which payments of ours an entry is, where the bank left out their identifiers.

    Money out settles orders in transit; money in brings settled orders back. `offset_ids` are
    entries with which the bank gave back a part of money out, of orders that it had refused: the
    two net each other. They must be of the batch that the bank names on the entry or, where it
    names none, of a batch of the orders. Orders and offsets together must be exactly what is open.
    Raises `UnableToDecide`.
    """
    entry, posting = _decide(entry_id, by=by, at=at)
    found = list(
        PaymentOrder.objects.select_for_update(of=("self",))
        .filter(
            pk__in=set(order_ids),
            state="settled" if entry.cents > 0 else "in_transit",
            batch__bank_account_id=entry.statement.bank_account_id,
        )
        .select_related("batch", "entry")
        .order_by("id")
    )
    batches = batch_named_by(entry) or {order.batch_id for order in found if order.batch_id}
    offsets = list(
        offsets_of(entry, batches).select_for_update(of=("self",)).filter(pk__in=set(offset_ids))
    )
    total = sum(order.amount_cents for order in found) + sum(one.open_cents for one in offsets)
    if len(found) < len(set(order_ids)):
        raise UnableToDecide("wrong_orders")
    if len(offsets) < len(set(offset_ids)):
        raise UnableToDecide("other_batch")
    if total != entry.open_cents or entry.held_for:
        raise UnableToDecide("wrong_orders")
    for order in found:
        if entry.cents > 0:
            orders.bring_back(order, entry, placing.whereabouts(entry, posting), posting)
        else:
            orders.settle(order, entry, posting)
    for offset in offsets:
        placing.net(entry, offset, posting)
    _close(entry, total, posting)


@transaction.atomic
def reverse_entry(*, entry_id: UUID, original_id: UUID, by: Actor, at: datetime) -> None:
    """Say which receipt money out is the bank's taking back of, where the bank left that out.

    Raises `UnableToDecide`: the receipt must have the same amount and account, and every cent of
    it must still be where it went; the buffer may not go short.
    """
    entry, posting = _decide(entry_id, by=by, at=at)
    if entry.cents > 0:
        raise UnableToDecide("money_out_only")
    original = placing.reversible(entry).filter(pk=original_id).first()
    if original is None or not placing.is_reversible(original):
        raise UnableToDecide("wrong_original")
    placing.reverse(entry, original, posting)
    _write(posting)


def _decide(entry_id: UUID, *, by: Actor, at: datetime) -> tuple[Entry, Posting]:
    """An entry on the work list, with its bank account locked, and the event to book it in."""
    found = Entry.objects.filter(pk=entry_id).values_list("statement__bank_account_id", flat=True)
    account_id = found.first()
    if account_id is None:
        raise UnableToDecide("not_found")
    BankAccount.objects.select_for_update().get(pk=account_id)
    entry = (
        Entry.objects.select_for_update(of=("self",)).select_related("statement").get(pk=entry_id)
    )
    if entry.state not in {"open", "kept"}:
        raise UnableToDecide("wrong_state")
    books = open_books(account_id, at=at)
    return entry, Posting(new_id(at), local_date(at), books, by, at, about=("entry", entry_id))


def _close(entry: Entry, cents: int, posting: Posting) -> None:
    """Lower what is open by `cents`, and write the books."""
    left = entry.open_cents - cents
    doubt = Doubt(entry.doubt)
    note_open(entry, left, posting, doubt=doubt, held_for=entry.held_for)
    _write(posting)


def _write(posting: Posting) -> None:
    try:
        posting.write()
    except UnableToPost as error:
        if error.code != "insufficient_funds":
            raise
        raise UnableToDecide("insufficient_funds") from error
