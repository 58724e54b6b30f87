"""A part of a provider's money that is paid halfway a course, to who still follows it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.bookings import access, operations, queries, rules
from eigenwijs.bookings.models import Payout
from eigenwijs.bookings.operations import UnableToAnswer, UnableToDecide
from eigenwijs.bookings.types import (
    BookingState,
    BookingView,
    CompletionOutcome,
    HalfwayOutcome,
    HalfwayView,
    WorkItemCause,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.notices import queries as notices
from eigenwijs.people.types import PersonView
from eigenwijs.schemes.types import Milestone, OrderClocks
from tests.bookings.test_completing import (
    NEXT_DAY,
    PRICE,
    STARTED,
    ended,
    kinds,
    money_of,
    now_of,
    object_to,
    orders_of,
    prove,
    provider_says,
    settle,
)
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    make_desk,
    provider_for,
    quote_for,
    worker_at,
)
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM, make_person

pytestmark = pytest.mark.django_db

HALFWAY = date(2027, 3, 20)  # of ten days from 15 March on
START, MIDDLE, END = 24_999, 6_000, 4_001
LEFT = 50_001 - PRICE
Share = tuple[int, int, int]


def worker_with(*shares: Share, orders: OrderClocks | None = None) -> PersonView:
    """A worker with pots: how much there is, and the percents for halfway and the completion."""
    worker = make_person()
    for number, (cents, halfway, completed) in enumerate(shares):
        conditions = make_conditions(
            scheme=f"scheme {number}",
            work_related_only=number == 0,
            halfway_percent=halfway,
            completed_percent=completed,
            attended_at_least=75 if completed else 0,
            orders=orders,
        )
        make_credit(worker.id, cents, conditions=conditions, at=REQUESTED)
    return worker


def begun(*shares: Share, days: int = 10) -> BookingView:
    """A booking of which the worker said that it started, after the withdrawal term."""
    worker = worker_with(*(shares or ((20_001, 30, 20), (30_000, 0, 0))))
    run = make_run(starts_on=STARTS_ON, ends_on=STARTS_ON + timedelta(days=days - 1))
    booking = make_booking(worker, run, confirmed_at=NEXT_DAY)
    operations.confirm_start(booking_id=booking.id, by=worker_at(worker, STARTED), at=STARTED)
    return now_of(booking)


def halfway(days: int = 0) -> datetime:
    return start_of_day(HALFWAY + timedelta(days=days)) + timedelta(hours=12)


def part(booking: BookingView) -> HalfwayView:
    found = now_of(booking).halfway
    assert found
    return found


def worker_says(booking: BookingView, *, yes: bool, at: datetime) -> None:
    by = worker_at(booking.person_id, at)
    if yes:
        operations.follow(booking_id=booking.id, by=by, at=at)
    else:
        operations.deny_part(booking_id=booking.id, milestone=Milestone.HALFWAY, by=by, at=at)


def says_it_is_over(booking: BookingView, *, yes: bool, at: datetime) -> None:
    by = worker_at(booking.person_id, at)
    if yes:
        operations.complete(booking_id=booking.id, by=by, at=at)
    else:
        operations.deny_part(booking_id=booking.id, milestone=Milestone.COMPLETED, by=by, at=at)


def provider_claims(booking: BookingView, at: datetime) -> None:
    operations.follow(booking_id=booking.id, by=provider_for(booking), at=at)


def remind(at: datetime) -> int:
    return operations.remind_silent(by=SYSTEM, at=at)


def causes() -> list[WorkItemCause]:
    return [item.cause for item in queries.work_items()]


def decide(
    outcome: HalfwayOutcome | CompletionOutcome, at: datetime, by: Actor | None = None
) -> None:
    (item,) = queries.work_items()
    operations.decide_part(
        work_item_id=item.id,
        outcome=outcome,
        reason="De opleider stuurde de lijst.",
        evidence="Presentielijst.",
        by=by or make_desk(),
        at=at,
    )


@pytest.mark.parametrize(
    ("days", "expected"), [(1, None), (2, None), (3, None), (4, 2), (5, 3), (10, 5), (11, 6)]
)
def test_halfway_is_the_day_after_half_of_the_days(days: int, expected: int | None) -> None:
    found = rules.halfway_on(STARTS_ON, STARTS_ON + timedelta(days=days - 1))
    assert found == (None if expected is None else STARTS_ON + timedelta(days=expected))


@given(st.integers(1, 2_000))
def test_halfway_is_the_first_day_by_which_half_is_over_and_before_the_last(days: int) -> None:
    last = STARTS_ON + timedelta(days=days - 1)
    found = rules.halfway_on(STARTS_ON, last)
    first = next(day for day in range(days + 1) if 2 * day >= days)
    assert found == (STARTS_ON + timedelta(days=first) if first < days - 1 else None)


def test_the_quote_says_what_waits_for_which_day() -> None:
    worker = worker_with((20_001, 30, 20), (30_000, 0, 0))
    run = make_run(starts_on=STARTS_ON, ends_on=STARTS_ON + timedelta(days=9))
    quote = quote_for(worker, run)
    assert quote.halfway_on == HALFWAY
    assert (quote.at_halfway, quote.at_completion) == (Money(MIDDLE), Money(END))
    short = quote_for(worker, make_run(starts_on=STARTS_ON))
    assert short.halfway_on is None
    assert (short.at_halfway, short.at_completion) == (Money(0), Money(10_001))


def test_at_the_start_what_is_for_halfway_and_the_end_stays_set_aside() -> None:
    booking = begun()
    assert orders_of(booking) == [START]
    assert part(booking).amount == Money(MIDDLE)
    assert part(booking).falls_on == HALFWAY
    for days in range(0, 400, 30):
        settle(halfway(days))
        prove(halfway(days))
    assert money_of(booking) == (LEFT, MIDDLE + END)
    assert orders_of(booking) == [START]


def test_the_workers_yes_pays_the_part_and_the_end_pays_the_rest() -> None:
    booking = begun()
    for _ in range(2):
        worker_says(booking, yes=True, at=halfway())
    assert orders_of(booking) == [MIDDLE, START]
    assert now_of(booking).state is BookingState.STARTED
    assert money_of(booking) == (LEFT, END)
    prove(halfway())
    for _ in range(2):
        says_it_is_over(booking, yes=True, at=ended(booking))
    assert orders_of(booking) == [END, MIDDLE, START]
    assert money_of(booking) == (LEFT, 0)
    prove(ended(booking))


def test_nobody_says_it_before_the_day_and_only_they_may() -> None:
    booking = begun()
    early = start_of_day(HALFWAY) - timedelta(seconds=1)
    for say in (
        lambda: worker_says(booking, yes=True, at=early),
        lambda: worker_says(booking, yes=False, at=early),
        lambda: provider_claims(booking, early),
    ):
        with pytest.raises(UnableToAnswer) as refused:
            say()
        assert refused.value.code == "not_halfway_yet"
    stranger = worker_at(make_person(), halfway())
    with pytest.raises(UnableToAnswer) as unknown:
        operations.follow(booking_id=booking.id, by=stranger, at=halfway())
    assert unknown.value.code == "not_found"
    for by in (stranger, provider_for(booking)):
        with pytest.raises(UnableToAnswer) as unknown:
            operations.deny_part(
                booking_id=booking.id, milestone=Milestone.HALFWAY, by=by, at=halfway()
            )
        assert unknown.value.code == "not_found"


def test_silence_is_no_yes_and_no_no_the_worker_is_asked_and_then_a_person_calls() -> None:
    booking = begun()
    assert remind(halfway(-1)) == 0
    for days in (0, 1, 13):
        remind(halfway(days))
        settle(halfway(days))
    assert kinds(booking).count("halfway_asked") == 1
    assert causes() == []
    for days in (14, 15):
        remind(halfway(days))
    assert causes() == [WorkItemCause.HALFWAY]
    settle(halfway(200))
    assert orders_of(booking) == [START]
    assert money_of(booking) == (LEFT, MIDDLE + END)


def test_who_said_late_that_it_started_is_asked_before_a_person_calls() -> None:
    worker = worker_with((PRICE, 30, 20))
    run = make_run(starts_on=STARTS_ON, ends_on=STARTS_ON + timedelta(days=9))
    booking = make_booking(worker, run, confirmed_at=NEXT_DAY)
    at = halfway(30)
    operations.confirm_start(booking_id=booking.id, by=worker_at(worker, at), at=at)
    remind(at)
    assert kinds(booking).count("halfway_asked") == 1
    assert causes() == []


def test_what_a_person_decided_is_paid_when_nobody_objected_in_time() -> None:
    booking = begun()
    for _ in range(2):
        worker_says(booking, yes=False, at=halfway())
    assert causes() == [WorkItemCause.HALFWAY]
    decide(HalfwayOutcome.FOLLOWED, halfway(2))
    assert "halfway_decided" in kinds(booking)
    settle(halfway(16))
    assert orders_of(booking) == [START]
    assert settle(halfway(17)) == 1
    assert settle(halfway(18)) == 0
    assert orders_of(booking) == [MIDDLE, START]
    assert now_of(booking).state is BookingState.STARTED
    assert money_of(booking) == (LEFT, END)


def test_who_stopped_before_halfway_gets_back_all_that_the_provider_does_not_have() -> None:
    booking = begun()
    worker_says(booking, yes=False, at=halfway())
    decide(HalfwayOutcome.NOT_FOLLOWED, halfway(1))
    with pytest.raises(UnableToAnswer) as refused:
        worker_says(booking, yes=True, at=halfway(2))
    assert refused.value.code == "decided_not_followed"
    with pytest.raises(UnableToAnswer) as late:
        says_it_is_over(booking, yes=True, at=ended(booking))
    assert late.value.code == "decided_not_followed"
    settle(halfway(16))
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert orders_of(booking) == [START]
    assert money_of(booking) == (LEFT + MIDDLE + END, 0)
    assert "booking_not_completed" in kinds(booking)
    prove(halfway(16))


def shown_to_provider(booking: BookingView) -> tuple[int | None, int, int]:
    """What its provider sees that it gets from us: all, of which halfway, of which at the completion."""
    at = halfway(90)
    seen = access.provider_booking(booking.id, by=provider_for(booking), at=at)
    assert seen
    later = [part.amount.cents if part else 0 for part in (seen.halfway, seen.completion)]
    return (seen.from_us.cents if seen.from_us else None, *later)


def test_the_provider_sees_only_parts_of_what_it_gets() -> None:
    booking = begun()
    assert shown_to_provider(booking) == (START + MIDDLE + END, MIDDLE, END)
    worker_says(booking, yes=False, at=halfway())
    decide(HalfwayOutcome.NOT_FOLLOWED, halfway(1))
    settle(halfway(16))
    assert shown_to_provider(booking) == (START, 0, 0)
    other = begun()
    worker_says(other, yes=True, at=halfway())
    says_it_is_over(other, yes=False, at=ended(other))
    decide(CompletionOutcome.NOT_COMPLETED, ended(other, 1))
    settle(ended(other, 16))
    assert shown_to_provider(other) == (START + MIDDLE, MIDDLE, 0)


def test_what_leaving_costs_has_no_parts_in_the_eyes_of_the_provider() -> None:
    worker = worker_with((PRICE, 30, 20))
    run = make_run(starts_on=STARTS_ON, ends_on=STARTS_ON + timedelta(days=9))
    booking = make_booking(worker, run, confirmed_at=NEXT_DAY)
    at = start_of_day(STARTS_ON - timedelta(days=10)) + timedelta(hours=12)
    left = queries.leaving(booking.id, at)
    assert left
    operations.withdraw(
        booking_id=booking.id,
        agreed_cost=left.cost,
        agreed_ending=left.ends_at_once,
        by=worker_at(worker, at),
        at=at,
    )
    assert now_of(booking).state is BookingState.CANCELLED
    assert orders_of(booking) == [PRICE * 3 // 10]
    assert shown_to_provider(booking) == (PRICE * 3 // 10, 0, 0)


def test_an_objection_is_decided_by_another_and_carried_out_at_once() -> None:
    booking = begun()
    worker_says(booking, yes=False, at=halfway())
    first = make_desk()
    decide(HalfwayOutcome.FOLLOWED, halfway(1), by=first)
    for _ in range(2):
        object_to(booking, Milestone.HALFWAY, halfway(2))
    settle(halfway(60))
    assert orders_of(booking) == [START]
    with pytest.raises(UnableToDecide) as refused:
        decide(HalfwayOutcome.FOLLOWED, halfway(61), by=first)
    assert refused.value.code == "decided_before"
    decide(HalfwayOutcome.NOT_FOLLOWED, halfway(61))
    assert "halfway_objection_decided" in kinds(booking)
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert money_of(booking) == (LEFT + MIDDLE + END, 0)


def test_a_desk_of_two_decides_each_question_and_each_objection() -> None:
    """Whoever decided about halfway may decide about the end; an objection to either is another's."""
    booking, (first, second) = begun(), (make_desk(), make_desk())
    worker_says(booking, yes=False, at=halfway())
    decide(HalfwayOutcome.FOLLOWED, halfway(1), by=first)
    object_to(booking, Milestone.HALFWAY, halfway(2))
    decide(HalfwayOutcome.FOLLOWED, halfway(3), by=second)
    says_it_is_over(booking, yes=False, at=ended(booking))
    decide(CompletionOutcome.COMPLETED, ended(booking, 1), by=second)
    object_to(booking, Milestone.COMPLETED, ended(booking, 2))
    with pytest.raises(UnableToDecide) as refused:
        decide(CompletionOutcome.COMPLETED, ended(booking, 3), by=second)
    assert refused.value.code == "decided_before"
    decide(CompletionOutcome.COMPLETED, ended(booking, 3), by=first)
    assert orders_of(booking) == [END, MIDDLE, START]
    prove(ended(booking, 3))


def test_what_was_settled_halfway_is_not_objected_to_any_more() -> None:
    booking = begun()
    worker_says(booking, yes=False, at=halfway())
    decide(HalfwayOutcome.FOLLOWED, halfway(1))
    worker_says(booking, yes=True, at=halfway(2))
    assert orders_of(booking) == [MIDDLE, START]
    with pytest.raises(UnableToDecide) as refused:
        object_to(booking, Milestone.HALFWAY, halfway(3))
    assert refused.value.code == "wrong_state"
    settle(halfway(90))
    assert orders_of(booking) == [MIDDLE, START]


def test_what_the_provider_says_is_evidence_and_silence_after_it_pays_nothing() -> None:
    booking = begun()
    for _ in range(2):
        provider_claims(booking, halfway())
    assert kinds(booking).count("halfway_said") == 1
    remind(halfway(14))
    assert causes() == []
    for days in (15, 16, 400):
        remind(halfway(days))
        settle(halfway(days))
        assert causes() == [WorkItemCause.HALFWAY]
    assert orders_of(booking) == [START]
    assert money_of(booking) == (LEFT, MIDDLE + END)
    decide(HalfwayOutcome.FOLLOWED, halfway(400))
    settle(halfway(414))
    assert orders_of(booking) == [START]
    settle(halfway(415))
    assert orders_of(booking) == [MIDDLE, START]
    prove(halfway(415))


@pytest.mark.parametrize("days", [14, 15, 90])
def test_a_worker_contradicts_the_provider_as_long_as_nothing_was_paid(days: int) -> None:
    booking = begun()
    provider_claims(booking, halfway())
    worker_says(booking, yes=False, at=halfway(days))
    assert causes() == [WorkItemCause.HALFWAY]
    settle(halfway(200))
    assert orders_of(booking) == [START]


def test_the_workers_yes_pays_the_part_however_late_it_comes() -> None:
    booking = begun()
    provider_claims(booking, halfway())
    remind(halfway(60))
    worker_says(booking, yes=True, at=halfway(60))
    assert orders_of(booking) == [MIDDLE, START]
    assert causes() == []
    with pytest.raises(UnableToAnswer) as late:
        worker_says(booking, yes=False, at=halfway(61))
    assert late.value.code == "wrong_state"


def test_a_provider_that_speaks_after_a_person_was_asked_waits_for_that_person() -> None:
    booking = begun()
    worker_says(booking, yes=False, at=halfway())
    provider_claims(booking, halfway(1))
    assert "halfway_said" not in kinds(booking)
    settle(halfway(90))
    assert orders_of(booking) == [START]
    silent = begun()
    remind(halfway(14))
    provider_claims(silent, halfway(15))
    settle(halfway(90))
    assert orders_of(silent) == [START]


def test_the_workers_yes_to_the_end_pays_what_was_for_halfway_too() -> None:
    booking = begun()
    remind(halfway(14))
    says_it_is_over(booking, yes=True, at=ended(booking, 12))
    assert orders_of(booking) == [END, MIDDLE, START]
    assert causes() == []
    prove(ended(booking, 12))


def test_a_provider_speaks_of_the_end_only_when_halfway_is_settled() -> None:
    for shares in (((PRICE, 30, 20),), ((PRICE, 30, 0),)):
        booking = begun(*shares)
        with pytest.raises(UnableToAnswer) as refused:
            provider_says(booking, 80)
        assert refused.value.code == "halfway_first"
        worker_says(booking, yes=True, at=ended(booking))
        provider_says(booking, 80)
        settle(ended(booking, 15))
        waits = booking.completion.amount.cents if booking.completion else 0
        assert sum(orders_of(booking)) == PRICE - waits


def test_a_no_about_the_end_first_asks_a_person_about_halfway_and_then_about_the_end() -> None:
    booking = begun()
    says_it_is_over(booking, yes=False, at=ended(booking))
    assert causes() == [WorkItemCause.HALFWAY]
    decide(HalfwayOutcome.FOLLOWED, ended(booking, 1))
    settle(ended(booking, 15))
    assert causes() == []
    settle(ended(booking, 16))
    assert orders_of(booking) == [MIDDLE, START]
    assert causes() == [WorkItemCause.COMPLETION]
    decide(CompletionOutcome.NOT_COMPLETED, ended(booking, 17))
    settle(ended(booking, 32))
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert orders_of(booking) == [MIDDLE, START]
    assert money_of(booking) == (LEFT + END, 0)
    (told,) = [
        notice
        for notice in notices.inbox(booking.person_id)
        if notice.kind == "booking_not_completed"
    ]
    assert told.params["back_cents"] == END
    prove(ended(booking, 32))


def test_silence_to_the_end_is_asked_after_halfway_is_clear() -> None:
    booking = begun()
    provider_claims(booking, ended(booking, 10))
    remind(ended(booking, 14))
    assert causes() == []  # the worker has time to say whether the provider is right about halfway
    remind(ended(booking, 25))
    assert causes() == [WorkItemCause.HALFWAY]
    decide(HalfwayOutcome.FOLLOWED, ended(booking, 25))
    settle(ended(booking, 40))
    assert orders_of(booking) == [MIDDLE, START]
    remind(ended(booking, 40))
    assert causes() == [WorkItemCause.COMPLETION]


def test_a_short_course_has_no_day_halfway_and_pays_that_part_at_the_end() -> None:
    booking = begun((PRICE, 30, 20), days=3)
    assert booking.halfway is None
    assert booking.completion
    assert booking.completion.amount == Money(PRICE // 2)
    with pytest.raises(UnableToAnswer) as refused:
        worker_says(booking, yes=True, at=halfway())
    assert refused.value.code == "not_found"
    says_it_is_over(booking, yes=True, at=ended(booking))
    assert orders_of(booking) == [PRICE // 2, PRICE // 2]


def test_within_the_withdrawal_term_a_yes_pays_nothing_and_the_worker_can_still_stop() -> None:
    """60 days to think; the course runs from 30 November to 9 December, halfway on 5 December."""
    clocks = OrderClocks(withdrawal_days=60)
    run = make_run(starts_on=date(2026, 11, 30), ends_on=date(2026, 12, 9))
    bookings = []
    at = start_of_day(date(2026, 12, 5)) + timedelta(hours=12)
    for _ in range(2):
        worker = worker_with((PRICE, 30, 20), orders=clocks)
        booking = make_booking(worker, run, early_start=True, confirmed_at=NEXT_DAY)
        operations.confirm_start(booking_id=booking.id, by=worker_at(worker, at), at=at)
        worker_says(booking, yes=True, at=at)
        settle(at)
        assert orders_of(booking) == []
        bookings.append(booking)
    stops, stays = bookings
    left = queries.leaving(stops.id, at)
    assert left
    assert left.cost == Money(PRICE * 6 // 10)
    operations.withdraw(
        booking_id=stops.id,
        agreed_cost=left.cost,
        agreed_ending=Money(0),
        by=worker_at(stops.person_id, at),
        at=at,
    )
    assert money_of(stops) == (PRICE * 4 // 10, 0)
    until = stays.withdrawal_until
    assert until
    over = start_of_day(until + timedelta(days=1)) + timedelta(hours=12)
    settle(over)
    later = [one for one in orders_of(stays) if one != left.cost.cents]
    assert later == [PRICE * 3 // 10, PRICE // 2]
    prove(over)


def test_what_is_decided_within_the_withdrawal_term_is_refused() -> None:
    clocks = OrderClocks(withdrawal_days=60)
    worker = worker_with((PRICE, 30, 20), orders=clocks)
    run = make_run(starts_on=date(2026, 11, 30), ends_on=date(2026, 12, 9))
    booking = make_booking(worker, run, early_start=True, confirmed_at=NEXT_DAY)
    at = start_of_day(date(2026, 12, 5)) + timedelta(hours=12)
    operations.confirm_start(booking_id=booking.id, by=worker_at(worker, at), at=at)
    provider_claims(booking, at)
    remind(at + timedelta(days=20))
    settle(at + timedelta(days=20))
    assert causes() == []
    assert part(booking).due_at is None
    worker_says(booking, yes=False, at=at)
    with pytest.raises(UnableToDecide) as refused:
        decide(HalfwayOutcome.FOLLOWED, at)
    assert refused.value.code == "in_withdrawal_term"


def call_off(booking: BookingView, at: datetime) -> None:
    operations.cancel(booking_id=booking.id, answer="", by=provider_for(booking), at=at)


def test_a_course_called_off_after_halfway_gives_back_what_was_not_delivered() -> None:
    booking = begun()
    worker_says(booking, yes=True, at=halfway())
    Payout.objects.filter(booking=booking.id).update(state="paid")
    for _ in range(2):
        call_off(booking, halfway(1))
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.CALLED_OFF, Money(START + MIDDLE))
    assert money_of(booking) == (LEFT + END, 0)


def test_a_course_called_off_gives_back_each_part_that_has_not_left() -> None:
    booking = begun()
    Payout.objects.filter(booking=booking.id).update(state="paid")
    worker_says(booking, yes=True, at=halfway())
    call_off(booking, halfway())
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.CALLED_OFF, Money(START))
    assert money_of(booking) == (LEFT + MIDDLE + END, 0)
    assert "booking_called_off_halfway" in kinds(booking)
    prove(halfway())


def test_a_course_called_off_of_which_nothing_waits_any_more_gives_back_what_has_not_left() -> None:
    booking = begun((PRICE, 30, 0))
    Payout.objects.filter(booking=booking.id).update(state="paid")
    worker_says(booking, yes=True, at=halfway())
    call_off(booking, halfway())
    assert now_of(booking).cost == Money(PRICE * 7 // 10)
    assert money_of(booking) == (PRICE * 3 // 10, 0)
    prove(halfway())


def test_a_course_of_which_all_was_paid_is_not_called_off() -> None:
    booking = begun((PRICE, 30, 0))
    worker_says(booking, yes=True, at=halfway())
    Payout.objects.filter(booking=booking.id).update(state="paid")
    with pytest.raises(UnableToAnswer) as refused:
        call_off(booking, halfway())
    assert refused.value.code == "paid_already"


def test_a_booking_without_a_part_halfway_is_not_asked() -> None:
    booking = begun((PRICE, 0, 50))
    assert booking.halfway is None
    remind(halfway(1))
    assert "halfway_asked" not in kinds(booking)
    with pytest.raises(UnableToAnswer) as refused:
        worker_says(booking, yes=True, at=halfway())
    assert refused.value.code == "not_found"


def act_at_random(booking: BookingView, random: Random, at: datetime) -> None:
    """Somebody does something, whether or not they may."""
    worker, provider = worker_at(booking.person_id, at), provider_for(booking)
    share = random.randint(0, 100)
    acts = [
        lambda: remind(at),
        lambda: provider_claims(booking, at),
        lambda: operations.complete(
            booking_id=booking.id, attended_percent=share, by=provider, at=at
        ),
        lambda: worker_says(booking, yes=False, at=at),
        lambda: says_it_is_over(booking, yes=False, at=at),
        lambda: operations.object_to_part(
            booking_id=booking.id,
            milestone=random.choice([Milestone.HALFWAY, Milestone.COMPLETED]),
            text="x",
            by=worker,
            at=at,
        ),
    ]
    if causes():
        outcomes = HalfwayOutcome if causes() == [WorkItemCause.HALFWAY] else CompletionOutcome
        acts += [lambda: decide(random.choice(list(outcomes)), at)] * 2
    if random.random() < 0.25:  # these end much
        acts = [
            lambda: worker_says(booking, yes=True, at=at),
            lambda: says_it_is_over(booking, yes=True, at=at),
            lambda: operations.cancel(booking_id=booking.id, answer="", by=provider, at=at),
        ]
    with suppress(UnableToAnswer, UnableToDecide):
        random.choice(acts)()


@pytest.mark.parametrize("seed", range(12))
def test_random_histories_pay_no_more_than_was_set_aside_and_lose_no_cent(seed: int) -> None:
    random = Random(seed)
    shares = [
        (
            random.randint(5_000, 20_000),
            *random.choice([(0, 0), (1, 0), (33, 33), (50, 50), (99, 1), (0, 40), (100, 0)]),
        )
        for _ in range(3)
    ]
    total = sum(cents for cents, _halfway, _completed in shares)
    booking = begun(*shares)
    middle = booking.halfway.amount.cents if booking.halfway else 0
    end = booking.completion.amount.cents if booking.completion else 0
    set_aside = booking.from_account.cents
    days = -2
    for _ in range(16):
        days += random.randint(0, 9)
        at = halfway(days)
        settle(at)  # comes every hour
        act_at_random(booking, random, at)
        after, (free, held) = now_of(booking), money_of(booking)
        paid = sum(
            Payout.objects.filter(booking=booking.id)
            .exclude(state="dropped")
            .values_list("amount_cents", flat=True)
        )
        assert free + held + paid == total
        is_due = after.halfway is not None and after.halfway.due_at is not None
        expected = {
            BookingState.CALLED_OFF: 0,
            BookingState.COMPLETED: set_aside,
        }.get(after.state, set_aside - end - (0 if is_due else middle))
        assert paid == expected
        assert held == (set_aside - paid if after.state is BookingState.STARTED else 0)
        assert len(causes()) <= 1
        prove(at)
