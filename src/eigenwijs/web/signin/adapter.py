"""How allauth signs people in here: by code, passkey or app; nobody signs up, nobody has a password."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from io import BytesIO
from typing import Any, ClassVar

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.people import queries

_WRONG_CODE = _("Deze code klopt niet. Kijk nog eens goed en vul hem opnieuw in.")
_TOO_MANY = _("Je hebt het te vaak geprobeerd. Wacht een paar minuten en probeer het opnieuw.")


def _cipher() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [
        salted_hmac("authenticator", "", secret, algorithm="sha256").digest() for secret in secrets
    ]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


class AccountAdapter(DefaultAccountAdapter):
    """Codes by e-mail, in our words."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Deze login is gesloten. Bel ons als dat niet klopt."),
        "incorrect_code": _WRONG_CODE,
        "too_many_login_attempts": _TOO_MANY,
        "rate_limited": _TOO_MANY,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """A file is claimed with a letter; it is never made by signing up."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Go to the home page of the role."""
        return reverse("signin:start")

    def add_message(self, request: HttpRequest, level: int, *_template: Any, **words: Any) -> None:
        """Show our own words; what allauth has a template for, our pages say themselves."""
        if words.get("message"):
            super().add_message(request, level, message=words["message"])

    def get_login_stages(self) -> list[str]:
        """After the code: the second factor of staff."""
        return [
            "allauth.account.stages.LoginByCodeStage",
            "eigenwijs.web.signin.adapter.StaffStage",
        ]

    def is_reauthentication_required(self, **_kwargs: Any) -> bool:
        """Our own second proof guards what allauth would ask this for."""
        return False


class StaffStage(AuthenticateStage):
    """Ask the second factor of everyone who holds a staff role; to others a passkey is an offer."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if user is None or not any(one.role.is_staff for one in queries.roles(user.person_id)):
            return False
        return bool(super()._should_handle(request))


class MfaAdapter(DefaultMFAAdapter):
    """Passkeys and authenticator apps, in our words."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _WRONG_CODE,
    }

    def encrypt(self, text: str) -> str:
        """Keep the key of an authenticator app unreadable in the database and its copies."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Read it back; needs the secret key it was kept under, or an earlier one that still counts."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        person = queries.person(user.person_id)  # type: ignore[attr-defined]
        return getattr(user, "email", None) or (person.name if person else str(user.pk))

    def build_totp_svg(self, url: str) -> str:
        """Draw the key of an authenticator app as a QR code."""
        drawing = BytesIO()
        segno.make(url).save(drawing, kind="svg", scale=6)
        return drawing.getvalue().decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002, ARG002
        """Offer a name that says where the passkey is."""
        return gettext("Dit apparaat")

    def _get_site_name(self) -> str:
        return "Eigenwijs"

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Show the person's name in the list of passkeys on their device."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        person = queries.person(user.person_id)  # type: ignore[attr-defined]
        return {**entity, "display_name": person.name if person else entity["name"]}


class BrokerAdapter(DefaultSocialAccountAdapter):
    """A broker (OpenID Connect) opens only what its owner coupled to it while signed in."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Turn an identity away that nobody coupled: nothing is matched by name or e-mail."""
        is_coupling = sociallogin.state.get("process") == "connect"
        if not sociallogin.is_existing and not (is_coupling and request.user.is_authenticated):
            raise ImmediateHttpResponse(redirect("signin:broker_unknown"))

    def on_authentication_error(self, *_args: Any, **_kwargs: Any) -> None:
        """The broker did not answer, or said no."""
        raise ImmediateHttpResponse(redirect("signin:broker_failed"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """An unknown identity opens nothing, whatever name or e-mail address it brings."""
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:  # noqa: ARG002
        """Back to the ways in."""
        return reverse("signin:ways_in")
