"""Others in the way: an answer within seconds, a clash that passes is not the person's trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from eigenwijs.bookings import queries
from eigenwijs.bookings.types import BookingView, Quote
from eigenwijs.budgets import queries as accounts
from eigenwijs.budgets.models import Pot
from eigenwijs.catalogue import queries as courses
from eigenwijs.catalogue.models import Run
from eigenwijs.kernel import patience
from eigenwijs.kernel.patience import TooBusy, in_time
from eigenwijs.ledger import queries as books
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_worker,
    quote_for,
    say_yes,
    worker_at,
)
from tests.factories.catalogue import make_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quote() -> Quote:
    return quote_for(make_worker(20_000, 30_000), make_run(starts_on=STARTS_ON))


@contextmanager
def at_once(work: Callable[[], BookingView]) -> Iterator[Future[BookingView]]:
    """Work on another connection, while the body goes on."""

    def run() -> BookingView:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(run)


def waiter(answer: Future[BookingView]) -> int:
    """Return the process that waits for a lock of ours, as soon as there is one."""
    while not answer.done():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if found := cursor.fetchone():
                return int(found[0])
    raise AssertionError(f"nobody waited: {answer.exception()}")


def assert_booked_once(quote: Quote, booking: BookingView) -> None:
    assert [one.id for one in queries.bookings_of(quote.person_id)] == [booking.id]
    run = courses.run(quote.offer.run_id)
    assert run
    assert run.seats_taken == 1
    account = accounts.account(quote.person_id, on=REQUESTED.date())
    assert (account.available.cents, account.reserved.cents) == (15_000, 35_000)
    assert books.prove(at=REQUESTED, known_holds=accounts.hold_keys()) == []


def test_a_lock_that_stays_held_gets_a_clear_answer_and_changes_nothing(
    quote: Quote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOCK_MILLISECONDS", 50)
    by = worker_at(quote.person_id, REQUESTED)
    with at_once(lambda: say_yes(quote, by=by)) as answer, transaction.atomic():
        list(Pot.objects.select_for_update())
        with pytest.raises(TooBusy) as refused:
            answer.result()
    assert str(refused.value) == (
        "Het is nu te druk. Er is niets veranderd. Probeer het zo nog eens."
    )
    assert queries.bookings_of(quote.person_id) == []
    assert_booked_once(quote, say_yes(quote, by=by))


def test_the_victim_of_a_deadlock_is_tried_again(quote: Quote) -> None:
    by = worker_at(quote.person_id, REQUESTED)
    with at_once(lambda: say_yes(quote, by=by)) as answer:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '1min'")  # never the victim
            list(Pot.objects.select_for_update())
            waiter(answer)  # it has the seat, and waits for the pots
            list(Run.objects.select_for_update())  # and now each waits for the other
        booking = answer.result()
    assert_booked_once(quote, booking)


def test_a_connection_that_is_lost_is_tried_again(quote: Quote) -> None:
    by = worker_at(quote.person_id, REQUESTED)
    with at_once(lambda: say_yes(quote, by=by)) as answer:
        with transaction.atomic(), connection.cursor() as cursor:
            list(Pot.objects.select_for_update())
            cursor.execute("SELECT pg_terminate_backend(%s)", [waiter(answer)])
        booking = answer.result()
    assert_booked_once(quote, booking)


def test_a_statement_that_takes_too_long_is_stopped_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "STATEMENT_MILLISECONDS", 50)
    attempts = []

    @in_time
    def slow() -> None:
        attempts.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    with pytest.raises(TooBusy):
        slow()
    assert attempts == [1]


def test_the_limits_end_with_the_operation(quote: Quote) -> None:
    say_yes(quote)
    with connection.cursor() as cursor:
        for name in ("lock_timeout", "statement_timeout"):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == ("0",)
