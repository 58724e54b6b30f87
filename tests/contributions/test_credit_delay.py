"""Money of a period that can stand on an account only from a later day, however early it was paid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    CreditingRun,
    PaymentRequest,
    PlannedShare,
    SetOff,
    TakenBack,
)
from eigenwijs.contributions.operations import settling
from eigenwijs.contributions.operations.settling import settle
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people.types import OrganisationKind, OrganisationView
from eigenwijs.schemes import queries as schemes
from eigenwijs.treasury import operations as treasury
from tests.factories.contributions import (
    GIFT,
    MONTHLY,
    MONTHLY_SCHEME,
    SCHEMES,
    SYSTEM,
    Bank,
    account,
    actor_of,
    deliver,
    employment,
    later,
    make_law,
    make_participant,
    react,
    requests_of,
    waiting,
    worker,
)
from tests.factories.people import make_organisation
from tests.factories.treasury import Booking, Detail, assert_books_hold, pays

pytestmark = pytest.mark.django_db

SPRING = datetime(2027, 4, 1, 6, 0, tzinfo=UTC)
DELAYED = 'credited: {next_year_on: 04-01, article: "5"}\n'
"""From 1 April of the next year on."""


def participant(*also: str, delay: str = DELAYED) -> OrganisationView:
    """Twenty euros a month for 36 hours, on accounts from 1 April of the next year on."""
    make_law(GIFT, text=(SCHEMES / GIFT / "scheme.yaml").read_text() + delay)
    return make_participant(GIFT, *also)


def paid(now: datetime, *, hours: int = 3600) -> tuple[OrganisationView, Bank]:
    employer, bank = participant(), Bank(100_00)
    deliver(employer, "2026-01", [worker(hours=hours)], now)
    bank.pay(requests_of(employer)[0], now)
    return employer, bank


def begin(at: datetime) -> int:
    """The daily job, and what follows from it."""
    count = operations.begin_due_runs(by=SYSTEM, at=at)
    react(at)
    return count


def days_expected(employer: OrganisationView, at: datetime) -> list[tuple[date, Money]]:
    view = accounts.account(employment(employer).person_id, on=at.date())
    return [(one.due_on, one.amount) for one in view.coming]


def assert_sums_hold(employer: OrganisationView) -> None:
    """What was asked, set off, freed, planned and credited agree to the cent."""
    rows = AmountDue.objects.filter(participation__employer=employer.id)
    lowered = rows.filter(amount_cents__lt=0).aggregate(total=Sum("settled_cents"))["total"] or 0
    raised = rows.filter(amount_cents__gt=0).aggregate(total=Sum("settled_cents"))["total"] or 0
    set_off = SetOff.objects.aggregate(total=Sum("cents"))["total"] or 0
    back = TakenBack.objects.filter(set_off=None).aggregate(total=Sum("cents"))["total"] or 0
    assert (lowered, raised) == (set_off + back, set_off)
    for request in PaymentRequest.objects.exclude(state="replaced"):
        net = request.amounts.aggregate(total=Sum(F("amount_cents") - F("settled_cents")))["total"]
        freed = TakenBack.objects.filter(set_off__amount__request=request)
        free = freed.aggregate(total=Sum("cents"))["total"] or 0
        assert net + free == request.total_cents - request.lowered_cents
        if request.state == "paid":
            planned = PlannedShare.objects.filter(run__request=request)
            still = planned.aggregate(total=Sum("cents"))["total"] or 0
            assert net == request.credited_cents + still
    for run in CreditingRun.objects.exclude(state="ended"):
        left = run.shares.aggregate(total=Sum("cents"))["total"] or 0
        assert (run.shares.count(), left) == (run.amounts - run.done, run.cents - run.done_cents)


def test_money_paid_now_comes_on_the_first_of_april_and_not_the_day_before(now: datetime) -> None:
    """€ 20.00 of January 2026, paid in November, stands on the account on 1 April 2027."""
    employer, _bank = paid(now)
    (request,) = requests_of(employer)
    assert (request.state, request.credited_cents) == ("paid", 0)
    assert account(employer, now) == (0, 20_00)
    assert days_expected(employer, now) == [(date(2027, 4, 1), Money(20_00))]
    by = actor_of(employer)
    assert queries.credited_later(request.id, by=by) == [(date(2027, 4, 1), Money(20_00))]
    assert queries.credited_later(request.id, by=actor_of(make_organisation())) == []
    assert (queries.crediting(by=by), queries.crediting_everywhere()) == ({}, [])
    assert begin(SPRING - timedelta(days=1)) == 0
    assert account(employer, SPRING - timedelta(days=1)) == (0, 20_00)
    assert_books_hold(SPRING - timedelta(days=1))
    assert begin(SPRING) == 1
    assert account(employer, SPRING) == (20_00, 0)
    (request,) = requests_of(employer)
    assert (request.state, request.credited_cents) == ("paid", 20_00)
    assert queries.credited_later(request.id, by=by) == []
    (credit,) = accounts.credits_of(employment(employer).person_id)
    assert credit.occurred_on == date(2027, 4, 1)
    assert credit.correctable_until == date(2027, 5, 31)
    assert begin(later(SPRING)) == 0
    assert account(employer, later(SPRING)) == (20_00, 0)
    assert_sums_hold(employer)
    assert_books_hold(later(SPRING))


def test_what_is_paid_after_its_day_is_credited_at_once() -> None:
    employer, bank = participant(), Bank()
    deliver(employer, "2026-01", [worker(hours=3600)], SPRING)
    bank.pay(requests_of(employer)[0], SPRING)
    assert account(employer, SPRING) == (20_00, 0)
    assert CreditingRun.objects.get().state == "ended"


def test_months_after_count_from_the_last_day_of_the_period(now: datetime) -> None:
    employer = participant(delay='credited: {months_after: 6, article: "5"}\n')
    version = schemes.version_in_force(GIFT, now.date())
    found = {
        period: schemes.credited_from(version.hash, Period.parse(period))
        for period in ("2026-01", "2026-02", "2026-08")
    }
    assert found == {
        "2026-01": date(2026, 7, 31),
        "2026-02": date(2026, 8, 28),
        "2026-08": date(2027, 2, 28),
    }
    deliver(employer, "2026-08", [worker(hours=3600)], now)
    Bank().pay(requests_of(employer)[0], now)
    assert days_expected(employer, now) == [(date(2027, 2, 28), Money(20_00))]


def test_the_same_events_again_plan_and_begin_nothing(now: datetime) -> None:
    """Not on the same day, nor when the day has come since."""
    employer, bank = participant(), Bank()
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employer)
    bank.load(pays(12_00, reference=request.reference), at=now)
    treasury.release_pro_rata(reference=request.reference, by=SYSTEM, at=now)
    (event,) = [one for one in waiting() if one.event == "receipt_matched"]
    react(now)
    for at in (now, SPRING):
        operations.credit_paid(event, by=SYSTEM, at=at)
        assert (CreditingRun.objects.count(), PlannedShare.objects.get().cents) == (1, 12_00)
    assert (begin(SPRING), begin(SPRING)) == (1, 0)
    operations.credit_paid(event, by=SYSTEM, at=SPRING)
    assert account(employer, SPRING) == (12_00, 8_00)
    assert_books_hold(SPRING)


def test_of_two_schemes_in_one_nota_one_waits(now: datetime) -> None:
    """€ 10.00 is credited now, € 20.00 in April."""
    make_law(MONTHLY_SCHEME, text=MONTHLY)
    employer, bank = participant(MONTHLY_SCHEME), Bank()
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employer)
    bank.pay(request, now)
    assert request.total_cents == 30_00
    assert account(employer, now) == (10_00, 20_00)
    assert begin(SPRING) == 1
    assert account(employer, SPRING) == (30_00, 0)
    assert_sums_hold(employer)
    assert_books_hold(SPRING)


def test_a_short_payment_waits_in_part_and_its_rest_too(now: datetime) -> None:
    """€ 13.00 of € 40.00 for two is € 6.50 each; the other € 27.00 comes later and waits too."""
    employer, bank = participant(), Bank()
    deliver(employer, "2026-01", [worker(1, hours=3600), worker(2, hours=3600)], now)
    (request,) = requests_of(employer)
    bank.load(pays(13_00, reference=request.reference), at=now)
    treasury.release_pro_rata(reference=request.reference, by=SYSTEM, at=now)
    react(now)
    assert list(PlannedShare.objects.values_list("cents", flat=True)) == [6_50, 6_50]
    bank.book(pays(27_00, reference=request.reference, end_to_end_id="E2"), at=later(now))
    assert account(employer, later(now)) == (0, 20_00)
    assert begin(SPRING) == 2
    assert [account(employer, SPRING, number) for number in (1, 2)] == [(20_00, 0)] * 2
    assert_sums_hold(employer)
    assert_books_hold(SPRING)


def test_a_lowering_takes_from_what_waits_and_the_next_nota_asks_less(now: datetime) -> None:
    """20.00 is paid and should be 11.11: 8.89 is the payer's again. The next 20.00 asks 11.11."""
    employer, bank = paid(now)
    deliver(employer, "2026-01", [worker(hours=2000)], later(now))
    assert account(employer, later(now)) == (0, 11_11)
    free = TakenBack.objects.get()
    assert (free.cents, free.credit, free.set_off) == (8_89, None, SetOff.objects.get())
    lowering = AmountDue.objects.get(amount_cents__lt=0)
    assert (lowering.amount_cents, lowering.settled_cents) == (-8_89, 8_89)
    assert_sums_hold(employer)
    deliver(employer, "2026-02", [worker(hours=3600)], later(now, 2))
    second = requests_of(employer)[-1]
    assert (second.total_cents, second.taken_back_cents) == (20_00, 8_89)
    bank.pay(second, later(now, 3))
    assert account(employer, later(now, 3)) == (0, 31_11)
    assert begin(SPRING) == 2
    assert account(employer, SPRING) == (31_11, 0)
    assert requests_of(employer)[0].credited_cents == 11_11
    assert_sums_hold(employer)
    assert_books_hold(SPRING)


def test_a_lowering_to_nothing_leaves_nothing_to_credit(now: datetime) -> None:
    """20.00 is paid, and then somebody never was in service; the next nota is paid with that."""
    employer, _bank = paid(now)
    deliver(employer, "2026-01", [worker(2, hours=3600)], later(now))
    assert account(employer, later(now)) == (0, 0)
    assert account(employer, later(now), 2) == (0, 20_00)
    second = requests_of(employer)[-1]
    assert (second.total_cents, second.taken_back_cents, second.state) == (20_00, 20_00, "paid")
    react(later(now))
    assert_sums_hold(employer)
    assert begin(SPRING) == 2
    assert (account(employer, SPRING), account(employer, SPRING, 2)) == ((0, 0), (20_00, 0))
    assert set(CreditingRun.objects.values_list("state", flat=True)) == {"ended"}
    assert_sums_hold(employer)
    assert_books_hold(SPRING)


def test_a_payment_taken_back_while_it_waits_is_waited_for_and_credited_once(now: datetime) -> None:
    employer, bank = participant(), Bank(100_00)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employer)
    bank.book(pays(20_00, reference=request.reference, end_to_end_id="E1"), at=now)
    detail = Detail(reference=request.reference, end_to_end_id="E1", return_reason="MD06")
    back = Booking(-20_00, (detail,), code="PMNT-RCDT-RRTN", reversal=True)
    bank.book(back, at=later(now))
    assert requests_of(employer)[0].state == "reopened"
    assert begin(SPRING) == 0
    assert account(employer, SPRING) == (0, 20_00)
    bank.pay(request, later(SPRING))
    assert requests_of(employer)[0].state == "paid"
    assert account(employer, later(SPRING)) == (0, 20_00)
    assert (begin(later(SPRING)), begin(later(SPRING))) == (1, 0)
    assert account(employer, later(SPRING)) == (20_00, 0)
    assert CreditedAmount.objects.count() == 1
    assert_sums_hold(employer)
    assert_books_hold(later(SPRING))


def test_a_payment_taken_back_while_it_waits_can_be_lowered_and_paid_again(now: datetime) -> None:
    """20.00 should be 11.11. The payer still owes the buffer 20.00, and has 8.89 for the next nota."""
    employer, bank = participant(), Bank(100_00)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employer)
    bank.book(pays(20_00, reference=request.reference, end_to_end_id="E1"), at=now)
    detail = Detail(reference=request.reference, end_to_end_id="E1", return_reason="MD06")
    back = Booking(-20_00, (detail,), code="PMNT-RCDT-RRTN", reversal=True)
    bank.book(back, at=later(now))
    deliver(employer, "2026-01", [worker(hours=2000)], later(now, 2))
    assert (TakenBack.objects.get().cents, PlannedShare.objects.get().cents) == (8_89, 11_11)
    deliver(employer, "2026-02", [worker(hours=3600)], later(now, 3))
    second = requests_of(employer)[-1]
    bank.pay(second, later(now, 4))
    bank.pay(request, later(now, 5))
    assert [one.state for one in requests_of(employer)] == ["paid", "paid"]
    assert begin(SPRING) == 2
    assert account(employer, SPRING) == (31_11, 0)
    assert accounts.to_credit(employer.id) == Money.zero()
    assert_sums_hold(employer)
    assert_books_hold(SPRING)


def two_notas_of_one_payer(now: datetime) -> tuple[list[OrganisationView], Bank]:
    """Two employers with one payer; the first one's nota of € 20.00 waits for April, the other is unpaid."""
    make_law(GIFT, text=(SCHEMES / GIFT / "scheme.yaml").read_text() + DELAYED)
    make_law(MONTHLY_SCHEME, text=MONTHLY)
    fund, bank = make_organisation(OrganisationKind.PAYER), Bank(100_00)
    employers = [make_participant(one, payer=fund) for one in (GIFT, MONTHLY_SCHEME)]
    for employer in employers:
        deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employers[0])
    bank.book(pays(20_00, reference=request.reference, end_to_end_id="E1"), at=now)
    return employers, bank


def test_money_that_waits_is_not_used_for_another_nota(now: datetime) -> None:
    """€ 20.00 waits. A nota of € 10.00 for which nothing came in is not paid with it."""
    (waits, other), _bank = two_notas_of_one_payer(now)
    (request,) = requests_of(other)
    with pytest.raises(budgets.UnableToCredit) as refused, transaction.atomic():
        settle(request.id, cents=10_00, complete=True, label="test", by=SYSTEM, at=now)
    assert refused.value.code == "not_funded"
    assert account(waits, now) == (0, 20_00)


def test_a_run_without_its_money_takes_none_of_what_others_wait_with(now: datetime) -> None:
    """The bank took back what waits since January; what waits since February begins, the other stays."""
    employer, bank = participant(), Bank(100_00)
    for month, name in (("2026-01", "E1"), ("2026-02", "E2")):
        deliver(employer, month, [worker(hours=3600)], now)
        request = requests_of(employer)[-1]
        bank.book(pays(20_00, reference=request.reference, end_to_end_id=name), at=now)
    first, _second = requests_of(employer)
    detail = Detail(reference=first.reference, end_to_end_id="E1", return_reason="MD06")
    back = Booking(-20_00, (detail,), code="PMNT-RCDT-RRTN", reversal=True)
    bank.book(back, at=later(now))
    assert begin(SPRING) == 1
    assert account(employer, SPRING) == (20_00, 20_00)
    assert [one.credited_cents for one in requests_of(employer)] == [0, 20_00]
    assert_books_hold(SPRING)


def test_a_run_that_fails_stops_no_other(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    employer, bank = participant(), Bank(100_00)
    for month in ("2026-01", "2026-02"):
        deliver(employer, month, [worker(hours=3600)], now)
        bank.pay(requests_of(employer)[-1], now)
    begin_one, broken = settling._begin, CreditingRun.objects.order_by("begins_on", "id")[0].pk

    def fail_once(run: CreditingRun, *, by: Actor, at: datetime) -> None:
        begin_one(run, by=by, at=at)
        if run.pk == broken:
            raise RuntimeError("the disk is full")

    monkeypatch.setattr(settling, "_begin", fail_once)
    with pytest.raises(RuntimeError, match="the disk is full"):
        begin(SPRING)
    react(SPRING)
    assert account(employer, SPRING) == (20_00, 20_00)
    monkeypatch.undo()
    assert begin(later(SPRING)) == 1
    assert account(employer, later(SPRING)) == (40_00, 0)
    assert_books_hold(later(SPRING))


def test_who_leaves_before_the_day_gets_what_was_earned(now: datetime) -> None:
    """€ 20.00 of January waits; the job ends on 31 January. It comes on 1 April, to the same person."""
    employer, _bank = paid(now)
    deliver(employer, "2026-02", [worker(hours=3600, ended_on=date(2026, 1, 31))], later(now))
    assert account(employer, later(now)) == (0, 20_00)
    assert begin(SPRING) == 1
    assert account(employer, SPRING) == (20_00, 0)
    assert_sums_hold(employer)


def test_the_database_frees_no_more_than_was_set_off(now: datetime) -> None:
    employer, _bank = paid(now)
    deliver(employer, "2026-01", [worker(hours=2000)], later(now))
    free = TakenBack.objects.get()
    with pytest.raises(IntegrityError, match="more came free"), transaction.atomic():
        TakenBack.objects.update(cents=8_90)
    with pytest.raises(IntegrityError, match="more came free"), transaction.atomic():
        TakenBack.objects.create(
            id=new_id(now), lowering=free.lowering, set_off=free.set_off, payer_id=free.payer_id,
            cents=1, taken_back_at=now,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="from_one_place"), transaction.atomic():
        TakenBack.objects.update(set_off=None)


class Undo(Exception):
    """Ends an example without leaving anything behind."""


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2026-01", "2026-02"]),
            st.integers(1, 3600),
            st.sampled_from(["pay", "short", "leave"]),
            st.integers(1, 90),
        ),
        min_size=2,
        max_size=6,
    )
)
def test_any_order_of_deliveries_payments_and_days_ends_with_what_the_scheme_gives(
    now: datetime, steps: list[tuple[str, int, str, int]]
) -> None:
    """When all is paid and its day has come, the account has the last word on each month, and no cent more.

    But what a short payment left unpaid is asked as it was: a lowering of it waits for the next delivery.
    """
    try:
        with transaction.atomic():
            employer, bank, at = participant(), Bank(100_00), now
            last: dict[str, int] = {}
            for period, hours, payment, days in steps:
                at = min(later(at, days), SPRING - timedelta(days=2))
                deliver(employer, period, [worker(hours=hours)], at)
                react(at)
                last[period] = hours
                pay_all(employer, bank, at, payment)
                begin(at)
                assert_sums_hold(employer)
                open_ = still_to_lower(employer)
                assert not open_ or "short" in [step[2] for step in steps]
                wanted = open_ + sum(accounted_for(employer, one) for one in last)
                assert account(employer, at) == (0, wanted)
                assert_books_hold(at)
            pay_all(employer, bank, SPRING, "pay")
            begin(SPRING)
            assert account(employer, SPRING) == (wanted, 0)
            assert_sums_hold(employer)
            assert_books_hold(SPRING)
            raise Undo
    except Undo:
        pass


def still_to_lower(employer: OrganisationView) -> int:
    """What lowerings may still take, in cents."""
    rows = AmountDue.objects.filter(participation__employer=employer.id, amount_cents__lt=0)
    return -(rows.aggregate(total=Sum(F("amount_cents") + F("settled_cents")))["total"] or 0)


def accounted_for(employer: OrganisationView, period: str) -> int:
    """The last word on a period, in cents."""
    return AmountDue.objects.get(
        participation__employer=employer.id, period=period, is_current=True
    ).entitled_cents


def pay_all(employer: OrganisationView, bank: Bank, at: datetime, how: str) -> None:
    """Pay what is open: in full, half of it released pro rata, or nothing."""
    if how == "leave":
        return
    for view in queries.payment_requests(by=actor_of(employer)):
        cents = view.still_to_pay.cents
        cents = cents if how == "pay" else cents // 2
        if cents:
            name = str(new_id(at))[:30]
            bank.book(pays(cents, reference=view.reference, end_to_end_id=name), at=at)
            if how == "short":
                treasury.release_pro_rata(reference=view.reference, by=SYSTEM, at=at)
                react(at)
