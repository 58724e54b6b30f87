"""Importing bank statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import Fault, FaultyImport
from eigenwijs.kernel.ids import derived_id, new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import in_time
from eigenwijs.kernel.wording import money
from eigenwijs.treasury import queries
from eigenwijs.treasury.books import Books, Posting, open_books
from eigenwijs.treasury.camt import Statement, read_statements
from eigenwijs.treasury.models import CHRONOLOGICAL, BankAccount, BankStatement, Entry
from eigenwijs.treasury.operations.placing import place
from eigenwijs.treasury.operations.proof import prove_client_money
from eigenwijs.treasury.types import StatementOutcome


class UnableToImportStatement(FaultyImport):
    """The file is refused as a whole; `faults` says everything that is wrong with it.

    Fault codes: those of the file (too_large, not_utf8, document_type, broken_xml, wrong_message,
    no_statement, no_statement_id, no_iban, no_balance, no_amount, no_direction, wrong_currency,
    wrong_amount, wrong_date, unknown_status, too_long) and of its statements (unknown_iban,
    does_not_add_up, changed_content, gap, no_room).
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        message = _("Het afschrift is niet ingelezen. Er is niets veranderd.")
        super().__init__("faulty_statement", tuple(faults), message)


@in_time
def import_statement(
    *, content: bytes, file_name: str, by: Actor, at: datetime
) -> StatementOutcome:
    """Import a camt.053 file: all its statements, or none.

    A statement that was imported before is named in the outcome and changes nothing. The others
    must begin where the one before them ended, by date. Every entry is placed where it belongs
    beyond doubt, or put on the work list. Raises `UnableToImportStatement`.
    """
    statements, faults = read_statements(content)
    if faults:
        raise UnableToImportStatement(faults)
    # The bank account is the one lock: imports and decisions of one account happen in turn.
    accounts = {
        account.iban: account
        for account in BankAccount.objects.select_for_update()
        .filter(iban__in={statement.iban for statement in statements})
        .order_by("iban")
    }
    fresh, repeated, faults = _check(statements, accounts)
    if faults:
        raise UnableToImportStatement(faults)
    stored = [
        _store(statement, accounts[statement.iban], file_name=file_name, by=by, at=at)
        for statement in fresh
    ]
    for account in {row.bank_account_id: row.bank_account for row in stored}.values():
        prove_client_money(bank_account_id=account.id, by=by, at=at)
    return StatementOutcome(
        imported=tuple(queries.statement(row.id) for row in stored), repeated=tuple(repeated)
    )


def _check(
    statements: list[Statement], accounts: dict[str, BankAccount]
) -> tuple[list[Statement], list[str], list[Fault]]:
    """Say which statements are new, which are known, and what is wrong with any of them."""
    fresh: list[Statement] = []
    repeated: list[str] = []
    faults: list[Fault] = []
    stored = {
        iban: list(BankStatement.objects.filter(bank_account=account).order_by(*CHRONOLOGICAL))
        for iban, account in accounts.items()
    }
    # Banks number their statements anew: only together with its days an id names one statement.
    digests = {(iban, *_named(row)): row.digest for iban, rows in stored.items() for row in rows}
    for statement in sorted(statements, key=_chronological):
        key = (statement.iban, *_named(statement))
        if statement.iban not in accounts:
            faults.append(_unknown_iban(statement))
        elif digests.get(key) == statement.digest:
            repeated.append(statement.statement_id)
        elif key in digests:
            faults.append(_changed_content(statement))
        else:
            if statement.opening_cents + statement.booked_cents != statement.closing_cents:
                faults.append(_does_not_add_up(statement))
            digests[key] = statement.digest
            fresh.append(statement)
    for iban, account in accounts.items():
        new = [statement for statement in fresh if statement.iban == iban]
        faults += _gaps(account, stored[iban], new)
    return fresh, repeated, faults


def _gaps(
    account: BankAccount, stored: list[BankStatement], new: list[Statement]
) -> Iterator[Fault]:
    """Put the new statements in their place by date: each must begin where the one before ended."""
    balance = account.opening_cents
    chain: list[BankStatement | Statement] = [*stored, *new]
    before: BankStatement | Statement | None = None
    for statement in sorted(chain, key=_chronological):
        if statement.opening_cents != balance:
            if isinstance(statement, Statement):
                yield _gap(statement, balance)
            elif isinstance(before, Statement):
                yield _no_room(before, statement)
        balance, before = statement.closing_cents, statement


def _named(statement: BankStatement | Statement) -> tuple[str, date, date]:
    return statement.statement_id, statement.opened_on, statement.closed_on


def _chronological(statement: BankStatement | Statement) -> tuple[date, date]:
    return statement.closed_on, statement.opened_on


def _store(
    statement: Statement, account: BankAccount, *, file_name: str, by: Actor, at: datetime
) -> BankStatement:
    """Store a statement with its entries and place them."""
    row = BankStatement.objects.create(
        id=new_id(at),
        bank_account=account,
        statement_id=statement.statement_id,
        sequence=BankStatement.objects.filter(bank_account=account).count() + 1,
        digest=statement.digest,
        opening_cents=statement.opening_cents,
        closing_cents=statement.closing_cents,
        opened_on=statement.opened_on,
        closed_on=statement.closed_on,
        file_name=file_name[:120],
        imported_by=by.person_id,
        imported_at=at,
    )
    entries = Entry.objects.bulk_create(
        Entry(
            id=derived_id(row.id, f"{line.entry}/{line.part}"),
            statement=row,
            number=line.entry,
            part=line.part,
            cents=line.cents,
            open_cents=abs(line.cents),
            booked_on=line.booked_on,
            bank_code=line.bank_code,
            is_reversal=line.is_reversal,
            return_reason=line.return_reason,
            bank_reference=line.bank_reference,
            end_to_end_id=line.end_to_end_id,
            payment_information_id=line.payment_information_id,
            counterparty_iban=line.counterparty_iban,
            counterparty_name=line.counterparty_name,
            remittance=line.remittance,
            references=list(line.references),
        )
        for line in statement.lines
    )
    audit.record(
        by=by,
        at=at,
        action="treasury.bankstatement.import",
        subject=("treasury.bankstatement", row.id),
        ids={
            "bank_account": str(account.id),
            "entries": len(entries),
            "closing_cents": statement.closing_cents,
        },
    )
    _place_all(entries, open_books(account.id, at=at), by=by, at=at)
    return row


def _place_all(entries: list[Entry], books: Books, *, by: Actor, at: datetime) -> None:
    """Place new entries, money in first; then again what is left, as long as that helps.

    So the order of entries in a statement makes no difference: a payment can come back, or
    complete another one, before the entry that it belongs to.
    """
    for entry in sorted(entries, key=lambda one: one.cents < 0):
        group = derived_id(entry.id, "import")
        about = ("entry", entry.id)
        place(entry, Posting(group, entry.booked_on, books, by, at, about), is_new=True)
    placed = [entry.pk for entry in entries]
    attempt, before = 0, None
    while (left := _open(placed)) and left != before:
        attempt, before = attempt + 1, left
        for key in left:
            # Another entry may have settled this one since: a reversal does that.
            entry = Entry.objects.select_related("statement").get(pk=key)
            if entry.state == "open":
                group = derived_id(entry.id, f"import/{attempt}")
                about = ("entry", entry.id)
                place(entry, Posting(group, entry.booked_on, books, by, at, about), is_new=False)


def _open(placed: list[UUID]) -> dict[UUID, int]:
    """What is still open of these entries, in cents."""
    rows = Entry.objects.filter(pk__in=placed, state="open").order_by("number", "part")
    return dict(rows.values_list("pk", "open_cents"))


def _unknown_iban(statement: Statement) -> Fault:
    return Fault(
        "unknown_iban",
        _("Rekening %(iban)s is niet van de stichting. Kies het afschrift van een eigen rekening."),
        {"iban": statement.iban},
        statement.file_line,
        "Acct/Id/IBAN",
    )


def _changed_content(statement: Statement) -> Fault:
    return Fault(
        "changed_content",
        _(
            "Afschrift %(id)s is al ingelezen, maar met een andere inhoud. "
            "Vraag de bank welk afschrift klopt."
        ),
        {"id": statement.statement_id},
        statement.file_line,
        "Stmt/Id",
    )


def _does_not_add_up(statement: Statement) -> Fault:
    return Fault(
        "does_not_add_up",
        _(
            "Afschrift %(id)s klopt niet: beginsaldo %(opening)s plus boekingen %(booked)s is niet "
            "eindsaldo %(closing)s. Download het opnieuw."
        ),
        {
            "id": statement.statement_id,
            "opening": money(Money(statement.opening_cents)),
            "booked": money(Money(statement.booked_cents)),
            "closing": money(Money(statement.closing_cents)),
        },
        statement.file_line,
        "Bal",
    )


def _gap(statement: Statement, expected: int) -> Fault:
    return Fault(
        "gap",
        _(
            "Afschrift %(id)s begint met %(opening)s, maar het vorige eindigde met %(expected)s. "
            "Er ontbreekt een afschrift: lees dat eerst in."
        ),
        {
            "id": statement.statement_id,
            "opening": money(Money(statement.opening_cents)),
            "expected": money(Money(expected)),
        },
        statement.file_line,
        "Bal",
    )


def _no_room(statement: Statement, after: BankStatement) -> Fault:
    return Fault(
        "no_room",
        _(
            "Afschrift %(id)s eindigt met %(closing)s, maar afschrift %(after)s erna begint met "
            "%(opening)s. Lees alle afschriften ertussen samen in."
        ),
        {
            "id": statement.statement_id,
            "closing": money(Money(statement.closing_cents)),
            "after": after.statement_id,
            "opening": money(Money(after.opening_cents)),
        },
        statement.file_line,
        "Bal",
    )
