"""Statements: import them, read them back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people.types import Permission
from eigenwijs.treasury import operations, queries
from eigenwijs.treasury.operations import UnableToImportStatement
from eigenwijs.treasury.types import StatementOutcome, StatementView
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.forms import FileForm, sent
from eigenwijs.web.finance.names import colleague_names, fault_text
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.spreadsheets import decimal, spreadsheet

MAX_STATEMENTS = 5_000


@permitted(Permission.IMPORT_STATEMENTS)
def statements(request: HttpRequest) -> HttpResponse:
    """List the statements; a post imports a file, or says everything that is wrong with it."""
    form = FileForm(sent(request), request.FILES or None)
    faults: list[str] = []
    if request.method == "POST" and form.is_valid():
        uploaded: UploadedFile = form.cleaned_data["file"]
        try:
            outcome = operations.import_statement(
                content=uploaded.read(),
                file_name=uploaded.name or "",
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToImportStatement as refusal:
            faults = [fault_text(fault) for fault in refusal.faults]
        except TooBusy as refusal:
            faults = [str(refusal)]
        else:
            return _imported(request, outcome)
    page = page_of(request, queries.statements(limit=MAX_STATEMENTS), 50)
    context = {"form": form, "faults": faults, "page": page}
    return render(request, "finance/statements.html", context)


def _imported(request: HttpRequest, outcome: StatementOutcome) -> HttpResponse:
    if outcome.imported:
        text = ngettext(
            "%(count)d afschrift is ingelezen.",
            "%(count)d afschriften zijn ingelezen.",
            len(outcome.imported),
        )
        messages.success(request, text % {"count": len(outcome.imported)})
    if outcome.repeated:
        text = ngettext(
            "%(count)d afschrift was er al. Daar is niets mee gebeurd.",
            "%(count)d afschriften waren er al. Daar is niets mee gebeurd.",
            len(outcome.repeated),
        )
        messages.info(request, text % {"count": len(outcome.repeated)})
    if len(outcome.imported) == 1:
        return redirect("finance:statement", outcome.imported[0].id)
    return redirect("finance:statements")


@permitted(Permission.IMPORT_STATEMENTS)
def statement(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """Show one statement with its entries."""
    found = _statement(statement_id)
    entries = queries.entries(statement_id)
    context = {
        "statement": found,
        "page": page_of(request, entries, 100),
        "imported_by": colleague_names([found.imported_by]).get(
            found.imported_by or UUID(int=0), ""
        ),
    }
    return render(request, "finance/statement.html", context)


@permitted(Permission.IMPORT_STATEMENTS)
def statement_file(_request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """Hand out the entries of a statement as a file for a spreadsheet."""
    found = _statement(statement_id)
    heads = (_("Datum"), _("Bij"), _("Af"), _("Naam"), _("Rekening"), _("Omschrijving"))
    lines = [(*heads, _("Stand"), _("Open"))]
    lines += [
        (
            entry.booked_on.isoformat(),
            decimal(entry.amount) if entry.amount.cents > 0 else "",
            decimal(-entry.amount) if entry.amount.cents < 0 else "",
            entry.counterparty_name,
            entry.counterparty_iban,
            entry.remittance,
            str(entry.state.label),
            decimal(entry.open),
        )
        for entry in queries.entries(statement_id)
    ]
    return spreadsheet(found.closed_on.isoformat(), lines)


def _statement(statement_id: UUID) -> StatementView:
    try:
        return queries.statement(statement_id)
    except LookupError:
        raise Http404 from None
