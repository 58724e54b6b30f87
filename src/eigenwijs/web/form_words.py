"""What our forms say where Django has words of its own: what to fill in, not what was wrong.

The summary of errors puts the label of the field in front: "Sinds wanneer? Vul dit in."
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_A_DATE = _("Vul een datum in, bijvoorbeeld 17-05-1990.")
_A_NUMBER = _("Vul een getal in, bijvoorbeeld 12,50.")
_A_FILE = _("Kies een bestand.")
_A_CHOICE = _("Maak een keuze.")
_FROM_LIST = _("Kies iets uit de lijst.")

WORDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {
        "required": _("Vul dit in."),
        "invalid": _("Dit kunnen we niet lezen. Vul het opnieuw in."),
        "max_length": _("Maak dit korter: hoogstens %(limit_value)s tekens."),
        "min_length": _("Maak dit langer: ten minste %(limit_value)s tekens."),
        "max_value": _("Vul hoogstens %(limit_value)s in."),
        "min_value": _("Vul ten minste %(limit_value)s in."),
        "max_digits": _("Vul een korter getal in."),
        "max_decimal_places": _("Vul minder cijfers achter de komma in."),
        "max_whole_digits": _("Vul een korter getal in."),
        "step_size": _("Vul een veelvoud van %(limit_value)s in."),
        "invalid_extension": _("Kies een ander soort bestand."),
        "null_characters_not_allowed": _("Hier staat een teken in dat we niet kunnen lezen."),
    },
    forms.IntegerField: {"invalid": _("Vul een heel getal in, bijvoorbeeld 25.")},
    forms.FloatField: {"invalid": _A_NUMBER},
    forms.DecimalField: {"invalid": _A_NUMBER},
    forms.DateField: {"required": _A_DATE, "invalid": _A_DATE},
    forms.EmailField: {"invalid": _("Vul een e-mailadres in, bijvoorbeeld naam@voorbeeld.nl.")},
    forms.URLField: {"invalid": _("Vul een webadres in, bijvoorbeeld https://voorbeeld.nl.")},
    forms.JSONField: {"invalid": _("Dit kunnen we niet lezen. Vul het opnieuw in.")},
    forms.UUIDField: {"invalid": _FROM_LIST},
    forms.BooleanField: {"required": _("Zet hier een vinkje.")},
    forms.ChoiceField: {"required": _A_CHOICE, "invalid_choice": _FROM_LIST},
    forms.MultipleChoiceField: {"invalid_choice": _FROM_LIST, "invalid_list": _FROM_LIST},
    forms.FileField: {
        "required": _A_FILE,
        "invalid": _A_FILE,
        "missing": _A_FILE,
        "empty": _("Dit bestand is leeg."),
        "max_length": _("De naam van dit bestand is te lang."),
        "contradiction": _("Kies een bestand, of haal het weg. Niet allebei."),
    },
}


def use_own_words() -> None:
    """Make every form field that is made from now on speak our words, unless it has its own."""
    for field, words in WORDS.items():
        field.default_error_messages = {**field.default_error_messages, **words}
