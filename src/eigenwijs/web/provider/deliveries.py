"""Delivering courses in a file: look first, then say yes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.operations import UnableToDiscardCourses, UnableToImportCourses
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import Fault
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.provider.forms import CourseFileForm
from eigenwijs.web.provider.own import actor_of, provider_of
from eigenwijs.web.spreadsheets import spreadsheet

SHOWN_FAULTS = 200
UNFINISHED_FOR = timedelta(days=14)
DELIVERY_STATES = {
    "received": (_lazy("wordt gelezen"), "wait"),
    "refused": (_lazy("geweigerd"), "bad"),
    "read": (_lazy("wacht op jouw ja"), "wait"),
    "asked": (_lazy("wordt verwerkt"), "wait"),
}


@permitted(Permission.MANAGE_COURSES)
def deliver(request: HttpRequest) -> HttpResponse:
    """Take a file; without faults it is kept to look at, with faults all of them are shown."""
    form = CourseFileForm(request.POST or None, request.FILES or None)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = operations.deliver_courses(
                content=file.read(),
                file_name=file.name,
                provider_id=provider_of(request),
                by=actor_of(request),
                at=request_time(request),
            )
        except UnableToImportCourses as refusal:
            faults = refusal.faults
        else:
            return redirect("provider:delivery", kept.id)
    context = {
        "form": form,
        "faults": faults[:SHOWN_FAULTS],
        "more_faults": max(0, len(faults) - SHOWN_FAULTS),
        "columns": queries.file_columns(),
        "unfinished": [
            (found, *DELIVERY_STATES[found.state])
            for found in queries.unfinished_deliveries(
                provider_of(request), request_time(request) - UNFINISHED_FOR
            )
        ],
    }
    return render(request, "provider/deliver.html", context)


@permitted(Permission.MANAGE_COURSES)
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Show what a file would do, and do it after the yes."""
    today = local_date(request_time(request))
    found = queries.course_delivery(delivery_id, provider_of(request), today)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            done = operations.confirm_delivery(
                delivery_id=delivery_id, by=actor_of(request), at=request_time(request)
            )
        except UnableToImportCourses:
            messages.error(request, _("Het bestand past niet meer. Kijk wat er nu fout is."))
        else:
            if done.state == "imported":
                messages.success(request, _("Je cursussen staan in de catalogus."))
        return redirect("provider:delivery", delivery_id)
    context = {
        "delivery": found,
        "progress": queries.delivery_progress(delivery_id),
        "faults": found.summary.faults[:SHOWN_FAULTS],
        "more_faults": max(0, len(found.summary.faults) - SHOWN_FAULTS),
        "summary": found.summary,
        "warnings": found.summary.warnings[:SHOWN_FAULTS],
        "more_warnings": max(0, len(found.summary.warnings) - SHOWN_FAULTS),
    }
    return render(request, "provider/delivery.html", context)


@permitted(Permission.MANAGE_COURSES)
@require_POST
def discard(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Throw away a file that is not in the catalogue."""
    today = local_date(request_time(request))
    if queries.course_delivery(delivery_id, provider_of(request), today) is None:
        raise Http404
    try:
        operations.discard_delivery(
            delivery_id=delivery_id, by=actor_of(request), at=request_time(request)
        )
    except UnableToDiscardCourses as refusal:
        messages.error(request, str(refusal))
        return redirect("provider:delivery", delivery_id)
    messages.info(request, _("Het bestand is weggegooid. Er is niets veranderd."))
    return redirect("provider:deliver")


@permitted(Permission.MANAGE_COURSES)
def template(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (every view takes one)
    """Hand out an empty file with the right columns."""
    return spreadsheet("cursussen-sjabloon", [queries.file_columns()])


@permitted(Permission.MANAGE_COURSES)
def own_file(request: HttpRequest) -> HttpResponse:
    """Hand out the provider's own courses, to change and deliver again."""
    return spreadsheet("cursussen", queries.provider_file(provider_of(request)))
