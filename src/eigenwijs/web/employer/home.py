"""The employer's first page: what to do now, what was delivered, what is to be paid."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from eigenwijs.contributions import queries as contributions
from eigenwijs.kernel.clock import local_date
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.notas import REQUEST_STATES
from eigenwijs.web.paging import page_of

DELIVERIES_A_PAGE = 15

DELIVERY_STATES = {
    "received": (_("wordt gelezen"), "wait"),
    "refused": (_("geweigerd"), "bad"),
    "previewed": (_("nog niet bevestigd"), "wait"),
    "confirmed": (_("wordt verwerkt"), "wait"),
    "booked": (_("verwerkt"), "good"),
}


@permitted(Permission.SEE_DELIVERIES)
def home(request: HttpRequest) -> HttpResponse:
    """Show the employer's schemes, open payment requests and deliveries."""
    actor = request.actor  # type: ignore[attr-defined]
    today = local_date(request_time(request))
    in_force = {version.scheme: version for version in schemes.schemes(today)}
    organisations = {view.id: view.name for view in people.organisations()}
    running = [
        (in_force[part.scheme], organisations.get(part.payer_id, ""), part)
        for part in contributions.participations(actor.organisation_id)
        if part.scheme in in_force
        and part.starts_on <= today
        and (part.ends_on is None or part.ends_on >= today)
    ]
    page = page_of(request, contributions.deliveries(by=actor), DELIVERIES_A_PAGE)
    context = {
        "employer": people.organisation(actor.organisation_id),
        "running": running,
        "open_requests": [
            (found, *REQUEST_STATES[found.standing], found.due_on < today)
            for found in contributions.payment_requests(by=actor)
            if not found.is_settled
        ],
        "days_to_answer": contributions.days_to_answer(by=actor, on=today),
        "page": page,
        "deliveries": [(found, *DELIVERY_STATES[found.state]) for found in page.items],
    }
    return render(request, "employer/home.html", context)
