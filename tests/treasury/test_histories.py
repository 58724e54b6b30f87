"""Any history of statements, decisions, batches, refusals and returns keeps every sum."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.types import OrderKind, OrderState, PaymentOrderView, ReceiptState
from tests.conftest import NOW
from tests.factories import treasury as make
from tests.factories.treasury import SYSTEM, Booking, Detail, StatementText, pays, status_report

STEPS = 25


class Foundation:
    """A foundation with one bank account, two payers and a payee, and what the bank knows of it."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.at: datetime = NOW
        self.bank = make.make_bank_account(opening=200_000)
        self.payers = [new_id(NOW), new_id(NOW)]
        self.payee = make.make_payee()
        self.references: list[str] = []
        self.payer_of: dict[str, UUID] = {}
        self.owed: dict[UUID, int] = dict.fromkeys(self.payers, 0)
        self.statement = StatementText(opening=200_000)
        self.receipts: list[Booking] = []

    def cents(self) -> int:
        return self.data.draw(st.integers(1, 5_000))

    def orders(self, *states: str) -> list[PaymentOrderView]:
        """The orders in these states, in the order in which they were made, ids apart."""
        found = [order for batch in queries.batches() for order in queries.batch_orders(batch.id)]
        return sorted(
            (order for order in found if order.state in states),
            key=lambda one: (one.ordered_at, one.amount, len(one.reference), one.reference),
        )

    # What happens

    def begin(self) -> None:
        """Each payer paid a request, two orders are on their way and one waits."""
        for _ in range(3):
            self.expect()
        bookings = [
            pays(queries.expected_receipt(one).amount.cents, one, end_to_end_id=f"B-{one}")
            for one in self.references
        ]
        self.receipts += bookings
        self.statement = self.statement.then(*bookings)
        make.load(self.statement, at=self.at)
        for act in (self.order, self.pay, self.order):
            act()

    def expect(self) -> None:
        payer = self.data.draw(st.sampled_from(self.payers))
        reference = make.expect(self.cents(), payer=payer, at=self.at)
        self.references.append(reference)
        self.payer_of[reference] = payer

    def load(self) -> None:
        """A statement with up to three entries of any kind."""
        kinds: list[Callable[[], Booking | None]] = [
            self.payment,
            self.payment,
            self.batch_booked,
            self.batch_booked,
            self.order_booked,
            self.payment_back,
            self.payment_back,
            self.reversal,
            lambda: Booking(-self.cents(), (), code="ACMT-MDOP-CHRG"),
            lambda: Booking(self.cents(), (), code="ACMT-MCOP-INTR"),
            lambda: pays(-self.cents(), "incasso"),
        ]
        chosen = self.data.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3))
        bookings = [booking for kind in chosen if (booking := kind()) is not None]
        self.statement = self.statement.then(*bookings)
        make.load(self.statement, at=self.at)

    def payment(self) -> Booking:
        named = self.data.draw(st.lists(st.sampled_from([*self.references, "-"]), max_size=2))
        whole = sum(
            queries.expected_receipt(one).open.cents for one in set(named) if one in self.payer_of
        )
        cents = max(1, whole + self.data.draw(st.sampled_from([0, 0, 0, -1, 1, 500])))
        self.receipts.append(pays(cents, " ".join(named), end_to_end_id=f"P-{len(self.receipts)}"))
        return self.receipts[-1]

    def batch_booked(self) -> Booking | None:
        released = [one for one in queries.batches() if one.state == "released"]
        if not released:
            return None
        batch = self.data.draw(st.sampled_from(released))
        under_way = self.orders("in_transit")
        cents = sum(one.amount.cents for one in under_way if one.batch_id == batch.id)
        return Booking(-cents, (), batch=batch.identifier)

    def order_booked(self) -> Booking | None:
        under_way = self.orders("in_transit")
        if not under_way:
            return None
        order = self.data.draw(st.sampled_from(under_way))
        return pays(-order.amount.cents, end_to_end_id=order.end_to_end_id)

    def payment_back(self) -> Booking | None:
        settled = self.orders("settled")
        if not settled:
            return None
        order = self.data.draw(st.sampled_from(settled))
        detail = Detail(end_to_end_id=order.end_to_end_id, return_reason="AC04")
        return Booking(order.amount.cents, [detail])

    def reversal(self) -> Booking | None:
        if not self.receipts:
            return None
        receipt = self.data.draw(st.sampled_from(self.receipts))
        detail = Detail(end_to_end_id=receipt.details[0].end_to_end_id)
        return Booking(-receipt.cents, [detail], reversal=True)

    def order(self) -> None:
        """Spend money that was released to be credited."""
        payer = self.data.draw(st.sampled_from(self.payers))
        room = self.released(payer) - self.owed[payer]
        if room > 0:
            cents = self.data.draw(st.integers(1, room))
            payable = make.owe(self.payee, cents, payer=payer, at=self.at)
            self.owed[payer] += cents
            make.order(self.payee, payable, cents, at=self.at)

    def batch(self) -> None:
        ready = [one.order.id for one in queries.payable_orders(self.at.date())]
        if ready:
            make.make_batch(self.bank, *ready, at=self.at)

    def release(self) -> None:
        today = self.at.date()
        batches = queries.batches()
        made = [one for one in batches if one.state == "made" and one.execute_on >= today]
        if made:
            make.release(self.data.draw(st.sampled_from(made)).id, at=self.at)

    def pay(self) -> None:
        """Order, make the file and release it at one go."""
        self.order()
        self.batch()
        self.release()

    def withdraw(self) -> None:
        made = [one for one in queries.batches() if one.state == "made"]
        if made:
            batch = self.data.draw(st.sampled_from(made))
            operations.withdraw_batch(batch_id=batch.id, by=make.someone(), at=self.at)

    def refuse(self) -> None:
        """The bank refuses some orders of a batch, or all; it may contradict its own statement."""
        released = [one for one in queries.batches() if one.state in ("released", "finished")]
        if not released:
            return
        batch = self.data.draw(st.sampled_from(released))
        orders = [one for one in self.orders(*OrderState) if one.batch_id == batch.id]
        some = self.data.draw(st.lists(st.sampled_from(orders), unique_by=lambda one: one.id))
        content = status_report(
            batch.identifier, orders={order.end_to_end_id: "RJCT" for order in some}
        )
        operations.import_payment_status(content=content, by=SYSTEM, at=self.at)

    def decide(self) -> None:
        """A person decides about an entry; what is not allowed is refused and changes nothing."""
        entries = [
            entry for state in ("open", "kept") for entry in queries.unmatched_entries(state=state)
        ]
        if not entries:
            return
        entry = self.data.draw(st.sampled_from(entries))
        by = make.someone()
        references = [*self.references, "RF18539007547034"]
        decisions: list[Callable[[], object]] = [
            lambda: operations.match_again(entry_id=entry.id, by=by, at=self.at),
            lambda: operations.keep_surplus(entry_id=entry.id, by=by, at=self.at),
            lambda: operations.book_to_buffer(entry_id=entry.id, by=by, at=self.at),
            lambda: operations.return_receipt(entry_id=entry.id, by=by, at=self.at),
            lambda: operations.assign_entry(
                entry_id=entry.id,
                parts=[(self.data.draw(st.sampled_from(references)), Money(self.cents()))],
                by=by,
                at=self.at,
            ),
        ]
        try:
            self.data.draw(st.sampled_from(decisions))()
        except DomainError:
            assert queries.entry(entry.id) == entry

    def pro_rata(self) -> None:
        partly = queries.expected_receipts(states=[ReceiptState.PARTLY])
        partly.sort(key=lambda one: self.references.index(one.reference))
        if partly and (receipt := self.data.draw(st.sampled_from(partly))).releasable:
            operations.release_pro_rata(reference=receipt.reference, by=make.someone(), at=self.at)

    # What always holds

    def released(self, payer: UUID) -> int:
        receipts = queries.expected_receipts(payer_id=payer)
        return sum(receipt.released.cents for receipt in receipts)

    def assert_sums(self) -> None:
        open_entries = [
            entry for state in ("open", "kept") for entry in queries.unmatched_entries(state=state)
        ]
        nobodys = sum(
            entry.open.cents for entry in open_entries if entry.in_books and not entry.held_for
        )
        assert total(AccountKind.UNMATCHED) == nobodys
        assert total(AccountKind.IN_TRANSIT) == cents_of(self.orders("in_transit"))
        unpaid = [one.order for one in queries.payable_orders(self.at.date())]
        unpaid += self.orders("batched", "in_transit")
        returns = [order for order in unpaid if order.kind is OrderKind.RETURN]
        assert total(AccountKind.RETURNED) == cents_of(returns)
        payouts = [one for one in self.orders("settled") if one.kind is OrderKind.PAYOUT]
        assert total(AccountKind.PROVIDER_PAYABLE) == sum(self.owed.values()) - cents_of(payouts)
        for payer in self.payers:
            held = sum(entry.open.cents for entry in open_entries if entry.held_for == payer)
            waiting = sum(
                receipt.releasable.cents for receipt in queries.expected_receipts(payer_id=payer)
            )
            clearing = ledger.balance_of(AccountKind.PAYER_CLEARING, payer).posted.cents
            assert clearing == waiting + held + self.released(payer) - self.owed[payer]
        make.assert_books_hold(self.at)


def total(kind: AccountKind) -> int:
    return ledger.totals_by_kind()[kind].posted.cents


def cents_of(orders: list[PaymentOrderView]) -> int:
    return sum(order.amount.cents for order in orders)


class EveryHistory(TestCase):
    @settings(max_examples=8, deadline=None)
    @given(st.data())
    def test_keeps_every_sum(self, data: st.DataObject) -> None:
        house = Foundation(data)
        acts = [
            house.expect,
            house.load,
            house.load,
            house.load,
            house.order,
            house.pay,
            house.pay,
            house.batch,
            house.release,
            house.withdraw,
            house.refuse,
            house.decide,
            house.pro_rata,
        ]
        house.begin()
        for _ in range(STEPS):
            house.at += timedelta(minutes=data.draw(st.sampled_from([1, 60, 1_440])))
            data.draw(st.sampled_from(acts))()
        house.assert_sums()
