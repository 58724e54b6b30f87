"""A payment goes to accounts chunk by chunk: each once, in whatever way it is interrupted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.budgets.types import CreditView
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    CreditingRun,
    Delivery,
    PaymentRequest,
    PlannedShare,
    TakenBack,
)
from eigenwijs.contributions.operations import crediting
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger import periods
from eigenwijs.ledger import rules as ledger_rules
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, OrganisationView
from eigenwijs.treasury import operations as treasury
from tests.factories.budgets import make_course_facts
from tests.factories.contributions import (
    GIFT,
    REACTIONS,
    SCHEMES,
    SYSTEM,
    Bank,
    actor_of,
    deliver,
    later,
    make_law,
    make_participant,
    react,
    react_once,
    requests_of,
    waiting,
    worker,
)
from tests.factories.people import make_organisation
from tests.factories.treasury import Booking, Detail, assert_books_hold, pays
from tests.faults import again_after_a_clash

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five people are three chunks."""
    monkeypatch.setattr(crediting, "CHUNK", 2)


def five() -> list[PayrollRow]:
    """A payroll of five people of 20 hours, € 11.11 each."""
    return [worker(number) for number in range(1, 6)]


def paid(
    now: datetime, *, cents: int = 55_55, opening: int = 0
) -> tuple[OrganisationView, Bank, PaymentRequest]:
    """An employer of five whose request of € 55.55 was just paid; nothing reacted to that yet."""
    make_law(GIFT)
    employer = make_participant(GIFT)
    bank = Bank(opening)
    deliver(employer, "2026-01", five(), now)
    react(now)
    (request,) = requests_of(employer)
    bank.load(pays(cents, reference=request.reference, end_to_end_id="E1"), at=now)
    return employer, bank, request


def available(employer: OrganisationView, at: datetime) -> list[int]:
    """What each of an employer's people can spend, in cents."""
    return [
        accounts.account(one.person_id, on=at.date()).available.cents
        for one in people.employments_of_employer(employer.id)
    ]


def credits_of(employer: OrganisationView) -> list[CreditView]:
    return [
        credit
        for one in people.employments_of_employer(employer.id)
        for credit in accounts.credits_of(one.person_id)
    ]


def test_a_payment_reaches_accounts_two_by_two_and_everybody_sees_how_far_it_is(
    now: datetime,
) -> None:
    """€ 55.55 for five: after the first chunk two have € 11.11, after the third all five."""
    employer, _bank, request = paid(now)
    by = actor_of(employer)
    assert react_once(now) == "receipt_matched"
    assert queries.crediting(by=by)[request.id].done == 0
    seen = []
    while react_once(now) != "money_credited":
        run = CreditingRun.objects.get()
        request.refresh_from_db()
        assert run.done_cents == request.credited_cents == sum(available(employer, now))
        assert PlannedShare.objects.count() == run.amounts - run.done
        seen += [(one.progress.done, one.progress.total) for one in queries.crediting_everywhere()]
    assert seen == [(2, 5), (4, 5)]
    assert available(employer, now) == [11_11] * 5
    assert (request.state, request.credited_cents) == ("paid", 55_55)
    assert queries.crediting(by=by) == {}
    assert_books_hold(now)


def test_the_trail_says_once_that_a_run_began_and_once_that_it_ended(now: datetime) -> None:
    _employer, _bank, _request = paid(now)
    react(now)
    run = CreditingRun.objects.get()
    told = [
        (row.action, row.ids.get("done"))
        for row in reversed(trail.trail(subject=("contributions.creditingrun", run.id)))
    ]
    assert told == [
        ("contributions.creditingrun.begin", 0),
        ("crediting_continues", 2),
        ("crediting_continues", 4),
        ("contributions.creditingrun.end", None),
    ]


def test_a_chunk_that_fails_leaves_nothing_and_the_run_goes_on_from_there(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    employer, _bank, _request = paid(now)
    assert [react_once(now), react_once(now)] == ["receipt_matched", "crediting_begun"]

    def fail(*_arguments: object, **_more: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(crediting, "copy_in", fail)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            react_once(now)
    assert sum(available(employer, now)) == 22_22
    assert (CreditingRun.objects.get().done, PlannedShare.objects.count()) == (2, 3)
    react(now)
    assert available(employer, now) == [11_11] * 5
    assert_books_hold(now)


def test_a_run_whose_shares_are_gone_stops_with_an_error_instead_of_going_round(
    now: datetime,
) -> None:
    employer, _bank, _request = paid(now)
    assert [react_once(now), react_once(now)] == ["receipt_matched", "crediting_begun"]
    (event,) = waiting()
    PlannedShare.objects.all().delete()
    with pytest.raises(ValueError, match="2 of 5"):
        operations.credit_next(event, by=SYSTEM, at=now)
    assert waiting() == [event]
    assert (CreditingRun.objects.get().state, sum(available(employer, now))) == ("running", 22_22)


def test_every_event_of_a_run_again_credits_nothing(now: datetime) -> None:
    """Each comes a second time in the middle of the run, and once more after its end."""
    employer, _bank, _request = paid(now)
    events = []
    while waiting():
        events.append(waiting()[0])
        react_once(now)
        before = (CreditingRun.objects.get().done, len(waiting()))
        REACTIONS[events[-1].event](events[-1], by=SYSTEM, at=now)
        assert (CreditingRun.objects.get().done, len(waiting())) == before
    for event in events:
        REACTIONS[event.event](event, by=SYSTEM, at=later(now))
    assert [event.event for event in events] == [
        "receipt_matched",
        "crediting_begun",
        "crediting_continues",
        "crediting_continues",
        "money_credited",
    ]
    assert waiting() == []
    assert available(employer, now) == [11_11] * 5


def test_a_run_keeps_the_day_on_which_it_began(now: datetime) -> None:
    """Whoever is in the last chunk has money of the same day as who was in the first."""
    employer, _bank, _request = paid(now)
    react_once(now)
    react_once(now)
    react(later(now, 3))
    assert {credit.occurred_on for credit in credits_of(employer)} == {now.date()}


def test_a_month_that_closes_in_the_middle_moves_the_rest_to_the_first_open_day(
    now: datetime,
) -> None:
    """Begun on 23 November, November closed: two of five stand on the 23rd, three on 1 December.

    The 60 days in which what was too much can go back count from the 23rd for all five: to 22 January.
    """
    employer, _bank, _request = paid(now)
    react_once(now)
    react_once(now)
    periods.begin(date(2026, 11, 30), by=new_id(now), at=later(now, 12))
    react(later(now, 12))
    days = [credit.occurred_on for credit in credits_of(employer)]
    assert sorted(days) == [date(2026, 11, 23)] * 2 + [date(2026, 12, 1)] * 3
    terms = [credit.correctable_until for credit in credits_of(employer)]
    assert terms == [date(2027, 1, 22)] * 5
    assert_books_hold(later(now, 12))


def take_a_cent(payer_id: UUID, now: datetime) -> None:
    """Let one cent of what a payer paid go elsewhere."""
    clearing = AccountRef(
        ledger_rules.bucket_of(payer_id),
        ledger_rules.account_id(AccountKind.PAYER_CLEARING, payer_id),
    )
    buffer = ledger.open_account(kind=AccountKind.BUFFER, owner=payer_id, at=now)
    gone = NewTransfer(
        key=new_id(now), debit=clearing, credit=buffer, amount=Money(1), kind="test",
        occurred_on=now.date(), group=new_id(now),
    )  # fmt: skip
    ledger.post([gone], by=SYSTEM, at=now)


def test_no_run_begins_for_which_the_money_of_the_payer_is_not_there(now: datetime) -> None:
    """€ 111.10 came in for two requests and one cent is gone: the second one cannot have its € 55.55."""
    employer, bank, _first = paid(now)
    deliver(employer, "2026-02", five(), now)
    second = requests_of(employer)[-1]
    bank.load(pays(second.total_cents, reference=second.reference), at=now)
    take_a_cent(employer.id, now)
    react_once(now)
    event, *_later = [one for one in waiting() if one.event == "receipt_matched"]
    with pytest.raises(budgets.UnableToCredit) as refused, transaction.atomic():
        operations.credit_paid(event, by=SYSTEM, at=now)
    assert refused.value.code == "not_funded"
    second.refresh_from_db()
    assert (CreditingRun.objects.count(), second.state) == (1, "open")


def two_of_one_payer(now: datetime) -> tuple[UUID, list[TrailRow]]:
    """Two employers of five, of which one payer just paid both requests; and the events of that."""
    make_law(GIFT)
    fund = make_organisation(OrganisationKind.PAYER)
    bank = Bank()
    employers = [make_participant(GIFT, payer=fund) for _ in range(2)]
    for employer in employers:
        deliver(employer, "2026-01", five(), now)
    react(now)
    for employer in employers:
        (request,) = requests_of(employer)
        bank.load(pays(request.total_cents, reference=request.reference), at=now)
    return fund.id, waiting()


def test_a_chunk_of_another_run_of_the_payer_does_not_make_its_money_look_short(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """€ 111.10 came in, € 22.22 goes out while the second run looks: its € 55.55 is there all the same."""
    _payer, (first, second) = two_of_one_payer(now)
    operations.credit_paid(first, by=SYSTEM, at=now)
    (chunk,) = [one for one in waiting() if one.event == "crediting_begun"]
    to_credit = accounts.to_credit

    def move_first(payer_id: UUID) -> Money:
        operations.credit_next(chunk, by=SYSTEM, at=now)
        return to_credit(payer_id)

    monkeypatch.setattr(accounts, "to_credit", move_first)
    operations.credit_paid(second, by=SYSTEM, at=now)
    assert sorted(CreditingRun.objects.values_list("done_cents", flat=True)) == [0, 22_22]


def test_a_run_sees_another_one_that_begins_while_it_looks_for_its_money(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """€ 111.10 came in and one cent is gone: of two runs of € 55.55 one begins."""
    payer, (first, second) = two_of_one_payer(now)
    take_a_cent(payer, now)
    to_credit = accounts.to_credit

    def begin_after(payer_id: UUID) -> Money:
        found = to_credit(payer_id)
        monkeypatch.setattr(accounts, "to_credit", to_credit)
        operations.credit_paid(first, by=SYSTEM, at=now)
        return found

    monkeypatch.setattr(accounts, "to_credit", begin_after)
    with pytest.raises(budgets.UnableToCredit) as refused:
        operations.credit_paid(second, by=SYSTEM, at=now)
    assert refused.value.code == "not_funded"


def test_a_correction_in_the_middle_of_a_run_waits_until_it_has_ended(now: datetime) -> None:
    """The last of five is not credited yet: € 11.11 should be € 5.56, so € 5.55 comes back after all."""
    employer, _bank, _request = paid(now)
    react_once(now)
    react_once(now)
    corrected = [*five()[:-1], worker(5, hours=1000)]
    found = deliver(employer, "2026-01", corrected, later(now))
    assert found.state == "confirmed"
    while react_once(later(now)) != "money_credited":
        assert Delivery.objects.get(pk=found.id).state == "confirmed"
    assert Delivery.objects.get(pk=found.id).state == "booked"
    assert available(employer, later(now)) == [11_11] * 4 + [5_56]
    assert TakenBack.objects.get().cents == 5_55
    assert_books_hold(later(now))


def test_a_payment_that_the_bank_takes_back_in_the_middle_leaves_the_run_and_reopens_the_request(
    now: datetime,
) -> None:
    """All five still get their € 11.11; the foundation's buffer carries the € 55.55."""
    employer, bank, request = paid(now, opening=100_00)
    react_once(now)
    react_once(now)
    detail = Detail(reference=request.reference, end_to_end_id="E1", return_reason="MD06")
    back = Booking(-55_55, (detail,), code="PMNT-RCDT-RRTN", reversal=True)
    bank.book(back, at=later(now))
    request.refresh_from_db()
    assert (request.state, request.credited_cents) == ("reopened", 55_55)
    assert available(employer, later(now)) == [11_11] * 5
    bank.pay(request, later(now, 2))
    request.refresh_from_db()
    assert (request.state, request.credited_cents) == ("paid", 55_55)
    assert available(employer, later(now, 2)) == [11_11] * 5
    assert_books_hold(later(now, 2))


def test_the_rest_of_a_payment_comes_in_while_the_first_part_is_still_being_credited(
    now: datetime,
) -> None:
    """€ 30.00 was released pro rata, € 6.00 each; the other € 25.55 makes it € 11.11 each."""
    employer, bank, request = paid(now, cents=30_00)
    treasury.release_pro_rata(reference=request.reference, by=SYSTEM, at=now)
    react_once(now)
    react_once(now)
    assert available(employer, now) == [6_00, 6_00, 0, 0, 0]
    bank.book(pays(25_55, reference=request.reference, end_to_end_id="E2"), at=later(now))
    request.refresh_from_db()
    assert (request.state, request.credited_cents) == ("paid", 55_55)
    assert available(employer, later(now)) == [11_11] * 5
    assert CreditedAmount.objects.count() == 10
    assert_books_hold(later(now))


@pytest.mark.parametrize("close", [False, True])
def test_money_that_would_have_ended_before_it_comes_has_the_end_of_its_own_day(
    close: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run begins on 31 December; what it credits on 2 January can be used until the end of 2027."""
    text = (SCHEMES / GIFT / "scheme.yaml").read_text()
    end = (
        'expiry: {end_of_year_after: 0, article: "7"}\nreversion: {to: sector_fund, article: "7"}\n'
    )
    make_law(GIFT, text=text + end)
    fund = make_organisation(OrganisationKind.PAYER).id
    employer, bank = make_participant(GIFT, reverts_to=fund), Bank(0)
    begun = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    deliver(employer, "2026-11", five(), begun)
    (request,) = requests_of(employer)
    bank.load(pays(request.total_cents, reference=request.reference), at=begun)
    while not CreditedAmount.objects.exists():
        react_once(begun)
    later_on = begun + timedelta(days=12 if close else 2)
    if close:
        periods.begin(date(2026, 12, 31), by=new_id(later_on), at=later_on)
    react(later_on)
    ends = [
        lot.usable_until
        for person in AmountDue.objects.order_by("line__number").values_list("person", flat=True)
        for pot in accounts.account(person, on=date(2026, 12, 31)).pots
        for lot in pot.lots
    ]
    assert sorted(ends, key=str) == [date(2026, 12, 31)] * 2 + [date(2027, 12, 31)] * 3


def test_money_until_an_age_ends_on_the_day_before_everybodys_own_birthday(now: datetime) -> None:
    """€ 11.11 each on 2 January 2026, for two who turn 67 on 1 May and 2 January 2026, and one of 35.

    The last day of the first is 30 April 2026. Who turns 67 on that very day has it for the twelve months
    of grace: until 2 January 2027. Their employer reads of the age and never of the day.
    """
    end = 'expiry: {at_age: 67, article: "7"}\nreversion: {to: sector_fund, article: "7"}\n'
    make_law(GIFT, text=(SCHEMES / GIFT / "scheme.yaml").read_text() + end)
    employer = make_participant(GIFT, reverts_to=make_organisation(OrganisationKind.PAYER).id)
    credited = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
    born = [date(1959, 5, 1), date(1959, 1, 2), date(1990, 2, 28)]
    rows = [worker(place, birth_date=one) for place, one in enumerate(born, start=1)]
    deliver(employer, "2025-12", rows, credited)
    react(credited)
    (request,) = requests_of(employer)
    persons = list(AmountDue.objects.order_by("line__number").values_list("person", flat=True))
    Bank(0).load(pays(request.total_cents, reference=request.reference), at=credited)
    react(credited)
    ends = [
        lot.usable_until
        for person in persons
        for pot in accounts.account(person, on=credited.date()).pots
        for lot in pot.lots
    ]
    assert ends == [date(2026, 4, 30), date(2027, 1, 2), date(2057, 2, 27)]
    shown, _count = queries.lines(request.delivery_id, by=actor_of(employer))
    said = [step for line in shown for one in line.amounts for step in one.steps]
    assert len([one for one in said if one.code == "expiry_age"]) == 3
    for day in (*ends, *born):
        assert day.isoformat() not in str(said)


def test_a_payment_that_was_told_of_before_there_were_runs_is_reacted_to(now: datetime) -> None:
    """Such an event is the payment request's own and names it nowhere else."""
    employer, _bank, request = paid(now)
    react_once(now)
    deliver(employer, "2026-02", five(), now)
    while waiting()[0].event != "money_credited":
        react_once(now)
    assert Delivery.objects.filter(state="confirmed").exists()
    number = audit.announce(
        by=SYSTEM,
        at=now,
        event="money_credited",
        subject=(PaymentRequest._meta.label_lower, request.pk),
        ids={"cents": 55_55, "amounts": 5},
    )
    operations.book_waiting(trail.event(number), by=SYSTEM, at=now)
    assert not Delivery.objects.exclude(state="booked").exists()


def test_a_payment_that_was_credited_before_there_were_runs_is_not_credited_again(
    now: datetime,
) -> None:
    """€ 20.00 was released and credited, € 35.55 more is there: the event of the first takes nothing of it."""
    employer, bank, request = paid(now, cents=20_00)
    treasury.release_pro_rata(reference=request.reference, by=SYSTEM, at=now)
    (event,) = waiting()
    react(now)
    CreditingRun.objects.all().delete()
    bank.load(pays(35_55, reference=request.reference, end_to_end_id="E2"), at=later(now))
    operations.credit_paid(event, by=SYSTEM, at=later(now))
    assert not CreditingRun.objects.exists()
    react(later(now))
    assert available(employer, later(now)) == [11_11] * 5
    assert_books_hold(later(now))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_chunk_credit_it_once(now: datetime) -> None:
    employer, _bank, _request = paid(now)
    react_once(now)
    (event,) = waiting()

    def credit() -> None:
        try:
            again_after_a_clash(lambda: operations.credit_next(event, by=SYSTEM, at=now))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(credit) for _ in range(2)]:
            one.result()
    assert CreditingRun.objects.get().done == 2
    assert available(employer, now) == [11_11, 11_11, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_who_books_meanwhile_waits_for_nothing_unless_their_money_is_in_the_chunk(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk stands still with two people's accounts locked; a third one reserves € 10.00 of January."""
    employer, bank, _first = paid(now)
    react(now)
    deliver(employer, "2026-02", five(), now)
    react(now)
    second = requests_of(employer)[-1]
    bank.load(pays(second.total_cents, reference=second.reference), at=now)
    react_once(now)
    in_chunk = set(
        PlannedShare.objects.filter(place__lte=2).values_list("amount_due__person", flat=True)
    )
    person = next(
        one
        for one in AmountDue.objects.values_list("person", flat=True).order_by("person")
        if ledger_rules.bucket_of(one) not in map(ledger_rules.bucket_of, in_chunk)
    )
    holds, answered = Event(), Event()
    copy_in = crediting.copy_in

    def stand_still(rows: Any) -> None:
        holds.set()
        answered.wait(60)
        copy_in(rows)

    monkeypatch.setattr(crediting, "copy_in", stand_still)

    def work() -> None:
        try:
            react_once(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker_process:
        crediting_now = worker_process.submit(transaction.atomic(work))
        try:
            assert holds.wait(60)
            pot = accounts.account(person, on=now.date()).pots[0]
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '10ms'")
                budgets.reserve(
                    booking_id=new_id(now),
                    person_id=person,
                    lines=[(pot.id, Money(10_00))],
                    payee_id=make_organisation(OrganisationKind.PROVIDER).id,
                    facts=make_course_facts(),
                    work_related=True,
                    expires_at=later(now, 30),
                    by=SYSTEM,
                    at=now,
                )
        finally:
            answered.set()
        crediting_now.result()
    react(now)
    assert sorted(available(employer, now)) == [12_22, *[22_22] * 4]
    assert_books_hold(now)
