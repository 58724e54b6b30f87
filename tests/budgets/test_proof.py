"""What this room says of money is what the ledger has; a difference is named."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.models import Credit, Reservation, ReservationLine
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import OrganisationKind
from tests.factories.budgets import NOW, make_course_facts, make_credit
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
