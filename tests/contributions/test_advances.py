"""Coming amounts that somebody uses now: they come once, go off what comes, and nobody takes them back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.advances import NO_ADVANCE, Advance, advance_in
from eigenwijs.contributions.models import (
    AdvanceAsk,
    AmountDue,
    CreditedAmount,
    Delivery,
    TakenBack,
    YearTotal,
)
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import OrganisationKind, OrganisationView, Role
from tests.factories.contributions import (
    MONTHLY,
    MONTHLY_SCHEME,
    SYSTEM,
    Bank,
    account,
    actor_of,
    deliver,
    employment,
    later,
    make_law,
    make_participant,
    preview,
    react,
    requests_of,
    worker,
)
from tests.factories.people import actor_for, make_organisation
from tests.factories.treasury import assert_books_hold

BLOCK = 'advance: {most: [{otherwise: 24 * amount}], article: "3"}\n'
ADVANCE = MONTHLY.replace("spend:", BLOCK + "spend:")
DAY = timedelta(days=1)


def actor(employer: OrganisationView, number: int = 1) -> Actor:
    found = people.person(employment(employer, number).person_id)
    assert found
    return actor_for(found, Role.WORKER)


def ask(employer: OrganisationView, cents: int, at: datetime, job: UUID | None = None) -> None:
    operations.ask_advance(
        employment_id=job or employment(employer).id,
        scheme=MONTHLY_SCHEME,
        amount=Money(cents),
        by=actor(employer),
        at=at,
    )


def shop_with_a_month(now: datetime, text: str = ADVANCE) -> OrganisationView:
    """An employer under the scheme that delivered January, and was answered."""
    make_law(MONTHLY_SCHEME, text=text)
    employer = make_participant(MONTHLY_SCHEME)
    deliver(employer, "2026-01", [worker(), worker(2)], now)
    react(now)
    return employer


def due(period: str, number: int = 1) -> AmountDue:
    return AmountDue.objects.get(
        period=period, is_current=True, line__personnel_number=f"P{number:05d}"
    )


class TestTheRule:
    """`advance_in`, without a database."""

    def test_what_came_ahead_goes_off_what_comes_and_never_below_nothing(self) -> None:
        first = advance_in(10, others=0, before=None, asked=25, most=240)
        assert first == Advance(granted=25)
        taken, given = first.net, []
        for _month in range(4):
            found = advance_in(10, others=taken, before=None)
            taken += found.net
            given.append(10 + found.net)
        assert (given, taken) == ([0, 0, 5, 10], 0)

    def test_no_more_comes_ahead_than_the_most_that_may_be_open(self) -> None:
        assert advance_in(10, others=30, before=None, asked=25, most=40).granted == 20
        assert advance_in(0, others=40, before=None, asked=25, most=40) == NO_ADVANCE

    def test_a_period_that_is_delivered_again_as_it_was_takes_nothing_more_off(self) -> None:
        assert advance_in(10, others=25, before=(10, NO_ADVANCE)) == NO_ADVANCE
        assert advance_in(12, others=25, before=(10, NO_ADVANCE)) == Advance(set_off=2)
        assert advance_in(4, others=25, before=(10, Advance(set_off=7))) == Advance(set_off=4)
        assert advance_in(10, others=-5, before=(10, Advance(25))) == Advance(25)

    def test_who_is_left_out_keeps_only_what_went_off_elsewhere(self) -> None:
        before = (10, Advance(25))
        assert advance_in(0, others=-15, before=before, named=False) == Advance(15)
        assert advance_in(0, others=0, before=before, named=False) == NO_ADVANCE


@pytest.mark.django_db
class TestAsking:
    """Asking, and taking it back."""

    def test_an_advance_comes_now_and_coming_amounts_go_off_it(self, now: datetime) -> None:
        employer, bank = shop_with_a_month(now), Bank()
        ask(employer, 25_00, later(now))
        for day, (period, amount) in enumerate(
            [("2026-02", 35_00), ("2026-03", 0), ("2026-04", 0), ("2026-05", 5_00), ("2026-06", 10_00)],
            2,
        ):  # fmt: skip
            deliver(employer, period, [worker()], later(now, day))
            react(later(now, day))
            row = due(period)
            assert (row.entitled_cents, row.amount_cents, row.given_cents) == (
                amount,
                amount,
                10_00,
            )
        for request in requests_of(employer):
            bank.pay(request, later(now, 9))
        assert account(employer, later(now, 9)) == (60_00, 0)
        assert AdvanceAsk.objects.get().amount_due == due("2026-02")
        assert_books_hold(later(now, 9))

    def test_the_worker_reads_what_can_be_asked_and_how_long_it_goes_off(
        self, now: datetime
    ) -> None:
        employer = shop_with_a_month(now)
        (view,) = queries.advances(by=actor(employer), on=date(2026, 2, 3))
        assert (view.open.cents, view.most.cents, view.room.cents) == (0, 240_00, 240_00)
        assert view.gone_after(Money(25_00)) == Period.parse("2026-05")
        assert view.gone_after(Money(2_500_00)) is None
        ask(employer, 25_00, later(now))
        (view,) = queries.advances(by=actor(employer), on=date(2026, 2, 3))
        assert (view.asked.cents, view.room.cents) == (25_00, 0)
        deliver(employer, "2026-02", [worker()], later(now, 2))
        (view,) = queries.advances(by=actor(employer), on=date(2026, 3, 3))
        assert (view.open.cents, view.room.cents, view.ask_id) == (25_00, 215_00, None)
        # March comes with it and takes 10.00 off what is open; 40.00 is left for April to July.
        assert view.gone_after(Money(25_00)) == Period.parse("2026-07")

    def test_each_wrong_ask_is_refused_and_asking_again_changes_nothing(
        self, now: datetime
    ) -> None:
        employer = shop_with_a_month(now)
        other = employment(employer, 2).id
        for cents, job, code in (
            (0, None, "wrong_amount"),
            (240_01, None, "wrong_amount"),
            (10_00, other, "no_advance"),
            (10_00, new_id(now), "no_advance"),
        ):
            with pytest.raises(operations.UnableToAskAdvance) as refused:
                ask(employer, cents, later(now), job)
            assert refused.value.code == code
        ask(employer, 10_00, later(now))
        ask(employer, 10_00, later(now))
        with pytest.raises(operations.UnableToAskAdvance) as refused:
            ask(employer, 12_00, later(now))
        assert refused.value.code == "already_asked"
        assert AdvanceAsk.objects.get().cents == 10_00
        with pytest.raises(NotPermitted):
            operations.ask_advance(
                employment_id=employment(employer).id,
                scheme=MONTHLY_SCHEME,
                amount=Money(10_00),
                by=actor_of(employer),
                at=later(now),
            )

    def test_the_database_lets_one_ask_wait(self, now: datetime) -> None:
        employer = shop_with_a_month(now)
        ask(employer, 10_00, later(now))
        known = AdvanceAsk.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            AdvanceAsk.objects.create(
                id=new_id(now),
                employment_id=known.employment_id,
                scheme=known.scheme,
                cents=1,
                asked_at=now,
            )

    def test_what_is_asked_after_a_file_came_waits_for_the_next(self, now: datetime) -> None:
        employer = shop_with_a_month(now)
        shown = preview(employer, "2026-02", [worker()], later(now))
        ask(employer, 25_00, later(now, 2))
        operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=later(now, 3))
        assert due("2026-02").entitled_cents == 10_00
        deliver(employer, "2026-03", [worker()], later(now, 4))
        assert due("2026-03").entitled_cents == 35_00

    def test_one_that_is_taken_back_does_not_come_and_who_saw_it_looks_again(
        self, now: datetime
    ) -> None:
        employer = shop_with_a_month(now)
        ask(employer, 25_00, later(now))
        shown = preview(employer, "2026-02", [worker()], later(now, 2))
        (line,), _count = queries.lines(shown.id, by=actor_of(employer))
        assert line.amounts[0].amount.cents == 35_00
        asked = AdvanceAsk.objects.get().pk
        operations.withdraw_advance(ask_id=asked, by=actor(employer, 2), at=later(now, 2))
        assert AdvanceAsk.objects.exists(), "another person's"
        for _twice in range(2):
            operations.withdraw_advance(ask_id=asked, by=actor(employer), at=later(now, 2))
        with pytest.raises(operations.UnableToConfirm) as refused:
            operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=later(now, 3))
        assert refused.value.code == "changed_meanwhile"
        deliver(employer, "2026-02", [worker()], later(now, 4))
        assert due("2026-02").entitled_cents == 10_00

    @pytest.mark.parametrize("booked", [True, False])
    def test_one_that_the_employer_said_yes_to_cannot_be_taken_back(
        self, now: datetime, booked: bool
    ) -> None:
        """Also while a large file waits to be booked: it would be refused as a whole."""
        employer = shop_with_a_month(now)
        ask(employer, 25_00, later(now))
        shown = preview(employer, "2026-02", [worker()], later(now, 2))
        if booked:
            operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=later(now, 2))
        else:
            Delivery.objects.filter(pk=shown.id).update(
                state="confirmed", confirmed_at=later(now, 2)
            )
        with pytest.raises(operations.UnableToWithdrawAdvance):
            operations.withdraw_advance(
                ask_id=AdvanceAsk.objects.get().pk, by=actor(employer), at=later(now, 3)
            )

    def test_it_waits_where_the_rules_stop_and_what_came_still_goes_off(
        self, now: datetime
    ) -> None:
        """A next version without the block, and a month in which the worker gets nothing."""
        employer = shop_with_a_month(now)
        ask(employer, 15_00, later(now))
        deliver(employer, "2026-02", [worker(hours=700)], later(now, 2))
        assert due("2026-02").entitled_cents == 0
        assert AdvanceAsk.objects.get().amount_due is None
        deliver(employer, "2026-03", [worker()], later(now, 3))
        assert due("2026-03").entitled_cents == 25_00
        ask(employer, 5_00, later(now, 4))
        make_law(MONTHLY_SCHEME, valid_from=date(2026, 4, 1), text=MONTHLY)
        deliver(employer, "2026-04", [worker()], later(now, 5))
        assert due("2026-04").entitled_cents == 0
        (view,) = queries.advances(by=actor(employer), on=date(2026, 5, 3))
        assert (view.asked.cents, view.open.cents, view.most.cents) == (5_00, 5_00, 0)

    def test_who_left_the_job_keeps_it_and_cannot_ask(self, now: datetime) -> None:
        employer, bank = shop_with_a_month(now), Bank()
        ask(employer, 25_00, later(now))
        deliver(employer, "2026-02", [worker()], later(now, 2))
        react(later(now, 2))
        for request in requests_of(employer):
            if request.state == "open":
                bank.pay(request, later(now, 3))
        deliver(employer, "2026-03", [worker(2)], later(now, 4))
        react(later(now, 4))
        assert account(employer, later(now, 4)) == (45_00, 0), "who is not in a file keeps it"
        assert queries.advances(by=actor(employer), on=date(2026, 4, 3)) == []

    def test_nothing_comes_ahead_with_the_last_line_of_a_job(self, now: datetime) -> None:
        employer = shop_with_a_month(now)
        ask(employer, 25_00, later(now))
        deliver(employer, "2026-02", [worker(ended_on=date(2026, 2, 20))], later(now, 2))
        assert due("2026-02").entitled_cents == 10_00
        assert AdvanceAsk.objects.get().amount_due is None

    def test_nothing_comes_ahead_where_a_full_limit_gives_nothing(self, now: datetime) -> None:
        """€ 10.00 a year at most: February gives nothing, so that nothing comes either."""
        cap = 'cap: {year: [{otherwise: amount}], article: "4"}\n'
        employer = shop_with_a_month(now, ADVANCE.replace("spend:", cap + "spend:"))
        ask(employer, 25_00, later(now))
        deliver(employer, "2026-02", [worker()], later(now, 2))
        assert due("2026-02").entitled_cents == 0
        assert AdvanceAsk.objects.get().amount_due is None

    @pytest.mark.parametrize("dropped", [True, False])
    def test_an_old_period_gives_nothing_ahead_once_a_later_one_was_delivered(
        self, now: datetime, dropped: bool
    ) -> None:
        """After the rule was dropped from February on, or the job ended: January delivered again."""
        employer = shop_with_a_month(now)
        if dropped:
            make_law(MONTHLY_SCHEME, valid_from=date(2026, 2, 1), text=MONTHLY)
        AdvanceAsk.objects.create(
            id=new_id(now),
            employment_id=employment(employer).id,
            scheme=MONTHLY_SCHEME,
            cents=25_00,
            asked_at=later(now),
        )
        last = worker(
            hours=2000 if dropped else 700, ended_on=None if dropped else date(2026, 2, 20)
        )
        deliver(employer, "2026-02", [last, worker(2)], later(now, 2))
        deliver(employer, "2026-01", [worker(hours=2400), worker(2)], later(now, 3))
        assert due("2026-01").entitled_cents == 10_00
        assert AdvanceAsk.objects.get().amount_due is None

    def test_what_one_payer_paid_ahead_goes_off_no_month_of_another(self, now: datetime) -> None:
        """A paid € 25.00 ahead with February. From March on B pays, € 10.00 a month; back with A in May."""
        first, second = (make_organisation(OrganisationKind.PAYER) for _payer in range(2))
        make_law(MONTHLY_SCHEME, text=ADVANCE)
        employer = make_participant(MONTHLY_SCHEME, payer=first)
        deliver(employer, "2026-01", [worker(), worker(2)], now)
        ask(employer, 25_00, later(now))
        deliver(employer, "2026-02", [worker(), worker(2)], later(now, 2))
        for payer, starts, ends in (
            (second, date(2026, 3, 1), date(2026, 2, 28)),
            (first, date(2026, 5, 1), date(2026, 4, 30)),
        ):
            part = next(one for one in queries.participations(employer.id) if not one.ends_on)
            operations.leave_scheme(
                participation_id=part.id, ends_on=ends, by=SYSTEM, at=later(now, 2)
            )
            operations.join_scheme(
                employer_id=employer.id, scheme=MONTHLY_SCHEME, payer_id=payer.id,
                starts_on=starts, by=SYSTEM, at=later(now, 2),
            )  # fmt: skip
        came = {}
        for month in range(3, 8):
            deliver(employer, f"2026-{month:02d}", [worker(), worker(2)], later(now, month))
            came[month] = due(f"2026-{month:02d}").entitled_cents
        assert came == {3: 10_00, 4: 10_00, 5: 0, 6: 0, 7: 5_00}

    def test_why_says_it_with_its_article_to_worker_and_employer(self, now: datetime) -> None:
        employer = shop_with_a_month(now)
        ask(employer, 5_00, later(now))
        told = {}
        for day, period in enumerate(("2026-02", "2026-03"), 2):
            shown = preview(employer, period, [worker()], later(now, day))
            seen = [
                one
                for state in ("previewed", "booked")
                for _confirm in [
                    state == "booked"
                    and operations.confirm_delivery(
                        delivery_id=shown.id, by=SYSTEM, at=later(now, day)
                    )
                ]
                for one in queries.lines(shown.id, by=actor_of(employer))[0]
            ]
            steps = [
                [(step.code, step.article, step.params["amount"]) for step in line.amounts[0].steps
                 if step.code.startswith("advance")]
                for line in seen
            ]  # fmt: skip
            assert steps[0] == steps[1]
            (reason,) = queries.reasons_of([due(period).id]).values()
            told[period] = steps[0]
            assert set(steps[0]) <= {
                (one.code, one.article, one.params.get("amount")) for one in reason.steps
            }
        assert told == {
            "2026-02": [("advance", "3", 5_00)],
            "2026-03": [("advance_set_off", "3", 5_00)],
        }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "said"), [('article: "3"', "3"), ("source: a letter", "a letter")]
)
def test_an_amount_says_where_the_advance_in_it_was_agreed(
    now: datetime, place: str, said: str
) -> None:
    employer = shop_with_a_month(now, ADVANCE.replace('article: "3"', place, 1))
    ask(employer, 25_00, later(now))
    deliver(employer, "2026-02", [worker()], later(now, 2))
    delivered = Delivery.objects.get(period="2026-02")
    (line,), _count = queries.lines(delivered.id, by=actor_of(employer))
    (step,) = [one for one in line.amounts[0].steps if one.code == "advance"]
    assert step.article == said


@pytest.mark.django_db
def test_what_came_in_december_goes_off_january_first(now: datetime) -> None:
    """€ 15.00 ahead with December: nothing in January, € 5.00 in February, € 10.00 in March."""
    make_law(MONTHLY_SCHEME, text=ADVANCE)
    employer = make_participant(MONTHLY_SCHEME)
    deliver(employer, "2025-11", [worker(), worker(2)], now)
    AdvanceAsk.objects.create(
        id=new_id(now),
        employment_id=employment(employer).id,
        scheme=MONTHLY_SCHEME,
        cents=15_00,
        asked_at=now,
    )
    came = [("2025-12", 25_00), ("2026-01", 0), ("2026-02", 5_00), ("2026-03", 10_00)]
    for day, (period, cents) in enumerate(came, 1):
        deliver(employer, period, [worker(), worker(2)], later(now, day))
        assert (period, due(period).entitled_cents) == (period, cents)


CAPS = (
    "",
    'cap: {balance: [{otherwise: 6 * amount}], article: "4"}\n',
    'cap: {year: [{otherwise: 8 * amount}], article: "4"}\n',
)
PERIODS = (
    [f"2026-{month:02d}" for month in range(1, 12)],
    ["2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"],
)
"""Within a year, and over its end: what came ahead in one goes off what comes in the next."""
DELAY = ("", 'credited: {months_after: 1, article: "5"}\n')


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(18))
def test_what_is_credited_is_what_was_given_and_what_is_open(now: datetime, seed: int) -> None:
    """Asks, corrections, part payments, two jobs, a limit, a day that money waits for, the block gone."""
    choose = random.Random(seed)
    more = CAPS[seed % 3] + DELAY[seed // 3 % 2]
    make_law(MONTHLY_SCHEME, text=ADVANCE.replace("spend:", more + "spend:"))
    if seed % 4 == 3:
        without = MONTHLY.replace("spend:", more + "spend:")
        make_law(MONTHLY_SCHEME, valid_from=date(2026, 2, 1), text=without)
    employer, bank = make_participant(MONTHLY_SCHEME), Bank()
    both = [worker(), worker(1, line=3, employment_number=2)]
    deliver(employer, "2026-01", [*both, worker(2)], now)
    react(now)
    jobs = [
        one.id
        for one in people.employments_of_employer(employer.id)
        if one.personnel_number == "P00001"
    ]
    at, highest = now, dict.fromkeys(jobs, 0)
    for _step in range(25):
        at += DAY
        what = choose.choice(["ask", "withdraw", "deliver", "deliver", "deliver", "pay", "pay"])
        if what == "ask":
            _ask_something(employer, choose, at)
        elif what == "withdraw":
            for one in AdvanceAsk.objects.filter(amount_due=None)[: choose.randint(0, 1)]:
                operations.withdraw_advance(ask_id=one.pk, by=actor(employer), at=at)
        elif what == "deliver":
            mine = [one for one in both if choose.random() < 0.8]
            hours = choose.choice([2000, 2000, 700])
            lines = [*(_with_hours(one, hours) for one in mine), worker(2)]
            deliver(employer, choose.choice(PERIODS[seed % 2]), lines, at)
            react(at)
        else:
            for view in queries.payment_requests(by=actor_of(employer)):
                rest = view.still_to_pay.cents
                if view.state == "open" and rest:
                    request = next(one for one in requests_of(employer) if one.pk == view.id)
                    bank.pay(request, at, choose.choice([rest, rest, choose.randint(1, rest)]))
            operations.begin_due_runs(by=SYSTEM, at=at + timedelta(days=choose.choice([0, 300])))
            react(at)
        for job in jobs:
            highest[job] = _assert_sums(job, highest[job])
    assert Delivery.objects.filter(state="booked").count() > 3
    assert_books_hold(at + timedelta(days=300))


def _with_hours(row: PayrollRow, hours: int) -> PayrollRow:
    return replace(row, contract_hours_week=hours)


def _ask_something(employer: OrganisationView, choose: random.Random, at: datetime) -> None:
    views = queries.advances(by=actor(employer), on=at.date())
    able = [one for one in views if one.room]
    if able:
        job = choose.choice(able)
        ask(employer, choose.randint(1, job.room.cents), at, job.employment_id)


def _assert_sums(job: UUID, highest: int) -> int:
    """Check the sums of one job; return what was credited, which never gets less."""
    own = AmountDue.objects.filter(employment=job)
    current = list(own.filter(is_current=True))
    given = sum(row.given_cents for row in current)
    assert given == sum(
        cents
        for row in current
        for credit, (_exact, cents) in row.parts.items()
        if credit != "advance"
    )
    assert all(row.given_cents in (0, 10_00) for row in current) or given <= 80_00
    totals = YearTotal.objects.filter(employment=job)
    still_open = sum(one.parts.get("advance", ["0", 0])[1] for one in totals)
    assert still_open == sum(row.advance.net for row in current)
    assert 0 <= still_open <= 240_00
    assert all(row.entitled_cents >= 0 for row in current)
    due_in_all = own.aggregate(total=Sum("amount_cents"))["total"]
    assert due_in_all == sum(row.entitled_cents for row in current) == given + still_open
    credited: int = sum(
        CreditedAmount.objects.filter(amount_due__in=own).values_list("cents", flat=True)
    )
    assert not TakenBack.objects.filter(lowering__in=own).exclude(credit=None).exists()
    assert credited >= highest
    waits = sum(-row.amount_cents - row.settled_cents for row in own if row.amount_cents < 0)
    unpaid = sum(
        row.amount_cents - row.settled_cents - row.credited_cents
        for row in own
        if row.amount_cents > 0
    )
    assert credited + unpaid - waits == given + still_open
    return credited
