"""What payers still have to pay, and releasing what came in so far."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.kernel import wording
from eigenwijs.people.types import Permission
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.operations import UnableToExpectReceipt
from eigenwijs.treasury.types import ReceiptState
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.forms import ReceiptFilterForm
from eigenwijs.web.finance.names import organisation_names
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of


@permitted(Permission.ASSIGN_ENTRIES)
def receipts(request: HttpRequest) -> HttpResponse:
    """List expected receipts, the earliest due first."""
    form = ReceiptFilterForm(request.GET or None)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    names = organisation_names()
    rows = [
        {"receipt": receipt, "payer": names.get(receipt.payer_id, "")}
        for receipt in queries.expected_receipts(state=state)
    ]
    page = page_of(request, rows, 50)
    return render(request, "finance/receipts.html", {"form": form, "page": page})


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
    }
    return render(request, "finance/receipt.html", context)
