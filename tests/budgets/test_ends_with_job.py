"""Money that ends with a job: its day is told, moves with the payroll, and never takes what is set aside."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.models import Pot
from eigenwijs.kernel.clock import local_date, months_after
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.notices import queries as notices
from eigenwijs.people.types import EmploymentView, OrganisationKind, OrganisationView
from tests.factories.budgets import (
    NOW,
    make_course_facts,
    make_credit,
    make_job_conditions,
    pay_in,
)
from tests.factories.people import SYSTEM, make_employment, make_organisation

pytestmark = pytest.mark.django_db

TODAY = local_date(NOW)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture
def shop() -> OrganisationView:
    return make_organisation(name="Winkel Zon")


def job(shop: OrganisationView, number: str = "P1", **terms: object) -> EmploymentView:
    return make_employment(shop, personnel_number=number, at=NOW, **terms)  # type: ignore[arg-type]


def credit(
    one: EmploymentView, cents: int = 10_000, *, months: int = 3, at: datetime = NOW
) -> UUID:
    """Money of the job on its person's account; return the pot."""
    fund = make_organisation(OrganisationKind.PAYER).id
    known = Pot.objects.filter(person=one.person_id, employer=one.employer_id).first()
    fund = UUID(known.conditions["reverts_to"]) if known else fund
    conditions = make_job_conditions(one.employer_id, months=months, reverts_to=fund)
    return make_credit(
        one.person_id, cents, payer_id=one.employer_id, conditions=conditions, at=at
    ).pot_id


def follow(at: datetime) -> None:
    operations.follow_jobs(by=SYSTEM, at=at)


def lapse(at: datetime) -> int:
    return operations.lapse_due(by=SYSTEM, at=at).lapsed.cents


def ends(pot: UUID) -> date | None:
    return Pot.objects.get(pk=pot).ends_on


def left(one: EmploymentView, on: date) -> int:
    return queries.account(one.person_id, on=on).available.cents


def told(one: EmploymentView) -> Counter[str]:
    return Counter(notice.kind for notice in notices.inbox(one.person_id))


def assert_proven(at: datetime) -> None:
    assert ledger.prove(at=at, known_holds=queries.hold_keys()) == []
    assert queries.prove() == []


def test_money_of_a_job_ends_so_many_months_after_its_last_day(shop: OrganisationView) -> None:
    one = job(shop)
    pot = credit(one, months=6)
    follow(NOW)
    assert ends(pot) is None
    (view,) = queries.account(one.person_id, on=TODAY).pots
    assert [lot.usable_until for lot in view.lots] == [None]
    last_day = TODAY + timedelta(days=10)
    job(shop, ended_on=last_day)
    follow(NOW)
    end = months_after(last_day, 6)
    assert ends(pot) == end
    (view,) = queries.account(one.person_id, on=TODAY).pots
    assert [lot.usable_until for lot in view.lots] == [end]
    assert queries.credits_of(one.person_id)[0].usable_until == end
    assert told(one) == {"money_arrived_with_job": 1, "money_ends_with_job": 1}
    assert lapse(noon(end)) == 0
    assert left(one, end) == 10_000
    assert left(one, end + timedelta(days=1)) == 0
    assert lapse(noon(end + timedelta(days=1))) == 10_000
    assert told(one)["money_lapsed"] == 1
    assert_proven(noon(end + timedelta(days=1)))


def test_an_end_that_is_heard_late_leaves_two_months(shop: OrganisationView) -> None:
    one = job(shop)
    pot = credit(one, months=1, at=NOW - timedelta(days=250))
    job(shop, ended_on=TODAY - timedelta(days=200))
    assert lapse(NOW + timedelta(days=1)) == 0  # nobody told them yet
    follow(NOW)
    assert ends(pot) == months_after(TODAY, 2)
    assert left(one, TODAY) == 10_000
    follow(NOW + timedelta(days=30))  # no news: the day stays
    assert ends(pot) == months_after(TODAY, 2)


def test_what_is_credited_long_after_the_job_can_be_used_for_the_months_of_grace(
    shop: OrganisationView,
) -> None:
    one = job(shop, ended_on=TODAY)
    pot = credit(one, months=3)
    follow(NOW)
    assert ends(pot) == months_after(TODAY, 3)
    late = NOW + timedelta(days=120)
    assert lapse(late) == 10_000
    credit(one, 500, at=late)
    assert ends(pot) == months_after(local_date(late), 6)
    assert told(one)["money_arrived_with_end"] == 1
    assert left(one, local_date(late)) == 500
    after = months_after(local_date(late), 6) + timedelta(days=1)
    assert lapse(noon(after)) == 500
    assert_proven(noon(after))
    # And where its first money comes long after the job.
    other = job(shop, "P2", ended_on=TODAY - timedelta(days=300))
    second = credit(other, months=3, at=late)
    follow(late)
    assert ends(second) == months_after(local_date(late), 6)


def test_a_job_that_lasted_longer_ends_no_money_earlier_than_was_told(
    shop: OrganisationView,
) -> None:
    """Money that came after its end stays for six months of grace; two weeks more of the job take none of them."""
    last_day = TODAY - timedelta(days=40)
    one = job(shop, ended_on=last_day)
    pot = credit(one, months=1)
    follow(NOW)
    late = noon(TODAY + timedelta(days=90))
    credit(one, months=1, at=late)
    promised = months_after(late.date(), 6)
    assert ends(pot) == promised
    job(shop, ended_on=late.date() - timedelta(days=10))
    follow(late + timedelta(days=2))
    assert ends(pot) == promised


def test_a_job_that_goes_on_takes_the_end_away_but_brings_back_nothing_that_lapsed(
    shop: OrganisationView,
) -> None:
    one = job(shop)
    pot = credit(one)
    job(shop, ended_on=TODAY)
    follow(NOW)
    # It turns out not to have ended.
    job(shop)
    follow(NOW + timedelta(hours=1))
    assert ends(pot) is None
    assert told(one)["money_stays_with_job"] == 1
    assert lapse(noon(months_after(TODAY, 9))) == 0
    # It ends after all, the money lapses, and it begins again.
    later = NOW + timedelta(days=300)
    last_day = local_date(later)
    make_employment(shop, personnel_number="P1", ended_on=last_day, at=later)
    follow(later)
    over = noon(months_after(last_day, 3) + timedelta(days=1))
    assert lapse(over) == 10_000
    make_employment(shop, personnel_number="P1", employment_number=2, started_on=last_day, at=over)
    follow(over)
    assert ends(pot) is None
    assert (told(one)["money_lapsed"], told(one)["money_stays_with_job"]) == (1, 2)
    assert left(one, local_date(over)) == 0
    credit(one, 700, at=over)
    assert lapse(over + timedelta(days=900)) == 0
    assert left(one, local_date(over)) == 700
    assert_proven(over)


def test_the_lapse_run_heeds_the_last_word_of_the_payroll(shop: OrganisationView) -> None:
    one = job(shop)
    pot = credit(one)
    job(shop, ended_on=TODAY)
    follow(NOW)
    over = noon(months_after(TODAY, 3) + timedelta(days=1))
    make_employment(shop, personnel_number="P1", at=over)  # this morning: it went on
    assert lapse(over) == 0
    assert ends(pot) is None
    assert left(one, local_date(over)) == 10_000


def test_a_job_goes_on_while_any_job_at_that_employer_does(shop: OrganisationView) -> None:
    one = job(shop)
    pot = credit(one)
    job(shop, ended_on=TODAY)
    second = make_employment(shop, personnel_number="P1", employment_number=2, at=NOW)
    other = make_employment(make_organisation(), personnel_number="P1", at=NOW)
    assert second.person_id == one.person_id != other.person_id
    follow(NOW)
    assert ends(pot) is None
    make_employment(
        shop, personnel_number="P1", employment_number=2, ended_on=TODAY + timedelta(days=9), at=NOW
    )
    follow(NOW)
    assert ends(pot) == months_after(TODAY + timedelta(days=9), 3)


def test_what_is_set_aside_does_not_end_and_what_comes_back_has_grace(
    shop: OrganisationView,
) -> None:
    one = job(shop)
    pot = credit(one)
    job(shop, ended_on=TODAY)
    follow(NOW)
    booking, payee = new_id(NOW), make_organisation(OrganisationKind.PROVIDER).id
    operations.reserve(
        booking_id=booking,
        person_id=one.person_id,
        lines=[(pot, Money(4_000))],
        payee_id=payee,
        facts=make_course_facts(),
        work_related=True,
        expires_at=NOW + timedelta(days=400),
        by=SYSTEM,
        at=NOW,
    )
    over = noon(months_after(TODAY, 3) + timedelta(days=1))
    assert lapse(over) == 6_000
    operations.release(booking_id=booking, with_grace=True, by=SYSTEM, at=over)
    assert left(one, local_date(over)) == 4_000
    assert lapse(over + timedelta(days=30)) == 0
    assert lapse(noon(months_after(local_date(over), 6) + timedelta(days=1))) == 4_000
    assert_proven(over)


def test_who_has_nothing_left_is_not_told_and_the_warning_comes_before_a_far_end(
    shop: OrganisationView,
) -> None:
    one = job(shop)
    pot = credit(one, months=12)
    job(shop, ended_on=TODAY)
    follow(NOW)
    end = ends(pot)
    assert end
    soon = noon(end - timedelta(days=50))
    operations.warn_of_lapse(by=SYSTEM, at=soon)
    operations.warn_of_lapse(by=SYSTEM, at=soon)
    assert told(one)["money_lapsing"] == 1
    lapse(noon(end + timedelta(days=1)))
    before = told(one)
    job(shop, ended_on=TODAY + timedelta(days=1))
    follow(noon(end + timedelta(days=2)))
    assert told(one) == before


def test_portable_money_never_looks_at_a_job(shop: OrganisationView) -> None:
    one = job(shop)
    pot = make_credit(one.person_id, 100, payer_id=shop.id).pot_id
    job(shop, ended_on=TODAY)
    follow(NOW)
    assert Pot.objects.get(pk=pot).employer_id is None
    assert lapse(NOW + timedelta(days=4_000)) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Pot.objects.filter(pk=pot).update(job_ended_on=TODAY, ends_on=TODAY + timedelta(days=1))


def test_chunks_reach_every_pot(shop: OrganisationView) -> None:
    pots = [credit(job(shop, f"P{n}", ended_on=TODAY)) for n in range(5)]
    last, calls = operations.follow_jobs(by=SYSTEM, at=NOW, limit=2), 1
    while last is not None:
        last, calls = operations.follow_jobs(after=last, by=SYSTEM, at=NOW, limit=2), calls + 1
    assert calls == 4  # the last one finds none
    assert {ends(pot) for pot in pots} == {months_after(TODAY, 3)}


@pytest.mark.parametrize("seed", range(12))
def test_in_any_history_no_cent_lapses_before_two_months_after_the_news(
    seed: int, shop: OrganisationView
) -> None:
    """Against a list kept by hand: when the end was heard, what came, and what may have gone."""
    draw = Random(seed)
    one, at = job(shop), NOW
    pay_in(shop.id, 1)
    months = draw.choice([1, 3, 12])
    pot: UUID | None = None
    ended: date | None = None
    heard = TODAY
    credited = lapsed = 0
    newest = TODAY
    for _step in range(25):
        at += timedelta(days=draw.randrange(1, 60))
        day = local_date(at)
        match draw.randrange(4):
            case 0:
                cents = draw.randrange(1, 500)
                pot = credit(one, cents, months=months, at=at)
                credited, newest = credited + cents, day
            case 1:
                last = day + timedelta(days=draw.randrange(-90, 90))
                last = draw.choice([None, max(last, date(2024, 1, 1))])
                make_employment(shop, personnel_number="P1", ended_on=last, at=at)
                if last != ended:
                    ended, heard = last, day
            case 2:
                follow(at)
            case _:
                gone = lapse(at)
                lapsed += gone
                if gone:
                    assert ended is not None
                    # Heard at this very moment it cannot lapse: there are two months from then.
                    assert day > max(months_after(ended, months), months_after(heard, 2))
        on_account = left(one, day) if pot else 0
        assert 0 <= on_account <= credited - lapsed
        if ended is None and pot:
            follow(at)
            assert left(one, day) == credited - lapsed
    assert newest <= local_date(at)
    assert_proven(at)
