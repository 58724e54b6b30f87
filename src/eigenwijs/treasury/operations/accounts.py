"""Bank accounts of our own, and the IBANs on which payees are paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from schwifty import IBAN
from stdnum import bic as bic_number
from stdnum import iban as iban_number

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, working_days_after
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.treasury.books import Posting, open_books
from eigenwijs.treasury.lifecycle import PAYEE_ACCOUNT
from eigenwijs.treasury.models import BankAccount, PayeeAccount
from eigenwijs.treasury.pain import bank_text

WORKING_DAYS_BEFORE_FIRST_PAYOUT = 5

# Countries and territories of SEPA (EPC409-09, list of the scheme's geographical scope).
SEPA_COUNTRIES = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT "
    "NL NO PL PT RO RS SE SI SK SM VA"
)

_MESSAGES = {
    "wrong_iban": _("Dit is geen geldig rekeningnummer (IBAN). Controleer de cijfers."),
    "outside_sepa": _("Deze bank doet niet mee aan SEPA. Vul een Europees rekeningnummer in."),
    "wrong_name": _("Vul de naam van de rekeninghouder in, in gewone letters."),
    "wrong_bic": _("Dit is geen geldige BIC."),
    "own_account": _("Dit is een rekening van de stichting zelf."),
    "known_iban": _("Dit rekeningnummer is er al."),
    "awaiting": _("Er wacht al een nieuw rekeningnummer op goedkeuring. Behandel dat eerst."),
    "unchanged": _("Dit is al het rekeningnummer van deze ontvanger."),
    "same_person": _("Iemand anders moet dit goedkeuren: vier ogen."),
    "not_a_person": _("Alleen een persoon kan dit doen."),
    "not_found": _("Dit bestaat niet."),
    "wrong_state": _("Dit is al afgehandeld."),
}


class UnableToChangeAccount(DomainError):
    """A bank account or payee account is refused.

    Codes: wrong_iban, outside_sepa, wrong_name, wrong_bic, own_account, known_iban, awaiting,
    unchanged, same_person, not_a_person, not_found, wrong_state.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code, _MESSAGES[code])


def checked_iban(text: str) -> str:
    """Return an IBAN without spaces, after checking its digits, its length and its country."""
    iban = iban_number.compact(text)
    if not iban_number.is_valid(iban):
        raise UnableToChangeAccount("wrong_iban")
    if iban[:2] not in SEPA_COUNTRIES.split():
        raise UnableToChangeAccount("outside_sepa")
    return iban


@transaction.atomic
def open_bank_account(
    *, iban: str, holder_name: str, bic: str = "", opening: Money, by: Actor, at: datetime
) -> UUID:
    """Open an account of the client-money foundation and return its id.

    `opening` is its balance before the first statement that will be imported; it is the
    foundation's own money and goes to the buffer. Without `bic` it is looked up where the bank is
    known. Raises `UnableToChangeAccount`.
    """
    iban = checked_iban(iban)
    bic = bic.replace(" ", "").upper()
    if bic and not bic_number.is_valid(bic):
        raise UnableToChangeAccount("wrong_bic")
    if BankAccount.objects.filter(iban=iban).exists():
        raise UnableToChangeAccount("known_iban")
    account = BankAccount.objects.create(
        id=new_id(at),
        iban=iban,
        bic=bic or str(IBAN(iban, allow_invalid=True).bic or ""),
        holder_name=_checked_name(holder_name),
        opening_cents=opening.cents,
        opened_at=at,
    )
    books = open_books(account.id, at=at)
    posting = Posting(account.id, local_date(at), books, by, at, about=("bank_account", account.id))
    posting.move(books.bank, books.buffer, opening.cents, "opening")
    posting.write()
    audit.record(
        by=by,
        at=at,
        action="treasury.bankaccount.open",
        subject=("treasury.bankaccount", account.id),
        fields=["iban", "bic", "holder_name", "opening_cents"],
        ids={"cents": opening.cents},
    )
    return account.id


@transaction.atomic
def register_payee_account(
    *, payee_id: UUID, iban: str, holder_name: str, by: Actor, at: datetime
) -> UUID:
    """Register the IBAN on which a payee wants to be paid and return its id.

    It is paid nothing until a second person approves it and five working days have passed; the
    account that was usable until then stays in use. An IBAN of before, other than the last approved
    one, goes the same way again. Raises `UnableToChangeAccount`.
    """
    if by.person_id is None:
        raise UnableToChangeAccount("not_a_person")
    iban = checked_iban(iban)
    name = _checked_name(holder_name)
    if BankAccount.objects.filter(iban=iban).exists():
        raise UnableToChangeAccount("own_account")
    last = _approved(payee_id).last()
    if last is not None and last.iban == iban:
        raise UnableToChangeAccount("unchanged")
    try:
        with transaction.atomic():
            account = PayeeAccount.objects.create(
                id=new_id(at),
                payee_id=payee_id,
                iban=iban,
                holder_name=name,
                registered_by=by.person_id,
                registered_at=at,
            )
    except IntegrityError as error:  # the database lets one wait, also of two at the same moment
        raise UnableToChangeAccount("awaiting") from error
    audit.record(
        by=by,
        at=at,
        action="treasury.payeeaccount.register",
        subject=("treasury.payeeaccount", account.id),
        fields=["iban", "holder_name"],
        ids={"payee": str(payee_id)},
    )
    return account.id


@transaction.atomic
def approve_payee_account(*, account_id: UUID, by: Actor, at: datetime) -> None:
    """Approve an IBAN as a second person; it is usable five working days later.

    Accounts of this payee that were usable before stay so until then. Raises
    `UnableToChangeAccount`.
    """
    account = _to_decide(account_id, by)
    usable_from = working_days_after(local_date(at), WORKING_DAYS_BEFORE_FIRST_PAYOUT)
    values = {"decided_by": by.person_id, "decided_at": at, "usable_from": usable_from}
    audit.move(account, "approve", by=by, at=at, lifecycle=PAYEE_ACCOUNT, values=values)


@transaction.atomic
def refuse_payee_account(*, account_id: UUID, by: Actor, at: datetime) -> None:
    """Refuse an IBAN as a second person. Raises `UnableToChangeAccount`."""
    account = _to_decide(account_id, by)
    values = {"decided_by": by.person_id, "decided_at": at}
    audit.move(account, "refuse", by=by, at=at, lifecycle=PAYEE_ACCOUNT, values=values)


@transaction.atomic
def end_payee_account(*, account_id: UUID, by: Actor, at: datetime) -> None:
    """Stop paying on an approved IBAN, at once: orders wait until there is another.

    One that was in use ends together with those it replaced: money never goes back to an older IBAN
    by itself, that one needs a second person and five working days again. Ending a new one before
    its first day leaves the one in use as it is. Raises `UnableToChangeAccount`.
    """
    account = PayeeAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise UnableToChangeAccount("not_found")
    replaced: list[PayeeAccount] = []
    for approved in _approved(account.payee_id).select_for_update():
        if approved.pk == account_id:
            in_use = approved.usable_from is not None and approved.usable_from <= local_date(at)
            for one in [*(replaced if in_use else []), approved]:
                audit.move(one, "end", by=by, at=at, lifecycle=PAYEE_ACCOUNT)
            return
        replaced.append(approved)
    raise UnableToChangeAccount("wrong_state")


def _approved(payee_id: UUID) -> QuerySet[PayeeAccount]:
    """The approved accounts of a payee, the one that is or will be in use last."""
    accounts = PayeeAccount.objects.filter(payee_id=payee_id, state="approved")
    return accounts.order_by("usable_from", "decided_at", "id")


def _to_decide(account_id: UUID, by: Actor) -> PayeeAccount:
    account = PayeeAccount.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise UnableToChangeAccount("not_found")
    if by.person_id is None:
        raise UnableToChangeAccount("not_a_person")
    if account.state != "awaiting":
        raise UnableToChangeAccount("wrong_state")
    if account.registered_by == by.person_id:
        raise UnableToChangeAccount("same_person")
    return account


def _checked_name(name: str) -> str:
    """A holder's name that the bank can print, as it was written."""
    name = " ".join(name.split())
    if not bank_text(name, 70) or len(name) > 70:
        raise UnableToChangeAccount("wrong_name")
    return name
