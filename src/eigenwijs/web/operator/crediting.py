"""How far payments are that are being brought to accounts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from eigenwijs.contributions import queries
from eigenwijs.kernel.clock import local_date
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time


@permitted(Permission.MANAGE_ORGANISATIONS)
def crediting(request: HttpRequest) -> HttpResponse:
    """List the payments that are being credited or wait for a day, the oldest first; mark what stands still."""
    names = {view.id: view.name for view in people.organisations()}
    at = request_time(request)
    rows = [
        (one, names.get(one.employer_id, ""), one.stands_still(at))
        for one in queries.crediting_everywhere()
    ]
    some_stand_still = any(stands_still for _one, _name, stands_still in rows)
    today = local_date(at)
    waiting = [
        (one, names.get(one.employer_id, ""), one.is_late(today))
        for one in queries.waiting_everywhere()
    ]
    context = {"rows": rows, "some_stand_still": some_stand_still, "waiting": waiting}
    return render(request, "operator/crediting.html", context)
