"""The demonstration's bank: it writes statements (camt.053.001.08) of what the story says was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

from eigenwijs.kernel.money import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@dataclass(frozen=True)
class Paid:
    """One entry of a statement. With `batch` it is one of our payment batches, booked in one sum."""

    amount: Money
    incoming: bool
    name: str = ""
    iban: str = ""
    text: str = ""
    batch: str = ""
    transactions: int = 1


def statement(
    *, iban: str, number: int, day: date, opening: Money, entries: Sequence[Paid]
) -> tuple[bytes, Money]:
    """Write the statement of one day; return the file and the closing balance."""
    closing = opening
    for entry in entries:
        closing = closing + entry.amount if entry.incoming else closing - entry.amount
    document = ElementTree.Element("Document", xmlns=NAMESPACE)
    root = ElementTree.SubElement(document, "BkToCstmrStmt")
    header = ElementTree.SubElement(root, "GrpHdr")
    _text(header, "MsgId", f"DEMO-{number}")
    _text(header, "CreDtTm", f"{day}T21:00:00+01:00")
    body = ElementTree.SubElement(root, "Stmt")
    _text(body, "Id", f"DEMO-{number}")
    _text(body, "ElctrncSeqNb", str(number))
    _text(body, "CreDtTm", f"{day}T21:00:00+01:00")
    account = ElementTree.SubElement(body, "Acct")
    _text(ElementTree.SubElement(account, "Id"), "IBAN", iban)
    _text(account, "Ccy", "EUR")
    _balance(body, "OPBD", opening, day)
    _balance(body, "CLBD", closing, day)
    for position, entry in enumerate(entries, start=1):
        _entry(body, entry, f"{number}-{position}", day)
    ElementTree.indent(document)
    return ElementTree.tostring(document, encoding="utf-8", xml_declaration=True), closing


def _text(parent: ElementTree.Element, tag: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, tag)
    element.text = text
    return element


def _amount(parent: ElementTree.Element, amount: Money) -> None:
    _text(parent, "Amt", f"{amount.cents // 100}.{amount.cents % 100:02d}").set(
        "Ccy", amount.currency
    )


def _balance(body: ElementTree.Element, code: str, amount: Money, day: date) -> None:
    balance = ElementTree.SubElement(body, "Bal")
    _text(ElementTree.SubElement(ElementTree.SubElement(balance, "Tp"), "CdOrPrtry"), "Cd", code)
    _amount(balance, amount)
    _text(balance, "CdtDbtInd", "CRDT")
    _text(ElementTree.SubElement(balance, "Dt"), "Dt", str(day))


def _entry(body: ElementTree.Element, paid: Paid, reference: str, day: date) -> None:
    entry = ElementTree.SubElement(body, "Ntry")
    _text(entry, "NtryRef", reference)
    _amount(entry, paid.amount)
    direction = "CRDT" if paid.incoming else "DBIT"
    _text(entry, "CdtDbtInd", direction)
    _text(ElementTree.SubElement(entry, "Sts"), "Cd", "BOOK")
    _text(ElementTree.SubElement(entry, "BookgDt"), "Dt", str(day))
    _text(ElementTree.SubElement(entry, "ValDt"), "Dt", str(day))
    _text(entry, "AcctSvcrRef", f"DEMO{reference}")
    domain = ElementTree.SubElement(ElementTree.SubElement(entry, "BkTxCd"), "Domn")
    _text(domain, "Cd", "PMNT")
    family = ElementTree.SubElement(domain, "Fmly")
    _text(family, "Cd", "RCDT" if paid.incoming else "ICDT")
    _text(family, "SubFmlyCd", "ESCT")
    details = ElementTree.SubElement(entry, "NtryDtls")
    if paid.batch:
        batch = ElementTree.SubElement(details, "Btch")
        _text(batch, "PmtInfId", paid.batch)
        _text(batch, "NbOfTxs", str(paid.transactions))
        return
    transaction = ElementTree.SubElement(details, "TxDtls")
    _text(ElementTree.SubElement(transaction, "Refs"), "EndToEndId", "NOTPROVIDED")
    _amount(transaction, paid.amount)
    _text(transaction, "CdtDbtInd", direction)
    parties = ElementTree.SubElement(transaction, "RltdPties")
    _text(ElementTree.SubElement(ElementTree.SubElement(parties, "Dbtr"), "Pty"), "Nm", paid.name)
    _text(
        ElementTree.SubElement(ElementTree.SubElement(parties, "DbtrAcct"), "Id"), "IBAN", paid.iban
    )
    _text(ElementTree.SubElement(transaction, "RmtInf"), "Ustrd", paid.text)
