"""Two tabs, a double click and the night's work: nobody spends the same money twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection, transaction

from eigenwijs.budgets import lots, operations, queries
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.people.types import OrganisationKind
from tests.factories.budgets import (
    NOW,
    make_conditions,
    make_course_facts,
    make_credit,
    make_job_conditions,
)
from tests.factories.people import SYSTEM, make_employment, make_organisation, make_person
from tests.faults import again_after_a_clash

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls: Sequence[Callable[[], object]]) -> Counter[str]:
    """Run calls at the same moment, each on its own connection; count what came of them."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        try:
            connection.ensure_connection()
            start.wait()
            again_after_a_clash(call)
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as threads:
        answers = Counter(threads.map(run, calls))
    assert ledger.prove(at=NOW, known_holds=queries.hold_keys()) == []
    assert queries.prove() == []
    return answers


def reserving(
    person_id: UUID, payee_id: UUID, booking_id: UUID, lines: list[tuple[UUID, int]]
) -> Callable[[], object]:
    def call() -> object:
        return operations.reserve(
            booking_id=booking_id,
            person_id=person_id,
            lines=[(pot, Money(cents)) for pot, cents in lines],
            payee_id=payee_id,
            facts=make_course_facts(),
            work_related=True,
            expires_at=NOW + timedelta(days=90),
            by=SYSTEM,
            at=NOW,
        )

    return call


def test_one_of_many_bookings_gets_the_money_of_two_pots() -> None:
    person = make_person().id
    one, two = make_credit(person, 100).pot_id, make_credit(person, 100).pot_id
    payee = make_organisation(OrganisationKind.PROVIDER).id
    orders = [[(one, 60), (two, 60)], [(two, 60), (one, 60)]] * 3
    calls = [reserving(person, payee, new_id(NOW), lines) for lines in orders]
    assert at_once(calls) == {"done": 1, "insufficient_funds": 5}


def test_a_double_click_reserves_once() -> None:
    person = make_person().id
    pot = make_credit(person, 100).pot_id
    payee = make_organisation(OrganisationKind.PROVIDER).id
    calls = [reserving(person, payee, new_id(NOW), [(pot, 40)])] * 6
    assert at_once(calls) == {"done": 6}
    assert queries.account(person, on=local_date(NOW)).reserved == Money(40)


def test_a_booking_is_spent_or_released_never_both() -> None:
    person = make_person().id
    payee = make_organisation(OrganisationKind.PROVIDER).id
    booking = new_id(NOW)
    reserving(person, payee, booking, [(make_credit(person, 100).pot_id, 100)])()

    def spend() -> object:
        return operations.spend(booking_id=booking, by=SYSTEM, at=NOW)

    def release() -> object:
        return operations.release(booking_id=booking, with_grace=False, by=SYSTEM, at=NOW)

    answers = at_once([spend, release] * 3)
    assert answers == {"done": 3, "not_reserved": 3}


def test_money_lapses_once_however_many_workers_run() -> None:
    fund = make_organisation(OrganisationKind.PAYER).id
    conditions = make_conditions(ends_on=local_date(NOW), reverts_to=fund)
    people = [make_person(claimed=False).id for _ in range(5)]
    for person in people:
        make_credit(person, 100, conditions=conditions)
    tomorrow = NOW + timedelta(days=1)

    def lapse() -> object:
        while not operations.lapse_due(by=SYSTEM, at=tomorrow, limit=2).done:
            pass
        return None

    at_once([lapse] * 4)
    lapse()
    left = [queries.account(person, on=local_date(NOW)).available.cents for person in people]
    assert left == [0] * 5


def test_a_pot_that_somebody_books_from_holds_up_no_other() -> None:
    conditions = make_conditions(ends_on=local_date(NOW))
    busy, idle = (
        make_credit(make_person(claimed=False).id, 100, conditions=conditions) for _ in range(2)
    )
    tomorrow = NOW + timedelta(days=1)

    def lapse() -> Money:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return operations.lapse_due(by=SYSTEM, at=tomorrow).lapsed
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread, transaction.atomic():
        lots.lock([busy.pot_id])
        assert thread.submit(lapse).result() == Money(100)
    assert queries.account(idle.person_id, on=local_date(NOW)).available == Money(0)
    assert lapse() == Money(100)


def test_a_job_that_goes_on_while_its_money_lapses_leaves_the_books_whole() -> None:
    """Whichever comes first: what lapsed stays lapsed, what did not stays on the account, without an end."""
    shop, fund = make_organisation(), make_organisation(OrganisationKind.PAYER).id
    jobs = [make_employment(shop, personnel_number=f"P{n}", at=NOW) for n in range(6)]
    conditions = make_job_conditions(shop.id, months=1, reverts_to=fund)
    for job in jobs:
        make_credit(job.person_id, 100, payer_id=shop.id, conditions=conditions)
    for n in range(6):
        make_employment(shop, personnel_number=f"P{n}", ended_on=local_date(NOW), at=NOW)
    operations.follow_jobs(by=SYSTEM, at=NOW)
    later = NOW + timedelta(days=90)

    def lapse() -> object:
        while not operations.lapse_due(by=SYSTEM, at=later, limit=2).done:
            pass
        return None

    def goes_on() -> object:
        for n in range(3):
            make_employment(shop, personnel_number=f"P{n}", at=later)
        return operations.follow_jobs(by=SYSTEM, at=later, limit=100)

    at_once([lapse, goes_on, lapse, goes_on])
    lapse()
    operations.follow_jobs(by=SYSTEM, at=later)
    on = local_date(later)
    accounts = [queries.account(job.person_id, on=on) for job in jobs]
    ended = ledger.balance_of(AccountKind.LAPSED, fund).posted.cents
    assert sum(one.available.cents for one in accounts) + ended == 600
    assert [one.available.cents for one in accounts[3:]] == [0] * 3
    for one in accounts[:3]:
        assert one.available.cents in (0, 100)
        assert all(lot.usable_until is None for pot in one.pots for lot in pot.lots)
