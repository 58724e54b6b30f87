"""How this room writes into the ledger: which account is which, and one group at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import IdValue
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger import queries as books
from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts that belong to one bank account; all in its own bucket."""

    bank: AccountRef
    in_transit: AccountRef
    unmatched: AccountRef
    returned: AccountRef
    buffer: AccountRef


def open_books(bank_account_id: UUID, *, at: datetime) -> Books:
    """Open the accounts of a bank account, unless they are open."""

    def account(kind: AccountKind) -> AccountRef:
        return ledger.open_account(kind=kind, owner=bank_account_id, at=at)

    return Books(
        bank=account(AccountKind.BANK),
        in_transit=account(AccountKind.IN_TRANSIT),
        unmatched=account(AccountKind.UNMATCHED),
        returned=account(AccountKind.RETURNED),
        buffer=account(AccountKind.BUFFER),
    )


def clearing_of(payer_id: UUID, *, at: datetime) -> AccountRef:
    """Open the clearing account of a payer, unless it is open."""
    return ledger.open_account(kind=AccountKind.PAYER_CLEARING, owner=payer_id, at=at)


def release_group(batch_id: UUID) -> UUID:
    """Return the group of the transfers with which a batch is released."""
    return derived_id(batch_id, "release")


@dataclass(slots=True)
class Posting:
    """One event: who, when, which books, and its transfers, which are written as one group.

    `about` is what the money moves for: an entry, an order, a batch or a bank account. The trail
    says so beside the group, or nobody could tell afterwards. An operation collects its transfers
    here while it writes its rows, and writes them last, all in one transaction.
    """

    group: UUID
    occurred_on: date
    books: Books
    by: Actor
    at: datetime
    about: tuple[str, UUID]
    transfers: list[NewTransfer] = field(default_factory=list)

    def move(self, debit: AccountRef, credit: AccountRef, cents: int, kind: str) -> None:
        """Add a transfer; nothing when there is nothing to move or nowhere else to move it."""
        if not cents or debit == credit:
            return
        self.transfers.append(
            NewTransfer(
                key=derived_id(self.group, str(len(self.transfers))),
                debit=debit,
                credit=credit,
                amount=Money(cents),
                kind=kind,
                occurred_on=self.occurred_on,
                group=self.group,
            )
        )

    def write(self) -> None:
        """Post what was collected; raises `UnableToPost`, and then nothing was recorded.

        What belongs to a month that is closed is recorded on the first day that is open, and the
        trail names the month.
        """
        if self.transfers:
            kind, identifier = self.about
            ids: dict[str, IdValue] = {kind: str(identifier)}
            try:
                ledger.post(self.transfers, by=self.by, at=self.at)
            except UnableToPost as refusal:
                if refusal.code != "period_closed":
                    raise
                day = books.first_open_day(self.occurred_on)
                late = [replace(one, occurred_on=day) for one in self.transfers]
                ledger.post(late, by=self.by, at=self.at)
                ids["period"] = f"{self.occurred_on:%Y-%m}"
            audit.record(
                by=self.by,
                at=self.at,
                action="treasury.post",
                subject=("ledger.group", self.group),
                ids=ids,
            )
