"""Payment requests: what is asked, of whom, until when, and how far it is paid. Never a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from eigenwijs.contributions import queries
from eigenwijs.contributions.types import PaymentRequestView
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.wording import period
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.web import notas
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.notas import REQUEST_STATES
from eigenwijs.web.paging import page_of
from eigenwijs.web.spreadsheets import decimal, spreadsheet

REQUESTS_A_PAGE = 30


@permitted(Permission.SEE_PAYMENT_REQUESTS)
def payment_requests(request: HttpRequest) -> HttpResponse:
    """Show all payment requests, the latest first; also as a file."""
    found = queries.payment_requests(by=request.actor)  # type: ignore[attr-defined]
    names = {view.id: view.name for view in people.organisations()}
    today = local_date(request_time(request))
    if "csv" in request.GET:
        return _as_file(found, names, today)
    page = page_of(request, found, REQUESTS_A_PAGE)
    crediting = queries.crediting(by=request.actor)  # type: ignore[attr-defined]
    rows = [
        (
            one,
            *REQUEST_STATES[one.standing],
            names.get(one.payer_id, ""),
            not one.is_settled and one.due_on < today,
            crediting.get(one.id),
        )
        for one in page.items
    ]
    return render(request, "employer/requests.html", {"page": page, "rows": rows})


def _as_file(
    found: Sequence[PaymentRequestView], payers: Mapping[UUID, str], today: date
) -> HttpResponse:
    heads = (_("Nota"), _("Over"), _("Wie betaalt"), _("Bedrag"), _("Nog te betalen"))
    lines: list[tuple[object, ...]] = [(*heads, _("Uiterlijk"), _("Stand"))]
    for one in found:
        about = (one.number, period(one.period), payers.get(one.payer_id, ""))
        amounts = (decimal(one.to_pay), decimal(one.still_to_pay))
        lines.append((*about, *amounts, one.due_on, REQUEST_STATES[one.standing][0]))
    return spreadsheet(f"notas-{today}", lines)


@permitted(Permission.SEE_PAYMENT_REQUESTS)
def payment_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show one payment request with how to pay it."""
    found = _own(request, request_id)
    text, kind = REQUEST_STATES[found.standing]
    replaced_by = None
    if found.replaced_by:
        replaced_by = queries.payment_request(found.replaced_by, by=request.actor)  # type: ignore[attr-defined]
    context = {
        "nota": found,
        "state": text,
        "kind": kind,
        "payer": people.organisation(found.payer_id),
        "account": notas.account_to_pay_to(),
        "replaced_by": replaced_by,
        "crediting": queries.crediting(by=request.actor).get(found.id),  # type: ignore[attr-defined]
        "credited_later": queries.credited_later(found.id, by=request.actor),  # type: ignore[attr-defined]
    }
    return render(request, "employer/request.html", context)


@permitted(Permission.SEE_PAYMENT_REQUESTS)
def as_pdf(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Hand out the nota: totals per scheme, no persons and no VAT."""
    found = _own(request, request_id)
    return notas.as_pdf(found, _("Over wie het gaat, zie je alleen in je werkgeversportaal."))


def _own(request: HttpRequest, request_id: UUID) -> PaymentRequestView:
    found = queries.payment_request(request_id, by=request.actor)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found
