"""Time to learn: it comes with the payroll, nobody pays, it stays, and people choose the days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.budgets.models import TimeCredit, TimeUse
from eigenwijs.budgets.time_rules import TimeLot, time_left
from eigenwijs.budgets.types import TimeRefusal
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import (
    AmountDue,
    CreditedAmount,
    DeliveryLine,
    PaymentRequest,
)
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.notices.models import Notice
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.models import Employment
from eigenwijs.people.types import OrganisationView
from eigenwijs.schemes import queries as schemes
from tests.contributions.test_advances import actor
from tests.factories.contributions import (
    GIFT,
    MONTHLY,
    SYSTEM,
    actor_of,
    deliver,
    employment,
    later,
    make_law,
    make_participant,
    requests_of,
    worker,
)
from tests.factories.people import make_organisation

HOURS = "nl/leertijd"
TEXT = (
    MONTHLY.replace("scheme: nl/maandbedrag", f"scheme: {HOURS}\nunit: hours")
    .replace("unit: EUR", "unit: amount")
    .replace("10.00}", "8.00}")
)
"""Eight hours a month for who works at least eight hours a week."""
ENDING = TEXT.replace("spend:", 'expiry: {after_months: 2, article: "3"}\nspend:')
DAY = timedelta(days=1)

days = st.dates(date(2026, 1, 1), date(2026, 1, 12))
lots_ = st.lists(st.builds(TimeLot, st.integers(1, 9), st.none() | days), max_size=6)
taken_ = st.lists(st.tuples(days, st.integers(1, 9)), max_size=6)


class TestTheRule:
    """`time_left`, without a database."""

    @given(lots_, taken_)
    def test_days_are_short_only_where_no_order_would_do(
        self, lots: list[TimeLot], taken: list[tuple[date, int]]
    ) -> None:
        """From every day on: what is taken, less what reaches it; the worst of these is the shortage."""
        worst = max(
            (
                sum(one for on, one in taken if on >= day)
                - sum(lot.hundredths for lot in lots if lot.reaches(day))
                for day, _hundredths in taken
            ),
            default=0,
        )
        assert time_left(lots, taken).short == max(worst, 0)

    @given(lots_, taken_)
    def test_nothing_is_lost_and_nothing_comes_out_of_nowhere(
        self, lots: list[TimeLot], taken: list[tuple[date, int]]
    ) -> None:
        left = time_left(lots, taken)
        given_ = sum(lot.hundredths for lot in lots)
        used = sum(one for _day, one in taken) - left.short
        assert sum(lot.hundredths for lot in left.lots) == given_ - used

    def test_what_ends_first_goes_first(self) -> None:
        """8 hours to 31 January and 8 without end: 3 on the 20th leave 5 and 8, and 8 in February."""
        left = time_left(
            [TimeLot(800, None), TimeLot(800, date(2026, 1, 31))], [(date(2026, 1, 20), 300)]
        )
        assert [(lot.hundredths, lot.until) for lot in left.lots] == [
            (500, date(2026, 1, 31)),
            (800, None),
        ]
        assert (left.on(date(2026, 1, 31)), left.on(date(2026, 2, 1))) == (1300, 800)


def school(now: datetime, text: str = TEXT) -> OrganisationView:
    """An employer that gives eight hours a month, and delivered January for two people."""
    make_law(HOURS, text=text)
    employer = make_participant(HOURS)
    deliver(employer, "2026-01", [worker(), worker(2)], now)
    return employer


def choose(
    employer: OrganisationView, hundredths: int, day: date, at: datetime, number: int = 1
) -> None:
    operations.choose_day(
        employment_id=employment(employer, number).id,
        scheme=HOURS,
        hundredths=hundredths,
        day=day,
        by=actor(employer, number),
        at=at,
    )


def left(employer: OrganisationView, on: date, number: int = 1) -> int:
    person_id = employment(employer, number).person_id
    return sum(one.left for one in accounts.time_of(person_id, on=on))


def told(kind: str) -> int:
    return Notice.objects.filter(kind=kind).count()


@pytest.mark.django_db
class TestGiving:
    """What a delivery gives, and what a later one changes."""

    def test_it_comes_with_the_delivery_and_nobody_is_asked_to_pay(self, now: datetime) -> None:
        """Eight hours each; no nota, nothing in the books, nothing expected."""
        make_law(GIFT)
        make_law(HOURS, text=TEXT)
        employer = make_participant(HOURS, GIFT)
        deliver(employer, "2026-01", [worker(), worker(2)], now)
        assert left(employer, local_date(now)) == left(employer, local_date(now), 2) == 8_00
        (asked,) = requests_of(employer)
        gift = sum(row.amount_cents for row in AmountDue.objects.filter(scheme=GIFT))
        assert [total["scheme"] for total in asked.totals] == [GIFT]
        assert asked.total_cents == gift
        lines = DeliveryLine.objects.all()
        assert sum(one.change_cents for one in lines) == gift, "hours are no cents"
        (line,) = queries.export(employment(employer).person_id)["delivered"]
        assert line["change_cents"] == lines.get(personnel_number="P00001").change_cents
        assert told("time_arrived") == 2
        money = accounts.account(employment(employer).person_id, on=local_date(now))
        assert HOURS not in {one.conditions.scheme for one in money.coming}

    def test_the_database_asks_no_payment_for_time(self, now: datetime) -> None:
        make_law(GIFT)
        make_law(HOURS, text=TEXT)
        employer = make_participant(HOURS, GIFT)
        deliver(employer, "2026-01", [worker()], now)
        nota = PaymentRequest.objects.get()
        with pytest.raises(IntegrityError, match="asks_money_only"), transaction.atomic():
            AmountDue.objects.filter(scheme=HOURS).update(request=nota)

    def test_the_preview_counts_hours_apart_from_euros(self, now: datetime) -> None:
        employer = school(now)
        (view,) = queries.deliveries(by=actor_of(employer))
        assert [(total.unit, total.amount.cents) for total in view.totals] == [("hours", 16_00)]
        assert not view.total
        lines, _count = queries.lines(view.id, by=actor_of(employer))
        assert [amount.unit for line in lines for amount in line.amounts] == ["hours"] * 2

    def test_what_was_given_stays_and_a_lowering_goes_off_what_comes(self, now: datetime) -> None:
        """January turns out below eight hours a week: it stays eight, and February gives nothing. March gives."""
        employer = school(now)
        short = worker(contract_hours_week=700)
        deliver(employer, "2026-01", [short, worker(2)], later(now))
        assert left(employer, local_date(now)) == 8_00
        deliver(employer, "2026-02", [worker(), worker(2)], later(now, 2))
        assert left(employer, local_date(now)) == 8_00
        assert left(employer, local_date(now), 2) == 16_00
        deliver(employer, "2026-03", [worker(), worker(2)], later(now, 3))
        assert left(employer, local_date(now)) == 16_00

    def test_of_a_part_that_was_too_much_the_rest_is_given(self, now: datetime) -> None:
        """Eight from sixteen hours a week on, else four: January was eight and is four, so February gives four."""
        half = "{when: contract_hours_week >= least * 2, amount: amount}, {otherwise: amount / 2}"
        employer = school(now, TEXT.replace("{otherwise: amount}", half))
        deliver(employer, "2026-01", [worker(contract_hours_week=1000)], later(now))
        deliver(employer, "2026-02", [worker()], later(now, 2))
        assert left(employer, local_date(now)) == 12_00

    def test_the_same_delivery_again_gives_nothing_more(self, now: datetime) -> None:
        employer = school(now)
        before = TimeCredit.objects.count(), CreditedAmount.objects.count()
        deliver(employer, "2026-01", [worker(), worker(2)], later(now))
        assert (TimeCredit.objects.count(), CreditedAmount.objects.count()) == before

    def test_a_limit_looks_at_the_time_that_stands(self, now: datetime) -> None:
        """At most twelve hours: eight in January, four in February; after eight are taken eight more."""
        capped = TEXT.replace(
            "spend:", 'cap: {balance: [{otherwise: amount * 3 / 2}], article: "1"}\nspend:'
        )
        employer = school(now, capped)
        today = local_date(now)
        deliver(employer, "2026-02", [worker()], later(now))
        assert left(employer, today) == 12_00
        choose(employer, 8_00, today + 16 * DAY, later(now))
        after = later(now, 40)
        deliver(employer, f"{after.year}-{after.month:02d}", [worker()], after)
        assert left(employer, local_date(after)) == 12_00

    def test_a_day_that_is_chosen_still_counts_for_a_limit(self, now: datetime) -> None:
        capped = TEXT.replace(
            "spend:", 'cap: {balance: [{otherwise: amount}], article: "1"}\nspend:'
        )
        employer = school(now, capped)
        choose(employer, 8_00, local_date(now) + 60 * DAY, now)
        deliver(employer, "2026-02", [worker()], later(now))
        assert (
            AmountDue.objects.get(period="2026-02", line__personnel_number="P00001").amount_cents
            == 0
        )

    def test_a_limit_counts_no_time_that_was_taken_since_the_period(self, now: datetime) -> None:
        """At most twelve: February gives eight, they are taken, and January delivered again gives its eight."""
        capped = TEXT.replace(
            "spend:", 'cap: {balance: [{otherwise: amount * 3 / 2}], article: "1"}\nspend:'
        )
        make_law(HOURS, text=capped)
        employer = make_participant(HOURS)
        deliver(employer, "2026-01", [worker(contract_hours_week=700)], now)
        deliver(employer, "2026-02", [worker()], later(now))
        choose(employer, 8_00, local_date(now) + 20 * DAY, later(now))
        deliver(employer, "2026-01", [worker()], later(now, 30))
        assert left(employer, local_date(later(now, 30))) == 8_00

    def test_why_it_is_so_much_is_kept_and_is_told_in_hours(self, now: datetime) -> None:
        employer = school(now)
        row = TimeCredit.objects.filter(person=employment(employer).person_id).get()
        found = accounts.time_credit(row.pk)
        assert found
        told_ = " ".join(schemes.explain(found.reason.steps, "en", found.unit))
        assert "8 hours" in told_
        assert "€" not in told_
        assert "request" not in found.reason.sources


@pytest.mark.django_db
class TestTaking:
    """Choosing days, and what an employer can say."""

    def test_a_day_takes_time_and_the_employer_sees_who_and_when(self, now: datetime) -> None:
        employer = school(now)
        by, today = actor_of(employer), local_date(now)
        choose(employer, 6_00, today + 20 * DAY, now)
        choose(employer, 6_00, today + 20 * DAY, now)  # a second click
        assert left(employer, today) == 2_00
        (seen,) = queries.time_at_work(by=by, on=today)
        assert (seen.personnel_number, seen.use.hundredths, seen.use.state) == (
            "P00001",
            6_00,
            "asked",
        )
        assert seen.name
        assert told("time_asked") == 1

    @pytest.mark.parametrize(
        ("hundredths", "ahead", "code"),
        [
            (8_01, 20, "not_enough"),
            (0, 20, "wrong_amount"),
            (24_01, 20, "wrong_amount"),
            (-1, 20, "wrong_amount"),
            (1_00, 14, "too_soon"),
            (1_00, 400, "too_far"),
        ],
    )
    def test_a_day_that_cannot_be_is_refused(
        self, hundredths: int, ahead: int, code: str, now: datetime
    ) -> None:
        employer = school(now)
        with pytest.raises(operations.UnableToTakeTime) as refused:
            choose(employer, hundredths, local_date(now) + ahead * DAY, now)
        assert refused.value.code == code
        assert not TimeUse.objects.exists()

    def test_the_first_day_that_can_be_is_the_fifteenth(self, now: datetime) -> None:
        employer = school(now)
        choose(employer, 1_00, local_date(now) + 15 * DAY, now)
        assert TimeUse.objects.get().answer_by == local_date(now) + 14 * DAY

    def test_one_day_has_no_more_than_a_day_in_all_jobs_together(self, now: datetime) -> None:
        employer = school(now)
        for month in range(2, 8):
            deliver(employer, f"2026-{month:02d}", [worker()], later(now))
        day = local_date(now) + 20 * DAY
        choose(employer, 20_00, day, later(now))
        second = Employment.objects.create(
            id=new_id(now),
            employer_id=employer.id,
            personnel_number="P9",
            person_id=employment(employer).person_id,
            contract_kind="permanent",
            contract_hours_week=3600,
            started_on=date(2020, 1, 1),
            recorded_at=now,
        )
        values = {"scheme": HOURS, "day": day, "by": actor(employer), "at": later(now)}
        with pytest.raises(operations.UnableToTakeTime) as refused:
            operations.choose_day(employment_id=second.pk, hundredths=4_01, **values)
        assert refused.value.code == "wrong_amount"
        operations.check_day(employment_id=second.pk, hundredths=4_00, **values)
        assert TimeUse.objects.count() == 1, "looking writes nothing"

    def test_silence_lets_the_day_stand(self, now: datetime) -> None:
        employer = school(now)
        choose(employer, 8_00, local_date(now) + 20 * DAY, now)
        assert budgets.settle_time(by=SYSTEM, at=later(now, 14)) == 0
        assert budgets.settle_time(by=SYSTEM, at=later(now, 15)) == 1
        assert TimeUse.objects.get().state == "stands"
        assert told("time_stands") == 1
        use = TimeUse.objects.get().pk
        with pytest.raises(operations.UnableToTakeTime):
            operations.answer_time(
                use_id=use, refusal=TimeRefusal.URGENT, by=actor_of(employer), at=later(now, 15)
            )

    def test_a_refusal_in_time_has_a_reason_and_frees_the_time(self, now: datetime) -> None:
        employer = school(now)
        choose(employer, 8_00, local_date(now) + 20 * DAY, now)
        use, by = TimeUse.objects.get().pk, actor_of(employer)
        for _click in range(2):
            operations.answer_time(
                use_id=use, refusal=TimeRefusal.TOO_FEW, by=by, at=later(now, 14)
            )
        assert left(employer, local_date(now)) == 8_00
        assert told("time_refused") == 1
        choose(employer, 8_00, local_date(now) + 35 * DAY, later(now, 15))

    def test_an_answer_after_the_last_day_comes_too_late(self, now: datetime) -> None:
        """Also in the morning before anybody let the day stand."""
        employer = school(now)
        choose(employer, 8_00, local_date(now) + 20 * DAY, now)
        with pytest.raises(operations.UnableToTakeTime) as refused:
            operations.answer_time(
                use_id=TimeUse.objects.get().pk,
                refusal=TimeRefusal.TOO_FEW,
                by=actor_of(employer),
                at=later(now, 15),
            )
        assert refused.value.code == "too_late"

    def test_another_employer_answers_nothing(self, now: datetime) -> None:
        employer = school(now)
        choose(employer, 8_00, local_date(now) + 20 * DAY, now)
        stranger = actor_of(make_organisation())
        use = TimeUse.objects.get().pk
        operations.answer_time(use_id=use, refusal=TimeRefusal.TOO_FEW, by=stranger, at=now)
        assert TimeUse.objects.get().state == "asked"
        assert queries.time_at_work(by=stranger, on=local_date(now)) == []
        with pytest.raises(NotPermitted):
            operations.answer_time(use_id=use, refusal=None, by=actor(employer), at=now)

    def test_a_day_can_be_taken_back_until_the_day_before(self, now: datetime) -> None:
        employer = school(now)
        day = local_date(now) + 20 * DAY
        choose(employer, 8_00, day, now)
        use, _payroll = TimeUse.objects.get().pk, actor_of(employer)
        operations.take_day_back(use_id=use, by=actor(employer, 2), at=now)
        assert TimeUse.objects.get().state == "asked", "another person's"
        with pytest.raises(operations.UnableToTakeTime):
            operations.take_day_back(use_id=use, by=actor(employer), at=later(now, 20))
        operations.take_day_back(use_id=use, by=actor(employer), at=later(now, 19))
        assert left(employer, local_date(now)) == 8_00
        assert told("time_taken_back") == 1

    def test_it_is_taken_only_at_an_employer_that_takes_part(self, now: datetime) -> None:
        """Time of one school is taken at another that takes part, and not at a shop that does not."""
        first = school(now)
        person_id = employment(first).person_id
        second = make_participant(HOURS)
        elsewhere = Employment.objects.create(
            id=new_id(now),
            employer_id=second.id,
            personnel_number="P9",
            person_id=person_id,
            contract_kind="permanent",
            contract_hours_week=3600,
            started_on=date(2020, 1, 1),
            recorded_at=now,
        )
        operations.choose_day(
            employment_id=elsewhere.pk,
            scheme=HOURS,
            hundredths=5_00,
            day=local_date(now) + 20 * DAY,
            by=actor(first),
            at=now,
        )
        assert left(first, local_date(now)) == 3_00
        stranger = make_organisation()
        Employment.objects.filter(pk=elsewhere.pk).update(employer_id=stranger.id)
        with pytest.raises(operations.UnableToTakeTime) as refused:
            operations.choose_day(
                employment_id=elsewhere.pk,
                scheme=HOURS,
                hundredths=1_00,
                day=local_date(now) + 21 * DAY,
                by=actor(first),
                at=now,
            )
        assert refused.value.code == "no_time"

    @pytest.mark.parametrize("known", [1, 25], ids=["before", "after the day"])
    def test_a_day_after_the_last_day_of_a_job_is_free_again(
        self, known: int, now: datetime
    ) -> None:
        employer = school(now)
        choose(employer, 8_00, local_date(now) + 20 * DAY, now)
        Employment.objects.update(ended_on=local_date(now) + 10 * DAY)
        assert budgets.settle_time(by=SYSTEM, at=later(now, known)) == 1
        assert left(employer, local_date(now)) == 8_00
        assert told("time_free_again") == 1


@pytest.mark.django_db
class TestEnding:
    """Time that ends."""

    def test_people_are_warned_once_and_what_ends_is_gone(self, now: datetime) -> None:
        employer = school(now, ENDING)
        today = local_date(now)
        (account,) = accounts.time_of(employment(employer).person_id, on=today)
        (end,) = (lot.until for lot in account.lots)
        assert end
        assert budgets.warn_of_time(by=SYSTEM, at=now) == 0, "61 days before"
        for _morning in range(2):
            budgets.warn_of_time(by=SYSTEM, at=later(now))
        assert told("time_lapsing") == 2, "one for each person"
        assert left(employer, end) == 8_00
        assert left(employer, end + DAY) == 0
        with pytest.raises(operations.UnableToTakeTime) as refused:
            choose(employer, 1_00, end + DAY, now)
        assert refused.value.code == "not_enough"

    def test_all_that_ends_on_one_day_is_told_at_once(self, now: datetime) -> None:
        """January and February delivered on one day: sixteen hours end together."""
        employer = school(now, ENDING)
        deliver(employer, "2026-02", [worker()], now)
        budgets.warn_of_time(by=SYSTEM, at=later(now))
        person = employment(employer).person_id
        (notice,) = Notice.objects.filter(kind="time_lapsing", person=person)
        assert notice.params["amount_time"] == "hours:1600"

    def test_who_gets_time_back_hears_of_its_end(self, now: datetime) -> None:
        employer = school(now, ENDING)
        choose(employer, 8_00, local_date(now) + 40 * DAY, now)
        budgets.warn_of_time(by=SYSTEM, at=later(now))
        person = employment(employer).person_id
        told_ = Notice.objects.filter(kind="time_lapsing", person=person)
        assert not told_.exists()
        operations.answer_time(
            use_id=TimeUse.objects.get().pk,
            refusal=TimeRefusal.TOO_FEW,
            by=actor_of(employer),
            at=later(now, 2),
        )
        budgets.warn_of_time(by=SYSTEM, at=later(now, 3))
        assert told_.count() == 1

    def test_time_that_comes_after_a_fixed_end_stays_for_the_months_of_grace(
        self, now: datetime
    ) -> None:
        """It ended on 31 March 2026; given on 23 November it can be taken for six months."""
        employer = school(now, ENDING.replace("after_months: 2", "on: 2026-03-31"))
        assert {one.usable_until for one in TimeCredit.objects.all()} == {date(2027, 5, 23)}
        assert left(employer, date(2027, 5, 23)) == 8_00
        assert left(employer, date(2027, 5, 24)) == 0

    def test_nobody_is_warned_of_time_that_is_on_a_chosen_day(self, now: datetime) -> None:
        employer = school(now, ENDING)
        choose(employer, 8_00, local_date(now) + 20 * DAY, now)
        choose(employer, 8_00, local_date(now) + 20 * DAY, now, number=2)
        assert budgets.warn_of_time(by=SYSTEM, at=later(now)) == 2
        assert told("time_lapsing") == 0
