"""From a payroll file to amounts due, payment requests and money on accounts, to the cent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from eigenwijs.budgets import queries as budgets
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.models import AmountDue, Delivery, DeliveryLine, PaymentRequest
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.notices import queries as notices
from eigenwijs.people import queries as people
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import ContractKind, OrganisationKind, OrganisationView
from eigenwijs.schemes.queries import explain
from eigenwijs.treasury import operations as treasury
from tests.factories.contributions import (
    ELECTROTECHNICAL,
    GIFT,
    SOCIAL_WORK,
    SUPERMARKET,
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
from tests.factories.payroll_files import HABITS, write_payroll_file
from tests.factories.people import make_organisation
from tests.factories.treasury import Booking, Detail, assert_books_hold, pays

pytestmark = pytest.mark.django_db

ORDINARY = {"job_kind": "ordinary"}


@pytest.fixture(autouse=True)
def demonstration(settings: object) -> None:
    """The supermarkets' figures are inferred, so they are law in a demonstration only."""
    settings.DEMO = True  # type: ignore[attr-defined]


@pytest.fixture
def supermarket() -> OrganisationView:
    make_law(SUPERMARKET)
    return make_participant(SUPERMARKET)


def test_one_euro_travels_from_payroll_to_account(
    supermarket: OrganisationView, now: datetime
) -> None:
    """Two workers of 20 hours and one of 12: 2 × 13.46 = 26.92 is asked, paid and credited."""
    bank = Bank()
    rows = [worker(1), worker(2), worker(3, hours=1200)]
    shown = preview(supermarket, "2026-P01", rows, now)
    (total,) = shown.totals
    assert (total.people, total.without, total.amount) == (2, 1, Money(26_92))
    assert not people.employments_of_employer(supermarket.id)
    operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now)
    (request,) = requests_of(supermarket)
    assert (request.total_cents, request.due_on) == (26_92, date(2026, 12, 7))
    assert account(supermarket, now) == (0, 13_46)
    bank.pay(request, later(now))
    assert account(supermarket, later(now)) == (13_46, 0)
    assert account(supermarket, later(now), 3) == (0, 0)
    request.refresh_from_db()
    assert (request.state, request.credited_cents) == ("paid", 26_92)
    assert_books_hold(later(now))
    credit = budgets.credits_of(employment(supermarket).person_id)[0]
    assert credit.reason.period == "2026-P01"
    assert credit.reason.sources["request"] == str(request.id)
    assert any("deel 1 van 13" in line for line in explain(credit.reason.steps, "nl"))


def test_a_year_of_thirteen_periods_is_175_00_on_the_account(
    supermarket: OrganisationView, now: datetime
) -> None:
    bank = Bank()
    for number in range(1, 14):
        deliver(supermarket, f"2026-P{number:02d}", [worker()], later(now, number))
        bank.pay(requests_of(supermarket)[-1], later(now, number))
    assert account(supermarket, later(now, 13)) == (175_00, 0)


def test_who_enters_in_the_fifth_period_and_leaves_after_the_ninth(
    supermarket: OrganisationView, now: datetime
) -> None:
    for number in range(1, 14):
        rows = [worker(2)] + ([worker(1)] if 5 <= number <= 9 else [])
        deliver(supermarket, f"2026-P{number:02d}", rows, later(now, number))
    assert account(supermarket, later(now, 13)) == (0, 67_31)
    assert account(supermarket, later(now, 13), 2) == (0, 175_00)


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_every_maker_s_file_comes_to_the_same(
    supermarket: OrganisationView, now: datetime, habit: object
) -> None:
    rows = [worker(1), worker(2, hours=None)]
    shown = operations.preview_delivery(
        employer_id=supermarket.id,
        period=Period.parse("2026-P01"),
        file_name="a.csv",
        content=write_payroll_file(rows, habit),
        by=SYSTEM,
        at=now,  # type: ignore[arg-type]
    )
    assert shown.total == Money(13_46)


def test_on_call_and_agency_get_a_reason(supermarket: OrganisationView, now: datetime) -> None:
    agency = worker(2, hours=3800, contract_kind=ContractKind.AGENCY)
    delivery = deliver(supermarket, "2026-P01", [worker(1, hours=None), agency], now)
    by = actor_of(supermarket)
    views, count = queries.lines(delivery.id, by=by, only_without=True)
    assert count == 2
    texts = [" ".join(explain(view.amounts[0].steps, "nl")) for view in views]
    assert "oproepcontract zonder vaste uren" in texts[0]
    assert "via een uitzendbureau" in texts[1]
    assert requests_of(supermarket) == []


def test_someone_who_left_before_the_period_gets_nothing_and_hears_why(
    supermarket: OrganisationView, now: datetime
) -> None:
    gone = worker(1, ended_on=date(2025, 12, 28))
    delivery = deliver(supermarket, "2026-P01", [gone, worker(2)], now)
    views, _count = queries.lines(delivery.id, by=actor_of(supermarket), only_without=True)
    assert [step.code for step in views[0].amounts[0].steps] == ["not_employed"]


def test_a_share_of_pay_follows_the_wage_and_its_correction(now: datetime) -> None:
    """1.5 percent of € 2,845.10 is € 42.68; of € 3,000.00, after the correction, € 45.00."""
    make_law(SOCIAL_WORK)
    employer, bank = make_participant(SOCIAL_WORK), Bank()
    deliver(employer, "2026-03", [worker(gross_wage=Money(2_845_10), sought=ORDINARY)], now)
    (due,) = AmountDue.objects.all()
    assert due.amount_cents == 42_68
    bank.pay(requests_of(employer)[0], now)
    (credit,) = budgets.account(due.person_id, on=now.date()).pots
    assert credit.available == Money(42_68)
    corrected = deliver(
        employer, "2026-03", [worker(gross_wage=Money(3_000_00), sought=ORDINARY)], later(now)
    )
    found = queries.differences(corrected.id, by=actor_of(employer))
    assert found
    assert [change.fields for change in found.changes] == [
        (("gross_wage_cents", "284510", "300000"),)
    ]
    assert AmountDue.objects.get(is_current=True).amount_cents == 45_00 - 42_68
    (line,), _count = queries.lines(corrected.id, by=actor_of(employer))
    story = " ".join(explain(line.amounts[0].steps, "nl")).replace("\xa0", " ")
    assert "Je verdiende € 3.000,00 bruto in deze periode." in story


@pytest.mark.parametrize("scheme", [SOCIAL_WORK, "nl/verlof-werkgever"])
def test_a_scheme_that_begins_to_count_the_wage_or_a_sought_fact_asks_for_the_file_again(
    scheme: str, now: datetime
) -> None:
    """Between the preview and the yes, or while a large file waits: refused, not stuck."""
    make_law(GIFT)
    make_law(scheme)
    employer = make_participant(GIFT)
    shown = preview(employer, "2026-03", [worker(1)], now)
    operations.join_scheme(
        employer_id=employer.id,
        scheme=scheme,
        payer_id=employer.id,
        starts_on=date(2024, 1, 1),
        reverts_to=make_organisation(OrganisationKind.PAYER).id,
        by=SYSTEM,
        at=now,
    )
    (line,), _count = queries.lines(shown.id, by=actor_of(employer))
    assert [amount.scheme for amount in line.amounts] == [GIFT]
    with pytest.raises(operations.UnableToConfirm) as refused:
        operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now)
    assert refused.value.code == "changed_meanwhile"


def test_a_scheme_that_counts_the_wage_needs_it_on_every_line(now: datetime) -> None:
    make_law(SOCIAL_WORK)
    employer = make_participant(SOCIAL_WORK)
    for rows, expected in (
        ([worker(1, sought=ORDINARY), worker(2, sought=ORDINARY)], [("wage_column_missing", None)]),
        (
            [worker(1, sought=ORDINARY), worker(2, gross_wage=Money(0), sought=ORDINARY)],
            [("wage_missing", 2)],
        ),
        (
            [worker(1), worker(2, gross_wage=Money(0))],
            [("fact_column_missing", None), ("wage_missing", 2)],
        ),
    ):
        with pytest.raises(operations.UnableToDeliver) as refused:
            preview(employer, "2026-03", rows, now)
        assert sorted((one.code, one.line) for one in refused.value.faults) == expected
    assert not Delivery.objects.exists()


def test_the_wage_is_not_kept_where_no_scheme_counts_it(
    supermarket: OrganisationView, now: datetime
) -> None:
    deliver(supermarket, "2026-P01", [worker(gross_wage=Money(2_845_10))], now)
    assert DeliveryLine.objects.get().gross_wage_cents is None


def test_two_schemes_with_two_payers_are_two_requests(now: datetime) -> None:
    """The gift: 240.00 / 13 × 20/36 = 10.26; the employer pays it, the fund the agreement's."""
    make_law(SUPERMARKET)
    make_law(GIFT)
    fund = make_organisation(OrganisationKind.PAYER)
    employer = make_participant(SUPERMARKET, payer=fund)
    operations.join_scheme(
        employer_id=employer.id,
        scheme=GIFT,
        payer_id=employer.id,
        starts_on=date(2026, 1, 1),
        by=SYSTEM,
        at=now,
    )
    deliver(employer, "2026-P01", [worker()], now)
    amounts = {request.payer_id: request.total_cents for request in requests_of(employer)}
    assert amounts == {fund.id: 13_46, employer.id: 10_26}


def test_the_cap_counts_what_is_expected_too(now: datetime) -> None:
    """36 months of 14.58 are 524.88; 12 cents fit under 525.00, and then nothing."""
    make_law(ELECTROTECHNICAL)
    employer = make_participant(ELECTROTECHNICAL)
    period = Period.parse("2024-01")
    for _month in range(38):
        deliver(employer, str(period), [worker()], now)
        period = period.next()
    assert account(employer, now) == (0, 525_00)
    assert [row.amount_cents for row in AmountDue.objects.order_by("period")][-3:] == [
        14_58,
        12,
        0,
    ]


def test_the_same_file_twice_is_recognised(supermarket: OrganisationView, now: datetime) -> None:
    first = deliver(supermarket, "2026-P01", [worker()], now)
    again = preview(supermarket, "2026-P01", [worker()], later(now))
    assert (again.id, again.is_new, again.state) == (first.id, False, "booked")
    assert Delivery.objects.count() == 1
    assert operations.confirm_delivery(delivery_id=first.id, by=SYSTEM, at=now).id == first.id
    assert AmountDue.objects.count() == PaymentRequest.objects.count() == 1


def test_a_changed_file_for_the_same_month(now: datetime) -> None:
    """Worker 2 has 36 hours, not 20: of 31.11 the second file adds 8.89, shown before it counts."""
    make_law(GIFT)
    employer = make_participant(GIFT)
    changed = [worker(1, hours=3600), worker(2, hours=3600)]
    first = deliver(employer, "2026-01", [changed[0], worker(2)], now)
    shown = preview(employer, "2026-01", changed, later(now))
    assert (shown.is_new, shown.corrects, shown.total) == (True, first.id, Money(8_89))
    found = queries.differences(shown.id, by=actor_of(employer))
    assert found
    assert [one.fields for one in found.changes] == [(("contract_hours_week", "2000", "3600"),)]
    assert account(employer, now, 2) == (0, 11_11)
    operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=later(now))
    assert account(employer, now, 2) == (0, 20_00)
    assert [one.total_cents for one in requests_of(employer)] == [31_11, 8_89]
    assert not preview(employer, "2026-01", changed, later(now, 2)).is_new


def test_a_new_preview_replaces_the_one_that_was_not_confirmed(
    supermarket: OrganisationView, now: datetime
) -> None:
    first = preview(supermarket, "2026-P01", [worker()], now)
    second = preview(supermarket, "2026-P01", [worker(), worker(2)], now)
    assert not DeliveryLine.objects.filter(delivery=first.id).exists()
    with pytest.raises(operations.UnableToConfirm) as refused:
        operations.confirm_delivery(delivery_id=first.id, by=SYSTEM, at=now)
    assert refused.value.code == "already_discarded"
    operations.discard_delivery(delivery_id=second.id, by=SYSTEM, at=now)
    assert not DeliveryLine.objects.exists()


def test_what_nobody_confirms_is_thrown_away_after_seven_days(
    supermarket: OrganisationView, now: datetime
) -> None:
    other = make_participant(SUPERMARKET)
    booked = deliver(supermarket, "2026-P01", [worker()], now)
    waiting = preview(supermarket, "2026-P02", [worker(name="Noor", email="noor@example.org")], now)
    younger = preview(other, "2026-P02", [worker()], later(now))
    assert operations.lapse_previews(by=SYSTEM, at=later(now, 7) - timedelta(seconds=1)) == 0
    assert operations.lapse_previews(by=SYSTEM, at=later(now, 7)) == 1
    states = dict(Delivery.objects.values_list("id", "state"))
    assert states == {booked.id: "booked", waiting.id: "discarded", younger.id: "previewed"}
    assert not DeliveryLine.objects.filter(delivery=waiting.id).exists()
    assert DeliveryLine.objects.filter(delivery__in=[booked.id, younger.id]).count() == 2
    assert operations.lapse_previews(by=SYSTEM, at=later(now, 7)) == 0
    again = preview(supermarket, "2026-P02", [worker()], later(now, 8))
    assert again.is_new, "the employer can deliver the same file again"


def test_what_was_shown_is_what_is_confirmed(supermarket: OrganisationView, now: datetime) -> None:
    shown = preview(supermarket, "2026-P01", [worker()], now)
    text = Path("schemes/nl/supermarkt/scheme.yaml").read_text().replace("175.00", "200.00")
    make_law(SUPERMARKET, text=text, valid_from=date(2025, 7, 1))
    with pytest.raises(operations.UnableToConfirm) as refused:
        operations.confirm_delivery(delivery_id=shown.id, by=SYSTEM, at=now)
    assert refused.value.code == "changed_meanwhile"
    assert preview(supermarket, "2026-P01", [worker()], now).total == Money(15_38)


def test_birth_date_and_contact_are_not_kept_with_the_delivery(
    supermarket: OrganisationView, now: datetime
) -> None:
    deliver(supermarket, "2026-P01", [worker(email="a@b.example")], now)
    line = DeliveryLine.objects.get()
    assert (line.birth_date, line.email) == (None, "")


def test_a_faulty_file_leaves_nothing_behind(supermarket: OrganisationView, now: datetime) -> None:
    rows = [worker(1), worker(1), worker(2, paid_hours_period=-100)]
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(supermarket, "2026-P01", rows, now)
    assert [(fault.code, fault.line) for fault in refused.value.faults] == [
        ("duplicate_person", 3),
        ("negative_hours", 4),
    ]
    assert not Delivery.objects.exists()


def test_another_birth_date_for_a_known_number_is_refused_with_its_line(
    supermarket: OrganisationView, now: datetime
) -> None:
    deliver(supermarket, "2026-P01", [worker()], now)
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(supermarket, "2026-P02", [worker(birth_date=date(1999, 1, 1))], now)
    (fault,) = refused.value.faults
    assert (fault.code, fault.line) == ("person_conflict", 2)


def test_months_and_four_weeks_do_not_mix_in_a_year(
    supermarket: OrganisationView, now: datetime
) -> None:
    deliver(supermarket, "2026-P01", [worker()], now)
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(supermarket, "2026-02", [worker(), worker(2)], now)
    assert [(fault.code, fault.line) for fault in refused.value.faults] == [
        ("other_kind_of_period", 2)
    ]


def test_a_whole_file_with_another_kind_of_period_is_one_fault(
    supermarket: OrganisationView, now: datetime
) -> None:
    deliver(supermarket, "2026-P01", [worker(), worker(2)], now)
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(supermarket, "2026-02", [worker(), worker(2), worker(3)], now)
    assert [(fault.code, fault.line) for fault in refused.value.faults] == [
        ("other_kind_of_period", None)
    ]


def test_a_period_that_no_scheme_knows_is_refused(
    supermarket: OrganisationView, now: datetime
) -> None:
    outsider = make_organisation()
    for employer, period, code in (
        (supermarket, "2026-Q1", "other_period"),
        (supermarket, "2023-01", "no_scheme"),
        (outsider, "2026-01", "no_scheme"),
    ):
        with pytest.raises(operations.UnableToDeliver) as refused:
            preview(employer, period, [worker()], now)
        assert [fault.code for fault in refused.value.faults] == [code]


def test_a_large_delivery_is_booked_by_the_job_worker(
    supermarket: OrganisationView, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eigenwijs.contributions.operations.delivering.BOOKED_AT_ONCE", 1)
    delivery = deliver(supermarket, "2026-P01", [worker(1), worker(2)], now)
    assert delivery.state == "confirmed"
    with pytest.raises(operations.UnableToDeliver) as refused:
        preview(supermarket, "2026-P02", [worker()], now)
    assert refused.value.faults[0].code == "being_booked"
    react(now)
    assert Delivery.objects.get().state == "booked"
    assert requests_of(supermarket)[0].total_cents == 26_92


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of two lines go the way of files of 100,000."""
    monkeypatch.setattr("eigenwijs.contributions.operations.delivering.READ_AT_ONCE", 1)
    monkeypatch.setattr("eigenwijs.contributions.operations.delivering.BOOKED_AT_ONCE", 1)


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_file_is_read_by_the_job_worker_and_not_kept(
    supermarket: OrganisationView, now: datetime
) -> None:
    """Two of 13.46, as when it is read at once; a double click waits for the same reading."""
    rows = [worker(1), worker(2)]
    received = preview(supermarket, "2026-P01", rows, now)
    again = preview(supermarket, "2026-P01", rows, now)
    assert (received.state, received.is_new) == ("received", True)
    assert (again.id, again.is_new) == (received.id, False)
    assert Delivery.objects.get().content
    react(now)
    read = Delivery.objects.get()
    assert (read.state, read.content, read.line_count) == ("previewed", None, 2)
    assert sum(total["cents"] for total in read.totals) == 26_92
    assert queries.progress(read.id, by=actor_of(supermarket)) is None


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_file_that_is_wrong_keeps_nothing_but_its_faults(
    supermarket: OrganisationView, now: datetime
) -> None:
    rows = [worker(1), worker(1), worker(2, paid_hours_period=-100)]
    received = preview(supermarket, "2026-P01", rows, now)
    react(now)
    refused = queries.delivery(received.id, by=actor_of(supermarket))
    assert refused is not None
    assert refused.state == "refused"
    assert [fault.code for fault in refused.faults] == ["duplicate_person", "negative_hours"]
    with override("nl"):
        assert "staat ook op regel 2" in str(refused.faults[0])
    with override("en"):
        assert "line 2" in str(refused.faults[0])
    assert Delivery.objects.get().content is None
    assert not DeliveryLine.objects.exists()
    preview(supermarket, "2026-P01", [worker(1), worker(2)], now)
    assert Delivery.objects.get(pk=received.id).state == "discarded"
    assert Delivery.objects.get(pk=received.id).faults == []


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_file_that_waits_or_was_refused_is_thrown_away_after_seven_days(
    supermarket: OrganisationView, now: datetime
) -> None:
    other = make_participant(SUPERMARKET)
    preview(supermarket, "2026-P01", [worker(1), worker(1)], now)
    react(now)
    preview(other, "2026-P01", [worker(1)], now)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"refused", "received"}
    assert operations.lapse_previews(by=SYSTEM, at=later(now, 7)) == 2
    for delivery in Delivery.objects.all():
        assert (delivery.state, delivery.content, delivery.faults) == ("discarded", None, [])


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_file_with_citizen_numbers_is_refused_before_it_is_kept(
    supermarket: OrganisationView, now: datetime
) -> None:
    content = write_payroll_file([worker(1), worker(2)]).replace(b"Afdeling", b"BSN", 1)
    with pytest.raises(operations.UnableToDeliver) as refused:
        operations.preview_delivery(
            employer_id=supermarket.id,
            period=Period.parse("2026-P01"),
            file_name="salaris.csv",
            content=content,
            by=SYSTEM,
            at=now,
        )
    assert [fault.code for fault in refused.value.faults] == ["citizen_number"]
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_delivery_whose_scheme_ended_before_it_was_booked_blocks_nothing(
    supermarket: OrganisationView, now: datetime
) -> None:
    delivery = preview(supermarket, "2026-P01", [worker(1), worker(2)], now)
    react(now)
    operations.confirm_delivery(delivery_id=delivery.id, by=SYSTEM, at=now)
    (part,) = queries.participations(supermarket.id)
    operations.leave_scheme(participation_id=part.id, ends_on=date(2025, 12, 28), by=SYSTEM, at=now)
    payroll = actor_of(supermarket)
    assert payroll.person_id
    react(now)
    assert [one.kind for one in notices.inbox(payroll.person_id)] == ["delivery_refused"]
    refused = queries.delivery(delivery.id, by=payroll)
    assert refused
    assert (refused.state, refused.faults[0].code) == ("refused", "changed_meanwhile")
    assert not AmountDue.objects.exists()
    assert preview(supermarket, "2025-P01", [worker(1)], now).state == "received"


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_delivery_that_is_no_longer_as_shown_is_refused(
    supermarket: OrganisationView, now: datetime
) -> None:
    delivery = preview(supermarket, "2026-P01", [worker(1), worker(2)], now)
    react(now)
    Delivery.objects.update(totals=[])
    operations.confirm_delivery(delivery_id=delivery.id, by=SYSTEM, at=now)
    react(now)
    refused = Delivery.objects.get()
    assert (refused.state, refused.faults[0]["code"]) == ("refused", "changed_meanwhile")
    assert requests_of(supermarket) == []
    assert not DeliveryLine.objects.exists()
    preview(supermarket, "2026-P01", [worker(1), worker(2)], now)
    refused.refresh_from_db()
    assert refused.state == "discarded", "the employer delivers once more"


@pytest.mark.usefixtures("everything_is_large")
def test_a_large_file_that_fails_half_way_is_read_again(
    supermarket: OrganisationView, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview(supermarket, "2026-P01", [worker(1), worker(2)], now)
    with monkeypatch.context() as patch, pytest.raises(ConnectionError), transaction.atomic():
        patch.setattr(
            "eigenwijs.contributions.operations.reading.audit.move",
            Mock(side_effect=ConnectionError),
        )
        react(now)
    assert Delivery.objects.get().state == "received"
    assert not DeliveryLine.objects.exists()
    react(now)
    assert Delivery.objects.get().state == "previewed"
    assert DeliveryLine.objects.count() == 2


def test_a_large_payroll_asks_the_database_no_more_than_a_small_one(
    supermarket: OrganisationView, now: datetime
) -> None:
    """Looked at, booked, paid and credited: as many statements for 240 lines as for 24."""
    bank = Bank()
    asked = []
    for period, count in (("2026-P01", 24), ("2026-P02", 240)):
        with CaptureQueriesContext(connection) as captured:
            deliver(supermarket, period, [worker(number) for number in range(count)], now)
            bank.pay(requests_of(supermarket)[-1], now)
        asked.append(len(captured))
    assert asked[1] <= asked[0] + 4


def test_an_employer_sees_and_delivers_its_own_only(
    supermarket: OrganisationView, now: datetime
) -> None:
    delivery = deliver(supermarket, "2026-P01", [worker()], now)
    (request,) = requests_of(supermarket)
    own, other = actor_of(supermarket), actor_of(make_participant(SUPERMARKET))
    assert [view.id for view in queries.deliveries(by=own)] == [delivery.id]
    assert queries.payment_request(request.id, by=own)
    assert queries.deliveries(by=other) == queries.payment_requests(by=other) == []
    assert queries.delivery(delivery.id, by=other) is None
    assert queries.lines(delivery.id, by=other) == ([], 0)
    assert queries.payment_request(request.id, by=other) is None
    with pytest.raises(NotPermitted):
        operations.preview_delivery(
            employer_id=supermarket.id,
            period=Period.parse("2026-P02"),
            file_name="a",
            content=b"",
            by=other,
            at=now,
        )


# Payments


def test_a_short_payment_credits_nothing_until_it_is_released_pro_rata(
    supermarket: OrganisationView, now: datetime
) -> None:
    """Of 2 × 13.46 only 20.01 came: 10.01 and 10.00; the rest follows with the rest."""
    bank = Bank()
    deliver(supermarket, "2026-P01", [worker(1), worker(2)], now)
    (request,) = requests_of(supermarket)
    bank.pay(request, now, cents=20_01)
    assert account(supermarket, now) == (0, 13_46)
    treasury.release_pro_rata(reference=request.reference, by=SYSTEM, at=now)
    react(now)
    assert account(supermarket, now) == (10_01, 3_45)
    assert account(supermarket, now, 2) == (10_00, 3_46)
    assert requests_of(supermarket)[0].state == "part_paid"
    bank.pay(request, now, cents=6_91)
    assert account(supermarket, now) == account(supermarket, now, 2) == (13_46, 0)
    assert requests_of(supermarket)[0].state == "paid"
    assert_books_hold(now)


def test_a_payment_the_bank_takes_back_reopens_the_request_and_leaves_the_account(
    supermarket: OrganisationView, now: datetime
) -> None:
    bank = Bank(opening=100_00)
    deliver(supermarket, "2026-P01", [worker()], now)
    (request,) = requests_of(supermarket)
    bank.book(pays(13_46, reference=request.reference, end_to_end_id="E1"), at=now)
    bank.book(
        Booking(
            -13_46,
            (Detail(reference=request.reference, end_to_end_id="E1", return_reason="MD06"),),
            code="PMNT-RCDT-RRTN",
            reversal=True,
        ),
        at=later(now),
    )
    assert requests_of(supermarket)[0].state == "reopened"
    assert account(supermarket, now) == (13_46, 0)
    bank.pay(request, later(now, 2))
    assert requests_of(supermarket)[0].state == "paid"
    assert account(supermarket, now) == (13_46, 0)
    assert_books_hold(later(now, 2))


def test_who_signed_sees_only_what_has_not_come_in(now: datetime) -> None:
    """Of 26.92 came 20.00 in: 6.92 is late. When all is in, nothing is."""
    (union, _employers) = make_law(SUPERMARKET)
    employer, bank, late = make_participant(SUPERMARKET), Bank(), later(now, 20)
    deliver(employer, "2026-P01", [worker(), worker(2)], now)
    (request,) = requests_of(employer)
    bank.pay(request, later(now, 2), 20_00)
    (seen,) = queries.late_requests(organisation_id=union, on=late.date())
    assert (seen.amount, seen.state) == (Money(6_92), "part_paid")
    bank.pay(request, later(now, 3), 6_92)
    assert queries.late_requests(organisation_id=union, on=late.date()) == []


def test_late_payers_are_reminded_once_and_seen_by_who_signed(now: datetime) -> None:
    (union, _employers) = make_law(SUPERMARKET)
    employer = make_participant(SUPERMARKET)
    actor_of(employer)
    deliver(employer, "2026-P01", [worker()], now)
    due = requests_of(employer)[0].due_on
    assert queries.late_requests(organisation_id=union, on=due) == []
    late = later(now, 20)
    (seen,) = queries.late_requests(organisation_id=union, on=late.date())
    assert (seen.employer_name, seen.amount, seen.days_late) == (employer.name, Money(13_46), 6)
    assert queries.late_requests(organisation_id=employer.id, on=late.date()) == []
    assert operations.remind_overdue(by=SYSTEM, at=later(now)) == 0
    assert operations.remind_overdue(by=SYSTEM, at=late) == 1
    assert operations.remind_overdue(by=SYSTEM, at=late) == 0


def still_to_pay(employer: OrganisationView) -> tuple[str, int]:
    """How the only nota stands for its payer, and what it still asks in cents."""
    (view,) = queries.payment_requests(by=actor_of(employer))
    return view.standing, view.still_to_pay.cents


def test_after_a_part_payment_the_nota_and_the_reminder_ask_the_rest(
    supermarket: OrganisationView, now: datetime
) -> None:
    """Of 26.92 came 20.00, first waiting and then divided: 6.92 is asked either way."""
    bank, actor = Bank(), actor_of(supermarket)
    deliver(supermarket, "2026-P01", [worker(1), worker(2)], now)
    (request,) = requests_of(supermarket)
    assert still_to_pay(supermarket) == ("open", 26_92)
    bank.pay(request, now, cents=20_00)
    assert still_to_pay(supermarket) == ("part_paid", 6_92)
    treasury.release_pro_rata(reference=request.reference, by=SYSTEM, at=now)
    react(now)
    assert still_to_pay(supermarket) == ("part_paid", 6_92)
    operations.remind_overdue(by=SYSTEM, at=later(now, 20))
    assert actor.person_id
    (told,) = notices.inbox(actor.person_id)
    assert told.params["open_cents"] == 6_92
    bank.pay(request, later(now, 21), cents=6_92)
    assert still_to_pay(supermarket) == ("paid", 0)


def test_when_the_bank_took_back_one_of_two_payments_only_that_one_is_asked_again(
    supermarket: OrganisationView, now: datetime
) -> None:
    """20.00 and 6.92 paid the nota; the 6.92 went back."""
    bank = Bank(opening=100_00)
    deliver(supermarket, "2026-P01", [worker(1), worker(2)], now)
    (request,) = requests_of(supermarket)
    bank.pay(request, now, cents=20_00)
    bank.book(pays(6_92, reference=request.reference, end_to_end_id="E2"), at=now)
    assert still_to_pay(supermarket) == ("paid", 0)
    detail = Detail(reference=request.reference, end_to_end_id="E2", return_reason="MD06")
    back = Booking(-6_92, (detail,), code="PMNT-RCDT-RRTN", reversal=True)
    bank.book(back, at=later(now))
    assert still_to_pay(supermarket) == ("reopened", 6_92)
    bank.pay(request, later(now, 2), cents=6_92)
    assert still_to_pay(supermarket) == ("paid", 0)
    assert_books_hold(later(now, 2))


# Participation


def test_taking_part_asks_for_what_the_scheme_needs(now: datetime) -> None:
    make_law(ELECTROTECHNICAL)
    employer = make_organisation()
    base = {
        "employer_id": employer.id,
        "scheme": ELECTROTECHNICAL,
        "payer_id": employer.id,
        "starts_on": date(2026, 1, 1),
        "by": SYSTEM,
        "at": now,
    }
    fund = make_organisation(OrganisationKind.PAYER)
    for changes, code in (
        ({}, "receiver_missing"),
        ({"reverts_to": employer.id}, "receiver_is_employer"),
        ({"reverts_to": fund.id, "scheme": "nl/none"}, "not_in_force"),
        ({"reverts_to": fund.id, "employer_id": fund.id}, "unknown_employer"),
        ({"reverts_to": fund.id, "payment_term_days": 0}, "wrong_term"),
    ):
        with pytest.raises(DomainError) as refused:
            operations.join_scheme(**{**base, **changes})  # type: ignore[arg-type]
        assert refused.value.code == code
    first = operations.join_scheme(**base, reverts_to=fund.id)  # type: ignore[arg-type]
    assert operations.join_scheme(**base, reverts_to=fund.id) == first  # type: ignore[arg-type]
    with pytest.raises(operations.UnableToParticipate):
        operations.join_scheme(**{**base, "starts_on": date(2026, 6, 1)}, reverts_to=fund.id)  # type: ignore[arg-type]
    operations.leave_scheme(participation_id=first.id, ends_on=date(2026, 5, 31), by=SYSTEM, at=now)
    operations.join_scheme(**{**base, "starts_on": date(2026, 6, 1)}, reverts_to=fund.id)  # type: ignore[arg-type]
    with pytest.raises(NotPermitted):
        operations.join_scheme(**{**base, "by": actor_of(employer)})  # type: ignore[arg-type]


def test_the_requests_add_up_to_the_amounts_due(
    supermarket: OrganisationView, now: datetime
) -> None:
    for number in range(1, 5):
        deliver(supermarket, f"2026-P{number:02d}", [worker(one) for one in range(1, 8)], now)
    due = AmountDue.objects.aggregate(total=Sum("amount_cents"))["total"]
    assert sum(request.total_cents for request in requests_of(supermarket)) == due
