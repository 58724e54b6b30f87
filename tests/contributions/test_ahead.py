"""What the next version of a scheme changes is known before it is the law."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from eigenwijs.audit.models import AuditRow
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.contributions.types import DryRun, EmployerDryRun
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import OrganisationView, Role
from eigenwijs.schemes import operations as schemes
from tests.factories.contributions import (
    CAPPED,
    LONG_AGO,
    MONTHLY,
    MONTHLY_NEXT,
    MONTHLY_SCHEME,
    SYSTEM,
    actor_of,
    deliver,
    employment,
    later,
    make_law,
    make_participant,
    react,
    worker,
)
from tests.factories.people import actor_for, make_organisation, make_person

pytestmark = pytest.mark.django_db

FROM = date(2026, 12, 1)


def load(text: str) -> str:
    return schemes.load(text=text, by=SYSTEM, at=LONG_AGO).hash


def make_next_law(text: str, valid_from: date = FROM) -> str:
    """Let the next version be the law from a day on."""
    version = load(text)
    signer = make_organisation()
    schemes.sign(
        version_hash=version, side="employer", organisation_id=signer.id, document="akte",
        by=SYSTEM, at=LONG_AGO,
    )  # fmt: skip
    schemes.activate(version_hash=version, valid_from=valid_from, by=SYSTEM, at=LONG_AGO)
    return version


def booked(
    rows: list[PayrollRow], now: datetime, text: str = MONTHLY, scheme: str = MONTHLY_SCHEME
) -> OrganisationView:
    """An employer whose October 2026 was booked."""
    make_law(scheme, text=text)
    shop = make_participant(scheme)
    deliver(shop, "2026-10", rows, now)
    react(now)
    return shop


@pytest.fixture
def operator() -> Actor:
    return actor_for(make_person(role=Role.OPERATOR), Role.OPERATOR)


def try_out(version: str, *, valid_from: date, by: Actor, **limits: int) -> DryRun | None:
    return operations.dry_run(
        version_hash=version, valid_from=valid_from, by=by, at=LONG_AGO, **limits
    )


def all_of(found: DryRun) -> EmployerDryRun:
    assert found.total
    return found.total


def self_of(shop: OrganisationView, number: int = 1) -> Actor:
    return actor_for(employment(shop, number).person_id)


def test_a_dry_run_counts_who_gets_more_less_and_nothing_any_more(
    now: datetime, operator: Actor
) -> None:
    """32 and 20 hours: from € 10.00 to € 12.50; 12 hours: from € 10.00 to nothing; 4 hours: never."""
    booked(
        [worker(number, hours=hours) for number, hours in enumerate((3200, 2000, 1200, 400), 1)],
        now,
    )
    found = try_out(load(MONTHLY_NEXT), valid_from=FROM, by=operator)
    assert found
    (mine,) = found.employers
    assert (mine.employer_id, mine.last) == (None, Period(2026, 10))  # so few have no name
    assert mine.period == Period(2026, 12)
    assert (all_of(found).people, all_of(found).more, all_of(found).less, all_of(found).lost) == (
        4,
        2,
        1,
        1,
    )
    assert (mine.before, mine.after) == (Money(3000), Money(2500))
    assert all_of(found).difference == Money(-500)
    assert (found.left_out, all_of(found).unknown) == (0, 0)


def test_figures_that_change_anyway_are_no_change_of_the_version(
    now: datetime, operator: Actor
) -> None:
    booked([worker(1)], now, text=MONTHLY_NEXT)
    same = MONTHLY_NEXT.replace("source: an invented", "source: another invented")
    found = try_out(load(same), valid_from=FROM, by=operator)
    assert found
    assert (all_of(found).people, all_of(found).more, all_of(found).less) == (1, 0, 0)
    assert found.employers[0].after == Money(1250)


def test_the_first_version_of_a_scheme_has_nothing_to_compare_with(
    now: datetime, operator: Actor
) -> None:
    assert try_out(load(MONTHLY), valid_from=FROM, by=operator) is None


def test_who_left_or_whose_employer_stops_is_not_counted(now: datetime, operator: Actor) -> None:
    gone = worker(2, ended_on=date(2026, 10, 15))
    shop = booked([worker(1), gone], now)
    found = try_out(load(MONTHLY_NEXT), valid_from=FROM, by=operator)
    assert found
    assert all_of(found).people == 1
    too_long_ago = try_out(load(MONTHLY_NEXT), valid_from=date(2028, 1, 1), by=operator)
    assert too_long_ago
    assert too_long_ago.employers == ()
    (part,) = queries.participations(shop.id)
    operations.leave_scheme(participation_id=part.id, ends_on=date(2026, 11, 30), by=SYSTEM, at=now)
    stopped = try_out(load(MONTHLY_NEXT), valid_from=FROM, by=operator)
    assert stopped
    assert stopped.employers == ()


def test_what_was_not_delivered_is_unknown_not_nothing(now: datetime, operator: Actor) -> None:
    shop = booked([worker(1)], now)
    by_wage = MONTHLY_NEXT.replace(
        "otherwise: amount", "otherwise: amount + gross_wage_period * 0.01"
    )
    found = try_out(load(by_wage), valid_from=FROM, by=operator)
    assert found
    assert (all_of(found).people, all_of(found).unknown) == (0, 1)
    make_next_law(by_wage)
    (change,) = queries.changes_ahead(by=self_of(shop), on=now.date())
    assert (change.old, change.new) == (Money(1000), None)


def test_a_year_later_people_are_a_year_older(now: datetime) -> None:
    """45 in October 2026 is 46 in October 2027: then it is € 20.00 a month."""
    shop = booked([worker(1, birth_date=date(1981, 3, 1))], now)
    by_age = MONTHLY.replace(
        "cases: [{otherwise: amount}]",
        "cases: [{when: age >= older, amount: amount * 2}, {otherwise: amount}]",
    ).replace("absent:", '  older: {unit: years, values: {2024-01-01: 46}, article: "1"}\nabsent:')
    make_next_law(by_age, date(2027, 10, 1))
    (change,) = queries.changes_ahead(by=self_of(shop), on=now.date())
    assert (change.old, change.new) == (Money(1000), Money(2000))


def test_people_beyond_what_can_be_computed_while_one_waits_are_counted(
    now: datetime, operator: Actor
) -> None:
    booked([worker(number) for number in (1, 2, 3)], now)
    found = try_out(load(MONTHLY_NEXT), valid_from=FROM, by=operator, most_people=2)
    assert found
    assert (all_of(found).people, found.left_out) == (2, 1)


def test_what_somebody_has_counts_for_a_limit(now: datetime, operator: Actor) -> None:
    """€ 500 in October; a limit of € 500 leaves nothing for November, one of € 700 leaves € 200."""
    capped = CAPPED.replace("CAP", "balance")
    shop = booked([worker(1)], now, text=capped, scheme="nl/eenmalig")
    higher = capped.replace("balance: [{otherwise: start}", "balance: [{otherwise: room}").replace(
        "credit:", '  room: {unit: EUR, values: {2024-01-01: 700.00}, article: "1"}\ncredit:'
    )
    make_next_law(higher, date(2026, 12, 1))
    (change,) = queries.changes_ahead(by=self_of(shop), on=now.date())
    assert (change.old, change.new) == (Money(0), Money(20_000))


def test_a_worker_reads_before_it_starts_what_changes_in_each_job(now: datetime) -> None:
    shop = booked([worker(1), worker(2, hours=1200)], now)
    assert queries.changes_ahead(by=self_of(shop), on=now.date()) == []
    version = make_next_law(MONTHLY_NEXT)
    (more,) = queries.changes_ahead(by=self_of(shop, 1), on=now.date())
    assert (more.after.hash, more.period) == (version, Period(2026, 12))
    assert (more.old, more.new) == (Money(1000), Money(1250))
    (nothing,) = queries.changes_ahead(by=self_of(shop, 2), on=now.date())
    assert (nothing.old, nothing.new) == (Money(1000), Money(0))
    assert queries.changes_ahead(by=self_of(shop), on=FROM) == []


def test_only_the_last_delivery_of_a_job_counts(now: datetime) -> None:
    shop = booked([worker(1, hours=1200)], now)
    deliver(shop, "2026-11", [worker(1, hours=3200)], later(now))
    react(later(now))
    make_next_law(MONTHLY_NEXT)
    (change,) = queries.changes_ahead(by=self_of(shop), on=now.date())
    assert (change.old, change.new) == (Money(1000), Money(1250))


def test_only_an_operator_rehearses_and_only_a_worker_reads_their_own(now: datetime) -> None:
    shop = booked([worker(1)], now)
    version = load(MONTHLY_NEXT)
    for actor in (actor_of(shop), self_of(shop)):
        with pytest.raises(NotPermitted):
            try_out(version, valid_from=FROM, by=actor)
    with pytest.raises(NotPermitted):
        queries.changes_ahead(by=actor_of(shop), on=now.date())


def test_an_employer_with_ten_people_has_a_name_and_every_run_is_written_down(
    now: datetime, operator: Actor
) -> None:
    shop = booked([worker(number) for number in range(1, 11)], now)
    version = load(MONTHLY_NEXT)
    for _again in range(2):
        found = try_out(version, valid_from=FROM, by=operator)
    assert found
    assert [one.employer_id for one in found.employers] == [shop.id]
    runs = AuditRow.objects.filter(action="contributions.dry_run")
    assert [row.ids["hash"] for row in runs] == [version, version]


def test_what_people_told_of_themselves_cannot_be_tried_out(now: datetime, operator: Actor) -> None:
    booked([worker(1)], now)
    told = MONTHLY_NEXT.replace(
        "absent:", 'absent:\n  qualification: {use: primary, article: "1"}'
    ).replace(
        "when: contract_hours_week >= least",
        "when: 'contract_hours_week >= least and qualification in [primary]'",
    )
    assert try_out(load(told), valid_from=FROM, by=operator) is None


def test_who_is_in_no_last_delivery_any_more_is_told_nothing(now: datetime) -> None:
    shop = booked([worker(1), worker(2)], now)
    deliver(shop, "2026-11", [worker(1)], later(now))
    react(later(now))
    make_next_law(MONTHLY_NEXT)
    assert queries.changes_ahead(by=self_of(shop, 1), on=now.date())
    assert queries.changes_ahead(by=self_of(shop, 2), on=now.date()) == []


def test_a_version_that_is_followed_before_its_first_period_changes_nothing(now: datetime) -> None:
    """From 5 December € 12.50, from 20 December € 15.00: January has € 15.00, and no month has € 12.50."""
    shop = booked([worker(1)], now)
    make_next_law(MONTHLY_NEXT, date(2026, 12, 5))
    last = make_next_law(MONTHLY_NEXT.replace("12.50", "15.00"), date(2026, 12, 20))
    (change,) = queries.changes_ahead(by=self_of(shop), on=now.date())
    assert (change.after.hash, change.period) == (last, Period(2027, 1))
    assert change.new == Money(1500)


def test_a_change_by_versions_between_two_days_that_count_is_said_by_the_last_of_them(
    now: datetime, operator: Actor
) -> None:
    """December has € 10.00 and January € 12.50. The version of 5 December counts for neither."""
    shop = booked([worker(1)], now)
    make_next_law(MONTHLY_NEXT, date(2026, 12, 5))
    last = load(MONTHLY_NEXT.replace("source: an invented", "source: another invented"))
    found = try_out(last, valid_from=date(2026, 12, 20), by=operator)
    assert found
    assert (all_of(found).before, all_of(found).after) == (Money(1000), Money(1250))
    make_next_law(
        MONTHLY_NEXT.replace("source: an invented", "source: another invented"), date(2026, 12, 20)
    )
    (change,) = queries.changes_ahead(by=self_of(shop), on=now.date())
    assert (change.after.hash, change.period) == (last, Period(2027, 1))
    assert (change.old, change.new) == (Money(1000), Money(1250))


def test_a_version_that_counts_for_no_period_is_no_change_when_the_next_takes_it_back(
    now: datetime,
) -> None:
    shop = booked([worker(1)], now)
    make_next_law(MONTHLY_NEXT, date(2026, 12, 5))
    make_next_law(
        MONTHLY.replace("source: an invented", "source: another invented"), date(2026, 12, 20)
    )
    (same,) = queries.changes_ahead(by=self_of(shop), on=now.date())
    assert (same.old, same.new) == (Money(1000), Money(1000))


def test_a_law_of_the_next_century_is_refused_and_breaks_no_page(
    now: datetime, operator: Actor
) -> None:
    shop = booked([worker(1)], now)
    found = try_out(load(MONTHLY_NEXT), valid_from=date(2199, 12, 31), by=operator)
    assert found
    assert found.employers == ()
    with pytest.raises(schemes.UnableToActivate) as refused:
        make_next_law(MONTHLY_NEXT, date(2199, 12, 31))
    assert refused.value.code == "too_far"
    assert queries.changes_ahead(by=self_of(shop), on=now.date()) == []
