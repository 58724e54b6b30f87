"""Statements are read exactly, whatever the bank's habits; bad ones get a clear fault with its line."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest
from django.db.models import CharField
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.treasury import xml
from eigenwijs.treasury.camt import Line, Statement, read_statements
from eigenwijs.treasury.models import Entry
from tests.factories.treasury import (
    OWN_IBAN,
    PAYER_IBAN,
    Booking,
    Detail,
    StatementText,
    camt,
    pays,
)


def read(*statements: StatementText, version: str = "08") -> list[Statement]:
    found, faults = read_statements(camt(*statements, version=version))
    assert faults == []
    return found


def lines(*bookings: Booking, version: str = "08") -> list[Line]:
    (statement,) = read(StatementText(bookings), version=version)
    return list(statement.lines)


def faults(content: bytes) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.line) for fault in read_statements(content)[1]]


@pytest.mark.parametrize("version", ["02", "08"])
def test_both_versions_say_the_same(version: str) -> None:
    (line,) = lines(pays(12_345, "nota RF18", end_to_end_id="E-1"), version=version)
    assert line.cents == 12_345
    assert line.booked_on == date(2026, 11, 23)
    assert (line.counterparty_iban, line.counterparty_name) == (PAYER_IBAN, "Voorbeeld BV")
    assert (line.remittance, line.end_to_end_id, line.bank_code) == (
        "nota RF18",
        "E-1",
        "PMNT-RCDT-ESCT",
    )


def test_versions_have_the_same_digest() -> None:
    text = StatementText([pays(100, "a"), Booking(-50, reversal=True)], opening=70, id="x")
    assert read(text, version="02")[0].digest == read(text, version="08")[0].digest


def test_several_statements_and_accounts_in_one_file() -> None:
    first = StatementText([pays(100)])
    found = read(first, first.then(pays(-30)), StatementText(iban=PAYER_IBAN))
    assert [(one.iban, one.opening_cents, one.closing_cents) for one in found] == [
        (OWN_IBAN, 0, 100),
        (OWN_IBAN, 100, 70),
        (PAYER_IBAN, 0, 0),
    ]


def test_a_statement_without_entries() -> None:
    (statement,) = read(StatementText(opening=500))
    assert (statement.lines, statement.opening_cents, statement.closing_cents) == ((), 500, 500)


def test_an_overdrawn_balance_is_below_zero() -> None:
    (statement,) = read(StatementText([pays(-100)], opening=40))
    assert statement.closing_cents == -60


def test_the_previous_closing_balance_serves_as_opening() -> None:
    (statement,) = read(StatementText([pays(5)], opening=10, opening_code="PRCD"))
    assert (statement.opening_cents, statement.closing_cents) == (10, 15)


def test_only_booked_entries_count() -> None:
    found = lines(pays(100), Booking(999, status="PDNG"), Booking(888, status="INFO"))
    assert [(line.entry, line.cents) for line in found] == [(1, 100)]


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_batch_with_details_is_a_line_a_payment(version: str) -> None:
    batch = Booking(-300, [Detail(100, end_to_end_id="a"), Detail(200, end_to_end_id="b")])
    assert [
        (line.part, line.cents, line.end_to_end_id) for line in lines(batch, version=version)
    ] == [
        (1, -100, "a"),
        (2, -200, "b"),
    ]


def test_a_batch_without_details_is_one_line_with_its_identifier() -> None:
    (line,) = lines(Booking(-300, (), batch="BATCH-1"))
    assert (line.cents, line.payment_information_id, line.end_to_end_id) == (-300, "BATCH-1", "")


@pytest.mark.parametrize(
    "details",
    [[Detail(100, "a"), Detail(201, "b")], [Detail(None, "a"), Detail(300, "b")]],
    ids=["details add up to another amount", "a detail has no amount"],
)
def test_details_that_do_not_add_up_stay_one_line_with_all_texts(details: list[Detail]) -> None:
    (line,) = lines(Booking(300, details))
    assert (line.cents, line.remittance) == (300, "a b")


def test_references_in_structured_and_free_text() -> None:
    (line,) = lines(Booking(1, [Detail(reference="RF18539007547034", text=["een", "twee"])]))
    assert line.references == ("RF18539007547034",)
    assert line.remittance == "een twee"


def test_reversals_and_returns_are_marked() -> None:
    reversal, returned = lines(
        Booking(-100, reversal=True), Booking(100, [Detail(return_reason="AC04")])
    )
    assert (reversal.is_reversal, reversal.return_reason) == (True, "")
    assert (returned.is_reversal, returned.return_reason) == (False, "AC04")


def test_our_own_account_is_never_the_other_side() -> None:
    (line,) = lines(Booking(100, [Detail(iban=OWN_IBAN)]))
    assert line.counterparty_iban == ""


def test_a_placeholder_is_no_identifier() -> None:
    (line,) = lines(pays(100, end_to_end_id="NOTPROVIDED"))
    assert line.end_to_end_id == ""


@given(cents=st.integers(1, 10**15), version=st.sampled_from(["02", "08"]))
def test_amounts_are_exact_to_the_cent(cents: int, version: str) -> None:
    (statement,) = read(StatementText([pays(cents), pays(-cents)], opening=7), version=version)
    assert [line.cents for line in statement.lines] == [cents, -cents]
    assert statement.booked_cents == 0


@pytest.mark.parametrize(
    ("written", "cents"), [("12", 1200), ("12.5", 1250), ("12.50", 1250), ("12.50000", 1250)]
)
def test_amounts_with_fewer_or_more_decimals(written: str, cents: int) -> None:
    content = camt(StatementText([pays(1)])).replace(b'">0.01<', f'">{written}<'.encode())
    found, wrong = read_statements(content)
    assert wrong == []
    assert found[0].lines[0].cents == cents


@pytest.mark.parametrize("written", ["12,50", "12.505", "-1.00", "1e3", "", "€ 1", "1.234.567"])
def test_what_is_not_an_amount_is_a_fault_with_its_line(written: str) -> None:
    content = camt(StatementText([pays(1)])).replace(b'">0.01<', f'">{written}<'.encode())
    assert ("wrong_amount", 8) in faults(content)


def test_broken_xml() -> None:
    content = camt(StatementText([pays(1)])).replace(b"</Ntry>", b"</Ntri>")
    assert faults(content) == [("broken_xml", 10)]
    assert faults(b"") == [("broken_xml", 1)]
    assert faults(b"datum;bedrag\n1;2\n") == [("broken_xml", 1)]


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><x>&d;</x></Document>"""
READS_A_FILE = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><x>&file;</x></Document>"""


@pytest.mark.parametrize("content", [BOMB, READS_A_FILE, BOMB.replace(b"DOCTYPE", b"doctype")])
def test_entity_bombs(content: bytes) -> None:
    assert faults(content) == [("document_type", 2)]


def test_an_entity_bomb_in_another_encoding_is_refused_too() -> None:
    assert faults(BOMB.decode().encode("utf-16"))[0][0] == "not_utf8"
    disguised = BOMB.replace(b'version="1.0"', b'version="1.0" encoding="UTF-16"')
    assert faults(disguised) == [("document_type", 2)]


def test_a_declared_encoding_other_than_utf_8_changes_nothing() -> None:
    content = camt(StatementText([pays(1, "café")])).replace(b"UTF-8", b"ISO-8859-1")
    assert read_statements(content)[0][0].lines[0].remittance == "café"


def test_not_utf_8() -> None:
    content = camt(StatementText([pays(1, "café")])).replace("é".encode(), b"\xe9")
    assert faults(content) == [("not_utf8", 10)]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_statements(b"\xef\xbb\xbf" + camt(StatementText()))[1] == []


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_BYTES", 1_000)
    assert faults(b"<a>" + b" " * 1_000 + b"</a>") == [("too_large", None)]


def test_another_message_is_named_with_what_to_choose() -> None:
    content = camt(StatementText(), version="08").replace(b"camt.053.001.08", b"camt.052.001.08")
    (fault,) = read_statements(content)[1]
    assert fault.code == "wrong_message"
    assert "camt.053.001.08" in str(fault)


def test_a_file_without_a_statement() -> None:
    content = b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt/></Document>'
    assert faults(content) == [("no_statement", 1)]


def test_all_faults_at_once_each_with_its_line() -> None:
    content = (
        camt(StatementText([pays(1), pays(2), pays(3)]))
        .replace(b">0.01<", b">x<")
        .replace(b"2026-11-23</Dt></BookgDt>", b"2026-02-31</Dt></BookgDt>")
        .replace(b'"EUR">0.03', b'"USD">0.03')
        .replace(b"CLBD", b"XXXX")
    )
    assert faults(content) == [
        ("no_balance", 5),
        ("wrong_amount", 10),
        ("wrong_date", 10),
        ("wrong_date", 11),
        ("wrong_currency", 12),
        ("wrong_date", 12),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (OWN_IBAN.encode(), b"NL00ABNA0417164300", "no_iban"),
        (b"OPBD", b"ITBD", "no_balance"),
        (b"<CdtDbtInd>CRDT</CdtDbtInd><Sts>", b"<Sts>", "no_direction"),
        (b"BOOK", b"WHAT", "unknown_status"),
        (b"<Stmt><Id>x</Id>", b"<Stmt>", "no_statement_id"),
    ],
)
def test_what_is_missing_is_named(old: bytes, new: bytes, code: str) -> None:
    content = camt(StatementText([pays(1)], id="x"))
    assert old in content
    assert code in [fault for fault, _line in faults(content.replace(old, new))]


LONG = "X" * 200
COLUMNS = {
    field.name: field.max_length
    for field in Entry._meta.concrete_fields
    if isinstance(field, CharField) and field.name in {one.name for one in fields(Line)}
}
"""The columns that take text from a statement, with their room."""
ONLY_SHOWN = {"counterparty_name"}
CANNOT_BE_LONG = {"counterparty_iban"}


def long_value(column: str) -> Booking:
    """An entry with a value for a column that is longer than any column."""
    return {
        "bank_code": Booking(100, code=f"PMNT-RCDT-{LONG}"),
        "return_reason": Booking(100, [Detail(return_reason=LONG)]),
        "bank_reference": Booking(100, bank_reference=LONG),
        "end_to_end_id": Booking(100, [Detail(end_to_end_id=LONG)]),
        "payment_information_id": Booking(100, batch=LONG),
        "counterparty_name": Booking(100, [Detail(name=LONG)]),
        "counterparty_iban": Booking(100, [Detail(iban=LONG)]),
    }[column]


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_a_value_that_is_longer_than_its_column_is_a_fault_or_cut(column: str) -> None:
    found, wrong = read_statements(camt(StatementText([long_value(column)])))
    if column in ONLY_SHOWN | CANNOT_BE_LONG:
        (line,) = found[0].lines
        assert len(getattr(line, column)) == (COLUMNS[column] if column in ONLY_SHOWN else 0)
        return
    (fault,) = wrong
    assert (fault.code, fault.line) == ("too_long", 10)
    assert str(COLUMNS[column]) in str(fault)


def test_a_statement_id_that_is_too_long_is_a_fault() -> None:
    assert faults(camt(StatementText(id="X" * 36))) == [("too_long", 5)]
    assert faults(camt(StatementText(id="X" * 35))) == []


@given(st.binary(max_size=300))
def test_no_content_whatever_makes_the_reader_fall_over(content: bytes) -> None:
    read_statements(content)


@given(st.data())
def test_no_damage_to_a_real_file_makes_the_reader_fall_over(data: st.DataObject) -> None:
    content = bytearray(camt(StatementText([pays(100, "nota")], id="x")))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    read_statements(bytes(content))
