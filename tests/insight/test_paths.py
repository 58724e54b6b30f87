"""The way of a euro: from whatever end somebody starts, the same steps, to the cent, and no name."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from eigenwijs.insight import queries
from eigenwijs.insight.types import GroupPath, Path
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.pseudonyms import pseudonym
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, Phase
from eigenwijs.treasury import queries as treasury
from tests.factories.travel import PLANTED, Travel, make_travel

pytestmark = pytest.mark.django_db


@pytest.fixture
def travel(settings: object) -> Travel:
    settings.DEMO = True  # type: ignore[attr-defined]
    return make_travel()


def of_booking(travel: Travel) -> GroupPath:
    found = queries.group_path(travel.booking.id)
    assert found
    return found


def assert_whole(path: Path) -> None:
    """13.46 and 10.26 came in, 20.00 went out: every step is there."""
    assert [str(one.period) for one in path.deliveries] == ["2026-P01"]
    assert sorted(due.amount.cents for due in path.dues) == [10_26, 13_46]
    assert sorted(one.to_pay.cents for one in path.requests) == [10_26, 13_46]
    assert sorted(one.amount.cents for one in path.receipts) == [10_26, 13_46]
    assert sorted(one.amount.cents for one in path.credited) == [10_26, 13_46]
    (booking,) = path.bookings
    assert sum(part.spent.cents for part in booking.parts) == 20_00
    assert len(booking.parts) == 2
    assert [one.amount for one in path.orders] == [Money(20_00)]
    assert [one.total for one in path.batches] == [Money(20_00)]
    assert [one.amount for one in path.payments] == [Money(-20_00)]
    assert not path.is_cut


def test_a_booking_shows_where_its_money_came_from_and_went(travel: Travel) -> None:
    found = of_booking(travel)
    assert_whole(found.path)
    assert {line.phase for line in found.lines} >= {Phase.PENDING, Phase.POST}
    assert {line.debit.kind for line in found.lines} == {AccountKind.POT}
    assert {line.debit.holder for line in found.lines} == {pseudonym(travel.worker.id)}
    assert {line.debit.payer for line in found.lines} >= {"Fonds Zonnig"}


def test_each_due_has_its_reason(travel: Travel) -> None:
    for due in of_booking(travel).path.dues:
        assert due.person == pseudonym(travel.worker.id)
        assert due.employment == pseudonym(travel.employment, "E")
        assert due.facts["contract_hours_week"] == "20"
        assert due.steps
        assert due.article
        assert len(due.version_hash) == 64


def test_the_settling_statement_leads_back_to_the_payroll(travel: Travel) -> None:
    (payment,) = of_booking(travel).path.payments
    found = queries.group_path(payment.parts[0].group)
    assert found
    assert {line.kind for line in found.lines} == {"order_settled"}
    assert_whole(found.path)


def test_the_released_batch_leads_back_to_the_payroll(travel: Travel) -> None:
    found = queries.group_path(treasury.batch(travel.batch).group)
    assert found
    assert [(line.kind, line.amount) for line in found.lines] == [("order_released", Money(20_00))]
    assert_whole(found.path)
    (batch,) = found.path.batches
    assert batch.made_by != batch.released_by


def test_a_payment_request_leads_to_the_account_and_what_it_paid_for(travel: Travel) -> None:
    for reference in travel.references:
        path = queries.request_path(reference)
        assert path
        assert [one.reference for one in path.requests] == [reference]
        assert path.due_count == len(path.dues) == len(path.credited) == 1
        assert [part.reference for part in path.receipts[0].parts] == [reference]


def test_one_credit_leads_both_ways(travel: Travel) -> None:
    credit = of_booking(travel).path.credited[0]
    found = queries.group_path(credit.group, transfer=credit.key)
    assert found
    assert [line.key for line in found.lines] == [credit.key]
    path = found.path
    assert [due.amount for due in path.dues] == [credit.amount]
    assert len(path.requests) == len(path.receipts) == 1
    assert [one.number for one in path.bookings] == [travel.booking.number]
    assert [one.amount for one in path.payments] == [Money(-20_00)]


def test_a_receipt_on_a_statement_leads_to_its_request_and_credit(travel: Travel) -> None:
    receipt = of_booking(travel).path.receipts[0]
    found = queries.group_path(receipt.parts[0].group)
    assert found
    assert {line.kind for line in found.lines} == {"receipt"}
    assert [one.reference for one in found.path.requests] == [receipt.parts[0].reference]
    assert [one.amount for one in found.path.credited] == [receipt.amount]


def test_every_group_of_the_books_has_a_path(travel: Travel) -> None:
    groups = ledger.groups()
    assert len(groups) >= 7
    for group in groups:
        assert queries.group_path(group)


def test_no_path_holds_a_name_or_an_id_of_a_person(travel: Travel) -> None:
    texts = [
        str(asdict(found)) for group in ledger.groups() if (found := queries.group_path(group))
    ]
    texts += [str(asdict(path)) for one in travel.references if (path := queries.request_path(one))]
    for forbidden in (*PLANTED, str(travel.worker.id), str(travel.employment)):
        assert not any(forbidden in text for text in texts), forbidden


def test_whatever_somebody_has_in_hand_finds_its_money(travel: Travel) -> None:
    found = of_booking(travel)
    (order,) = found.path.orders
    assert queries.find(travel.booking.number) == queries.find(order.reference)
    for text in (str(order.id), order.id.hex, str(travel.booking.id)):
        assert queries.find(text) == queries.find(travel.booking.number)
    first = found.lines[0]
    in_hand = queries.find(str(first.key))
    assert in_hand
    assert (in_hand.group, in_hand.transfer) == (travel.booking.id, first.key)
    spaced = f" {travel.references[0][:4].lower()} {travel.references[0][4:]} "
    by_reference = queries.find(spaced)
    assert by_reference
    assert by_reference.reference == travel.references[0]
    batch = queries.find(str(travel.batch))
    assert batch
    assert batch.group == treasury.batch(travel.batch).group
    for absent in ("", "RF00", "ABCD-EF01", "0" * 32, "x"):
        assert queries.find(absent) is None


def test_an_amount_finds_its_transfers(travel: Travel) -> None:
    assert {line.kind for line in queries.transfers_of(Money(13_46))} >= {"receipt", "credit"}
    assert not queries.transfers_of(Money(13_47))


def test_much_money_is_followed_for_one_line_at_a_time(settings: object) -> None:
    """A payment for seven people shows seven amounts, and no booking until one line is chosen."""
    from tests.factories import contributions as made

    settings.DEMO = True  # type: ignore[attr-defined]
    made.make_law(made.SUPERMARKET)
    employer = made.make_participant(made.SUPERMARKET)
    bank = made.Bank()
    at = made.later(made.LONG_AGO, 2500)
    made.deliver(employer, "2026-P01", [made.worker(number) for number in range(1, 8)], at)
    (request,) = made.requests_of(employer)
    bank.pay(request, at)
    path = queries.request_path(request.reference, limit=5)
    assert path
    assert (path.due_count, len(path.dues), len(path.credited)) == (7, 5, 5)
    whole = queries.group_path(path.credited[0].group)
    assert whole
    assert (whole.line_count, len(whole.lines), whole.path.is_cut) == (7, 7, True)
    page = queries.group_path(path.credited[0].group, offset=5, limit=5)
    assert page
    assert (page.line_count, len(page.lines)) == (7, 2)
