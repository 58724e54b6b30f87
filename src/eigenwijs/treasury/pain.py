"""Payment files to the bank (pain.001.001.09) and its answer to them (pain.002.001.10), ISO 20022.

Written after the SEPA credit transfer rules: names and texts in the basic Latin character set,
identifiers of at most 35 characters, no postal addresses (so no unstructured ones either, which
the banks refuse from November 2026), one batch booking.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from django.utils.translation import gettext_lazy as _
from lxml import etree

from eigenwijs.kernel.clock import AMSTERDAM
from eigenwijs.kernel.errors import Fault
from eigenwijs.treasury.xml import line_of, read_document, text_at, too_long

PAYMENT = "pain.001.001.09"
STATUS = "pain.002.001.10"
REJECTED = "RJCT"
_LONGEST_REASON = 35

_ALLOWED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_LOOKALIKES = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
    | {"đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i", "&": "+", "’": "'", "–": "-", "_": "-"}
)


@dataclass(frozen=True, slots=True)
class Payment:
    """One credit transfer: to whom, how much (cents, above zero), and what it is for."""

    end_to_end_id: str
    cents: int
    iban: str
    name: str
    remittance: str


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """One batch from one account. `identifier` is both message id and payment information id."""

    identifier: str
    made_at: datetime
    execute_on: date
    debtor_name: str
    debtor_iban: str
    debtor_bic: str
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the bank refuses: a whole file, a whole batch or one order, and why (ISO code)."""

    level: str
    identifier: str
    reason: str
    file_line: int


def bank_text(text: str, length: int) -> str:
    """Return `text` in the characters every SEPA bank accepts, at most `length` of them.

    Accents are dropped, look-alikes replaced, anything else becomes a space; no slash at either
    end and no two in a row. May be empty.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LOOKALIKES))
    kept = (
        character if character in _ALLOWED else " "
        for character in plain
        if not unicodedata.combining(character)
    )
    text = re.sub(r"/{2,}", "/", " ".join("".join(kept).split()))
    return text.lstrip(" /")[:length].rstrip(" /")


def write_payments(file: PaymentFile) -> bytes:
    """Return the XML of one batch, valid against the schema of the standard.

    Raises ValueError when it would not be valid: a missing name, an identifier that is too long.
    """
    root = etree.Element("Document", xmlns=f"urn:iso:std:iso:20022:tech:xsd:{PAYMENT}")
    initiation = etree.SubElement(root, "CstmrCdtTrfInitn")
    count = str(len(file.payments))
    total = _euros(sum(payment.cents for payment in file.payments))

    header = etree.SubElement(initiation, "GrpHdr")
    _add(header, "MsgId", file.identifier)
    local = file.made_at.astimezone(AMSTERDAM)
    _add(header, "CreDtTm", local.isoformat(timespec="seconds"))
    _add(header, "NbOfTxs", count)
    _add(header, "CtrlSum", total)
    _add(header, "InitgPty/Nm", bank_text(file.debtor_name, 70))

    batch = etree.SubElement(initiation, "PmtInf")
    _add(batch, "PmtInfId", file.identifier)
    _add(batch, "PmtMtd", "TRF")
    _add(batch, "BtchBookg", "true")
    _add(batch, "NbOfTxs", count)
    _add(batch, "CtrlSum", total)
    _add(batch, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _add(batch, "ReqdExctnDt/Dt", file.execute_on.isoformat())
    _add(batch, "Dbtr/Nm", bank_text(file.debtor_name, 70))
    _add(batch, "DbtrAcct/Id/IBAN", file.debtor_iban)
    if file.debtor_bic:
        _add(batch, "DbtrAgt/FinInstnId/BICFI", file.debtor_bic)
    else:
        _add(batch, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    _add(batch, "ChrgBr", "SLEV")
    for payment in file.payments:
        _add_payment(batch, payment)

    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    check_schema(content)
    return content


def check_schema(content: bytes) -> None:
    """Raise ValueError, naming the first line at fault, unless `content` is a valid pain.001."""
    schema = _schema()
    if not schema.validate(etree.fromstring(content)):
        raise ValueError(str(schema.error_log))


def read_refusals(content: bytes) -> tuple[str, list[Refusal], list[Fault]]:
    """Return the message id a pain.002 answers, what it refuses, and what is wrong with the file.

    Only refusals count: acceptance says nothing that the statement does not say better. A refused
    file is one refusal; else a refused batch is one; else each refused order.
    """
    root = read_document(content, (STATUS,))
    if isinstance(root, Fault):
        return "", [], [root]
    report = root.find("CstmrPmtStsRpt")
    group = report.find("OrgnlGrpInfAndSts") if report is not None else None
    message_id = text_at(group, "OrgnlMsgId") if group is not None else ""
    if report is None or group is None or not message_id:
        fault = Fault(
            "no_original",
            _("Er staat niet in over welk bestand het gaat (OrgnlMsgId)."),
            line=line_of(root),
            field_name="OrgnlGrpInfAndSts",
        )
        return "", [], [fault]
    refusals: list[Refusal] = []
    if text_at(group, "GrpSts") == REJECTED:
        refusals.append(_refusal("file", group, message_id))
    for batch in report.findall("OrgnlPmtInfAndSts") if not refusals else []:
        identifier = text_at(batch, "OrgnlPmtInfId")
        if text_at(batch, "PmtInfSts") == REJECTED:
            refusals.append(_refusal("batch", batch, identifier))
            continue
        refusals += [
            _refusal("order", order, text_at(order, "OrgnlEndToEndId"))
            for order in batch.findall("TxInfAndSts")
            if text_at(order, "TxSts") == REJECTED
        ]
    faults = [
        Fault(
            "no_original",
            _("Er staat niet in wat de bank weigert (kenmerk ontbreekt)."),
            line=refusal.file_line,
            field_name=refusal.level,
        )
        for refusal in refusals
        if not refusal.identifier
    ]
    for refusal in refusals:
        where = (refusal.file_line, "StsRsnInf/Rsn")
        if found := too_long(refusal.reason, _LONGEST_REASON, *where):
            faults.append(found)
    return message_id, refusals, faults


def _refusal(level: str, element: etree._Element, identifier: str) -> Refusal:
    reason = text_at(element, "StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry") or "-"
    return Refusal(level, identifier, reason, line_of(element))


def _add_payment(batch: etree._Element, payment: Payment) -> None:
    transfer = etree.SubElement(batch, "CdtTrfTxInf")
    _add(transfer, "PmtId/EndToEndId", payment.end_to_end_id)
    _add(transfer, "Amt/InstdAmt", _euros(payment.cents)).set("Ccy", "EUR")
    _add(transfer, "Cdtr/Nm", bank_text(payment.name, 70))
    _add(transfer, "CdtrAcct/Id/IBAN", payment.iban)
    _add(transfer, "RmtInf/Ustrd", bank_text(payment.remittance, 140))


def _add(parent: etree._Element, path: str, text: str) -> etree._Element:
    """Add the elements of `path` below `parent`, the last with `text`; empty text is an error."""
    if not text:
        raise ValueError(f"{path} may not be empty")
    for name in path.split("/"):
        parent = etree.SubElement(parent, name)
    parent.text = text
    return parent


def _euros(cents: int) -> str:
    if cents <= 0:
        raise ValueError("a payment is above zero")
    return f"{cents // 100}.{cents % 100:02d}"


@cache
def _schema() -> etree.XMLSchema:
    """The schema of the standard, as the sepaxml package ships it."""
    source = files("sepaxml").joinpath("schemas", f"{PAYMENT}.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(source))
