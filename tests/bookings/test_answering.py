"""What the provider does, and the clock when it does nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from eigenwijs.audit import queries as trail
from eigenwijs.bookings import access, operations, queries
from eigenwijs.bookings.operations import UnableToAnswer
from eigenwijs.bookings.types import BookingState, BookingView
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.catalogue import queries as courses
from eigenwijs.kernel.clock import start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as books
from eigenwijs.notices import queries as notices
from eigenwijs.people import access as people_access
from eigenwijs.people.types import Looked, Role
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    confirm,
    make_booking,
    make_desk,
    make_worker,
    provider_for,
    provider_of,
    worker_at,
)
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM, actor_for, make_person

pytestmark = pytest.mark.django_db

NEXT_DAY = REQUESTED + timedelta(days=1)
STARTED = start_of_day(STARTS_ON) + timedelta(hours=12)


def now_of(booking: BookingView) -> BookingView:
    found = queries.booking(booking.id)
    assert found
    return found


def money_of(booking: BookingView) -> tuple[int, int]:
    account = accounts.account(booking.person_id, on=REQUESTED.date())
    return account.available.cents, account.reserved.cents


def seats(booking: BookingView) -> int:
    run = courses.run(booking.offer.run_id)
    assert run
    return run.seats_taken


def newest(booking: BookingView) -> str:
    return notices.inbox(booking.person_id)[0].kind


def test_yes_gives_the_worker_a_place_and_starts_the_withdrawal_term() -> None:
    booking = make_booking()
    confirm(booking, NEXT_DAY)
    after = now_of(booking)
    assert after.state is BookingState.CONFIRMED
    assert after.confirmed_at == NEXT_DAY
    assert after.withdrawal_until == NEXT_DAY.date() + timedelta(days=14)
    assert newest(booking) == "booking_confirmed"
    assert money_of(booking) == (15_000, 35_000)
    confirm(booking, NEXT_DAY + timedelta(days=1))
    assert now_of(booking) == after


def test_hold_outlives_the_start_once_confirmed() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    reservation = accounts.reservation(booking.id)
    assert reservation
    assert reservation.expires_at > STARTED + timedelta(days=59)


def test_no_gives_everything_back_with_a_word() -> None:
    booking = make_booking()
    operations.decline(
        booking_id=booking.id, answer=" De groep is vol. ", by=provider_for(booking), at=NEXT_DAY
    )
    after = now_of(booking)
    assert (after.state, after.answer) == (BookingState.DECLINED, "De groep is vol.")
    assert (money_of(booking), seats(booking)) == ((50_000, 0), 0)
    assert newest(booking) == "booking_declined"


def test_answer_after_the_deadline_is_too_late() -> None:
    booking = make_booking()
    last_moment = start_of_day(booking.answer_by + timedelta(days=1)) - timedelta(seconds=1)
    with pytest.raises(UnableToAnswer) as refused:
        confirm(booking, last_moment + timedelta(seconds=1))
    assert refused.value.code == "too_late"
    confirm(booking, last_moment)
    assert now_of(booking).state is BookingState.CONFIRMED


def test_request_without_an_answer_lapses_and_everything_goes_back() -> None:
    booking = make_booking()
    last_moment = start_of_day(booking.answer_by + timedelta(days=1)) - timedelta(seconds=1)
    assert operations.lapse_due(by=SYSTEM, at=last_moment) == 0
    assert operations.lapse_due(by=SYSTEM, at=last_moment + timedelta(seconds=1)) == 1
    assert operations.lapse_due(by=SYSTEM, at=last_moment + timedelta(days=9)) == 0
    assert now_of(booking).state is BookingState.LAPSED
    assert (money_of(booking), seats(booking)) == ((50_000, 0), 0)
    assert newest(booking) == "booking_lapsed"


def test_late_clearing_up_still_gives_everything_back() -> None:
    booking = make_booking()
    assert operations.lapse_due(by=SYSTEM, at=REQUESTED + timedelta(days=300)) == 1
    assert money_of(booking) == (50_000, 0)
    assert books.prove(at=REQUESTED + timedelta(days=1000), known_holds=accounts.hold_keys()) == []


def test_course_called_off_costs_the_worker_nothing() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    operations.cancel(
        booking_id=booking.id,
        answer="Te weinig deelnemers.",
        by=provider_for(booking),
        at=STARTED - timedelta(days=2),
    )
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.CALLED_OFF, Money(0))
    assert (money_of(booking), seats(booking)) == ((50_000, 0), 0)
    assert newest(booking) == "booking_called_off"


def test_course_called_off_after_the_start_goes_back_while_the_money_is_here() -> None:
    # 350.00 was spent: 200.00 of the pot with a condition, 150.00 free. All of it is back.
    booking = make_booking(confirmed_at=NEXT_DAY)
    operations.confirm_start(
        booking_id=booking.id, by=worker_at(booking.person_id, STARTED), at=STARTED
    )
    assert money_of(booking) == (15_000, 0)
    operations.cancel(booking_id=booking.id, answer="", by=provider_for(booking), at=STARTED)
    after = now_of(booking)
    assert (after.state, after.payout) == (BookingState.CALLED_OFF, "dropped")
    account = accounts.account(booking.person_id, on=REQUESTED.date())
    assert sorted(pot.available.cents for pot in account.pots) == [20_000, 30_000]
    assert queries.payout_total(booking.offer.provider_id, "ordered") == Money(0)
    assert books.prove(at=REQUESTED + timedelta(days=1000), known_holds=accounts.hold_keys()) == []


def test_withdrawn_run_gives_everything_back_to_all_who_booked_it() -> None:
    run = make_run(starts_on=STARTS_ON)
    asked = make_booking(run=run)
    confirmed = make_booking(run=run, confirmed_at=NEXT_DAY)
    catalogue.withdraw_run(run_id=run.id, by=SYSTEM, at=NEXT_DAY)
    event = next(row for row in trail.trail(subject=("catalogue.run", run.id)) if row.event)
    for _ in range(2):
        operations.cancel_run(event, by=SYSTEM, at=NEXT_DAY)
    assert now_of(asked).state is BookingState.DECLINED
    assert now_of(confirmed).state is BookingState.CALLED_OFF
    assert money_of(asked) == money_of(confirmed) == (50_000, 0)
    assert seats(asked) == 0


def test_attendance_is_said_after_the_start_and_pays_nothing() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    by = provider_for(booking)
    with pytest.raises(UnableToAnswer) as refused:
        operations.say_attendance(
            booking_id=booking.id, attended=True, by=by, at=STARTED - timedelta(days=1)
        )
    assert refused.value.code == "not_started_yet"
    operations.say_attendance(booking_id=booking.id, attended=True, by=by, at=STARTED)
    seen = access.provider_booking(booking.id, by=by, at=STARTED)
    assert seen
    assert (seen.attended, seen.state, seen.payout) == (True, BookingState.CONFIRMED, None)
    assert money_of(booking) == (15_000, 35_000)


def test_completed_by_provider_or_worker_not_before_the_last_day() -> None:
    for role in ("provider", "worker"):
        run = make_run(starts_on=STARTS_ON, ends_on=STARTS_ON + timedelta(days=7))
        booking = make_booking(run=run, confirmed_at=NEXT_DAY)
        worker = worker_at(booking.person_id, STARTED)
        by = worker if role == "worker" else provider_for(booking)
        last_day = STARTED + timedelta(days=7)
        with pytest.raises(UnableToAnswer) as refused:
            operations.complete(booking_id=booking.id, by=by, at=last_day)
        assert refused.value.code == "wrong_state"
        operations.confirm_start(booking_id=booking.id, by=worker, at=STARTED)
        with pytest.raises(UnableToAnswer) as refused:
            operations.complete(booking_id=booking.id, by=by, at=last_day - timedelta(days=1))
        assert refused.value.code == "not_ended_yet"
        for _ in range(2):
            operations.complete(booking_id=booking.id, by=by, at=last_day)
        assert now_of(booking).completed_at == last_day


def test_only_the_own_provider_answers() -> None:
    booking = make_booking()
    stranger = provider_of(make_run())
    for by in (stranger, worker_at(booking.person_id, NEXT_DAY), make_desk(), SYSTEM):
        attempts: list[Callable[[], None]] = [
            partial(operations.confirm, booking_id=booking.id, by=by, at=NEXT_DAY),
            partial(operations.decline, booking_id=booking.id, answer="", by=by, at=NEXT_DAY),
            partial(operations.cancel, booking_id=booking.id, answer="", by=by, at=NEXT_DAY),
        ]
        for attempt in attempts:
            with pytest.raises(UnableToAnswer) as refused:
                attempt()
            assert refused.value.code == "not_found"
    assert now_of(booking) == booking


def test_provider_sees_its_own_bookings_without_a_balance_or_pots() -> None:
    booking = make_booking(make_worker(20_000, 10_000))
    by = provider_for(booking)
    (seen,) = access.provider_bookings(by=by, at=NEXT_DAY)
    assert seen.participant_name
    assert (seen.from_us, seen.from_participant, seen.participant_email) == (None, None, "")
    assert not {"mix", "lines", "pots", "balance", "from_account"} & set(seen.__slots__)
    confirm(booking, NEXT_DAY)
    seen_after = access.provider_booking(booking.id, by=by, at=NEXT_DAY)
    assert seen_after
    assert (seen_after.from_us, seen_after.from_participant) == (Money(30_000), Money(5_000))
    assert "@" in seen_after.participant_email
    stranger = provider_of(make_run())
    assert access.provider_booking(booking.id, by=stranger, at=NEXT_DAY) is None
    assert access.provider_bookings(by=stranger, at=NEXT_DAY) == []


def test_provider_does_not_keep_the_name_of_who_did_not_come() -> None:
    booking = make_booking()
    by = provider_for(booking)
    operations.decline(booking_id=booking.id, answer="", by=by, at=NEXT_DAY)
    seen = access.provider_booking(booking.id, by=by, at=NEXT_DAY)
    assert seen
    assert (seen.participant_name, seen.participant_email) == ("", "")


def test_worker_reads_in_their_log_that_the_provider_saw_them() -> None:
    booking = make_booking()
    access.provider_bookings(by=provider_for(booking), at=NEXT_DAY)
    assert Looked.BOOKING in {look.what for look in people_access.looks(booking.person_id)}


def test_employer_and_payer_reach_nothing() -> None:
    booking = make_booking()
    for role in (Role.EMPLOYER, Role.FINANCE, Role.AUDITOR, Role.OPERATOR):
        by = actor_for(make_person(role=None), role, booking.offer.provider_id)
        assert access.own_booking(booking.id, by=by) is None
        assert access.provider_booking(booking.id, by=by, at=NEXT_DAY) is None
        assert access.provider_bookings(by=by, at=NEXT_DAY) == []


def test_too_long_an_answer_is_refused() -> None:
    booking = make_booking()
    with pytest.raises(UnableToAnswer) as refused:
        operations.decline(
            booking_id=booking.id, answer="x" * 2001, by=provider_for(booking), at=NEXT_DAY
        )
    assert refused.value.code == "too_long"
