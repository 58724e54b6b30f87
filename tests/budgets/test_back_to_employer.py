"""Money that goes back to an employer: one sum a year, of ten people at least, or to the fund."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.models import Lapse
from eigenwijs.budgets.operations import UnableToPayLapsed
from eigenwijs.kernel.clock import local_date
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.notices import queries as notices
from eigenwijs.people.types import OrganisationKind
from eigenwijs.treasury import queries as treasury
from tests.factories import treasury as make
from tests.factories.budgets import NOW, make_credit, make_job_conditions
from tests.factories.people import SYSTEM, make_organisation, make_person

pytestmark = pytest.mark.django_db

YEAR = NOW.year
NEW_YEAR = datetime(YEAR + 1, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def fund() -> UUID:
    return make_organisation(OrganisationKind.PAYER, "Fonds Zonnig").id


@pytest.fixture
def shop() -> UUID:
    return make_organisation(name="Winkel Zon").id


def ended(shop: UUID, fund: UUID, *cents: int, at: datetime = NOW) -> list[UUID]:
    """Each amount ended at somebody else; return who."""
    conditions = make_job_conditions(
        shop, months=None, goes_back=True, reverts_to=fund, ends_on=local_date(at)
    )
    people = [make_person(claimed=False).id for _ in cents]
    for person, amount in zip(people, cents, strict=True):
        make_credit(person, amount, payer_id=shop, conditions=conditions, at=at)
    operations.lapse_due(by=SYSTEM, at=at + timedelta(days=1))
    return people


def owed(organisation: UUID) -> int:
    return ledger.balance_of(AccountKind.LAPSED, organisation).posted.cents


def listed(at: datetime) -> list[tuple[UUID, int | None, int, int, bool]]:
    return [
        (one.receiver_id, one.year, one.amount.cents, one.people, one.is_payable)
        for one in queries.lapsed(on=local_date(at))
    ]


def refusal(shop: UUID, at: datetime, year: int | None = YEAR) -> str:
    with pytest.raises(UnableToPayLapsed) as caught:
        operations.pay_lapsed(receiver_id=shop, year=year, by=make.someone(), at=at)
    return caught.value.code


def assert_proven() -> None:
    assert ledger.prove(at=NEW_YEAR, known_holds=queries.hold_keys()) == []
    assert queries.prove() == []


def test_ten_people_go_back_to_the_employer_after_the_year(shop: UUID, fund: UUID) -> None:
    ended(shop, fund, *[1_000] * 10)
    assert listed(NOW) == [(shop, YEAR, 10_000, 10, False)]
    assert refusal(shop, NOW + timedelta(days=2)) == "year_goes_on"
    assert operations.pass_on_small_years(by=SYSTEM, at=NOW + timedelta(days=2)) == 0
    assert operations.pass_on_small_years(by=SYSTEM, at=NEW_YEAR) == 0
    assert listed(NEW_YEAR) == [(shop, YEAR, 10_000, 10, True)]
    assert refusal(shop, NEW_YEAR, None) == "nothing_waits"  # never without its year
    operations.pay_lapsed(receiver_id=shop, year=YEAR, by=make.someone(), at=NEW_YEAR)
    assert refusal(shop, NEW_YEAR) == "nothing_waits"  # one sum a year
    (order,) = treasury.orders_to(shop)
    assert order.reference == f"Eigenwijs, verlopen leergeld {YEAR}"  # no day of the last one
    assert (owed(shop), owed(fund), listed(NEW_YEAR)) == (10_000, 0, [])
    assert_proven()


def test_nine_people_go_to_the_fund_of_the_sector(shop: UUID, fund: UUID) -> None:
    (first, *_others) = ended(shop, fund, *[1_000] * 9)
    # A tenth sum of one of the nine: a person counts once.
    conditions = make_job_conditions(
        shop, months=None, goes_back=True, reverts_to=fund, ends_on=local_date(NOW)
    )
    make_credit(first, 500, payer_id=shop, conditions=conditions)
    operations.lapse_due(by=SYSTEM, at=NOW + timedelta(days=2))
    make_credit(first, 70, payer_id=shop, conditions=conditions)
    operations.lapse_due(by=SYSTEM, at=NOW + timedelta(days=3))
    count = Lapse.objects.count()
    assert count > 9
    assert refusal(shop, NEW_YEAR) == "too_few_people"
    assert operations.pass_on_small_years(by=SYSTEM, at=NEW_YEAR) == count
    assert operations.pass_on_small_years(by=SYSTEM, at=NEW_YEAR) == 0
    assert (owed(shop), owed(fund)) == (0, 9_570)
    assert listed(NEW_YEAR) == [(fund, None, 9_570, 9, False)]
    assert refusal(shop, NEW_YEAR) == "nothing_waits"
    assert_proven()


def test_what_goes_to_the_fund_is_paid_with_what_else_is_the_funds(shop: UUID, fund: UUID) -> None:
    ended(shop, fund, *[1_000] * 9)
    other = make_organisation().id
    ended(other, fund, 5_000)
    operations.pass_on_small_years(by=SYSTEM, at=NEW_YEAR)
    assert listed(NEW_YEAR) == [(fund, None, 14_000, 10, True)]
    operations.pay_lapsed(receiver_id=fund, by=make.someone(), at=NEW_YEAR)
    assert listed(NEW_YEAR) == []
    assert_proven()


def test_two_years_are_two_sums_that_are_never_added_up(shop: UUID, fund: UUID) -> None:
    ended(shop, fund, *[1_000] * 6)
    ended(shop, fund, *[1_000] * 6, at=NEW_YEAR)
    late = datetime(YEAR + 2, 1, 1, 9, tzinfo=UTC)
    assert operations.pass_on_small_years(by=SYSTEM, at=late) == 12
    assert (owed(shop), owed(fund)) == (0, 12_000)
    assert_proven()


def test_each_person_is_told_where_it_goes(shop: UUID, fund: UUID) -> None:
    (person,) = ended(shop, fund, 1_000)
    (notice,) = [one for one in notices.inbox(person) if one.kind == "money_lapsed_to_employer"]
    assert "Winkel Zon" in notice.body
    assert "Fonds Zonnig" in notice.body


@pytest.mark.parametrize("seed", range(8))
def test_no_employer_gets_a_sum_of_fewer_than_ten_people(seed: int, fund: UUID) -> None:
    draw = Random(seed)
    counts = [draw.choice([1, 8, 9, 10, 11]) for _ in range(4)]
    shops = [make_organisation().id for _ in counts]
    for shop, count in zip(shops, counts, strict=True):
        ended(shop, fund, *(draw.randrange(1, 900) for _ in range(count)))
    total = owed(fund) + sum(owed(shop) for shop in shops)
    operations.pass_on_small_years(by=SYSTEM, at=NEW_YEAR)
    for shop, count in zip(shops, counts, strict=True):
        assert (owed(shop) > 0) == (count >= 10)
        if count >= 10:
            operations.pay_lapsed(receiver_id=shop, year=YEAR, by=make.someone(), at=NEW_YEAR)
    assert owed(fund) + sum(owed(shop) for shop in shops) == total
    assert date(YEAR, 12, 31) < local_date(NEW_YEAR)
    assert_proven()
