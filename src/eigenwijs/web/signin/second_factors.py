"""allauth's own pages for codes, passkeys and authenticator apps, in our words and behind our proof."""

from __future__ import annotations

from typing import Any

from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from eigenwijs.web.access import public, signed_in
from eigenwijs.web.signin import session
from eigenwijs.web.signin.proof import with_second_proof

BROKER = "broker"


class _SignIn(RequestLoginCodeView):
    template_name = "signin/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "broker": settings.BROKER_NAME}


class _Confirm(ConfirmLoginCodeView):
    template_name = "signin/confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "email": self._process.state.get("email", ""),
            "can_resend": self._process.can_resend,
            "shown": self._process.code if settings.DEMO else "",
        }


class _NewApp(ActivateTOTPView):
    template_name = "signin/new_app.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "secret": context["form"].secret}

    def form_valid(self, form: Any) -> HttpResponse:
        super().form_valid(form)
        return _added(self.request, Authenticator.Type.TOTP)


class _NewPasskey(AddWebAuthnView):
    template_name = "signin/new_passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # allauth makes a fresh form here; what was typed, and its errors, must stay.
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "form": kwargs.get("form", context["form"])}

    def form_valid(self, form: Any) -> HttpResponse:
        super().form_valid(form)
        return _added(self.request, Authenticator.Type.WEBAUTHN)


class _PasskeySignIn(LoginWebAuthnView):
    """Where the device's answer comes in; allauth's view as it is."""


class _Authenticate(AuthenticateView):
    template_name = "signin/authenticate.html"


def _added(request: HttpRequest, kind: Authenticator.Type) -> HttpResponse:
    """Having just used the new factor counts as using it."""
    newest = Authenticator.objects.filter(user=request.user, type=kind).latest("created_at")
    session.record_factor(request, newest)
    messages.success(request, _("Gelukt. Hiermee kun je voortaan inloggen."))
    return redirect("signin:ways_in")


def _for_a_new_factor(view: Any) -> Any:
    """Staff without any factor may set one up right after signing in; everyone else proves first."""
    proven = with_second_proof(view)

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_first = not Authenticator.objects.filter(user=request.user).exists()
        is_staff = request.is_staff  # type: ignore[attr-defined]
        return (view if is_first and is_staff else proven)(request, *args, **kwargs)

    return guarded


sign_in = public(_SignIn.as_view())
confirm = public(_Confirm.as_view())
passkey_sign_in = public(_PasskeySignIn.as_view())
authenticate = public(_Authenticate.as_view())
new_app = never_cache(signed_in(_for_a_new_factor(_NewApp.as_view())))
new_passkey = never_cache(signed_in(_for_a_new_factor(_NewPasskey.as_view())))


@signed_in
@with_second_proof
def remove_factor(request: HttpRequest, kind: str, number: int = 0) -> HttpResponse:
    """Take away a passkey or the authenticator app. Staff keep at least one."""
    own = Authenticator.objects.filter(user=request.user)
    if kind == "passkey":
        factor = get_object_or_404(own, type=Authenticator.Type.WEBAUTHN, pk=number)
        name = factor.wrap().name
    else:
        app = own.filter(type=Authenticator.Type.TOTP).first()
        if app is None:
            return redirect("signin:ways_in")
        factor = app
        name = _("je app met codes")
    is_staff = request.is_staff  # type: ignore[attr-defined]
    is_last = is_staff and own.count() == 1
    if request.method == "POST" and not is_last:
        factor.delete()
        messages.success(request, _("Die manier van inloggen is weg."))
        return redirect("signin:ways_in")
    return render(request, "signin/remove_factor.html", {"name": name, "is_last": is_last})


@public
@require_POST
def broker(request: HttpRequest) -> HttpResponseBase:
    """Go to the broker, to sign in or, for who is signed in, to couple."""
    if not settings.BROKER_NAME:
        raise Http404
    if request.POST.get("process") == "connect":
        return _couple(request)
    return openid_connect.login(request, provider_id=BROKER)


@signed_in
@with_second_proof
def _couple(request: HttpRequest) -> HttpResponseBase:
    return openid_connect.login(request, provider_id=BROKER)


@public
def broker_login(request: HttpRequest, provider_id: str) -> HttpResponseBase:  # noqa: ARG001
    """An address that allauth asks for by name; people use the button on the sign-in page."""
    raise Http404


@public
def broker_callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """The broker sends the visitor back here."""
    if not settings.BROKER_NAME:
        raise Http404
    return openid_connect.callback(request, provider_id=provider_id)
