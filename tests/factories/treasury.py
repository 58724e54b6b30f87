"""Made-up bank statements, and a bank account to put them on.

The statements are our own: written after the standard, with the habits of several banks.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from xml.sax.saxutils import escape

from stdnum import iso11649

from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger import queries as books
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.types import PaymentSource, StatementOutcome

LONG_AGO = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
OWN_IBAN = "NL91ABNA0417164300"
PAYER_IBAN = "NL69ABNA0522123643"
PAYEE_IBAN = "DE89370400440532013000"
_number = itertools.count(1)


def someone(role: str = "finance") -> Actor:
    """A person of their own."""
    return Actor(ActorKind.PERSON, person_id=new_id(LONG_AGO), role=role)


def make_reference(number: int | None = None) -> str:
    """A creditor reference with correct check digits."""
    body = f"EW{next(_number) if number is None else number:08d}"
    return next(
        f"RF{check:02d}{body}"
        for check in range(2, 99)
        if iso11649.is_valid(f"RF{check:02d}{body}")
    )


def make_bank_account(*, iban: str = OWN_IBAN, opening: int = 0) -> UUID:
    """A bank account of the foundation with `opening` cents of its own money."""
    return operations.open_bank_account(
        iban=iban,
        holder_name="Stichting Leergeld Voorbeeld",
        opening=Money(opening),
        by=SYSTEM,
        at=LONG_AGO,
    )


def expect(cents: int, *, payer: UUID | None = None, reference: str = "", at: datetime) -> str:
    """Expect a receipt and return its reference."""
    reference = reference or make_reference()
    operations.expect_receipt(
        reference=reference,
        amount=Money(cents),
        payer_id=payer or new_id(at),
        due_on=local_date(at) + timedelta(days=14),
        owner=("contributions.paymentrequest", new_id(at)),
        by=SYSTEM,
        at=at,
    )
    return reference


@dataclass(frozen=True)
class Detail:
    """One payment inside an entry. Cents None: the bank gives no amount."""

    cents: int | None = None
    text: str | Sequence[str] = ""
    reference: str = ""
    end_to_end_id: str = ""
    iban: str = PAYER_IBAN
    name: str = "Voorbeeld BV"
    return_reason: str = ""


@dataclass(frozen=True)
class Booking:
    """One entry; cents below zero are money out. Without details the bank tells nothing."""

    cents: int
    details: Sequence[Detail] = (Detail(),)
    code: str = ""
    reversal: bool = False
    batch: str = ""
    status: str = "BOOK"
    bank_reference: str = ""


def pays(cents: int, text: str = "", **more: object) -> Booking:
    """One payment with a text."""
    return Booking(cents, (Detail(text=text, **more),))  # type: ignore[arg-type]


@dataclass(frozen=True)
class StatementText:
    """One statement of which the closing balance follows from the bookings, unless given."""

    bookings: Sequence[Booking] = ()
    opening: int = 0
    closing: int | None = None
    iban: str = OWN_IBAN
    id: str = field(default_factory=lambda: f"2026-{next(_number)}")
    on: date = date(2026, 11, 23)
    opening_code: str = "OPBD"

    @property
    def end(self) -> int:
        """The closing balance in cents."""
        if self.closing is not None:
            return self.closing
        booked = sum(one.cents for one in self.bookings if one.status == "BOOK")
        return self.opening + booked

    def then(self, *bookings: Booking, days: int = 1) -> StatementText:
        """The next statement of the same account."""
        return replace(
            self,
            bookings=bookings,
            opening=self.end,
            closing=None,
            id=f"2026-{next(_number)}",
            on=self.on + timedelta(days=days),
        )


def camt(*statements: StatementText, version: str = "08") -> bytes:
    """The statements as one file in camt.053.001 of this version."""
    body = "".join(_statement(one, version) for one in statements)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">\n'
        "<BkToCstmrStmt>\n<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-23T20:00:00Z</CreDtTm></GrpHdr>\n"
        f"{body}</BkToCstmrStmt>\n</Document>\n"
    ).encode()


def euros(cents: int) -> str:
    """An amount as banks write it."""
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _direction(cents: int) -> str:
    return f"<CdtDbtInd>{'DBIT' if cents < 0 else 'CRDT'}</CdtDbtInd>"


def _amount(cents: int) -> str:
    return f'<Amt Ccy="EUR">{euros(cents)}</Amt>'


def _statement(one: StatementText, version: str) -> str:
    return (
        f"<Stmt><Id>{escape(one.id)}</Id><CreDtTm>2026-11-23T20:00:00Z</CreDtTm>\n"
        f"<Acct><Id><IBAN>{one.iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
        + _balance(one.opening_code, one.opening, one.on)
        + _balance("CLBD", one.end, one.on)
        + _balance("CLAV", one.end + 12345, one.on)
        + "".join(_entry(booking, one.on, version) for booking in one.bookings)
        + "</Stmt>\n"
    )


def _balance(code: str, cents: int, on: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(cents)}"
        f"{_direction(cents)}<Dt><Dt>{on}</Dt></Dt></Bal>\n"
    )


def _entry(booking: Booking, on: date, version: str) -> str:
    status = (
        f"<Sts><Cd>{booking.status}</Cd></Sts>"
        if version == "08"
        else f"<Sts>{booking.status}</Sts>"
    )
    codes = booking.code.split("-") if booking.code else ["PMNT", "RCDT", "ESCT"]
    batch = f"<Btch><PmtInfId>{booking.batch}</PmtInfId></Btch>" if booking.batch else ""
    details = "".join(_detail(one, booking, version) for one in booking.details)
    return (
        f"<Ntry>{_amount(booking.cents)}{_direction(booking.cents)}"
        + ("<RvslInd>true</RvslInd>" if booking.reversal else "")
        + f"{status}<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt>"
        + (f"<AcctSvcrRef>{booking.bank_reference}</AcctSvcrRef>" if booking.bank_reference else "")
        + f"<BkTxCd><Domn><Cd>{codes[0]}</Cd><Fmly><Cd>{codes[1]}</Cd>"
        f"<SubFmlyCd>{codes[2]}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        + (f"<NtryDtls>{batch}{details}</NtryDtls>" if batch or details else "")
        + "</Ntry>\n"
    )


def _detail(one: Detail, booking: Booking, version: str) -> str:
    amount = ""
    if one.cents is not None:
        amount = f"<AmtDtls><TxAmt>{_amount(one.cents)}</TxAmt></AmtDtls>"
        if version == "08":
            amount = _amount(one.cents) + _direction(booking.cents)
    role = "Cdtr" if booking.cents < 0 else "Dbtr"
    name = f"<Nm>{escape(one.name)}</Nm>"
    party = f"<Pty>{name}</Pty>" if version == "08" else name
    account = f"<{role}Acct><Id><IBAN>{one.iban}</IBAN></Id></{role}Acct>" if one.iban else ""
    texts = [one.text] if isinstance(one.text, str) else one.text
    remittance = "".join(f"<Ustrd>{escape(text)}</Ustrd>" for text in texts if text)
    if one.reference:
        remittance += (
            "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
            f"<Ref>{one.reference}</Ref></CdtrRefInf></Strd>"
        )
    return (
        f"<TxDtls><Refs><EndToEndId>{one.end_to_end_id or 'NOTPROVIDED'}</EndToEndId></Refs>{amount}"
        f"<RltdPties><{role}>{party}</{role}>{account}</RltdPties>"
        + (f"<RmtInf>{remittance}</RmtInf>" if remittance else "")
        + (f"<RtrInf><Rsn><Cd>{one.return_reason}</Cd></Rsn></RtrInf>" if one.return_reason else "")
        + "</TxDtls>"
    )


def load(*statements: StatementText, at: datetime, by: Actor = SYSTEM) -> StatementOutcome:
    """Import the statements as one file."""
    return operations.import_statement(
        content=camt(*statements), file_name="test.xml", by=by, at=at
    )


def owe(payee: UUID, cents: int, *, payer: UUID, at: datetime) -> AccountRef:
    """Move a payer's cleared money to what we owe a payee, as a spent booking does."""
    payable = ledger.open_account(kind=AccountKind.PROVIDER_PAYABLE, owner=payee, at=at)
    key = new_id(at)
    ledger.post(
        [
            NewTransfer(
                key=key,
                debit=ledger.open_account(kind=AccountKind.PAYER_CLEARING, owner=payer, at=at),
                credit=payable,
                amount=Money(cents),
                kind="spend",
                occurred_on=local_date(at),
                group=key,
            )
        ],
        by=SYSTEM,
        at=at,
    )
    return payable


def make_payee(*, iban: str = PAYEE_IBAN, name: str = "Opleider Voorbeeld BV") -> UUID:
    """A payee with an account that has been usable for years."""
    payee = new_id(LONG_AGO)
    account = operations.register_payee_account(
        payee_id=payee, iban=iban, holder_name=name, by=someone(), at=LONG_AGO
    )
    operations.approve_payee_account(account_id=account, by=someone(), at=LONG_AGO)
    return payee


def order(payee: UUID, account: AccountRef, cents: int, *, at: datetime) -> UUID:
    """Order a payment to a payee and return its id."""
    key = new_id(at)
    return operations.order_payment(
        key=key,
        reference=f"Cursus {next(_number)}",
        payee_id=payee,
        sources=[PaymentSource(account, Money(cents))],
        owner=("bookings.booking", new_id(at)),
        by=SYSTEM,
        at=at,
    )


def make_batch(bank_account: UUID, *orders: UUID, at: datetime, by: Actor | None = None) -> UUID:
    """A batch of orders, not released."""
    return operations.make_batch(
        bank_account_id=bank_account,
        order_ids=orders,
        execute_on=local_date(at),
        by=by or someone(),
        at=at,
    )


def release(batch: UUID, *, at: datetime, by: Actor | None = None) -> None:
    """Release a batch after a look at its file."""
    checksum = queries.batch(batch).checksum
    operations.release_batch(batch_id=batch, checksum=checksum, by=by or someone(), at=at)


def assert_books_hold(at: datetime) -> None:
    """The ledger proves itself, every statement is in it, and each entry went somewhere to the cent."""
    assert books.prove(at=at) == []
    for account in queries.bank_accounts():
        assert operations.prove_client_money(bank_account_id=account.id, by=SYSTEM, at=at).holds
    for statement in queries.statements():
        for entry in queries.entries(statement.id):
            placed = sum(allocation.amount.cents for allocation in entry.allocations)
            sign = 1 if entry.amount.cents > 0 else -1
            assert placed + sign * entry.open.cents == entry.amount.cents


def status_report(
    message: str,
    *,
    file_status: str = "",
    batch_status: str = "",
    orders: dict[str, str] | None = None,
    reason: str = "AM04",
) -> bytes:
    """The bank's answer (pain.002.001.10) to one of our files."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>"
    transactions = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{order}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}"
        "</TxInfAndSts>\n"
        for order, status in (orders or {}).items()
    )
    group = f"<GrpSts>{file_status}</GrpSts>{why}" if file_status else ""
    batch = f"<PmtInfSts>{batch_status}</PmtInfSts>{why}" if batch_status else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>\n'
        "<GrpHdr><MsgId>B-1</MsgId><CreDtTm>2026-11-24T08:00:00Z</CreDtTm></GrpHdr>\n"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>\n"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}</OrgnlPmtInfId>{batch}\n{transactions}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n"
    ).encode()
