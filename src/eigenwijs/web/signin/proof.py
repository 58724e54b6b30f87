"""The second proof: asked at spending and at changing how you can be reached, not at looking."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from eigenwijs.people import access, operations, queries
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.web.access import signed_in
from eigenwijs.web.middleware import request_time
from eigenwijs.web.signin import mailed_code, session
from eigenwijs.web.signin.forms import AppCodeAgainForm, OneCodeForm

PURPOSE = "second_proof"
MEANS = {
    "e-mail": gettext_lazy("Een code per e-mail"),
    "papier": gettext_lazy("Een code van je lijst op papier"),
    "passkey": gettext_lazy("Je passkey"),
    "app": gettext_lazy("De code uit je app"),
}


def ask_for_second_proof(request: HttpRequest) -> HttpResponseRedirect:
    """Send the visitor to the second proof; afterwards they come back to this very page.

    What they pressed was not done: the page they come back to says so.
    """
    if request.method == "POST":
        session.note_unfinished(request)
    target = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('signin:second_proof')}?{target}")


def with_second_proof(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ask for a second proof before a page that changes how somebody gets in.

    Also turns SecondProofNeeded, raised by an operation, into the question.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            access.require_second_proof(request.actor, request_time(request))  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)
        except SecondProofNeeded:
            return ask_for_second_proof(request)

    return guarded


def for_a_way_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The same, for a page where somebody who has just opened a file adds their first way in.

    They cannot give a second proof yet; what they may add then, the operation decides.
    """
    proven = with_second_proof(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if access.is_confirmed(request.actor):  # type: ignore[attr-defined]
            return proven(request, *args, **kwargs)
        try:
            return view(request, *args, **kwargs)
        except SecondProofNeeded:
            return ask_for_second_proof(request)

    return guarded


def means_of(request: HttpRequest) -> list[str]:
    """Return the proofs that this person can give, the easiest first.

    Someone of the staff proves with a passkey or an app, nothing less.
    """
    user = request.user
    strong = []
    if is_mfa_enabled(user, [Authenticator.Type.WEBAUTHN]):
        strong.append("passkey")
    if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        strong.append("app")
    if request.is_staff and not session.is_persona(request):  # type: ignore[attr-defined]
        return strong
    login = queries.login(user.person_id)  # type: ignore[union-attr]
    weak = []
    if login and login.email:
        weak.append("e-mail")
    if login and login.codes_left:
        weak.append("papier")
    return weak + strong


def next_url(request: HttpRequest) -> str:
    """Return where the visitor wanted to go, if that is a page of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else reverse("signin:start")


@never_cache
@signed_in
def second_proof(request: HttpRequest) -> HttpResponse:
    """Go to the easiest proof, or say that there is none."""
    if not access.is_confirmed(request.actor):  # type: ignore[attr-defined]
        return redirect("signin:owner")
    means = means_of(request)
    if not means:
        return render(request, "signin/proof_none.html", {"next": next_url(request)})
    target = urlencode({"next": next_url(request)})
    return redirect(f"{reverse('signin:prove', args=[means[0]])}?{target}")


@never_cache
@signed_in
def prove(request: HttpRequest, means: str) -> HttpResponse:
    """Ask one proof; the others are one link away."""
    possible = means_of(request)
    if means not in possible:
        raise Http404
    answer = _ASK[means](request)
    if answer is None:
        session.record_second_proof(request, request.user, request_time(request))  # type: ignore[arg-type]
        if session.was_unfinished(request):
            messages.info(request, _("Je bent er bijna. Er is nog niets gedaan: bevestig het nu."))
        return HttpResponseRedirect(next_url(request))
    template, context = answer
    others = [(name, MEANS[name]) for name in possible if name != means]
    return render(request, template, {"others": others, "next": next_url(request), **context})


_Answer = tuple[str, dict[str, Any]] | None
"""The page to show, or None when the proof was given."""


def _email(request: HttpRequest) -> _Answer:
    login = queries.login(request.user.person_id)  # type: ignore[union-attr]
    at = request_time(request)
    email = login.email if login else ""
    context: dict[str, Any] = {"email": email, "too_many": False}
    is_code = request.method == "POST" and "code" in request.POST
    form = _email_form(request.POST if is_code else None)
    if is_code and form.is_valid():
        proven = mailed_code.accept(request, purpose=PURPOSE, code=form.cleaned_data["code"], at=at)
        if proven is not None and proven == email:
            return None
        form.add_error(
            "code", _("Deze code klopt niet, of hij werkt niet meer. Vraag zo nodig een nieuwe.")
        )
    elif request.method == "POST" and not is_code:
        try:
            mailed_code.send(request, purpose=PURPOSE, email=email, at=at)
        except mailed_code.TooManyMails:
            context["too_many"] = True
    waiting = mailed_code.is_waiting(request, PURPOSE)
    context |= {"form": form, "is_sent": waiting, "shown": mailed_code.shown_in_demo(request)}
    return "signin/proof_email.html", context


def _email_form(data: Any) -> OneCodeForm:
    return OneCodeForm(
        data, label=_("De code uit de e-mail"), help_text=_("Zes cijfers."), digits=True
    )


def _paper(request: HttpRequest) -> _Answer:
    form = OneCodeForm(
        request.POST or None,
        label=_("Een code van je lijst"),
        help_text=_("Neem een code die je nog niet gebruikte. Streep hem daarna door."),
        digits=False,
    )
    if request.method == "POST" and form.is_valid():
        actor = request.actor  # type: ignore[attr-defined]
        try:
            operations.prove_with_list_code(
                person_id=actor.person_id,
                code=form.cleaned_data["code"],
                by=actor,
                at=request_time(request),
            )
        except operations.UnableToUseCode as refusal:
            form.add_error("code", str(refusal))
        else:
            return None
    return "signin/proof_paper.html", {"form": form}


def _app(request: HttpRequest) -> _Answer:
    form = AppCodeAgainForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        return None
    return "signin/proof_app.html", {"form": form}


def _passkey(request: HttpRequest) -> _Answer:
    form = ReauthenticateWebAuthnForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        return None
    options = {"request_options": begin_authentication(request.user)}
    return "signin/proof_passkey.html", {"form": form, "options": options}


_ASK: dict[str, Callable[[HttpRequest], _Answer]] = {
    "e-mail": _email,
    "papier": _paper,
    "app": _app,
    "passkey": _passkey,
}
