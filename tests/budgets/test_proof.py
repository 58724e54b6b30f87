"""What this room says of money is what the ledger has; a difference is named."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from eigenwijs.budgets import lots, operations, queries
from eigenwijs.budgets.models import Credit, Lapse, Reservation, ReservationLine
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as books
from eigenwijs.ledger.types import AccountKind, NewTransfer
from eigenwijs.people.types import OrganisationKind
from tests.factories.budgets import NOW, make_conditions, make_course_facts, make_credit
from tests.factories.people import SYSTEM, make_organisation, make_person

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return [breach.code for breach in queries.prove()]


@pytest.fixture
def credit_id() -> UUID:
    return make_credit(make_person().id, 10_000).id


@pytest.fixture
def booking(credit_id: UUID) -> UUID:
    credit = queries.credit(credit_id)
    assert credit is not None
    booking_id = new_id(NOW)
    operations.reserve(
        booking_id=booking_id,
        person_id=credit.person_id,
        lines=[(credit.pot_id, Money(4_000))],
        payee_id=make_organisation(OrganisationKind.PROVIDER).id,
        facts=make_course_facts(),
        work_related=True,
        expires_at=NOW + timedelta(days=9),
        by=SYSTEM,
        at=NOW,
    )
    assert codes() == []
    return booking_id


@pytest.mark.parametrize(
    ("values", "code"),
    [({"amount_cents": 9_999}, "credit_differs"), ({"taken_back_cents": 1}, "correction_differs")],
)
def test_a_changed_credit(credit_id: UUID, values: dict[str, int], code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Credit.objects.filter(pk=credit_id).update(**values)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert codes() == [code]


def test_a_reservation_of_another_amount(booking: UUID) -> None:
    ReservationLine.objects.filter(reservation=booking).update(amount_cents=4_001)
    assert codes() == ["reservation_differs"]


def test_a_reservation_without_its_hold(booking: UUID) -> None:
    operations.release(booking_id=booking, with_grace=False, by=SYSTEM, at=NOW)
    assert codes() == []
    Reservation.objects.filter(pk=booking).update(state="reserved")
    assert codes() == ["reservation_differs"]


@pytest.mark.parametrize("values", [{"spent_cents": 3_999}, {"refunded_cents": 1}])
def test_a_booking_that_spent_something_else(booking: UUID, values: dict[str, int]) -> None:
    operations.spend(booking_id=booking, by=SYSTEM, at=NOW)
    assert codes() == []
    ReservationLine.objects.filter(reservation=booking).update(**values)
    assert codes() == ["spending_differs"]


@pytest.fixture
def lapse() -> Lapse:
    """100.00 of a pot that lapsed to a fund."""
    credit = make_credit(
        make_person().id, 10_000, conditions=make_conditions(ends_on=local_date(NOW))
    )
    operations.lapse_due(by=SYSTEM, at=NOW + timedelta(days=1))
    assert codes() == []
    return Lapse.objects.select_related("pot").get(pot=credit.pot_id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("DELETE FROM budgets_lapse", "lapse_missing"),
        ("UPDATE budgets_lapse SET amount_cents = 9999", "lapse_differs"),
        ("UPDATE budgets_lapse SET receiver_id = %(other)s", "lapse_differs"),
        ("UPDATE budgets_lapse SET id = %(other)s", "lapse_differs lapse_missing"),
    ],
)
def test_a_changed_lapse(lapse: Lapse, change: str, code: str) -> None:
    other = make_organisation(OrganisationKind.PAYER).id
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(change, {"other": other})
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert codes() == code.split()


def test_money_of_a_pot_that_is_made_to_lapse_beside_this_room(lapse: Lapse) -> None:
    """Whatever the transfer is called; a payment that came back is owed again, and is no lapse."""
    pot = make_credit(make_person().id, 10_000).pot_id
    lapsed = books.open_account(kind=AccountKind.LAPSED, owner=lapse.receiver_id, at=NOW)
    bank = books.open_account(kind=AccountKind.BANK, owner=UUID(int=1), at=NOW)
    for debit, kind, found in (
        (bank, "order_returned", []),
        (lots.account(lots.lock([pot])[pot].pot), "correction", ["lapse_missing"]),
    ):
        key = new_id(NOW)
        transfer = NewTransfer(key, debit, lapsed, Money(7), kind, local_date(NOW), key)
        books.post([transfer], by=SYSTEM, at=NOW)
        assert codes() == found
    assert [breach.id for breach in queries.prove()] == [key]


def test_what_lapsed_before_lapses_were_kept_has_none(lapse: Lapse) -> None:
    """It went to the receiver's clearing account."""
    pot = make_credit(make_person().id, 10_000).pot_id
    clearing = books.open_account(kind=AccountKind.PAYER_CLEARING, owner=lapse.receiver_id, at=NOW)
    debit = lots.account(lots.lock([pot])[pot].pot)
    key = new_id(NOW)
    earlier = NewTransfer(key, debit, clearing, Money(7), "lapse", local_date(NOW), key)
    books.post([earlier], by=SYSTEM, at=NOW)
    assert codes() == []
