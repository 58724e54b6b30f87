"""What payers still have to pay, and releasing what came in so far."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.contributions import queries as contributions
from eigenwijs.kernel import wording
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Permission
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.operations import UnableToExpectReceipt
from eigenwijs.treasury.types import ExpectedReceipt, ReceiptState
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.forms import ReceiptFilterForm
from eigenwijs.web.finance.names import organisation_names
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.spreadsheets import decimal, spreadsheet


@permitted(Permission.ASSIGN_ENTRIES)
def receipts(request: HttpRequest) -> HttpResponse:
    """List expected receipts, the earliest due first, on the screen or as a file."""
    form = ReceiptFilterForm(request.GET)
    names = organisation_names()
    rows = [
        {"receipt": receipt, "payer": names.get(receipt.payer_id, "")}
        for receipt in queries.expected_receipts(states=form.states())
    ]
    if "csv" in request.GET:
        return _as_file(rows, local_date(request_time(request)))
    context = {"form": form, "page": page_of(request, rows, 50)}
    return render(request, "finance/receipts.html", context)


def _as_file(rows: list[dict[str, Any]], today: date) -> HttpResponse:
    heads = (_("Betalingskenmerk"), _("Betaler"), _("Vervaldag"), _("Bedrag"), _("Binnen"))
    lines: list[tuple[object, ...]] = [(*heads, _("Vrijgegeven"), _("Stand"))]
    for row in rows:
        receipt: ExpectedReceipt = row["receipt"]
        amounts = (receipt.amount, receipt.received, receipt.released)
        state = receipt.state.label
        start = (receipt.reference, row["payer"], receipt.due_on)
        lines.append((*start, *map(decimal, amounts), state))
    return spreadsheet(f"ontvangsten-{today}", lines)


@permitted(Permission.ASSIGN_ENTRIES)
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one expected receipt; a post releases what came in so far, in proportion."""
    try:
        found = queries.expected_receipt(reference)
    except LookupError:
        raise Http404 from None
    if request.method == "POST":
        try:
            released = operations.release_pro_rata(
                reference=reference,
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToExpectReceipt as refusal:
            messages.error(request, str(refusal))
        else:
            text = _("%(amount)s is vrijgegeven.") % {"amount": wording.money(released)}
            messages.success(request, text)
        return redirect("finance:receipt", reference)
    context = {
        "receipt": found,
        "payer": organisation_names().get(found.payer_id, ""),
        "can_release": found.state is ReceiptState.PARTLY and bool(found.releasable),
        "entries": queries.entries_of_receipt(reference),
        "has_hidden_nota": contributions.is_hidden(reference),
    }
    return render(request, "finance/receipt.html", context)
