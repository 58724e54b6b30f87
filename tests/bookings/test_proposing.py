"""Another start that a provider proposes instead of a yes, and the worker's time to take it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.audit import queries as trail
from eigenwijs.bookings import operations, queries, rules
from eigenwijs.bookings.operations import UnableToAnswer, UnableToReserve
from eigenwijs.bookings.terms import all_terms, terms_in_force
from eigenwijs.bookings.types import BookingState, BookingView, Quote
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.catalogue import queries as catalogue_queries
from eigenwijs.catalogue.types import CourseView, RunView
from eigenwijs.kernel.clock import start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.notices import queries as notices
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import PersonView, Role
from eigenwijs.schemes.types import OrderClocks
from tests.bookings.test_completing import PRICE, kinds, money_of, now_of, prove
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    make_worker,
    provider_for,
    provider_of,
    say_yes,
    worker_at,
)
from tests.factories.budgets import SIXTY_PERCENT, make_conditions, make_credit
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import SYSTEM, actor_for, make_person

pytestmark = pytest.mark.django_db

NEXT_DAY = REQUESTED + timedelta(days=1)  # a Tuesday
LATER = STARTS_ON + timedelta(days=7)


def two_runs(price_cents: int = PRICE, *, seats: int | None = 1) -> tuple[RunView, RunView]:
    """A run, and a later one of the same course."""
    course = make_course()
    return (
        make_run(course, starts_on=STARTS_ON, seats=1),
        make_run(course, starts_on=LATER, price_cents=price_cents, seats=seats),
    )


def proposed(
    price_cents: int = PRICE, worker: PersonView | None = None, *, at: datetime = NEXT_DAY
) -> tuple[BookingView, RunView]:
    """A booking for which another start was proposed."""
    run, other = two_runs(price_cents)
    booking = make_booking(worker, run)
    propose(booking, other, at)
    return now_of(booking), other


def propose(booking: BookingView, run: RunView, at: datetime = NEXT_DAY) -> None:
    operations.propose(booking_id=booking.id, run_id=run.id, by=provider_for(booking), at=at)


def accept(
    booking: BookingView, at: datetime = NEXT_DAY, quote: Quote | None = None
) -> BookingView:
    quote = quote or quoted(booking, at)
    return operations.accept_proposal(
        booking_id=booking.id,
        run_version=quote.offer.run_version,
        course_version=quote.offer.course_version,
        lines=quote.lines,
        pay_yourself=quote.mix.pay_yourself,
        early_start_requested=False,
        by=worker_at(booking.person_id, at),
        at=at,
    )


def quoted(booking: BookingView, at: datetime = NEXT_DAY) -> Quote:
    found = queries.proposed_quote(booking.id, at=at)
    assert found
    return found


def seats_left(run: RunView) -> int | None:
    found = catalogue_queries.run(run.id)
    assert found
    return found.seats_left


def react(run: RunView) -> None:
    """Its provider withdraws a run, and the bookings react."""
    catalogue.withdraw_run(run_id=run.id, by=SYSTEM, at=NEXT_DAY)
    event = next(row for row in trail.trail(subject=("catalogue.run", run.id)) if row.event)
    operations.cancel_run(event, by=SYSTEM, at=NEXT_DAY)


def noon(day: date) -> datetime:
    return start_of_day(day) + timedelta(hours=12)


def accept_by(booking: BookingView) -> date:
    assert booking.proposal
    return booking.proposal.accept_by


def test_a_proposal_keeps_a_seat_and_the_money_and_tells_the_worker() -> None:
    run, other = two_runs()
    booking = make_booking(None, run)
    for _ in range(2):
        propose(booking, other)
    after = now_of(booking)
    assert after.state is BookingState.PROPOSED
    assert after.proposal
    assert (after.proposal.run_id, after.proposal.starts_on) == (other.id, LATER)
    assert after.proposal.accept_by == date(2026, 11, 30)  # four working days
    assert (seats_left(run), seats_left(other)) == (1, 0)
    assert money_of(booking) == (50_000 - PRICE, PRICE)
    assert kinds(booking).count("start_proposed") == 1


def test_who_takes_it_has_a_place_at_once_with_the_same_money() -> None:
    booking, other = proposed()
    new = accept(booking)
    assert accept(booking, quote=quoted_before(new)).id == new.id
    assert (new.offer.run_id, new.state) == (other.id, BookingState.CONFIRMED)
    assert new.withdrawal_until == rules.withdrawal_until(new.terms, NEXT_DAY.date())
    assert now_of(booking).state is BookingState.REPLACED
    assert now_of(booking).cost == Money(0)
    assert money_of(booking) == (50_000 - PRICE, PRICE)
    assert seats_left(other) == 0
    assert "booking_confirmed" in kinds(booking)
    prove(NEXT_DAY)


def quoted_before(made: BookingView) -> Quote:
    """Any quote: what it says does not matter once it was taken."""
    return queries.quote(
        person_id=made.person_id,
        run_id=make_run(starts_on=LATER).id,
        required_by_employer=False,
        work_related=True,
        at=NEXT_DAY,
    )


def test_a_cheaper_start_sets_the_difference_free() -> None:
    booking, _other = proposed(30_001)
    quote = quoted(booking)
    assert quote.price == Money(30_001)
    assert [amount.cents for _pot, amount in quote.lines] == [20_000, 10_001]
    new = accept(booking)
    assert new.from_account == Money(30_001)
    assert money_of(booking) == (50_000 - 30_001, 30_001)
    prove(NEXT_DAY)


def test_what_the_money_pays_of_the_price_is_reckoned_anew() -> None:
    """Sixty percent of € 300.01 is € 180.00; the rest of € 120.01 is the worker's."""
    worker = make_person()
    conditions = make_conditions(pays=SIXTY_PERCENT)
    make_credit(worker.id, 50_000, conditions=conditions, at=REQUESTED)
    booking, _other = proposed(30_001, worker)
    quote = quoted(booking)
    assert (quote.mix.from_account, quote.mix.pay_yourself) == (Money(18_000), Money(12_001))
    new = accept(booking)
    assert (new.from_account, new.pay_yourself) == (Money(18_000), Money(12_001))
    assert money_of(booking) == (50_000 - 18_000, 18_000)
    prove(NEXT_DAY)


def test_other_money_is_no_way_around_what_was_shown() -> None:
    booking, _other = proposed()
    quote = quoted(booking)
    with pytest.raises(UnableToReserve) as refused:
        operations.accept_proposal(
            booking_id=booking.id,
            run_version=quote.offer.run_version,
            course_version=quote.offer.course_version,
            lines=quote.lines[:1],
            pay_yourself=Money(0),
            early_start_requested=False,
            by=worker_at(booking.person_id, NEXT_DAY),
            at=NEXT_DAY,
        )
    assert refused.value.code == "wrong_amounts"
    assert now_of(booking).state is BookingState.PROPOSED
    assert money_of(booking) == (50_000 - PRICE, PRICE)


def test_silence_ends_it_at_no_cost_and_the_money_is_free() -> None:
    booking, other = proposed()
    last = noon(accept_by(booking))
    assert operations.lapse_due(by=SYSTEM, at=last) == 0
    prove(last)
    for expected in (1, 0):
        assert operations.lapse_due(by=SYSTEM, at=last + timedelta(days=1)) == expected
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.LAPSED, Money(0))
    assert money_of(booking) == (50_000, 0)
    assert seats_left(other) == 1
    assert "proposal_lapsed" in kinds(booking)
    assert "booking_lapsed" not in kinds(booking)
    with pytest.raises(UnableToAnswer) as refused:
        accept(booking, last, quoted_before(booking))
    assert refused.value.code == "wrong_state"
    prove(last + timedelta(days=1))


def test_the_last_day_to_take_it_counts_whole() -> None:
    booking, _other = proposed()
    last = noon(accept_by(booking))
    quote = quoted(booking, last)
    with pytest.raises(UnableToAnswer) as refused:
        accept(booking, last + timedelta(days=1), quote)
    assert refused.value.code == "too_late"
    assert accept(booking, last, quote).state is BookingState.CONFIRMED
    prove(last)


def test_the_hold_lives_as_long_as_the_clock() -> None:
    """Thirty working days to think are longer than the hold of a request."""
    worker = make_person()
    conditions = make_conditions(orders=OrderClocks(accept_working_days=30))
    make_credit(worker.id, PRICE, conditions=conditions, at=REQUESTED)
    booking, _other = proposed(worker=worker)
    last = noon(accept_by(booking))
    assert last > REQUESTED + timedelta(days=40)
    prove(last)
    assert accept(booking, last).state is BookingState.CONFIRMED
    prove(last)


def test_a_no_costs_nothing() -> None:
    booking, other = proposed()
    left = queries.leaving(booking.id, NEXT_DAY)
    assert left
    assert (left.cost, left.back) == (Money(0), Money(PRICE))
    operations.withdraw(
        booking_id=booking.id,
        agreed_cost=Money(0),
        agreed_ending=Money(0),
        by=worker_at(booking.person_id, NEXT_DAY),
        at=NEXT_DAY,
    )
    assert now_of(booking).state is BookingState.WITHDRAWN
    assert money_of(booking) == (50_000, 0)
    assert seats_left(other) == 1


def test_only_another_start_of_the_course_that_is_not_dearer_and_has_a_seat() -> None:
    run, dearer = two_runs(PRICE + 1)
    full = two_runs(seats=1)[1]
    booking = make_booking(None, run)
    wrong = [
        (run, "unknown_run"),
        (make_run(starts_on=LATER), "unknown_run"),
        (full, "unknown_run"),
        (dearer, "dearer"),
    ]
    taken = make_run(make_course_of(run), starts_on=LATER + timedelta(days=1), seats=1)
    make_booking(None, taken)
    wrong.append((taken, "unknown_run"))
    for other, code in wrong:
        with pytest.raises(UnableToAnswer) as refused:
            propose(booking, other)
        assert refused.value.code == code
    assert now_of(booking).state is BookingState.REQUESTED
    assert seats_left(run) == 0


def make_course_of(run: RunView) -> CourseView:
    found = catalogue_queries.course(run.course_id)
    assert found
    return found


def test_a_start_that_the_worker_booked_already_is_not_proposed() -> None:
    run, other = two_runs(seats=5)
    worker = make_worker(50_000, 50_000)
    make_booking(worker, other)
    booking = make_booking(worker, run)
    with pytest.raises(UnableToAnswer) as refused:
        propose(booking, other)
    assert refused.value.code == "unknown_run"


def test_a_worker_who_booked_the_other_start_meanwhile_does_not_book_it_twice() -> None:
    worker = make_worker(50_000, 50_000)
    run, other = two_runs(seats=5)
    booking = make_booking(worker, run)
    propose(booking, other)
    quote = quoted(booking)
    make_booking(worker, other, at=NEXT_DAY)
    with pytest.raises(UnableToReserve) as refused:
        accept(booking, quote=quote)
    assert refused.value.code == "already_booked"
    assert now_of(booking).state is BookingState.PROPOSED


def test_a_start_that_became_dearer_after_it_was_proposed_is_taken_for_what_was_proposed() -> None:
    booking, other = proposed(30_001)
    dearer = replace(other.record, price_cents=PRICE + 1)
    catalogue.change_run(run_id=other.id, record=dearer, by=SYSTEM, at=NEXT_DAY)
    assert quoted(booking).price == Money(30_001)
    new = accept(booking)
    assert new.price == now_of(new).price == Money(30_001)
    assert money_of(booking) == (50_000 - 30_001, 30_001)
    prove(NEXT_DAY)


def test_a_start_that_became_cheaper_after_it_was_proposed_is_taken_for_less() -> None:
    booking, other = proposed()
    cheaper = replace(other.record, price_cents=30_001)
    catalogue.change_run(run_id=other.id, record=cheaper, by=SYSTEM, at=NEXT_DAY)
    assert accept(booking).price == Money(30_001)


def test_what_was_shown_before_its_provider_changed_it_is_shown_again() -> None:
    booking, other = proposed()
    quote = quoted(booking)
    cheaper = replace(other.record, price_cents=30_001)
    catalogue.change_run(run_id=other.id, record=cheaper, by=SYSTEM, at=NEXT_DAY)
    with pytest.raises(UnableToReserve) as refused:
        accept(booking, quote=quote)
    assert refused.value.code == "changed"
    assert money_of(booking) == (50_000 - PRICE, PRICE)


def test_the_page_of_a_proposal_sent_to_another_address_books_nothing() -> None:
    """Its seat would go back with the proposal, while the booking needs it."""
    worker = make_worker(50_000, 50_000)
    booking, _other = proposed(worker=worker)
    quote = replace(quoted(booking), work_related=True)
    with pytest.raises(UnableToReserve) as refused:
        say_yes(quote, at=NEXT_DAY)
    assert refused.value.code == "key_reused"
    assert [one.id for one in queries.bookings_of(worker.id)] == [booking.id]


def test_only_its_provider_proposes_in_time_and_only_its_worker_takes_it() -> None:
    run, other = two_runs()
    booking = make_booking(None, run)
    stranger = provider_of(make_run(starts_on=LATER))
    with pytest.raises(UnableToAnswer) as refused:
        operations.propose(booking_id=booking.id, run_id=other.id, by=stranger, at=NEXT_DAY)
    assert refused.value.code == "not_found"
    with pytest.raises(UnableToAnswer) as late:
        propose(booking, other, noon(booking.answer_by + timedelta(days=1)))
    assert late.value.code == "too_late"
    propose(booking, other)
    quote = quoted(booking)
    for by in (worker_at(make_person(), NEXT_DAY),):
        with pytest.raises(UnableToAnswer) as unknown:
            operations.accept_proposal(
                booking_id=booking.id,
                run_version=1,
                course_version=1,
                lines=quote.lines,
                pay_yourself=Money(0),
                early_start_requested=False,
                by=by,
                at=NEXT_DAY,
            )
        assert unknown.value.code == "not_found"
    with pytest.raises(SecondProofNeeded):
        operations.accept_proposal(
            booking_id=booking.id,
            run_version=1,
            course_version=1,
            lines=quote.lines,
            pay_yourself=Money(0),
            early_start_requested=False,
            by=actor_for(booking.person_id, Role.WORKER),
            at=NEXT_DAY,
        )


def test_after_a_proposal_the_provider_neither_confirms_nor_proposes_again() -> None:
    booking, other = proposed()
    third = make_run(make_course_of(other), starts_on=LATER + timedelta(days=7))
    for act in (
        lambda: propose(booking, third),
        lambda: operations.confirm(booking_id=booking.id, by=provider_for(booking), at=NEXT_DAY),
    ):
        with pytest.raises(UnableToAnswer) as refused:
            act()
        assert refused.value.code == "wrong_state"


def test_where_the_proposed_start_is_withdrawn_everything_goes_back() -> None:
    booking, other = proposed()
    react(other)
    assert now_of(booking).state is BookingState.DECLINED
    assert money_of(booking) == (50_000, 0)


def test_where_the_start_that_was_asked_is_withdrawn_the_proposal_stays() -> None:
    booking, _other = proposed()
    run = catalogue_queries.run(booking.offer.run_id)
    assert run
    react(run)
    assert now_of(booking).state is BookingState.PROPOSED
    assert accept(booking).state is BookingState.CONFIRMED


def test_who_withdraws_a_start_hears_of_those_who_have_a_seat_in_it() -> None:
    booking, other = proposed()
    make_booking(None, make_run(make_course_of(other), starts_on=LATER + timedelta(days=1)))
    found = queries.booked_runs(booking.offer.provider_id)
    assert found.get(other.id) == 1
    assert booking.offer.run_id not in found
    assert sorted(found.values()) == [1, 1]


def test_money_that_ended_meanwhile_comes_back_usable() -> None:
    worker = make_person()
    conditions = make_conditions(ends_on=date(2026, 11, 25))
    make_credit(worker.id, PRICE, conditions=conditions, at=REQUESTED)
    booking, _other = proposed(worker=worker)
    operations.lapse_due(by=SYSTEM, at=noon(accept_by(booking) + timedelta(days=1)))
    account = accounts.account(worker.id, on=accept_by(booking) + timedelta(days=1))
    assert account.available == Money(PRICE)


@pytest.mark.parametrize("left", [0, 4_999])
def test_money_that_ended_while_it_was_held_pays_for_the_other_start(left: int) -> None:
    """€ 350.00 that ended on 25 November was held and pays; what was not held then has gone."""
    worker = make_person()
    conditions = make_conditions(ends_on=date(2026, 11, 25))
    make_credit(worker.id, PRICE + left, conditions=conditions, at=REQUESTED)
    booking, _other = proposed(30_001, worker)
    last = noon(accept_by(booking))
    assert budgets.lapse_due(by=SYSTEM, at=last).lapsed == Money(left)
    quote = quoted(booking, last)
    assert (quote.mix.from_account, quote.mix.pay_yourself) == (Money(30_001), Money(0))
    assert quote.mix.lines[0].pot.available == Money(PRICE)
    new = accept(booking, last, quote)
    assert (new.from_account, new.pay_yourself) == (Money(30_001), Money(0))
    account = accounts.account(worker.id, on=last.date())
    assert (account.available, account.reserved) == (Money(PRICE - 30_001), Money(30_001))
    (lot,) = account.pots[0].lots
    assert lot.usable_until == date(2027, 5, 30)
    prove(last)


@given(st.dates(date(2027, 1, 1), date(2030, 1, 1)), st.integers(1, 60), st.integers(1, 60))
def test_the_last_day_is_before_the_start_and_longer_never_shortens_it(
    on: date, first: int, second: int
) -> None:
    terms = terms_in_force(on)
    starts = on + timedelta(days=30)
    one = rules.with_agreed(terms, [OrderClocks(accept_working_days=first)])
    both = rules.with_agreed(one, [OrderClocks(accept_working_days=second)])
    for found in (terms, one, both):
        assert on <= rules.accept_by(found, on, starts) < starts
    assert rules.accept_by(terms, on, starts) <= rules.accept_by(one, on, starts)
    assert rules.accept_by(one, on, starts) <= rules.accept_by(both, on, starts)


def test_terms_from_before_it_was_said_give_as_long_as_later_ones() -> None:
    assert {terms.accept_working_days for terms in all_terms()} == {4}


def test_the_provider_is_told_that_it_was_taken() -> None:
    booking, _other = proposed()
    by = provider_for(booking)
    person = by.person_id
    assert person
    accept(booking)
    assert "proposal_taken" in [one.kind for one in notices.inbox(person)]
