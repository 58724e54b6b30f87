"""Two people at once: who decides and who answers, who takes another start and who takes it away."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.models import Booking
from eigenwijs.bookings.operations import UnableToDecide, UnableToReserve
from eigenwijs.bookings.types import BookingState, BookingView, HalfwayOutcome, StartOutcome
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.catalogue.models import Run
from eigenwijs.catalogue.operations import UnableToTakeSeat
from tests.bookings import test_following as following
from tests.bookings import test_proposing as proposing
from tests.bookings.test_completing import now_of, orders_of
from tests.bookings.test_patience import waiter
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    make_desk,
    make_worker,
    quote_for,
    say_yes,
    worker_at,
)
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(
    lock: Callable[[], object], work: Callable[[], object], act: Callable[[], object]
) -> Future[object]:
    """Lock something, let `work` run on another connection until it waits for that, act, and commit."""

    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        lock()
        answer = threads.submit(run)
        waiter(answer)
        act()
    return answer


def test_who_answers_while_a_person_decides_is_no_trouble_to_either() -> None:
    """The worker's yes has the booking and closes the work item; the decision waits for the booking."""
    booking = following.begun()
    following.worker_says(booking, yes=False, at=following.halfway())
    desk = make_desk()
    answer = meanwhile(
        lambda: Booking.objects.select_for_update().get(pk=booking.id),
        lambda: following.decide(HalfwayOutcome.NOT_FOLLOWED, following.halfway(1), by=desk),
        lambda: following.worker_says(booking, yes=True, at=following.halfway(1)),
    )
    with pytest.raises(UnableToDecide) as refused:
        answer.result()
    assert refused.value.code == "not_found"
    assert orders_of(booking) == [following.MIDDLE, following.START]
    assert not now_of(booking).decisions


def test_who_says_that_it_started_while_a_person_decides_is_no_trouble_to_either() -> None:
    worker = make_worker(20_000, 30_000)
    booking = make_booking(worker, confirmed_at=proposing.NEXT_DAY)
    at = following.STARTED
    by = worker_at(worker, at)
    operations.deny_start(booking_id=booking.id, by=by, at=at)
    (item,) = queries.work_items()
    desk = make_desk()
    answer = meanwhile(
        lambda: Booking.objects.select_for_update().get(pk=booking.id),
        lambda: operations.decide_start(
            work_item_id=item.id,
            outcome=StartOutcome.NOT_GIVEN,
            reason="x",
            evidence="x",
            by=desk,
            at=at,
        ),
        lambda: operations.confirm_start(booking_id=booking.id, by=by, at=at),
    )
    with pytest.raises(UnableToDecide) as refused:
        answer.result()
    assert refused.value.code == "not_found"
    assert now_of(booking).state is BookingState.STARTED


def test_a_start_that_is_withdrawn_while_the_worker_takes_it_is_not_taken() -> None:
    booking, other = proposing.proposed()
    quote = proposing.quoted(booking)
    answer = meanwhile(
        lambda: Run.objects.select_for_update().get(pk=other.id),
        lambda: proposing.accept(booking, quote=quote),
        lambda: catalogue.withdraw_run(run_id=other.id, by=SYSTEM, at=proposing.NEXT_DAY),
    )
    with pytest.raises(UnableToTakeSeat) as refused:
        answer.result()
    assert refused.value.code == "withdrawn"
    assert now_of(booking).state is BookingState.PROPOSED


def test_a_start_that_is_booked_in_another_tab_while_the_worker_takes_it_is_booked_once() -> None:
    worker = make_worker(50_000, 50_000)
    run, other = proposing.two_runs(seats=5)
    booking = make_booking(worker, run)
    proposing.propose(booking, other)
    quote = proposing.quoted(booking)
    answer = meanwhile(
        lambda: Run.objects.select_for_update().get(pk=other.id),
        lambda: proposing.accept(booking, quote=quote),
        lambda: make_booking(worker, other, at=proposing.NEXT_DAY),
    )
    with pytest.raises(UnableToReserve) as refused:
        answer.result()
    assert refused.value.code == "already_booked"
    assert now_of(booking).state is BookingState.PROPOSED


def test_a_second_tab_gets_the_booking_of_the_first_where_the_start_is_withdrawn_meanwhile() -> (
    None
):
    run = make_run(starts_on=STARTS_ON)
    quote = quote_for(make_worker(50_000, 50_000), run)
    made: list[BookingView] = []

    def book_and_withdraw() -> None:
        made.append(say_yes(quote))
        catalogue.withdraw_run(run_id=run.id, by=SYSTEM, at=REQUESTED)

    answer = meanwhile(
        lambda: Run.objects.select_for_update().get(pk=run.id),
        lambda: say_yes(quote),
        book_and_withdraw,
    )
    assert answer.result() == made[0]
    assert [one.id for one in queries.bookings_of(quote.person_id)] == [made[0].id]
