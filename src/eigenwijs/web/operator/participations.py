"""Which schemes an employer takes part in: join one, stop with one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.operations import UnableToParticipate
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, OrganisationView, Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import Localised
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.templatetags.eigenwijs import localised

DATES = ["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y"]
_FIELD_OF = {
    "unknown_payer": "payer",
    "not_in_force": "starts_on",
    "employer_would_see": "payer",
    "already_takes_part": "scheme",
    "wrong_term": "payment_term_days",
    "receiver_missing": "reverts_to",
    "receiver_is_employer": "reverts_to",
    "employer_pays_not": "payer",
}


class JoinForm(forms.Form):
    """An employer takes part: in what, who pays, from when."""

    scheme = forms.ChoiceField(label=gettext_lazy("Regeling"))
    payer = forms.TypedChoiceField(label=gettext_lazy("Wie betaalt"), coerce=UUID)
    starts_on = forms.DateField(
        label=gettext_lazy("Doet mee vanaf"),
        help_text=gettext_lazy("Bijvoorbeeld 01-03-2026."),
        input_formats=DATES,
    )
    payment_term_days = forms.IntegerField(
        label=gettext_lazy("Betaaltermijn in dagen"),
        help_text=gettext_lazy("Gewone dagen, vanaf de nota."),
        initial=14,
    )
    reverts_to = forms.TypedChoiceField(
        label=gettext_lazy("Wie krijgt geld dat vervalt?"),
        help_text=gettext_lazy("Alleen nodig als geld in deze regeling kan vervallen."),
        required=False,
        coerce=UUID,
        empty_value=None,
    )

    def __init__(self, data: Any = None, *, employer: OrganisationView) -> None:
        super().__init__(data)
        payers = people.organisations(OrganisationKind.PAYER)
        receivers = [*payers, *people.organisations(OrganisationKind.AGREEMENT_PARTY)]
        choices: dict[str, list[tuple[object, object]]] = {
            "scheme": [(name, localised(title)) for name, title in _titles().items()],
            "payer": [(one.id, one.name) for one in [employer, *payers]],
            "reverts_to": [("", _("Niemand")), *((one.id, one.name) for one in receivers)],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    """The last day that an employer takes part."""

    ends_on = forms.DateField(
        label=gettext_lazy("Laatste dag"),
        help_text=gettext_lazy("Bijvoorbeeld 01-03-2026."),
        input_formats=DATES,
    )


@permitted(Permission.MANAGE_ORGANISATIONS)
@permitted(Permission.MANAGE_SCHEMES)
def participations(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """List an employer's schemes; a post lets it take part in one more."""
    employer = _employer(organisation_id)
    form = JoinForm(request.POST or None, employer=employer)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            operations.join_scheme(
                employer_id=organisation_id,
                scheme=fields["scheme"],
                payer_id=fields["payer"],
                starts_on=fields["starts_on"],
                payment_term_days=fields["payment_term_days"],
                reverts_to=fields["reverts_to"],
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToParticipate as refusal:
            form.add_error(_FIELD_OF.get(refusal.code), str(refusal))
        else:
            messages.success(request, _("Deze werkgever doet mee."))
            return redirect("operator:participations", organisation_id)
    names = {one.id: one.name for one in people.organisations()}
    titles = _titles()
    rows = [
        {
            "participation": one,
            "title": titles[one.scheme],
            "payer": names.get(one.payer_id, ""),
            "receiver": names.get(one.reverts_to, "") if one.reverts_to else "",
        }
        for one in queries.participations(organisation_id)
    ]
    context = {"employer": employer, "form": form, "rows": rows, "has_schemes": bool(titles)}
    return render(request, "operator/participations.html", context)


@permitted(Permission.MANAGE_ORGANISATIONS)
@permitted(Permission.MANAGE_SCHEMES)
def leave(request: HttpRequest, organisation_id: UUID, participation_id: UUID) -> HttpResponse:
    """Ask for the last day of an employer's part in a scheme."""
    employer = _employer(organisation_id)
    found = next(
        (one for one in queries.participations(organisation_id) if one.id == participation_id),
        None,
    )
    if found is None or found.ends_on is not None:
        raise Http404
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.leave_scheme(
                participation_id=participation_id,
                ends_on=form.cleaned_data["ends_on"],
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToParticipate as refusal:
            form.add_error("ends_on", str(refusal))
        else:
            messages.success(request, _("De laatste dag is bewaard."))
            return redirect("operator:participations", organisation_id)
    context = {"employer": employer, "form": form, "title": _titles()[found.scheme]}
    return render(request, "operator/leave.html", context)


def _titles() -> dict[str, Localised]:
    """Return the name of each scheme that is in force, now or from a day to come."""
    return {one.scheme: one.title for one in reversed(schemes.all_versions()) if one.valid_from}


def _employer(organisation_id: UUID) -> OrganisationView:
    found = people.organisation(organisation_id)
    if found is None or found.kind is not OrganisationKind.EMPLOYER:
        raise Http404
    return found
