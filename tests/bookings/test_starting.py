"""Did it start? The worker's yes, silence, a person's decision, an objection, and the payment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from eigenwijs.audit.types import TrailRow
from eigenwijs.bookings import access, operations, queries
from eigenwijs.bookings.models import Booking, Decision
from eigenwijs.bookings.operations import (
    UnableToConfirmStart,
    UnableToDecide,
    UnableToPay,
    due,
)
from eigenwijs.bookings.types import (
    BookingState,
    BookingView,
    PayoutState,
    StartOutcome,
    WorkItemCause,
)
from eigenwijs.budgets import operations as lapsing
from eigenwijs.budgets import queries as accounts
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as books
from eigenwijs.notices import queries as notices
from eigenwijs.people import operations as people
from eigenwijs.people.types import Role
from eigenwijs.schemes.types import CancelPrice, OrderClocks
from eigenwijs.treasury import queries as treasury
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_booking,
    make_desk,
    make_worker,
    provider_for,
    worker_at,
)
from tests.factories.budgets import make_conditions, make_credit
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


def kinds(booking: BookingView) -> list[str]:
    return [notice.kind for notice in notices.inbox(booking.person_id)]


def say_started(booking: BookingView, at: datetime = STARTED) -> None:
    operations.confirm_start(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)


def silent(days: int = 14) -> tuple[BookingView, UUID]:
    """A booking whose worker said nothing, and the work item that came of it."""
    booking = make_booking(confirmed_at=NEXT_DAY)
    operations.remind_silent(by=SYSTEM, at=STARTED + timedelta(days=days))
    (item,) = queries.work_items()
    return booking, item.id


def decide(
    item: UUID,
    outcome: StartOutcome = StartOutcome.STARTED,
    *,
    by: Actor | None = None,
    at: datetime = STARTED + timedelta(days=15),
    reason: str = "De opleider stuurde de presentielijst.",
    evidence: str = "Presentielijst van 15 maart, gebeld op 30 maart.",
) -> None:
    operations.decide_start(
        work_item_id=item,
        outcome=outcome,
        reason=reason,
        evidence=evidence,
        by=by or make_desk(),
        at=at,
    )


def object_to(booking: BookingView, at: datetime) -> None:
    operations.object_to_decision(
        booking_id=booking.id,
        text="Ik was er niet.",
        by=worker_at(booking.person_id, at),
        at=at,
    )


def test_worker_says_it_started_and_the_provider_is_paid() -> None:
    # 350.00: 200.00 of the pot with a condition, 150.00 of free money.
    booking = make_booking(confirmed_at=NEXT_DAY)
    for _ in range(2):
        say_started(booking)
    after = now_of(booking)
    assert (after.state, after.started_at) == (BookingState.STARTED, STARTED)
    assert after.payout is PayoutState.ORDERED
    assert money_of(booking) == (15_000, 0)
    (order,) = treasury.orders_to(booking.offer.provider_id)
    assert (order.amount, order.state) == (Money(35_000), "ready")
    assert after.number in order.reference
    assert books.prove(at=REQUESTED + timedelta(days=1000), known_holds=accounts.hold_keys()) == []


def test_nothing_starts_before_its_first_day() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    midnight = start_of_day(STARTS_ON)
    with pytest.raises(UnableToConfirmStart) as refused:
        say_started(booking, midnight - timedelta(seconds=1))
    assert refused.value.code == "not_started_yet"
    say_started(booking, midnight)


def test_only_the_worker_says_yes() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    for by in (provider_for(booking), make_desk(), worker_at(make_person(), STARTED), SYSTEM):
        with pytest.raises(UnableToConfirmStart) as refused:
            operations.confirm_start(booking_id=booking.id, by=by, at=STARTED)
        assert refused.value.code == "not_found"


def test_payment_waits_for_the_end_of_the_withdrawal_term() -> None:
    soon = REQUESTED.date() + timedelta(days=7)
    run = make_run(starts_on=soon, ends_on=soon + timedelta(days=30))
    booking = make_booking(run=run, early_start=True, confirmed_at=NEXT_DAY)
    say_started(booking, start_of_day(soon))
    assert booking.withdrawal_until
    over = start_of_day(booking.withdrawal_until + timedelta(days=1))
    assert operations.settle_due(by=SYSTEM, at=over - timedelta(seconds=1)) == 0
    assert now_of(booking).payout is None
    assert operations.settle_due(by=SYSTEM, at=over) == 1
    assert operations.settle_due(by=SYSTEM, at=over) == 0
    assert now_of(booking).payout is PayoutState.ORDERED


def test_who_says_it_late_after_the_hold_ended_still_gets_the_provider_paid() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    say_started(booking, STARTED + timedelta(days=400))
    assert now_of(booking).payout is PayoutState.ORDERED
    assert money_of(booking) == (15_000, 0)


def test_one_booking_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bookings = [make_booking(confirmed_at=NEXT_DAY) for _number in range(2)]
    calls: list[UUID] = []

    def fail_first(booking: Booking, kind: str, **_more: object) -> None:
        calls.append(booking.pk)
        if len(calls) == 1:
            raise UnableToPay("not_found", "x")

    monkeypatch.setattr(due, "tell_worker", fail_first)
    with pytest.raises(UnableToPay):
        operations.remind_silent(by=SYSTEM, at=STARTED)
    assert sorted(calls) == sorted(booking.id for booking in bookings)


def test_free_course_starts_and_nobody_is_paid() -> None:
    booking = make_booking(
        make_worker(), make_run(starts_on=STARTS_ON, price_cents=0), confirmed_at=NEXT_DAY
    )
    say_started(booking)
    assert (now_of(booking).state, now_of(booking).payout) == (BookingState.STARTED, None)
    assert operations.settle_due(by=SYSTEM, at=STARTED) == 0


def test_silent_learner_is_asked_reminded_and_then_called() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)

    def remind(days: int) -> int:
        return operations.remind_silent(by=SYSTEM, at=STARTED + timedelta(days=days))

    assert remind(-1) == 0
    assert [remind(0), remind(0), remind(6)] == [1, 0, 0]
    assert kinds(booking)[0] == "start_asked"
    assert [remind(7), remind(7), remind(13)] == [1, 0, 0]
    assert kinds(booking)[0] == "start_asked_again"
    assert [letter.kind for letter in notices.waiting_letters()] == ["start_asked_again"]
    assert queries.work_items() == []
    assert [remind(14), remind(14), remind(40)] == [1, 0, 0]
    (item,) = queries.work_items()
    assert (item.cause, item.booking_id) == (WorkItemCause.SILENT, booking.id)
    assert now_of(booking).state is BookingState.CONFIRMED
    assert money_of(booking) == (15_000, 35_000)


def test_silence_is_never_a_yes_and_never_a_no() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    for days in range(0, 400, 20):
        at = STARTED + timedelta(days=days)
        for routine in (operations.remind_silent, operations.settle_due, operations.lapse_due):
            routine(by=SYSTEM, at=at)
    assert now_of(booking).state is BookingState.CONFIRMED
    assert money_of(booking) == (15_000, 35_000)
    reservation = accounts.reservation(booking.id)
    assert reservation
    assert reservation.expires_at > STARTED + timedelta(days=380)
    say_started(booking, STARTED + timedelta(days=381))
    assert now_of(booking).payout is PayoutState.ORDERED
    assert books.prove(at=REQUESTED + timedelta(days=1000), known_holds=accounts.hold_keys()) == []


def test_yes_after_the_reminder_closes_the_work_item() -> None:
    booking, _item = silent()
    say_started(booking, STARTED + timedelta(days=15))
    assert queries.work_items() == []
    assert now_of(booking).payout is PayoutState.ORDERED


def test_worker_who_says_no_is_called_at_once() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    for _ in range(2):
        operations.deny_start(
            booking_id=booking.id, by=worker_at(booking.person_id, STARTED), at=STARTED
        )
    (item,) = queries.work_items()
    assert item.cause is WorkItemCause.DENIED
    assert money_of(booking) == (15_000, 35_000)
    assert operations.remind_silent(by=SYSTEM, at=STARTED + timedelta(days=30)) <= 1
    assert "start_asked_again" not in kinds(booking)
    assert len(queries.work_items()) == 1


def test_decision_is_carried_out_when_nobody_objects() -> None:
    booking, item = silent()
    at = STARTED + timedelta(days=15)
    decide(item, at=at)
    after = now_of(booking)
    assert after.state is BookingState.DECIDED
    assert money_of(booking) == (15_000, 35_000)
    assert kinds(booking)[0] == "start_decided"
    (decision,) = after.decisions
    assert decision.evidence.startswith("Presentielijst")
    assert decision.objection_until == at.date() + timedelta(days=14)
    over = start_of_day(decision.objection_until + timedelta(days=1))
    assert operations.settle_due(by=SYSTEM, at=over - timedelta(seconds=1)) == 0
    assert operations.settle_due(by=SYSTEM, at=over) == 1
    assert now_of(booking).payout is PayoutState.ORDERED
    assert queries.work_items() == []


@pytest.mark.parametrize(
    ("outcome", "cost", "available"),
    [(StartOutcome.NOT_GIVEN, 0, 50_000), (StartOutcome.STAYED_AWAY, 35_000, 15_000)],
)
def test_decision_that_it_did_not_start(outcome: StartOutcome, cost: int, available: int) -> None:
    booking, item = silent()
    decide(item, outcome)
    assert operations.settle_due(by=SYSTEM, at=STARTED + timedelta(days=40)) == 1
    after = now_of(booking)
    assert (after.state, after.cost) == (BookingState.NOT_STARTED, Money(cost))
    assert money_of(booking) == (available, 0)
    assert (after.payout is None) == (cost == 0)


@pytest.mark.parametrize(("early_start", "cost"), [(True, 210_00), (False, 0)])
def test_who_stayed_away_pays_nothing_before_a_long_term_is_over_and_no_more_than_was_agreed(
    early_start: bool, cost: int
) -> None:
    """€ 350.00, 60 percent on the day of the start: € 210.00, or nothing without a wish to start early.

    120 working days to think run meanwhile. Neither the decision nor that on an objection is carried out
    before they are over.
    """
    booking = in_long_term(early_start=early_start)
    (item,) = queries.work_items()
    decide(item.id, StartOutcome.STAYED_AWAY)
    last, next_day = around_end_of_term(booking)
    operations.settle_due(by=SYSTEM, at=last)
    assert now_of(booking).state is BookingState.DECIDED
    assert money_of(booking) == (150_00, 350_00)
    assert operations.settle_due(by=SYSTEM, at=next_day) == 1
    assert now_of(booking).cost == Money(cost)
    assert money_of(booking) == (500_00 - cost, 0)


def test_an_objection_to_having_stayed_away_is_decided_after_a_long_term_and_makes_it_no_dearer() -> (
    None
):
    booking = in_long_term(early_start=False)
    (item,) = queries.work_items()
    decide(item.id, StartOutcome.STAYED_AWAY)
    object_to(booking, STARTED + timedelta(days=20))
    (again,) = queries.work_items()
    last, next_day = around_end_of_term(booking)
    with pytest.raises(UnableToDecide) as refused:
        decide(again.id, StartOutcome.STAYED_AWAY, at=last)
    assert refused.value.code == "in_withdrawal_term"
    decide(again.id, StartOutcome.STAYED_AWAY, at=next_day)
    assert now_of(booking).state is BookingState.NOT_STARTED
    assert money_of(booking) == (500_00, 0)


@pytest.mark.parametrize(
    ("term", "early_start", "cost", "usable"),
    [(120, False, 0, 350_00), (120, True, 210_00, 140_00), (10, False, 210_00, 0)],
)
def test_money_that_ended_meanwhile_stays_usable_for_who_could_still_stop_when_it_was_decided(
    term: int, early_start: bool, cost: int, usable: int
) -> None:
    """Staying away costs no more than leaving on the day of the decision: within the term no money ends."""
    booking = in_long_term(early_start=early_start, term=term, ends_on=NEXT_DAY.date())
    (item,) = queries.work_items()
    decide(item.id, StartOutcome.STAYED_AWAY)
    assert booking.withdrawal_until
    at = start_of_day(max(booking.withdrawal_until, STARTED.date() + timedelta(days=40)))
    at += timedelta(days=1, hours=12)
    assert operations.settle_due(by=SYSTEM, at=at) == 1
    assert now_of(booking).cost == Money(cost)
    lapsing.lapse_due(by=SYSTEM, at=at + timedelta(days=1))
    account = accounts.account(booking.person_id, on=at.date() + timedelta(days=1))
    assert account.available == Money(usable)


def in_long_term(*, early_start: bool, term: int = 120, ends_on: date | None = None) -> BookingView:
    """A booking of which nobody said that it started; the worker can stop for so many working days."""
    clocks = OrderClocks(withdrawal_working_days=term, cancel=(CancelPrice(0, False, 60),))
    worker = make_worker()
    conditions = make_conditions(orders=clocks, ends_on=ends_on)
    make_credit(worker.id, 500_00, conditions=conditions, at=REQUESTED)
    booking = make_booking(worker, confirmed_at=NEXT_DAY, early_start=True)
    Booking.objects.filter(pk=booking.id).update(early_start_requested=early_start)
    operations.remind_silent(by=SYSTEM, at=STARTED + timedelta(days=14))
    return booking


def around_end_of_term(booking: BookingView) -> tuple[datetime, datetime]:
    """The last day of the term at noon, long after the start, and the next."""
    assert booking.withdrawal_until
    last = start_of_day(booking.withdrawal_until) + timedelta(hours=12)
    assert last > STARTED + timedelta(days=40)
    return last, last + timedelta(days=1)


def test_worker_objects_and_another_person_decides() -> None:
    booking, item = silent()
    first, second = make_desk(), make_desk()
    decide(item, by=first)
    for _ in range(2):
        object_to(booking, STARTED + timedelta(days=20))
    assert now_of(booking).state is BookingState.OBJECTED
    assert operations.settle_due(by=SYSTEM, at=STARTED + timedelta(days=31)) == 0
    (again,) = queries.work_items()
    assert again.cause is WorkItemCause.OBJECTION
    assert again.decisions[0].objection == "Ik was er niet."
    later = STARTED + timedelta(days=32)
    with pytest.raises(UnableToDecide) as refused:
        decide(again.id, by=first, at=later)
    assert refused.value.code == "decided_before"
    decide(again.id, StartOutcome.NOT_GIVEN, by=second, at=later)
    after = now_of(booking)
    assert (after.state, len(after.decisions)) == (BookingState.NOT_STARTED, 2)
    assert after.decisions[1].objection_until is None
    assert money_of(booking) == (50_000, 0)
    assert kinds(booking)[0] == "objection_decided"


def test_objection_after_its_term_is_too_late() -> None:
    booking, item = silent()
    decide(item, at=STARTED + timedelta(days=15))
    with pytest.raises(UnableToDecide) as refused:
        object_to(booking, STARTED + timedelta(days=30))
    assert refused.value.code == "too_late"
    object_to(booking, STARTED + timedelta(days=29))


def test_workers_own_yes_counts_whatever_was_decided() -> None:
    booking, item = silent()
    decide(item, StartOutcome.NOT_GIVEN)
    say_started(booking, STARTED + timedelta(days=16))
    assert now_of(booking).state is BookingState.STARTED
    assert operations.settle_due(by=SYSTEM, at=STARTED + timedelta(days=60)) == 0


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({"reason": " "}, "missing_reason"),
        ({"evidence": "\n"}, "missing_evidence"),
        ({"reason": "x" * 5001}, "too_long"),
    ],
)
def test_decision_needs_reason_and_evidence(texts: dict[str, str], code: str) -> None:
    _booking, item = silent()
    with pytest.raises(UnableToDecide) as refused:
        decide(item, **texts)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_who_releases_payments_does_not_decide() -> None:
    booking, item = silent()
    person = make_person(role=Role.DESK)
    people.grant_role(
        person_id=person.id, role=Role.FINANCE, organisation_id=None, by=SYSTEM, at=REQUESTED
    )
    with pytest.raises(UnableToDecide) as refused:
        decide(item, by=actor_for(person, Role.DESK))
    assert refused.value.code == "releases_payments"
    finance = make_person(role=Role.FINANCE)
    for by in (actor_for(finance, Role.FINANCE), provider_for(booking), SYSTEM):
        with pytest.raises(UnableToDecide) as refused:
            decide(item, by=by)
        assert refused.value.code == "not_found"
    with pytest.raises(IntegrityError, match="decision_not_by_who_pays"), transaction.atomic():
        Decision.objects.create(
            id=item,
            booking_id=booking.id,
            outcome="started",
            reason="x",
            evidence="y",
            decided_by=finance.id,
            decided_as="finance",
            decided_at=STARTED,
        )


def test_who_is_involved_does_not_decide() -> None:
    booking, item = silent()
    for person_id, organisation_id in (
        (booking.person_id, None),
        (provider_for(booking).person_id, booking.offer.provider_id),
    ):
        assert person_id
        people.grant_role(
            person_id=person_id, role=Role.DESK, organisation_id=None, by=SYSTEM, at=REQUESTED
        )
        with pytest.raises(UnableToDecide) as refused:
            decide(item, by=actor_for(person_id, Role.DESK))
        assert refused.value.code == "involved", organisation_id


def test_the_database_refuses_to_change_a_decision() -> None:
    _booking, item = silent()
    decide(item)
    for statement in ("UPDATE bookings_decision SET reason = 'x'", "DELETE FROM bookings_decision"):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            connection.cursor().execute(statement)


def test_desk_opens_a_work_item_and_the_worker_reads_it_in_their_log() -> None:
    booking, item = silent()
    detail = access.work_item(item, by=make_desk(), at=STARTED)
    assert detail
    assert detail.person_id == booking.person_id
    for by in (provider_for(booking), worker_at(booking.person_id, STARTED), Actor.anonymous()):
        assert access.work_item(item, by=by, at=STARTED) is None


def event_of(booking: BookingView, name: str, reason: str = "") -> TrailRow:
    """What the treasury announces about the current order of a booking's payout."""
    (order,) = [
        one for one in treasury.orders_to(booking.offer.provider_id) if one.state == "ready"
    ]
    return TrailRow(
        id=0,
        at=STARTED,
        actor_kind="system",
        actor_person=None,
        actor_role="",
        actor_organisation=None,
        actor_name="",
        action=name,
        subject=("treasury.paymentorder", order.id),
        field_names=(),
        ids={"owner": str(order.owner[1]), "order": str(order.id), "reason": reason},
        from_state="",
        to_state="",
        event=name,
    )


def test_settled_order_makes_the_payout_paid() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    say_started(booking)
    operations.payout_settled(event_of(booking, "order_settled"), by=SYSTEM, at=STARTED)
    assert now_of(booking).payout is PayoutState.PAID
    assert kinds(booking)[0] == "booking_paid"
    (payout,) = queries.payouts_of(booking.offer.provider_id)
    assert payout.settled_at == STARTED


def test_money_that_came_back_is_owed_again_and_paid_again() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    say_started(booking)
    event = event_of(booking, "order_rejected", "AC04")
    provider = provider_for(booking)
    operations.payout_rejected(event, by=SYSTEM, at=STARTED)
    (payout,) = queries.payouts_of(booking.offer.provider_id)
    assert (payout.state, payout.reason) == (PayoutState.REOPENED, "AC04")
    assert provider.person_id
    assert notices.inbox(provider.person_id)[0].kind == "payout_came_back"
    stranger = provider_for(make_booking())
    for by in (stranger, worker_at(booking.person_id, STARTED)):
        with pytest.raises(UnableToPay) as refused:
            operations.pay(booking_id=booking.id, by=by, at=STARTED)
        assert refused.value.code == "not_found"


def test_event_of_an_earlier_order_changes_nothing() -> None:
    booking = make_booking(confirmed_at=NEXT_DAY)
    say_started(booking)
    event = event_of(booking, "order_settled")
    stale = TrailRow(
        **{
            **{name: getattr(event, name) for name in event.__slots__},
            "ids": {**event.ids, "order": str(booking.id)},
        }
    )
    operations.payout_settled(stale, by=SYSTEM, at=STARTED)
    assert now_of(booking).payout is PayoutState.ORDERED


def test_export_holds_everything_of_the_worker() -> None:
    booking, item = silent()
    decide(item)
    (exported,) = queries.export(booking.person_id)
    assert exported["number"] == booking.number
    assert exported["offer"]["title"] == booking.offer.title
    assert exported["decisions"][0]["reason"].startswith("De opleider")
