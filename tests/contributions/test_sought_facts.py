"""Facts of a payroll that only some schemes count: asked for where they are, kept nowhere else."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest

from eigenwijs.budgets import queries as budgets
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import AmountDue, DeliveryLine
from eigenwijs.contributions.payroll_file import read_payroll_file
from eigenwijs.contributions.payroll_sought import MAY_BE_ABSENT, SOUGHT, fact_values
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.facts import PERSON_FACTS, Kind
from tests.factories.contributions import (
    GIFT,
    SCHEMES,
    Bank,
    actor_of,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    requests_of,
    worker,
)
from tests.factories.payroll_files import write_payroll_file

pytestmark = pytest.mark.django_db

LEAVE = "nl/verlof-werkgever"
MARCH = Period.parse("2026-03")


def read(**sought: int | str) -> dict[str, int | str]:
    (row,) = read_payroll_file(write_payroll_file([worker(sought=sought)]), MARCH).rows
    return dict(row.sought)


def faults(column: str, cell: str) -> list[str]:
    content = write_payroll_file([worker()]).decode("utf-8-sig").splitlines()
    text = f"{content[0]};{column}\n{content[1]};{cell}\n"
    return [fault.code for fault in read_payroll_file(text.encode(), MARCH).faults]


def test_each_is_a_fact_of_the_dictionary_that_a_payroll_delivers() -> None:
    for name in SOUGHT:
        fact = PERSON_FACTS[name]
        assert fact.origin == "payroll"
        assert fact.may_be_absent is (name in MAY_BE_ABSENT)


def test_what_is_read_is_what_was_written() -> None:
    sought: dict[str, int | str] = {
        "contract_hours_reference": 24_50,
        "full_time_hours_week": 38_00,
        "leave_hours_period": 4_25,
        "hourly_wage": 18_65,
        "job_kind": "student",
        "training_programme": "joins",
    }
    assert read(**sought) == sought
    assert fact_values(sought) == {
        "contract_hours_reference": Fraction(49, 2),
        "full_time_hours_week": Fraction(38),
        "leave_hours_period": Fraction(17, 4),
        "hourly_wage": Fraction(18_65),
        "job_kind": "student",
        "training_programme": "joins",
    }
    hours = [name for name in SOUGHT if PERSON_FACTS[name].kind is Kind.HOURS]
    assert all(fact_values({name: 100})[name] == 1 for name in hours)


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("Contracturen op peildatum", "-1", "negative_hours"),
        ("Contracturen op peildatum", "168,01", "too_many_hours"),
        ("Uren volle werkweek", "0,99", "too_few_hours"),
        ("Uren volle werkweek", "veel", "not_a_number"),
        ("Ingeruild verlof", "744,01", "too_many_hours"),  # March has 744 hours
        ("Uurloon", "-0,01", "negative_wage"),
        ("Uurloon", "1000,01", "too_high_wage"),
        ("Soort baan", "piloot", "unknown_word"),
        ("Leerprogramma", "misschien", "unknown_word"),
    ],
)
def test_a_cell_that_cannot_be_is_named(column: str, cell: str, code: str) -> None:
    assert faults(column, cell) == [code]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Contracturen op peildatum", "168"),
        ("Uren volle werkweek", "1"),
        ("Ingeruild verlof", "744"),
        ("Uurloon", "1000"),
        ("Soort baan", "Vakantie-kracht"),
        ("Leerprogramma", "Nee"),
    ],
)
def test_a_cell_on_the_limit_is_read(column: str, cell: str) -> None:
    assert faults(column, cell) == []


def test_leave_becomes_money_to_learn(now: datetime) -> None:
    """Four hours at € 18.65 are € 74.60; three after the correction are € 55.95."""
    make_law(LEAVE)
    employer, bank = make_participant(LEAVE), Bank()
    given = {"leave_hours_period": 4_00, "hourly_wage": 18_65}
    deliver(employer, "2026-03", [worker(sought=given)], now)
    due = AmountDue.objects.get()
    assert due.amount_cents == 74_60
    bank.pay(requests_of(employer)[0], now)
    (pot,) = budgets.account(due.person_id, on=now.date()).pots
    assert pot.available == Money(74_60)
    less = {**given, "leave_hours_period": 3_00}
    corrected = deliver(employer, "2026-03", [worker(sought=less)], later(now))
    assert AmountDue.objects.get(is_current=True).amount_cents == 55_95 - 74_60
    found = queries.differences(corrected.id, by=actor_of(employer))
    assert found
    assert [name for name, _old, _new in found.changes[0].fields] == ["sought"]


def test_it_is_needed_on_every_line_and_all_that_lacks_is_named(now: datetime) -> None:
    make_law(LEAVE)
    employer = make_participant(LEAVE)
    whole = {"leave_hours_period": 0, "hourly_wage": 18_65}
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(
            employer,
            "2026-03",
            [worker(1, sought=whole), worker(2, sought={"hourly_wage": 1})],
            now,
        )
    assert [(one.code, one.line, one.field_name) for one in refused.value.faults] == [
        ("fact_missing", 3, "Ingeruild verlof")
    ]
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(employer, "2026-03", [worker(1), worker(2)], now)
    assert [(one.code, one.params["column"]) for one in refused.value.faults] == [
        ("fact_column_missing", "Ingeruild verlof"),
        ("fact_column_missing", "Uurloon"),
    ]
    assert not DeliveryLine.objects.exists()


def test_it_is_not_kept_where_no_scheme_counts_it(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    deliver(
        employer, "2026-03", [worker(sought={"hourly_wage": 18_65, "job_kind": "student"})], now
    )
    assert DeliveryLine.objects.get().sought == {}


def test_a_version_that_counts_it_no_longer_takes_nothing_that_was_given(now: datetime) -> None:
    """€ 74.60 for March under the first version stay, though the second gives € 10.00."""
    make_law(LEAVE)
    employer = make_participant(LEAVE)
    given = {"leave_hours_period": 4_00, "hourly_wage": 18_65}
    deliver(employer, "2026-03", [worker(sought=given)], now)
    text = (SCHEMES / LEAVE / "scheme.yaml").read_text()
    flat = text.replace("leave_hours_period / hour * hourly_wage", "flat").replace(
        "  hour:\n    label: {nl: één uur, en: one hour}\n    unit: hours\n    values: {2024-01-01: 1}",
        "  flat:\n    unit: EUR\n    values: {2024-01-01: 10.00}",
    )
    make_law(LEAVE, valid_from=date(2026, 3, 1), text=flat)
    deliver(employer, "2026-03", [worker(sought=given), worker(2, sought=given)], later(now))
    first, second = AmountDue.objects.filter(is_current=True).order_by("line__number")
    assert (first.entitled_cents, first.amount_cents) == (74_60, 0)
    assert second.entitled_cents == 10_00


def test_hours_on_the_reference_date_may_be_empty_where_the_column_is_there(now: datetime) -> None:
    """20 of 40 hours: 100.00; who has none counts with 80 hours paid in 31 / 7 weeks: 90.32."""
    make_law("nl/peildatum", text=REFERENCE)
    employer = make_participant("nl/peildatum")
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(employer, "2026-03", [worker(1), worker(2)], now)
    assert [one.code for one in refused.value.faults] == ["fact_column_missing"]
    rows = [worker(1), worker(2, sought={"contract_hours_reference": 20_00})]
    deliver(employer, "2026-03", rows, now)
    due = AmountDue.objects.order_by("line__number")
    assert [one.amount_cents for one in due] == [90_32, 100_00]


REFERENCE = """\
scheme: nl/peildatum
title: {nl: Peildatum, en: Reference date}
source: an invented agreement
starts: 2024-01-01
periods: [month]
signed_by: [employer]
portable: true
parameters:
  amount: {unit: EUR, values: {2024-01-01: 200.00}, article: "1"}
  full_week: {unit: hours, values: {2024-01-01: 40}, article: "1"}
absent:
  contract_hours_reference: {use: paid_hours_period / weeks_period, article: "1"}
credit:
  - id: monthly
    per: period
    cases: [{otherwise: amount}]
    prorate: {by: contract_hours_reference / full_week, article: "1"}
    round: half_up
    article: "1"
reference_date: {day: 01-01, article: "2"}
spend: {work_related_only: false, article: "3"}
"""
