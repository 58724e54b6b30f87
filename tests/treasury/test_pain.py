"""Payment files are valid by the schema of the standard and say exactly what we meant."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from eigenwijs.treasury.pain import (
    Payment,
    PaymentFile,
    bank_text,
    check_schema,
    read_refusals,
    write_payments,
)
from tests.factories.treasury import OWN_IBAN, PAYEE_IBAN, status_report

NAMES = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def payment(number: int = 1, *, cents: int = 12_345, name: str = "Opleider BV") -> Payment:
    return Payment(f"E2E{number}", cents, PAYEE_IBAN, name, "Cursus 1")


def file(*payments: Payment, bic: str = "ABNANL2A", name: str = "Stichting") -> PaymentFile:
    return PaymentFile(
        identifier="BATCH1",
        made_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        execute_on=date(2026, 11, 24),
        debtor_name=name,
        debtor_iban=OWN_IBAN,
        debtor_bic=bic,
        payments=payments,
    )


def texts(content: bytes, path: str) -> list[str]:
    found = etree.fromstring(content).xpath(f"//p:{path.replace('/', '/p:')}", namespaces=NAMES)
    return [element.text for element in found]


def test_a_file_is_valid_and_one_batch_booking() -> None:
    content = write_payments(file(payment(1), payment(2, cents=55)))
    check_schema(content)
    assert texts(content, "BtchBookg") == ["true"]
    assert texts(content, "MsgId") == texts(content, "PmtInfId") == ["BATCH1"]
    assert texts(content, "NbOfTxs") == ["2", "2"]
    assert texts(content, "CtrlSum") == ["124.00", "124.00"]
    assert texts(content, "EndToEndId") == ["E2E1", "E2E2"]
    assert texts(content, "InstdAmt") == ["123.45", "0.55"]
    assert texts(content, "ReqdExctnDt/Dt") == ["2026-11-24"]


def test_there_are_no_postal_addresses_in_the_file() -> None:
    content = write_payments(file(payment()))
    assert b"PstlAdr" not in content
    assert b"AdrLine" not in content


def test_without_a_bic_the_bank_is_found_by_iban() -> None:
    content = write_payments(file(payment(), bic=""))
    assert texts(content, "DbtrAgt/FinInstnId/Othr/Id") == ["NOTPROVIDED"]


@given(
    st.lists(
        st.tuples(st.integers(1, 10**11), st.text(min_size=1, max_size=80)), min_size=1, max_size=5
    )
)
def test_whatever_is_paid_the_file_is_valid_and_reads_back(paid: list[tuple[int, str]]) -> None:
    payments = [
        payment(number, cents=cents, name=f"X{name}") for number, (cents, name) in enumerate(paid)
    ]
    content = write_payments(file(*payments))
    check_schema(content)
    cents = [int(text.replace(".", "")) for text in texts(content, "InstdAmt")]
    assert cents == [one.cents for one in payments]
    assert texts(content, "CtrlSum")[0].replace(".", "").lstrip("0") == str(sum(cents))
    assert texts(content, "CdtrAcct/Id/IBAN") == [PAYEE_IBAN] * len(payments)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Café Zoë & Søn", "Cafe Zoe + Son"),
        ("Straße “Łódź”", "Strasse Lodz"),
        ("漢字 Academie", "Academie"),
        ("//weg/", "weg"),
        ("a  b\nc", "a b c"),
        ("漢字", ""),
    ],
)
def test_names_are_written_in_the_banks_alphabet(written: str, printed: str) -> None:
    assert bank_text(written, 70) == printed


@given(st.text(max_size=300))
def test_text_for_the_bank_is_short_and_in_its_alphabet(text: str) -> None:
    printed = bank_text(text, 70)
    assert len(printed) <= 70
    assert set(printed) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "
    )
    assert not printed.startswith("/")
    assert "//" not in printed


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: file(payment(name="漢字")),
        lambda: file(payment(cents=0)),
        file,
        lambda: file(Payment("E" * 36, 1, PAYEE_IBAN, "x", "x")),
        lambda: file(Payment("E", 1, "geen iban", "x", "x")),
    ],
    ids=["no name", "no amount", "no payments", "long identifier", "no iban"],
)
def test_a_file_that_the_bank_would_refuse_is_never_written(wrong: object) -> None:
    with pytest.raises(ValueError):
        write_payments(wrong())  # type: ignore[operator]


def refused(content: bytes) -> list[tuple[str, str, str]]:
    _message_id, refusals, faults = read_refusals(content)
    assert faults == []
    return [(one.level, one.identifier, one.reason) for one in refusals]


def test_a_refused_file_is_one_refusal() -> None:
    assert refused(status_report("M", file_status="RJCT")) == [("file", "M", "AM04")]


def test_a_reason_that_is_longer_than_its_column_is_a_fault_with_its_line() -> None:
    for long in (
        status_report("M", file_status="RJCT", reason="X" * 36),
        status_report("M", batch_status="RJCT", reason="X" * 36),
        status_report("M", orders={"a": "RJCT"}, reason="X" * 36),
    ):
        (fault,) = read_refusals(long)[2]
        assert (fault.code, fault.field_name) == ("too_long", "StsRsnInf/Rsn")
        assert fault.line
    assert refused(status_report("M", file_status="RJCT", reason="X" * 35))


def test_a_refused_batch_is_one_refusal() -> None:
    assert refused(status_report("M", batch_status="RJCT")) == [("batch", "M", "AM04")]


def test_each_refused_order_is_a_refusal() -> None:
    content = status_report(
        "M", file_status="PART", orders={"a": "RJCT", "b": "ACSC", "c": "RJCT"}, reason="AC01"
    )
    assert refused(content) == [("order", "a", "AC01"), ("order", "c", "AC01")]


@pytest.mark.parametrize("status", ["ACCP", "ACSC", "ACSP", "ACTC", "ACWC", "PDNG", "RCVD", "PART"])
def test_an_answer_without_refusal_refuses_nothing(status: str) -> None:
    assert refused(status_report("M", file_status=status, batch_status=status)) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"pain.002.001.10", b"pain.002.001.03", "wrong_message"),
        (b"<OrgnlMsgId>M</OrgnlMsgId>", b"", "no_original"),
        (b"<OrgnlEndToEndId>a</OrgnlEndToEndId>", b"", "no_original"),
        (b"</Document>", b"", "broken_xml"),
    ],
)
def test_a_wrong_answer_is_a_fault(old: bytes, new: bytes, code: str) -> None:
    content = status_report("M", orders={"a": "RJCT"})
    assert old in content
    assert [fault.code for fault in read_refusals(content.replace(old, new))[2]] == [code]
