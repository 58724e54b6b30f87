"""Payments: choose them, make a file, release it as another person, import the bank's answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from eigenwijs.kernel.clock import local_date
from eigenwijs.people import access
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import Permission
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.operations import (
    UnableToImportPaymentStatus,
    UnableToMakeBatch,
    UnableToReleaseBatch,
)
from eigenwijs.treasury.types import BatchState, PaymentBatchView, StatusOutcome
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.forms import BatchForm, FileForm, ReleaseForm, sent
from eigenwijs.web.finance.names import colleague_names, fault_text, organisation_names
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.signin.proof import ask_for_second_proof
from eigenwijs.web.spreadsheets import decimal, spreadsheet


@permitted(Permission.MAKE_PAYMENT_BATCHES)
def payable(request: HttpRequest) -> HttpResponse:
    """Show what is ready to be paid; a post makes one file of what is ticked."""
    at = request_time(request)
    found = queries.payable_orders(local_date(at))
    form = BatchForm(
        sent(request),
        payable=found,
        bank_accounts=queries.bank_accounts(),
        execute_on=local_date(at),
    )
    if request.method == "POST" and form.is_valid():
        try:
            batch_id = operations.make_batch(
                bank_account_id=form.cleaned_data["bank_account"],
                order_ids=form.cleaned_data["orders"],
                execute_on=form.cleaned_data["execute_on"],
                by=request.actor,  # type: ignore[attr-defined]
                at=at,
            )
        except UnableToMakeBatch as refusal:
            is_date = refusal.code == "execution_in_past"
            form.add_error("execute_on" if is_date else None, str(refusal))
        else:
            messages.success(request, _("De betaalbatch wacht op vrijgave door iemand anders."))
            return redirect("finance:batch", batch_id)
    names = organisation_names()
    chosen = form.chosen()
    rows = [
        {
            "payable": one,
            "payee": names.get(one.order.payee_id, "") if one.order.payee_id else one.holder_name,
            "is_chosen": str(one.order.id) in chosen,
        }
        for one in found
    ]
    return render(request, "finance/payable.html", {"form": form, "rows": rows})


@permitted(Permission.MAKE_PAYMENT_BATCHES)
def batches(request: HttpRequest) -> HttpResponse:
    """List payment batches, newest first; also as a file."""
    found = queries.batches(limit=1_000)
    if "csv" in request.GET:
        return _as_file(found, local_date(request_time(request)))
    return render(request, "finance/batches.html", {"page": page_of(request, found, 50)})


def _as_file(found: Sequence[PaymentBatchView], today: date) -> HttpResponse:
    heads = (_("Gemaakt"), _("Betaaldatum"), _("Betalingen"), _("Bedrag"), _("Stand"))
    lines: list[tuple[object, ...]] = [(*heads, _("Betaald"), _("Geweigerd"), _("Teruggekomen"))]
    for one in found:
        days = (local_date(one.made_at), one.execute_on)
        answers = (one.settled, one.rejected, one.returned)
        lines.append((*days, one.order_count, decimal(one.total), one.state.label, *answers))
    return spreadsheet(f"betaalbatches-{today}", lines)


@permitted(Permission.RELEASE_PAYMENT_BATCHES)
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show one batch; a post releases it, after a second proof, or takes it back."""
    found = _batch(batch_id)
    actor = request.actor  # type: ignore[attr-defined]
    is_release = request.POST.get("action") == "release"
    form = ReleaseForm(request.POST if is_release else None, initial={"checksum": found.checksum})
    if request.method == "POST" and (not is_release or form.is_valid()):
        try:
            messages.success(request, _act(request, found, form if is_release else None))
        except SecondProofNeeded:
            return ask_for_second_proof(request)
        except UnableToReleaseBatch as refusal:
            messages.error(request, str(refusal))
        return redirect("finance:batch", batch_id)
    names = colleague_names([found.made_by, found.released_by])
    context = {
        "batch": found,
        "orders": queries.batch_orders(batch_id),
        "form": form,
        "made_by": names.get(found.made_by, ""),
        "released_by": names.get(found.released_by, "") if found.released_by else "",
        "is_mine": found.made_by == actor.person_id,
        "has_file": found.state in (BatchState.RELEASED, BatchState.FINISHED),
    }
    return render(request, "finance/batch.html", context)


def _act(request: HttpRequest, found: PaymentBatchView, form: ReleaseForm | None) -> str:
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    if form is None:
        operations.withdraw_batch(batch_id=found.id, by=by, at=at)
        return _("De betaalbatch is ingetrokken. De betalingen staan weer klaar.")
    access.require_second_proof(by, at)
    operations.release_batch(
        batch_id=found.id, checksum=form.cleaned_data["checksum"], by=by, at=at
    )
    return _("De betaalbatch is vrijgegeven. Geef het bestand nu aan de bank.")


@never_cache
@permitted(Permission.RELEASE_PAYMENT_BATCHES)
def batch_file(_request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Hand out the file of a released batch, exactly as it was frozen."""
    found = _batch(batch_id)
    if found.state not in (BatchState.RELEASED, BatchState.FINISHED):
        raise Http404
    response = HttpResponse(queries.batch_file(batch_id), content_type="application/xml")
    name = f"pain.001-{found.execute_on.isoformat()}-{found.identifier[-8:]}.xml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@permitted(Permission.IMPORT_STATEMENTS)
def answer(request: HttpRequest) -> HttpResponse:
    """Import the bank's answer to a payment file."""
    form = FileForm(sent(request), request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        uploaded: UploadedFile = form.cleaned_data["file"]
        try:
            outcome = operations.import_payment_status(
                content=uploaded.read(),
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToImportPaymentStatus as refusal:
            faults = [fault_text(fault) for fault in refusal.faults]
        else:
            return _answered(request, outcome)
    return render(request, "finance/answer.html", {"form": form, "faults": faults})


def _answered(request: HttpRequest, outcome: StatusOutcome) -> HttpResponse:
    count = len(outcome.rejected)
    if count:
        text = ngettext(
            "De bank weigert %(count)d betaling.", "De bank weigert %(count)d betalingen.", count
        )
        messages.warning(request, text % {"count": count})
    else:
        messages.info(request, _("De bank weigert niets nieuws."))
    if outcome.already_settled:
        count = len(outcome.already_settled)
        text = ngettext(
            "De bank weigert %(count)d betaling die volgens het afschrift betaald is. Bel de bank.",
            "De bank weigert %(count)d betalingen die volgens het afschrift betaald zijn. Bel de bank.",
            count,
        )
        messages.error(request, text % {"count": count})
    return redirect("finance:batch", outcome.batch_id)


def _batch(batch_id: UUID) -> PaymentBatchView:
    try:
        return queries.batch(batch_id)
    except LookupError:
        raise Http404 from None
