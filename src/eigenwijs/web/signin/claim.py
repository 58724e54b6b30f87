"""Opening one's file with the code of a letter, and joining a second one to it."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from eigenwijs.kernel.actor import ActorKind
from eigenwijs.people import operations, queries
from eigenwijs.web.access import public, signed_in
from eigenwijs.web.middleware import request_time
from eigenwijs.web.signin import session
from eigenwijs.web.signin.forms import ClaimForm


@never_cache
@public
def claim(request: HttpRequest) -> HttpResponse:
    """Ask code and birth date; open the file, or join it to the one of who is signed in."""
    actor = request.actor  # type: ignore[attr-defined]
    is_signed_in = actor.kind is ActorKind.PERSON
    form = ClaimForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="claim"):
            return ratelimit.respond_429(request)
        at = request_time(request)
        try:
            person_id = operations.claim(**form.cleaned_data, by=actor, at=at)
        except operations.UnableToClaim as refusal:
            form.add_error("code" if refusal.code == "mistyped" else None, str(refusal))
        else:
            if is_signed_in:
                messages.success(
                    request, _("Gelukt. Je ziet nu alles van je banen bij elkaar in één dossier.")
                )
                return redirect("my_data:data")
            user = session.login_of(request, person_id)
            session.record_second_proof(request, user, at)
            record_authentication(request, user, method="claim_code")
            return perform_login(request, user, redirect_url=reverse("signin:welcome"))
    person = queries.person(actor.person_id) if is_signed_in else None
    return render(request, "signin/claim.html", {"form": form, "person": person})


@signed_in
def welcome(request: HttpRequest) -> HttpResponse:
    """The file is open; ask how this person wants to get in next time."""
    person_id = request.user.person_id  # type: ignore[union-attr]
    context = {"person": queries.person(person_id), "login": queries.login(person_id)}
    return render(request, "signin/welcome.html", context)
