"""The proof of all books: one function for the page, the command and the clock; kept in the trail."""

from __future__ import annotations

from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eigenwijs.budgets.models import Credit
from eigenwijs.insight import operations, queries
from eigenwijs.insight.proofs import KEPT
from eigenwijs.kernel.pseudonyms import pseudonym
from eigenwijs.ledger import queries as ledger
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import Role
from tests.factories.budgets import make_credit
from tests.factories.ledger import seal_all
from tests.factories.people import SYSTEM, actor_for, make_person

pytestmark = pytest.mark.django_db


def spoil(credit: Credit, cents: int) -> None:
    """Change what budgets says of a credit, around every lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE budgets_credit SET amount_cents = amount_cents + %s WHERE id = %s",
            [cents, credit.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_proven_books_are_kept_with_who_when_and_the_sums(now: datetime) -> None:
    make_credit(make_person().id, 60_000)
    auditor = make_person(role=Role.AUDITOR)
    made = operations.prove_books(by=actor_for(auditor, Role.AUDITOR), at=now)
    assert made.holds
    assert queries.proofs() == [made]
    assert (made.at, made.by.pseudonym) == (now, pseudonym(auditor.id))
    assert made.money == ledger.client_money()
    assert made.money.owed.cents == 60_000


def test_a_breach_of_any_room_is_named_and_kept(now: datetime) -> None:
    view = make_credit(make_person().id, 60_000)
    spoil(Credit.objects.get(pk=view.id), 1)
    made = operations.prove_books(by=SYSTEM, at=now)
    assert [breach.code for breach in made.breaches] == ["credit_differs"]
    assert "60001 cents were credited" in made.breaches[0].detail
    (kept,) = queries.proofs()
    assert not kept.holds
    assert [(one.code, one.id) for one in kept.breaches] == [("credit_differs", view.id)]
    assert kept.breaches[0].bucket == made.breaches[0].bucket


def test_of_many_breaches_the_first_hundred_are_kept_and_all_are_counted(now: datetime) -> None:
    person = make_person().id
    for number in range(KEPT + 1):
        view = make_credit(person, 100 + number)
        spoil(Credit.objects.get(pk=view.id), 1)
    made = operations.prove_books(by=SYSTEM, at=now)
    assert len(made.breaches) == made.breach_count == KEPT + 1
    (kept,) = queries.proofs()
    assert (len(kept.breaches), kept.breach_count) == (KEPT, KEPT + 1)


def test_the_command_does_the_same(now: datetime) -> None:
    view = make_credit(make_person().id, 60_000)
    call_command("prove_books", stdout=StringIO())
    spoil(Credit.objects.get(pk=view.id), 1)
    with pytest.raises(CommandError, match="1 breaches"):
        call_command("prove_books", stderr=StringIO())
    assert [(one.holds, one.by.name) for one in queries.proofs()] == [
        (False, "prove_books"),
        (True, "prove_books"),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_only_auditors_and_the_software_prove(role: Role, now: datetime) -> None:
    with pytest.raises(NotPermitted):
        operations.prove_books(by=actor_for(make_person(role=None), role), at=now)
    assert queries.proofs() == []


@pytest.mark.django_db(transaction=True)
def test_a_hold_made_while_proving_is_no_breach(now: datetime) -> None:
    """Outside a transaction of its own the proof sees one moment and writes only its row."""
    make_credit(make_person().id, 60_000)
    with ledger.one_moment(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)
    assert operations.prove_books(by=SYSTEM, at=now).holds
    assert len(queries.proofs()) == 1


def test_a_month_is_closed_by_two_people_of_finance_once_the_books_are_proven(
    now: datetime,
) -> None:
    view = make_credit(make_person().id, 60_000)
    first, second = (actor_for(make_person(role=Role.FINANCE), Role.FINANCE) for _ in range(2))
    until = date(2026, 10, 31)
    operations.begin_closing(until=until, by=first, at=now)
    seal_all(now)
    spoil(Credit.objects.get(pk=view.id), 1)
    with pytest.raises(operations.UnableToCloseMonth) as refusal:
        operations.close_month(until=until, by=second, at=now)
    assert refusal.value.code == "not_proven"
    spoil(Credit.objects.get(pk=view.id), -1)
    operations.close_month(until=until, by=second, at=now)
    (period,) = ledger.periods()
    assert (period.until, period.closed_by) == (until, second.person_id)
    assert [one.holds for one in queries.proofs()] == [True, False]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.FINANCE])
def test_only_finance_closes_months(role: Role, now: datetime) -> None:
    by = actor_for(make_person(), role)
    for close in (operations.begin_closing, operations.close_month):
        with pytest.raises(NotPermitted):
            close(until=date(2026, 10, 31), by=by, at=now)
    with pytest.raises(operations.UnableToCloseMonth, match="persoon"):
        operations.begin_closing(until=date(2026, 10, 31), by=SYSTEM, at=now)
