"""What a worker fills in."""

from __future__ import annotations

from datetime import date

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
