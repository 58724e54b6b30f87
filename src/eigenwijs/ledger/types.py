"""What callers of this room get and give. Frozen, and free of the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from eigenwijs.kernel.money import Money


class Side(StrEnum):
    """On which side an account's balance stands. Neither may be overdrawn; `EITHER` is free."""

    DEBIT = "debit"
    CREDIT = "credit"
    EITHER = "either"


class AccountKind(StrEnum):
    """The chart of accounts.

    Debit side, money that is there: `BANK` (one per bank account) and `IN_TRANSIT` (released,
    not yet on a statement). Credit side, money that is owed to somebody. `BETWEEN` joins the
    halves of a transfer whose accounts live in different buckets; all of them together are zero.
    """

    BANK = "bank"
    IN_TRANSIT = "in_transit"
    UNMATCHED = "unmatched"
    PAYER_CLEARING = "payer_clearing"
    POT = "pot"
    ROUND_POT = "round_pot"
    LAPSED = "lapsed"
    PROVIDER_PAYABLE = "provider_payable"
    RETURNED = "returned"
    BUFFER = "buffer"
    BETWEEN = "between"

    @property
    def side(self) -> Side:
        """The side of every account of this kind."""
        if self is AccountKind.BETWEEN:
            return Side.EITHER
        if self in (AccountKind.BANK, AccountKind.IN_TRANSIT):
            return Side.DEBIT
        return Side.CREDIT


class Phase(StrEnum):
    """What a recorded transfer does: move money at once, hold it, or settle a hold."""

    POSTED = "posted"
    PENDING = "pending"
    POST = "post"
    VOID = "void"


@dataclass(frozen=True, slots=True, order=True)
class AccountRef:
    """An account: its bucket (0 to 1023, never changes) and its id within the bucket."""

    bucket: int
    id: UUID


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to open: its kind, its owner, and whose bucket it shares (None: its owner's)."""

    kind: AccountKind
    owner: UUID
    holder: UUID | None = None


@dataclass(frozen=True, slots=True, order=True)
class TransferRef:
    """A recorded transfer: its key, and the bucket of its debit account (or of its credit account)."""

    bucket: int
    id: UUID


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """An amount from the debit account to the credit account.

    `key` is made by the caller (time-ordered, one per event) and makes repeating safe. `kind` is
    a short code for what it is ("credit", "reserve"); `group` binds the transfers of one event.
    With `expires_at` it is a hold: it sets the amount aside and refuses to be posted at or after
    that moment.
    """

    key: UUID
    debit: AccountRef
    credit: AccountRef
    amount: Money
    kind: str
    occurred_on: date
    group: UUID
    expires_at: datetime | None = None

    @property
    def ref(self) -> TransferRef:
        """How this transfer is named once it is recorded."""
        return TransferRef(self.debit.bucket, self.key)


@dataclass(frozen=True, slots=True)
class HoldPosting:
    """Post a hold: `amount` of it moves (None: all), the rest is free again.

    `group` None: the group of the hold.
    """

    hold: TransferRef
    key: UUID
    occurred_on: date
    amount: Money | None = None
    group: UUID | None = None


@dataclass(frozen=True, slots=True)
class HoldVoid:
    """Void a hold: nothing moves, all of it is free again."""

    hold: TransferRef
    key: UUID
    occurred_on: date
    group: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reversal:
    """Give back `amount` (None: all) of what a posted transfer moved.

    All reversals of one transfer together may not exceed it.
    """

    transfer: TransferRef
    key: UUID
    occurred_on: date
    amount: Money | None = None
    group: UUID | None = None


Entry: TypeAlias = NewTransfer | HoldPosting | HoldVoid | Reversal


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer to one entry. `replayed`: it was there already, with the same content."""

    key: UUID
    ref: TransferRef
    replayed: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """Amounts on the account's own side: `available` = `posted` - `reserved` (open holds)."""

    posted: Money
    reserved: Money
    available: Money


@dataclass(frozen=True, slots=True)
class TransferView:
    """A recorded transfer as it was given, with both accounts, wherever they live.

    `settles` names the hold that a posting or void settles, `reverses` the transfer that a
    reversal gives back.
    """

    ref: TransferRef
    debit: AccountRef
    credit: AccountRef
    amount: Money
    kind: str
    phase: Phase
    group: UUID
    occurred_on: date
    recorded_at: datetime
    expires_at: datetime | None
    settles: UUID | None
    reverses: UUID | None


@dataclass(frozen=True, slots=True)
class Happened:
    """A kind of transfer, what it did, and whether it gave something back."""

    kind: str
    phase: Phase
    is_reversal: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """An open hold."""

    ref: TransferRef
    debit: AccountRef
    amount: Money
    kind: str
    group: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account and its owner; `owner` means something to the room that opened it only."""

    ref: AccountRef
    kind: AccountKind
    owner: UUID


@dataclass(frozen=True, slots=True)
class ClientMoney:
    """What is there and what is owed. `difference` is zero at every moment."""

    bank: Money
    in_transit: Money
    owed: Money

    @property
    def difference(self) -> Money:
        """What is there minus what is owed."""
        return self.bank + self.in_transit - self.owed


@dataclass(frozen=True, slots=True)
class SealView:
    """A seal: it covers the transfers numbered `first` to `last`, of which there are `rows`.

    `hash` is the SHA-256 over `previous`, the hash of the seal before it, and those rows.
    """

    number: int
    first: int
    last: int
    rows: int
    previous: bytes
    hash: bytes
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A month, and all before it, in which nothing is recorded any more: up to and including `until`.

    Not closed for good as long as `closed_at` is None. `seal` is the last seal when it was closed.
    """

    until: date
    begun_at: datetime
    begun_by: UUID
    closed_at: datetime | None
    closed_by: UUID | None
    seal: int | None


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that the proof found wrong: a stable code, where, and what was expected.

    `bucket` and `id` name an account, a transfer or a group; both are None for a sum of all books.
    """

    code: str
    detail: str
    bucket: int | None = None
    id: UUID | None = None

    def __str__(self) -> str:
        where = "" if self.bucket is None else f" bucket {self.bucket}"
        what = "" if self.id is None else f" {self.id}"
        return f"{self.code}{where}{what}: {self.detail}"


@dataclass(frozen=True, slots=True)
class SinceSeal:
    """The part of the books that was recorded after a seal (0: all rows), and the seals after it."""

    number: int


# What a proof can be asked of: what was recorded since a seal, or one account with its transfers.
ProofPart: TypeAlias = SinceSeal | AccountRef

# Hears from a proof: the check, how far it is, of how much, and of what (rows, buckets, seals).
Progress: TypeAlias = Callable[[str, int, int, str], None]
