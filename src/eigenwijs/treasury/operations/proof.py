"""The daily proof that the clients' money is in the bank."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import is_working_day, local_date, working_days_after
from eigenwijs.kernel.ids import derived_id
from eigenwijs.ledger import queries as ledger
from eigenwijs.treasury import queries
from eigenwijs.treasury.books import open_books
from eigenwijs.treasury.models import (
    CHRONOLOGICAL,
    BankAccount,
    BankStatement,
    ClientMoneyProof,
    Entry,
    PaymentOrder,
)
from eigenwijs.treasury.types import ClientMoneyProofView

# A SEPA credit transfer arrives within one banking day (PSD2 art. 83); a statement follows a day
# later. An order that takes longer than this is worth a question to the bank.
WORKING_DAYS_IN_TRANSIT = 3


@transaction.atomic
def prove_client_money(*, bank_account_id: UUID, by: Actor, at: datetime) -> ClientMoneyProofView:
    """Prove a bank account for today and store the proof: one row a day, the last one counts.

    The closing balance of the last statement = bank + in transit in the books. Money out that
    waits on the work list is not in the books yet: a gap that explains itself. Named beside it:
    orders that are in transit for too long, and a statement that is late.
    """
    account = BankAccount.objects.select_for_update().get(pk=bank_account_id)
    today = local_date(at)
    statement = BankStatement.objects.filter(bank_account=account).order_by(*CHRONOLOGICAL).last()
    books = open_books(account.id, at=at)
    balances = ledger.balances([books.bank, books.in_transit])
    bank_cents = balances[books.bank].posted.cents
    in_transit_cents = balances[books.in_transit].posted.cents
    statement_cents = statement.closing_cents if statement else account.opening_cents
    gaps = _gaps(account, statement, today)
    explained = sum(int(gap["cents"]) for gap in gaps if gap["explains"])
    found = {
        "statement": statement,
        "statement_cents": statement_cents,
        "bank_cents": bank_cents,
        "in_transit_cents": in_transit_cents,
        "books_difference_cents": ledger.client_money().difference.cents,
        "unexplained_cents": statement_cents - bank_cents - in_transit_cents - explained,
        "gaps": gaps,
        "proven_at": at,
    }
    proof, _created = ClientMoneyProof.objects.update_or_create(
        bank_account=account,
        on=today,
        defaults=found,
        create_defaults={"id": derived_id(account.id, f"proof/{today}"), **found},
    )
    audit.record(
        by=by,
        at=at,
        action="treasury.clientmoneyproof.prove",
        subject=("treasury.clientmoneyproof", proof.id),
        ids={"unexplained_cents": proof.unexplained_cents, "gaps": len(gaps)},
    )
    return queries.client_money_proof(bank_account_id, today)


def _gaps(
    account: BankAccount, statement: BankStatement | None, today: date
) -> list[dict[str, str | int | bool]]:
    """Every named difference of a bank account; cents are statement minus books."""
    not_in_books = Entry.objects.filter(
        statement__bank_account=account, cents__lt=0, open_cents__gt=0
    ).aggregate(cents=Sum("open_cents"), count=Count("id"))
    late = [
        order
        for order in PaymentOrder.objects.filter(
            batch__bank_account=account, state="in_transit"
        ).select_related("batch")
        if order.batch is not None
        and working_days_after(order.batch.execute_on, WORKING_DAYS_IN_TRANSIT) < today
    ]
    gaps: list[dict[str, str | int | bool]] = []
    if not_in_books["count"]:
        gaps.append(
            _gap("not_in_books", -not_in_books["cents"], not_in_books["count"], explains=True)
        )
    if late:
        cents = sum(order.amount_cents for order in late)
        gaps.append(_gap("late_in_transit", cents, len(late), explains=False))
    if statement is None or statement.closed_on < _working_day_before(today):
        gaps.append(_gap("statement_late", 0, 1, explains=False))
    return gaps


def _gap(code: str, cents: int, count: int, *, explains: bool) -> dict[str, str | int | bool]:
    return {"code": code, "cents": cents, "count": count, "explains": explains}


def _working_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
