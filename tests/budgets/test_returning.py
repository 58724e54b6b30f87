"""Money that lapsed goes to its receiver: in totals of ten people, with four eyes, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.operations import UnableToPayLapsed
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as books
from eigenwijs.ledger.types import AccountKind
from eigenwijs.people.types import OrganisationKind
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury import queries as treasury_queries
from eigenwijs.treasury.operations import UnableToReleaseBatch
from tests.factories import treasury as make
from tests.factories.budgets import NOW, make_conditions, make_reason
from tests.factories.people import SYSTEM, make_organisation, make_person
from tests.factories.treasury import Booking, Detail, StatementText, status_report

pytestmark = pytest.mark.django_db

AFTER = NOW + timedelta(days=10)
React = Callable[[datetime], int]


@pytest.fixture
def bank() -> UUID:
    return make.make_bank_account(opening=100_000)


@pytest.fixture
def fund() -> UUID:
    """A fund that has an account to be paid on."""
    organisation = make_organisation(OrganisationKind.PAYER, "Fonds Zonnig").id
    account = treasury.register_payee_account(
        payee_id=organisation,
        iban=make.PAYEE_IBAN,
        holder_name="Fonds Zonnig",
        by=make.someone(),
        at=make.LONG_AGO,
    )
    treasury.approve_payee_account(account_id=account, by=make.someone(), at=make.LONG_AGO)
    return organisation


def give(bank: UUID, fund: UUID, *cents: int, at: datetime = NOW) -> StatementText:
    """The fund pays in, and each amount is credited to a person of its own; it ends in five days."""
    total = sum(cents)
    reference = make.expect(total, payer=fund, at=at)
    before = treasury_queries.statements()
    opening = before[0].closing.cents if before else 100_000
    statement = StatementText(
        [make.pays(total, reference)], opening=opening, on=at.date() + timedelta(days=len(before))
    )
    make.load(statement, at=at)
    conditions = make_conditions(ends_on=at.date() + timedelta(days=5), reverts_to=fund)
    for amount in cents:
        operations.credit(
            key=new_id(at),
            person_id=make_person().id,
            payer_id=fund,
            amount=Money(amount),
            conditions=conditions,
            reason=make_reason(),
            occurred_on=at.date(),
            group=new_id(at),
            by=SYSTEM,
            at=at,
        )
    operations.lapse_due(by=SYSTEM, at=at + timedelta(days=10))
    return statement


def waiting(fund: UUID) -> tuple[int, int]:
    """Cents and people that wait for the fund."""
    return next(
        (
            (one.amount.cents, one.people)
            for one in queries.lapsed(on=AFTER.date())
            if one.receiver_id == fund
        ),
        (0, 0),
    )


def owed(fund: UUID) -> int:
    return books.balance_of(AccountKind.LAPSED, fund).posted.cents


def pay(fund: UUID) -> UUID:
    return operations.pay_lapsed(receiver_id=fund, by=make.someone(), at=AFTER)


def release(bank: UUID, order: UUID) -> str:
    batch = make.make_batch(bank, order, at=AFTER)
    make.release(batch, at=AFTER)
    return treasury_queries.batch(batch).identifier


def assert_books_hold() -> None:
    make.assert_books_hold(AFTER)
    assert queries.prove() == []


def test_what_lapsed_is_paid_to_the_receiver_with_four_eyes(bank: UUID, fund: UUID) -> None:
    # Ten people with 25.00 each: 250.00.
    statement = give(bank, fund, *[2_500] * 10)
    assert waiting(fund) == (25_000, 10)
    order = pay(fund)
    assert (waiting(fund), owed(fund)) == ((0, 0), 25_000)
    with pytest.raises(UnableToPayLapsed) as refused:
        pay(fund)
    assert refused.value.code == "nothing_waits"
    maker = make.someone()
    batch = make.make_batch(bank, order, at=AFTER, by=maker)
    with pytest.raises(UnableToReleaseBatch):
        make.release(batch, at=AFTER, by=maker)
    make.release(batch, at=AFTER)
    (paid,) = treasury_queries.batch_orders(batch)
    assert (paid.iban, paid.amount) == (make.PAYEE_IBAN, Money(25_000))
    name = treasury_queries.batch(batch).identifier
    make.load(statement.then(Booking(-25_000, (), batch=name)), at=AFTER)
    assert treasury_queries.order(order).state == "settled"
    assert (waiting(fund), owed(fund)) == ((0, 0), 0)
    assert_books_hold()


def test_a_receiver_never_gets_a_total_of_fewer_than_ten_people(bank: UUID, fund: UUID) -> None:
    give(bank, fund, *[2_500] * 9)
    with pytest.raises(UnableToPayLapsed) as refused:
        pay(fund)
    assert refused.value.code == "too_few_people"
    give(bank, fund, 100, at=NOW)
    assert waiting(fund) == (22_600, 10)
    pay(fund)
    # What lapses next is a total of its own: again of ten people.
    give(bank, fund, 700, at=NOW)
    with pytest.raises(UnableToPayLapsed):
        pay(fund)
    assert waiting(fund) == (700, 1)
    assert_books_hold()


def test_a_payment_of_lapsed_money_that_fails_waits_again(
    bank: UUID, fund: UUID, react: React
) -> None:
    statement = give(bank, fund, *[1_000] * 10)
    name = release(bank, pay(fund))
    report = status_report(name, batch_status="RJCT")
    treasury.import_payment_status(content=report, by=SYSTEM, at=AFTER)
    react(AFTER)
    assert waiting(fund) == (10_000, 10)
    again = pay(fund)
    name = release(bank, again)
    statement = statement.then(Booking(-10_000, (), batch=name))
    make.load(statement, at=AFTER)
    react(AFTER)
    assert waiting(fund) == (0, 0)
    back = Detail(end_to_end_id=treasury_queries.order(again).end_to_end_id, return_reason="AC04")
    make.load(statement.then(Booking(10_000, (back,))), at=AFTER)
    react(AFTER)
    assert (waiting(fund), owed(fund)) == ((10_000, 10), 10_000)
    assert_books_hold()


def test_lapsed_money_never_pays_what_a_payer_still_owes(bank: UUID, fund: UUID) -> None:
    give(bank, fund, *[2_500] * 10)
    assert books.balance_of(AccountKind.PAYER_CLEARING, fund).posted == Money(0)
