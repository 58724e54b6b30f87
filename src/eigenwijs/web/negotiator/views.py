"""What a party to an agreement sees: its schemes as they run, and who pays late. Never a person."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from eigenwijs.contributions import queries as contributions
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import SchemeVersionView
from eigenwijs.web import schemes as words
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time

STATES = {
    "open": _("niet op tijd betaald"),
    "part_paid": _("deels betaald"),
    "reopened": _("teruggeboekt door de bank"),
}


@permitted(Permission.SEE_SIGNED_SCHEMES)
def home(request: HttpRequest) -> HttpResponse:
    """Show the schemes that the party signed, and what was not paid in time or in full."""
    today = local_date(request_time(request))
    organisation_id = request.actor.organisation_id  # type: ignore[attr-defined]
    late = contributions.late_requests(organisation_id=organisation_id, on=today)
    context = {
        "signed": _signed(request),
        "tables": schemes.negotiations(by=request.actor),  # type: ignore[attr-defined]
        "late": [(found, STATES[found.state]) for found in late],
    }
    return render(request, "negotiator/home.html", context)


@permitted(Permission.SEE_SIGNED_SCHEMES)
def scheme(request: HttpRequest, version_hash: str) -> HttpResponse:
    """Show the text of a scheme that the party signed: the very text that runs."""
    found = next((one for one in _signed(request) if one.hash == version_hash), None)
    if found is None:
        raise Http404
    return render(
        request, "negotiator/scheme.html", {"version": found, "sections": words.sections(found)}
    )


def _signed(request: HttpRequest) -> list[SchemeVersionView]:
    organisation_id = request.actor.organisation_id  # type: ignore[attr-defined]
    today = local_date(request_time(request))
    return [
        version
        for version in schemes.schemes(today)
        if organisation_id in version.signatures.values()
    ]
