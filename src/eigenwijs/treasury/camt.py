"""Bank statements: camt.053.001.02 and .08 (ISO 20022, Bank to Customer Statement).

Reads what the bank booked, exactly and without judging it: what an entry means for us is for
`matching`. One *line* is one payment. A batch entry with details becomes a line per payment; one
without details, or with details that do not add up to it, stays one line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _
from lxml import etree
from stdnum import iban as iban_number

from eigenwijs.kernel.errors import Fault
from eigenwijs.treasury.xml import line_of, read_document, text_at, too_long

MESSAGES = ("camt.053.001.02", "camt.053.001.08")
_AMOUNT = re.compile(r"(\d{1,15})(?:\.(\d{1,5}))?")
LONGEST_IDENTIFIER = 35
"""Of every identifier (Max35Text of the standard)."""
_LONGEST = {
    "bank_code": (20, "BkTxCd"),
    "return_reason": (LONGEST_IDENTIFIER, "RtrInf/Rsn"),
    "bank_reference": (LONGEST_IDENTIFIER, "AcctSvcrRef"),
    "end_to_end_id": (LONGEST_IDENTIFIER, "EndToEndId"),
    "payment_information_id": (LONGEST_IDENTIFIER, "PmtInfId"),
}
_NAME_SHOWN = 140
_NO_IDENTIFIER = {"", "NOTPROVIDED", "NONREF", "NOT PROVIDED"}


@dataclass(frozen=True, slots=True)
class Line:
    """One payment on a statement. `cents` is above zero for money in, below zero for money out.

    `bank_code` is domain-family-subfamily (``PMNT-RCDT-ESCT``) or empty. `is_reversal`: the bank
    takes back an earlier booking (RvslInd). `return_reason`: an ISO reason code when this is a
    payment that came back (RtrInf), ``-`` when the bank gives none, else empty.
    """

    entry: int
    part: int
    cents: int
    booked_on: date
    bank_code: str = ""
    is_reversal: bool = False
    return_reason: str = ""
    bank_reference: str = ""
    end_to_end_id: str = ""
    payment_information_id: str = ""
    counterparty_iban: str = ""
    counterparty_name: str = ""
    remittance: str = ""
    references: tuple[str, ...] = ()
    file_line: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one account. Balances are cents, below zero when overdrawn."""

    iban: str
    statement_id: str
    opening_cents: int
    closing_cents: int
    opened_on: date
    closed_on: date
    lines: tuple[Line, ...]
    file_line: int = field(default=0, compare=False, repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of what the statement says; layout and version of the file do not count."""
        days = (self.opened_on.isoformat(), self.closed_on.isoformat())
        lines = [
            (
                line.cents,
                line.booked_on.isoformat(),
                line.end_to_end_id,
                line.payment_information_id,
                line.counterparty_iban,
                line.remittance,
                line.references,
            )
            for line in self.lines
        ]
        said = (self.iban, self.statement_id, self.opening_cents, self.closing_cents, days, lines)
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    @property
    def booked_cents(self) -> int:
        """What all lines together do to the balance."""
        return sum(line.cents for line in self.lines)


def read_statements(content: bytes) -> tuple[list[Statement], list[Fault]]:
    """Return the statements in a file, in the file's order, and everything that is wrong with it.

    Entries that are not booked (pending, information) are left out. With a fault the statements
    are not complete and may not be used.
    """
    root = read_document(content, MESSAGES)
    if isinstance(root, Fault):
        return [], [root]
    reader = _Reader()
    statements = [reader.statement(element) for element in root.findall("BkToCstmrStmt/Stmt")]
    if not statements:
        reader.fault(root, "no_statement", _("Er staat geen afschrift in het bestand."), "Stmt")
    return [statement for statement in statements if statement is not None], reader.faults


class _Reader:
    """Collects faults while reading, so that all are reported at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(
        self, element: etree._Element, code: str, message: object, name: str, **params: object
    ) -> None:
        self.faults.append(Fault(code, message, params, line_of(element), name))

    def statement(self, element: etree._Element) -> Statement | None:
        before = len(self.faults)
        iban = self._own_iban(element)
        statement_id = text_at(element, "Id")
        if not statement_id:
            self.fault(element, "no_statement_id", _("Het afschrift heeft geen nummer."), "Stmt/Id")
        self.within(statement_id, LONGEST_IDENTIFIER, line_of(element), "Stmt/Id")
        opening = self._balance(element, ("OPBD", "PRCD"), first=True)
        closing = self._balance(element, ("CLBD",), first=False)
        lines = tuple(self._lines(element, iban))
        if len(self.faults) > before or opening is None or closing is None:
            return None
        return Statement(
            iban=iban,
            statement_id=statement_id,
            opening_cents=opening[0],
            closing_cents=closing[0],
            opened_on=opening[1],
            closed_on=closing[1],
            lines=lines,
            file_line=line_of(element),
        )

    def _own_iban(self, element: etree._Element) -> str:
        iban = _iban_in(element, "Acct")
        if not iban:
            self.fault(
                element,
                "no_iban",
                _("Het afschrift heeft geen geldig rekeningnummer (IBAN)."),
                "Acct/Id/IBAN",
            )
        return iban

    def _balance(
        self, element: etree._Element, codes: tuple[str, ...], *, first: bool
    ) -> tuple[int, date] | None:
        """The booked balance with the first of `codes` that is there: signed cents and its date."""
        for code in codes:
            found = [
                balance
                for balance in element.findall("Bal")
                if text_at(balance, "Tp/CdOrPrtry/Cd") == code
            ]
            if not found:
                continue
            balance = found[0] if first else found[-1]
            cents = self.signed(balance, "Bal/Amt")
            day = self.day(balance, "Dt", "Bal/Dt")
            return None if cents is None or day is None else (cents, day)
        self.fault(
            element,
            "no_balance",
            _("Het saldo %(balance)s ontbreekt. Download het hele afschrift als één bestand."),
            "Bal",
            balance=codes[0],
        )
        return None

    def _lines(self, statement: etree._Element, own_iban: str) -> Iterator[Line]:
        for number, entry in enumerate(statement.findall("Ntry"), start=1):
            status = text_at(entry, "Sts/Cd", "Sts")
            if status != "BOOK":
                if status not in {"PDNG", "INFO", "FUTR"}:
                    self.fault(
                        entry,
                        "unknown_status",
                        _("Onbekende status '%(status)s' van een boeking."),
                        "Ntry/Sts",
                        status=status,
                    )
                continue
            cents = self.signed(entry, "Ntry/Amt")
            booked_on = self.day(entry, "BookgDt", "Ntry/BookgDt")
            if cents is None or booked_on is None:
                continue
            if cents == 0:
                continue
            for part, (details, part_cents) in enumerate(self._parts(entry, cents), start=1):
                line = _line(
                    entry,
                    details,
                    place=(number, part),
                    cents=part_cents,
                    booked_on=booked_on,
                    own_iban=own_iban,
                )
                for field_name, (longest, name) in _LONGEST.items():
                    self.within(getattr(line, field_name), longest, line.file_line, name)
                yield line

    def within(self, text: str, longest: int, line: int, name: str) -> None:
        """Note the fault of a value that is longer than the standard allows."""
        if found := too_long(text, longest, line, name):
            self.faults.append(found)

    def _parts(self, entry: etree._Element, cents: int) -> list[tuple[list[etree._Element], int]]:
        """Divide an entry into payments: details and signed cents of each."""
        details = entry.findall("NtryDtls/TxDtls")
        if len(details) < 2:
            return [(details, cents)]
        amounts = [self._detail_cents(one, cents) for one in details]
        known = [amount for amount in amounts if amount]
        if len(known) < len(details) or sum(known) != cents:
            return [(details, cents)]
        return [([one], amount) for one, amount in zip(details, known, strict=True)]

    def _detail_cents(self, details: etree._Element, entry_cents: int) -> int | None:
        for path in ("Amt", "AmtDtls/TxAmt/Amt"):
            amount = details.find(path)
            if amount is None or amount.get("Ccy") != "EUR":
                continue
            cents = self.cents(amount, f"TxDtls/{path}")
            if cents is None:
                return None
            direction = text_at(details, "CdtDbtInd")
            is_credit = direction == "CRDT" if direction else entry_cents > 0
            return cents if is_credit else -cents
        return None

    def signed(self, element: etree._Element, name: str) -> int | None:
        """Amount and direction of a balance or an entry, as signed cents."""
        amount = element.find("Amt")
        if amount is None:
            self.fault(element, "no_amount", _("Het bedrag ontbreekt."), name)
            return None
        cents = self.cents(amount, name)
        direction = text_at(element, "CdtDbtInd")
        if direction not in {"CRDT", "DBIT"}:
            self.fault(
                element,
                "no_direction",
                _("Er staat niet bij of het geld erbij of eraf is (CRDT of DBIT)."),
                "CdtDbtInd",
            )
            return None
        if cents is None:
            return None
        return cents if direction == "CRDT" else -cents

    def cents(self, amount: etree._Element, name: str) -> int | None:
        """An amount element in euros as whole cents, exactly."""
        if amount.get("Ccy") != "EUR":
            self.fault(
                amount,
                "wrong_currency",
                _("Het bedrag is in %(currency)s. Alleen euro's (EUR) kunnen."),
                name,
                currency=amount.get("Ccy") or "?",
            )
            return None
        text = (amount.text or "").strip()
        match = _AMOUNT.fullmatch(text)
        fraction = (match[2] or "").ljust(2, "0") if match else ""
        if match is None or fraction[2:].strip("0"):
            self.fault(
                amount,
                "wrong_amount",
                _("'%(amount)s' is geen bedrag in euro's en centen, zoals 12.50."),
                name,
                amount=text[:40],
            )
            return None
        return int(match[1]) * 100 + int(fraction[:2])

    def day(self, element: etree._Element, path: str, name: str) -> date | None:
        """The date at `path`, from a date or from a moment as the bank writes it."""
        text = text_at(element, f"{path}/Dt", f"{path}/DtTm")
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self.fault(
                element,
                "wrong_date",
                _("'%(date)s' is geen datum, zoals 2027-03-31."),
                name,
                date=text[:40],
            )
            return None


def _line(
    entry: etree._Element,
    details: list[etree._Element],
    *,
    place: tuple[int, int],
    cents: int,
    booked_on: date,
    own_iban: str,
) -> Line:
    """Put one payment together from its entry and its details (none, one, or several merged)."""
    one = details[0] if len(details) == 1 else None
    parties = [one] if one is not None else []
    iban, name = _counterparty(parties, own_iban, is_credit=cents > 0)
    return Line(
        entry=place[0],
        part=place[1],
        cents=cents,
        booked_on=booked_on,
        bank_code=_bank_code(one) or _bank_code(entry),
        is_reversal=text_at(entry, "RvslInd") in {"true", "1"},
        return_reason=_return_reason(details),
        bank_reference=_identifier(one, "Refs/AcctSvcrRef") or _identifier(entry, "AcctSvcrRef"),
        end_to_end_id=_identifier(one, "Refs/EndToEndId"),
        payment_information_id=(
            _identifier(one, "Refs/PmtInfId")
            or _identifier(entry, "NtryDtls/Btch/PmtInfId")
            or _identifier(details[0] if details else None, "Refs/PmtInfId")
        ),
        counterparty_iban=iban,
        counterparty_name=name,
        remittance=_remittance(entry, details),
        references=tuple(
            text
            for detail in details
            for element in detail.iterfind("RmtInf/Strd/CdtrRefInf/Ref")
            if (text := (element.text or "").strip())
        ),
        file_line=line_of(one if one is not None else entry),
    )


def _remittance(entry: etree._Element, details: list[etree._Element]) -> str:
    """All free text that a payer or the bank may have put the reference in."""
    texts = [
        element.text
        for detail in details
        for path in ("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf", "AddtlTxInf")
        for element in detail.iterfind(path)
    ]
    texts += [element.text for element in entry.iterfind("AddtlNtryInf")]
    return " ".join(dict.fromkeys(text.strip() for text in texts if text and text.strip()))


def _return_reason(details: list[etree._Element]) -> str:
    for detail in details:
        returned = detail.find("RtrInf")
        if returned is not None:
            return text_at(returned, "Rsn/Cd", "Rsn/Prtry") or "-"
    return ""


def _bank_code(element: etree._Element | None) -> str:
    if element is None:
        return ""
    domain = text_at(element, "BkTxCd/Domn/Cd")
    family = text_at(element, "BkTxCd/Domn/Fmly/Cd")
    subfamily = text_at(element, "BkTxCd/Domn/Fmly/SubFmlyCd")
    return "-".join(part for part in (domain, family, subfamily) if part)


def _identifier(element: etree._Element | None, path: str) -> str:
    text = text_at(element, path) if element is not None else ""
    return "" if text.upper() in _NO_IDENTIFIER else text


def _counterparty(
    details: list[etree._Element], own_iban: str, *, is_credit: bool
) -> tuple[str, str]:
    """IBAN and name of the other side; a name is only shown, so a long one is cut.

    In a payment of ours that comes back the roles are those of the original payment, so our own
    account stands as debtor of money that comes in: the other side is the one that is not us.
    """
    for detail in details:
        roles = ("Dbtr", "Cdtr") if is_credit else ("Cdtr", "Dbtr")
        if _iban_in(detail, f"RltdPties/{roles[0]}Acct") == own_iban:
            roles = roles[::-1]
        party = f"RltdPties/{roles[0]}"
        iban = _iban_in(detail, f"{party}Acct")
        name = text_at(detail, f"{party}/Pty/Nm", f"{party}/Nm")[:_NAME_SHOWN]
        return ("" if iban == own_iban else iban), name
    return "", ""


def _iban_in(element: etree._Element, account: str) -> str:
    text = text_at(element, f"{account}/Id/IBAN", f"{account}/Id/Othr/Id")
    return iban_number.compact(text) if iban_number.is_valid(text) else ""
