"""Seats under real concurrency: never more taken than there are, one per key."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.models import Seat
from eigenwijs.catalogue.operations import UnableToTakeSeat
from eigenwijs.kernel.ids import derived_id
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM


def outcome(attempt: Callable[[], None]) -> str:
    try:
        attempt()
    except UnableToTakeSeat as refused:
        return refused.code
    return "taken"


def all_at_once(attempts: list[Callable[[], None]]) -> list[str]:
    start = Barrier(len(attempts))

    def go(attempt: Callable[[], None]) -> str:
        try:
            start.wait()
            return outcome(attempt)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(go, attempts))


def take(run_id: UUID, key: UUID, at: datetime) -> Callable[[], None]:
    return lambda: operations.take_seat(run_id=run_id, key=key, by=SYSTEM, at=at)


@pytest.mark.django_db(transaction=True)
def test_two_people_and_one_last_seat(now: datetime) -> None:
    run = make_run(seats=3)
    keys = [derived_id(run.id, f"booking {number}") for number in range(8)]
    results = all_at_once([take(run.id, key, now) for key in keys])
    assert sorted(results) == ["full"] * 5 + ["taken"] * 3
    after = queries.run(run.id)
    assert after
    assert (after.seats_taken, after.seats_left) == (3, 0)
    assert Seat.objects.filter(run=run.id, given_back_at=None).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_one_booking_take_one_seat(now: datetime) -> None:
    run = make_run(seats=3)
    key = derived_id(run.id, "booking")
    assert all_at_once([take(run.id, key, now)] * 6) == ["taken"] * 6
    after = queries.run(run.id)
    assert after
    assert after.seats_taken == 1


@pytest.mark.django_db
def test_seat_given_back_is_free_again_and_only_once(now: datetime) -> None:
    run = make_run(seats=1)
    first, second = (derived_id(run.id, name) for name in ("first", "second"))
    assert outcome(take(run.id, first, now)) == "taken"
    assert outcome(take(run.id, second, now)) == "full"
    for _ in range(2):
        operations.give_back_seat(key=first, by=SYSTEM, at=now)
    assert outcome(take(run.id, second, now)) == "taken"
    assert outcome(take(run.id, first, now)) == "key_reused"
    operations.give_back_seat(key=derived_id(run.id, "never taken"), by=SYSTEM, at=now)
    after = queries.run(run.id)
    assert after
    assert after.seats_taken == 1


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["not_found", "withdrawn", "started"])
def test_no_seat_where_there_is_no_course(why: str, now: datetime) -> None:
    run = make_run(starts_on=now.date()) if why == "started" else make_run()
    if why == "withdrawn":
        operations.withdraw_run(run_id=run.id, by=SYSTEM, at=now)
    run_id = derived_id(run.id, "absent") if why == "not_found" else run.id
    assert outcome(take(run_id, derived_id(run.id, "booking"), now)) == why


@pytest.mark.django_db
def test_run_without_a_limit_is_never_full(now: datetime) -> None:
    run = make_run(seats=None)
    for number in range(5):
        assert outcome(take(run.id, derived_id(run.id, f"{number}"), now)) == "taken"
    after = queries.run(run.id)
    assert after
    assert after.seats_left is None
