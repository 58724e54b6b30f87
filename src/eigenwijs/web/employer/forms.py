"""What an employer fills in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.kernel.wording import period as period_in_words

PERIODS_BACK = {
    PeriodKind.MONTH: 24,
    PeriodKind.FOUR_WEEKS: 26,
    PeriodKind.QUARTER: 8,
    PeriodKind.YEAR: 2,
}
KIND_NAMES = {
    PeriodKind.MONTH: _("Per maand"),
    PeriodKind.FOUR_WEEKS: _("Per vier weken"),
    PeriodKind.QUARTER: _("Per kwartaal"),
    PeriodKind.YEAR: _("Per jaar"),
}


class DeliveryForm(forms.Form):
    """A payroll file and the period it is about."""

    period = forms.ChoiceField(
        label=_("Over welke periode gaat dit bestand?"),
        error_messages={"invalid_choice": _("Kies een periode uit de lijst.")},
    )
    file = forms.FileField(
        label=_("Salarisbestand"),
        help_text=_("Een CSV-bestand uit je salarisprogramma. Zonder burgerservicenummers."),
        error_messages={"empty": _("Dit bestand is leeg. Maak de export opnieuw.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def __init__(
        self,
        *args: Any,
        kinds: Iterable[PeriodKind],
        today: date,
        start: Period | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["period"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        field.choices = [
            (KIND_NAMES[kind], [(str(one), period_in_words(one)) for one in recent(kind, today)])
            for kind in kinds
        ]
        if start is not None:
            self.initial["period"] = str(start)


class LinesForm(forms.Form):
    """Which lines of a delivery to show."""

    number = forms.CharField(label=_("Personeelsnummer"), required=False, max_length=30)
    without = forms.BooleanField(label=_("Alleen wie niets krijgt"), required=False)


def recent(kind: PeriodKind, today: date) -> list[Period]:
    """Return the periods of a kind up to the one that is running, the latest first."""
    periods = [Period.containing(today, kind)]
    while len(periods) < PERIODS_BACK[kind]:
        periods.append(periods[-1].previous())
    return periods
