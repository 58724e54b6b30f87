"""A nota on the screen and on paper, for whoever hands it to its payer. Never a person."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from eigenwijs.contributions.types import PaymentRequestView
from eigenwijs.kernel.wording import day, grouped, iban, money, period
from eigenwijs.people import queries as people
from eigenwijs.schemes.types import Localised
from eigenwijs.treasury import queries as treasury
from eigenwijs.web.pdf import pdf_response

REQUEST_STATES = {
    "open": (gettext_lazy("te betalen"), "wait"),
    "part_paid": (gettext_lazy("deels betaald"), "wait"),
    "paid": (gettext_lazy("betaald"), "good"),
    "reopened": (gettext_lazy("opnieuw te betalen"), "bad"),
    "replaced": (gettext_lazy("vervangen"), "neutral"),
}


def account_to_pay_to() -> tuple[str, str] | None:
    """Return IBAN and holder of the account to pay to, where there is one."""
    accounts = treasury.bank_accounts()
    return (accounts[0].iban, accounts[0].holder_name) if accounts else None


def advance_in(found: PaymentRequestView) -> str:
    """Say how much of a nota comes ahead, as the lines of its delivery say of each."""
    said = _("In dit bedrag zit %(amount)s voorschot. Dat gaat later af van wat nog komt.")
    return said % {"amount": money(found.advance)}


def as_pdf(found: PaymentRequestView, about_whom: str) -> HttpResponse:
    """Return a nota on paper: totals per scheme, no persons and no VAT; `about_whom` is said below it."""
    payer = people.organisation(found.payer_id)
    employer = people.organisation(found.employer_id)
    account = account_to_pay_to()
    rows = [
        (_in_language(item.title), grouped(item.people), money(item.amount))
        for item in found.totals
    ]
    if found.taken_back:
        rows.append(
            (_("Al ontvangen: kwam terug bij een verbetering"), "", money(-found.taken_back))
        )
    if found.lowered:
        rows.append((_("Minder door een verbetering"), "", money(-found.lowered)))
    to_pay = [(_("Te betalen"), money(found.to_pay))]
    if found.received:
        to_pay += [
            (_("Al betaald"), money(found.received)),
            (_("Nog te betalen"), money(found.still_to_pay)),
        ]
    values = {
        "title": _("Nota %(number)s") % {"number": found.number},
        "payer": [payer.name, *payer.address.splitlines()] if payer else [],
        "facts": [
            (_("Werkgever"), employer.name if employer else ""),
            (_("Over"), period(found.period)),
            (_("Datum"), day(found.requested_on)),
            (_("Betaal uiterlijk"), day(found.due_on)),
            *to_pay,
            (_("Rekeningnummer"), iban(account[0]) if account else ""),
            (_("Ten name van"), account[1] if account else ""),
            # In groups of four, as a creditor reference is printed (ISO 11649).
            (_("Betalingskenmerk"), iban(found.reference)),
        ],
        "head": (_("Regeling"), _("Mensen"), _("Bedrag")),
        "rows": rows,
        "total": (_("Te betalen"), money(found.to_pay)),
        "notes": [
            *([advance_in(found)] if found.advance else []),
            _(
                "Zet het betalingskenmerk bij je betaling. Dan komt het geld meteen op de rekeningen."
            ),
            _("Over dit geld betaal je geen btw: het is geen betaling voor een dienst."),
            about_whom,
        ],
    }
    return pdf_response("documents/nota.typ", values, f"nota-{found.number}")


def _in_language(texts: Localised) -> str:
    return texts.get(get_language() or "nl", texts["en"])
