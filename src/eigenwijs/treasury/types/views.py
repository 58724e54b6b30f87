"""What callers of this room get and give. Frozen, and free of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from eigenwijs.kernel.money import Money
from eigenwijs.ledger.types import AccountRef
from eigenwijs.treasury.types.states import (
    BatchState,
    Blocked,
    Doubt,
    EntryState,
    GapCode,
    OrderKind,
    OrderState,
    PayeeAccountState,
    Purpose,
    ReceiptState,
)


@dataclass(frozen=True, slots=True)
class BankAccountView:
    """An account of the client-money foundation."""

    id: UUID
    iban: str
    bic: str
    holder_name: str


@dataclass(frozen=True, slots=True)
class ExpectedReceipt:
    """A reference and an amount that a payer will pay.

    `received` came in so far, net of what the bank took back; `released` was handed on to be
    credited."""

    id: UUID
    reference: str
    amount: Money
    received: Money
    released: Money
    payer_id: UUID
    due_on: date
    owner: tuple[str, UUID]
    state: ReceiptState

    @property
    def open(self) -> Money:
        """What is still to come in."""
        return self.amount - self.received

    @property
    def releasable(self) -> Money:
        """What came in and waits until the request is complete, or is released pro rata."""
        return max(self.received - self.released, Money.zero())


@dataclass(frozen=True, slots=True)
class StatementView:
    """An imported statement; `open_entries` of its `entries` are on the work list."""

    id: UUID
    bank_account_id: UUID
    iban: str
    statement_id: str
    opening: Money
    closing: Money
    opened_on: date
    closed_on: date
    file_name: str
    imported_at: datetime
    imported_by: UUID | None
    entries: int
    open_entries: int


@dataclass(frozen=True, slots=True)
class StatementOutcome:
    """What an import did. Statements that were there already are only named in `repeated`."""

    imported: tuple[StatementView, ...]
    repeated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllocationView:
    """Where a part of an entry went; `group` names the transfers in the books."""

    purpose: Purpose
    amount: Money
    reference: str
    group: UUID
    allocated_at: datetime


@dataclass(frozen=True, slots=True)
class EntryView:
    """One payment on a statement. `amount` below zero is money out.

    `open` has no destination yet: it waits for a person, for the reason in `doubt`. Where
    `held_for` names a payer it is that payer's surplus. `other_iban`: the payer's earlier payments
    came from other accounts. `in_books`: money out that is open is not in the books.
    """

    id: UUID
    statement_id: UUID
    statement_name: str
    bank_account_id: UUID
    number: int
    amount: Money
    open: Money
    held_for: UUID | None
    doubt: Doubt
    other_iban: bool
    state: EntryState
    booked_on: date
    bank_code: str
    is_reversal: bool
    return_reason: str
    end_to_end_id: str
    payment_information_id: str
    counterparty_iban: str
    counterparty_name: str
    remittance: str
    allocations: tuple[AllocationView, ...]

    @property
    def in_books(self) -> bool:
        """Whether the books already have this entry."""
        return self.amount.cents > 0 or not self.open


@dataclass(frozen=True, slots=True)
class PaymentSource:
    """A part of a payment: the account of the books that owes it, and how much of it."""

    account: AccountRef
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentOrderView:
    """A payment order. `iban` is empty until a payout is in a batch; `reason` is the bank's code."""

    id: UUID
    end_to_end_id: str
    kind: OrderKind
    reference: str
    amount: Money
    payee_id: UUID | None
    owner: tuple[str, UUID]
    state: OrderState
    batch_id: UUID | None
    iban: str
    holder_name: str
    requested_by: UUID | None
    ordered_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PayableOrder:
    """An order that waits for a batch, and whether it can go: `blocked` says why not, until
    `usable_from` where that is known.
    """

    order: PaymentOrderView
    iban: str
    holder_name: str
    blocked: Blocked
    usable_from: date | None


@dataclass(frozen=True, slots=True)
class PaymentBatchView:
    """A payment file. `checksum` is the SHA-256 of its content, `group` names its release in the books."""

    id: UUID
    bank_account_id: UUID
    iban: str
    identifier: str
    execute_on: date
    order_count: int
    total: Money
    checksum: str
    state: BatchState
    made_by: UUID
    made_at: datetime
    released_by: UUID | None
    released_at: datetime | None
    settled: int
    rejected: int
    returned: int
    group: UUID


@dataclass(frozen=True, slots=True)
class StatusOutcome:
    """What a status report from the bank did: rejected now, rejected before, and contradictions.

    `already_settled` are orders that the bank refuses although a statement says they were paid;
    nothing changed for those.
    """

    batch_id: UUID
    rejected: tuple[PaymentOrderView, ...]
    repeated: int
    already_settled: tuple[PaymentOrderView, ...]


@dataclass(frozen=True, slots=True)
class PayeeAccountView:
    """The IBAN on which a payee is paid from `usable_from`."""

    id: UUID
    payee_id: UUID
    iban: str
    holder_name: str
    state: PayeeAccountState
    registered_by: UUID
    registered_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    usable_from: date | None
    replaces: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A named difference. `explains` whether it is part of statement minus books."""

    code: GapCode
    amount: Money
    count: int
    explains: bool


@dataclass(frozen=True, slots=True)
class ClientMoneyProofView:
    """The proof of a day: the statement's closing balance = bank + in transit, gaps named.

    `books_difference` is what is there minus what is owed, over all books: zero at every moment.
    """

    bank_account_id: UUID
    iban: str
    on: date
    statement_name: str
    statement_closed_on: date | None
    statement: Money
    bank: Money
    in_transit: Money
    books_difference: Money
    unexplained: Money
    gaps: tuple[Gap, ...]
    proven_at: datetime

    @property
    def holds(self) -> bool:
        """Whether every cent is accounted for."""
        return not self.unexplained and not self.books_difference
