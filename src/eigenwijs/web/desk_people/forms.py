"""The desk's questions about a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from eigenwijs.people import queries
from eigenwijs.people.types import OrganisationKind
from eigenwijs.web.signin.forms import ONE_TIME, birth_date_field


class NameForm(forms.Form):
    """Find by name and birth date, both exact."""

    name = forms.CharField(label=_("Naam, precies zoals in de brief"), max_length=200)
    birth_date = birth_date_field(_("Geboortedatum"))


class NumberForm(forms.Form):
    """Find by employer and personnel number."""

    employer_id = forms.TypedChoiceField(label=_("Werkgever"), coerce=UUID)
    personnel_number = forms.CharField(label=_("Personeelsnummer"), max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        employers = queries.organisations(OrganisationKind.EMPLOYER)
        self.fields["employer_id"].choices = [(one.id, one.name) for one in employers]  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """Whether this is the owner: a proof on the desk, and the code on the owner's own screen."""

    code = forms.CharField(
        label=_("De code op het scherm van de deelnemer"),
        help_text=_("Twee groepjes van vier, bijvoorbeeld ABCD-EFGH."),
        max_length=40,
        widget=forms.TextInput(attrs=ONE_TIME),
    )
    seen = forms.BooleanField(label=_("Ik zag een bewijs, bijvoorbeeld een paspoort"))


class CorrectForm(forms.Form):
    """What a payroll has wrong."""

    name = forms.CharField(label=_("Naam"), max_length=200)
    birth_date = birth_date_field(_("Geboortedatum"))
    seen = forms.BooleanField(label=_("Ik zag een bewijs, bijvoorbeeld een paspoort"))
