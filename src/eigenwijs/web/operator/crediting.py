"""How far payments are that are being brought to accounts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from eigenwijs.contributions import queries
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted


@permitted(Permission.MANAGE_ORGANISATIONS)
def crediting(request: HttpRequest) -> HttpResponse:
    """List the payments that are being credited now, the oldest first."""
    names = {view.id: view.name for view in people.organisations()}
    rows = [(one, names.get(one.employer_id, "")) for one in queries.crediting_everywhere()]
    return render(request, "operator/crediting.html", {"rows": rows})
