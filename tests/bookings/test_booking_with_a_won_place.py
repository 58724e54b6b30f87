"""A won place is accepted by booking with it: in one transaction, by its last day, and once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.models import Booking
from eigenwijs.bookings.types import BookingView, Quote
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.draws import operations as draws
from eigenwijs.draws import queries as rounds
from eigenwijs.draws.models import Place
from eigenwijs.draws.operations import UnableToAnswer
from eigenwijs.draws.types import RoundView
from eigenwijs.insight import operations as insight
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import PersonView
from tests.factories.bookings import provider_for, quote_for, say_yes, worker_at
from tests.factories.budgets import make_credit
from tests.factories.catalogue import make_course, make_run
from tests.factories.draws import DRAWN, make_rules, make_won
from tests.factories.people import SYSTEM, make_person

pytestmark = pytest.mark.django_db
STARTS_ON = date(2026, 9, 7)
ON = DRAWN.date()


def make_winner(*, own_cents: int = 0) -> tuple[PersonView, RoundView]:
    """Somebody who won € 100 of a pot of € 100, and may have money of their own."""
    worker = make_person()
    found = make_won(worker.id, rules=make_rules(pot=Money(100_00)))
    if own_cents:
        make_credit(worker.id, own_cents, at=DRAWN)
    return worker, found


def quote_of(worker: PersonView, cents: int, at: datetime = DRAWN) -> Quote:
    run = make_run(make_course(), starts_on=STARTS_ON, price_cents=cents)
    return quote_for(worker, run, at=at)


def place_of(worker: PersonView) -> Place:
    return Place.objects.get(ticket__person=worker.id)


def money_of(worker: PersonView, on: date = ON) -> tuple[Money, Money]:
    account = accounts.account(worker.id, on=on)
    return account.available, account.reserved


def assert_books_hold(at: datetime) -> None:
    assert insight.prove_books(by=SYSTEM, at=at).breaches == ()


def test_the_quote_shows_the_won_money_and_the_yes_accepts_it_and_the_rest_stays() -> None:
    """Won: € 100. The course costs € 70: € 70 is set aside, € 30 is on the account."""
    worker, _round = make_winner()
    quote = quote_of(worker, 70_00)
    assert money_of(worker) == (Money.zero(), Money.zero())
    assert [one.amount for one in quote.mix.lines] == [Money(70_00)]
    assert [(one.id, one.amount) for one in quote.places] == [(place_of(worker).pk, Money(100_00))]
    booking = say_yes(quote, at=DRAWN)
    assert place_of(worker).state == "accepted"
    assert money_of(worker) == (Money(30_00), Money(70_00))
    assert say_yes(quote, at=DRAWN) == booking
    assert_books_hold(DRAWN)


def test_a_place_is_left_alone_where_other_money_pays_all() -> None:
    """Own money of € 250 pays a course of € 70 when it goes first; the place still waits."""
    worker, _round = make_winner(own_cents=250_00)
    (own,) = (pot.id for pot in accounts.account(worker.id, on=ON).pots)
    run = make_run(make_course(), starts_on=STARTS_ON, price_cents=70_00)
    quote = queries.quote(
        person_id=worker.id,
        run_id=run.id,
        required_by_employer=False,
        work_related=True,
        order=[own],
        at=DRAWN,
    )
    assert quote.places == ()
    say_yes(quote, at=DRAWN)
    assert place_of(worker).state == "offered"
    assert_books_hold(DRAWN)


def test_won_money_and_own_money_pay_together() -> None:
    """Won € 100, own € 50, a course of € 170: € 20 is paid to the provider."""
    worker, _round = make_winner(own_cents=50_00)
    quote = quote_of(worker, 170_00)
    assert (quote.mix.from_account, quote.mix.pay_yourself) == (Money(150_00), Money(20_00))
    say_yes(quote, at=DRAWN)
    assert money_of(worker) == (Money.zero(), Money(150_00))
    assert_books_hold(DRAWN)


def declines(booking: BookingView, _worker: PersonView, at: datetime) -> None:
    operations.decline(booking_id=booking.id, answer="Vol.", by=provider_for(booking), at=at)


def withdraws(booking: BookingView, worker: PersonView, at: datetime) -> None:
    operations.withdraw(
        booking_id=booking.id,
        agreed_cost=Money.zero(),
        agreed_ending=Money.zero(),
        by=worker_at(worker, at),
        at=at,
    )


@pytest.mark.parametrize("ends", [declines, withdraws])
def test_what_comes_back_from_a_booking_stays_the_winners_also_after_the_last_day(
    ends: Callable[[BookingView, PersonView, datetime], None],
) -> None:
    worker, found = make_winner()
    booking = say_yes(quote_of(worker, 70_00), at=DRAWN)
    ends(booking, worker, DRAWN + timedelta(days=1))
    later = place_of(worker).expires_at + timedelta(days=1)
    assert draws.lapse_due(by=SYSTEM, at=later) == 0
    assert place_of(worker).state == "accepted"
    assert money_of(worker, later.date()) == (Money(100_00), Money.zero())
    assert rounds.place_counts(found.id).left == Money.zero()
    assert_books_hold(later)


def test_after_its_last_day_or_a_no_a_place_books_nothing() -> None:
    worker, _round = make_winner()
    quote = quote_of(worker, 70_00)
    ended = place_of(worker).expires_at
    with pytest.raises(UnableToAnswer, match="laatste dag"):
        say_yes(quote, at=ended)
    assert quote_of(worker, 70_00, at=ended).places == ()
    draws.decline_place(place_id=place_of(worker).pk, by=worker_at(worker, DRAWN), at=DRAWN)
    with pytest.raises(UnableToAnswer):
        say_yes(quote, at=DRAWN)
    assert not Booking.objects.exists()
    assert money_of(worker) == (Money.zero(), Money.zero())
    assert_books_hold(ended)


def test_nobody_books_with_the_place_of_another() -> None:
    worker, _round = make_winner()
    quote, stranger = quote_of(worker, 70_00), make_person()
    with pytest.raises(UnableToAnswer) as refusal:
        draws.accept_places(
            place_ids=[one.id for one in quote.places],
            pot_ids=[],
            by=worker_at(stranger, DRAWN),
            at=DRAWN,
        )
    assert refusal.value.code == "not_found"


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment, each over a connection of its own; return what each gave."""
    start = Barrier(len(acts), timeout=60)

    def do(act: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(do, acts))


def test_of_the_last_day_and_a_booking_at_once_one_wins_whole(transactional_db: None) -> None:
    for _time in range(2):
        worker, found = make_winner()
        quote = quote_of(worker, 70_00)
        ended = place_of(worker).expires_at
        answer, _lapsed = at_once(
            lambda quote=quote, ended=ended: say_yes(quote, at=ended - timedelta(seconds=1)),
            lambda ended=ended: draws.lapse_due(by=SYSTEM, at=ended),
        )
        left = rounds.place_counts(found.id).left
        if isinstance(answer, UnableToAnswer):
            assert (answer.code, place_of(worker).state) == ("too_late", "lapsed")
            assert money_of(worker, ended.date()) == (Money.zero(), Money.zero())
            assert left == Money(100_00)
            assert not Booking.objects.filter(person=worker.id).exists()
        else:
            assert place_of(worker).state == "accepted"
            assert money_of(worker, ended.date()) == (Money(30_00), Money(70_00))
            assert left == Money.zero()
        assert_books_hold(ended)


def test_two_clicks_are_one_booking_and_two_courses_share_no_cent(transactional_db: None) -> None:
    """Won: € 100. Two courses of € 70 that were both quoted with it: one is booked."""
    worker, _round = make_winner(own_cents=10_00)
    quotes = [quote_of(worker, 70_00), quote_of(worker, 70_00)]
    answers: Sequence[Any] = at_once(
        *(lambda quote=quote: say_yes(quote, at=DRAWN) for quote in quotes for _click in range(2))
    )
    booked = {one.id for one in answers if isinstance(one, BookingView)}
    refused = [one for one in answers if not isinstance(one, BookingView)]
    assert len(booked) == 1
    assert all(isinstance(one, budgets.UnableToReserve) for one in refused)
    assert len(accounts.credits_of(worker.id)) == 2
    assert_books_hold(DRAWN)
