"""A part of a provider's money that waits until the course was completed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest

from eigenwijs.audit import queries as trail
from eigenwijs.bookings import operations, queries, rules
from eigenwijs.bookings.models import Payout
from eigenwijs.bookings.operations import UnableToAnswer, UnableToDecide
from eigenwijs.bookings.types import (
    BookingState,
    BookingView,
    CompletionOutcome,
    PayoutState,
    WorkItemCause,
)
from eigenwijs.budgets import queries as accounts
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as books
from eigenwijs.notices import queries as notices
from eigenwijs.people.types import PersonView
from eigenwijs.schemes.types import Milestone, OrderClocks
from eigenwijs.treasury import queries as treasury
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    make_desk,
    provider_for,
    quote_for,
    say_yes,
    worker_at,
)
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import SYSTEM, make_person

pytestmark = pytest.mark.django_db

NEXT_DAY = REQUESTED + timedelta(days=1)
STARTED = start_of_day(STARTS_ON) + timedelta(hours=12)
PRICE = 35_000  # of the made-up run


def worker_with(
    *shares: tuple[int, int], attended_at_least: int = 0, certificate_suffices: bool = False
) -> PersonView:
    """A worker with pots: how much there is, and the percent that waits for the completion."""
    worker = make_person()
    for number, (cents, percent) in enumerate(shares):
        conditions = make_conditions(
            scheme=f"scheme {number}",
            work_related_only=number == 0,
            completed_percent=percent,
            attended_at_least=attended_at_least if percent else 0,
            certificate_suffices=certificate_suffices,
        )
        make_credit(worker.id, cents, conditions=conditions, at=REQUESTED)
    return worker


def begun(
    *shares: tuple[int, int], attended_at_least: int = 0, certificate: bool = False
) -> BookingView:
    """A booking of which the worker said that it started, after the withdrawal term."""
    worker = worker_with(
        *(shares or ((20_001, 50), (30_000, 0))),
        attended_at_least=attended_at_least,
        certificate_suffices=certificate,
    )
    booking = make_booking(worker, confirmed_at=NEXT_DAY)
    operations.confirm_start(
        booking_id=booking.id, by=worker_at(booking.person_id, STARTED), at=STARTED
    )
    return now_of(booking)


def now_of(booking: BookingView) -> BookingView:
    found = queries.booking(booking.id)
    assert found
    return found


def ended(booking: BookingView, days: int = 0) -> datetime:
    return start_of_day(booking.offer.ends_on + timedelta(days=days)) + timedelta(hours=12)


def money_of(booking: BookingView) -> tuple[int, int]:
    account = accounts.account(booking.person_id, on=REQUESTED.date())
    return account.available.cents, account.reserved.cents


def orders_of(booking: BookingView) -> list[int]:
    return sorted(one.amount.cents for one in treasury.orders_to(booking.offer.provider_id))


def kinds(booking: BookingView) -> list[str]:
    return [notice.kind for notice in notices.inbox(booking.person_id)]


def provider_says(
    booking: BookingView,
    attended_percent: int | None = None,
    *,
    certificate: bool | None = None,
    days: int = 0,
) -> None:
    operations.complete(
        booking_id=booking.id,
        attended_percent=attended_percent,
        certificate=certificate,
        by=provider_for(booking),
        at=ended(booking, days),
    )


def worker_denies(booking: BookingView, days: int = 1) -> None:
    at = ended(booking, days)
    operations.deny_part(
        booking_id=booking.id,
        milestone=Milestone.COMPLETED,
        by=worker_at(booking.person_id, at),
        at=at,
    )


def decide(outcome: CompletionOutcome, at: datetime, *, by: Actor | None = None) -> None:
    (item,) = queries.work_items()
    assert item.cause is WorkItemCause.COMPLETION
    operations.decide_part(
        work_item_id=item.id,
        outcome=outcome,
        reason="De opleider stuurde de lijst.",
        evidence="Presentielijst.",
        by=by or make_desk(),
        at=at,
    )


def settle(at: datetime) -> int:
    return operations.settle_due(by=SYSTEM, at=at)


def time_passes(booking: BookingView, days: int) -> None:
    """What the house does by itself, so many days after the last one of the course."""
    at = ended(booking, days)
    operations.remind_silent(by=SYSTEM, at=at)
    settle(at)


def object_to(booking: BookingView, milestone: Milestone, at: datetime) -> None:
    operations.object_to_part(
        booking_id=booking.id,
        milestone=milestone,
        text="Nee.",
        by=worker_at(booking.person_id, at),
        at=at,
    )


def prove(at: datetime) -> None:
    assert accounts.prove() == []
    assert books.prove(at=at, known_holds=accounts.hold_keys()) == []


def test_the_quote_says_what_waits_for_the_completion() -> None:
    quote = quote_for(worker_with((20_001, 50), (30_000, 0)), make_run(starts_on=STARTS_ON))
    assert quote.at_completion == Money(10_001)
    booking = say_yes(quote)
    assert booking.completion
    assert booking.completion.amount == Money(10_001)
    found = now_of(booking).completion
    assert found
    assert found.amount == Money(10_001)


def test_at_the_start_the_provider_gets_its_part_and_the_rest_stays_set_aside() -> None:
    booking = begun()
    assert orders_of(booking) == [PRICE - 10_001]
    assert booking.payout is PayoutState.ORDERED
    assert booking.completion
    assert booking.completion.payout is None
    assert money_of(booking) == (30_000 + 20_001 - PRICE, 10_001)
    assert settle(STARTED + timedelta(days=1)) == 0
    prove(STARTED)


def test_what_waits_stays_set_aside_however_long_it_lasts() -> None:
    booking = begun()
    for days in range(0, 400, 30):
        settle(STARTED + timedelta(days=days))
        prove(STARTED + timedelta(days=days))
    assert money_of(booking)[1] == 10_001


def test_the_workers_own_yes_pays_the_rest() -> None:
    booking = begun()
    at = ended(booking)
    for _ in range(2):
        operations.complete(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)
    assert now_of(booking).state is BookingState.COMPLETED
    assert orders_of(booking) == [10_001, PRICE - 10_001]
    assert money_of(booking)[1] == 0
    prove(at)


def test_what_the_provider_says_is_evidence_and_silence_after_it_pays_nothing() -> None:
    booking = begun((PRICE, 50), attended_at_least=75)
    provider_says(booking, 100)
    assert "completion_said" in kinds(booking)
    time_passes(booking, 14)
    assert queries.work_items() == []
    for days in (15, 16, 400):
        time_passes(booking, days)
        (item,) = queries.work_items()
        assert item.cause is WorkItemCause.COMPLETION
    assert now_of(booking).state is BookingState.STARTED
    assert orders_of(booking) == [PRICE // 2]
    assert money_of(booking) == (0, PRICE // 2)
    decide(CompletionOutcome.COMPLETED, ended(booking, 400))
    time_passes(booking, 414)
    assert orders_of(booking) == [PRICE // 2]
    time_passes(booking, 415)
    assert now_of(booking).state is BookingState.COMPLETED
    assert orders_of(booking) == [PRICE // 2, PRICE // 2]
    assert queries.work_items() == []
    prove(ended(booking, 415))


def test_what_a_person_decides_after_the_providers_word_can_be_that_it_was_not_completed() -> None:
    booking = begun()
    provider_says(booking)
    time_passes(booking, 15)
    decide(CompletionOutcome.NOT_COMPLETED, ended(booking, 15))
    time_passes(booking, 30)
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert orders_of(booking) == [PRICE - 10_001]
    assert money_of(booking) == (30_000 + 20_001 - PRICE + 10_001, 0)


def test_the_workers_yes_pays_the_rest_however_late_it_comes() -> None:
    booking = begun()
    provider_says(booking)
    time_passes(booking, 60)
    at = ended(booking, 60)
    operations.complete(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)
    assert orders_of(booking) == [10_001, PRICE - 10_001]
    assert queries.work_items() == []


def test_nobody_says_it_before_the_last_day() -> None:
    booking = begun()
    early = start_of_day(booking.offer.ends_on) - timedelta(seconds=1)
    with pytest.raises(UnableToAnswer) as refused:
        operations.complete(booking_id=booking.id, by=provider_for(booking), at=early)
    assert refused.value.code == "not_ended_yet"


@pytest.mark.parametrize(
    ("attended", "certificate", "suffices", "is_enough"),
    [
        (75, None, False, True),
        (74, None, False, False),
        (74, True, False, False),
        (0, True, True, True),
        (74, False, True, False),
        (100, False, True, True),
    ],
)
def test_where_it_is_not_enough_a_person_decides(
    attended: int, certificate: bool | None, suffices: bool, is_enough: bool
) -> None:
    booking = begun((PRICE, 100), attended_at_least=75, certificate=suffices)
    assert orders_of(booking) == []
    provider_says(booking, attended, certificate=certificate)
    assert bool(queries.work_items()) is not is_enough
    assert ("completion_not_enough" in kinds(booking)) is not is_enough
    settle(ended(booking, 100))
    assert orders_of(booking) == []
    assert money_of(booking) == (0, PRICE)


def test_a_provider_must_say_how_much_was_attended_where_the_money_asks_that() -> None:
    booking = begun((PRICE, 100), attended_at_least=75)
    for wrong in (None, -1, 101):
        with pytest.raises(UnableToAnswer) as refused:
            provider_says(booking, wrong)
        assert refused.value.code == "missing_attendance"


def test_where_nobody_says_anything_the_worker_is_asked_and_then_a_person_calls() -> None:
    booking = begun()
    operations.remind_silent(by=SYSTEM, at=ended(booking))
    operations.remind_silent(by=SYSTEM, at=ended(booking, 1))
    assert kinds(booking).count("completion_asked") == 1
    assert queries.work_items() == []
    for days in (14, 15):
        operations.remind_silent(by=SYSTEM, at=ended(booking, days))
    (item,) = queries.work_items()
    assert item.cause is WorkItemCause.COMPLETION


def test_a_worker_who_contradicts_stops_the_payment_until_a_person_decided() -> None:
    booking = begun()
    provider_says(booking)
    for _ in range(2):
        worker_denies(booking)
    settle(ended(booking, 50))
    assert len(orders_of(booking)) == 1
    decide(CompletionOutcome.COMPLETED, ended(booking, 50))
    settle(ended(booking, 64))
    assert len(orders_of(booking)) == 1
    settle(ended(booking, 65))
    assert orders_of(booking) == [10_001, PRICE - 10_001]


def test_what_was_not_completed_goes_back_and_what_was_paid_stays_paid() -> None:
    booking = begun()
    worker_denies(booking)
    decide(CompletionOutcome.NOT_COMPLETED, ended(booking, 2))
    settle(ended(booking, 17))
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert money_of(booking) == (30_000 + 20_001 - PRICE + 10_001, 0)
    assert orders_of(booking) == [PRICE - 10_001]
    assert "booking_not_completed" in kinds(booking)
    prove(ended(booking, 17))


def test_an_objection_is_decided_by_another_and_carried_out_at_once() -> None:
    booking = begun((PRICE, 100))
    worker_denies(booking)
    first = make_desk()
    decide(CompletionOutcome.COMPLETED, ended(booking, 2), by=first)
    at = ended(booking, 3)
    for _ in range(2):
        object_to(booking, Milestone.COMPLETED, at)
    settle(ended(booking, 90))
    assert orders_of(booking) == []
    with pytest.raises(UnableToDecide) as refused:
        decide(CompletionOutcome.COMPLETED, ended(booking, 91), by=first)
    assert refused.value.code == "decided_before"
    decide(CompletionOutcome.NOT_COMPLETED, ended(booking, 91))
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert money_of(booking) == (PRICE, 0)
    assert orders_of(booking) == []


def test_a_no_after_a_decision_stops_it_until_somebody_else_has_looked() -> None:
    booking = begun()
    operations.remind_silent(by=SYSTEM, at=ended(booking, 14))
    decide(CompletionOutcome.COMPLETED, ended(booking, 15))
    worker_denies(booking, 16)
    settle(ended(booking, 90))
    assert len(orders_of(booking)) == 1
    decide(CompletionOutcome.NOT_COMPLETED, ended(booking, 91))
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert len(orders_of(booking)) == 1


def test_a_no_after_a_decision_that_says_so_too_asks_nobody_again() -> None:
    booking = begun((PRICE, 100), attended_at_least=75)
    provider_says(booking, 50)
    decide(CompletionOutcome.NOT_COMPLETED, ended(booking, 1))
    worker_denies(booking, 2)
    assert queries.work_items() == []
    settle(ended(booking, 17))
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert money_of(booking) == (PRICE, 0)


def test_only_the_worker_contradicts_and_as_long_as_nothing_was_paid() -> None:
    booking = begun()
    provider_says(booking)
    for by, code in (
        (provider_for(booking), "not_found"),
        (worker_at(make_person(), STARTED), "not_found"),
    ):
        with pytest.raises(UnableToAnswer) as refused:
            operations.deny_part(
                booking_id=booking.id, milestone=Milestone.COMPLETED, by=by, at=ended(booking)
            )
        assert refused.value.code == code
    worker_denies(booking, 90)
    (item,) = queries.work_items()
    assert item.cause is WorkItemCause.COMPLETION
    paid = begun()
    at = ended(paid)
    operations.complete(booking_id=paid.id, by=worker_at(paid.person_id, at), at=at)
    with pytest.raises(UnableToAnswer) as late:
        worker_denies(paid)
    assert late.value.code == "wrong_state"


def test_a_course_called_off_halfway_gives_back_what_was_not_delivered() -> None:
    booking = begun()
    Payout.objects.filter(booking=booking.id).update(state="paid")
    at = STARTED + timedelta(days=3)
    for _ in range(2):
        operations.cancel(booking_id=booking.id, answer="", by=provider_for(booking), at=at)
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.CALLED_OFF, Money(PRICE - 10_001))
    assert money_of(booking) == (30_000 + 20_001 - PRICE + 10_001, 0)
    assert "booking_called_off_halfway" in kinds(booking)
    assert "booking_called_off" not in kinds(booking)


def test_a_course_called_off_before_the_money_left_gives_all_back() -> None:
    booking = begun()
    operations.cancel(
        booking_id=booking.id, answer="", by=provider_for(booking), at=STARTED + timedelta(days=1)
    )
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.CALLED_OFF, Money.zero())
    assert money_of(booking) == (50_001, 0)
    assert "booking_called_off" in kinds(booking)
    prove(STARTED + timedelta(days=1))


def test_a_booking_without_milestones_completes_as_before() -> None:
    booking = begun((PRICE, 0))
    assert booking.completion is None
    assert orders_of(booking) == [PRICE]
    provider_says(booking)
    assert now_of(booking).state is BookingState.COMPLETED
    operations.remind_silent(by=SYSTEM, at=ended(booking, 40))
    assert queries.work_items() == []
    with pytest.raises(UnableToAnswer):
        worker_denies(booking)


def test_within_the_withdrawal_term_nothing_is_paid_or_decided_also_on_its_last_day() -> None:
    """Confirmed on 24 November: the term ends on 8 December. The course was on 30 November and 1 December."""
    worker = worker_with((20_001, 50), (30_000, 0), attended_at_least=75)
    run = make_run(starts_on=date(2026, 11, 30), ends_on=date(2026, 12, 1))
    booking = make_booking(worker, run, early_start=True, confirmed_at=NEXT_DAY)
    last = ended(booking, 7)
    assert now_of(booking).withdrawal_until == date(2026, 12, 8) == last.date()
    operations.confirm_start(booking_id=booking.id, by=worker_at(booking.person_id, last), at=last)
    provider_says(booking, 50, days=7)
    settle(last)
    assert orders_of(booking) == []
    with pytest.raises(UnableToDecide) as refused:
        decide(CompletionOutcome.NOT_COMPLETED, last)
    assert refused.value.code == "in_withdrawal_term"
    settle(last + timedelta(days=1))
    assert orders_of(booking) == [PRICE - 10_001]
    decide(CompletionOutcome.NOT_COMPLETED, last + timedelta(days=1))
    assert orders_of(booking) == [PRICE - 10_001]


@pytest.mark.parametrize("completed_percent", [0, 50])
def test_what_the_provider_says_ends_no_term_in_which_the_worker_can_still_stop(
    completed_percent: int,
) -> None:
    """90 days to think, the course is over on the 7th; the worker's own yes may end it, and pays after it."""
    orders = OrderClocks(withdrawal_days=90)
    worker = make_person()
    conditions = make_conditions(orders=orders, completed_percent=completed_percent)
    make_credit(worker.id, PRICE, conditions=conditions, at=REQUESTED)
    run = make_run(starts_on=date(2026, 11, 30), ends_on=date(2026, 12, 1))
    booking = make_booking(worker, run, early_start=True, confirmed_at=NEXT_DAY)
    operations.confirm_start(
        booking_id=booking.id, by=worker_at(worker, ended(booking)), at=ended(booking)
    )
    if completed_percent:
        provider_says(booking)
    else:
        with pytest.raises(UnableToAnswer) as refused:
            provider_says(booking)
        assert refused.value.code == "in_withdrawal_term"
    assert booking.withdrawal_until
    last = start_of_day(booking.withdrawal_until) + timedelta(hours=12)
    operations.remind_silent(by=SYSTEM, at=last)
    settle(last)
    assert now_of(booking).state is BookingState.STARTED
    assert orders_of(booking) == []
    assert queries.work_items() == []
    assert queries.leaving(booking.id, last)
    if not completed_percent:
        operations.complete(booking_id=booking.id, by=worker_at(worker, last), at=last)
        assert now_of(booking).state is BookingState.COMPLETED
        assert orders_of(booking) == []
    over = last + timedelta(days=1)
    operations.remind_silent(by=SYSTEM, at=over)
    settle(over)
    assert sum(orders_of(booking)) == PRICE * (100 - completed_percent) // 100
    assert len(queries.work_items()) == (1 if completed_percent else 0)


def test_the_workers_yes_pays_nothing_where_the_provider_denies_it_until_a_person_looked() -> None:
    booking = begun((PRICE, 100), attended_at_least=75)
    provider_says(booking, 50)
    at = ended(booking, 1)
    for _ in range(2):
        operations.complete(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)
    said = trail.trail(
        subject=("bookings.booking", booking.id), action="bookings.completion.affirm"
    )
    assert len(said) == 1, "the same yes again writes nothing"
    settle(ended(booking, 60))
    assert orders_of(booking) == []
    decide(CompletionOutcome.COMPLETED, ended(booking, 60))
    at = ended(booking, 61)
    operations.complete(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)
    assert orders_of(booking) == [PRICE]


def test_the_workers_yes_pays_nothing_after_a_decision_that_it_was_not_completed() -> None:
    booking = begun((PRICE, 100))
    worker_denies(booking)
    decide(CompletionOutcome.NOT_COMPLETED, ended(booking, 2))
    at = ended(booking, 3)
    with pytest.raises(UnableToAnswer) as refused:
        operations.complete(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)
    assert refused.value.code == "decided_not_completed"
    settle(ended(booking, 17))
    assert now_of(booking).state is BookingState.NOT_COMPLETED
    assert orders_of(booking) == []


def test_all_that_is_asked_by_several_schemes_counts() -> None:
    assert rules.meets_completion(
        attended_at_least=0, certificate_suffices=False, attended_percent=None, certificate=None
    )
    assert not rules.meets_completion(
        attended_at_least=80, certificate_suffices=True, attended_percent=None, certificate=None
    )


@pytest.mark.parametrize("seed", range(10))
def test_random_histories_pay_no_more_than_was_set_aside_and_lose_no_cent(seed: int) -> None:
    random = Random(seed)
    shares = [
        (random.randint(5_000, 20_000), random.choice([0, 1, 33, 50, 99, 100])) for _ in range(3)
    ]
    total = sum(cents for cents, _percent in shares)
    booking = begun(*shares, attended_at_least=random.choice([0, 75]))
    set_aside = booking.from_account.cents
    waits = booking.completion.amount.cents if booking.completion else 0
    days = 0
    for _ in range(12):
        days += random.randint(0, 12)
        at = ended(booking, days)
        settle(at)  # comes every hour
        worker, provider = worker_at(booking.person_id, at), provider_for(booking)
        act = random.choice(["settle", "remind", "say", "deny", "decide", "own", "off", "object"])
        try:
            if act == "settle":
                settle(at)
            elif act == "remind":
                operations.remind_silent(by=SYSTEM, at=at)
            elif act == "say":
                provider_says(booking, random.randint(0, 100), days=days)
            elif act == "deny":
                worker_denies(booking, days)
            elif act == "decide" and queries.work_items():
                decide(random.choice(list(CompletionOutcome)), at)
            elif act == "own" and random.random() < 0.3:
                operations.complete(booking_id=booking.id, by=worker, at=at)
            elif act == "off" and random.random() < 0.2:
                operations.cancel(booking_id=booking.id, answer="", by=provider, at=at)
            elif act == "object":
                operations.object_to_part(
                    booking_id=booking.id, milestone=Milestone.COMPLETED, text="x", by=worker, at=at
                )
        except (UnableToAnswer, UnableToDecide):
            pass
        after, (free, held) = now_of(booking), money_of(booking)
        paid = sum(
            Payout.objects.filter(booking=booking.id)
            .exclude(state="dropped")
            .values_list("amount_cents", flat=True)
        )
        assert free + held + paid == total
        assert paid in (0, set_aside - waits, set_aside)
        assert (paid == set_aside) is (
            after.state is BookingState.COMPLETED
            or (waits == 0 and after.state is not BookingState.CALLED_OFF)
        )
        assert held == (waits if after.state is BookingState.STARTED else 0)
        prove(at)
