"""Starts proposed, taken, left, lapsed and withdrawn in any order: each seat and each cent is kept once."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random

import pytest

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.types import BookingState, BookingView
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.types import RunView
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.people.types import PersonView
from tests.bookings.test_completing import prove
from tests.bookings.test_proposing import accept, propose, react
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    provider_for,
    worker_at,
)
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import SYSTEM, make_person

pytestmark = pytest.mark.django_db

HOLDS = (BookingState.REQUESTED, BookingState.PROPOSED, BookingState.CONFIRMED)


def make_starts() -> list[RunView]:
    course = make_course()
    return [
        make_run(
            course, starts_on=STARTS_ON + timedelta(days=7 * n), price_cents=price, seats=seats
        )
        for n, (price, seats) in enumerate([(35_000, 1), (30_001, 2), (35_000, None)])
    ]


def make_worker() -> PersonView:
    """€ 300.00 that soon ends, and € 500.00 that does not."""
    worker = make_person()
    soon = make_conditions(scheme="soon", ends_on=date(2026, 11, 25))
    make_credit(worker.id, 30_000, conditions=soon, at=REQUESTED)
    make_credit(worker.id, 50_000, conditions=make_conditions(), at=REQUESTED)
    return worker


def bookings_of(workers: list[PersonView]) -> list[BookingView]:
    return [one for worker in workers for one in queries.bookings_of(worker.id)]


def act_at_random(
    workers: list[PersonView], runs: list[RunView], random: Random, at: datetime
) -> None:
    """Somebody does something, whether or not they may."""
    run = random.choice(runs)
    known = [one for one in bookings_of(workers) if one.state in HOLDS]
    if not known or random.random() < 0.25:
        make_booking(random.choice(workers), run, at=at)
        return
    booking = random.choice(known)
    provider = provider_for(booking)
    acts = [
        lambda: operations.confirm(booking_id=booking.id, by=provider, at=at),
        lambda: operations.decline(booking_id=booking.id, answer="", by=provider, at=at),
        lambda: operations.cancel(booking_id=booking.id, answer="", by=provider, at=at),
        lambda: operations.withdraw(
            booking_id=booking.id,
            agreed_cost=Money(0),
            agreed_ending=Money(0),
            by=worker_at(booking.person_id, at),
            at=at,
        ),
        lambda: react(run) if random.random() < 0.2 else None,
    ]
    if random.random() < 0.7:
        acts = [lambda: propose(booking, run, at)]
        if booking.state is BookingState.PROPOSED:
            acts = [lambda: accept(booking, at)]
    random.choice(acts)()


def seats_of(bookings: list[BookingView]) -> dict[object, int]:
    """How many seats each run keeps for bookings, and for starts that are proposed."""
    kept: dict[object, int] = {}
    for one in bookings:
        is_proposed = one.state is BookingState.PROPOSED and one.proposal
        run_id = one.proposal.run_id if is_proposed and one.proposal else one.offer.run_id
        kept[run_id] = kept.get(run_id, 0) + (one.state in HOLDS)
    return kept


@pytest.mark.parametrize("seed", range(12))
def test_each_seat_and_each_cent_is_kept_once(seed: int) -> None:
    random, runs, workers = Random(seed), make_starts(), [make_worker() for _ in range(2)]
    at = REQUESTED
    for _ in range(24):
        at += timedelta(hours=random.choice([1, 5, 24, 40]))
        operations.lapse_due(by=SYSTEM, at=at)
        budgets.lapse_due(by=SYSTEM, at=at)
        with suppress(DomainError):
            act_at_random(workers, runs, random, at)
        bookings = bookings_of(workers)
        kept = seats_of(bookings)
        for run in runs:
            now = catalogue.run(run.id)
            assert now
            assert now.seats_taken == kept.get(run.id, 0)
        for worker in workers:
            held = [one for one in bookings if one.person_id == worker.id and one.state in HOLDS]
            account = accounts.account(worker.id, on=at.date())
            assert account.reserved == sum_money(one.from_account for one in held)
        prove(at)
