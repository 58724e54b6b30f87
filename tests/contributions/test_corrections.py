"""Credited money stays; what lowers an amount takes first what nobody was credited yet."""

from __future__ import annotations

import itertools
from datetime import datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenwijs.budgets import operations as budgets_operations
from eigenwijs.budgets import queries as budgets
from eigenwijs.contributions import queries
from eigenwijs.contributions.models import AmountDue, PaymentRequest, SetOff, TakenBack
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, OrganisationView
from eigenwijs.schemes.queries import explain
from tests.factories.budgets import make_course_facts
from tests.factories.contributions import (
    GIFT,
    SUPERMARKET,
    SYSTEM,
    Bank,
    actor_of,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    react,
    requests_of,
    worker,
)
from tests.factories.people import make_organisation
from tests.factories.treasury import Booking, Detail, assert_books_hold, pays

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demonstration(settings: object) -> None:
    """The supermarkets' figures are inferred, so they are law in a demonstration only."""
    settings.DEMO = True  # type: ignore[attr-defined]


def participant(scheme: str) -> OrganisationView:
    make_law(scheme)
    return make_participant(scheme)


def person(employer: OrganisationView, number: int = 1) -> UUID:
    return next(
        view.person_id
        for view in people.employments_of_employer(employer.id)
        if view.personnel_number == f"P{number:05d}"
    )


def account(employer: OrganisationView, at: datetime, number: int = 1) -> tuple[int, int]:
    view = budgets.account(person(employer, number), on=at.date())
    return view.available.cents, view.expected.cents


def asked(employer: OrganisationView) -> dict[str, int]:
    """What each state of request asks together, in cents."""
    sums: dict[str, int] = {}
    for request in requests_of(employer):
        sums[request.state] = sums.get(request.state, 0) + request.total_cents
    return sums


def test_before_payment_a_lowering_replaces_the_request(now: datetime) -> None:
    """Worker 2 turns out to have 12 hours: 26.92 becomes 13.46 in a new request."""
    bank, employer = Bank(), participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker(1), worker(2)], now)
    shown = preview(employer, "2026-P01", [worker(1), worker(2, hours=1200)], later(now))
    assert shown.total == Money(-13_46)
    found = queries.differences(shown.id, by=actor_of(employer))
    assert found
    assert (found.added, found.removed, found.changed) == (0, 0, 1)
    assert found.changes[0].fields == (("contract_hours_week", "2000", "1200"),)
    deliver(employer, "2026-P01", [worker(1), worker(2, hours=1200)], later(now))
    first, second = requests_of(employer)
    assert (first.state, first.replaced_by_id) == ("replaced", second.id)
    assert (second.state, second.total_cents) == ("open", 13_46)
    assert account(employer, now) == (0, 13_46)
    assert account(employer, now, 2) == (0, 0)
    bank.pay(second, later(now, 2))
    assert account(employer, later(now, 2)) == (13_46, 0)
    assert_books_hold(later(now, 2))


def test_a_raise_asks_for_the_difference_only(now: datetime) -> None:
    employer = participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker(1), worker(2, hours=1200)], now)
    deliver(employer, "2026-P01", [worker(1), worker(2)], later(now))
    assert [(one.state, one.total_cents) for one in requests_of(employer)] == [
        ("open", 13_46),
        ("open", 13_46),
    ]


def test_credited_money_stays_and_the_next_amounts_are_lower(now: datetime) -> None:
    """13.46 was credited too much; the next period's 13.46 is set off, the third is paid again."""
    bank, employer = Bank(), participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker()], now)
    bank.pay(requests_of(employer)[0], now)
    deliver(employer, "2026-P01", [worker(hours=1000)], later(now))
    assert account(employer, now) == (13_46, 0)
    assert asked(employer) == {"paid": 13_46}
    deliver(employer, "2026-P02", [worker()], later(now, 2))
    assert account(employer, now) == (13_46, 0)
    assert asked(employer) == {"paid": 13_46}
    deliver(employer, "2026-P03", [worker()], later(now, 3))
    assert account(employer, now) == (13_46, 13_46)
    assert asked(employer) == {"paid": 13_46, "open": 13_46}


def test_what_was_set_off_is_in_the_reason(now: datetime) -> None:
    """From 36 to 20 hours: 20.00 becomes 11.11; of the next 20.00 then 11.11 is left."""
    bank, employer = Bank(), participant(GIFT)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    bank.pay(requests_of(employer)[0], now)
    text = later(now, 70)  # after the term of correction of sixty days
    deliver(employer, "2026-01", [worker(hours=2000)], text)
    assert account(employer, text) == (20_00, 0)
    deliver(employer, "2026-02", [worker(hours=3600)], text)
    coming = budgets.account(person(employer), on=text.date()).coming
    assert [item.amount for item in coming] == [Money(11_11)]
    lines = explain(coming[0].reason.steps, "nl")
    assert lines[-1].replace("\N{NO-BREAK SPACE}", " ") == (
        "Eerder kreeg je van deze betaler € 8,89 te veel. Dat gaat hiervan af."
    )


def test_within_the_term_unspent_money_comes_back_and_pays_the_next_request(now: datetime) -> None:
    """Of 20.00 the worker keeps 11.11; the 8.89 pays part of the next request of 20.00."""
    bank, employer = Bank(), participant(GIFT)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    bank.pay(requests_of(employer)[0], now)
    deliver(employer, "2026-01", [worker(hours=2000)], later(now, 30))
    assert account(employer, later(now, 30)) == (11_11, 0)
    assert TakenBack.objects.get().cents == 8_89
    deliver(employer, "2026-02", [worker(hours=3600)], later(now, 31))
    request = requests_of(employer)[-1]
    assert (request.total_cents, request.taken_back_cents) == (20_00, 8_89)
    bank.pay(request, later(now, 32))
    assert account(employer, later(now, 32)) == (31_11, 0)
    assert_books_hold(later(now, 32))


def test_what_came_back_and_is_more_than_the_next_request_is_used_in_part(now: datetime) -> None:
    """8.89 came back; the next request asks 1.67 and uses 1.67, the one after that the other 7.22.

    1.67 is what 3 hours give of 20.00 for 36. The books know no cent of it twice.
    """
    bank, employer = Bank(), participant(GIFT)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    bank.pay(requests_of(employer)[0], now)
    deliver(employer, "2026-01", [worker(hours=2000)], later(now, 30))
    deliver(employer, "2026-02", [worker(hours=300)], later(now, 31))
    small = requests_of(employer)[-1]
    assert (small.state, small.total_cents, small.taken_back_cents) == ("paid", 1_67, 1_67)
    react(later(now, 31))
    assert account(employer, later(now, 31)) == (12_78, 0)
    deliver(employer, "2026-03", [worker(hours=3600)], later(now, 32))
    request = requests_of(employer)[-1]
    assert (request.total_cents, request.taken_back_cents) == (20_00, 7_22)
    assert sum(TakenBack.objects.values_list("cents", flat=True)) == 8_89
    bank.pay(request, later(now, 33))
    assert account(employer, later(now, 33)) == (32_78, 0)
    assert_sums_hold(employer)
    assert_books_hold(later(now, 33))


def test_a_nota_of_which_the_bank_took_one_payment_back_still_corrects_and_closes(
    now: datetime,
) -> None:
    """20.00 was paid as 12.00 and 8.00; the bank takes the 8.00 back, then 8.89 was too much.

    The account keeps 11.11; the payer still owes 8.00 and has 8.89 ready for the next nota.
    """
    bank, employer = Bank(opening=100_00), participant(GIFT)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    (request,) = requests_of(employer)
    bank.pay(request, now, cents=12_00)
    bank.book(pays(8_00, reference=request.reference, end_to_end_id="E2"), at=now)
    detail = Detail(reference=request.reference, end_to_end_id="E2", return_reason="MD06")
    bank.book(Booking(-8_00, (detail,), code="PMNT-RCDT-RRTN", reversal=True), at=later(now))
    deliver(employer, "2026-01", [worker(hours=2000)], later(now, 30))
    assert requests_of(employer)[0].state == "reopened"
    assert account(employer, later(now, 30)) == (11_11, 0)
    deliver(employer, "2026-02", [worker(hours=3600)], later(now, 31))
    second = requests_of(employer)[-1]
    assert (second.total_cents, second.taken_back_cents) == (20_00, 8_89)
    bank.pay(second, later(now, 32))
    bank.pay(request, later(now, 33), cents=8_00)
    assert [one.state for one in requests_of(employer)] == ["paid", "paid"]
    assert account(employer, later(now, 33)) == (31_11, 0)
    assert_books_hold(later(now, 33))


def test_within_the_term_reserved_money_stays(now: datetime) -> None:
    bank, employer = Bank(), participant(GIFT)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    bank.pay(requests_of(employer)[0], now)
    holder = person(employer)
    pot = budgets.account(holder, on=now.date()).pots[0]
    budgets_operations.reserve(
        booking_id=new_id(now),
        person_id=holder,
        lines=[(pot.id, Money(15_00))],
        payee_id=make_organisation(OrganisationKind.PROVIDER).id,
        facts=make_course_facts(),
        work_related=True,
        expires_at=later(now, 90),
        by=SYSTEM,
        at=now,
    )
    deliver(employer, "2026-01", [worker(hours=2000)], later(now, 30))
    view = budgets.account(holder, on=now.date())
    assert (view.available, view.reserved) == (Money.zero(), Money(15_00))
    assert TakenBack.objects.get().cents == 5_00
    lowering = AmountDue.objects.get(amount_cents__lt=0)
    assert (lowering.amount_cents, lowering.settled_cents) == (-8_89, 5_00)


def test_what_came_back_once_does_not_come_back_again(now: datetime) -> None:
    """5.00 is free at first; when the reservation ends, only the other 3.89 comes back."""
    bank, employer = Bank(), participant(GIFT)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    bank.pay(requests_of(employer)[0], now)
    holder, booking = person(employer), new_id(now)
    pot = budgets.account(holder, on=now.date()).pots[0]
    budgets_operations.reserve(
        booking_id=booking,
        person_id=holder,
        lines=[(pot.id, Money(15_00))],
        payee_id=make_organisation(OrganisationKind.PROVIDER).id,
        facts=make_course_facts(),
        work_related=True,
        expires_at=later(now, 90),
        by=SYSTEM,
        at=now,
    )
    deliver(employer, "2026-01", [worker(hours=2000)], later(now, 30))
    deliver(employer, "2026-02", [worker(2, hours=3600)], later(now, 31))
    assert [one.cents for one in TakenBack.objects.all()] == [5_00]
    budgets_operations.release(booking_id=booking, with_grace=True, by=SYSTEM, at=later(now, 32))
    deliver(employer, "2026-03", [worker(2, hours=3600)], later(now, 33))
    assert sorted(one.cents for one in TakenBack.objects.all()) == [3_89, 5_00]
    assert account(employer, later(now, 33)) == (11_11, 0)
    assert_books_hold(later(now, 33))


def test_a_request_billed_too_high_but_paid_right_credits_the_corrected_amounts(
    now: datetime,
) -> None:
    """Of 26.92 came 13.46, as worker 2 has 12 hours: worker 1 gets 13.46, nobody gets a share."""
    bank, employer = Bank(), participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker(1), worker(2)], now)
    (request,) = requests_of(employer)
    bank.pay(request, now, cents=13_46)
    deliver(employer, "2026-P01", [worker(1), worker(2, hours=1200)], later(now))
    react(later(now))
    (request,) = requests_of(employer)
    assert (request.state, request.lowered_cents, request.credited_cents) == ("paid", 13_46, 13_46)
    assert (account(employer, now), account(employer, now, 2)) == ((13_46, 0), (0, 0))
    (view,) = queries.payment_requests(by=actor_of(employer))
    assert (view.to_pay, view.still_to_pay) == (Money(13_46), Money.zero())
    assert_sums_hold(employer)
    assert_books_hold(later(now))


def test_a_request_of_which_a_part_came_in_asks_less_after_a_correction(now: datetime) -> None:
    """Of 31.11 came 5.00; worker 2 goes from 11.11 to 5.56: 20.56 is left to pay, then all is exact."""
    bank, employer = Bank(), participant(GIFT)
    deliver(employer, "2026-01", [worker(1, hours=3600), worker(2)], now)
    (request,) = requests_of(employer)
    bank.pay(request, now, cents=5_00)
    deliver(employer, "2026-01", [worker(1, hours=3600), worker(2, hours=1000)], later(now))
    (view,) = queries.payment_requests(by=actor_of(employer))
    assert (view.to_pay, view.still_to_pay) == (Money(25_56), Money(20_56))
    assert account(employer, now, 2) == (0, 5_56)
    assert_sums_hold(employer)
    bank.pay(request, later(now, 2), cents=20_56)
    assert (account(employer, now), account(employer, now, 2)) == ((20_00, 0), (5_56, 0))
    assert_books_hold(later(now, 2))


def test_a_request_is_lowered_to_what_came_in_and_the_next_one_by_the_rest(now: datetime) -> None:
    """20.00 of 26.92 came in: 6.92 goes off at once, 6.54 off the next 13.46 of worker 2."""
    bank, employer = Bank(), participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker(1), worker(2)], now)
    bank.pay(requests_of(employer)[0], now, cents=20_00)
    deliver(employer, "2026-P01", [worker(1), worker(2, hours=1200)], later(now))
    react(later(now))
    assert (account(employer, now), account(employer, now, 2)) == ((13_46, 0), (6_54, 0))
    deliver(employer, "2026-P02", [worker(1), worker(2)], later(now, 2))
    assert [one.total_cents for one in requests_of(employer)] == [26_92, 20_38]
    assert account(employer, now, 2) == (6_54, 6_92)
    assert_sums_hold(employer)


def test_someone_left_out_of_a_correction_is_due_nothing_more(now: datetime) -> None:
    employer = participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker(1), worker(2)], now)
    shown = preview(employer, "2026-P01", [worker(1)], later(now))
    found = queries.differences(shown.id, by=actor_of(employer))
    assert found
    assert (found.removed, shown.total) == (1, Money(-13_46))
    deliver(employer, "2026-P01", [worker(1)], later(now))
    assert asked(employer) == {"replaced": 26_92, "open": 13_46}
    gone = AmountDue.objects.get(line=None)
    assert (gone.entitled_cents, gone.amount_cents) == (0, -13_46)


def test_lowering_to_nothing_leaves_no_request(now: datetime) -> None:
    employer = participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker()], now)
    deliver(employer, "2026-P01", [worker(hours=1000)], later(now))
    (request,) = requests_of(employer)
    assert (request.state, request.replaced_by_id) == ("replaced", None)
    assert account(employer, now) == (0, 0)


def test_going_back_to_the_first_file_ends_where_it_began(now: datetime) -> None:
    employer = participant(SUPERMARKET)
    for day, hours in enumerate((2000, 1000, 2000)):
        deliver(employer, "2026-P01", [worker(hours=hours)], later(now, day))
    assert asked(employer) == {"replaced": 13_46, "open": 13_46}
    assert account(employer, now) == (0, 13_46)


def test_the_database_sets_off_no_more_than_there_is(now: datetime) -> None:
    """13.46 is set off against 13.46: not a cent more goes, from either side, in any way."""
    employer = participant(SUPERMARKET)
    deliver(employer, "2026-P01", [worker()], now)
    deliver(employer, "2026-P01", [worker(hours=1000)], later(now))
    deliver(employer, "2026-P02", [worker()], later(now, 2))
    known = SetOff.objects.get()
    other = AmountDue.objects.get(period="2026-P02")
    pairs = [(known.lowering_id, other.id), (known.lowering_id, known.amount_id)]
    for lowering, amount in pairs:
        with pytest.raises(IntegrityError, match="more was set off"), transaction.atomic():
            SetOff.objects.create(
                id=new_id(now), lowering_id=lowering, amount_id=amount, cents=1, set_off_at=now
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        AmountDue.objects.filter(pk=known.amount_id).update(settled_cents=13_47)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        AmountDue.objects.filter(pk=known.amount_id).update(settled_cents=0)


def test_the_database_lets_no_more_come_back_than_was_lowered(now: datetime) -> None:
    bank, employer = Bank(), participant(GIFT)
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    bank.pay(requests_of(employer)[0], now)
    deliver(employer, "2026-01", [worker(hours=2000)], later(now, 30))
    back = TakenBack.objects.get()
    with pytest.raises(IntegrityError, match="came back"), transaction.atomic():
        TakenBack.objects.update(cents=8_90)
    back.id = new_id(now)
    back.cents = 1
    with pytest.raises(IntegrityError, match="came back"), transaction.atomic():
        back.save(force_insert=True)


class Undo(Exception):
    """Ends an example without leaving anything behind."""


Deliveries = list[tuple[int, int]]
"""Contract hours by period, in hundredths."""


def assert_sums_hold(employer: OrganisationView) -> None:
    """Requests, amounts due and set-offs agree to the cent."""
    rows = AmountDue.objects.filter(participation__employer=employer.id)
    current = rows.filter(is_current=True).aggregate(total=Sum("entitled_cents"))["total"] or 0
    changes = rows.aggregate(total=Sum("amount_cents"))["total"] or 0
    assert current == changes
    lowered = rows.filter(amount_cents__lt=0).aggregate(total=Sum("settled_cents"))["total"] or 0
    raised = rows.filter(amount_cents__gt=0).aggregate(total=Sum("settled_cents"))["total"] or 0
    set_off = SetOff.objects.aggregate(total=Sum("cents"))["total"] or 0
    back = TakenBack.objects.aggregate(total=Sum("cents"))["total"] or 0
    assert (lowered, raised) == (set_off + back, set_off)
    for request in PaymentRequest.objects.exclude(state="replaced"):
        net = request.amounts.aggregate(total=Sum(F("amount_cents") - F("settled_cents")))["total"]
        assert net == request.total_cents - request.lowered_cents
    assert not rows.filter(
        request=None, amount_cents__gt=F("settled_cents") + F("credited_cents")
    ).exists()


@settings(
    max_examples=16, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.integers(100, 8000), min_size=2, max_size=4),
    st.integers(1, 5),
)
def test_any_order_of_corrections_ends_in_the_same_totals(
    now: datetime, hours: list[int], shuffle: int
) -> None:
    """Deliveries of three months, one of them corrected several times, in different orders.

    The last word on each month is the same, so what is asked in the end must be too.
    """
    final = [("2026-01", hours[0]), ("2026-02", hours[1]), ("2026-03", hours[-1])]
    noise = [("2026-02", one) for one in hours]
    orders = list(itertools.permutations(final))
    ends = []
    for order in (orders[0], orders[shuffle]):
        try:
            with transaction.atomic():
                employer = participant(GIFT)
                for day, (period, one) in enumerate([*noise, *order]):
                    deliver(employer, period, [worker(hours=one)], later(now, day))
                    assert_sums_hold(employer)
                open_ = sum(one.total_cents for one in requests_of(employer) if one.state == "open")
                ends.append((open_, account(employer, now)))
                raise Undo
        except Undo:
            pass
    assert ends[0] == ends[1]
    assert ends[0][0] == ends[0][1][1]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(["01", "02", "03"]), st.integers(100, 8000), st.booleans()),
        min_size=2,
        max_size=7,
    )
)
def test_whatever_is_paid_in_between_money_stays_and_sums_hold(
    now: datetime, history: list[tuple[str, int, bool]]
) -> None:
    """Deliveries, corrections and payments mixed: accounts never go down after the term of
    correction, books hold, and what was credited is what was paid."""
    try:
        with transaction.atomic():
            bank, employer = Bank(), participant(GIFT)
            before = 0
            for step, (month, hours, pays) in enumerate(history):
                at = later(now, step * 70)  # beyond the term of sixty days
                deliver(employer, f"2026-{month}", [worker(hours=hours)], at)
                assert_sums_hold(employer)
                open_ = [one for one in requests_of(employer) if one.state == "open"]
                for request in open_ if pays else []:
                    bank.pay(request, at)
                available, _expected = account(employer, at)
                assert available >= before
                before = available
            paid = sum(one.total_cents for one in requests_of(employer) if one.state == "paid")
            assert before == paid
            assert_books_hold(at)
            raise Undo
    except Undo:
        pass
    assert not connection.needs_rollback
