"""What a provider fills in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from eigenwijs.bookings.types import BookingState
from eigenwijs.catalogue.operations import UnableToSave
from eigenwijs.catalogue.queries import read_price
from eigenwijs.catalogue.types import (
    LANGUAGES,
    SUBJECTS,
    CourseKind,
    CourseRecord,
    DayPart,
    RunRecord,
    RunView,
)
from eigenwijs.kernel.delimited import MAX_BYTES
from eigenwijs.kernel.wording import day, money

_DATES = ["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y"]
_LANGUAGE_CHOICES = [("", _("Kies een taal")), *LANGUAGES.items()]
_FIELD_OF = {"price_cents": "price"}


def show_refusal(form: forms.Form, refusal: UnableToSave) -> None:
    """Put each fault at the field that it is about."""
    for fault in refusal.faults:
        name = _FIELD_OF.get(fault.field_name, fault.field_name)
        form.add_error(name if name in form.fields else None, str(fault))
    if not refusal.faults:
        form.add_error(None, str(refusal))


class PriceField(forms.CharField):
    """One amount in euros, as people write it; the value is in cents, None if it is left empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs
        )

    def clean(self, value: Any) -> Any:
        """Return cents or None."""
        text = super().clean(value)
        if not text:
            return None
        cents = read_price(text)
        if cents is None:
            raise forms.ValidationError(_("Vul één bedrag in, bijvoorbeeld 350,00."))
        return cents


def price_text(cents: int | None) -> str:
    """Return cents as they are shown in a price field."""
    return "" if cents is None else f"{cents // 100},{cents % 100:02d}"


class CourseForm(forms.Form):
    """A course."""

    title = forms.CharField(label=_("Titel"), max_length=200)
    description = forms.CharField(
        label=_("Beschrijving"),
        help_text=_("Wat leer je, en wat kun je daarna? Schrijf het voor de deelnemer."),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    audience = forms.CharField(label=_("Voor wie"), required=False, max_length=300)
    duration = forms.CharField(
        label=_("Duur"), help_text=_("Bijvoorbeeld: 8 avonden."), required=False, max_length=100
    )
    subjects = forms.MultipleChoiceField(
        label=_("Onderwerp"),
        required=False,
        choices=list(SUBJECTS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    kind = forms.ChoiceField(
        label=_("Soort cursus"),
        help_text=_("Soms betaalt een afspraak voor een soort cursus een ander bedrag."),
        choices=[(kind.value, kind.label) for kind in CourseKind],
        initial=CourseKind.COURSE.value,
    )
    language = forms.ChoiceField(label=_("Taal"), required=False, choices=_LANGUAGE_CHOICES)
    price = PriceField(
        label=_("Prijs in euro"),
        help_text=_("Alles inbegrepen, ook btw. Laat je dit leeg, dan kan niemand boeken."),
        required=False,
    )
    url = forms.CharField(
        label=_("Webpagina van de cursus"),
        required=False,
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    offered_by = forms.CharField(
        label=_("Gegeven door een ander"),
        help_text=_("De naam van wie de cursus geeft, als dat niet je eigen organisatie is."),
        required=False,
        max_length=200,
    )
    code = forms.CharField(
        label=_("Eigen cursuscode"),
        help_text=_("Zo herkennen we de cursus in je volgende bestand. Later ligt de code vast."),
        required=False,
        max_length=80,
    )

    def __init__(self, *args: Any, record: CourseRecord | None = None, **kwargs: Any) -> None:
        if record:
            kwargs["initial"] = {
                "title": record.title,
                "description": record.description,
                "audience": record.audience,
                "duration": record.duration,
                "subjects": sorted({code[:2] for code in record.subjects}),
                "language": record.language,
                "price": price_text(record.price_cents),
                "url": record.url,
                "offered_by": record.offered_by,
                "kind": record.kind.value,
            }
        super().__init__(*args, **kwargs)
        self.before = record
        if record:
            del self.fields["code"]

    def record(self) -> CourseRecord:
        """Return the record that was filled in. Narrower subjects of a chosen one are kept."""
        values = self.cleaned_data
        before = self.before or CourseRecord("")
        chosen = set(values["subjects"])
        kept = tuple(code for code in before.subjects if code[:2] in chosen)
        added = sorted(chosen - {code[:2] for code in kept})
        return CourseRecord(
            title=values["title"],
            description=values["description"],
            audience=values["audience"],
            duration=values["duration"],
            language=values["language"],
            subjects=(*kept, *added),
            price_cents=values["price"],
            price_note=before.price_note if values["price"] is None else "",
            url=values["url"],
            offered_by=values["offered_by"],
            kind=CourseKind(values["kind"]),
        )


class RunForm(forms.Form):
    """One start of a course."""

    starts_on = forms.DateField(
        label=_("Startdatum"), help_text=_("Bijvoorbeeld 03-09-2027."), input_formats=_DATES
    )
    ends_on = forms.DateField(
        label=_("Laatste dag"),
        help_text=_("Leeg: de cursus duurt één dag."),
        required=False,
        input_formats=_DATES,
    )
    day_part = forms.ChoiceField(
        label=_("Wanneer op de dag"),
        choices=[("", _("Kies een dagdeel")), *((part.value, part.label) for part in DayPart)],
    )
    is_online = forms.BooleanField(label=_("De cursus is online"), required=False)
    place = forms.CharField(label=_("Plaats"), required=False, max_length=100)
    postcode = forms.CharField(
        label=_("Postcode"), help_text=_("De vier cijfers."), required=False, max_length=4
    )
    language = forms.ChoiceField(label=_("Taal"), choices=_LANGUAGE_CHOICES)
    price = PriceField(label=_("Prijs in euro"), help_text=_("Alles inbegrepen, ook btw."))
    seats = forms.IntegerField(
        label=_("Aantal plaatsen"), help_text=_("Leeg: geen maximum."), required=False
    )

    def __init__(
        self,
        *args: Any,
        record: RunRecord | None = None,
        course: CourseRecord | None = None,
        **kwargs: Any,
    ) -> None:
        if record:
            kwargs["initial"] = {
                "starts_on": record.starts_on.strftime("%d-%m-%Y"),
                "ends_on": record.ends_on.strftime("%d-%m-%Y"),
                "day_part": record.day_part.value,
                "is_online": record.is_online,
                "place": record.place,
                "postcode": record.postcode,
                "language": record.language,
                "price": price_text(record.price_cents),
                "seats": record.seats,
            }
        elif course:
            kwargs["initial"] = {
                "language": course.language,
                "price": price_text(course.price_cents),
            }
        super().__init__(*args, **kwargs)

    def record(self) -> RunRecord:
        """Return the record that was filled in."""
        values = self.cleaned_data
        return RunRecord(
            starts_on=values["starts_on"],
            ends_on=values["ends_on"] or values["starts_on"],
            price_cents=values["price"],
            place=values["place"],
            postcode=values["postcode"],
            is_online=values["is_online"],
            day_part=DayPart(values["day_part"]),
            language=values["language"],
            seats=values["seats"],
        )


class CourseFileForm(forms.Form):
    """A file with courses."""

    file = forms.FileField(
        label=_("Je bestand met cursussen"), help_text=_("Een CSV-bestand van hoogstens 25 MB.")
    )

    def clean_file(self) -> UploadedFile:
        """Refuse a file that is too large before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise forms.ValidationError(_("Dit bestand is groter dan 25 MB. Verdeel het."))
        return file


class BookingFilter(forms.Form):
    """Which bookings to show."""

    state = forms.ChoiceField(
        label=_("Stand"),
        required=False,
        choices=[("", _("Alle")), *((state.value, state.label) for state in BookingState)],
    )


class AnswerForm(forms.Form):
    """A word to the participant with a no."""

    answer = forms.CharField(
        label=_("Wat wil je erbij zeggen?"),
        help_text=_("De deelnemer leest dit."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ProposalForm(forms.Form):
    """Another start of the same course, out of those that can be proposed."""

    run = forms.ChoiceField(label=_("Welke andere start?"))

    def __init__(self, runs: Sequence[RunView], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["run"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — it says so above
        field.choices = [
            (str(one.id), f"{day(one.record.starts_on)}, {money(one.price)}") for one in runs
        ]


class AttendedForm(forms.Form):
    """How much of a course a participant attended; `attended_at_least` percent is asked."""

    attended_percent = forms.CharField(
        label=_("Hoeveel procent volgde de deelnemer?"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    certificate = forms.BooleanField(
        label=_("De deelnemer heeft een diploma of certificaat"), required=False
    )

    def __init__(self, attended_at_least: int) -> None:
        super().__init__()
        self.fields["attended_percent"].help_text = _("Nodig is %(percent)s procent.") % {
            "percent": attended_at_least
        }


class PayeeAccountForm(forms.Form):
    """The account on which a provider wants to be paid."""

    iban = forms.CharField(
        label=_("IBAN"), max_length=42, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    holder_name = forms.CharField(label=_("Op naam van"), max_length=140)
