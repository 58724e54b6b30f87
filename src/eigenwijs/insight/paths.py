"""Following a euro across the rooms, from whatever thing somebody starts at. Private to the room.

Money in one pot cannot be told apart: behind a booking stands all that came into its pots. What is
followed is therefore bounded: a thing with many pots or several bookings shows its own steps only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from eigenwijs.bookings import queries as bookings
from eigenwijs.bookings.types import BookingView
from eigenwijs.budgets import queries as budgets
from eigenwijs.budgets.types import CreditView
from eigenwijs.contributions import queries as contributions
from eigenwijs.contributions.types import DeliveryView, PaymentRequestView, TracedAmount
from eigenwijs.insight.naming import Names
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, Phase, TransferRef, TransferView
from eigenwijs.treasury import queries as treasury
from eigenwijs.treasury.types import EntryView, PaymentBatchView, PaymentOrderView, Purpose

FOLLOWED = 5
"""So many pots are followed further; of more only their own steps are shown."""
SHOWN = 50
PAYOUT = "bookings.payout"


@dataclass
class Trace:
    """What belongs to the thing that somebody starts at, as it is gathered step by step."""

    names: Names = field(default_factory=Names)
    pots: set[UUID] = field(default_factory=set)
    dues: list[TracedAmount] = field(default_factory=list)
    due_count: int = 0
    credits: dict[UUID, CreditView] = field(default_factory=dict)
    credited: list[TransferView] = field(default_factory=list)
    deliveries: list[DeliveryView] = field(default_factory=list)
    requests: dict[UUID, PaymentRequestView] = field(default_factory=dict)
    bookings: dict[UUID, BookingView] = field(default_factory=dict)
    orders: dict[UUID, PaymentOrderView] = field(default_factory=dict)
    batches: dict[UUID, PaymentBatchView] = field(default_factory=dict)
    entries: dict[UUID, EntryView] = field(default_factory=dict)
    is_cut: bool = False

    def start_at_transfers(self, transfers: Sequence[TransferView]) -> None:
        """Begin with transfers: their credits, and the pots that they touch."""
        accounts = self.names.accounts(transfers)
        self.pots = {one.owner for one in accounts.values() if one.kind is AccountKind.POT}
        self.add_credits(
            [
                one.reverses or one.ref.id
                for one in transfers
                if one.kind == "credit" or (one.kind == "grant" and one.phase is Phase.POST)
            ]
        )

    def start_at_bank(self, about: dict[str, UUID]) -> None:
        """Begin with what the treasury moved money for: an entry, an order or a batch."""
        if entry := about.get("entry"):
            self.add_entries(treasury.entries_named([entry]))
            self.add_orders(treasury.orders_in([entry]))
        if order := about.get("order"):
            self.add_orders(treasury.orders_named(order))
        if batch := about.get("batch"):
            self.add_orders(treasury.batch_orders(batch))
            self.batches |= {one.id: one for one in treasury.batches_named([batch])}

    def follow(self) -> None:
        """Follow the money both ways, as far as it is one euro's way and not everybody's."""
        self._bookings_of_orders()
        if not self.bookings and self.pots:
            self._bookings_of_pots()
        self._orders_of_bookings()
        if len(self.bookings) == 1:
            self._pots_of_bookings()
        self._requests()
        self._entries_and_batches()

    def add_credits(self, credit_ids: Collection[UUID]) -> None:
        """Add credits to pots, and the transfers that made them."""
        found = budgets.credit_views(credit_ids)
        self.credits |= found
        self.names.read_pots({one.pot_id for one in found.values()})
        refs = [
            TransferRef(self.names.pots[one.pot_id].account.bucket, one.id)
            for one in found.values()
        ]
        self.credited += ledger.transfers_by_ref(refs).values()

    def add_dues(self, dues: Sequence[TracedAmount], count: int) -> None:
        """Add amounts due, of `count` in all, and the credits that they became."""
        self.dues, self.due_count = list(dues), count
        self.add_credits([credit for due in dues for credit in due.credits])

    def add_bookings(self, booking_ids: Collection[UUID]) -> None:
        """Add bookings."""
        self.bookings |= bookings.bookings(booking_ids)

    def add_orders(self, orders: Sequence[PaymentOrderView]) -> None:
        """Add payment orders, no more than are shown."""
        self.is_cut |= len(orders) > SHOWN
        self.orders |= {one.id: one for one in orders[:SHOWN]}

    def add_entries(self, entries: Sequence[EntryView]) -> None:
        """Add entries of statements, no more than are shown."""
        self.is_cut |= len(entries) > SHOWN
        self.entries |= {one.id: one for one in entries[:SHOWN]}

    def add_requests(self, request_ids: Collection[UUID]) -> None:
        """Add payment requests."""
        self.requests |= {one.id: one for one in contributions.requests_by_id(request_ids)}

    def _bookings_of_orders(self) -> None:
        payouts = [order.owner[1] for order in self.orders.values() if order.owner[0] == PAYOUT]
        if payouts:
            self.add_bookings(bookings.bookings_paid_by(payouts))

    def _bookings_of_pots(self) -> None:
        """What the pots of some credits were spent on later."""
        if len(self.pots) > FOLLOWED:
            self.is_cut = True
            return
        found = budgets.bookings_from(self.pots, limit=SHOWN)
        self.is_cut |= len(found) == SHOWN
        self.add_bookings(found)
        if not self.credits:
            self.add_credits(budgets.credits_into(self.pots, limit=SHOWN))

    def _orders_of_bookings(self) -> None:
        payouts = bookings.payouts(self.bookings)
        if payouts:
            self.add_orders(treasury.orders_of(*payouts))

    def _pots_of_bookings(self) -> None:
        """Where the money of one booking came from, unless the way began at its credits."""
        if self.credits:
            return
        pots = {
            line.pot_id
            for reservation in budgets.reservations(self.bookings).values()
            for line in reservation.lines
        }
        found = budgets.credits_into(pots, limit=SHOWN)
        self.is_cut |= len(found) == SHOWN
        self.add_credits(found)

    def _requests(self) -> None:
        """The payment requests, deliveries and amounts behind credits and receipts."""
        sources = [credit.reason.sources for credit in self.credits.values()]
        asked = {UUID(source["request"]) for source in sources if "request" in source}
        references = {
            part.reference
            for entry in self.entries.values()
            for part in entry.allocations
            if part.purpose is Purpose.RECEIPT
        }
        if references:
            asked |= set(contributions.requests_named(references))
        self.add_requests(asked - self.requests.keys())
        if not self.dues and self.credits:
            found = contributions.amounts_credited(self.credits.keys())
            self.dues, self.due_count = found, len(found)
        elif not self.dues and len(self.requests) == 1:
            (request,) = self.requests
            self.add_dues(*contributions.amounts_asked(request, limit=SHOWN))
        delivered = {one.delivery_id for one in self.requests.values()}
        delivered |= {one.delivery_id for one in self.dues}
        self.deliveries = contributions.deliveries_by_id(delivered)

    def _entries_and_batches(self) -> None:
        """The statements on which money came in and went out, and the files that it left with."""
        if self.requests:
            references = [one.reference for one in self.requests.values()]
            self.add_entries(treasury.entries_of_receipt(*references))
        if self.orders:
            self.add_entries(treasury.entries_of_orders(self.orders.keys()))
        wanted = {one.batch_id for one in self.orders.values() if one.batch_id}
        if missing := wanted - self.batches.keys():
            self.batches |= {one.id: one for one in treasury.batches_named(missing)}
