"""The forms about one's own data."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from eigenwijs.people.types import Qualification, Status


class EmailForm(forms.Form):
    """A new address for codes and messages."""

    email = forms.EmailField(
        label=_("Je e-mailadres"),
        help_text=_("Een adres dat alleen jij leest."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Vul een e-mailadres in, bijvoorbeeld naam@voorbeeld.nl.")},
    )


class ContactForm(forms.Form):
    """Telephone and postal address."""

    phone = forms.CharField(
        label=_("Je telefoonnummer"),
        required=False,
        max_length=30,
        validators=[RegexValidator(r"^\+?[0-9][0-9 ()-]{7,}$")],
        error_messages={"invalid": _("Vul een telefoonnummer in, bijvoorbeeld 06 12 34 56 78.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    address = forms.CharField(
        label=_("Je adres"),
        help_text=_("Voor brieven: straat en nummer, postcode en plaats."),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )


class StatusForm(forms.Form):
    """The person's own situation, from a day on."""

    status = forms.ChoiceField(
        label=_("Hoe is het nu met je werk?"),
        choices=[(status.value, status.label) for status in Status],
        widget=forms.RadioSelect,
    )
    since = forms.DateField(
        label=_("Sinds wanneer?"),
        help_text=_("Bijvoorbeeld 01-03-2026."),
        input_formats=["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%d-%m-%Y"),
        error_messages={"invalid": _("Vul een datum in, bijvoorbeeld 01-03-2026.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_since(self) -> date:
        """A situation starts today or earlier."""
        since: date = self.cleaned_data["since"]
        if since > self.today:
            raise forms.ValidationError(
                _("Deze dag moet nog komen. Vul een dag tot en met vandaag in.")
            )
        return since


class QualificationForm(forms.Form):
    """The highest qualification, as the person tells it."""

    level = forms.ChoiceField(
        label=_("Wat is je hoogste diploma?"),
        help_text=_("Uit een ander land? Kies wat er het meest op lijkt."),
        choices=[(level.value, level.label) for level in Qualification],
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies je hoogste diploma, of ga terug: het hoeft niet.")},
    )
