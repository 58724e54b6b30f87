"""Shows each entry in `templates/gallery/entries` beside its source."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit.types import ProgressView
from eigenwijs.kernel.money import Money
from eigenwijs.web.access import public

ENTRIES = Path(__file__).parent / "templates/gallery/entries"


class ExampleForm(forms.Form):
    """One field of each look, sent with three mistakes so that errors show."""

    name = forms.CharField(label=_("Naam van de cursus"), help_text=_("Zoals op de website."))
    price = forms.DecimalField(label=_("Prijs in euro"), localize=True)
    start = forms.DateField(label=_("Eerste dag"), help_text=_("Bijvoorbeeld 31-12-2026."))
    day_part = forms.ChoiceField(
        label=_("Dagdeel"), choices=[("day", _("overdag")), ("evening", _("avond"))]
    )
    online = forms.ChoiceField(
        label=_("Hoe leer je?"),
        choices=[("online", _("Online")), ("room", _("In een lokaal"))],
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(label=_("Opmerking"), widget=forms.Textarea, required=False)
    file = forms.FileField(label=_("Bestand"), required=False)
    agreed = forms.BooleanField(label=_("Dit klopt"), help_text=_("Je kunt het later wijzigen."))


class ExampleFilter(forms.Form):
    """Two fields beside each other."""

    words = forms.CharField(label=_("Wat wil je leren?"), required=False)
    place = forms.CharField(label=_("Plaats"), required=False)


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """Show all components."""
    paths = sorted(ENTRIES.glob("*.html"))
    context = {
        "progress": ProgressView(done=12_000, total=100_000),
        "entries": [
            {
                "name": path.stem,
                "template": f"gallery/entries/{path.name}",
                "source": path.read_text(encoding="utf-8").strip(),
            }
            for path in paths
        ],
        "form": ExampleForm({"name": "Heftruck", "price": "veel", "start": "31-02-2026"}),
        "filter_form": ExampleFilter({"words": "heftruck"}),
        "amount": Money(125000),
        "negative": Money(-25000),
        "a_day": date(2027, 3, 3),
        "a_moment": datetime(2027, 3, 3, 13, 5, tzinfo=UTC),
    }
    return render(request, "gallery/gallery.html", context)
