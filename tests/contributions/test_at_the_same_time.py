"""Two people press the same button; two deliveries meet. Real connections, one outcome."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.contributions import operations
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    CreditingRun,
    Delivery,
    DeliveryLine,
    PaymentRequest,
    PlannedShare,
    TakenBack,
)
from eigenwijs.contributions.operations import delivering
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.people.models import Person
from eigenwijs.people.types import OrganisationKind
from tests.factories.contributions import (
    GIFT,
    LONG_AGO,
    ONCE,
    SCHEMES,
    SYSTEM,
    Bank,
    account,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    react,
    react_once,
    requests_of,
    waiting,
    worker,
)
from tests.factories.people import make_organisation
from tests.factories.treasury import StatementText, assert_books_hold, load, pays
from tests.faults import again_after_a_clash

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run calls at the same moment, each on a connection of its own; return answers or refusals."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return again_after_a_clash(call)
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_a_double_click_on_confirm_books_once(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    shown = preview(employer, "2026-01", [worker(1), worker(2)], now)

    def confirm() -> object:
        return operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now).state

    assert at_once(confirm, confirm, confirm) == ["booked"] * 3
    assert (AmountDue.objects.count(), PaymentRequest.objects.count()) == (2, 1)


def test_two_employers_that_book_at_once_give_an_amount_once_to_one_person(now: datetime) -> None:
    """Each was shown € 500; whoever books second hears that it is no longer so."""
    make_law("nl/eenmalig", text=ONCE)
    jobs = [make_participant("nl/eenmalig") for _job in range(2)]
    for number, employer in enumerate(jobs):
        deliver(employer, "2026-01", [worker(number, ended_on=date(2025, 12, 1))], now)
    one, other = AmountDue.objects.values_list("person", flat=True)
    Person.objects.filter(pk=other).update(merged_into=one)
    shown = [
        preview(employer, "2026-02", [worker(number)], now) for number, employer in enumerate(jobs)
    ]

    def confirm(delivery_id: UUID) -> object:
        return operations.confirm_delivery(delivery_id=delivery_id, by=SYSTEM, at=now).state

    answers = at_once(*(partial(confirm, one.id) for one in shown))
    assert sorted(map(str, answers)) == ["booked", "changed_meanwhile"]
    assert [row.amount_cents for row in AmountDue.objects.filter(period="2026-02")] == [500_00]


def test_two_workers_that_hear_of_one_payment_credit_once(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    Bank()
    deliver(employer, "2026-01", [worker(1), worker(2)], now)
    (request,) = requests_of(employer)
    load(StatementText((pays(request.total_cents, reference=request.reference),)), at=now)
    event = next(one for one in trail.events_without_reaction() if one.event == "receipt_matched")

    def credit() -> object:
        return operations.credit_paid(event, by=SYSTEM, at=now)

    assert at_once(credit, credit) == [None, None]
    assert (CreditingRun.objects.count(), PlannedShare.objects.count()) == (1, 2)
    react(now)
    assert CreditedAmount.objects.count() == 2
    assert_books_hold(now)


def test_a_correction_touches_no_amount_before_it_has_the_request_that_settling_locks_first(
    now: datetime,
) -> None:
    """Else each of the two has what the other waits for, and PostgreSQL ends one of them."""
    make_law(GIFT)
    employer = make_participant(GIFT)
    deliver(employer, "2026-01", [worker(1)], now)
    shown = preview(employer, "2026-01", [worker(1, hours=1000)], now)

    def confirm() -> object:
        try:
            return operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now).state
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():  # what settling does first
            list(PaymentRequest.objects.select_for_update())
            correction = thread.submit(confirm)
            while not somebody_waits():
                assert not correction.done()
            assert AmountDue.objects.select_for_update(nowait=True).get()
        assert correction.result() == "booked"


def test_a_correction_that_meets_the_day_of_the_money_loses_no_cent(now: datetime) -> None:
    """€ 20.00 waits for 1 April and should be € 11.11: taken before or after it was credited, never both."""
    delayed = 'credited: {next_year_on: 04-01, article: "5"}\n'
    make_law(GIFT, text=(SCHEMES / GIFT / "scheme.yaml").read_text() + delayed)
    spring, bank = datetime(2027, 4, 1, 6, 0, tzinfo=UTC), Bank(100_00)
    for _turn in range(3):
        employer = make_participant(GIFT)
        deliver(employer, "2026-01", [worker(1, hours=3600)], now)
        bank.pay(requests_of(employer)[0], now)
        shown = preview(employer, "2026-01", [worker(1, hours=2000)], later(now))
        correct = partial(operations.confirm_delivery, delivery_id=shown.id, by=SYSTEM, at=spring)
        begin = partial(operations.begin_due_runs, by=SYSTEM, at=spring)
        corrected, _begun = at_once(correct, begin)
        assert corrected.state in ("booked", "confirmed")  # type: ignore[attr-defined]
        react(spring)
        assert Delivery.objects.get(pk=shown.id).state == "booked"
        freed = TakenBack.objects.filter(lowering__participation__employer=employer.id)
        assert sum(freed.values_list("cents", flat=True)) == 8_89
        assert account(employer, spring) == (11_11, 0)
        assert_books_hold(spring)


def test_two_uploads_at_once_leave_one_preview(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    preview(employer, "2026-01", [worker(1)], now)
    calls = [partial(preview, employer, "2026-01", [worker(one)], now) for one in (2, 3, 4)]
    shown = at_once(*calls)
    assert [one.state for one in shown] == ["previewed"] * 3  # type: ignore[attr-defined]
    assert Delivery.objects.filter(state="previewed").count() == 1
    assert DeliveryLine.objects.count() == 1


def test_a_confirmation_that_meets_a_discard_or_another_upload_is_refused_or_stands(
    now: datetime,
) -> None:
    """Whoever comes first: the delivery is booked, or it is gone; nothing in between."""
    make_law(GIFT)
    employer = make_participant(GIFT)
    for month in range(1, 7):
        period = f"2026-{month:02d}"
        shown = preview(employer, period, [worker(1)], now)
        confirm = partial(operations.confirm_delivery, delivery_id=shown.id, by=SYSTEM, at=now)
        discard = partial(operations.discard_delivery, delivery_id=shown.id, by=SYSTEM, at=now)
        upload = partial(preview, employer, period, [worker(2)], now)
        confirmed, _other = at_once(confirm, discard if month % 2 else upload)
        state = Delivery.objects.get(pk=shown.id).state
        assert (confirmed == "already_discarded") == (state == "discarded")
        assert state in ("discarded", "booked")


def test_who_uploads_or_throws_away_never_waits_for_a_file_that_is_being_read(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    monkeypatch.setattr(delivering, "READ_AT_ONCE", 1)
    shown = preview(employer, "2026-01", [worker(1), worker(2)], now)
    (event,) = [one for one in trail.events_without_reaction() if one.event == "delivery_received"]
    discard = partial(operations.discard_delivery, delivery_id=shown.id, by=SYSTEM, at=now)
    upload = partial(preview, employer, "2026-02", [worker(3)], now)
    is_read, answered = Event(), Event()
    read = delivering.read

    def read_for_long(*given: Any, **more: Any) -> Any:
        is_read.set()
        while not answered.is_set() and not somebody_waits():
            pass
        return read(*given, **more)

    def work() -> None:
        try:
            operations.read_delivery(event, by=SYSTEM, at=now)
        finally:
            connection.close()

    monkeypatch.setattr(delivering, "read", read_for_long)
    with ThreadPoolExecutor(1) as job_worker:
        reading = job_worker.submit(work)
        try:
            while not is_read.is_set():
                assert not reading.done()
            with pytest.raises(operations.UnableToDiscard):
                discard()
            with pytest.raises(operations.UnableToDeliver) as refused:
                upload()
        finally:
            answered.set()
        reading.result()
    assert [fault.code for fault in refused.value.faults] == ["being_read"]
    assert Delivery.objects.get().state == "previewed"
    discard()
    assert Delivery.objects.get().state == "discarded"


def somebody_waits() -> bool:
    """Whether another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("same_people", [True, False])
def test_two_runs_at_once_wait_for_each_other_and_never_in_a_circle(
    now: datetime, *, same_people: bool
) -> None:
    """Chunks of one fund's money, for the same people in the opposite order or for others."""
    make_law(GIFT)
    payer = make_organisation(OrganisationKind.PAYER)
    employers = [make_participant(GIFT, payer=payer) for _ in range(1 if same_people else 2)]
    bank = Bank()
    lines = [worker(number) for number in range(1, 13)]
    orders = [("2026-01", lines), ("2026-02", lines[::-1])]
    for one, (month, rows) in zip(employers * 2, orders, strict=False):
        deliver(one, month, rows, now)
    requests = PaymentRequest.objects.order_by("number")
    react(now)
    bank.load(*(pays(one.total_cents, reference=one.reference) for one in requests), at=now)
    assert [react_once(now), react_once(now)] == ["receipt_matched"] * 2
    rings: list[object] = []

    def credit(event: TrailRow) -> None:
        try:
            operations.credit_next(event, by=SYSTEM, at=now)
        except OperationalError as error:
            rings.extend([error] if getattr(error.__cause__, "sqlstate", "") == "40P01" else [])
            raise

    first, second = waiting()
    assert at_once(partial(credit, first), partial(credit, second)) == [None, None]
    assert CreditedAmount.objects.count() == 24
    assert rings == []
    assert_books_hold(now)


def test_a_correction_that_takes_back_from_two_people_never_meets_a_lapse_in_a_circle(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both pots reached their end. After the first of the two the money of the second lapses.

    Both write in the fund's bucket of the books: the one gives back what the fund paid in, the
    other owes it what lapsed.
    """
    gift = (SCHEMES / GIFT / "scheme.yaml").read_text()
    end = 'expiry:\n  after_months: 1\n  article: "7"\nreversion:\n  to: sector_fund\n  article: "7"\n'
    make_law(GIFT, text=f"{gift}\n{end}")
    fund = make_organisation(OrganisationKind.PAYER).id
    employer = make_organisation()
    operations.join_scheme(
        employer_id=employer.id,
        scheme=GIFT,
        payer_id=fund,
        starts_on=date(2024, 1, 1),
        reverts_to=fund,
        by=SYSTEM,
        at=LONG_AGO,
    )
    bank = Bank()
    deliver(employer, "2026-01", [worker(1), worker(2)], now)
    bank.pay(requests_of(employer)[0], now)
    after = later(now, 40)
    shown = preview(employer, "2026-01", [worker(1, hours=1000), worker(2, hours=1000)], after)
    first_is_back = Event()
    take_back = budgets.take_back
    lapsing: list[Future[Money]] = []

    def take_back_and_wait(**what: Any) -> Money:
        taken = take_back(**what)
        first_is_back.set()
        while not lapsing[0].done() and not somebody_waits():
            pass
        return taken

    def lapse() -> Money:
        try:
            first_is_back.wait()
            return budgets.lapse_due(by=SYSTEM, at=after).lapsed
        finally:
            connection.close()

    monkeypatch.setattr(budgets, "take_back", take_back_and_wait)
    with ThreadPoolExecutor(1) as thread:
        lapsing.append(thread.submit(lapse))
        try:
            booked = operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=after)
        finally:
            first_is_back.set()
        assert (booked.state, lapsing[0].result()) == ("booked", Money.zero())
    # Of 20.00 for 36 hours each has 11.11 for 20; for 10 it is 5.56, so that 5.55 comes back.
    assert list(TakenBack.objects.values_list("cents", flat=True)) == [555, 555]
    assert budgets.lapse_due(by=SYSTEM, at=after).lapsed == Money(2 * 556)
    assert_books_hold(after)
