"""Letters with which somebody gets in again: one person asks, another says yes and prints."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from eigenwijs.people import access, operations, queries
from eigenwijs.people.types import Looked, Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.letters.paper import letters_response
from eigenwijs.web.middleware import request_time
from eigenwijs.web.signin.proof import with_second_proof


@permitted(Permission.APPROVE_RECOVERY)
def recoveries(request: HttpRequest) -> HttpResponse:
    """List what the desk asked and nobody answered yet, without the persons' names."""
    return render(request, "letters/recoveries.html", {"requests": queries.recovery_requests()})


@never_cache
@permitted(Permission.APPROVE_RECOVERY)
@with_second_proof
def recovery(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show for whom a letter is asked; print it on somebody else's yes, or say no."""
    found = queries.recovery_request(request_id)
    if found is None:
        raise Http404
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    if request.method == "POST":
        try:
            if request.POST.get("answer") == "yes":
                letter = operations.approve_recovery(request_id, by=by, at=at)
                return letters_response(request, [letter], "brief")
            operations.refuse_recovery(request_id, by=by, at=at)
        except operations.UnableToRecover as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Er komt geen brief."))
        return redirect("letters:recoveries")
    access.look_at(found.person_id, what=Looked.FILE, by=by, at=at)
    context = {
        "asked": found,
        "person": queries.person(found.person_id),
        "is_own": found.asked_by == by.person_id,
    }
    return render(request, "letters/recovery.html", context)
