"""Two people press the same button; two deliveries meet. Real connections, one outcome."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection, transaction

from eigenwijs.audit import queries as trail
from eigenwijs.contributions import operations
from eigenwijs.contributions.models import AmountDue, CreditedAmount, PaymentRequest
from eigenwijs.kernel.errors import DomainError
from tests.factories.contributions import (
    GIFT,
    SYSTEM,
    Bank,
    deliver,
    make_law,
    make_participant,
    preview,
    requests_of,
    worker,
)
from tests.factories.treasury import StatementText, assert_books_hold, load, pays

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run calls at the same moment, each on a connection of its own; return answers or refusals."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return call()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_a_double_click_on_confirm_books_once(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    shown = preview(employer, "2026-01", [worker(1), worker(2)], now)

    def confirm() -> object:
        return operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now).state

    assert at_once(confirm, confirm, confirm) == ["booked"] * 3
    assert (AmountDue.objects.count(), PaymentRequest.objects.count()) == (2, 1)


def test_two_workers_that_hear_of_one_payment_credit_once(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    Bank()
    deliver(employer, "2026-01", [worker(1), worker(2)], now)
    (request,) = requests_of(employer)
    load(StatementText((pays(request.total_cents, reference=request.reference),)), at=now)
    event = next(one for one in trail.events_without_reaction() if one.event == "receipt_matched")

    def credit() -> object:
        return operations.credit_paid(event, by=SYSTEM, at=now)

    assert at_once(credit, credit) == [None, None]
    assert CreditedAmount.objects.count() == 2
    assert_books_hold(now)


def test_a_correction_touches_no_amount_before_it_has_the_request_that_settling_locks_first(
    now: datetime,
) -> None:
    """Else each of the two has what the other waits for, and PostgreSQL ends one of them."""
    make_law(GIFT)
    employer = make_participant(GIFT)
    deliver(employer, "2026-01", [worker(1)], now)
    shown = preview(employer, "2026-01", [worker(1, hours=1000)], now)

    def confirm() -> object:
        try:
            return operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now).state
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():  # what settling does first
            list(PaymentRequest.objects.select_for_update())
            correction = thread.submit(confirm)
            while not somebody_waits():
                assert not correction.done()
            assert AmountDue.objects.select_for_update(nowait=True).get()
        assert correction.result() == "booked"


def somebody_waits() -> bool:
    """Whether another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
