"""What an auditor fills in to find something."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit.types import Subject
from eigenwijs.insight import queries as insight
from eigenwijs.people.types import Role


class DayInput(forms.DateInput):
    """A day, with the browser's calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TrailForm(forms.Form):
    """Which part of the trail. `same` and `by` are numbers of rows: the same subject, the same person."""

    action = forms.CharField(
        label=_("Handeling begint met"),
        help_text=_("Bijvoorbeeld treasury.paymentbatch"),
        required=False,
        max_length=80,
    )
    since = forms.DateField(label=_("Vanaf"), required=False, widget=DayInput)
    until = forms.DateField(label=_("Tot en met"), required=False, widget=DayInput)
    actor = forms.ChoiceField(
        label=_("Gedaan door"),
        required=False,
        choices=[
            ("", _("Iedereen")),
            ("system", _("De software")),
            *((role.value, role.label) for role in Role),
        ],
    )
    who = forms.CharField(
        label=_("Door deze persoon"),
        help_text=_("Een pseudoniem dat begint met P."),
        required=False,
        max_length=30,
    )
    subject = forms.CharField(
        label=_("Hierover"),
        help_text=_("Een pseudoniem, boekingsnummer of betalingskenmerk."),
        required=False,
        max_length=40,
    )
    same = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    by = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def clean_who(self) -> UUID | None:
        """Look up whose pseudonym it is."""
        text = self.cleaned_data["who"]
        return _known(insight.person_of(text)) if text else None

    def clean_subject(self) -> Subject | None:
        """Look up what it names."""
        text = self.cleaned_data["subject"]
        return _known(insight.subject_named(text)) if text else None

    def clean_same(self) -> Subject | None:
        """Look up what that row is about."""
        number = self.cleaned_data["same"]
        return _known(insight.subject_of(number)) if number else None

    def clean_by(self) -> UUID | None:
        """Look up who did what that row says."""
        number = self.cleaned_data["by"]
        return _known(insight.actor_of(number)) if number else None


class MoneyForm(forms.Form):
    """What to follow: a reference, a number or an amount."""

    q = forms.CharField(
        label=_("Kenmerk, nummer of bedrag"),
        help_text=_("Bijvoorbeeld RF18 0000 0000 17, 3F5A-09BC of 175,00."),
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    since = forms.DateField(label=_("Bij een bedrag: vanaf"), required=False, widget=DayInput)
    until = forms.DateField(label=_("Bij een bedrag: tot en met"), required=False, widget=DayInput)


def _known(found: Any) -> Any:
    if found is None:
        raise forms.ValidationError(_("Dit kennen we niet. Kijk of je het goed overnam."))
    return found
