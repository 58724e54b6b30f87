"""Money that somebody will pay: registered from above, matched by the statement."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from stdnum import iso11649

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger.types import AccountRef
from eigenwijs.treasury import matching
from eigenwijs.treasury.books import Posting, clearing_of
from eigenwijs.treasury.lifecycle import RECEIPT
from eigenwijs.treasury.matching import Due
from eigenwijs.treasury.models import Entry, ExpectedReceipt
from eigenwijs.treasury.operations.allocations import allocate
from eigenwijs.treasury.types import Purpose

_MESSAGES = {
    "wrong_reference": _("Dit is geen geldig betalingskenmerk (ISO 11649)."),
    "wrong_amount": _("Het bedrag moet hoger zijn dan nul."),
    "reference_reused": _("Dit betalingskenmerk is al in gebruik voor iets anders."),
    "not_found": _("Dit betalingskenmerk bestaat niet."),
    "money_received": _("Er is al geld op dit betalingskenmerk binnen."),
    "nothing_to_release": _("Er staat geen geld klaar om vrij te geven."),
}


class UnableToExpectReceipt(DomainError):
    """Codes: wrong_reference, wrong_amount, reference_reused, not_found, money_received,
    nothing_to_release."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@transaction.atomic
def expect_receipt(
    *,
    reference: str,
    amount: Money,
    payer_id: UUID,
    due_on: date,
    owner: tuple[str, UUID],
    by: Actor,
    at: datetime,
) -> UUID:
    """Register that `payer_id` will pay `amount` with a creditor reference (ISO 11649).

    When it is complete `receipt_matched` is announced, with the id of `owner`. The same content
    again changes nothing. Returns the id; raises `UnableToExpectReceipt`.
    """
    if not iso11649.is_valid(reference):
        raise UnableToExpectReceipt("wrong_reference")
    reference = iso11649.compact(reference).upper()
    if amount <= Money.zero():
        raise UnableToExpectReceipt("wrong_amount")
    same = {
        "amount_cents": amount.cents,
        "payer_id": payer_id,
        "due_on": due_on,
        "owner_kind": owner[0],
        "owner_id": owner[1],
    }
    try:
        with transaction.atomic():
            receipt = ExpectedReceipt.objects.create(
                id=new_id(at), reference=reference, expected_at=at, **same
            )
    except IntegrityError:
        known = ExpectedReceipt.objects.get(reference=reference)
        if any(getattr(known, name) != value for name, value in same.items()):
            raise UnableToExpectReceipt("reference_reused") from None
        return known.id
    audit.record(
        by=by,
        at=at,
        action="treasury.expectedreceipt.expect",
        subject=("treasury.expectedreceipt", receipt.id),
        ids={"reference": reference, "cents": amount.cents, "owner": str(owner[1])},
    )
    return receipt.id


@transaction.atomic
def withdraw_expected_receipt(*, reference: str, by: Actor, at: datetime) -> None:
    """Expect a receipt no longer; a payment that names it goes to the work list.

    Withdrawing again changes nothing. Raises `UnableToExpectReceipt`: not_found, money_received.
    """
    receipt = _locked(reference)
    if receipt.state == "withdrawn":
        return
    if receipt.received_cents or receipt.released_cents:
        raise UnableToExpectReceipt("money_received")
    audit.move(receipt, "withdraw", by=by, at=at, lifecycle=RECEIPT)


def lock_expected_receipt(*, reference: str) -> Money:
    """Let nothing come in for a reference until the transaction ends; return how much it may ask less.

    That is what is still open, and nothing where money was handed on already. Raises
    `UnableToExpectReceipt`: not_found.
    """
    receipt = _locked(reference)
    can_ask_less = receipt.state == "partly" and not receipt.released_cents
    return Money(due(receipt).open) if can_ask_less else Money.zero()


@transaction.atomic
def lower_expected_receipt(*, reference: str, less: Money, by: Actor, at: datetime) -> None:
    """Expect `less` cents fewer than before, at most what is still open of a partly paid receipt.

    Where nothing is open any more the receipt is complete and `receipt_matched` is announced. Raises
    `UnableToExpectReceipt`: not_found, wrong_amount.
    """
    receipt = _locked(reference)
    amount = receipt.amount_cents - less.cents
    if receipt.state != "partly" or not 0 < less.cents <= due(receipt).open:
        raise UnableToExpectReceipt("wrong_amount")
    if amount > receipt.received_cents:
        ExpectedReceipt.objects.filter(pk=receipt.pk).update(amount_cents=amount)
        audit.record(
            by=by,
            at=at,
            action="treasury.expectedreceipt.lower",
            subject=("treasury.expectedreceipt", receipt.pk),
            ids={"reference": reference, "cents": less.cents},
        )
        return
    receipt.amount_cents = amount
    audit.move(
        receipt,
        "complete",
        by=by,
        at=at,
        lifecycle=RECEIPT,
        announce_as="receipt_matched",
        ids=_ids(
            receipt,
            cents=amount - receipt.released_cents,
            released_cents=amount,
            complete=1,
        ),
        values={"amount_cents": amount, "released_cents": amount},
    )


@transaction.atomic
def release_pro_rata(*, reference: str, by: Actor, at: datetime) -> Money:
    """Hand on what came in so far although the request is not complete; return how much.

    Announces `receipt_matched` with that amount; the room that asked for the money divides it.
    Raises `UnableToExpectReceipt`: not_found, nothing_to_release.
    """
    receipt = _locked(reference)
    waiting = due(receipt).waiting
    if not waiting:
        raise UnableToExpectReceipt("nothing_to_release")
    released = receipt.released_cents + waiting
    audit.move(
        receipt,
        "release",
        by=by,
        at=at,
        lifecycle=RECEIPT,
        announce_as="receipt_matched",
        ids=_ids(receipt, cents=waiting, released_cents=released, complete=0),
        values={"released_cents": released},
    )
    return Money(waiting)


def due(receipt: ExpectedReceipt) -> Due:
    """Return a receipt as matching sees it."""
    return Due(
        reference=receipt.reference,
        payer_id=receipt.payer_id,
        amount=receipt.amount_cents,
        received=receipt.received_cents,
        released=receipt.released_cents,
        withdrawn=receipt.state == "withdrawn",
    )


def receive(
    receipt: ExpectedReceipt, cents: int, *, entry: Entry, source: AccountRef, posting: Posting
) -> None:
    """Place `cents` of an entry on a locked receipt; announce it when the receipt is complete.

    `source` is where the money is in the books: the bank, unmatched, or the payer's clearing.
    """
    movement = matching.receive(due(receipt), cents)
    clearing = clearing_of(receipt.payer_id, at=posting.at)
    posting.move(source, clearing, movement.clearing, "receipt")
    posting.move(source, posting.books.buffer, movement.buffer, "receipt_repays_buffer")
    received = receipt.received_cents + cents
    complete = received == receipt.amount_cents
    released = receipt.released_cents + movement.release
    audit.move(
        receipt,
        "complete" if complete else "part",
        by=posting.by,
        at=posting.at,
        lifecycle=RECEIPT,
        announce_as="receipt_matched" if complete else "",
        ids=_ids(
            receipt,
            entry=str(entry.id),
            cents=movement.release,
            released_cents=released,
            complete=int(complete),
        ),
        values={"received_cents": received, "released_cents": released},
    )
    allocate(entry, Purpose.RECEIPT, cents, posting, receipt=receipt)


def take_back(receipt: ExpectedReceipt, cents: int, *, entry: Entry, posting: Posting) -> None:
    """Write on a locked receipt that the bank took `cents` back with `entry` (money out).

    Announces `receipt_reversed` when any of the receipt was handed on before.
    """
    movement = matching.take_back(due(receipt), cents)
    clearing = clearing_of(receipt.payer_id, at=posting.at)
    posting.move(clearing, posting.books.bank, movement.clearing, "receipt_reversed")
    posting.move(posting.books.buffer, posting.books.bank, movement.buffer, "buffer_carries")
    received = receipt.received_cents - cents
    audit.move(
        receipt,
        "take_back_part" if received else "take_back_all",
        by=posting.by,
        at=posting.at,
        lifecycle=RECEIPT,
        announce_as="receipt_reversed" if receipt.released_cents else "",
        ids=_ids(receipt, entry=str(entry.id), cents=cents, buffer_cents=movement.buffer),
        values={"received_cents": received},
    )
    allocate(entry, Purpose.RECEIPT, -cents, posting, receipt=receipt)


def _ids(receipt: ExpectedReceipt, **more: str | int | None) -> dict[str, str | int | None]:
    return {
        "reference": receipt.reference,
        "owner": str(receipt.owner_id),
        "amount_cents": receipt.amount_cents,
        **more,
    }


def _locked(reference: str) -> ExpectedReceipt:
    receipt = ExpectedReceipt.objects.select_for_update().filter(reference=reference).first()
    if receipt is None:
        raise UnableToExpectReceipt("not_found")
    return receipt
