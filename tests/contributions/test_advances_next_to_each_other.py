"""Advances of one person in several jobs: with other periods, in joined files, and after a take-over."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import AdvanceAsk, AmountDue
from eigenwijs.kernel.period import Period
from eigenwijs.people.models import Person
from eigenwijs.people.types import OrganisationView
from tests.contributions.test_advances import ADVANCE, actor, ask
from tests.factories.contributions import (
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
    react,
    requests_of,
    worker,
)
from tests.factories.treasury import assert_books_hold

pytestmark = pytest.mark.django_db

BOTH = ADVANCE.replace("periods: [month]", "periods: [month, four_weeks]")
ROOM = 'cap: {balance: [{otherwise: 6 * amount}], article: "4"}\n'


def given(employer: OrganisationView, period: str) -> int:
    """What came for the worker over a period, what came ahead and went off included."""
    row = AmountDue.objects.get(employment=employment(employer).id, period=period, is_current=True)
    return row.entitled_cents


def book(employer: OrganisationView, period: str, at: datetime) -> int:
    deliver(employer, period, [worker()], at)
    react(at)
    return given(employer, period)


def join(file: OrganisationView, into: OrganisationView) -> None:
    """The worker's file at one employer joins that at another."""
    Person.objects.filter(pk=employment(file).person_id).update(
        merged_into=employment(into).person_id
    )


def two_shops(now: datetime, text: str, periods: tuple[str, str]) -> list[OrganisationView]:
    """Two employers of one worker, each with a first period, whose files were joined."""
    make_law(MONTHLY_SCHEME, text=text)
    shops = [make_participant(MONTHLY_SCHEME) for _shop in periods]
    for shop, period in zip(shops, periods, strict=True):
        book(shop, period, now)
    join(shops[1], shops[0])
    return shops


def test_an_advance_per_four_weeks_next_to_one_per_month_each_goes_off_its_own(
    now: datetime,
) -> None:
    """€ 25.00 ahead of months, € 15.00 ahead of four weeks, of one person under one scheme."""
    months, weeks = two_shops(now, BOTH, ("2026-01", "2026-P01"))
    ask(months, 25_00, later(now))
    ask(weeks, 15_00, later(now))
    at, came = later(now, 2), []
    for number in range(2, 6):
        came.append(
            (book(months, f"2026-{number:02d}", at), book(weeks, f"2026-P{number:02d}", at))
        )
    assert came == [(35_00, 25_00), (0, 0), (0, 5_00), (5_00, 10_00)]
    views = {one.last: one for one in queries.advances(by=actor(months), on=date(2026, 6, 3))}
    assert {str(last): one.open.cents for last, one in views.items()} == {
        "2026-05": 0,
        "2026-P05": 0,
    }


def test_an_advance_of_months_goes_off_the_four_weeks_that_follow_in_the_next_year(
    now: datetime,
) -> None:
    make_law(MONTHLY_SCHEME, text=BOTH)
    shop = make_participant(MONTHLY_SCHEME)
    book(shop, "2024-11", now)
    AdvanceAsk.objects.create(
        id=employment(shop).id, employment_id=employment(shop).id, scheme=MONTHLY_SCHEME,
        cents=15_00, asked_at=now,
    )  # fmt: skip
    assert book(shop, "2024-12", later(now)) == 25_00
    came = [book(shop, f"2025-P{number:02d}", later(now, 1 + number)) for number in (1, 2, 3)]
    assert came == [0, 5_00, 10_00]
    again = book(shop, "2025-P01", later(now, 9))
    assert again == 0, "the same delivery again takes nothing more off"
    assert Period.parse("2025-P01").start < date(2025, 1, 1)


def test_two_persons_who_asked_and_turn_out_to_be_one_keep_an_advance_in_each_job(
    now: datetime,
) -> None:
    """Asked in each file before it was joined. Together no more than € 60.00 is given, apart from what is open."""
    make_law(MONTHLY_SCHEME, text=ADVANCE.replace("spend:", ROOM + "spend:"))
    shops = [make_participant(MONTHLY_SCHEME) for _shop in range(2)]
    for shop, cents in zip(shops, (25_00, 15_00), strict=True):
        book(shop, "2026-01", now)
        ask(shop, cents, later(now))
    join(shops[1], shops[0])
    views = queries.advances(by=actor(shops[0]), on=date(2026, 2, 3))
    assert sorted(one.asked.cents for one in views) == [15_00, 25_00]
    came = [
        [book(shop, f"2026-{month:02d}", later(now, month)) for shop in shops]
        for month in (2, 3, 4)
    ]
    assert came == [[35_00, 25_00], [0, 0], [0, 0]]
    views = queries.advances(by=actor(shops[0]), on=date(2026, 5, 3))
    assert sorted(one.open.cents for one in views) == [5_00, 15_00]
    bank = Bank()
    for shop in shops:
        for request in requests_of(shop):
            if request.state == "open":
                bank.pay(request, later(now, 5))
    assert account(shops[0], later(now, 5)) == (60_00 + 20_00, 0)
    assert_books_hold(later(now, 6))


def test_who_goes_along_to_another_organisation_keeps_the_advance_and_starts_anew_there(
    now: datetime,
) -> None:
    """The first employer stops; the second delivers the same people under the same scheme."""
    make_law(MONTHLY_SCHEME, text=ADVANCE)
    old, new = make_participant(MONTHLY_SCHEME), make_participant(MONTHLY_SCHEME)
    book(old, "2026-01", now)
    ask(old, 25_00, later(now))
    assert book(old, "2026-02", later(now, 2)) == 35_00
    ask(old, 5_00, later(now, 2))
    (part,) = queries.participations(old.id)
    operations.leave_scheme(
        participation_id=part.id, ends_on=date(2026, 2, 28), by=SYSTEM, at=later(now, 3)
    )
    assert book(new, "2026-03", later(now, 4)) == 10_00
    join(old, new)
    assert book(new, "2026-04", later(now, 5)) == 10_00, "nothing goes off what another pays"
    views = queries.advances(by=actor(new), on=date(2026, 5, 3))
    found = {one.employer_name: (one.open.cents, one.asked.cents, one.room.cents) for one in views}
    assert found == {new.name: (0, 0, 240_00), old.name: (25_00, 5_00, 0)}
    asked = AdvanceAsk.objects.get(amount_due=None)
    operations.withdraw_advance(ask_id=asked.pk, by=actor(new), at=later(now, 6))
    assert [one.employer_name for one in queries.advances(by=actor(new), on=date(2026, 5, 3))] == [
        new.name
    ]


def test_a_nota_names_only_the_advance_that_came_with_it(now: datetime) -> None:
    """€ 25.00 comes with February; with its second delivery € 5.00, and € 10.00 more for more hours."""
    by_hours = ADVANCE.replace(
        "[{otherwise: amount}], round",
        "[{otherwise: amount * (contract_hours_week / least)}], round",
    )
    make_law(MONTHLY_SCHEME, text=by_hours)
    shop, hours = make_participant(MONTHLY_SCHEME), (1600, 1600, 2400)
    for day, (period, cents) in enumerate((("2026-01", 0), ("2026-02", 25_00), ("2026-02", 5_00))):
        if cents:
            ask(shop, cents, later(now, 2 * day - 1))
        deliver(shop, period, [worker(hours=hours[day])], later(now, 2 * day))
        react(later(now, 2 * day))
    assert given(shop, "2026-02") == 60_00
    views = sorted(queries.payment_requests(by=actor_of(shop)), key=lambda one: one.number)
    assert [(one.total.cents, one.advance.cents) for one in views] == [
        (20_00, 0),
        (45_00, 25_00),
        (15_00, 5_00),
    ]
