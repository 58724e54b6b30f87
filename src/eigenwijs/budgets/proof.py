"""Proving that what this room says of money is what the ledger has. Private to the room."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from django.db.models import Model, QuerySet

from eigenwijs.budgets import lots
from eigenwijs.budgets.models import Credit, Lapse, ReservationLine
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, Breach, TransferRef

CHUNK = 2_000

Row = TypeVar("Row", bound=Model)


def prove() -> list[Breach]:
    """Return every credit, reservation and lapse that differs from its transfers."""
    return [*_credits(), *_reserved(), *_spent(), *_lapsed(), *_went_as_lapsed(), *_passed_on()]


def _credits() -> Iterator[Breach]:
    for chunk in _chunks(Credit.objects.select_related("pot").order_by("pk")):
        refs = {row: TransferRef(row.pot.account_bucket, row.pk) for row in chunk}
        transfers = ledger.transfers_by_ref(list(refs.values()))
        given_back = ledger.given_back(list(refs.values()))
        for row, ref in refs.items():
            found = transfers.get(ref)
            expected = (lots.account(row.pot), Money(row.amount_cents))
            if found is None or (found.credit, found.amount) != expected:
                yield _breach("credit_differs", ref, f"{row.amount_cents} cents were credited")
            elif given_back.get(ref, Money.zero()).cents != row.taken_back_cents:
                detail = f"{row.taken_back_cents} cents were taken back"
                yield _breach("correction_differs", ref, detail)


def _reserved() -> Iterator[Breach]:
    """A reservation that is open has its holds, of the same amounts."""
    holds = {hold.ref: hold.amount.cents for hold in ledger.open_holds()}
    rows = ReservationLine.objects.filter(reservation__state="reserved", posting__isnull=True)
    for row in rows.select_related("pot").iterator(CHUNK):
        ref = TransferRef(row.pot.account_bucket, row.hold)
        if holds.get(ref) != row.amount_cents:
            detail = f"{row.amount_cents} cents are reserved, {holds.get(ref, 0)} are held"
            yield _breach("reservation_differs", ref, detail)


def _spent() -> Iterator[Breach]:
    """What a booking spent and got back is what was posted and reversed."""
    rows = ReservationLine.objects.filter(posting__isnull=False).select_related("pot")
    for chunk in _chunks(rows):
        refs = {
            row: TransferRef(row.pot.account_bucket, row.posting) for row in chunk if row.posting
        }
        transfers = ledger.transfers_by_ref(list(refs.values()))
        given_back = ledger.given_back(list(refs.values()))
        for row, ref in refs.items():
            found = transfers.get(ref)
            posted = found.amount.cents if found else 0
            back = given_back.get(ref, Money.zero()).cents
            if (posted, back) != (row.spent_cents, row.refunded_cents):
                detail = (
                    f"{row.spent_cents} cents spent and {row.refunded_cents} back; "
                    f"the ledger has {posted} and {back}"
                )
                yield _breach("spending_differs", ref, detail)


def _lapsed() -> Iterator[Breach]:
    for chunk in _chunks(Lapse.objects.select_related("pot").order_by("pk")):
        refs = {row: TransferRef(row.pot.account_bucket, row.pk) for row in chunk}
        transfers = ledger.transfers_by_ref(list(refs.values()))
        for row, ref in refs.items():
            found = transfers.get(ref)
            if found is None or found.amount.cents != row.amount_cents:
                yield _breach("lapse_differs", ref, f"{row.amount_cents} cents lapsed")


def _went_as_lapsed() -> Iterator[Breach]:
    """Whatever went from a pot to what is owed of lapsed money has its lapse, to that receiver.

    What lapsed before lapses were kept went to the receiver's clearing account: no transfer of
    that time is among these.
    """
    for chunk in ledger.transfers_into(AccountKind.LAPSED, chunk=CHUNK):
        accounts = ledger.accounts({ref for one in chunk for ref in (one.debit, one.credit)})
        transfers = [one for one in chunk if accounts[one.debit].kind is AccountKind.POT]
        rows = Lapse.objects.select_related("pot").in_bulk([one.ref.id for one in transfers])
        for one in transfers:
            row = rows.get(one.ref.id)
            if row is None:
                yield _breach("lapse_missing", one.ref, f"{one.amount.cents} cents left a pot")
            elif (lots.account(row.pot), row.receiver_id) != (
                one.debit,
                accounts[one.credit].owner,
            ):
                detail = "it lapsed from another pot, or to another receiver"
                yield _breach("lapse_differs", one.ref, detail)


def _passed_on() -> Iterator[Breach]:
    """What went on from an employer to a fund did so in full, once, and nothing else went between them."""
    found = {}
    for chunk in ledger.transfers_into(AccountKind.LAPSED, chunk=CHUNK):
        accounts = ledger.accounts({ref for one in chunk for ref in (one.debit, one.credit)})
        for one in chunk:
            if accounts[one.debit].kind is AccountKind.LAPSED:
                owners = accounts[one.debit].owner, accounts[one.credit].owner
                found[one.ref.id] = (*owners, one.amount.cents, one.ref)
    for row in Lapse.objects.filter(passed_to__isnull=False).select_related("pot").iterator(CHUNK):
        went = found.pop(derived_id(row.pk, "budgets.pass_on"), None)
        if went is None or went[:3] != (row.receiver_id, row.passed_to_id, row.amount_cents):
            ref = TransferRef(row.pot.account_bucket, row.pk)
            yield _breach("lapse_differs", ref, f"{row.amount_cents} cents were passed on")
    for *_owners, cents, ref in found.values():
        yield _breach("lapse_missing", ref, f"{cents} cents were passed on for no lapse")


def _chunks(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    stream = rows.iterator(CHUNK)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _breach(code: str, ref: TransferRef, detail: str) -> Breach:
    return Breach(code, detail, ref.bucket, ref.id)
