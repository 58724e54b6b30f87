"""Money out: by two people, from a frozen file, and booked when the statement says so."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import Error, IntegrityError, connection, transaction
from lxml import etree

from eigenwijs.audit import queries as audit
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.models import PayeeAccount, PaymentBatch
from eigenwijs.treasury.operations import (
    UnableToChangeAccount,
    UnableToDecide,
    UnableToImportPaymentStatus,
    UnableToMakeBatch,
    UnableToOrderPayment,
    UnableToReleaseBatch,
)
from eigenwijs.treasury.pain import check_schema
from eigenwijs.treasury.types import PaymentSource
from tests.factories import treasury as make
from tests.factories.treasury import SYSTEM, Booking, Detail, StatementText, pays, status_report

pytestmark = pytest.mark.django_db


@dataclass
class House:
    """A bank account with 100 euros of its own and 500 that we owe a payee."""

    bank: UUID
    payer: UUID
    payee: UUID
    payable: AccountRef
    statement: StatementText
    at: datetime

    def order(self, cents: int) -> UUID:
        return make.order(self.payee, self.payable, cents, at=self.at)

    def released(self, *cents: int) -> tuple[UUID, list[UUID]]:
        orders = [self.order(amount) for amount in cents]
        batch = make.make_batch(self.bank, *orders, at=self.at)
        make.release(batch, at=self.at)
        return batch, orders

    def load(self, *bookings: Booking) -> None:
        self.statement = self.statement.then(*bookings)
        make.load(self.statement, at=self.at)

    def report(self, batch: UUID, **more: object) -> bytes:
        return status_report(queries.batch(batch).identifier, **more)  # type: ignore[arg-type]


@pytest.fixture
def house(now: datetime) -> House:
    bank, payer, payee = make.make_bank_account(opening=10_000), new_id(now), make.make_payee()
    reference = make.expect(50_000, payer=payer, at=now)
    statement = StatementText([pays(50_000, reference)], opening=10_000)
    make.load(statement, at=now)
    payable = make.owe(payee, 50_000, payer=payer, at=now)
    return House(bank, payer, payee, payable, statement, now)


def total(kind: AccountKind) -> int:
    return ledger.totals_by_kind()[kind].posted.cents


def states(orders: list[UUID]) -> list[str]:
    return [queries.order(order).state for order in orders]


def identifier(batch: UUID) -> str:
    return queries.batch(batch).identifier


def end_to_end(order: UUID) -> str:
    return queries.order(order).end_to_end_id


def events(name: str) -> list[dict[str, object]]:
    return [dict(row.ids) for row in audit.events_without_reaction() if row.event == name]


def work_list() -> list[tuple[int, str]]:
    return [(entry.open.cents, entry.doubt) for entry in queries.unmatched_entries()]


def books() -> tuple[int, int, int]:
    """Bank, in transit, and what we owe payees."""
    kinds = (AccountKind.BANK, AccountKind.IN_TRANSIT, AccountKind.PROVIDER_PAYABLE)
    return tuple(total(kind) for kind in kinds)  # type: ignore[return-value]


# Payee accounts


def test_a_new_iban_is_paid_after_a_second_person_and_five_working_days(
    house: House, now: datetime
) -> None:
    payee, first, second = new_id(now), make.someone(), make.someone()
    account = operations.register_payee_account(
        payee_id=payee, iban="NL69 ABNA 0522 1236 43", holder_name="Nieuw BV", by=first, at=now
    )
    assert queries.usable_account(payee, date(2027, 1, 1)) is None
    with pytest.raises(UnableToChangeAccount) as refused:
        operations.approve_payee_account(account_id=account, by=first, at=now)
    assert refused.value.code == "same_person"
    operations.approve_payee_account(account_id=account, by=second, at=now)
    # Monday 23 November: the fifth working day after it is Monday 30 November.
    assert queries.usable_account(payee, date(2026, 11, 29)) is None
    usable = queries.usable_account(payee, date(2026, 11, 30))
    assert usable is not None
    assert usable.iban == "NL69ABNA0522123643"

    house.load(pays(100, reference := make.expect(100, payer=house.payer, at=now)))
    assert queries.expected_receipt(reference).state == "paid"
    order = make.order(payee, make.owe(payee, 100, payer=house.payer, at=now), 100, at=now)
    (waiting,) = queries.payable_orders(now.date())
    assert (waiting.blocked, waiting.usable_from) == ("too_new", date(2026, 11, 30))
    with pytest.raises(UnableToMakeBatch) as blocked:
        make.make_batch(house.bank, order, at=now + timedelta(days=6))
    assert blocked.value.code == "order_blocked"
    make.make_batch(house.bank, order, at=now + timedelta(days=7))


def test_holidays_do_not_count_as_working_days(now: datetime) -> None:
    christmas_week = datetime.fromisoformat("2026-12-23T12:00:00+00:00")
    account = operations.register_payee_account(
        payee_id=new_id(now),
        iban=make.PAYEE_IBAN,
        holder_name="x",
        by=make.someone(),
        at=christmas_week,
    )
    operations.approve_payee_account(account_id=account, by=make.someone(), at=christmas_week)
    (view,) = queries.payee_accounts()
    # 24, 28, 29, 30 and 31 December; the 25th and 26th are holidays.
    assert view.usable_from == date(2026, 12, 31)


def test_a_changed_iban_leaves_the_old_one_in_use_until_then(house: House, now: datetime) -> None:
    account = operations.register_payee_account(
        payee_id=house.payee,
        iban=make.PAYER_IBAN,
        holder_name="Opleider Voorbeeld BV",
        by=make.someone(),
        at=now,
    )
    (waiting,) = queries.payee_accounts(state="awaiting")
    assert waiting.replaces == make.PAYEE_IBAN
    operations.approve_payee_account(account_id=account, by=make.someone(), at=now)
    before = queries.usable_account(house.payee, date(2026, 11, 29))
    after = queries.usable_account(house.payee, date(2026, 11, 30))
    assert before is not None
    assert after is not None
    assert (before.iban, after.iban) == (make.PAYEE_IBAN, make.PAYER_IBAN)


def test_the_database_itself_refuses_a_payee_account_by_one_person(house: House) -> None:
    account = PayeeAccount.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PayeeAccount.objects.filter(pk=account.pk).update(decided_by=account.registered_by)
    with pytest.raises(Error), transaction.atomic():
        PayeeAccount.objects.filter(pk=account.pk).update(iban=make.PAYER_IBAN)
    with pytest.raises(Error), transaction.atomic():
        PayeeAccount.objects.filter(pk=account.pk).update(holder_name="Iemand anders")


def test_an_ended_account_blocks_orders_until_there_is_another(house: House, now: datetime) -> None:
    house.order(100)
    (view,) = queries.payee_accounts(payee_id=house.payee)
    operations.end_payee_account(account_id=view.id, by=make.someone(), at=now)
    assert [order.blocked for order in queries.payable_orders(now.date())] == ["no_account"]


def approve(payee: UUID, iban: str, at: datetime) -> UUID:
    """An account of a payee, registered by one person and approved by another."""
    account = operations.register_payee_account(
        payee_id=payee, iban=iban, holder_name="Opleider", by=make.someone(), at=at
    )
    operations.approve_payee_account(account_id=account, by=make.someone(), at=at)
    return account


def end(account: UUID, at: datetime) -> None:
    operations.end_payee_account(account_id=account, by=make.someone(), at=at)


def blocked(on: date) -> list[str]:
    return [order.blocked for order in queries.payable_orders(on)]


def test_ending_the_account_in_use_never_brings_back_the_one_before_it(
    house: House, now: datetime
) -> None:
    house.order(100)
    later = now + timedelta(days=14)
    end(approve(house.payee, make.PAYER_IBAN, now), later)
    assert queries.usable_account(house.payee, later.date()) is None
    assert blocked(later.date()) == ["no_account"]
    # The old one comes back the long way only: a second person and five working days.
    approve(house.payee, make.PAYEE_IBAN, later)
    assert blocked(later.date()) == ["too_new"]
    assert blocked(later.date() + timedelta(days=7)) == [""]


def test_ending_a_new_account_before_its_first_day_leaves_the_one_in_use(
    house: House, now: datetime
) -> None:
    house.order(100)
    end(approve(house.payee, make.PAYER_IBAN, now), now + timedelta(days=1))
    for on in (now.date(), now.date() + timedelta(days=30)):
        usable = queries.usable_account(house.payee, on)
        assert usable is not None
        assert usable.iban == make.PAYEE_IBAN


def test_an_older_account_can_be_asked_for_again_while_another_is_in_use(
    house: House, now: datetime
) -> None:
    approve(house.payee, make.PAYER_IBAN, now)
    later = now + timedelta(days=14)
    with pytest.raises(UnableToChangeAccount) as refused:
        approve(house.payee, make.PAYER_IBAN, later)
    assert refused.value.code == "unchanged"
    approve(house.payee, make.PAYEE_IBAN, later)
    again = queries.usable_account(house.payee, later.date() + timedelta(days=7))
    assert again is not None
    assert again.iban == make.PAYEE_IBAN


@pytest.mark.django_db(transaction=True)
def test_two_people_who_register_an_account_at_once_leave_one_that_waits(now: datetime) -> None:
    payee, start = new_id(now), threading.Barrier(2)

    def register(iban: str) -> str:
        try:
            connection.ensure_connection()
            start.wait()
            operations.register_payee_account(
                payee_id=payee, iban=iban, holder_name="Opleider", by=make.someone(), at=now
            )
        except UnableToChangeAccount as refused:
            return refused.code
        finally:
            connection.close()
        return "registered"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(register, [make.PAYEE_IBAN, make.PAYER_IBAN]))
    assert outcomes == ["awaiting", "registered"]
    assert len(queries.payee_accounts(payee_id=payee, state="awaiting")) == 1


@pytest.mark.parametrize(
    ("iban", "name", "code"),
    [
        ("NL00ABNA0522123643", "x", "wrong_iban"),
        ("hallo", "x", "wrong_iban"),
        ("BR9700360305000010009795493P1", "x", "outside_sepa"),
        (make.OWN_IBAN, "x", "own_account"),
        (make.PAYEE_IBAN, "x", "unchanged"),
        (make.PAYER_IBAN, "漢字", "wrong_name"),
        (make.PAYER_IBAN, "", "wrong_name"),
        (make.PAYER_IBAN, "x" * 71, "wrong_name"),
    ],
)
def test_a_wrong_iban_or_name_is_refused(
    house: House, now: datetime, iban: str, name: str, code: str
) -> None:
    with pytest.raises(UnableToChangeAccount) as refused:
        operations.register_payee_account(
            payee_id=house.payee, iban=iban, holder_name=name, by=make.someone(), at=now
        )
    assert refused.value.code == code


# Orders


def test_ordering_again_changes_nothing_and_other_content_is_refused(
    house: House, now: datetime
) -> None:
    key = house.order(100)
    order = queries.order(key)

    def again(cents: int) -> UUID:
        return operations.order_payment(
            key=key,
            reference=order.reference,
            payee_id=house.payee,
            sources=[PaymentSource(house.payable, Money(cents))],
            owner=order.owner,
            by=SYSTEM,
            at=now,
        )

    assert again(100) == key
    with pytest.raises(UnableToOrderPayment) as refused:
        again(101)
    assert refused.value.code == "key_reused"
    assert len(queries.payable_orders(now.date())) == 1


def test_no_more_can_be_ordered_than_is_owed(house: House) -> None:
    house.order(30_000)
    house.order(20_000)
    with pytest.raises(UnableToOrderPayment) as refused:
        house.order(1)
    assert refused.value.code == "not_owed"


def test_an_order_is_withdrawn_only_before_its_batch(house: House, now: datetime) -> None:
    order = house.order(100)
    batch = make.make_batch(house.bank, order, at=now)
    with pytest.raises(UnableToOrderPayment) as refused:
        operations.withdraw_order(key=order, by=SYSTEM, at=now)
    assert refused.value.code == "wrong_state"
    operations.withdraw_batch(batch_id=batch, by=make.someone(), at=now)
    operations.withdraw_order(key=order, by=SYSTEM, at=now)
    operations.withdraw_order(key=order, by=SYSTEM, at=now)
    assert states([order]) == ["withdrawn"]


def test_nobody_is_paid_from_what_is_owed_to_another(house: House, now: datetime) -> None:
    with pytest.raises(UnableToOrderPayment) as refused:
        make.order(make.make_payee(iban=make.PAYER_IBAN), house.payable, 100, at=now)
    assert refused.value.code == "not_owed"


# Batches


def test_a_batch_is_a_valid_frozen_file(house: House, now: datetime) -> None:
    first, second = house.order(12_345), house.order(55)
    batch = make.make_batch(house.bank, first, second, at=now)
    content, view = queries.batch_file(batch), queries.batch(batch)
    check_schema(content)
    assert view.checksum == hashlib.sha256(content).hexdigest()
    assert (view.order_count, view.total) == (2, Money(12_400))
    assert {end_to_end(first).encode(), end_to_end(second).encode()} <= {
        element.text.encode() for element in etree.fromstring(content).iter() if element.text
    }
    assert books() == (60_000, 0, 50_000)
    for change in ({"content": "x"}, {"checksum": "x"}, {"total_cents": 1}, {"made_by": batch}):
        with pytest.raises(Error), transaction.atomic():
            PaymentBatch.objects.filter(pk=batch).update(**change)


def test_a_batch_is_released_by_another_person_than_made_it(house: House, now: datetime) -> None:
    maker = make.someone()
    batch = make.make_batch(house.bank, house.order(100), at=now, by=maker)
    with pytest.raises(UnableToReleaseBatch) as refused:
        make.release(batch, at=now, by=maker)
    assert refused.value.code == "same_person"
    with pytest.raises(UnableToReleaseBatch) as refused:
        make.release(batch, at=now, by=SYSTEM)
    assert refused.value.code == "not_a_person"
    make.release(batch, at=now)
    assert books() == (59_900, 100, 50_000)
    with pytest.raises(UnableToReleaseBatch) as refused:
        make.release(batch, at=now)
    assert refused.value.code == "wrong_state"
    make.assert_books_hold(now)


def test_a_batch_with_an_ended_account_is_not_released(house: House, now: datetime) -> None:
    batch = make.make_batch(house.bank, house.order(100), at=now)
    (view,) = queries.payee_accounts(payee_id=house.payee)
    operations.end_payee_account(account_id=view.id, by=make.someone(), at=now)
    with pytest.raises(UnableToReleaseBatch) as refused:
        make.release(batch, at=now)
    assert refused.value.code == "account_ended"
    assert books() == (60_000, 0, 50_000)


def test_a_batch_is_not_released_after_its_payment_date(house: House, now: datetime) -> None:
    order = house.order(10_000)
    batch = make.make_batch(house.bank, order, at=now)
    with pytest.raises(UnableToReleaseBatch) as refused:
        make.release(batch, at=now + timedelta(days=1))
    assert refused.value.code == "date_passed"
    operations.withdraw_batch(batch_id=batch, by=make.someone(), at=now + timedelta(days=1))
    assert states([order]) == ["ready"]


def test_the_database_itself_refuses_a_release_by_one_person(house: House, now: datetime) -> None:
    maker = make.someone()
    batch = make.make_batch(house.bank, house.order(100), at=now, by=maker)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch).update(
            state="released", released_by=maker.person_id, released_at=now
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch).update(state="released")


def test_only_the_file_that_was_reviewed_is_released(house: House, now: datetime) -> None:
    batch = make.make_batch(house.bank, house.order(100), at=now)
    with pytest.raises(UnableToReleaseBatch) as refused:
        operations.release_batch(batch_id=batch, checksum="0" * 64, by=make.someone(), at=now)
    assert refused.value.code == "changed_file"


def test_an_order_is_in_one_batch_only(house: House, now: datetime) -> None:
    order = house.order(100)
    make.make_batch(house.bank, order, at=now)
    with pytest.raises(UnableToMakeBatch) as refused:
        make.make_batch(house.bank, order, at=now)
    assert refused.value.code == "order_changed"


def test_a_withdrawn_batch_frees_its_orders(house: House, now: datetime) -> None:
    order = house.order(100)
    batch = make.make_batch(house.bank, order, at=now)
    operations.withdraw_batch(batch_id=batch, by=make.someone(), at=now)
    assert (states([order]), queries.order(order).iban) == (["ready"], "")
    make.make_batch(house.bank, order, at=now)


def test_a_batch_needs_orders_a_person_and_a_date_from_today(house: House, now: datetime) -> None:
    order = house.order(100)

    def refused(**change: object) -> str:
        with pytest.raises(UnableToMakeBatch) as caught:
            arguments = {
                "bank_account_id": house.bank,
                "order_ids": [order],
                "execute_on": now.date(),
                "by": make.someone(),
                "at": now,
            } | change
            operations.make_batch(**arguments)  # type: ignore[arg-type]
        return caught.value.code

    assert refused(order_ids=[]) == "no_orders"
    assert refused(by=SYSTEM) == "not_a_person"
    assert refused(execute_on=date(2026, 11, 22)) == "execution_in_past"
    assert refused(bank_account_id=order) == "not_found"


# What the bank says


def test_one_entry_for_a_batch_settles_all_its_orders(house: House) -> None:
    batch, orders = house.released(10_000, 2_500)
    house.load(Booking(-12_500, (), batch=identifier(batch)))
    assert states(orders) == ["settled", "settled"]
    assert queries.batch(batch).state == "finished"
    assert books() == (47_500, 0, 37_500)
    assert {event["cents"] for event in events("order_settled")} == {10_000, 2_500}
    assert {event["owner"] for event in events("order_settled")} == {
        str(queries.order(order).owner[1]) for order in orders
    }
    make.assert_books_hold(house.at)


def test_single_entries_settle_by_their_own_identifier(house: House) -> None:
    batch, orders = house.released(10_000, 2_500)
    house.load(pays(-2_500, end_to_end_id=end_to_end(orders[1])))
    assert (states(orders), queries.batch(batch).state) == (["in_transit", "settled"], "released")
    house.load(pays(-10_000, end_to_end_id=end_to_end(orders[0])))
    assert (states(orders), queries.batch(batch).state) == (["settled", "settled"], "finished")
    make.assert_books_hold(house.at)


def test_a_batch_entry_with_details_settles_each_order(house: House) -> None:
    batch, orders = house.released(10_000, 2_500)
    details = [
        Detail(cents, end_to_end_id=end_to_end(order))
        for cents, order in zip([10_000, 2_500], orders, strict=True)
    ]
    house.load(Booking(-12_500, details, batch=identifier(batch)))
    assert states(orders) == ["settled", "settled"]


@pytest.mark.parametrize("cents", [-12_499, -12_501])
def test_a_batch_entry_of_another_amount_waits_for_a_person(house: House, cents: int) -> None:
    batch, orders = house.released(10_000, 2_500)
    house.load(Booking(cents, (), batch=identifier(batch)))
    assert work_list() == [(-cents, "order_amount")]
    assert states(orders) == ["in_transit", "in_transit"]


def test_an_entry_without_identifiers_is_assigned_to_orders_by_hand(house: House) -> None:
    _batch, orders = house.released(10_000, 2_500)
    house.load(pays(-12_500, "verzamelbetaling"))
    (entry,) = queries.unmatched_entries()
    assert {order.id for order in queries.orders_for(entry.id)} == set(orders)
    with pytest.raises(UnableToDecide) as refused:
        operations.assign_entry_to_orders(
            entry_id=entry.id, order_ids=orders[:1], by=make.someone(), at=house.at
        )
    assert refused.value.code == "wrong_orders"
    operations.assign_entry_to_orders(
        entry_id=entry.id, order_ids=orders, by=make.someone(), at=house.at
    )
    assert (states(orders), work_list()) == (["settled", "settled"], [])
    make.assert_books_hold(house.at)


def refused_batch_booked_gross(
    house: House, *, is_named: bool = True
) -> tuple[list[UUID], UUID, UUID]:
    """A batch of 100.00 and 200.00; the bank refuses the first, books 300.00 and gives 100.00 back."""
    batch, orders = house.released(10_000, 20_000)
    report = house.report(batch, orders={end_to_end(orders[0]): "RJCT"})
    operations.import_payment_status(content=report, by=SYSTEM, at=house.at)
    back = Detail(end_to_end_id=end_to_end(orders[0]), return_reason="AC04", iban=make.OWN_IBAN)
    before = {one.id for one in queries.unmatched_entries()}
    out = Booking(-30_000, (), batch=identifier(batch)) if is_named else pays(-30_000)
    house.load(out, Booking(10_000, [back]))
    new = [one for one in queries.unmatched_entries() if one.id not in before]
    left, given_back = sorted(new, key=lambda entry: entry.amount.cents)
    assert left.doubt == ("order_amount" if is_named else "unknown_debit")
    assert given_back.doubt == "return_unknown"
    return orders, left.id, given_back.id


def test_a_batch_booked_gross_with_an_order_refused_is_placed_by_netting(house: House) -> None:
    orders, out, given_back = refused_batch_booked_gross(house)
    # 600.00 in the bank - 300.00 + 100.00; 100.00 of 500.00 is owed again.
    assert refused_netting(house, out, orders[1:], []) == "wrong_orders"
    assert refused_netting(house, out, [], [given_back]) == "wrong_orders"
    operations.assign_entry_to_orders(
        entry_id=out,
        order_ids=orders[1:],
        offset_ids=[given_back],
        by=make.someone(),
        at=house.at,
    )
    assert (states(orders), work_list()) == (["rejected", "settled"], [])
    assert books() == (40_000, 0, 30_000)
    assert [(one.purpose, one.amount.cents) for one in queries.entry(out).allocations] == [
        ("order", -20_000),
        ("netted", -10_000),
    ]
    make.assert_books_hold(house.at)


def test_a_payers_money_never_explains_what_left(house: House) -> None:
    orders, out, _given_back = refused_batch_booked_gross(house)
    house.load(pays(10_000, "zonder kenmerk"))
    payers = max(queries.unmatched_entries(), key=lambda entry: entry.statement_name).id
    assert payers not in [entry.id for entry in queries.offsets_of(out)]
    assert refused_netting(house, out, orders[1:], [payers]) == "other_batch"


def refused_netting(house: House, out: UUID, orders: list[UUID], offsets: list[UUID]) -> str:
    with pytest.raises(UnableToDecide) as refused:
        operations.assign_entry_to_orders(
            entry_id=out, order_ids=orders, offset_ids=offsets, by=make.someone(), at=house.at
        )
    return refused.value.code


@pytest.mark.parametrize("is_named", [True, False])
def test_what_another_batch_got_back_never_explains_what_left(
    house: House, *, is_named: bool
) -> None:
    """Two batches of 300.00, each with 100.00 refused; each has a 100.00 of its own."""
    _orders, _out, other = refused_batch_booked_gross(house)
    orders, out, own = refused_batch_booked_gross(house, is_named=is_named)
    assert refused_netting(house, out, orders[1:], [other]) == "other_batch"
    # On the page: where the bank names the batch its own, else those of every batch under way.
    offered = {entry.id for entry in queries.offsets_of(out)}
    assert offered == ({own} if is_named else {own, other})
    operations.assign_entry_to_orders(
        entry_id=out, order_ids=orders[1:], offset_ids=[own], by=make.someone(), at=house.at
    )
    assert states(orders) == ["rejected", "settled"]
    make.assert_books_hold(house.at)


def test_what_left_without_a_name_is_not_explained_by_what_came_back_alone(house: House) -> None:
    """A refused payment of 100.00 came back; 100.00 that left for somebody else has no order."""
    _orders, _out, given_back = refused_batch_booked_gross(house)
    house.load(pays(-10_000, "onbekend"))
    (unknown,) = [one.id for one in queries.unmatched_entries() if one.amount.cents == -10_000]
    assert refused_netting(house, unknown, [], [given_back]) == "other_batch"


def test_a_part_of_which_the_order_was_not_refused_is_no_give_back(house: House) -> None:
    """Else that order would stay in transit for ever: it is settled first, and brought back then."""
    batch, orders = house.released(10_000, 20_000)
    back = Detail(end_to_end_id=end_to_end(orders[0]), return_reason="AC04", iban=make.OWN_IBAN)
    house.load(pays(-30_000), Booking(10_000, [back], batch=identifier(batch)))
    out, given_back = sorted(queries.unmatched_entries(), key=lambda entry: entry.amount.cents)
    assert queries.offsets_of(out.id) == []
    assert refused_netting(house, out.id, orders[1:], [given_back.id]) == "other_batch"
    operations.assign_entry_to_orders(
        entry_id=out.id, order_ids=orders, by=make.someone(), at=house.at
    )
    assert operations.match_again(entry_id=given_back.id, by=make.someone(), at=house.at)
    assert (states(orders), work_list()) == (["returned", "settled"], [])
    make.assert_books_hold(house.at)


def test_a_payment_that_comes_back_after_settling_is_owed_again(house: House) -> None:
    _batch, (order, other) = house.released(10_000, 2_500)
    house.load(
        *(
            pays(-cents, end_to_end_id=end_to_end(one))
            for cents, one in ((10_000, order), (2_500, other))
        )
    )
    back = Detail(end_to_end_id=end_to_end(order), return_reason="AC04", iban=make.OWN_IBAN)
    house.load(Booking(10_000, [back], code="PMNT-RCDT-RRTN"))
    assert states([order, other]) == ["returned", "settled"]
    assert books() == (57_500, 0, 47_500)
    (event,) = events("order_returned")
    assert (event["order"], event["cents"], event["reason"]) == (str(order), 10_000, "AC04")
    assert queries.order(house.order(10_000)).state == "ready"
    make.assert_books_hold(house.at)


def test_a_return_in_the_same_statement_before_its_payment_is_placed_too(house: House) -> None:
    _batch, (order,) = house.released(10_000)
    back = Booking(10_000, [Detail(end_to_end_id=end_to_end(order), return_reason="AC04")])
    house.load(back, pays(-10_000, end_to_end_id=end_to_end(order)))
    assert (states([order]), work_list()) == (["returned"], [])
    make.assert_books_hold(house.at)


@pytest.mark.parametrize(("cents", "doubt"), [(9_999, "return_amount"), (10_000, "return_unknown")])
def test_a_return_that_does_not_fit_waits_for_a_person(
    house: House, cents: int, doubt: str
) -> None:
    _batch, (order,) = house.released(10_000)
    house.load(pays(-10_000, end_to_end_id=end_to_end(order)))
    named = end_to_end(order) if doubt == "return_amount" else "unknown"
    house.load(Booking(cents, [Detail(end_to_end_id=named, return_reason="AC04")]))
    assert work_list() == [(cents, doubt)]
    assert states([order]) == ["settled"]
    make.assert_books_hold(house.at)


@pytest.mark.parametrize("level", ["file", "batch", "order"])
def test_a_refusal_of_the_file_the_batch_or_an_order_is_owed_again(
    house: House, level: str
) -> None:
    batch, orders = house.released(10_000, 2_500)
    content = {
        "file": house.report(batch, file_status="RJCT"),
        "batch": house.report(batch, batch_status="RJCT"),
        "order": house.report(batch, orders={end_to_end(orders[0]): "RJCT"}),
    }[level]
    outcome = operations.import_payment_status(content=content, by=SYSTEM, at=house.at)
    if level == "order":
        assert states(orders) == ["rejected", "in_transit"]
        assert books() == (57_500, 2_500, 50_000)
        house.load(Booking(-2_500, (), batch=identifier(batch)))
        assert states(orders) == ["rejected", "settled"]
    else:
        assert states(orders) == ["rejected", "rejected"]
        assert books() == (60_000, 0, 50_000)
    assert queries.batch(batch).state == "finished"
    assert len(events("order_rejected")) == len(outcome.rejected)
    assert {event["reason"] for event in events("order_rejected")} == {"AM04"}
    again = operations.import_payment_status(content=content, by=SYSTEM, at=house.at)
    assert (again.rejected, again.repeated) == ((), len(outcome.rejected))
    make.assert_books_hold(house.at)


def test_a_refusal_of_what_a_statement_says_was_paid_is_only_named(house: House) -> None:
    batch, orders = house.released(10_000)
    house.load(Booking(-10_000, (), batch=identifier(batch)))
    outcome = operations.import_payment_status(
        content=house.report(batch, file_status="RJCT"), by=SYSTEM, at=house.at
    )
    assert [order.id for order in outcome.already_settled] == orders
    assert (outcome.rejected, states(orders)) == ((), ["settled"])


def test_a_wrong_answer_of_the_bank_changes_nothing(house: House) -> None:
    batch, orders = house.released(10_000, 2_500)

    def codes(content: bytes) -> list[str]:
        with pytest.raises(UnableToImportPaymentStatus) as refused:
            operations.import_payment_status(content=content, by=SYSTEM, at=house.at)
        return [fault.code for fault in refused.value.faults]

    assert codes(status_report("OTHER", file_status="RJCT")) == ["unknown_batch"]
    half = {end_to_end(orders[0]): "RJCT", "x": "RJCT", "y": "RJCT"}
    assert codes(house.report(batch, orders=half)) == ["unknown_order", "unknown_order"]
    made = make.make_batch(house.bank, house.order(1), at=house.at)
    assert codes(house.report(made, file_status="RJCT")) == ["not_released"]
    assert states(orders) == ["in_transit", "in_transit"]


def test_the_bank_needs_enough_money_to_release(house: House, now: datetime) -> None:
    order = house.order(100)
    empty = make.make_bank_account(iban=make.PAYER_IBAN)
    batch = make.make_batch(empty, order, at=now)
    with pytest.raises(UnableToReleaseBatch) as refused:
        make.release(batch, at=now)
    assert refused.value.code == "insufficient_funds"
    assert (states([order]), books()) == (["batched"], (60_000, 0, 50_000))


# Sending money back


def return_of(house: House, cents: int, *, by: object = None) -> tuple[UUID, UUID]:
    """A payment that nobody expected, and the order to send it back."""
    house.load(pays(cents, "verkeerd overgemaakt"))
    (entry,) = queries.unmatched_entries()
    order = operations.return_receipt(
        entry_id=entry.id,
        by=by or make.someone(),
        at=house.at,  # type: ignore[arg-type]
    )
    return entry.id, order


def test_money_goes_back_to_the_iban_it_came_from_with_four_eyes(house: House) -> None:
    finance = make.someone()
    entry, order = return_of(house, 700, by=finance)
    assert queries.order(order).iban == make.PAYER_IBAN
    assert (total(AccountKind.UNMATCHED), total(AccountKind.RETURNED)) == (0, 700)
    batch = make.make_batch(house.bank, order, at=house.at)
    with pytest.raises(UnableToReleaseBatch) as refused:
        make.release(batch, at=house.at, by=finance)
    assert refused.value.code == "requested_by_you"
    make.release(batch, at=house.at)
    assert queries.entry(entry).state == "returning"
    house.load(Booking(-700, (), batch=identifier(batch)))
    assert queries.entry(entry).state == "settled"
    assert total(AccountKind.RETURNED) == 0
    assert events("order_settled") == []
    make.assert_books_hold(house.at)


@pytest.mark.parametrize("how", ["rejected", "returned"])
def test_a_return_that_does_not_arrive_is_on_the_work_list_again(house: House, how: str) -> None:
    entry, order = return_of(house, 700)
    batch = make.make_batch(house.bank, order, at=house.at)
    make.release(batch, at=house.at)
    if how == "rejected":
        content = house.report(batch, file_status="RJCT")
        operations.import_payment_status(content=content, by=SYSTEM, at=house.at)
    else:
        house.load(Booking(-700, (), batch=identifier(batch)))
        back = Detail(end_to_end_id=end_to_end(order), return_reason="AC04")
        house.load(Booking(700, [back]))
    (open_entry,) = queries.unmatched_entries()
    assert (open_entry.id, open_entry.open, open_entry.doubt) == (entry, Money(700), "payment_back")
    assert (total(AccountKind.UNMATCHED), total(AccountKind.RETURNED)) == (700, 0)
    make.assert_books_hold(house.at)


def test_a_surplus_that_cannot_go_back_is_the_payers_again(house: House) -> None:
    reference = make.expect(1_000, payer=house.payer, at=house.at)
    house.load(pays(1_250, reference))
    (entry,) = queries.unmatched_entries()
    order = operations.return_receipt(entry_id=entry.id, by=make.someone(), at=house.at)
    assert total(AccountKind.PAYER_CLEARING) == 1_000
    batch = make.make_batch(house.bank, order, at=house.at)
    make.release(batch, at=house.at)
    content = house.report(batch, file_status="RJCT")
    operations.import_payment_status(content=content, by=SYSTEM, at=house.at)
    (entry,) = queries.unmatched_entries()
    assert (entry.held_for, entry.open) == (house.payer, Money(250))
    assert total(AccountKind.PAYER_CLEARING) == 1_250
    make.assert_books_hold(house.at)


def test_money_without_a_valid_iban_cannot_go_back(house: House) -> None:
    house.load(pays(700, "contant", iban=""))
    (entry,) = queries.unmatched_entries()
    with pytest.raises(UnableToDecide) as refused:
        operations.return_receipt(entry_id=entry.id, by=make.someone(), at=house.at)
    assert refused.value.code == "no_iban"
