"""Payment batches: one person makes the file, another releases it, the bank answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport
from eigenwijs.kernel.ids import derived_id, new_id
from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.treasury import queries
from eigenwijs.treasury.books import Posting, open_books, release_group
from eigenwijs.treasury.lifecycle import BATCH, ORDER
from eigenwijs.treasury.models import BankAccount, PayeeAccount, PaymentBatch, PaymentOrder
from eigenwijs.treasury.operations.orders import reject
from eigenwijs.treasury.pain import (
    Payment,
    PaymentFile,
    Refusal,
    read_refusals,
    write_payments,
)
from eigenwijs.treasury.types import OrderKind, StatusOutcome

_MESSAGES = {
    "not_a_person": _("Alleen een persoon kan dit doen."),
    "not_found": _("Deze betaalbatch bestaat niet."),
    "no_orders": _("Kies ten minste één betaling."),
    "order_changed": _("Een van de betalingen is veranderd. Kijk de lijst opnieuw na."),
    "order_blocked": _("Een van de betalingen heeft nog geen bruikbaar rekeningnummer."),
    "execution_in_past": _("Kies vandaag of een latere datum."),
    "wrong_state": _("Deze betaalbatch is al vrijgegeven of ingetrokken."),
    "same_person": _("Iemand anders moet deze betaalbatch vrijgeven: vier ogen."),
    "requested_by_you": _(
        "Jij vroeg een van deze terugbetalingen aan. Iemand anders moet vrijgeven."
    ),
    "account_ended": _(
        "Op een van deze rekeningnummers betalen we niet meer. Trek de betaalbatch in en maak een nieuwe."
    ),
    "date_passed": _(
        "De betaaldatum van deze betaalbatch is voorbij. Trek de batch in en maak een nieuwe."
    ),
    "changed_file": _("Dit is niet het bestand dat je hebt bekeken. Kijk het opnieuw na."),
    "insufficient_funds": _("Er staat niet genoeg geld op de bankrekening."),
}


class UnableToMakeBatch(DomainError):
    """Codes: not_a_person, not_found, no_orders, order_changed, order_blocked,
    execution_in_past."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


class UnableToReleaseBatch(DomainError):
    """Codes: not_a_person, not_found, wrong_state, same_person, requested_by_you, account_ended,
    date_passed, changed_file, insufficient_funds."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


class UnableToImportPaymentStatus(FaultyImport):
    """The file is refused as a whole. Fault codes: those of the file (see `xml`), no_original,
    too_long, unknown_batch, not_released, unknown_order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        message = _("Het bericht van de bank is niet ingelezen. Er is niets veranderd.")
        super().__init__("faulty_status", tuple(faults), message)


@transaction.atomic
def make_batch(
    *,
    bank_account_id: UUID,
    order_ids: Sequence[UUID],
    execute_on: date,
    by: Actor,
    at: datetime,
) -> UUID:
    """Make the payment file of these orders and freeze it; return the id of the batch.

    Nothing is paid until another person releases it. Every order must be ready and its payee must
    have an account that is usable today. Raises `UnableToMakeBatch`.
    """
    if by.person_id is None:
        raise UnableToMakeBatch("not_a_person")
    if not order_ids:
        raise UnableToMakeBatch("no_orders")
    if execute_on < local_date(at):
        raise UnableToMakeBatch("execution_in_past")
    account = BankAccount.objects.select_for_update().filter(pk=bank_account_id).first()
    if account is None:
        raise UnableToMakeBatch("not_found")
    orders = _ready_orders(set(order_ids))
    payments = _payments(orders, account, local_date(at))
    batch_id = new_id(at)
    content = write_payments(
        PaymentFile(
            identifier=batch_id.hex,
            made_at=at,
            execute_on=execute_on,
            debtor_name=account.holder_name,
            debtor_iban=account.iban,
            debtor_bic=account.bic,
            payments=payments,
        )
    )
    batch = PaymentBatch.objects.create(
        id=batch_id,
        bank_account=account,
        identifier=batch_id.hex,
        execute_on=execute_on,
        order_count=len(payments),
        total_cents=sum(payment.cents for payment in payments),
        content=content.decode(),
        checksum=hashlib.sha256(content).hexdigest(),
        made_by=by.person_id,
        made_at=at,
    )
    for order, payment in zip(orders, payments, strict=True):
        values = {"batch_id": batch.id, "iban": payment.iban, "holder_name": payment.name}
        audit.move(order, "batch", by=by, at=at, lifecycle=ORDER, values=values)
    audit.record(
        by=by,
        at=at,
        action="treasury.paymentbatch.make",
        subject=("treasury.paymentbatch", batch.id),
        ids={"orders": batch.order_count, "cents": batch.total_cents, "checksum": batch.checksum},
    )
    return batch.id


def _ready_orders(order_ids: set[UUID]) -> list[PaymentOrder]:
    """The orders, locked; all must still be ready."""
    rows = PaymentOrder.objects.select_for_update(of=("self",)).filter(
        pk__in=order_ids, state="ready"
    )
    orders = list(rows.select_related("entry__statement").order_by("id"))
    if len(orders) < len(order_ids):
        raise UnableToMakeBatch("order_changed")
    return orders


def _payments(
    orders: Sequence[PaymentOrder], account: BankAccount, today: date
) -> tuple[Payment, ...]:
    """What the file says of each order; money goes back from the account on which it came in."""
    payable = {found.order.id: found for found in queries.payable_orders(today)}
    for order in orders:
        elsewhere = order.entry and order.entry.statement.bank_account_id != account.id
        if payable[order.id].blocked or elsewhere:
            raise UnableToMakeBatch("order_blocked")
    return tuple(
        Payment(
            end_to_end_id=order.end_to_end_id,
            cents=order.amount_cents,
            iban=payable[order.id].iban,
            name=payable[order.id].holder_name,
            remittance=order.reference,
        )
        for order in orders
    )


@transaction.atomic
def withdraw_batch(*, batch_id: UUID, by: Actor, at: datetime) -> None:
    """Take back a batch that is not released; its orders are ready again.

    Raises `UnableToReleaseBatch`: not_found, wrong_state.
    """
    batch = _locked_batch(batch_id)
    if batch.state != "made":
        raise UnableToReleaseBatch("wrong_state")
    for order in batch.orders.select_for_update().order_by("id"):
        values: dict[str, object] = {"batch_id": None}
        if order.kind == OrderKind.PAYOUT:
            values |= {"iban": "", "holder_name": ""}
        audit.move(order, "unbatch", by=by, at=at, lifecycle=ORDER, values=values)
    audit.move(batch, "withdraw", by=by, at=at, lifecycle=BATCH)


@transaction.atomic
def release_batch(*, batch_id: UUID, checksum: str, by: Actor, at: datetime) -> None:
    """Release a batch as a second person: from now on the money is on its way.

    `checksum` is that of the file which this person reviewed. Each order moves bank → in transit.
    Raises `UnableToReleaseBatch`.
    """
    if by.person_id is None:
        raise UnableToReleaseBatch("not_a_person")
    batch = _locked_batch(batch_id)
    if batch.state != "made":
        raise UnableToReleaseBatch("wrong_state")
    if batch.made_by == by.person_id:
        raise UnableToReleaseBatch("same_person")
    if batch.execute_on < local_date(at):
        raise UnableToReleaseBatch("date_passed")
    if batch.checksum != checksum:
        raise UnableToReleaseBatch("changed_file")
    orders = list(batch.orders.select_for_update().order_by("id"))
    if any(order.requested_by == by.person_id for order in orders):
        raise UnableToReleaseBatch("requested_by_you")
    if not _all_approved(orders):
        raise UnableToReleaseBatch("account_ended")
    books = open_books(batch.bank_account_id, at=at)
    posting = Posting(
        release_group(batch.id), local_date(at), books, by, at, about=("batch", batch.id)
    )
    for order in orders:
        posting.move(books.in_transit, books.bank, order.amount_cents, "order_released")
        audit.move(order, "release", by=by, at=at, lifecycle=ORDER)
    audit.move(
        batch,
        "release",
        by=by,
        at=at,
        lifecycle=BATCH,
        ids={"checksum": checksum, "cents": batch.total_cents},
        values={"released_by": by.person_id, "released_at": at},
    )
    try:
        posting.write()
    except UnableToPost as error:
        if error.code != "insufficient_funds":
            raise
        raise UnableToReleaseBatch("insufficient_funds") from error


def _all_approved(orders: Sequence[PaymentOrder]) -> bool:
    """Whether every payee's account in the file is one that we still pay on."""
    payouts = {(one.payee_id, one.iban) for one in orders if one.kind == OrderKind.PAYOUT}
    approved = PayeeAccount.objects.select_for_update().filter(
        payee_id__in={payee for payee, _iban in payouts}, state="approved"
    )
    return payouts <= set(approved.order_by("id").values_list("payee_id", "iban"))


@transaction.atomic
def import_payment_status(*, content: bytes, by: Actor, at: datetime) -> StatusOutcome:
    """Import the bank's answer (pain.002.001.10) to a batch: what it refuses is owed again.

    It can refuse the file, the batch, or single orders. Importing again changes nothing. An order
    that a statement says was paid stays paid and is named in the outcome. Raises
    `UnableToImportPaymentStatus`.
    """
    message_id, refusals, faults = read_refusals(content)
    if faults:
        raise UnableToImportPaymentStatus(faults)
    found = PaymentBatch.objects.filter(identifier=message_id).first()
    if found is None:
        raise UnableToImportPaymentStatus([_unknown_batch(message_id)])
    batch = _locked_batch(found.id)
    if batch.state not in {"released", "finished"}:
        raise UnableToImportPaymentStatus([_not_released(message_id)])
    refused, faults = _refused_orders(batch, refusals)
    if faults:
        raise UnableToImportPaymentStatus(faults)
    books = open_books(batch.bank_account_id, at=at)
    rejected = [(order, reason) for order, reason in refused if order.state == "in_transit"]
    for order, reason in rejected:
        posting = Posting(
            derived_id(order.id, "reject"), local_date(at), books, by, at, about=("order", order.id)
        )
        reject(order, reason, posting)
        posting.write()
    contradicted = [order for order, _reason in refused if order.state in {"settled", "returned"}]
    return StatusOutcome(
        batch_id=batch.id,
        rejected=tuple(queries.order_view(order) for order, _reason in rejected),
        repeated=len(refused) - len(rejected) - len(contradicted),
        already_settled=tuple(queries.order_view(order) for order in contradicted),
    )


def _refused_orders(
    batch: PaymentBatch, refusals: Sequence[Refusal]
) -> tuple[list[tuple[PaymentOrder, str]], list[Fault]]:
    """The orders of a batch, locked, that the bank refuses, and why; faults for what is not ours."""
    orders = {
        order.end_to_end_id: order
        for order in batch.orders.select_for_update(of=("self",))
        .select_related("batch", "entry")
        .order_by("id")
    }
    reasons: dict[str, str] = {}
    faults: list[Fault] = []
    for refusal in refusals:
        if refusal.level == "order" and refusal.identifier in orders:
            reasons[refusal.identifier] = refusal.reason
        elif refusal.level != "order" and refusal.identifier == batch.identifier:
            reasons |= dict.fromkeys(orders, refusal.reason)
        else:
            faults.append(_unknown_order(refusal))
    return [(orders[identifier], reason) for identifier, reason in reasons.items()], faults


def _locked_batch(batch_id: UUID) -> PaymentBatch:
    """A batch, with its bank account locked first, as every change of one account does."""
    found = PaymentBatch.objects.filter(pk=batch_id).values_list("bank_account_id", flat=True)
    account_id = found.first()
    if account_id is None:
        raise UnableToReleaseBatch("not_found")
    BankAccount.objects.select_for_update().get(pk=account_id)
    return PaymentBatch.objects.select_for_update().get(pk=batch_id)


def _unknown_batch(message_id: str) -> Fault:
    return Fault(
        "unknown_batch",
        _("Dit gaat over bestand %(id)s. Dat is niet van ons."),
        {"id": message_id},
        field_name="OrgnlMsgId",
    )


def _not_released(message_id: str) -> Fault:
    return Fault(
        "not_released",
        _("Bestand %(id)s is bij ons nog niet vrijgegeven. Meld dit aan de beheerder."),
        {"id": message_id},
        field_name="OrgnlMsgId",
    )


def _unknown_order(refusal: Refusal) -> Fault:
    return Fault(
        "unknown_order",
        _("Betaling %(id)s zit niet in dit bestand."),
        {"id": refusal.identifier},
        refusal.file_line,
        "OrgnlEndToEndId" if refusal.level == "order" else "OrgnlPmtInfId",
    )
