"""Placing the entries of a statement: each where it belongs beyond doubt, or on the work list."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.ledger.types import AccountRef
from eigenwijs.treasury import matching
from eigenwijs.treasury.books import Posting, clearing_of
from eigenwijs.treasury.models import Allocation, Entry, ExpectedReceipt, PaymentOrder
from eigenwijs.treasury.operations import orders, receipts
from eigenwijs.treasury.operations.allocations import allocate, note_open
from eigenwijs.treasury.types import Doubt, Purpose


def place(entry: Entry, posting: Posting, *, is_new: bool) -> None:
    """Place an open entry as far as there is no doubt, and write the rest on the work list.

    `is_new`: the entry is not in the books yet. The whole bank account is locked by the caller.
    """
    try:
        with transaction.atomic():
            if entry.cents > 0:
                _place_money_in(entry, posting, is_new=is_new)
            else:
                _place_money_out(entry, posting)
            posting.write()
    except UnableToPost as error:
        if error.code != "insufficient_funds":
            raise
        entry.refresh_from_db()
        note_open(entry, entry.open_cents, posting, doubt=Doubt.NOT_ENOUGH)


def whereabouts(entry: Entry, posting: Posting) -> AccountRef:
    """Return the account of the books where what is open of money in stands."""
    if entry.held_for is not None:
        return clearing_of(entry.held_for, at=posting.at)
    return posting.books.unmatched


def _place_money_in(entry: Entry, posting: Posting, *, is_new: bool) -> None:
    source = posting.books.bank if is_new else whereabouts(entry, posting)
    cents = entry.open_cents
    if matching.is_bank_own(entry.bank_code):
        posting.move(source, posting.books.buffer, cents, "bank_interest")
        allocate(entry, Purpose.BUFFER, cents, posting)
        note_open(entry, 0, posting)
    elif matching.is_return(entry.bank_code, entry.return_reason, is_reversal=entry.is_reversal):
        returned = _orders_named(entry, "settled")
        if sum(order.amount_cents for order in returned) == cents:
            for order in returned:
                orders.bring_back(order, entry, source, posting)
            note_open(entry, 0, posting)
        else:
            _park(entry, source, Doubt.RETURN_AMOUNT if returned else Doubt.RETURN_UNKNOWN, posting)
    else:
        _place_receipt(entry, source, posting)


def _place_receipt(entry: Entry, source: AccountRef, posting: Posting) -> None:
    """Place a payment on the requests that it names."""
    named, doubt = _receipts_named(entry)
    plan = matching.divide(entry.open_cents, [receipts.due(receipt) for receipt in named])
    doubt = doubt or plan.doubt
    if not plan.parts and plan.rest_of_payer is None:
        _park(entry, source, doubt, posting)
        return
    by_reference = {receipt.reference: receipt for receipt in named}
    note_other_iban(entry, named)
    for reference, cents in plan.parts:
        receipts.receive(
            by_reference[reference], cents, entry=entry, source=source, posting=posting
        )
    home = posting.books.unmatched
    if plan.rest_of_payer is not None:
        home = clearing_of(plan.rest_of_payer, at=posting.at)
    posting.move(source, home, plan.rest, "surplus")
    note_open(entry, plan.rest, posting, doubt=doubt, held_for=plan.rest_of_payer)


def _place_money_out(entry: Entry, posting: Posting) -> None:
    cents = entry.open_cents
    ordered = _orders_named(entry, "in_transit")
    if ordered:
        if sum(order.amount_cents for order in ordered) == cents:
            for order in ordered:
                orders.settle(order, entry, posting)
            note_open(entry, 0, posting)
        else:
            note_open(entry, cents, posting, doubt=Doubt.ORDER_AMOUNT)
    elif matching.is_bank_own(entry.bank_code):
        posting.move(posting.books.buffer, posting.books.bank, cents, "bank_costs")
        allocate(entry, Purpose.BUFFER, -cents, posting)
        note_open(entry, 0, posting)
    elif matching.is_return(entry.bank_code, entry.return_reason, is_reversal=entry.is_reversal):
        originals = originals_of(entry)
        if len(originals) == 1:
            reverse(entry, originals[0], posting)
        else:
            note_open(entry, cents, posting, doubt=Doubt.REVERSAL_UNKNOWN)
    else:
        note_open(entry, cents, posting, doubt=Doubt.UNKNOWN_DEBIT)


def reverse(entry: Entry, original: Entry, posting: Posting) -> None:
    """Undo a whole receipt: `entry` is the bank taking back `original`.

    Each cent is taken from where it went. Raises `UnableToPost` where the buffer is short.
    """
    entry.reverses = original
    entry.save(update_fields=["reverses"])
    if original.open_cents:
        home = whereabouts(original, posting)
        posting.move(home, posting.books.bank, original.open_cents, "receipt_reversed")
        allocate(original, Purpose.REVERSAL, original.open_cents, posting)
        allocate(entry, Purpose.REVERSAL, -original.open_cents, posting)
        note_open(original, 0, posting)
    for receipt, cents in _received_with(original):
        receipts.take_back(receipt, cents, entry=entry, posting=posting)
    buffered = original.allocations.filter(purpose=Purpose.BUFFER)
    to_buffer = sum(buffered.values_list("cents", flat=True))
    if to_buffer:
        posting.move(posting.books.buffer, posting.books.bank, to_buffer, "receipt_reversed")
        allocate(entry, Purpose.BUFFER, -to_buffer, posting)
    note_open(entry, 0, posting)


def originals_of(entry: Entry) -> list[Entry]:
    """Return the receipts that a reversal may undo: same account, same amount, one same identifier.

    Only those of which every cent can still be taken back.
    """
    same = Q(pk=None)
    if entry.end_to_end_id:
        same |= Q(end_to_end_id=entry.end_to_end_id)
    if entry.bank_reference:
        same |= Q(bank_reference=entry.bank_reference)
    candidates = matching.candidate_references(_texts(entry))
    same |= Q(allocations__receipt__reference__in=candidates)
    found = reversible(entry).filter(same).distinct()
    return [original for original in found if is_reversible(original)]


def net(entry: Entry, offset: Entry, posting: Posting) -> None:
    """Write that money out and all that is open of money in undo each other."""
    cents = offset.open_cents
    posting.move(whereabouts(offset, posting), posting.books.bank, cents, "netted")
    allocate(offset, Purpose.NETTED, cents, posting)
    allocate(entry, Purpose.NETTED, -cents, posting)
    note_open(offset, 0, posting)


def reversible(entry: Entry) -> QuerySet[Entry]:
    """Return money in of the same account and amount that nothing reversed yet."""
    return Entry.objects.filter(
        statement__bank_account_id=entry.statement.bank_account_id,
        cents=-entry.cents,
        state__in=["open", "kept", "settled"],
        reversed_by=None,
    ).order_by("id")


def is_reversible(original: Entry) -> bool:
    """Whether every cent of a receipt can still be taken back from where it went."""
    purposes = set(original.allocations.values_list("purpose", flat=True))
    if not purposes <= {Purpose.RECEIPT, Purpose.BUFFER}:
        return False
    return all(receipt.received_cents >= cents for receipt, cents in _received_with(original))


def note_other_iban(entry: Entry, named: Sequence[ExpectedReceipt]) -> None:
    """Note on an entry that its payer always paid from other accounts before."""
    if not entry.counterparty_iban:
        return
    earlier = set(
        Entry.objects.filter(
            allocations__receipt__payer_id__in={receipt.payer_id for receipt in named}
        )
        .exclude(counterparty_iban="")
        .exclude(pk=entry.pk)
        .values_list("counterparty_iban", flat=True)
    )
    if earlier and entry.counterparty_iban not in earlier:
        entry.other_iban = True
        entry.save(update_fields=["other_iban"])


def _park(entry: Entry, source: AccountRef, doubt: Doubt, posting: Posting) -> None:
    """Leave money in for a person: unmatched, unless it has a place already."""
    if source == posting.books.bank:
        posting.move(source, posting.books.unmatched, entry.open_cents, "unmatched")
    note_open(entry, entry.open_cents, posting, doubt=doubt, held_for=entry.held_for)


def _receipts_named(entry: Entry) -> tuple[list[ExpectedReceipt], Doubt]:
    """The receipts that an entry names, locked; none, with the reason, when the text leaves doubt."""
    candidates = matching.candidate_references(_texts(entry))
    found = list(
        ExpectedReceipt.objects.select_for_update()
        .filter(reference__in=candidates)
        .order_by("reference")
    )
    if matching.is_ambiguous(receipt.reference for receipt in found):
        return [], Doubt.AMBIGUOUS_REFERENCE
    if not found and candidates:
        return [], Doubt.UNKNOWN_REFERENCE
    return found, Doubt.NONE


def _texts(entry: Entry) -> list[str]:
    """Where a payer or the bank may have put our reference."""
    return [*entry.references, entry.remittance, entry.end_to_end_id]


def _orders_named(entry: Entry, state: str) -> list[PaymentOrder]:
    """The orders in `state` that an entry names, locked: one by its own id, or a whole batch."""
    in_state = (
        PaymentOrder.objects.select_for_update(of=("self",))
        .filter(state=state, batch__bank_account_id=entry.statement.bank_account_id)
        .select_related("batch", "entry")
        .order_by("id")
    )
    if entry.end_to_end_id and (one := list(in_state.filter(end_to_end_id=entry.end_to_end_id))):
        return one
    if not entry.payment_information_id:
        return []
    return list(in_state.filter(batch__identifier=entry.payment_information_id))


def _received_with(original: Entry) -> list[tuple[ExpectedReceipt, int]]:
    """The receipts, locked, that got cents of an entry."""
    rows = Allocation.objects.filter(entry=original, purpose=Purpose.RECEIPT)
    cents: dict[object, int] = {}
    for receipt_id, amount in rows.values_list("receipt_id", "cents"):
        cents[receipt_id] = cents.get(receipt_id, 0) + amount
    locked = ExpectedReceipt.objects.select_for_update().filter(pk__in=cents).order_by("reference")
    return [(receipt, cents[receipt.pk]) for receipt in locked if cents[receipt.pk]]
