"""Changing one's mind, with the euros worked out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.operations import UnableToWithdraw
from eigenwijs.bookings.types import BookingState, BookingView, LeavingKind
from eigenwijs.budgets import operations as lapsing
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import queries as courses
from eigenwijs.kernel.clock import months_after, start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as books
from eigenwijs.notices import queries as notices
from eigenwijs.people.types import PersonView
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    make_worker,
    provider_for,
    worker_at,
)
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM, make_person

pytestmark = pytest.mark.django_db

NEXT_DAY = REQUESTED + timedelta(days=1)


def noon(day: date) -> datetime:
    return start_of_day(day) + timedelta(hours=12)


def leave(booking: BookingView, at: datetime, cost: int = 0, ending: int = 0) -> None:
    operations.withdraw(
        booking_id=booking.id,
        agreed_cost=Money(cost),
        agreed_ending=Money(ending),
        by=worker_at(booking.person_id, at),
        at=at,
    )


def pots(booking: BookingView) -> dict[str, int]:
    """What is available by scheme: `scheme 0` has a condition and pays first."""
    account = accounts.account(booking.person_id, on=REQUESTED.date())
    return {pot.conditions.scheme: pot.available.cents for pot in account.pots}


def now_of(booking: BookingView) -> BookingView:
    found = queries.booking(booking.id)
    assert found
    return found


def seats(booking: BookingView) -> int:
    run = courses.run(booking.offer.run_id)
    assert run
    return run.seats_taken


def test_leaving_before_the_answer_costs_nothing() -> None:
    booking = make_booking()
    leave(booking, NEXT_DAY)
    assert now_of(booking).state is BookingState.WITHDRAWN
    assert pots(booking) == {"scheme 0": 20_000, "scheme 1": 30_000}
    assert seats(booking) == 0


def test_leaving_on_the_last_day_of_the_term_costs_nothing() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    assert booking.withdrawal_until
    last_moment = start_of_day(booking.withdrawal_until + timedelta(days=1)) - timedelta(seconds=1)
    leave(booking, last_moment)
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.WITHDRAWN, Money(0))
    assert pots(booking) == {"scheme 0": 20_000, "scheme 1": 30_000}
    assert (seats(booking), after.payout) == (0, None)


def with_an_end(*cents: int, days: int) -> PersonView:
    """A worker with a pot for each amount, all of which end some days after the booking."""
    worker = make_person()
    for number, amount in enumerate(cents):
        ends_on = REQUESTED.date() + timedelta(days=days)
        conditions = make_conditions(scheme=f"scheme {number}", ends_on=ends_on)
        make_credit(worker.id, amount, conditions=conditions, at=REQUESTED)
    return worker


def usable(booking: BookingView, on: date) -> int:
    """What the worker can spend on a day, after the nightly run of that day."""
    lapsing.lapse_due(by=SYSTEM, at=noon(on))
    return accounts.account(booking.person_id, on=on).available.cents


def told_on_leaving(booking: BookingView) -> str:
    (notice,) = [
        one for one in notices.inbox(booking.person_id) if one.kind.startswith("booking_left")
    ]
    return notice.body.replace("\N{NO-BREAK SPACE}", " ")


def test_a_withdrawal_within_the_term_never_costs_money_that_ended_meanwhile() -> None:
    # 300.00 that ends five days after booking. Confirmed on day 1, left on day 8 of 14.
    booking = make_booking(
        with_an_end(30_000, days=5),
        make_run(starts_on=STARTS_ON, price_cents=30_000),
        confirmed_at=NEXT_DAY,
    )
    at = REQUESTED + timedelta(days=8)
    leave(booking, at)
    grace_ends = months_after(at.date(), 6)
    assert usable(booking, at.date() + timedelta(days=1)) == 30_000
    assert usable(booking, grace_ends) == 30_000
    assert usable(booking, grace_ends + timedelta(days=1)) == 0


def test_a_withdrawal_before_the_answer_never_costs_money_that_ended_meanwhile() -> None:
    booking = make_booking(with_an_end(35_000, days=1))
    at = REQUESTED + timedelta(days=3)
    leave(booking, at)
    assert usable(booking, at.date() + timedelta(days=1)) == 35_000


def test_a_withdrawal_after_an_early_start_costs_only_what_was_given() -> None:
    # 350.00 that ends on day 5; ten days of lessons from day 7. After three days 105.00 was given.
    soon = REQUESTED.date() + timedelta(days=7)
    run = make_run(starts_on=soon, ends_on=soon + timedelta(days=9))
    worker = with_an_end(35_000, days=5)
    booking = make_booking(worker, run, early_start=True, confirmed_at=NEXT_DAY)
    at = noon(soon + timedelta(days=2))
    leave(booking, at, 10_500)
    assert usable(booking, at.date() + timedelta(days=1)) == 24_500


def test_a_late_choice_shows_what_ends_at_once_and_asks_a_yes_to_that() -> None:
    # 200.00 and 150.00, both past their end. Ten days before: 105.00 from the first pot, so 95.00 and
    # 150.00 come back and end at once: 245.00.
    booking = make_booking(with_an_end(20_000, 15_000, days=5), confirmed_at=NEXT_DAY)
    at = noon(STARTS_ON - timedelta(days=10))
    leaving = queries.leaving(booking.id, at)
    assert leaving
    assert (leaving.back, leaving.ends_at_once) == (Money(24_500), Money(24_500))
    with pytest.raises(UnableToWithdraw) as refused:
        leave(booking, at, 10_500)
    assert refused.value.code == "ending_changed"
    assert refused.value.params["ending_cents"] == 24_500
    leave(booking, at, 10_500, 24_500)
    assert "€ 245,00 over de datum" in told_on_leaving(booking)
    assert usable(booking, at.date() + timedelta(days=1)) == 0


def test_a_late_choice_names_only_the_part_that_ended() -> None:
    # 200.00 past its end pays first, 150.00 without an end. Of the 245.00 back 95.00 ends at once.
    worker = with_an_end(20_000, days=5)
    make_credit(worker.id, 30_000, conditions=make_conditions(scheme="free"), at=REQUESTED)
    booking = make_booking(worker, confirmed_at=NEXT_DAY)
    at = noon(STARTS_ON - timedelta(days=10))
    leaving = queries.leaving(booking.id, at)
    assert leaving
    assert (leaving.back, leaving.ends_at_once) == (Money(24_500), Money(9_500))
    leave(booking, at, 10_500, 9_500)
    assert usable(booking, at.date() + timedelta(days=1)) == 30_000


def test_leaving_after_the_term_costs_its_step_from_the_first_pot_first() -> None:
    # 350.00: 200.00 of scheme 0, 150.00 of scheme 1. Ten days before: 30 % is 105.00.
    booking = make_booking(confirmed_at=NEXT_DAY)
    at = noon(STARTS_ON - timedelta(days=10))
    leaving = queries.leaving(booking.id, at)
    assert leaving
    assert (leaving.kind, leaving.cost, leaving.back) == (
        LeavingKind.AFTER_TERM,
        Money(10_500),
        Money(24_500),
    )
    leave(booking, at, 10_500)
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.CANCELLED, Money(10_500))
    assert pots(booking) == {"scheme 0": 9_500, "scheme 1": 30_000}
    (payout,) = queries.payouts_of(booking.offer.provider_id)
    assert (payout.amount, payout.state) == (Money(10_500), "ordered")
    assert seats(booking) == 0
    assert books.prove(at=REQUESTED + timedelta(days=1000), known_holds=accounts.hold_keys()) == []


def test_leaving_after_an_early_start_costs_what_was_given() -> None:
    # Ten days of lessons for 350.00, asked to start early. After three days: 105.00.
    soon = REQUESTED.date() + timedelta(days=7)
    run = make_run(starts_on=soon, ends_on=soon + timedelta(days=9))
    booking = make_booking(run=run, early_start=True, confirmed_at=NEXT_DAY)
    at = noon(soon + timedelta(days=2))
    operations.confirm_start(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)
    assert now_of(booking).payout is None
    leave(booking, at, 10_500)
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.WITHDRAWN, Money(10_500))
    assert pots(booking) == {"scheme 0": 9_500, "scheme 1": 30_000}
    (payout,) = queries.payouts_of(booking.offer.provider_id)
    assert payout.amount == Money(10_500)


def test_part_the_worker_pays_directly_never_enters_the_books() -> None:
    # 350.00, of which 80.00 from the account. Ten days before: 105.00, so 80.00 and 25.00 directly.
    booking = make_booking(make_worker(8_000), confirmed_at=NEXT_DAY)
    assert (booking.from_account, booking.pay_yourself) == (Money(8_000), Money(27_000))
    at = noon(STARTS_ON - timedelta(days=10))
    leaving = queries.leaving(booking.id, at)
    assert leaving
    assert (leaving.from_account, leaving.pay_provider) == (Money(8_000), Money(2_500))
    leave(booking, at, 10_500)
    (payout,) = queries.payouts_of(booking.offer.provider_id)
    assert payout.amount == Money(8_000)


def test_cost_that_changed_since_it_was_shown_is_shown_again() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    with pytest.raises(UnableToWithdraw) as refused:
        leave(booking, noon(STARTS_ON - timedelta(days=10)), 3_500)
    assert refused.value.code == "cost_changed"
    assert refused.value.params["cost_cents"] == 10_500
    assert now_of(booking).state is BookingState.CONFIRMED


def test_leaving_twice_is_leaving_once() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    at = noon(STARTS_ON - timedelta(days=10))
    leave(booking, at, 10_500)
    leave(booking, noon(STARTS_ON), 35_000)
    assert now_of(booking).cost == Money(10_500)
    assert len(queries.payouts_of(booking.offer.provider_id)) == 1


def test_after_the_start_and_the_term_it_is_too_late() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    with pytest.raises(UnableToWithdraw) as refused:
        leave(booking, noon(STARTS_ON), 35_000)
    assert refused.value.code == "too_late"
    assert queries.leaving(booking.id, noon(STARTS_ON)) is None


def test_nobody_leaves_for_another() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    for by in (worker_at(make_person(), NEXT_DAY), provider_for(booking), SYSTEM):
        with pytest.raises(UnableToWithdraw) as refused:
            operations.withdraw(
                booking_id=booking.id,
                agreed_cost=Money(0),
                agreed_ending=Money(0),
                by=by,
                at=NEXT_DAY,
            )
        assert refused.value.code == "not_found"


def test_who_left_can_book_the_same_run_again() -> None:
    worker, run = make_worker(50_000), make_run(starts_on=STARTS_ON)
    leave(make_booking(worker, run), NEXT_DAY)
    again = make_booking(worker, run, at=NEXT_DAY)
    assert again.state is BookingState.REQUESTED
    assert seats(again) == 1
