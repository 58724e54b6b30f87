"""Getting in and out, choosing a role, and the ways in that a person has."""

from __future__ import annotations

from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from eigenwijs.people import operations, queries
from eigenwijs.people.types import Role
from eigenwijs.web.access import public, signed_in
from eigenwijs.web.middleware import request_time
from eigenwijs.web.navigation import home_of
from eigenwijs.web.signin import session
from eigenwijs.web.signin.forms import ListCodeForm
from eigenwijs.web.signin.proof import for_a_way_in, next_url, with_second_proof


@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """Go to the home page of the role in which this person acts now."""
    return redirect(home_of(request.actor.role))  # type: ignore[attr-defined]


@signed_in
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    auth.logout(request)
    return redirect("public:home")


@never_cache
@public
def paper(request: HttpRequest) -> HttpResponse:
    """Sign in with a code of a list on paper."""
    if request.user.is_authenticated:
        return redirect("signin:start")
    form = ListCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="list_code"):
            return ratelimit.respond_429(request)
        try:
            person_id = operations.sign_in_with_list_code(
                **form.cleaned_data,
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except operations.UnableToUseCode as refusal:
            form.add_error(None, str(refusal))
        else:
            user = session.login_of(request, person_id)
            record_authentication(request, user, method="list_code")
            return perform_login(request, user, redirect_url=next_url(request))
    return render(request, "signin/paper.html", {"form": form, "next": next_url(request)})


@signed_in
def second_factor(request: HttpRequest) -> HttpResponse:
    """Tell someone of the staff to set up a second factor, or to use the one they have."""
    if session.has_second_factor(request):
        return redirect("signin:start")
    if Authenticator.objects.filter(user=request.user).exists():
        return redirect("signin:second_proof")
    return render(request, "signin/second_factor.html")


@signed_in
def ways_in(request: HttpRequest) -> HttpResponse:
    """Show how this person can sign in, and what they can add."""
    authenticators = Authenticator.objects.filter(user=request.user).order_by("created_at")
    context = {
        "login": queries.login(request.user.person_id),  # type: ignore[union-attr]
        "passkeys": [
            {"id": one.pk, "name": one.wrap().name, "at": one.created_at}
            for one in authenticators
            if one.type == Authenticator.Type.WEBAUTHN
        ],
        "has_app": any(one.type == Authenticator.Type.TOTP for one in authenticators),
        "broker": settings.BROKER_NAME,
        "is_coupled": SocialAccount.objects.filter(user=request.user).exists(),
        "is_staff": request.is_staff,  # type: ignore[attr-defined]
    }
    return render(request, "signin/ways_in.html", context)


@never_cache
@signed_in
@for_a_way_in
def code_list(request: HttpRequest) -> HttpResponse:
    """Make a list of codes on paper; it is shown once, ready to print."""
    if request.method != "POST":
        return render(request, "signin/code_list_ask.html", {"login": _login(request)})
    actor = request.actor  # type: ignore[attr-defined]
    at = request_time(request)
    printed = operations.issue_code_list(person_id=actor.person_id, by=actor, at=at)
    person = queries.person(actor.person_id)
    context = {"printed": printed, "person": person, "made_at": at}
    return render(request, "signin/code_list.html", context)


def _login(request: HttpRequest) -> object:
    return queries.login(request.user.person_id)  # type: ignore[union-attr]


@signed_in
def choose_role(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own roles from now on."""
    held = {str(one.id): one for one in request.roles}  # type: ignore[attr-defined]
    actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        now = (actor.role, actor.organisation_id)
        current = [one for one in held.values() if (one.role, one.organisation_id) == now]
        return render(
            request, "signin/choose_role.html", {"current": current[0].id if current else None}
        )
    wanted = request.POST.get("role", "")
    if wanted not in held:
        raise Http404
    request.session[session.ROLE] = wanted
    return redirect(home_of(held[wanted].role))


@public
def broker_unknown(request: HttpRequest) -> HttpResponse:
    """The broker brought an identity that nobody coupled."""
    return render(request, "signin/broker_unknown.html", {"broker": settings.BROKER_NAME})


@public
def broker_failed(request: HttpRequest) -> HttpResponse:
    """The broker did not answer, or the visitor turned back."""
    return render(request, "signin/broker_failed.html", {"broker": settings.BROKER_NAME})


@signed_in
@require_POST
@with_second_proof
def uncouple(request: HttpRequest) -> HttpResponse:
    """Take the broker's way in away."""
    SocialAccount.objects.filter(user=request.user).delete()
    messages.success(request, _("Die manier van inloggen is weg."))
    return redirect("signin:ways_in")


@public
def closed(request: HttpRequest) -> HttpResponse:
    """The login was closed, for instance because its file joined another."""
    return render(request, "signin/closed.html")


@public
def personas(request: HttpRequest) -> HttpResponse:
    """Let a visitor of a demonstration choose who to be. Elsewhere one signs in."""
    if not settings.DEMO:
        return redirect("account_login")
    everyone = queries.personas()
    workers = [one for one in everyone if any(held.role is Role.WORKER for held in one.roles)]
    others = [one for one in everyone if one not in workers]
    return render(request, "signin/personas.html", {"workers": workers, "others": others})


@public
@require_POST
def become(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Sign in at once as a fictional person, in a demonstration only."""
    if not settings.DEMO or person_id not in {one.person_id for one in queries.personas()}:
        raise Http404
    user = session.login_of(request, person_id)
    auth.logout(request)
    auth.login(request, user)
    session.become_persona(request, user)
    return redirect("signin:start")
