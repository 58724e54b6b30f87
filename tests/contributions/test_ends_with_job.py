"""From the payroll to the account: money that ends with a job, or goes back to the employer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.contributions import operations
from eigenwijs.contributions.models import AmountDue
from eigenwijs.kernel.clock import local_date, months_after
from eigenwijs.people.types import OrganisationKind, OrganisationView
from tests.factories.contributions import (
    LONG_AGO,
    MONTHLY,
    MONTHLY_SCHEME,
    SYSTEM,
    Bank,
    deliver,
    make_law,
    make_participant,
    requests_of,
    worker,
)
from tests.factories.people import make_organisation

pytestmark = pytest.mark.django_db

ENDS_WITH_JOB = MONTHLY.replace("portable: true", "portable: false") + (
    'expiry: {months_after_job: 6, article: "3"}\nreversion: {to: sector_fund, article: "3"}\n'
)
GOES_BACK = MONTHLY.replace("portable: true", "portable: false") + (
    'expiry: {after_months: 36, article: "3"}\nreversion: {to: employer, article: "3"}\n'
)
FEBRUARY = datetime(2026, 2, 3, 9, tzinfo=UTC)


def credited(text: str, fund: OrganisationView) -> tuple[OrganisationView, Bank]:
    """An employer of which January's money is on the account of one worker."""
    make_law("", text=text)
    employer, bank = make_participant(MONTHLY_SCHEME, reverts_to=fund.id), Bank()
    deliver(employer, "2026-01", [worker()], FEBRUARY)
    bank.pay(requests_of(employer)[0], FEBRUARY)
    return employer, bank


@pytest.fixture
def fund() -> OrganisationView:
    return make_organisation(OrganisationKind.PAYER)


def test_a_last_day_in_the_payroll_ends_the_money_and_a_correction_takes_that_away(
    fund: OrganisationView,
) -> None:
    employer, _bank = credited(ENDS_WITH_JOB, fund)
    person = AmountDue.objects.get().person_id
    march = FEBRUARY + timedelta(days=30)

    def last_days(at: datetime) -> list[date | None]:
        budgets.follow_jobs(by=SYSTEM, at=at)
        (pot,) = accounts.account(person, on=local_date(at)).pots
        assert pot.available.cents == 1_000
        assert not pot.conditions.portable
        return [lot.usable_until for lot in pot.lots]

    assert last_days(FEBRUARY) == [None]
    deliver(employer, "2026-02", [worker(ended_on=date(2026, 2, 20))], march)
    assert last_days(march) == [date(2026, 8, 20)]
    deliver(employer, "2026-02", [worker(ended_on=date(2026, 2, 25))], march + timedelta(hours=1))
    assert last_days(march + timedelta(hours=1)) == [date(2026, 8, 25)]
    deliver(employer, "2026-02", [worker()], march + timedelta(hours=2))
    assert last_days(march + timedelta(hours=2)) == [None]
    deliver(employer, "2026-02", [worker(ended_on=date(2026, 2, 20))], march + timedelta(hours=3))
    budgets.follow_jobs(by=SYSTEM, at=march + timedelta(hours=3))
    over = datetime(2026, 8, 21, 9, tzinfo=UTC)
    assert budgets.lapse_due(by=SYSTEM, at=over).lapsed.cents == 1_000
    assert [one.receiver_id for one in accounts.lapsed(on=local_date(over))] == [fund.id]
    assert accounts.prove() == []


def test_who_is_no_longer_delivered_without_a_last_day_keeps_the_money(
    fund: OrganisationView,
) -> None:
    employer, _bank = credited(ENDS_WITH_JOB, fund)
    person = AmountDue.objects.get().person_id
    deliver(employer, "2026-02", [worker(2)], FEBRUARY + timedelta(days=30))
    budgets.follow_jobs(by=SYSTEM, at=FEBRUARY + timedelta(days=31))
    later = FEBRUARY + timedelta(days=900)
    assert budgets.lapse_due(by=SYSTEM, at=later).lapsed.cents == 0
    assert accounts.account(person, on=local_date(later)).available.cents == 1_000


def test_what_ends_unspent_waits_for_the_employer_that_paid_it(fund: OrganisationView) -> None:
    employer, _bank = credited(GOES_BACK, fund)
    person = AmountDue.objects.get().person_id
    (pot,) = accounts.account(person, on=local_date(FEBRUARY)).pots
    end = months_after(local_date(FEBRUARY), 36)
    assert [lot.usable_until for lot in pot.lots] == [end]
    assert (pot.conditions.goes_back, pot.conditions.reverts_to) == (True, fund.id)
    budgets.lapse_due(by=SYSTEM, at=datetime(end.year, end.month, end.day + 1, 9, tzinfo=UTC))
    (sum_,) = accounts.lapsed(on=end + timedelta(days=1))
    assert (sum_.receiver_id, sum_.year, sum_.people, sum_.is_payable) == (
        employer.id,
        end.year,
        1,
        False,
    )
    budgets.pass_on_small_years(by=SYSTEM, at=datetime(end.year + 1, 1, 2, 9, tzinfo=UTC))
    (sum_,) = accounts.lapsed(on=date(end.year + 1, 1, 2))
    assert (sum_.receiver_id, sum_.year) == (fund.id, None)


def test_money_goes_back_only_to_an_employer_that_paid_it_itself(fund: OrganisationView) -> None:
    make_law("", text=GOES_BACK)
    with pytest.raises(operations.UnableToParticipate) as refused:
        operations.join_scheme(
            employer_id=make_organisation().id,
            scheme=MONTHLY_SCHEME,
            payer_id=fund.id,
            starts_on=date(2026, 1, 1),
            reverts_to=fund.id,
            by=SYSTEM,
            at=LONG_AGO,
        )
    assert refused.value.code == "employer_pays_not"
