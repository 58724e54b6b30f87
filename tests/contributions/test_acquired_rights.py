"""What was given stays given: no later version of a scheme lowers it, whatever is delivered again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eigenwijs.budgets import queries as accounts
from eigenwijs.contributions.models import AmountDue
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, OrganisationView
from eigenwijs.schemes import operations as schemes
from tests.factories.contributions import (
    CAPPED,
    LONG_AGO,
    MONTHLY,
    MONTHLY_SCHEME,
    ONCE,
    SYSTEM,
    Bank,
    deliver,
    later,
    make_law,
    make_participant,
    react,
    requests_of,
    worker,
)
from tests.factories.people import make_organisation

pytestmark = pytest.mark.django_db

SCHEME = "nl/wisselend"
MONTHS = 6
TEXT = """\
scheme: nl/wisselend
title: {{nl: Wisselend, en: Changing}}
source: an invented agreement, version {version}
starts: 2024-01-01
periods: [month]
signed_by: [employer]
portable: true
parameters:
  amount: {{unit: EUR, values: {{2024-01-01: {amount}.00}}, article: "1"}}
  least: {{unit: hours, values: {{2024-01-01: {least}}}, article: "1"}}
absent:
  contract_hours_week: {{not_eligible: {{nl: Geen uren., en: No hours.}}, article: "1"}}
eligible:
  - {{id: hours, when: contract_hours_week >= least, otherwise: {{nl: Te kort., en: Too short.}}, article: "1"}}
credit:
  - {{id: monthly, per: {per}, cases: [{{otherwise: amount}}], {rounding}, article: "1"}}
{cap}expiry: {{{expiry}, article: "1"}}
reversion: {{to: sector_fund, article: "1"}}
spend: {{work_related_only: true, article: "2"}}
{correctable}"""


def invented(drawn: Random, version: int) -> str:
    """A version with other figures, limits, ends and terms."""
    cap = drawn.choice(
        ("", *(f"{kind}: [{{otherwise: '{{most}}'}}]" for kind in ("balance", "year", "ever")))
    )
    most = drawn.choice((20, 60, 120))
    per, rounding = drawn.choice(
        (("period", "round: half_up"), ("year", "spread: cumulative"), ("year", "round: down"))
    )
    text = TEXT.format(
        version=version,
        amount=drawn.choice((5, 10, 25, 100)),
        least=drawn.choice((8, 16, 24)),
        per=per,
        rounding=rounding,
        cap=f"cap: {{{cap.replace(chr(39) + '{most}' + chr(39), 'most')}, article: '1'}}\n"
        if cap
        else "",
        expiry=drawn.choice(("after_months: 12", "end_of_year_after: 1", "after_months: 60")),
        correctable=drawn.choice(("", "correctable_for: {days: 366, article: '3'}\n")),
    )
    figure = f'  most: {{unit: EUR, values: {{2024-01-01: {most}.00}}, article: "1"}}\nabsent:'
    return text.replace("absent:", figure) if cap else text


def make_law_from(text: str, valid_from: date) -> None:
    """Let a next version be the law."""
    version = schemes.load(text=text, by=SYSTEM, at=LONG_AGO).hash
    signer = make_organisation(OrganisationKind.AGREEMENT_PARTY)
    schemes.sign(
        version_hash=version, side="employer", organisation_id=signer.id, document="akte",
        by=SYSTEM, at=LONG_AGO,
    )  # fmt: skip
    schemes.activate(version_hash=version, valid_from=valid_from, by=SYSTEM, at=LONG_AGO)


def given(shop: OrganisationView) -> dict[object, tuple[object, ...]]:
    """Everything that was credited, as it was said on its first day, less what was taken back."""
    found: dict[object, tuple[object, ...]] = {}
    for one in people.employments_of_employer(shop.id):
        for credit in accounts.credits_of(one.person_id):
            said = (credit.amount, credit.taken_back, credit.usable_until, credit.conditions)
            found[credit.id] = (*said, credit.reason)
    return found


def due(shop: OrganisationView) -> dict[tuple[object, str], int]:
    """What each period gave each worker, by the last word on it."""
    rows = AmountDue.objects.filter(delivery__employer=shop.id, is_current=True)
    return {(row.employment_id, row.period): row.entitled_cents for row in rows}


@pytest.mark.parametrize("seed", range(6))
def test_a_replay_of_versions_never_lowers_what_was_given(seed: int, now: datetime) -> None:
    """Versions come and go, months are delivered again as they were: no credit and no amount is less."""
    drawn = Random(seed)
    make_law(SCHEME, text=invented(drawn, 0))
    fund = make_organisation(OrganisationKind.PAYER)
    shop = make_participant(SCHEME, reverts_to=fund.id)
    bank = Bank()
    delivered: dict[Period, list[PayrollRow]] = {}
    at, period = now, Period(2026, 1)
    for version in range(1, MONTHS + 1):
        rows = [worker(one, hours=drawn.choice((800, 1600, 2400, 3600))) for one in (1, 2)]
        delivered[period] = rows
        deliver(shop, str(period), rows, at)
        react(at)
        for request in requests_of(shop):
            if request.state == "open" and drawn.random() < 0.7:
                bank.pay(request, at)
        before, before_due = given(shop), due(shop)
        period, at = period.next(), at + timedelta(days=1)
        if drawn.random() < 0.6:
            make_law_from(invented(drawn, version), period.start)
        again = drawn.choice(list(delivered))
        delivered[again] = [*delivered[again], worker(2 + version)]  # a line more; the others stay
        deliver(shop, str(again), delivered[again], at)
        react(at)
        assert {key: given(shop).get(key) for key in before} == before
        assert {key: due(shop)[key] for key in before_due} == before_due


def test_a_limit_takes_nothing_of_what_was_given_under_a_lower_one(now: datetime) -> None:
    """€ 10 a month up to € 20, then € 25 up to € 120: January delivered again as it was stays € 10."""
    low = CAPPED.replace("CAP", "balance").replace("500.00", "10.00")
    low = low.replace("otherwise: start}], article", "otherwise: start * 2}], article")
    make_law("nl/eenmalig", text=low)
    shop = make_participant("nl/eenmalig")
    for month in (1, 2):
        deliver(shop, f"2026-{month:02d}", [worker(1)], now)
    make_law_from(
        low.replace("start * 2", "start * 12").replace("10.00", "10.00, 2026-03-01: 25.00"),
        date(2026, 3, 1),
    )
    deliver(shop, "2026-03", [worker(1)], now)
    deliver(shop, "2026-01", [worker(1), worker(2)], later(now))
    first = people.employments_of_employer(shop.id)[0].id
    assert [cents for (one, _), cents in sorted(due(shop).items()) if one == first] == [
        1000,
        1000,
        2500,
    ]


def version_with(amount: str) -> str:
    """€ 10.00 a month, or what the amount says, in proportion to 32 hours a week."""
    return MONTHLY.replace(
        "otherwise: amount}]", f"otherwise: ({amount}) * (contract_hours_week / full)}}]"
    ).replace("absent:", '  full: {unit: hours, values: {2024-01-01: 32}, article: "1"}\nabsent:')


@pytest.mark.parametrize(
    ("hours", "cents"),
    [((3600,), [11_25]), ((3100, 3200), [9_69, 10_00]), ((1600, 3200), [5_00, 10_00])],
)
def test_a_line_that_changes_keeps_the_version_that_gave_the_period(
    hours: tuple[int, ...], cents: list[int], now: datetime
) -> None:
    """€ 10.00 at 32 hours; a version of € 6.00 for the same month counts for none of its corrections."""
    make_law(MONTHLY_SCHEME, text=version_with("amount"))
    shop = make_participant(MONTHLY_SCHEME)
    deliver(shop, "2026-10", [worker(1, hours=3200)], now)
    make_law_from(version_with("amount * 3 / 5"), date(2026, 10, 1))
    found = []
    for day, corrected in enumerate(hours, 1):
        deliver(shop, "2026-10", [worker(1, hours=corrected), worker(1 + day)], later(now, day))
        found.append(due(shop)[people.employments_of_employer(shop.id)[0].id, "2026-10"])
    assert found == cents


def test_a_version_that_looks_at_more_takes_nothing_of_what_was_given(now: datetime) -> None:
    """€ 10.00 before, € 6.03 by a wage that comes along now: it stays € 10.00."""
    make_law(MONTHLY_SCHEME, text=MONTHLY)
    shop = make_participant(MONTHLY_SCHEME)
    deliver(shop, "2026-10", [worker(1)], now)
    by_wage = "amount * 0 + gross_wage_period * 0.003"
    make_law_from(MONTHLY.replace("otherwise: amount", f"otherwise: {by_wage}"), date(2026, 10, 1))
    deliver(shop, "2026-10", [worker(1, gross_wage=Money(2010_00))], later(now))
    assert list(due(shop).values()) == [10_00]


def test_the_versions_of_kept_lines_are_read_once(now: datetime) -> None:
    """Thirty lines that keep their amount take as many queries as three."""
    make_law(MONTHLY_SCHEME, text=MONTHLY)
    half = MONTHLY.replace("otherwise: amount", "otherwise: amount / 2")
    shops = {count: make_participant(MONTHLY_SCHEME) for count in (3, 30)}
    for count, shop in shops.items():
        deliver(shop, "2026-10", [worker(number) for number in range(1, count + 1)], now)
    make_law_from(half, date(2026, 10, 1))
    asked = []
    for count, shop in shops.items():
        rows = [worker(number) for number in range(1, count + 2)]
        with CaptureQueriesContext(connection) as found:
            deliver(shop, "2026-10", rows, later(now))
        asked.append(sum("schemes_schemeversion" in one["sql"] for one in found.captured_queries))
        assert sorted(due(shop).values()) == [5_00, *[10_00] * count]
    assert asked[1] <= asked[0]


def by_hours(cap: str, version: int) -> str:
    """€ 10.00 a month in proportion to 32 hours a week, with a limit on the account."""
    text = version_with("amount").replace(
        "source: an invented", f"source: version {version}, an invented"
    )
    return text.replace("spend:", f'cap: {{balance: [{{otherwise: {cap}}}], article: "1"}}\nspend:')


@pytest.mark.parametrize(("hours", "cents"), [(1600, 5_00), (3200, 10_00), (6400, 0)])
def test_a_changed_line_keeps_what_was_given_and_takes_no_more_of_the_room_of_then(
    hours: int, cents: int, now: datetime
) -> None:
    """€ 10.00 a month up to € 20.00, then up to € 120.00: in April there is € 40.00, so no room for January.

    Half the hours keep their € 5.00. Twice the hours would be € 20.00, of which € 10.00 was never given.
    """
    make_law(MONTHLY_SCHEME, text=by_hours("amount * 2", 1))
    shop = make_participant(MONTHLY_SCHEME)
    for month in (1, 2):
        deliver(shop, f"2026-{month:02d}", [worker(1, hours=3200)], now)
    make_law_from(by_hours("amount * 12", 2), date(2026, 3, 1))
    for month in (3, 4):
        deliver(shop, f"2026-{month:02d}", [worker(1, hours=3200)], now)
    deliver(shop, "2026-01", [worker(1, hours=hours), worker(2)], later(now))
    first = people.employments_of_employer(shop.id)[0].id
    assert due(shop)[first, "2026-01"] == cents


def test_a_version_whose_limit_is_looked_at_no_more_gives_no_second_time(now: datetime) -> None:
    """€ 500 in January up to € 500; a version of € 1.00 without a limit: February is € 1.00, not € 500."""
    text = CAPPED.replace("CAP", "balance")
    make_law("nl/eenmalig", text=text)
    shop = make_participant("nl/eenmalig")
    for month in (1, 2):
        deliver(shop, f"2026-{month:02d}", [worker(1)], now)
    small = ONCE.replace("per: once", "per: period").replace("500.00", "1.00")
    make_law_from(small, date(2026, 2, 1))
    deliver(shop, "2026-02", [worker(1), worker(2)], later(now))
    first = people.employments_of_employer(shop.id)[0].id
    assert due(shop)[first, "2026-02"] == 1_00
