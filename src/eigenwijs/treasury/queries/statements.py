"""Reads about statements, entries, expected receipts and the proof."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from eigenwijs.kernel.money import Money
from eigenwijs.treasury import matching, models
from eigenwijs.treasury.models import (
    Allocation,
    BankAccount,
    BankStatement,
    ClientMoneyProof,
    Entry,
)
from eigenwijs.treasury.models import ExpectedReceipt as ReceiptRow
from eigenwijs.treasury.types import (
    AllocationView,
    BankAccountView,
    ClientMoneyProofView,
    Doubt,
    EntryState,
    EntryView,
    ExpectedReceipt,
    Gap,
    GapCode,
    Purpose,
    ReceiptState,
    StatementView,
)


def bank_accounts() -> list[BankAccountView]:
    """Return the foundation's accounts, in the order in which they were opened."""
    return [
        BankAccountView(row.id, row.iban, row.bic, row.holder_name)
        for row in BankAccount.objects.order_by("opened_at", "id")
    ]


def expected_receipt(reference: str) -> ExpectedReceipt:
    """Return an expected receipt; raises LookupError if there is none."""
    row = ReceiptRow.objects.filter(reference=reference).first()
    if row is None:
        raise LookupError(reference)
    return _receipt(row)


def expected_receipts(
    *,
    references: Collection[str] | None = None,
    states: Collection[ReceiptState] = (),
    payer_id: UUID | None = None,
) -> list[ExpectedReceipt]:
    """Return expected receipts, the earliest due first; of these references, states or payer."""
    rows = ReceiptRow.objects.order_by("due_on", "reference")
    if references is not None:
        rows = rows.filter(reference__in=references)
    if states:
        rows = rows.filter(state__in=states)
    if payer_id is not None:
        rows = rows.filter(payer_id=payer_id)
    return [_receipt(row) for row in rows]


def statement(statement_id: UUID) -> StatementView:
    """Return one statement; raises LookupError if there is none."""
    row = _statements().filter(pk=statement_id).first()
    if row is None:
        raise LookupError(statement_id)
    return _statement(row)


def statements(*, limit: int = 100, offset: int = 0) -> list[StatementView]:
    """Return statements, the last imported first."""
    rows = _statements().order_by("-closed_on", "-opened_on", "-sequence")[offset : offset + limit]
    return [_statement(row) for row in rows]


def entries(statement_id: UUID) -> list[EntryView]:
    """Return the entries of a statement in the bank's order."""
    return _entries(Entry.objects.filter(statement_id=statement_id).order_by("number", "part"))


def entry(entry_id: UUID) -> EntryView:
    """Return one entry; raises LookupError if there is none."""
    found = _entries(Entry.objects.filter(pk=entry_id))
    if not found:
        raise LookupError(entry_id)
    return found[0]


def entries_named(entry_ids: Collection[UUID]) -> list[EntryView]:
    """Return entries by id, by their day; absent ones are left out."""
    rows = Entry.objects.filter(pk__in=entry_ids)
    return _entries(rows.order_by("booked_on", "statement__sequence", "number", "part"))


def entries_of_orders(order_ids: Collection[UUID]) -> list[EntryView]:
    """Return the entries with which the bank paid these orders, or brought them back."""
    rows = Entry.objects.filter(allocations__order__in=order_ids).distinct()
    return _entries(rows.order_by("booked_on", "statement__sequence", "number", "part"))


def entries_of_receipt(*references: str) -> list[EntryView]:
    """Return the entries that brought money for expected receipts, or took it back."""
    rows = Entry.objects.filter(allocations__receipt__reference__in=references).distinct()
    return _entries(rows.order_by("booked_on", "statement__sequence", "number", "part"))


def unmatched_entries(*, state: str = "open") -> list[EntryView]:
    """Return the work list, oldest first; with `state` "kept": the surpluses that stay."""
    rows = Entry.objects.filter(state=state)
    return _entries(rows.order_by("booked_on", "statement__sequence", "number", "part"))


def receipts_named_by(entry_id: UUID) -> list[ExpectedReceipt]:
    """Return the expected receipts that can be read in an entry: a proposal to the person who
    decides, with those of the payer whose surplus it is."""
    row = Entry.objects.get(pk=entry_id)
    texts = [*row.references, row.remittance, row.end_to_end_id]
    named = Q(reference__in=matching.candidate_references(texts))
    if row.held_for is not None:
        named |= Q(payer_id=row.held_for, state__in=["open", "partly"])
    return [_receipt(found) for found in ReceiptRow.objects.filter(named).order_by("due_on")]


def originals_of(entry_id: UUID) -> list[EntryView]:
    """Return receipts that money out may be the taking back of: same account, same amount."""
    row = Entry.objects.select_related("statement").get(pk=entry_id)
    return _entries(
        Entry.objects.filter(
            statement__bank_account_id=row.statement.bank_account_id,
            cents=-row.cents,
            reversed_by=None,
            state__in=["open", "kept", "settled"],
        ).order_by("-booked_on", "-id")
        if row.cents < 0
        else Entry.objects.none()
    )


def offsets_of(entry_id: UUID) -> list[EntryView]:
    """Return money in with which the bank may have given back a part of this money out.

    Of the batch that the bank names on it, or else of batches of which something is in transit.
    """
    row = Entry.objects.select_related("statement").get(pk=entry_id)
    batches = models.batch_named_by(row) or set(
        models.PaymentOrder.objects.filter(
            state="in_transit", batch__bank_account=row.statement.bank_account_id
        ).values_list("batch", flat=True)
    )
    return _entries(models.offsets_of(row, batches))


def client_money_proof(bank_account_id: UUID, on: date) -> ClientMoneyProofView:
    """Return the proof of a day; raises LookupError if there is none."""
    row = _proofs().filter(bank_account_id=bank_account_id, on=on).first()
    if row is None:
        raise LookupError(on)
    return _proof(row)


def client_money_proofs(*, limit: int = 60) -> list[ClientMoneyProofView]:
    """Return the proofs of the last days, newest first."""
    return [_proof(row) for row in _proofs().order_by("-on", "bank_account__opened_at")[:limit]]


def _receipt(row: ReceiptRow) -> ExpectedReceipt:
    return ExpectedReceipt(
        id=row.id,
        reference=row.reference,
        amount=Money(row.amount_cents),
        received=Money(row.received_cents),
        released=Money(row.released_cents),
        payer_id=row.payer_id,
        due_on=row.due_on,
        owner=(row.owner_kind, row.owner_id),
        state=ReceiptState(row.state),
    )


def _statements() -> QuerySet[BankStatement]:
    return BankStatement.objects.select_related("bank_account").annotate(
        entry_count=Count("entries"),
        open_count=Count("entries", filter=Q(entries__state="open")),
    )


def _statement(row: BankStatement) -> StatementView:
    return StatementView(
        id=row.id,
        bank_account_id=row.bank_account_id,
        iban=row.bank_account.iban,
        statement_id=row.statement_id,
        opening=Money(row.opening_cents),
        closing=Money(row.closing_cents),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        file_name=row.file_name,
        imported_at=row.imported_at,
        imported_by=row.imported_by,
        entries=row.entry_count,  # type: ignore[attr-defined]
        open_entries=row.open_count,  # type: ignore[attr-defined]
    )


def _entries(rows: QuerySet[Entry]) -> list[EntryView]:
    found = list(rows.select_related("statement"))
    allocations: dict[UUID, list[Allocation]] = {}
    for allocation in (
        Allocation.objects.filter(entry__in=found).select_related("receipt", "order").order_by("id")
    ):
        allocations.setdefault(allocation.entry_id, []).append(allocation)
    return [_entry(row, allocations.get(row.id, [])) for row in found]


def _entry(row: Entry, allocations: Sequence[Allocation]) -> EntryView:
    return EntryView(
        id=row.id,
        statement_id=row.statement_id,
        statement_name=row.statement.statement_id,
        bank_account_id=row.statement.bank_account_id,
        number=row.number,
        amount=Money(row.cents),
        open=Money(row.open_cents),
        held_for=row.held_for,
        doubt=Doubt(row.doubt),
        other_iban=row.other_iban,
        state=EntryState(row.state),
        booked_on=row.booked_on,
        bank_code=row.bank_code,
        is_reversal=row.is_reversal,
        return_reason=row.return_reason,
        end_to_end_id=row.end_to_end_id,
        payment_information_id=row.payment_information_id,
        counterparty_iban=row.counterparty_iban,
        counterparty_name=row.counterparty_name,
        remittance=row.remittance,
        allocations=tuple(_allocation(allocation) for allocation in allocations),
    )


def _allocation(row: Allocation) -> AllocationView:
    reference = ""
    if row.receipt is not None:
        reference = row.receipt.reference
    elif row.order is not None:
        reference = row.order.reference
    return AllocationView(
        purpose=Purpose(row.purpose),
        amount=Money(row.cents),
        reference=reference,
        group=row.group,
        allocated_at=row.allocated_at,
    )


def _proofs() -> QuerySet[ClientMoneyProof]:
    return ClientMoneyProof.objects.select_related("bank_account", "statement")


def _proof(row: ClientMoneyProof) -> ClientMoneyProofView:
    return ClientMoneyProofView(
        bank_account_id=row.bank_account_id,
        iban=row.bank_account.iban,
        on=row.on,
        statement_name=row.statement.statement_id if row.statement else "",
        statement_closed_on=row.statement.closed_on if row.statement else None,
        statement=Money(row.statement_cents),
        bank=Money(row.bank_cents),
        in_transit=Money(row.in_transit_cents),
        books_difference=Money(row.books_difference_cents),
        unexplained=Money(row.unexplained_cents),
        gaps=tuple(
            Gap(GapCode(gap["code"]), Money(gap["cents"]), gap["count"], gap["explains"])
            for gap in row.gaps
        ),
        proven_at=row.proven_at,
    )
