"""What callers of this room get: nothing here tells who a person is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from eigenwijs.bookings.types import BookingState
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.ledger.types import AccountKind, Breach, ClientMoney, Happened, Phase
from eigenwijs.schemes.types import Localised, Step
from eigenwijs.treasury.types import BatchState, EntryState, OrderKind, OrderState, Purpose


@dataclass(frozen=True, slots=True)
class Who:
    """Who acted: a role and a pseudonym, or a part of the software by `name`."""

    kind: str
    role: str = ""
    organisation: str = ""
    pseudonym: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class BooksProof:
    """One proof of all books. `breaches` are the first of `breach_count`, each by its code and place.

    Read back from the trail a breach has no `detail`: the trail keeps codes and ids only. `number` is
    that of its row in the trail; None where it was made on a replica.
    """

    number: int | None
    at: datetime
    by: Who
    money: ClientMoney
    breach_count: int
    breaches: tuple[Breach, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was wrong."""
        return not self.breach_count


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One row of the trail under pseudonyms.

    `subject` is a pseudonym, or the id of something that is nobody's own. `details` are the ids, codes,
    counts and cents of the row; what could tell who somebody is, is a pseudonym or left out.
    """

    number: int
    at: datetime
    who: Who
    action: str
    subject_kind: str
    subject: str
    subject_id: UUID | None
    fields: tuple[str, ...]
    details: tuple[tuple[str, str | int], ...]
    from_state: str
    to_state: str
    event: str


@dataclass(frozen=True, slots=True)
class AccountName:
    """An account of the ledger by what it is and whose: an organisation, an IBAN of the foundation, or
    for a pot the pseudonym of its person, with the payer and the name of the scheme."""

    kind: AccountKind
    holder: str
    payer: str = ""
    title: Localised = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer. `settles` and `reverses` are keys of transfers, mostly of the same group."""

    key: UUID
    group: UUID
    debit: AccountName
    credit: AccountName
    amount: Money
    kind: str
    phase: Phase
    occurred_on: date
    recorded_at: datetime
    expires_at: datetime | None
    settles: UUID | None
    reverses: UUID | None

    @property
    def happened(self) -> Happened:
        """What it did."""
        return Happened(self.kind, self.phase, self.reverses is not None)


@dataclass(frozen=True, slots=True)
class DeliveryStep:
    """A payroll file, without a name or a line of it."""

    id: UUID
    employer: str
    period: Period
    state: str
    line_count: int
    total: Money
    delivered_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueStep:
    """What was due for one employment, and why: the rule in force, the facts and each step."""

    person: str
    employment: str
    scheme: str
    title: Localised
    version: int
    version_hash: str
    article: str
    period: Period
    facts: Mapping[str, str]
    steps: tuple[Step, ...]
    amount: Money
    set_off: Money
    credited: Money


@dataclass(frozen=True, slots=True)
class RequestStep:
    """A payment request."""

    reference: str
    employer: str
    payer: str
    state: str
    total: Money
    to_pay: Money
    credited: Money
    requested_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class EntryStep:
    """A payment on a statement of the foundation, without who the bank says paid or was paid.

    `parts` are what it was for: a purpose, an amount, our own reference and the group in the books.
    """

    id: UUID
    iban: str
    statement: str
    booked_on: date
    amount: Money
    open: Money
    state: EntryState
    parts: tuple[EntryPart, ...]


@dataclass(frozen=True, slots=True)
class EntryPart:
    """Where a part of an entry went."""

    purpose: Purpose
    amount: Money
    reference: str
    group: UUID


@dataclass(frozen=True, slots=True)
class BookingStep:
    """A booking without its course; `parts` say what each pot set aside, spent and got back."""

    id: UUID
    number: str
    person: str
    provider: str
    state: BookingState
    from_account: Money
    pay_yourself: Money
    requested_at: datetime
    confirmed_at: datetime | None
    started_at: datetime | None
    parts: tuple[BookingPart, ...]


@dataclass(frozen=True, slots=True)
class BookingPart:
    """What one pot did for a booking."""

    pot: AccountName
    amount: Money
    spent: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class OrderStep:
    """A payment order. `reference` is ours; what a payer wrote is left out."""

    id: UUID
    kind: OrderKind
    reference: str
    payee: str
    amount: Money
    state: OrderState
    reason: str
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class BatchStep:
    """A payment file: made by one, released by another; `group` is the release in the books."""

    id: UUID
    identifier: str
    iban: str
    state: BatchState
    execute_on: date
    order_count: int
    total: Money
    checksum: str
    made_by: str
    made_at: datetime
    released_by: str
    released_at: datetime | None
    group: UUID


@dataclass(frozen=True, slots=True)
class Path:
    """The way of a euro, step by step, from the payroll to the statement that says it left.

    Only what belongs to the thing that was asked for. `due_count` is how many amounts there are in all;
    `is_cut` whether something else was left out because there is too much of it.
    """

    deliveries: tuple[DeliveryStep, ...] = ()
    dues: tuple[DueStep, ...] = ()
    due_count: int = 0
    requests: tuple[RequestStep, ...] = ()
    receipts: tuple[EntryStep, ...] = ()
    credited: tuple[Line, ...] = ()
    bookings: tuple[BookingStep, ...] = ()
    orders: tuple[OrderStep, ...] = ()
    batches: tuple[BatchStep, ...] = ()
    payments: tuple[EntryStep, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class GroupPath:
    """One event of the books: its transfers (`lines` of `line_count`), what the trail says, its path."""

    id: UUID
    lines: tuple[Line, ...]
    line_count: int
    trail: tuple[TrailLine, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was written in the books at one moment; `number` is its row of the trail."""

    number: int
    group: UUID
    at: datetime
    who: Who
    happened: tuple[Happened, ...]
    transfers: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Found:
    """What a reference or number leads to: a group of transfers, one transfer in it, or a request."""

    group: UUID | None = None
    transfer: UUID | None = None
    reference: str = ""
