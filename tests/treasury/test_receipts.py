"""Money in: each cent goes where the reference says, and nowhere by guessing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest

from eigenwijs.audit import queries as audit
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.operations import UnableToDecide, UnableToExpectReceipt
from eigenwijs.treasury.types import EntryView
from tests.factories import treasury as make
from tests.factories.treasury import SYSTEM, Booking, Detail, StatementText, pays

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> UUID:
    return make.make_bank_account(opening=10_000)


def clearing(payer: UUID) -> int:
    return ledger.balance_of(AccountKind.PAYER_CLEARING, payer).posted.cents


def total(kind: AccountKind) -> int:
    return ledger.totals_by_kind()[kind].posted.cents


def state(reference: str) -> tuple[str, int, int]:
    receipt = queries.expected_receipt(reference)
    return receipt.state, receipt.received.cents, receipt.released.cents


def work_list() -> list[tuple[int, str]]:
    return [(entry.open.cents, entry.doubt) for entry in queries.unmatched_entries()]


def the_entry() -> EntryView:
    (entry,) = queries.unmatched_entries()
    return entry


def events(name: str) -> list[dict[str, object]]:
    return [dict(row.ids) for row in audit.events_without_reaction() if row.event == name]


def test_a_payment_of_the_exact_amount_is_placed_and_announced(bank: UUID, now: datetime) -> None:
    payer = new_id(now)
    reference = make.expect(12_345, payer=payer, at=now)
    make.load(StatementText([pays(12_345, f"Nota {reference}")], opening=10_000), at=now)
    assert state(reference) == ("paid", 12_345, 12_345)
    assert clearing(payer) == 12_345
    assert work_list() == []
    (event,) = events("receipt_matched")
    assert (event["cents"], event["complete"], event["reference"]) == (12_345, 1, reference)
    assert event["owner"] == str(queries.expected_receipt(reference).owner[1])
    make.assert_books_hold(now)


@pytest.mark.parametrize(
    "write",
    [
        lambda reference: pays(500, reference.lower()),
        lambda reference: pays(500, " ".join(reference)),
        lambda reference: pays(500, f"nota/{reference[:4]} {reference[4:8]}-{reference[8:]}. dank"),
        lambda reference: Booking(500, [Detail(reference=reference)]),
        lambda reference: Booking(500, [Detail(text=[f"ref {reference[:7]}", reference[7:]])]),
        lambda reference: pays(500, "", end_to_end_id=reference),
    ],
    ids=["lower case", "spaces", "in a sentence", "structured", "two lines", "end to end"],
)
def test_a_reference_is_found_however_it_is_written(
    bank: UUID, now: datetime, write: object
) -> None:
    reference = make.expect(500, at=now)
    make.load(StatementText([write(reference)], opening=10_000), at=now)  # type: ignore[operator]
    assert state(reference)[0] == "paid"


def test_one_payment_for_several_requests(bank: UUID, now: datetime) -> None:
    first, second = make.expect(1_000, at=now), make.expect(2_500, at=now)
    make.load(StatementText([pays(3_500, f"{first} en {second}")], opening=10_000), at=now)
    assert (state(first)[0], state(second)[0]) == ("paid", "paid")
    assert sorted(event["cents"] for event in events("receipt_matched")) == [1_000, 2_500]


def test_several_payments_for_one_request_are_credited_when_it_is_complete(
    bank: UUID, now: datetime
) -> None:
    reference = make.expect(1_000, at=now)
    statement = StatementText([pays(400, reference)], opening=10_000)
    make.load(statement, at=now)
    assert state(reference) == ("partly", 400, 0)
    assert events("receipt_matched") == []
    make.load(statement.then(pays(600, reference)), at=now)
    assert state(reference) == ("paid", 1_000, 1_000)
    assert [event["cents"] for event in events("receipt_matched")] == [1_000]


def test_too_little_credits_nothing_until_finance_releases_it(bank: UUID, now: datetime) -> None:
    payer = new_id(now)
    reference = make.expect(1_000, payer=payer, at=now)
    statement = StatementText([pays(400, reference)], opening=10_000)
    make.load(statement, at=now)
    assert clearing(payer) == 400
    assert operations.release_pro_rata(reference=reference, by=make.someone(), at=now) == Money(400)
    assert state(reference) == ("partly", 400, 400)
    with pytest.raises(UnableToExpectReceipt, match="klaar"):
        operations.release_pro_rata(reference=reference, by=make.someone(), at=now)
    make.load(statement.then(pays(600, reference)), at=now)
    assert [event["cents"] for event in events("receipt_matched")] == [400, 600]


def test_too_little_for_several_requests_is_not_guessed(bank: UUID, now: datetime) -> None:
    first, second = make.expect(1_000, at=now), make.expect(2_500, at=now)
    make.load(StatementText([pays(3_499, f"{first} {second}")], opening=10_000), at=now)
    assert work_list() == [(3_499, "too_little_for_several")]
    assert (state(first)[1], state(second)[1]) == (0, 0)
    assert total(AccountKind.UNMATCHED) == 3_499


def test_too_much_stays_in_clearing_as_the_payers_own(bank: UUID, now: datetime) -> None:
    payer = new_id(now)
    reference = make.expect(1_000, payer=payer, at=now)
    make.load(StatementText([pays(1_250, reference)], opening=10_000), at=now)
    assert state(reference) == ("paid", 1_000, 1_000)
    assert the_entry().held_for == payer
    assert work_list() == [(250, "surplus")]
    assert (clearing(payer), total(AccountKind.UNMATCHED)) == (1_250, 0)
    later = make.expect(250, payer=payer, at=now)
    operations.keep_surplus(entry_id=the_entry().id, by=make.someone(), at=now)
    (kept,) = queries.unmatched_entries(state="kept")
    operations.assign_entry(
        entry_id=kept.id, parts=[(later, Money(250))], by=make.someone(), at=now
    )
    assert state(later)[0] == "paid"
    assert queries.unmatched_entries(state="kept") == []
    assert clearing(payer) == 1_250
    make.assert_books_hold(now)


def test_a_second_payment_of_a_paid_request_is_all_surplus(bank: UUID, now: datetime) -> None:
    reference = make.expect(1_000, at=now)
    make.load(
        StatementText([pays(1_000, reference), pays(1_000, reference)], opening=10_000), at=now
    )
    assert work_list() == [(1_000, "surplus")]
    assert len(events("receipt_matched")) == 1


def test_a_surplus_of_two_payers_together_is_nobodys(bank: UUID, now: datetime) -> None:
    first, second = make.expect(1_000, at=now), make.expect(2_000, at=now)
    make.load(StatementText([pays(3_100, f"{first} {second}")], opening=10_000), at=now)
    assert (state(first)[0], state(second)[0]) == ("paid", "paid")
    assert the_entry().held_for is None
    assert total(AccountKind.UNMATCHED) == 100


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("bedankt voor alles", "no_reference"),
        ("nota RF18539007547034", "unknown_reference"),
    ],
)
def test_money_without_a_known_reference_waits_for_a_person(
    bank: UUID, now: datetime, text: str, doubt: str
) -> None:
    make.expect(700, at=now)
    make.load(StatementText([pays(700, text)], opening=10_000), at=now)
    assert work_list() == [(700, doubt)]
    assert total(AccountKind.UNMATCHED) == 700
    make.assert_books_hold(now)


def test_a_payment_for_a_withdrawn_request_waits_for_a_person(bank: UUID, now: datetime) -> None:
    reference = make.expect(700, at=now)
    operations.withdraw_expected_receipt(reference=reference, by=SYSTEM, at=now)
    make.load(StatementText([pays(700, reference)], opening=10_000), at=now)
    assert work_list() == [(700, "withdrawn")]


def test_a_request_on_which_money_came_in_cannot_be_withdrawn(bank: UUID, now: datetime) -> None:
    reference = make.expect(700, at=now)
    make.load(StatementText([pays(1, reference)], opening=10_000), at=now)
    with pytest.raises(UnableToExpectReceipt) as refused:
        operations.withdraw_expected_receipt(reference=reference, by=SYSTEM, at=now)
    assert refused.value.code == "money_received"


def test_a_payment_from_another_iban_is_placed_and_noted(bank: UUID, now: datetime) -> None:
    payer = new_id(now)
    first, second = (make.expect(700, payer=payer, at=now) for _ in range(2))
    statement = StatementText([pays(700, first)], opening=10_000)
    (usual,) = make.load(statement, at=now).imported
    other = statement.then(pays(700, second, iban=make.PAYEE_IBAN))
    (strange,) = make.load(other, at=now).imported
    assert [entry.other_iban for entry in queries.entries(usual.id)] == [False]
    assert [entry.other_iban for entry in queries.entries(strange.id)] == [True]
    assert state(second)[0] == "paid"


def test_a_request_that_comes_later_than_its_payment_can_be_matched_again(
    bank: UUID, now: datetime
) -> None:
    reference = make.make_reference()
    make.load(StatementText([pays(700, reference)], opening=10_000), at=now)
    assert not operations.match_again(entry_id=the_entry().id, by=make.someone(), at=now)
    make.expect(700, reference=reference, at=now)
    assert operations.match_again(entry_id=the_entry().id, by=make.someone(), at=now)
    assert (work_list(), state(reference)[0]) == ([], "paid")
    assert total(AccountKind.UNMATCHED) == 0
    make.assert_books_hold(now)


def test_interest_and_costs_of_the_bank_go_to_the_buffer(bank: UUID, now: datetime) -> None:
    make.load(
        StatementText(
            [
                Booking(325, code="ACMT-MCOP-INTR", details=()),
                Booking(-1_150, code="ACMT-MDOP-CHRG", details=()),
            ],
            opening=10_000,
        ),
        at=now,
    )
    assert work_list() == []
    assert total(AccountKind.BUFFER) == 10_000 + 325 - 1_150
    make.assert_books_hold(now)


def test_costs_above_the_buffer_wait_and_the_proof_names_the_gap(now: datetime) -> None:
    make.make_bank_account(opening=100)
    costs = Booking(-101, code="ACMT-MDOP-CHRG", details=())
    statement = StatementText([pays(900, "gift"), costs], opening=100)
    make.load(statement, at=now)
    assert work_list() == [(900, "no_reference"), (101, "not_enough")]
    (proof,) = queries.client_money_proofs()
    assert [(gap.code, gap.amount.cents) for gap in proof.gaps] == [("not_in_books", -101)]
    assert (proof.statement.cents, proof.bank.cents, proof.unexplained.cents) == (899, 1_000, 0)
    gift, cost = queries.unmatched_entries()
    operations.book_to_buffer(entry_id=gift.id, by=make.someone(), at=now)
    assert operations.match_again(entry_id=cost.id, by=make.someone(), at=now)
    assert work_list() == []
    assert total(AccountKind.BUFFER) == 100 + 900 - 101
    assert total(AccountKind.BANK) == 899


def test_money_out_that_nobody_ordered_is_a_named_gap_until_a_person_decides(
    bank: UUID, now: datetime
) -> None:
    make.load(StatementText([pays(-2_000, "incasso")], opening=10_000), at=now)
    assert work_list() == [(2_000, "unknown_debit")]
    assert total(AccountKind.BANK) == 10_000
    operations.book_to_buffer(entry_id=the_entry().id, by=make.someone(), at=now)
    assert (total(AccountKind.BANK), total(AccountKind.BUFFER)) == (8_000, 8_000)
    make.assert_books_hold(now)


def test_a_reversal_before_crediting_takes_what_waits_in_clearing(
    bank: UUID, now: datetime
) -> None:
    payer = new_id(now)
    reference = make.expect(1_000, payer=payer, at=now)
    paid = pays(400, reference, end_to_end_id="ABC-1")
    statement = StatementText([paid], opening=10_000)
    make.load(statement, at=now)
    back = Booking(-400, [Detail(end_to_end_id="ABC-1")], reversal=True)
    make.load(statement.then(back), at=now)
    assert (state(reference), clearing(payer)) == (("open", 0, 0), 0)
    assert total(AccountKind.BUFFER) == 10_000
    assert events("receipt_reversed") == []
    make.assert_books_hold(now)


def test_a_reversal_after_crediting_is_carried_by_the_buffer_until_it_is_paid_again(
    bank: UUID, now: datetime
) -> None:
    payer = new_id(now)
    reference = make.expect(1_000, payer=payer, at=now)
    statement = StatementText([pays(1_000, reference, end_to_end_id="ABC-1")], opening=10_000)
    make.load(statement, at=now)
    back = Booking(-1_000, [Detail(end_to_end_id="ABC-1", return_reason="AC04")])
    statement = statement.then(back)
    make.load(statement, at=now)
    assert state(reference) == ("open", 0, 1_000)
    assert (clearing(payer), total(AccountKind.BUFFER)) == (1_000, 9_000)
    (event,) = events("receipt_reversed")
    assert (event["cents"], event["buffer_cents"]) == (1_000, 1_000)
    make.load(statement.then(pays(1_000, reference)), at=now)
    assert state(reference) == ("paid", 1_000, 1_000)
    assert (clearing(payer), total(AccountKind.BUFFER)) == (1_000, 10_000)
    assert [event["cents"] for event in events("receipt_matched")] == [1_000, 0]
    make.assert_books_hold(now)


def test_a_reversal_may_stand_before_its_receipt_in_the_statement(
    bank: UUID, now: datetime
) -> None:
    statement = StatementText([pays(500, "van een ander")], opening=10_000)
    make.load(statement, at=now)
    reference = make.expect(500, at=now)
    back = Booking(-500, [Detail(end_to_end_id="ABC-1")], reversal=True)
    make.load(statement.then(back, pays(500, reference, end_to_end_id="ABC-1")), at=now)
    assert work_list() == [(500, "no_reference")]
    assert state(reference) == ("open", 0, 500)
    assert (total(AccountKind.UNMATCHED), total(AccountKind.BUFFER)) == (500, 9_500)
    make.assert_books_hold(now)


def test_a_reversal_that_fits_two_receipts_waits_for_a_person(bank: UUID, now: datetime) -> None:
    references = [make.expect(500, at=now) for _ in range(2)]
    statement = StatementText(
        [pays(500, reference, end_to_end_id="SAME") for reference in references], opening=10_000
    )
    (view,) = make.load(statement, at=now).imported
    back = Booking(-500, [Detail(end_to_end_id="SAME")], reversal=True)
    make.load(statement.then(back), at=now)
    assert work_list() == [(500, "reversal_unknown")]
    second = queries.entries(view.id)[1]
    operations.reverse_entry(
        entry_id=the_entry().id, original_id=second.id, by=make.someone(), at=now
    )
    assert [state(reference)[0] for reference in references] == ["paid", "open"]
    assert work_list() == []
    make.assert_books_hold(now)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (lambda one, two: [], "no_parts"),
        (lambda one, two: [(one, Money(0))], "wrong_amount"),
        (lambda one, two: [(one, Money(901))], "too_much"),
        (lambda one, two: [("RF18539007547034", Money(1))], "unknown_reference"),
        (lambda one, two: [(one, Money(1)), (one, Money(1))], "reference_twice"),
        (lambda one, two: [(one, Money(501))], "exceeds_reference"),
        (lambda one, two: [(two, Money(1))], "withdrawn_reference"),
    ],
)
def test_a_wrong_assignment_changes_nothing(
    bank: UUID, now: datetime, parts: object, code: str
) -> None:
    one, two = make.expect(500, at=now), make.expect(500, at=now)
    operations.withdraw_expected_receipt(reference=two, by=SYSTEM, at=now)
    make.load(StatementText([pays(900, "?")], opening=10_000), at=now)
    with pytest.raises(UnableToDecide) as refused:
        operations.assign_entry(
            entry_id=the_entry().id,
            parts=parts(one, two),  # type: ignore[operator]
            by=make.someone(),
            at=now,
        )
    assert refused.value.code == code
    assert (work_list(), state(one)[1]) == ([(900, "no_reference")], 0)


def test_money_is_assigned_in_parts_until_nothing_is_open(bank: UUID, now: datetime) -> None:
    one, two = make.expect(500, at=now), make.expect(500, at=now)
    make.load(StatementText([pays(900, "?")], opening=10_000), at=now)
    entry = the_entry().id
    operations.assign_entry(entry_id=entry, parts=[(one, Money(500))], by=make.someone(), at=now)
    assert work_list() == [(400, "no_reference")]
    operations.assign_entry(entry_id=entry, parts=[(two, Money(400))], by=make.someone(), at=now)
    assert (state(one)[0], state(two)[:2]) == ("paid", ("partly", 400))
    assert (work_list(), total(AccountKind.UNMATCHED)) == ([], 0)
    with pytest.raises(UnableToDecide, match="afgehandeld"):
        operations.book_to_buffer(entry_id=entry, by=make.someone(), at=now)
    make.assert_books_hold(now)


def test_a_payers_surplus_goes_to_no_other_payer_and_not_to_the_buffer(
    bank: UUID, now: datetime
) -> None:
    reference, other = make.expect(500, at=now), make.expect(500, at=now)
    make.load(StatementText([pays(900, reference)], opening=10_000), at=now)
    entry = the_entry().id
    with pytest.raises(UnableToDecide) as refused:
        operations.assign_entry(
            entry_id=entry, parts=[(other, Money(400))], by=make.someone(), at=now
        )
    assert refused.value.code == "other_payer"
    with pytest.raises(UnableToDecide) as refused:
        operations.book_to_buffer(entry_id=entry, by=make.someone(), at=now)
    assert refused.value.code == "payers_money"


def test_expecting_the_same_receipt_again_changes_nothing(now: datetime) -> None:
    reference, payer, owner = make.make_reference(), new_id(now), ("x.y", new_id(now))

    def expect(cents: int) -> UUID:
        return operations.expect_receipt(
            reference=reference,
            amount=Money(cents),
            payer_id=payer,
            due_on=now.date(),
            owner=owner,
            by=SYSTEM,
            at=now,
        )

    assert expect(100) == expect(100)
    with pytest.raises(UnableToExpectReceipt) as refused:
        expect(101)
    assert refused.value.code == "reference_reused"


@pytest.mark.parametrize(
    ("reference", "cents", "code"),
    [("RF00EW1", 100, "wrong_reference"), ("RF18539007547034", 0, "wrong_amount")],
)
def test_a_wrong_expected_receipt_is_refused(
    now: datetime, reference: str, cents: int, code: str
) -> None:
    with pytest.raises(UnableToExpectReceipt) as refused:
        make.expect(cents, reference=reference, at=now)
    assert refused.value.code == code
