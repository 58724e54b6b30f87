"""The schemes: load a text, note who signed it, put it in force."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eigenwijs.contributions import operations as contributions
from eigenwijs.contributions.types import DryRun, EmployerDryRun
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import OrganisationKind, Permission
from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.operations import UnableToActivate, UnableToSign
from eigenwijs.schemes.queries import FaultyScheme, UnableToFindVersion
from eigenwijs.schemes.types import SchemeVersionView
from eigenwijs.web import schemes as words
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.operator.participations import DATES
from eigenwijs.web.signin.proof import ask_for_second_proof

LARGEST_TEXT = 500_000


class SchemeFileForm(forms.Form):
    """The text of a scheme."""

    file = forms.FileField(
        label=gettext_lazy("Bestand van de regeling"),
        help_text=gettext_lazy("De tekst die partijen tekenen, als YAML-bestand."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/yaml"}),
        error_messages={
            "required": gettext_lazy("Kies een bestand."),
            "empty": gettext_lazy("Dit bestand is leeg."),
        },
    )

    def clean_file(self) -> str:
        """Return the text exactly as it is in the file: its fingerprint is what is signed."""
        uploaded: UploadedFile = self.cleaned_data["file"]
        if (uploaded.size or 0) > LARGEST_TEXT:
            raise forms.ValidationError(_("Dit bestand is te groot. Het mag 500 kB zijn."))
        try:
            text: str = uploaded.read().decode("utf-8")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("Dit is geen tekst in UTF-8. Bewaar het bestand opnieuw als UTF-8.")
            ) from None
        return text


class SignForm(forms.Form):
    """Who signed, for which side, on which paper."""

    side = forms.ChoiceField(label=gettext_lazy("Voor welke partij"))
    organisation = forms.TypedChoiceField(
        label=gettext_lazy("Organisatie die tekende"), coerce=UUID
    )
    document = forms.CharField(
        label=gettext_lazy("Getekend stuk"),
        help_text=gettext_lazy("Waar het getekende papier te vinden is: naam of nummer."),
        max_length=200,
    )

    def __init__(self, data: Any = None, *, sides: list[str]) -> None:
        super().__init__(data, prefix="sign")
        # A voluntary contribution is signed by the employer itself.
        kinds = (OrganisationKind.AGREEMENT_PARTY, OrganisationKind.EMPLOYER)
        signers = [one for kind in kinds for one in people.organisations(kind)]
        self.fields["side"].choices = [(side, words.SIDES[side]) for side in sides]  # type: ignore[attr-defined]
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            (one.id, f"{one.name} ({one.kind.label})") for one in signers
        ]


class ActivateForm(forms.Form):
    """The day from which a version is in force."""

    valid_from = forms.DateField(
        label=gettext_lazy("Geldt vanaf"),
        help_text=gettext_lazy("Bijvoorbeeld 01-03-2026."),
        input_formats=DATES,
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="activate")

    def clean_valid_from(self) -> date:
        """Return a day of the centuries that pay periods know."""
        day: date = self.cleaned_data["valid_from"]
        if not 1900 < day.year < 2200:
            raise forms.ValidationError(_("Kies een dag van 1901 tot en met 2199."))
        return day


@permitted(Permission.MANAGE_ORGANISATIONS)
@permitted(Permission.MANAGE_SCHEMES)
def schemes(request: HttpRequest) -> HttpResponse:
    """List every version of every scheme; a post loads a text, or says all that is wrong in it."""
    is_sent = request.method == "POST"
    form = SchemeFileForm(request.POST, request.FILES) if is_sent else SchemeFileForm()
    faults: list[str] = []
    if is_sent and form.is_valid():
        try:
            made = operations.load(
                text=form.cleaned_data["file"],
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except FaultyScheme as refusal:
            faults = [words.fault_text(fault) for fault in refusal.faults]
        else:
            messages.success(request, _("De regeling is geladen. Ze geldt nog niet."))
            return redirect("operator:scheme", made.hash)
    context = {"form": form, "faults": faults, "versions": queries.all_versions()}
    return render(request, "operator/schemes.html", context)


@permitted(Permission.MANAGE_ORGANISATIONS)
@permitted(Permission.MANAGE_SCHEMES)
def scheme(request: HttpRequest, version_hash: str) -> HttpResponse:
    """Show one version; a post notes a signature or puts it in force, after a second proof.

    Before the button that puts it in force comes a post that shows what that would change.
    """
    try:
        found = queries.version(version_hash)
    except UnableToFindVersion:
        raise Http404 from None
    action = request.POST.get("action")
    open_sides = [side for side in found.signed_by if side not in found.signatures]
    sign = SignForm(request.POST if action == "sign" else None, sides=open_sides)
    activate = ActivateForm(request.POST if action in ("activate", "try") else None)
    if request.method == "POST":
        try:
            access.require_second_proof(request.actor, request_time(request))  # type: ignore[attr-defined]
        except SecondProofNeeded:
            return ask_for_second_proof(request)
        done = _sign(request, found, sign)
        if done or (action == "activate" and (done := _activate(request, found, activate))):
            messages.success(request, done)
            return redirect("operator:scheme", version_hash)
    context = {
        "version": found,
        "signatures": words.signatures(found),
        "sections": words.sections(found),
        "sign": sign if open_sides else None,
        "activate": activate if not open_sides and not found.valid_from else None,
    }
    if context["activate"] and action == "try" and activate.is_valid():
        context |= _tried(request, found, activate.cleaned_data["valid_from"])
    return render(request, "operator/scheme.html", context)


def _tried(request: HttpRequest, found: SchemeVersionView, day: date) -> dict[str, Any]:
    """What putting the version in force on a day would change."""
    dry_run = contributions.dry_run(
        version_hash=found.hash,
        valid_from=day,
        by=request.actor,  # type: ignore[attr-defined]
        at=request_time(request),
    )
    return {"day": day, "dry_run": dry_run, "employers": _by_name(dry_run)}


def _by_name(dry_run: DryRun | None) -> list[tuple[str, EmployerDryRun]]:
    names = {one.id: one.name for one in people.organisations()}
    everyone = _("Werkgevers met weinig mensen, samen")
    return [
        (names[one.employer_id] if one.employer_id else everyone, one)
        for one in (dry_run.employers if dry_run else ())
    ]


def _sign(request: HttpRequest, found: SchemeVersionView, form: SignForm) -> str:
    """Note the signature that was sent in; return what to say, or nothing."""
    if not form.is_valid():
        return ""
    try:
        operations.sign(
            version_hash=found.hash,
            side=form.cleaned_data["side"],
            organisation_id=form.cleaned_data["organisation"],
            document=form.cleaned_data["document"],
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except UnableToSign as refusal:
        form.add_error(
            "organisation" if refusal.code == "same_organisation" else None, str(refusal)
        )
        return ""
    return _("De handtekening is bewaard.")


def _activate(request: HttpRequest, found: SchemeVersionView, form: ActivateForm) -> str:
    """Put the version in force; return what to say, or nothing."""
    if not form.is_valid():
        return ""
    try:
        operations.activate(
            version_hash=found.hash,
            valid_from=form.cleaned_data["valid_from"],
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except UnableToActivate as refusal:
        form.add_error("valid_from", str(refusal))
        return ""
    return _("De dag is bewaard. Vanaf dan geldt deze regeling.")
