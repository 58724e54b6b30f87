"""What a worker fills in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from eigenwijs.catalogue.types import LANGUAGES, SUBJECTS, DayPart, SearchFilter
from eigenwijs.kernel.money import Money

ANY = ("", _("Maakt niet uit"))


class SearchForm(forms.Form):
    """The first question; the rest of the filters are in `MORE`."""

    words = forms.CharField(label=_("Woord of onderwerp"), required=False, max_length=200)
    place = forms.CharField(label=_("In welke plaats?"), required=False, max_length=100)
    online = forms.BooleanField(label=_("Alleen online"), required=False)
    day_part = forms.ChoiceField(
        label=_("Wanneer op de dag?"),
        required=False,
        choices=[ANY, *((part.value, part.label) for part in DayPart)],
    )
    start_from = forms.DateField(
        label=_("Start op of na"), required=False, help_text=_("Bijvoorbeeld 31-12-2026.")
    )
    max_price = forms.IntegerField(label=_("Hoogste prijs in euro"), required=False, min_value=0)
    subject = forms.ChoiceField(
        label=_("Onderwerp"), required=False, choices=[ANY, *SUBJECTS.items()]
    )
    language = forms.ChoiceField(label=_("Taal"), required=False, choices=[ANY, *LANGUAGES.items()])
    bookable = forms.BooleanField(label=_("Alleen met een plek die vrij is"), required=False)

    FIRST = ("words", "place")
    MORE = ("online", "day_part", "start_from", "max_price", "subject", "language", "bookable")

    def first(self) -> list[forms.BoundField]:
        """The fields that always show."""
        return [self[name] for name in self.FIRST]

    def more(self) -> list[forms.BoundField]:
        """The fields behind "Meer keuzes"."""
        return [self[name] for name in self.MORE]

    def uses_more(self) -> bool:
        """Whether one of those is filled in, or wrong."""
        return any(self.data.get(name) for name in self.MORE)

    def wanted(self, on: date) -> SearchFilter:
        """Return the filter; a field with a fault is left out and shows its error."""
        given = self.cleaned_data
        price = given.get("max_price")
        day_part = given.get("day_part")
        return SearchFilter(
            on=on,
            text=given.get("words", ""),
            place=given.get("place", ""),
            online=given.get("online", False),
            day_part=DayPart(day_part) if day_part else None,
            starts_from=given.get("start_from"),
            max_price=None if price is None else Money(price * 100),
            subject=given.get("subject", ""),
            language=given.get("language", ""),
            bookable=given.get("bookable", False),
        )


class StatementForm(forms.Form):
    """Which part of the statement to show."""

    since = forms.DateField(
        label=_("Vanaf"), required=False, help_text=_("Bijvoorbeeld 31-12-2026.")
    )
    until = forms.DateField(label=_("Tot en met"), required=False)
    kind = forms.ChoiceField(
        label=_("Wat"),
        required=False,
        choices=[
            ANY,
            ("credited", _("Geld erbij")),
            ("reserved", _("Vastgezet voor een cursus")),
            ("released", _("Weer vrij")),
            ("spent", _("Uitgegeven")),
            ("refunded", _("Teruggekomen")),
            ("taken_back", _("Correctie binnen de termijn")),
            ("lapsed", _("Niet meer geldig")),
        ],
    )


YES_OR_NO = (("no", _("Nee")), ("yes", _("Ja")))


class QuestionsForm(forms.Form):
    """The two questions before booking."""

    required_by_employer = forms.ChoiceField(
        label=_("Moet je deze cursus volgen van je werkgever?"),
        help_text=_(
            "Bijvoorbeeld omdat de wet of je cao zegt dat je werkgever jou dit moet leren. Of omdat je "
            "zonder deze cursus je werk niet mag doen."
        ),
        choices=YES_OR_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies ja of nee.")},
    )
    work_related = forms.ChoiceField(
        label=_("Leer je dit voor werk, nu of later?"),
        help_text=_(
            "Ook voor ander werk dan je nu doet, of voor een eigen bedrijf. Je antwoord gaat niet naar "
            "je werkgever of een fonds."
        ),
        choices=tuple(reversed(YES_OR_NO)),
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies ja of nee.")},
    )


class YesForm(forms.Form):
    """The yes: what was shown, and the tick where the course may start in the withdrawal term."""

    quote = forms.CharField(widget=forms.HiddenInput)
    early_start = forms.BooleanField(
        label=_("Ik wil dat de cursus al in mijn bedenktijd mag beginnen."),
        help_text=_("Stop je daarna, dan betaal je alleen wat je al kreeg."),
        error_messages={
            "required": _("Deze cursus begint misschien al in je bedenktijd. Zet een vinkje.")
        },
    )

    def __init__(self, *args: Any, asks_early_start: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_early_start:
            del self.fields["early_start"]


class ObjectionForm(forms.Form):
    """What the worker says against a decision."""

    text = forms.CharField(
        label=_("Waarom ben je het er niet mee eens?"),
        help_text=_("Schrijf het in je eigen woorden. Kort mag."),
        widget=forms.Textarea,
        max_length=5000,
    )
