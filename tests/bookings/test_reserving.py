"""The quote and the yes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connection

from eigenwijs.bookings import access, operations, queries
from eigenwijs.bookings.models import Booking
from eigenwijs.bookings.operations import UnableToReserve
from eigenwijs.bookings.queries import UnableToQuote
from eigenwijs.bookings.types import BookingState, LeavingKind
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.catalogue import queries as courses
from eigenwijs.catalogue.operations import UnableToTakeSeat
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.money import Money
from eigenwijs.notices import queries as notices
from eigenwijs.people.access import NotPermitted, SecondProofNeeded
from eigenwijs.people.types import Role
from eigenwijs.schemes.types import CancelPrice, OrderClocks
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_worker,
    provider_of,
    quote_for,
    say_yes,
    worker_at,
)
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM, actor_for, make_person

pytestmark = pytest.mark.django_db


def seats_taken(run_id: object) -> int:
    run = courses.run(run_id)  # type: ignore[arg-type]
    assert run
    return run.seats_taken


def balance(person_id: object) -> tuple[int, int]:
    account = accounts.account(person_id, on=REQUESTED.date())  # type: ignore[arg-type]
    return account.available.cents, account.reserved.cents


def test_quote_says_who_pays_what_before_the_yes() -> None:
    # 350.00: 200.00 from the pot with a condition, 100.00 free money, 50.00 to the provider.
    worker, run = make_worker(20_000, 10_000), make_run(starts_on=STARTS_ON, price_cents=35_000)
    quote = quote_for(worker, run)
    assert [line.amount.cents for line in quote.mix.lines] == [20_000, 10_000]
    assert (quote.price, quote.mix.from_account, quote.mix.pay_yourself) == (
        Money(35_000),
        Money(30_000),
        Money(5_000),
    )
    assert quote.answer_by == date(2026, 11, 30)
    assert quote.withdrawal_until == date(2026, 12, 14)
    assert not quote.needs_early_start
    assert balance(worker.id) == (30_000, 0)


def test_the_clocks_of_money_that_pays_a_part_are_settled_with_the_yes() -> None:
    """Two working days to answer, fourteen working days to stop without cost: also after a change of the rules."""
    clocks = OrderClocks(2, None, 14, (CancelPrice(7, True, 0),))
    worker, run = make_worker(), make_run(starts_on=STARTS_ON, price_cents=350_00)
    make_credit(worker.id, 300_00, conditions=make_conditions(orders=clocks), at=REQUESTED)
    other = make_conditions(scheme="other")
    make_credit(worker.id, 50_00, conditions=other, at=REQUESTED)
    quote = quote_for(worker, run)
    assert quote.answer_by == date(2026, 11, 25)
    assert (quote.withdrawal_until, quote.costs_less_by_money) == (date(2026, 12, 15), True)
    assert quote.costs[0] == (date(2027, 3, 4), 0)
    booking = say_yes(quote)
    assert booking.terms == quote.terms
    answered = REQUESTED + timedelta(days=1)
    operations.confirm(booking_id=booking.id, by=provider_of(run), at=answered)
    later = answered + timedelta(days=20)
    left = queries.leaving(booking.id, later)
    assert left
    assert (left.kind, left.cost) == (LeavingKind.WITHIN_TERM, Money(0))
    found = queries.booking(booking.id)
    assert found
    assert found.withdrawal_until == date(2026, 12, 14)


def test_of_what_leaving_costs_no_day_is_named_that_is_past() -> None:
    """Ten days before the start, it is too late to leave at no cost or at ten percent."""
    run = make_run(starts_on=REQUESTED.date() + timedelta(days=10))
    costs = quote_for(make_worker(500_00), run).costs
    assert costs == ((date(2026, 11, 26), 30), (date(2026, 12, 2), 50), (date(2026, 12, 3), 100))


def test_money_that_pays_nothing_changes_no_clock() -> None:
    clocks = OrderClocks(2, None, 14)
    worker, run = make_worker(500_00), make_run(starts_on=STARTS_ON, price_cents=350_00)
    make_credit(worker.id, 300_00, conditions=make_conditions(orders=clocks), at=REQUESTED)
    quote = quote_for(worker, run)
    assert (quote.answer_by, quote.costs_less_by_money) == (date(2026, 11, 30), False)
    assert say_yes(quote).terms.withdrawal_working_days == 0


def test_course_the_employer_demands_is_refused_with_what_to_say() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON)
    with pytest.raises(UnableToQuote) as refused:
        queries.quote(
            person_id=worker.id,
            run_id=run.id,
            required_by_employer=True,
            work_related=True,
            at=REQUESTED,
        )
    assert refused.value.code == "employer_pays"
    assert "werkgever" in str(refused.value)
    quote = quote_for(worker, run)
    with pytest.raises(UnableToReserve) as refused_too:
        operations.reserve(
            key=quote.key,
            person_id=worker.id,
            run_id=run.id,
            run_version=1,
            course_version=1,
            lines=quote.lines,
            pay_yourself=quote.mix.pay_yourself,
            required_by_employer=True,
            work_related=True,
            early_start_requested=False,
            by=worker_at(worker, REQUESTED),
            at=REQUESTED,
        )
    assert refused_too.value.code == "employer_pays"
    assert balance(worker.id) == (50_000, 0)


def test_course_not_for_work_is_paid_from_pots_without_the_tax_condition() -> None:
    worker, run = make_worker(20_000, 10_000), make_run(starts_on=STARTS_ON, price_cents=35_000)
    mix = quote_for(worker, run, work_related=False).mix
    assert [line.amount.cents for line in mix.lines] == [10_000]
    assert mix.pay_yourself == Money(25_000)


def test_yes_sets_the_money_aside_takes_a_seat_and_tells_both() -> None:
    worker, run = make_worker(20_000, 10_000), make_run(starts_on=STARTS_ON, price_cents=35_000)
    provider = provider_of(run)
    booking = say_yes(quote_for(worker, run))
    assert booking.state is BookingState.REQUESTED
    assert (booking.from_account, booking.pay_yourself) == (Money(30_000), Money(5_000))
    assert balance(worker.id) == (0, 30_000)
    assert seats_taken(run.id) == 1
    assert booking.offer == courses.freeze(run.id, REQUESTED.date())
    assert booking.terms.version == "2026-1"
    assert "booking_requested" in {notice.kind for notice in notices.inbox(worker.id)}
    assert provider.person_id
    assert notices.inbox(provider.person_id)[0].kind == "booking_to_answer"


def test_booking_keeps_the_offer_when_the_provider_changes_it() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON, price_cents=35_000)
    booking = say_yes(quote_for(worker, run))
    catalogue.change_run(
        run_id=run.id, record=replace(run.record, price_cents=99_000), by=SYSTEM, at=REQUESTED
    )
    kept = queries.booking(booking.id)
    assert kept
    assert kept.price == Money(35_000)


def test_double_click_and_back_button_make_one_booking() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON, price_cents=35_000)
    quote = quote_for(worker, run)
    first = say_yes(quote)
    assert say_yes(quote) == first
    later = REQUESTED + timedelta(days=2)
    operations.confirm(booking_id=first.id, by=provider_of(run), at=later)
    stale = worker_at(worker, REQUESTED)  # the proof is old by now, and nothing is spent
    again = say_yes(quote, at=later, by=stale)
    assert (again.id, again.state) == (first.id, BookingState.CONFIRMED)
    assert Booking.objects.count() == 1
    assert balance(worker.id) == (15_000, 35_000)
    assert seats_taken(run.id) == 1


def test_key_of_another_booking_is_refused() -> None:
    worker, run, other = make_worker(90_000), make_run(starts_on=STARTS_ON), make_run()
    quote = quote_for(worker, run)
    say_yes(quote)
    with pytest.raises(UnableToReserve) as refused:
        say_yes(replace(quote_for(worker, other), key=quote.key))
    assert refused.value.code == "key_reused"


def test_second_booking_of_the_same_run_is_refused() -> None:
    worker, run = make_worker(90_000), make_run(starts_on=STARTS_ON, price_cents=10_000)
    first_tab, second_tab = quote_for(worker, run), quote_for(worker, run)
    booking = say_yes(first_tab)
    with pytest.raises(UnableToReserve) as refused:
        say_yes(second_tab)
    assert refused.value.code == "already_booked"
    assert refused.value.params["booking"] == str(booking.id)
    with pytest.raises(UnableToQuote) as no_quote:
        quote_for(worker, run)
    assert no_quote.value.code == "already_booked"
    assert seats_taken(run.id) == 1


def test_yes_needs_a_fresh_second_proof() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON)
    quote = quote_for(worker, run)
    for proof in (None, REQUESTED - timedelta(minutes=16)):
        with pytest.raises(SecondProofNeeded):
            say_yes(quote, by=actor_for(worker, Role.WORKER, second_proof_at=proof))
    assert balance(worker.id) == (50_000, 0)
    assert seats_taken(run.id) == 0
    recent = REQUESTED - timedelta(minutes=15)
    assert say_yes(quote, by=actor_for(worker, Role.WORKER, second_proof_at=recent))


def test_nobody_books_for_another() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON)
    quote = quote_for(worker, run)
    for by in (
        worker_at(make_person(), REQUESTED),
        provider_of(run),
        Actor.anonymous(),
        actor_for(make_person(role=Role.DESK), Role.DESK, second_proof_at=REQUESTED),
    ):
        with pytest.raises(NotPermitted):
            say_yes(quote, by=by)
    booking = say_yes(quote)
    stranger = worker_at(make_person(), REQUESTED)
    assert access.own_booking(booking.id, by=stranger) is None
    assert access.own_booking(booking.id, by=worker_at(worker, REQUESTED)) == booking


def test_changed_record_is_shown_again_before_the_yes() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON, price_cents=35_000)
    quote = quote_for(worker, run)
    catalogue.change_run(
        run_id=run.id, record=replace(run.record, price_cents=36_000), by=SYSTEM, at=REQUESTED
    )
    with pytest.raises(UnableToReserve) as refused:
        say_yes(quote)
    assert refused.value.code == "changed"
    assert (balance(worker.id), seats_taken(run.id)) == ((50_000, 0), 0)


def test_amounts_that_do_not_make_the_price_are_refused() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON, price_cents=35_000)
    quote = quote_for(worker, run)
    for pay_yourself in (Money(1), Money(-1)):
        mix = replace(quote.mix, pay_yourself=pay_yourself)
        with pytest.raises(UnableToReserve) as refused:
            say_yes(replace(quote, mix=mix))
        assert refused.value.code == "wrong_amounts"
    assert seats_taken(run.id) == 0


def test_money_spent_in_another_tab_refuses_the_whole_booking() -> None:
    worker = make_worker(40_000)
    run, other = (make_run(starts_on=STARTS_ON, price_cents=35_000) for _ in range(2))
    first, second = quote_for(worker, run), quote_for(worker, other)
    say_yes(first)
    with pytest.raises(budgets.UnableToReserve) as refused:
        say_yes(second)
    assert refused.value.code == "insufficient_funds"
    assert (balance(worker.id), seats_taken(other.id)) == ((5_000, 35_000), 0)


def test_start_within_the_withdrawal_term_needs_a_tick_of_its_own() -> None:
    soon = REQUESTED.date() + timedelta(days=10)
    worker, run = make_worker(50_000), make_run(starts_on=soon)
    quote = quote_for(worker, run)
    assert quote.needs_early_start
    with pytest.raises(UnableToReserve) as refused:
        say_yes(quote)
    assert refused.value.code == "needs_early_start"
    assert say_yes(quote, early_start=True).early_start_requested


def test_tick_that_was_not_needed_is_not_kept() -> None:
    booking = say_yes(
        quote_for(make_worker(50_000), make_run(starts_on=STARTS_ON)), early_start=True
    )
    assert not booking.early_start_requested


@pytest.mark.parametrize("cents", [0, 35_000])
def test_course_without_money_of_the_account_is_booked_too(cents: int) -> None:
    worker, run = make_worker(), make_run(starts_on=STARTS_ON, price_cents=cents)
    booking = say_yes(quote_for(worker, run))
    assert (booking.from_account, booking.pay_yourself) == (Money(0), Money(cents))
    assert seats_taken(run.id) == 1


@pytest.mark.parametrize("why", ["not_found", "withdrawn", "started", "full"])
def test_run_that_cannot_be_booked_is_not_quoted(why: str) -> None:
    worker = make_worker(50_000)
    run = make_run(starts_on=REQUESTED.date() if why == "started" else STARTS_ON, seats=1)
    if why == "withdrawn":
        catalogue.withdraw_run(run_id=run.id, by=SYSTEM, at=REQUESTED)
    if why == "full":
        say_yes(quote_for(make_worker(50_000), run))
    if why == "not_found":
        run = replace(run, id=worker.id)
    with pytest.raises(UnableToQuote) as refused:
        quote_for(worker, run)
    assert refused.value.code == why


def test_last_seat_taken_meanwhile_refuses_the_yes() -> None:
    run = make_run(starts_on=STARTS_ON, seats=1)
    late = quote_for(make_worker(50_000), run)
    say_yes(quote_for(make_worker(50_000), run))
    with pytest.raises(UnableToTakeSeat) as refused:
        say_yes(late)
    assert refused.value.code == "full"
    assert balance(late.person_id) == (50_000, 0)


def all_at_once(attempts: list[Callable[[], object]]) -> list[object]:
    start = Barrier(len(attempts))

    def go(attempt: Callable[[], object]) -> object:
        try:
            start.wait()
            return attempt()
        except (UnableToTakeSeat, UnableToReserve, budgets.UnableToReserve) as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(go, attempts))


@pytest.mark.django_db(transaction=True)
def test_one_last_seat_and_many_who_want_it() -> None:
    run = make_run(starts_on=STARTS_ON, seats=2)
    quotes = [quote_for(make_worker(50_000), run) for _ in range(6)]
    results = all_at_once([lambda quote=quote: say_yes(quote) for quote in quotes])  # type: ignore[misc]
    assert results.count("full") == 4
    assert (Booking.objects.count(), seats_taken(run.id)) == (2, 2)
    held = [balance(quote.person_id) for quote in quotes]
    assert sorted(held) == [(15_000, 35_000)] * 2 + [(50_000, 0)] * 4


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_make_one_booking() -> None:
    worker, run = make_worker(80_000), make_run(starts_on=STARTS_ON)
    quote = quote_for(worker, run)
    results = all_at_once([lambda: say_yes(quote)] * 4)
    assert len({getattr(result, "id", result) for result in results}) == 1
    assert (Booking.objects.count(), seats_taken(run.id)) == (1, 1)
    assert balance(worker.id) == (45_000, 35_000)


@pytest.mark.django_db(transaction=True)
def test_two_quotes_at_once_make_one_booking_of_a_run() -> None:
    worker, run = make_worker(80_000), make_run(starts_on=STARTS_ON)
    quotes = [quote_for(worker, run) for _ in range(3)]
    results = all_at_once([lambda quote=quote: say_yes(quote) for quote in quotes])  # type: ignore[misc]
    assert results.count("already_booked") == 2
    assert (Booking.objects.count(), seats_taken(run.id)) == (1, 1)
