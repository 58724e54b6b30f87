"""A booking's money all the way to the bank, back, and there again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.operations import UnableToAnswer, UnableToPay
from eigenwijs.bookings.types import BookingView, PayoutState
from eigenwijs.budgets import queries as accounts
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as books
from eigenwijs.notices import queries as notices
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury import queries as treasury_queries
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    provider_for,
    worker_at,
)
from tests.factories.treasury import (
    LONG_AGO,
    PAYEE_IBAN,
    SYSTEM,
    Booking,
    Detail,
    StatementText,
    load,
    make_bank_account,
    make_batch,
    release,
    someone,
    status_report,
)

pytestmark = pytest.mark.django_db

STARTED = start_of_day(STARTS_ON) + timedelta(hours=12)
React = Callable[[datetime], int]


@pytest.fixture
def bank() -> UUID:
    return make_bank_account(opening=100_000)


@pytest.fixture
def started(bank: UUID) -> BookingView:
    """A booking of 350.00 that started; its provider has an account to be paid on."""
    booking = make_booking(confirmed_at=REQUESTED + timedelta(days=1))
    account = treasury.register_payee_account(
        payee_id=booking.offer.provider_id,
        iban=PAYEE_IBAN,
        holder_name="De Vakschool",
        by=someone(),
        at=LONG_AGO,
    )
    treasury.approve_payee_account(account_id=account, by=someone(), at=LONG_AGO)
    operations.confirm_start(
        booking_id=booking.id, by=worker_at(booking.person_id, STARTED), at=STARTED
    )
    return booking


def release_batch(bank: UUID, booking: BookingView) -> str:
    """Release what is ready for the provider in a batch; return the batch's identifier."""
    orders = treasury_queries.orders_to(booking.offer.provider_id)
    (ready,) = [one.id for one in orders if one.state == "ready"]
    batch = make_batch(bank, ready, at=STARTED)
    release(batch, at=STARTED)
    return treasury_queries.batch(batch).identifier


def payout_of(booking: BookingView) -> PayoutState | None:
    found = queries.booking(booking.id)
    assert found
    return found.payout


def assert_books_hold() -> None:
    assert books.prove(at=STARTED, known_holds=accounts.hold_keys()) == []


def test_settling_statement_makes_the_payout_paid(
    bank: UUID, started: BookingView, react: React
) -> None:
    batch = release_batch(bank, started)
    assert payout_of(started) is PayoutState.ORDERED
    load(StatementText((Booking(-35_000, (), batch=batch),), opening=100_000), at=STARTED)
    react(STARTED)
    assert payout_of(started) is PayoutState.PAID
    assert queries.payout_total(started.offer.provider_id, "paid") == Money(35_000)
    assert_books_hold()


def test_refused_payment_is_asked_again_and_paid(
    bank: UUID, started: BookingView, react: React
) -> None:
    batch = release_batch(bank, started)
    report = status_report(batch, batch_status="RJCT", reason="AC04")
    treasury.import_payment_status(content=report, by=SYSTEM, at=STARTED)
    react(STARTED)
    assert payout_of(started) is PayoutState.REOPENED
    (payout,) = queries.payouts_of(started.offer.provider_id)
    assert payout.reason == "AC04"
    provider = provider_for(started)
    for _ in range(2):
        operations.pay(booking_id=started.id, by=provider, at=STARTED)
    assert payout_of(started) is PayoutState.ORDERED
    again = release_batch(bank, started)
    assert again != batch
    load(StatementText((Booking(-35_000, (), batch=again),), opening=100_000), at=STARTED)
    react(STARTED)
    assert payout_of(started) is PayoutState.PAID
    with pytest.raises(UnableToPay) as refused:
        operations.pay(booking_id=started.id, by=provider, at=STARTED)
    assert refused.value.code == "wrong_state"
    assert_books_hold()


def told(person_id: UUID, kind: str) -> int:
    return len([one for one in notices.inbox(person_id) if one.kind == kind])


def test_every_payment_that_comes_back_is_told_and_the_first_that_arrives(
    bank: UUID, started: BookingView, react: React
) -> None:
    provider = provider_for(started)
    assert provider.person_id
    for attempt in (1, 2):
        batch = release_batch(bank, started)
        report = status_report(batch, batch_status="RJCT")
        treasury.import_payment_status(content=report, by=SYSTEM, at=STARTED)
        react(STARTED)
        assert told(provider.person_id, "payout_came_back") == attempt
        assert told(started.person_id, "booking_paid") == 0
        operations.pay(booking_id=started.id, by=provider, at=STARTED)
    statement = StatementText(
        (Booking(-35_000, (), batch=release_batch(bank, started)),), opening=100_000
    )
    load(statement, at=STARTED)
    react(STARTED)
    assert told(started.person_id, "booking_paid") == 1
    (settled,) = [
        order
        for order in treasury_queries.orders_to(started.offer.provider_id)
        if order.state == "settled"
    ]
    back = Detail(end_to_end_id=settled.end_to_end_id, return_reason="AC04")
    statement = statement.then(Booking(35_000, (back,)))
    load(statement, at=STARTED)
    react(STARTED)
    assert told(provider.person_id, "payout_came_back") == 3
    operations.pay(booking_id=started.id, by=provider, at=STARTED)
    again = Booking(-35_000, (), batch=release_batch(bank, started))
    load(statement.then(again), at=STARTED)
    react(STARTED)
    assert payout_of(started) is PayoutState.PAID
    assert told(started.person_id, "booking_paid") == 1
    assert_books_hold()


def test_money_on_its_way_is_not_called_off(bank: UUID, started: BookingView, react: React) -> None:
    release_batch(bank, started)
    provider: Actor = provider_for(started)
    with pytest.raises(UnableToAnswer) as refused:
        operations.cancel(booking_id=started.id, answer="", by=provider, at=STARTED)
    assert refused.value.code == "paid_already"
    assert payout_of(started) is PayoutState.ORDERED
    assert_books_hold()


def test_money_that_left_is_not_called_off(bank: UUID, started: BookingView, react: React) -> None:
    batch = release_batch(bank, started)
    load(StatementText((Booking(-35_000, (), batch=batch),), opening=100_000), at=STARTED)
    react(STARTED)
    with pytest.raises(UnableToAnswer) as refused:
        operations.cancel(booking_id=started.id, answer="", by=provider_for(started), at=STARTED)
    assert refused.value.code == "paid_already"
    assert_books_hold()


def test_refused_payment_can_still_be_called_off(
    bank: UUID, started: BookingView, react: React
) -> None:
    batch = release_batch(bank, started)
    report = status_report(batch, batch_status="RJCT")
    treasury.import_payment_status(content=report, by=SYSTEM, at=STARTED)
    react(STARTED)
    operations.cancel(booking_id=started.id, answer="", by=provider_for(started), at=STARTED)
    assert payout_of(started) is PayoutState.DROPPED
    account = accounts.account(started.person_id, on=STARTS_ON)
    assert (account.available, account.reserved) == (Money(50_000), Money(0))
    assert_books_hold()
