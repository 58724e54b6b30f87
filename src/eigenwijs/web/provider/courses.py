"""Courses and their runs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.bookings import access as bookings_access
from eigenwijs.bookings import queries as bookings
from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.operations import UnableToSave
from eigenwijs.catalogue.types import LANGUAGES, SUBJECTS
from eigenwijs.kernel.clock import local_date
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.provider.forms import CourseForm, RunForm, show_refusal
from eigenwijs.web.provider.own import actor_of, own_course, own_run, provider_of

PAGE_SIZE = 50


@permitted(Permission.MANAGE_COURSES)
def courses(request: HttpRequest) -> HttpResponse:
    """List the provider's courses."""
    page = page_of(request, queries.courses_of(provider_of(request)), PAGE_SIZE)
    return render(request, "provider/courses.html", {"page": page})


@permitted(Permission.MANAGE_COURSES)
def course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Show a course with its runs."""
    found = own_course(request, course_id)
    today = local_date(request_time(request))
    runs = queries.runs_of(course_id)
    context = {
        "course": found,
        "language": LANGUAGES.get(found.record.language, ""),
        "subjects": [SUBJECTS[code] for code in sorted({c[:2] for c in found.record.subjects})],
        "coming": [run for run in runs if run.record.starts_on > today and not run.withdrawn],
        "past": [run for run in runs if run.record.starts_on <= today or run.withdrawn],
    }
    return render(request, "provider/course.html", context)


@permitted(Permission.MANAGE_COURSES)
def new_course(request: HttpRequest) -> HttpResponse:
    """Add a course."""
    form = CourseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.register_course(
                provider_id=provider_of(request),
                record=form.record(),
                code=form.cleaned_data["code"],
                by=actor_of(request),
                at=request_time(request),
            )
        except UnableToSave as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("De cursus staat in de catalogus."))
            return redirect("provider:course", made.id)
    return render(request, "provider/course_form.html", {"form": form, "course": None})


@permitted(Permission.MANAGE_COURSES)
def change_course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Change a course; what it said before is kept."""
    found = own_course(request, course_id)
    form = CourseForm(request.POST or None, record=found.record)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_course(
                course_id=course_id,
                record=form.record(),
                by=actor_of(request),
                at=request_time(request),
            )
        except UnableToSave as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Bewaard. Wie al boekte, houdt wat er toen stond."))
            return redirect("provider:course", course_id)
    return render(request, "provider/course_form.html", {"form": form, "course": found})


@permitted(Permission.MANAGE_COURSES)
def course_history(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Show what a course said before."""
    found = own_course(request, course_id)
    context = {"course": found, "versions": queries.history(course_id)}
    return render(request, "provider/course_history.html", context)


@permitted(Permission.MANAGE_COURSES)
def withdraw_course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Take a course out of the catalogue, after a question."""
    found = own_course(request, course_id)
    if request.method == "POST":
        operations.withdraw_course(
            course_id=course_id, by=actor_of(request), at=request_time(request)
        )
        messages.success(request, _("De cursus staat niet meer in de catalogus."))
        return redirect("provider:course", course_id)
    return render(request, "provider/withdraw_course.html", {"course": found})


@permitted(Permission.MANAGE_COURSES)
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show a run with who booked it."""
    found = own_run(request, run_id)
    at = request_time(request)
    context = {
        "run": found,
        "course": own_course(request, found.course_id),
        "language": LANGUAGES[found.record.language],
        "has_started": found.record.starts_on <= local_date(at),
        "bookings": bookings_access.provider_bookings(by=actor_of(request), at=at, run_id=run_id),
    }
    return render(request, "provider/run.html", context)


@permitted(Permission.MANAGE_COURSES)
def new_run(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Add a run to a course."""
    found = own_course(request, course_id)
    form = RunForm(request.POST or None, course=found.record)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.register_run(
                course_id=course_id,
                record=form.record(),
                by=actor_of(request),
                at=request_time(request),
            )
        except UnableToSave as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("De start staat in de catalogus."))
            return redirect("provider:run", made.id)
    return render(request, "provider/run_form.html", {"form": form, "course": found, "run": None})


@permitted(Permission.MANAGE_COURSES)
def change_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Change a run."""
    found = own_run(request, run_id)
    form = RunForm(request.POST or None, record=found.record)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_run(
                run_id=run_id, record=form.record(), by=actor_of(request), at=request_time(request)
            )
        except UnableToSave as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Bewaard. Wie al boekte, houdt wat er toen stond."))
            return redirect("provider:run", run_id)
    context = {"form": form, "course": own_course(request, found.course_id), "run": found}
    return render(request, "provider/run_form.html", context)


@permitted(Permission.MANAGE_COURSES)
def withdraw_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Take a run back, after a question that says what it does to those who booked."""
    found = own_run(request, run_id)
    if request.method == "POST":
        operations.withdraw_run(run_id=run_id, by=actor_of(request), at=request_time(request))
        messages.success(request, _("De start is ingetrokken. Wie boekte, krijgt bericht."))
        return redirect("provider:run", run_id)
    context = {
        "run": found,
        "course": own_course(request, found.course_id),
        "booked": bookings.booked_runs(provider_of(request)).get(run_id, 0),
    }
    return render(request, "provider/withdraw_run.html", context)
