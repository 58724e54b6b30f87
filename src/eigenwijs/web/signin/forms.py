"""The forms of signing in. Labels say what to type, help says where to find it."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

ONE_TIME = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric"}
_BIRTH_DATE_FORMATS = ["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y"]


def birth_date_field(label: Any, **attributes: str) -> forms.DateField:
    """A birth date as people write it."""
    return forms.DateField(
        label=label,
        help_text=_("Bijvoorbeeld 17-05-1990."),
        input_formats=_BIRTH_DATE_FORMATS,
        widget=forms.DateInput(attrs=attributes, format="%d-%m-%Y"),
        error_messages={"invalid": _("Vul een datum in, bijvoorbeeld 17-05-1990.")},
    )


class EmailForm(RequestLoginCodeForm):
    """Where the sign-in code goes."""

    email = forms.EmailField(
        label=_("Je e-mailadres"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Vul een e-mailadres in, bijvoorbeeld naam@voorbeeld.nl.")},
    )


class EmailCodeForm(ConfirmLoginCodeForm):
    """The code that was sent."""

    code = forms.CharField(
        label=_("De code uit de e-mail"),
        help_text=_("Zes cijfers."),
        widget=forms.TextInput(attrs=DIGITS),
    )


class AppCodeForm(AuthenticateForm):
    """The code of an authenticator app, while signing in."""

    code = forms.CharField(
        label=_("De code uit je app"),
        help_text=_("Zes cijfers."),
        widget=forms.TextInput(attrs=DIGITS),
    )


class AppCodeAgainForm(ReauthenticateForm):
    """The code of an authenticator app, as a second proof."""

    code = forms.CharField(
        label=_("De code uit je app"),
        help_text=_("Zes cijfers."),
        widget=forms.TextInput(attrs=DIGITS),
    )


class NewAppForm(ActivateTOTPForm):
    """The first code of a new authenticator app."""

    code = forms.CharField(
        label=_("De code die de app nu laat zien"),
        help_text=_("Zes cijfers."),
        widget=forms.TextInput(attrs=DIGITS),
    )


class NewPasskeyForm(AddWebAuthnForm):
    """The name of a new passkey; the device fills in the rest."""

    name = forms.CharField(
        label=_("Een naam voor dit apparaat"),
        help_text=_("Bijvoorbeeld: mijn telefoon."),
        max_length=60,
        required=False,
    )
    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)


class OneCodeForm(forms.Form):
    """One code, from an e-mail or from a list on paper."""

    code = forms.CharField(max_length=40)

    def __init__(self, *args: Any, label: Any, help_text: Any, digits: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = label
        self.fields["code"].help_text = help_text
        self.fields["code"].widget.attrs.update(DIGITS if digits else ONE_TIME)


class ListCodeForm(forms.Form):
    """Signing in with a list on paper."""

    number = forms.CharField(
        label=_("Het nummer van je lijst"),
        help_text=_("Dit staat bovenaan je lijst, bijvoorbeeld ABCD-EFGH."),
        max_length=40,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "characters"}),
    )
    birth_date = birth_date_field(_("Je geboortedatum"), autocomplete="bday")
    code = forms.CharField(
        label=_("Een code van je lijst"),
        help_text=_("Neem een code die je nog niet gebruikte. Streep hem daarna door."),
        max_length=40,
        widget=forms.TextInput(attrs=ONE_TIME),
    )


class ClaimForm(forms.Form):
    """Opening a file with the code of a letter."""

    code = forms.CharField(
        label=_("De code uit je brief"),
        help_text=_("Drie groepjes van vier, bijvoorbeeld ABCD-EFGH-JKMN."),
        max_length=40,
        widget=forms.TextInput(attrs=ONE_TIME),
    )
    birth_date = birth_date_field(_("Je geboortedatum"), autocomplete="bday")
