"""What the desk fills in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from eigenwijs.bookings.types import CompletionOutcome, HalfwayOutcome, StartOutcome


class DecisionForm(forms.Form):
    """A decision about a start. The worker may read all of it."""

    outcome = forms.ChoiceField(
        label=_("Wat is er gebeurd?"),
        choices=[(outcome.value, outcome.label) for outcome in StartOutcome],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Waarom besluit je dit?"),
        help_text=_("De deelnemer leest dit. Schrijf het voor de deelnemer."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence = forms.CharField(
        label=_("Waar weet je het uit?"),
        help_text=_("Wie sprak je en wanneer? Welk bewijs zag je? De deelnemer leest dit ook."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CompletionForm(DecisionForm):
    """A decision about the end of a course."""

    outcome = forms.ChoiceField(
        label=_("Is de cursus afgerond?"),
        choices=[(outcome.value, outcome.label) for outcome in CompletionOutcome],
        widget=forms.RadioSelect,
    )


class HalfwayForm(DecisionForm):
    """A decision about the day halfway a course."""

    outcome = forms.ChoiceField(
        label=_("Volgde de deelnemer de cursus halverwege nog?"),
        choices=[(outcome.value, outcome.label) for outcome in HalfwayOutcome],
        widget=forms.RadioSelect,
    )


class WorkListFilter(forms.Form):
    """Which work items to show."""

    closed = forms.BooleanField(label=_("Ook wat klaar is"), required=False)
