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
from eigenwijs.people import access, operations, queries
from eigenwijs.web.access import public, signed_in
from eigenwijs.web.middleware import request_time
from eigenwijs.web.signin import session
from eigenwijs.web.signin.forms import ClaimForm
from eigenwijs.web.signin.proof import ask_for_second_proof


@never_cache
@public
def claim(request: HttpRequest) -> HttpResponse:
    """Ask code and birth date; open the file, or join it to the one of who is signed in."""
    actor = request.actor  # type: ignore[attr-defined]
    is_signed_in = actor.kind is ActorKind.PERSON
    if is_signed_in and not access.has_fresh_second_proof(actor, request_time(request)):
        return ask_for_second_proof(request)
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
            record_authentication(request, user, method="claim_code")
            return perform_login(request, user, redirect_url=reverse("signin:welcome"))
    person = queries.person(actor.person_id) if is_signed_in else None
    return render(request, "signin/claim.html", {"form": form, "person": person})


@signed_in
def welcome(request: HttpRequest) -> HttpResponse:
    """The file is open; ask how this person wants to get in next time."""
    person_id = request.user.person_id  # type: ignore[union-attr]
    context = {
        "person": queries.person(person_id),
        "login": queries.login(person_id),
        "known": _hint(queries.known_email(person_id)),
    }
    return render(request, "signin/welcome.html", context)


@never_cache
@signed_in
def owner(request: HttpRequest) -> HttpResponse:
    """Say how somebody who came with a letter shows that the account is theirs."""
    person_id = request.user.person_id  # type: ignore[union-attr]
    login = queries.login(person_id)
    if login is None or login.is_confirmed:
        return redirect("signin:start")
    context = {
        "login": login,
        "known": _hint(queries.known_email(person_id)),
        "code": queries.confirmation_code(person_id),
    }
    return render(request, "signin/owner.html", context)


def _hint(email: str) -> str:
    """Return as much of an address as its owner needs to know it by: s•••@example.org."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}•••{at}{domain}" if at else ""
