"""Two people press the same button; two deliveries meet. Real connections, one outcome."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets import operations as budgets
from eigenwijs.contributions import operations
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    Delivery,
    DeliveryLine,
    PaymentRequest,
    TakenBack,
)
from eigenwijs.contributions.operations import delivering, settling
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.ledger import rules as ledger_rules
from eigenwijs.people.types import OrganisationKind
from tests.factories.contributions import (
    GIFT,
    LONG_AGO,
    SCHEMES,
    SYSTEM,
    Bank,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    requests_of,
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


def test_two_requests_settled_at_once_credit_the_same_people_without_a_deadlock(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One credits worker 1 first, the other worker 2; each then wants the other one."""
    make_law(GIFT)
    employer = make_participant(GIFT)
    Bank()
    month = Period.parse("2024-01")
    orders: dict[tuple[UUID, ...], PaymentRequest] = {}
    while len(orders) < 2:  # ids within one moment are random
        deliver(employer, str(month), [worker(1), worker(2)], now)
        month = month.next()
        request = requests_of(employer)[-1]
        people = request.amounts.order_by("id").values_list("person", flat=True)
        orders[tuple(people)] = request
    paid = [pays(one.total_cents, reference=one.reference) for one in orders.values()]
    load(StatementText(tuple(paid)), at=now)
    events = [one for one in trail.events_without_reaction() if one.event == "receipt_matched"]
    credit = settling._credit
    half_way: set[object] = set()

    def credit_half(request: PaymentRequest, *rest: Any, **more: Any) -> None:
        credit(request, *rest, **more)
        half_way.add(request.id)
        while len(half_way) < 2 and not somebody_waits():
            pass

    def credit_paid(event: TrailRow) -> object:
        try:
            return operations.credit_paid(event, by=SYSTEM, at=now)
        finally:
            half_way.add(event.id)

    monkeypatch.setattr(settling, "_CHUNK", 1)
    monkeypatch.setattr(settling, "_credit", credit_half)
    assert at_once(*(partial(credit_paid, one) for one in events[-2:])) == [None, None]
    assert CreditedAmount.objects.count() == 4
    assert_books_hold(now)


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


@pytest.mark.parametrize("one_payer", [True, False])
def test_two_large_requests_settled_at_once_wait_for_each_other_and_never_in_a_circle(
    now: datetime, monkeypatch: pytest.MonkeyPatch, *, one_payer: bool
) -> None:
    """Each credits somebody in a bucket of the books that the other one then wants.

    Both want the account between buckets there, and a fund that pays for both its own account.
    """
    make_law(GIFT)
    payer = make_organisation(OrganisationKind.PAYER) if one_payer else None
    employers = [make_participant(GIFT, payer=payer) for _ in range(2)]
    Bank()
    requests = []
    for employer in employers:
        deliver(employer, "2026-01", [worker(1), worker(2)], now)
        requests += requests_of(employer)
    place_people(monkeypatch, *zip(requests, [(6, 5), (5, 6)], strict=True))
    paid = [pays(one.total_cents, reference=one.reference) for one in requests]
    load(StatementText(tuple(paid)), at=now)
    events = [one for one in trail.events_without_reaction() if one.event == "receipt_matched"]
    half_way: set[object] = set()
    credit = settling._credit

    def credit_half(request: PaymentRequest, *rest: Any, **more: Any) -> None:
        credit(request, *rest, **more)
        half_way.add(request.id)
        while len(half_way) < 2 and not somebody_waits():
            pass

    def credit_paid(event: TrailRow) -> object:
        try:
            return operations.credit_paid(event, by=SYSTEM, at=now)
        finally:
            half_way.add(event.id)

    monkeypatch.setattr(settling, "_CHUNK", 1)
    monkeypatch.setattr(settling, "_credit", credit_half)
    assert at_once(*(partial(credit_paid, one) for one in events)) == [None, None]
    assert CreditedAmount.objects.count() == 4
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


def place_people(
    monkeypatch: pytest.MonkeyPatch, *orders: tuple[PaymentRequest, tuple[int, ...]]
) -> None:
    """Put the people of requests in these buckets, in the order in which they are credited."""
    buckets: dict[UUID, int] = {}
    for request, places in orders:
        people = request.amounts.order_by("id").values_list("person", flat=True)
        buckets |= zip(people, places, strict=True)
    usual = ledger_rules.bucket_of
    monkeypatch.setattr(
        ledger_rules, "bucket_of", lambda holder: buckets.get(holder, 900 + usual(holder) % 100)
    )
