"""The notas that no employer sees, for the fund that pays them. Never a person, and every look is written down."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.types import PaymentRequestView
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.web import notas as on_paper
from eigenwijs.web.access import permitted
from eigenwijs.web.finance.names import organisation_names
from eigenwijs.web.middleware import request_time
from eigenwijs.web.notas import REQUEST_STATES
from eigenwijs.web.paging import page_of


@permitted(Permission.HAND_OVER_NOTAS)
def notas(request: HttpRequest) -> HttpResponse:
    """List them, the latest first, with what stands under Ontvangsten too."""
    page = page_of(request, queries.hidden_requests(), 50)
    names = organisation_names()
    rows = [(one, names.get(one.payer_id, ""), *REQUEST_STATES[one.standing]) for one in page.items]
    return render(request, "finance/notas.html", {"page": page, "rows": rows})


@permitted(Permission.HAND_OVER_NOTAS)
def nota(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one with how to pay it."""
    found = _hidden(request, reference, is_paper=False)
    text, kind = REQUEST_STATES[found.standing]
    context = {
        "nota": found,
        "state": text,
        "kind": kind,
        "payer": people.organisation(found.payer_id),
        "employer": people.organisation(found.employer_id),
        "account": on_paper.account_to_pay_to(),
    }
    return render(request, "finance/nota.html", context)


@permitted(Permission.HAND_OVER_NOTAS)
def as_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """Hand out one on paper: totals per scheme, no persons and no VAT."""
    found = _hidden(request, reference, is_paper=True)
    return on_paper.as_pdf(
        found,
        _(
            "Over wie het gaat, zeggen we niet. Deze bedragen hangen af van wat mensen over zichzelf "
            "vertelden. Hun werkgever ziet deze nota niet: deel haar niet met de werkgever."
        ),
    )


def _hidden(request: HttpRequest, reference: str, *, is_paper: bool) -> PaymentRequestView:
    found = operations.look_at_hidden_nota(
        reference=reference,
        on_paper=is_paper,
        by=request.actor,  # type: ignore[attr-defined]
        at=request_time(request),
    )
    if found is None:
        raise Http404
    return found
