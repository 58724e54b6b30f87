"""Quality marks of providers, as the operator found them in their registers."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.operations import UnableToSave
from eigenwijs.catalogue.types import QUALITY_MARKS
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time

_DATES = ["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y"]


class QualityMarkForm(forms.Form):
    """One mark, as the register says."""

    code = forms.ChoiceField(
        label=gettext_lazy("Keurmerk"),
        choices=[(code, name) for code, (name, _url) in QUALITY_MARKS.items()],
    )
    valid_from = forms.DateField(
        label=gettext_lazy("Geldig vanaf"),
        help_text=gettext_lazy("Bijvoorbeeld 01-03-2026."),
        input_formats=_DATES,
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Laatste dag"),
        help_text=gettext_lazy("Leeg: tot we anders horen."),
        required=False,
        input_formats=_DATES,
    )


@permitted(Permission.MANAGE_ORGANISATIONS)
def quality_marks(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """List and record the quality marks of a provider."""
    provider = people.organisation(organisation_id)
    if provider is None or provider.kind is not OrganisationKind.PROVIDER:
        raise Http404
    form = QualityMarkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_quality_mark(
                provider_id=organisation_id,
                **form.cleaned_data,
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except UnableToSave as refusal:
            for fault in refusal.faults:
                form.add_error(fault.field_name, str(fault))
        else:
            messages.success(request, _("Het keurmerk is bewaard."))
            return redirect("operator:quality_marks", organisation_id)
    context = {
        "provider": provider,
        "form": form,
        "marks": queries.all_quality_marks(organisation_id),
        "registers": QUALITY_MARKS.values(),
    }
    return render(request, "operator/quality_marks.html", context)
