"""Statements are imported once, in order, and whole; each bad one is refused with what to do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import Error, connection, transaction
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from eigenwijs.audit import queries as audit
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as books
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.models import BankStatement, Entry, ExpectedReceipt
from eigenwijs.treasury.operations import UnableToImportStatement
from tests.conftest import NOW
from tests.factories import treasury as make
from tests.factories.treasury import SYSTEM, Booking, Detail, StatementText, camt, pays

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> UUID:
    return make.make_bank_account()


def total(kind: AccountKind) -> int:
    return ledger.totals_by_kind()[kind].posted.cents


def faults(*statements: StatementText, content: bytes = b"") -> list[tuple[str, int | None]]:
    """The faults of a refused file, after checking that nothing was imported."""
    before = BankStatement.objects.count()
    with pytest.raises(UnableToImportStatement) as refused:
        operations.import_statement(
            content=content or camt(*statements), file_name="x.xml", by=SYSTEM, at=NOW
        )
    assert BankStatement.objects.count() == before
    assert all(str(fault) for fault in refused.value.faults)
    return [(fault.code, fault.line) for fault in refused.value.faults]


def test_wrong_iban(bank: UUID) -> None:
    assert faults(StatementText([pays(1)], iban=make.PAYER_IBAN)) == [("unknown_iban", 5)]


def test_gap_in_balances(bank: UUID) -> None:
    first = StatementText([pays(100)])
    make.load(first, at=NOW)
    missing = first.then(pays(50))
    assert faults(missing.then(pays(1))) == [("gap", 5)]
    make.load(missing, missing.then(pays(1)), at=NOW)
    make.assert_books_hold(NOW)


def test_the_first_statement_starts_at_the_opening_balance(bank: UUID) -> None:
    assert faults(StatementText([pays(1)], opening=5)) == [("gap", 5)]


def test_same_statement_twice(bank: UUID) -> None:
    statement = StatementText([pays(100)])
    first = make.load(statement, at=NOW)
    second = make.load(statement, at=NOW)
    assert [view.statement_id for view in first.imported] == [statement.id]
    assert (second.imported, second.repeated) == ((), (statement.id,))
    assert total(AccountKind.BANK) == 100


def test_same_statement_twice_in_one_file(bank: UUID) -> None:
    statement = StatementText([pays(100)])
    outcome = make.load(statement, statement, at=NOW)
    assert (len(outcome.imported), outcome.repeated) == (1, (statement.id,))
    assert total(AccountKind.BANK) == 100


def test_same_statement_in_the_other_version_is_the_same(bank: UUID) -> None:
    statement = StatementText([pays(100, "nota")])
    make.load(statement, at=NOW)
    outcome = operations.import_statement(
        content=camt(statement, version="02"), file_name="x.xml", by=SYSTEM, at=NOW
    )
    assert outcome.repeated == (statement.id,)


def test_changed_content_under_the_same_id(bank: UUID) -> None:
    statement = StatementText([pays(100)])
    make.load(statement, at=NOW)
    assert faults(replace(statement, bookings=[pays(60), pays(40)])) == [("changed_content", 5)]


def test_an_id_that_the_bank_uses_again_next_year(bank: UUID) -> None:
    first = StatementText([pays(100)], id="00001", on=date(2026, 1, 2))
    second = replace(first.then(pays(50), days=364), id="00001")
    make.load(first, at=NOW)
    assert [one.closing.cents for one in make.load(second, at=NOW).imported] == [150]
    assert make.load(first, second, at=NOW).repeated == ("00001", "00001")
    assert faults(replace(second, bookings=[pays(20), pays(30)])) == [("changed_content", 5)]


def test_a_statement_that_does_not_add_up(bank: UUID) -> None:
    assert faults(StatementText([pays(100)], closing=101)) == [("does_not_add_up", 5)]


def test_broken_xml(bank: UUID) -> None:
    assert faults(content=camt(StatementText([pays(1)]))[:-20]) == [("broken_xml", 12)]


def test_entity_bombs(bank: UUID) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n<x>&b;</x>'
    assert faults(content=bomb) == [("document_type", 1)]


def test_all_faults_of_all_statements_at_once(bank: UUID) -> None:
    first = StatementText([pays(100)])
    gap = StatementText([pays(1)], opening=90, closing=95, on=first.on + timedelta(days=1))
    found = faults(first, gap, StatementText(iban=make.PAYER_IBAN))
    assert sorted(code for code, _line in found) == ["does_not_add_up", "gap", "unknown_iban"]
    assert len({line for _code, line in found}) == 2


def test_one_bad_statement_keeps_the_good_ones_out(bank: UUID) -> None:
    reference = make.expect(100, at=NOW)
    first = StatementText([pays(100, reference)])
    faults(first, replace(first.then(pays(1)), opening=7))
    assert queries.expected_receipt(reference).state == "open"
    assert queries.statements() == []
    assert total(AccountKind.BANK) == 0


def test_a_file_with_the_newest_statement_first_is_imported_in_order(bank: UUID) -> None:
    first = StatementText([pays(100)])
    second = first.then(pays(-40))
    outcome = make.load(second, first, at=NOW)
    assert [view.statement_id for view in outcome.imported] == [first.id, second.id]


def test_statements_that_were_skipped_unseen_fit_in_together(bank: UUID) -> None:
    first = StatementText([pays(100)])
    down = first.then(pays(-30))
    up = down.then(pays(30))
    last = up.then(pays(5))
    make.load(first, last, at=NOW)
    assert faults(down) == [("no_room", 5)]
    make.load(down, up, at=NOW)
    assert [view.statement_id for view in queries.statements()] == [
        one.id for one in (last, up, down, first)
    ]
    assert queries.client_money_proofs()[0].statement_name == last.id
    make.assert_books_hold(NOW)


def test_a_statement_without_entries_moves_the_date(bank: UUID) -> None:
    first = StatementText([pays(100)])
    make.load(first, first.then(), at=NOW)
    (proof,) = queries.client_money_proofs()
    assert (proof.statement.cents, proof.holds) == (100, True)


def test_pending_entries_are_left_for_the_statement_that_books_them(bank: UUID) -> None:
    make.load(StatementText([pays(100), Booking(900, status="PDNG")]), at=NOW)
    assert [entry.amount.cents for entry in queries.unmatched_entries()] == [100]


def test_two_accounts_in_one_file_are_kept_apart(bank: UUID) -> None:
    make.make_bank_account(iban=make.PAYER_IBAN, opening=50)
    make.load(
        StatementText([pays(100)], id="1"),
        StatementText([pays(7)], opening=50, iban=make.PAYER_IBAN, id="1"),
        at=NOW,
    )
    assert {view.iban: view.closing.cents for view in queries.statements()} == {
        make.OWN_IBAN: 100,
        make.PAYER_IBAN: 57,
    }
    make.assert_books_hold(NOW)


def test_a_statement_is_never_changed_or_removed(bank: UUID) -> None:
    make.load(StatementText([pays(100)]), at=NOW)
    for change in (lambda rows: rows.update(closing_cents=1), lambda rows: rows.delete()):
        with pytest.raises(Error), transaction.atomic():
            change(BankStatement.objects.all())


def test_the_proof_names_a_statement_that_is_late(bank: UUID) -> None:
    make.load(StatementText([pays(100)]), at=NOW)
    assert queries.client_money_proofs()[0].gaps == ()
    later = NOW + timedelta(days=3)
    proof = operations.prove_client_money(bank_account_id=bank, by=SYSTEM, at=later)
    assert [gap.code for gap in proof.gaps] == ["statement_late"]
    assert proof.holds
    assert len(queries.client_money_proofs()) == 2


def test_the_proof_is_one_row_a_day(bank: UUID) -> None:
    make.load(StatementText([pays(100)]), at=NOW)
    operations.prove_client_money(bank_account_id=bank, by=SYSTEM, at=NOW + timedelta(hours=2))
    (proof,) = queries.client_money_proofs()
    assert proof.proven_at == NOW + timedelta(hours=2)


def test_the_proof_names_payments_that_are_on_their_way_for_too_long(bank: UUID) -> None:
    payer, payee = new_id(NOW), make.make_payee()
    reference = make.expect(500, payer=payer, at=NOW)
    make.load(StatementText([pays(500, reference)]), at=NOW)
    order = make.order(payee, make.owe(payee, 500, payer=payer, at=NOW), 500, at=NOW)
    make.release(make.make_batch(bank, order, at=NOW), at=NOW)
    proof = operations.prove_client_money(bank_account_id=bank, by=SYSTEM, at=NOW)
    assert (proof.bank.cents, proof.in_transit.cents, proof.gaps) == (0, 500, ())
    later = NOW + timedelta(days=4)
    proof = operations.prove_client_money(bank_account_id=bank, by=SYSTEM, at=later)
    assert [(gap.code, gap.amount.cents) for gap in proof.gaps] == [
        ("late_in_transit", 500),
        ("statement_late", 0),
    ]
    assert proof.holds


def test_the_number_of_queries_grows_with_entries_only_in_proportion(
    bank: UUID, django_assert_max_num_queries: object
) -> None:
    references = [make.expect(100, at=NOW) for _ in range(20)]
    statement = StatementText([pays(100, reference) for reference in references])
    with django_assert_max_num_queries(20 * 40 + 60):  # type: ignore[operator]
        make.load(statement, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_the_same_statement_uploaded_by_two_people_at_once(bank: UUID) -> None:
    references = [make.expect(100, at=NOW) for _ in range(5)]
    content = camt(StatementText([pays(100, reference) for reference in references]))
    outcomes: list[tuple[int, int]] = []
    start = threading.Barrier(4)

    def upload() -> None:
        start.wait()
        try:
            outcome = operations.import_statement(
                content=content, file_name="x.xml", by=make.someone(), at=NOW
            )
            outcomes.append((len(outcome.imported), len(outcome.repeated)))
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [(0, 1), (0, 1), (0, 1), (1, 0)]
    assert total(AccountKind.BANK) == 500
    assert {queries.expected_receipt(one).state for one in references} == {"paid"}
    make.assert_books_hold(NOW)


# Any sequence of statements. Requests: three of one payer, one of another; references are fixed.
REFERENCES = [make.make_reference(9_000_000 + number) for number in range(4)]
AMOUNTS = [1_000, 2_500, 300, 700]
PAYERS = [new_id(NOW)] * 3 + [new_id(NOW)]


@st.composite
def bookings(draw: st.DrawFn) -> Booking:
    """A payment with any amount and any of the requests named, costs, interest, or a reversal."""
    kind = draw(st.sampled_from(["in", "in", "in", "out", "costs", "interest", "back"]))
    cents = draw(st.sampled_from([*AMOUNTS, 1_500, 3_500]) | st.integers(1, 5_000))
    named = draw(st.lists(st.sampled_from(REFERENCES), max_size=3))
    identifier = draw(st.sampled_from(["", "E-1", "E-2"]))
    if kind == "in":
        return pays(cents, " ".join(named), end_to_end_id=identifier)
    if kind == "out":
        return pays(-cents, " ".join(named))
    if kind == "back":
        return Booking(
            -cents, [Detail(text=" ".join(named), end_to_end_id=identifier)], reversal=True
        )
    code = "ACMT-MDOP-CHRG" if kind == "costs" else "ACMT-MCOP-INTR"
    return Booking(-cents if kind == "costs" else cents, (), code=code)


@st.composite
def chains(draw: st.DrawFn) -> list[StatementText]:
    """Up to four statements that follow each other, in the one order that their balances allow.

    What comes back to an earlier balance can be skipped unseen: its successor fits before it, too.
    """
    chain: list[StatementText] = []
    balances = {100_000}
    last = StatementText(opening=100_000, id="chain-0", closing=100_000)
    for number in range(draw(st.integers(1, 4))):
        last = replace(last.then(*draw(st.lists(bookings(), max_size=5))), id=f"chain-{number}")
        assume(last.end not in balances or not last.bookings)
        balances.add(last.end)
        chain.append(last)
    return chain


def open_house() -> None:
    make.make_bank_account(opening=100_000)
    for reference, cents, payer in zip(REFERENCES, AMOUNTS, PAYERS, strict=True):
        make.expect(cents, reference=reference, payer=payer, at=NOW)


def world() -> tuple[object, ...]:
    """Everything that importing decides: books, requests, entries."""
    return (
        {kind: balance.posted.cents for kind, balance in ledger.totals_by_kind().items()},
        list(
            ExpectedReceipt.objects.order_by("reference").values_list(
                "reference", "state", "received_cents", "released_cents"
            )
        ),
        list(
            Entry.objects.order_by("statement__statement_id", "number", "part").values_list(
                "cents", "open_cents", "state", "doubt"
            )
        ),
    )


def import_in(order: Sequence[StatementText]) -> None:
    """Offer statements in this order, refused ones again later, until all are in."""
    waiting = list(order)
    while waiting:
        left = []
        for statement in waiting:
            try:
                make.load(statement, at=NOW)
            except UnableToImportStatement:
                left.append(statement)
        assert len(left) < len(waiting), "the next one of the chain always fits"
        waiting = left


class EveryHistory(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(chain=chains())
    def test_matching_never_creates_or_loses_a_cent(self, chain: list[StatementText]) -> None:
        open_house()
        make.load(*chain, at=NOW)
        make.assert_books_hold(NOW)
        outside = sum(
            entry.open.cents
            for state in ("open", "kept")
            for entry in queries.unmatched_entries(state=state)
            if not entry.in_books
        )
        assert total(AccountKind.BANK) - outside == chain[-1].end
        for reference, cents in zip(REFERENCES, AMOUNTS, strict=True):
            receipt = queries.expected_receipt(reference)
            assert 0 <= receipt.received.cents <= cents
            assert receipt.state != "paid" or receipt.released.cents == cents

    @settings(max_examples=15, deadline=None)
    @given(chain=chains(), data=st.data())
    def test_any_order_and_repetition_of_files_gives_the_same_state(
        self, chain: list[StatementText], data: st.DataObject
    ) -> None:
        mark = transaction.savepoint()
        open_house()
        for statement in chain:
            make.load(statement, at=NOW)
        straight = world()
        transaction.savepoint_rollback(mark)
        open_house()
        shuffled = data.draw(st.permutations(chain))
        again = data.draw(st.lists(st.sampled_from(chain), max_size=3))
        import_in([*shuffled, *again])
        assert world() == straight


def test_a_statement_of_a_closed_month_is_booked_on_the_first_open_day_and_names_the_month(
    bank: UUID,
) -> None:
    """€ 175.00 of 31 October comes in after October was closed: booked on 1 November."""
    closed = date(2026, 10, 31)
    books.begin_closing(until=closed, by=SYSTEM, at=NOW)
    make.load(StatementText([pays(17_500)], on=closed), at=NOW)
    (transfer,) = ledger.transfers_of(Money(17_500))
    assert transfer.occurred_on == date(2026, 11, 1)
    (row,) = audit.trail(action="treasury.post", subject=("ledger.group", transfer.group))
    assert row.ids["period"] == "2026-10"
    make.assert_books_hold(NOW)
