"""The forms of a table: open one, and choose what a proposal says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind
from eigenwijs.schemes import queries
from eigenwijs.schemes.types import ACCOUNT_UNIT, TWO_SIDES, SchemeChoices, SchemeVersionView
from eigenwijs.simulation import queries as simulation
from eigenwijs.web import schemes as words
from eigenwijs.web.negotiator.differences import later, sentence
from eigenwijs.web.negotiator.whom import Whom
from eigenwijs.web.operator.participations import DATES
from eigenwijs.web.templatetags.eigenwijs import localised

MOST_MONTHS = 600
UNITS = {
    "EUR": gettext_lazy("In euro, bijvoorbeeld 175.00."),
    "hours": gettext_lazy("In uren per week, bijvoorbeeld 12 of 38.5."),
    "years": gettext_lazy("In jaren, bijvoorbeeld 25."),
    "number": gettext_lazy("Een getal, bijvoorbeeld 0.8."),
}


class NewTableForm(forms.Form):
    """On which scheme, for which side, with whom, from when."""

    title = forms.CharField(
        label=gettext_lazy("Waarover onderhandelen jullie?"),
        help_text=gettext_lazy("Bijvoorbeeld: cao Supermarkten 2027."),
        max_length=200,
    )
    base = forms.ChoiceField(
        label=gettext_lazy("De regeling waarmee jullie beginnen"),
        help_text=gettext_lazy("Alleen regelingen die vakbonden en werkgevers samen tekenen."),
    )
    side = forms.ChoiceField(
        label=gettext_lazy("Voor wie zit jij aan tafel?"),
        widget=forms.RadioSelect,
        choices=[(side, words.SIDES[side]) for side in TWO_SIDES],
    )
    other = forms.TypedChoiceField(label=gettext_lazy("Wie zit tegenover jullie?"), coerce=UUID)
    starts_on = forms.DateField(
        label=gettext_lazy("Vanaf welke dag gelden de nieuwe getallen?"),
        help_text=gettext_lazy("Bijvoorbeeld 01-01-2027."),
        input_formats=DATES,
    )

    def __init__(self, data: Any = None, *, organisation_id: UUID | None) -> None:
        super().__init__(data)
        parties = people.organisations(OrganisationKind.AGREEMENT_PARTY)
        self.fields["other"].choices = [  # type: ignore[attr-defined]
            (one.id, one.name) for one in parties if one.id != organisation_id
        ]
        self.fields["base"].choices = [  # type: ignore[attr-defined]
            (
                one.hash,
                _("%(title)s, versie %(version)s")
                % {"title": localised(one.title), "version": one.version},
            )
            for one in for_two_sides(organisation_id)
        ]


def for_two_sides(organisation_id: UUID | None) -> list[SchemeVersionView]:
    """Return the versions that workers and employers sign together, and that this organisation may know.

    Those in euros that are law, those that nobody signed yet, and those that it signed itself.
    """
    return [
        one
        for one in queries.all_versions()
        if set(one.signed_by) == set(TWO_SIDES)
        and one.unit == ACCOUNT_UNIT
        and (one.valid_from or not one.signatures or organisation_id in one.signatures.values())
    ]


def _plain(work_related_only: bool) -> str:
    return "work" if work_related_only else "all"


class ProposalForm(forms.Form):
    """The figures and conditions of a scheme as fields, made from its text."""

    def __init__(self, data: Any = None, *, found: SchemeChoices) -> None:
        super().__init__(data)
        self.found = found
        for figure in found.figures:
            help_text = str(UNITS[figure.unit])
            if figure.later:
                help_text += " " + _("Let op: dit wordt %(later)s.") % {
                    "later": "; ".join(later(figure))
                }
            field = forms.CharField(
                label=sentence(localised(figure.label)),
                help_text=help_text,
                max_length=30,
                initial=figure.value,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "data-figure": figure.unit}),
            )
            self.fields[f"figure-{figure.name}"] = field
        for rule in found.rules:
            self.fields[f"rule-{rule.id}"] = forms.BooleanField(
                label=_("Sluit uit: “%(sentence)s”") % {"sentence": localised(rule.otherwise)},
                required=False,
                initial=True,
            )
        self.fields["purpose"] = forms.ChoiceField(
            label=_("Waarvoor is het geld?"),
            widget=forms.RadioSelect,
            choices=[(_plain(only), label) for only, label in words.PURPOSES.items()],
            initial=_plain(found.work_related_only),
        )
        if not found.ends or found.end_months is not None:
            self.fields["end_months"] = forms.IntegerField(
                label=_("Na hoeveel maanden vervalt geld?"),
                help_text=_("Laat leeg als geld nooit vervalt."),
                required=False,
                min_value=1,
                max_value=MOST_MONTHS,
                initial=found.end_months,
            )
        self.fields["returns_to"] = forms.ChoiceField(
            label=_("Naar wie gaat geld dat vervalt?"),
            widget=forms.RadioSelect,
            choices=[(one, words.RECEIVERS[one]) for one in found.receivers],
            initial=found.returns_to or found.receivers[0],
        )

    @property
    def figures(self) -> dict[str, str]:
        """The figures that were filled in, by name, as a scheme writes them."""
        return {
            figure.name: self.cleaned_data[f"figure-{figure.name}"].strip().replace(",", ".")
            for figure in self.found.figures
        }

    @property
    def without(self) -> frozenset[str]:
        """The conditions that were left out."""
        return frozenset(
            rule.id for rule in self.found.rules if not self.cleaned_data[f"rule-{rule.id}"]
        )

    @property
    def end_months(self) -> int | None:
        """After how many months money ends; nothing for never."""
        months: int | None = self.cleaned_data.get("end_months")
        return months

    @property
    def returns_to(self) -> str:
        """Who receives money that ends."""
        receiver: str = self.cleaned_data["returns_to"]
        return receiver

    @property
    def work_related_only(self) -> bool:
        """Whether money is for learning for work alone."""
        return bool(self.cleaned_data["purpose"] == _plain(True))

    def add_fault(self, place: str, message: str) -> None:
        """Say what is wrong at the figure that it is about, or at the top."""
        parts = place.split(".")
        name = f"figure-{parts[1]}" if parts[0] == "parameters" and len(parts) > 1 else ""
        self.add_error(name if name in self.fields else None, message)


class ProposalTextForm(forms.Form):
    """A proposal as its text, for who wants to write it."""

    text = forms.CharField(
        label=gettext_lazy("De tekst van jullie voorstel"),
        help_text=gettext_lazy("YAML. Wat je hier schrijft, is wat getekend wordt en wat rekent."),
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "source"}),
    )

    def clean_text(self) -> str:
        """Return the text with the ends of lines of a scheme file: browsers send two characters."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        return text if text.endswith("\n") else f"{text}\n"


class WhomForm(forms.Form):
    """Whose people are counted."""

    sector = forms.ChoiceField(label=gettext_lazy("Voor wie"), required=False)

    def __init__(self, data: Any, *, people: list[Whom]) -> None:
        super().__init__(data)
        self.fields["sector"].choices = [(one.key, one.label) for one in people]  # type: ignore[attr-defined]


class CompareForm(WhomForm):
    """Which two texts on the table stand beside each other, and for whom."""

    field_order = ("a", "b", "sector")
    a = forms.ChoiceField(label=gettext_lazy("Vergelijk"), required=False)
    b = forms.ChoiceField(label=gettext_lazy("met"), required=False)

    def __init__(self, data: Any, *, texts: list[tuple[str, str]], people: list[Whom]) -> None:
        super().__init__(data, people=people)
        for name in ("a", "b"):
            self.fields[name].choices = texts  # type: ignore[attr-defined]


class LongRunForm(CompareForm):
    """Which two texts are computed over years, and for whom."""

    def __init__(self, data: Any, *, texts: list[tuple[str, str]], people: list[Whom]) -> None:
        super().__init__(data, texts=texts, people=people)
        for name in ("a", "b"):
            self.fields[name].required = True


class WorkforceForm(forms.Form):
    """A table of people, and the sector that says what it doesn't."""

    sector = forms.ChoiceField(
        label=gettext_lazy("In welke sector werken zij?"),
        help_text=gettext_lazy("Wat jullie tabel niet zegt, vullen we aan uit deze sector."),
    )
    file = forms.FileField(
        label=gettext_lazy("De tabel van jullie mensen"),
        help_text=gettext_lazy(
            "Een CSV-bestand van hoogstens 1 MB, met groepen van 10 mensen of meer."
        ),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["sector"].choices = [  # type: ignore[attr-defined]
            ("", _("Kies een sector")),
            *((one, simulation.group_label("sector", one)) for one in simulation.SECTORS),
        ]

    def clean_file(self) -> UploadedFile:
        """Refuse a file that is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > simulation.MOST_WORKFORCE_BYTES:
            raise forms.ValidationError(_("Dit bestand is groter dan 1 MB. Voeg groepen samen."))
        return file


class AcceptForm(forms.Form):
    """To which text on the table one says yes."""

    hash = forms.ChoiceField(
        label=gettext_lazy("Deze tekst"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Dit voorstel ligt niet op tafel.")},
    )

    def __init__(self, data: Any = None, *, texts: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["hash"].choices = texts  # type: ignore[attr-defined]
