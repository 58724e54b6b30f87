"""Amounts once and caps: they hold over all jobs of a person, whatever is corrected in what order."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import AmountDue
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people.models import Person
from eigenwijs.people.types import OrganisationView
from eigenwijs.schemes.queries import explain
from tests.factories.contributions import (
    CAPPED,
    ELECTROTECHNICAL,
    ONCE,
    SYSTEM,
    account,
    actor_of,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    worker,
)

pytestmark = pytest.mark.django_db


def test_an_amount_once_is_given_once_in_all_jobs_of_a_person(now: datetime) -> None:
    """€ 500 in the first month at the first employer; none next month, nor in the next job."""
    make_law("nl/eenmalig", text=ONCE)
    first, second = make_participant("nl/eenmalig"), make_participant("nl/eenmalig")
    deliver(first, "2026-01", [worker(1)], now)
    deliver(second, "2026-01", [worker(2)], now)
    amounts = AmountDue.objects.order_by("delivery__delivered_at", "id")
    assert [one.amount_cents for one in amounts] == [500_00, 500_00]  # two people, for all we know
    one, other = (row.person_id for row in amounts)
    Person.objects.filter(pk=other).update(merged_into=one)
    deliver(first, "2026-02", [worker(1)], later(now))
    third = make_participant("nl/eenmalig")
    deliver(third, "2026-03", [worker(3)], later(now))
    newest = AmountDue.objects.get(period="2026-03").person_id
    Person.objects.filter(pk=newest).update(merged_into=one)
    deliver(third, "2026-04", [worker(3)], later(now, 2))
    cents = {row.period: row.amount_cents for row in amounts.filter(period__gte="2026-02")}
    assert cents == {"2026-02": 0, "2026-03": 500_00, "2026-04": 0}


def test_an_amount_once_moves_with_a_correction_and_stays_explained(now: datetime) -> None:
    make_law("nl/eenmalig", text=ONCE)
    employer = make_participant("nl/eenmalig")
    deliver(employer, "2026-01", [worker(1), worker(2)], now)
    deliver(employer, "2026-02", [worker(1), worker(2)], now)
    deliver(employer, "2026-01", [worker(1)], later(now))  # the second was not there in January
    last = deliver(employer, "2026-02", [worker(1), worker(2, paid_hours_period=8100)], later(now))
    views, _count = queries.lines(last.id, by=actor_of(employer))
    given = [(view.amounts[0].amount, view.amounts[0].steps[-1].code) for view in views]
    assert [amount for amount, _code in given] == [Money.zero(), Money(500_00)]
    assert "limit_once" in [step.code for step in views[0].amounts[0].steps]
    first = AmountDue.objects.get(delivery=last.id, line__number=2)
    assert first.inputs["received"] == {"ever": {"start": 500_00}, "year": 500_00}


def test_an_amount_that_comes_again_after_years_comes_again_in_whatever_job(now: datetime) -> None:
    """€ 500 in 2026 and, as if for another, in 2028; for one person none in 2024 or 2028, € 500 in 2031."""
    make_law("nl/eenmalig", text=ONCE.replace("per: once", "per: once, again_after_years: 3"))
    first, second = make_participant("nl/eenmalig"), make_participant("nl/eenmalig")
    deliver(first, "2026-12", [worker(1)], now)
    deliver(second, "2028-01", [worker(2)], now)
    one, other = AmountDue.objects.order_by("period").values_list("person", flat=True)
    Person.objects.filter(pk=other).update(merged_into=one)
    deliver(second, "2028-02", [worker(2)], later(now))
    deliver(first, "2024-12", [worker(1)], later(now))
    found = deliver(second, "2028-12", [worker(2)], later(now))
    views, _count = queries.lines(found.id, by=actor_of(second))
    deliver(first, "2031-01", [worker(1)], later(now))
    cents = dict(AmountDue.objects.values_list("period", "amount_cents"))
    assert cents == {
        "2026-12": 500_00, "2028-01": 500_00, "2028-02": 0, "2024-12": 0, "2028-12": 0,
        "2031-01": 500_00,
    }  # fmt: skip
    (step,) = [one for one in views[0].amounts[0].steps if one.code == "limit_again"]
    assert step.params == {"years": 3}  # no amount: an employer sees nothing of other jobs


def credited(employer: OrganisationView) -> list[int]:
    """What stands on the account of each of the employer's jobs, by number."""
    rows = AmountDue.objects.filter(delivery__employer=employer.id, is_current=True)
    return [row.entitled_cents for row in rows.order_by("line__employment_number", "id")]


@pytest.mark.parametrize("scheme", ["once", "ever", "year"])
def test_whose_job_stands_first_in_a_correction_does_not_matter(scheme: str, now: datetime) -> None:
    """Job 2 got € 500; a correction adds job 1 above it: it gets nothing, and job 2 keeps it."""
    text = ONCE if scheme == "once" else CAPPED.replace("CAP", scheme)
    make_law("nl/eenmalig", text=text)
    employer = make_participant("nl/eenmalig")
    second = worker(1, employment_number=2, line=2)
    deliver(employer, "2026-01", [second], now)
    assert credited(employer) == [500_00]
    both = [worker(1, employment_number=1, line=2), worker(1, employment_number=2, line=3)]
    shown = preview(employer, "2026-01", both, later(now))
    assert shown.total == Money.zero()
    operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=later(now))
    assert credited(employer) == [0, 500_00]
    assert AmountDue.objects.filter(amount_cents__lt=0).count() == 0
    deliver(employer, "2026-01", both[::-1], later(now, 2))
    assert credited(employer) == [0, 500_00]


@pytest.mark.parametrize("scheme", ["once", "ever", "year", "balance"])
def test_what_a_job_had_that_a_correction_leaves_out_goes_to_the_other(
    scheme: str, now: datetime
) -> None:
    """The employment was number 2 all along: shown is what is booked, € 500 in all."""
    text = ONCE if scheme == "once" else CAPPED.replace("CAP", scheme)
    make_law("nl/eenmalig", text=text)
    employer = make_participant("nl/eenmalig")
    deliver(employer, "2026-01", [worker(1, employment_number=1)], now)
    shown = preview(employer, "2026-01", [worker(1, employment_number=2)], later(now))
    assert shown.total == Money.zero()
    operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=later(now))
    rows = AmountDue.objects.filter(is_current=True)
    assert sum(row.entitled_cents for row in rows) == 500_00
    assert sum(row.amount_cents for row in AmountDue.objects.all()) == 500_00


@pytest.mark.parametrize("scheme", ["once", "ever", "year", "balance"])
def test_what_a_job_loses_in_a_correction_is_there_for_a_job_on_an_earlier_line(
    scheme: str, now: datetime
) -> None:
    """Job 1 ended before January after all: its € 500 is job 2's, which stands above it."""
    text = ONCE if scheme == "once" else CAPPED.replace("CAP", scheme)
    make_law("nl/eenmalig", text=text)
    employer = make_participant("nl/eenmalig")
    deliver(employer, "2026-01", [worker(1, employment_number=1)], now)
    gone = worker(1, employment_number=1, line=3, ended_on=date(2025, 12, 1))
    rows = [worker(1, employment_number=2, line=2), gone]
    shown = preview(employer, "2026-01", rows, later(now))
    assert shown.total == Money.zero()
    lines, _count = queries.lines(shown.id, by=actor_of(employer))
    assert [line.amounts[0].amount.cents for line in lines] == [500_00, 0]
    operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=later(now))
    assert credited(employer) == [0, 500_00]


def test_a_cap_a_year_begins_anew_each_year_and_holds_for_all_jobs(now: datetime) -> None:
    """€ 500 a month, at most € 500 a year: January's is all of 2026, and 2027 has its own."""
    make_law("nl/eenmalig", text=CAPPED.replace("CAP", "year"))
    employer = make_participant("nl/eenmalig")
    for period in ("2026-01", "2026-02", "2027-01"):
        deliver(employer, period, [worker(1), worker(1, employment_number=2, line=3)], now)
    rows = AmountDue.objects.order_by("period", "line__number")
    assert [row.amount_cents for row in rows] == [500_00, 0, 0, 0, 500_00, 0]


def test_an_employer_reads_that_there_is_a_limit_and_not_what_others_gave(now: datetime) -> None:
    make_law("nl/eenmalig", text=ONCE)
    first, second = make_participant("nl/eenmalig"), make_participant("nl/eenmalig")
    deliver(first, "2026-01", [worker(1)], now)
    deliver(second, "2026-01", [worker(2, ended_on=date(2025, 12, 1))], now)
    one, other = AmountDue.objects.order_by("delivery__delivered_at", "id").values_list(
        "person", flat=True
    )
    Person.objects.filter(pk=other).update(merged_into=one)
    for make in (preview, deliver):
        delivery = make(second, "2026-02", [worker(2)], now)
        (line,), _count = queries.lines(delivery.id, by=actor_of(second))
        story = " ".join(explain(line.amounts[0].steps, "nl"))
        assert "Dit bedrag krijgt iemand één keer, in alle banen samen." in story
        assert "500" not in story


def test_the_cap_holds_for_all_employments_of_one_person_in_one_file(
    now: datetime, settings: Any
) -> None:
    """35 months of 14.58 are 510.30; three employments then get 14.58, 12 cents and nothing.

    A correction of that file does not count what the file itself gave before.
    """
    settings.DEMO = True  # a figure of this scheme is inferred
    make_law(ELECTROTECHNICAL)
    employer = make_participant(ELECTROTECHNICAL)
    period = Period.parse("2024-01")
    for _month in range(35):
        deliver(employer, str(period), [worker()], now)
        period = period.next()
    assert account(employer, now) == (0, 510_30)
    rows = [worker(employment_number=number, line=number + 1) for number in (1, 2, 3)]
    shown = preview(employer, str(period), rows, now)
    assert shown.total == Money(14_70)
    for first in range(3):
        (line,), _total = queries.lines(shown.id, by=actor_of(employer), first=first, count=1)
        assert [one.amount.cents for one in line.amounts] == [(14_58, 12, 0)[first]]
    operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now)
    assert account(employer, now) == (0, 525_00)
    lines, _total = queries.lines(shown.id, by=actor_of(employer))
    assert [line.amounts[0].amount.cents for line in lines] == [14_58, 12, 0]
    booked = AmountDue.objects.filter(delivery=shown.id).order_by("line__number")
    assert [row.inputs["balance"] for row in booked] == [510_30, 524_88, 525_00]
    corrected = preview(employer, str(period), rows[:2], later(now))
    assert corrected.total == Money.zero()
