"""What somebody with a pencil would note of the money: what came in, what went out, who owes whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from eigenwijs.bookings.types import BookingView


@dataclass
class Nota:
    """A payment request as its payer knows it. Cents; `back` came back and pays a part of it."""

    reference: str
    employer: int
    payer: UUID
    asked: int
    back: int
    received: int = 0
    released: int = 0
    withdrawn: bool = False

    @property
    def open(self) -> int:
        """What the payer still has to pay."""
        return self.asked - self.received

    @property
    def waiting(self) -> int:
        """What came in and was not handed on to workers."""
        return max(0, self.received - self.released)

    @property
    def credited(self) -> int:
        """What workers got of it."""
        return self.released + self.back if self.released or not self.asked else 0


@dataclass
class Payment:
    """One payment on a statement: so much for a nota, so much too much."""

    name: str
    cents: int
    nota: Nota | None
    part: int


@dataclass(frozen=True)
class Payout:
    """One payment of ours, in a batch."""

    name: str
    cents: int
    batch: str


@dataclass
class Naive:
    """Sums of cents, and a list of notas and payments."""

    bank: int
    buffer: int
    notas: dict[str, Nota] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    under_way: dict[str, Payout] = field(default_factory=dict)
    settled: dict[str, Payout] = field(default_factory=dict)
    unmatched: int = 0
    lapsed: int = 0

    def receive(self, name: str, cents: int, nota: Nota | None) -> None:
        """A payer pays; what fits no nota waits for a person, what is too much stays the payer's."""
        self.bank += cents
        if nota is None or nota.withdrawn:
            self.unmatched += cents
            self.payments.append(Payment(name, cents, None, 0))
            return
        part = min(cents, nota.open)
        self.buffer += min(part, max(0, nota.released - nota.received))
        nota.received += part
        if not nota.open:
            nota.released = max(nota.released, nota.asked)
        self.payments.append(Payment(name, cents, nota, part))

    def take_back(self, payment: Payment) -> None:
        """The bank takes a payment back; what workers have is theirs, so the buffer pays that."""
        self.payments.remove(payment)
        self.bank -= payment.cents
        if payment.nota is None:
            self.unmatched -= payment.cents
            return
        self.buffer -= payment.part - min(payment.part, payment.nota.waiting)
        payment.nota.received -= payment.part

    def release(self, nota: Nota) -> None:
        """Finance hands on what came in so far."""
        nota.released += nota.waiting

    def send(self, name: str, cents: int, batch: str) -> None:
        """A batch is released with this payment in it."""
        self.under_way[name] = Payout(name, cents, batch)

    def settle(self, *payouts: Payout) -> None:
        """Payments have left the bank."""
        for one in payouts:
            self.settled[one.name] = self.under_way.pop(one.name)
            self.bank -= one.cents

    def refuse(self, payout: Payout) -> None:
        """The bank refuses a payment."""
        del self.under_way[payout.name]

    def come_back(self, payout: Payout) -> None:
        """A payment that had left is back."""
        del self.settled[payout.name]
        self.bank += payout.cents

    @property
    def in_transit(self) -> int:
        """What is released and has not left."""
        return sum(one.cents for one in self.under_way.values())

    @property
    def paid_out(self) -> int:
        """What providers have."""
        return sum(one.cents for one in self.settled.values())

    @property
    def credited(self) -> int:
        """What all workers together got."""
        return sum(nota.credited for nota in self.notas.values())


def set_aside(booking: BookingView) -> int:
    """What a worker's booking keeps set aside."""
    is_open = booking.state in ("requested", "confirmed", "decided", "objected")
    is_unpaid = booking.state in ("started", "completed") and booking.payout is None
    return booking.from_account.cents if is_open or is_unpaid else 0


def spent(booking: BookingView) -> int:
    """What a worker's booking cost."""
    if booking.state in ("withdrawn", "cancelled", "not_started"):
        return min(booking.cost.cents if booking.cost else 0, booking.from_account.cents)
    if booking.state in ("started", "completed") and booking.payout is not None:
        return booking.from_account.cents
    return 0
