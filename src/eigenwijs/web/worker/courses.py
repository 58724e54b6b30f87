"""Searching and reading about courses: the same for everyone, whatever they can spend."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.types import LANGUAGES
from eigenwijs.kernel.clock import local_date
from eigenwijs.web.access import public
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_number
from eigenwijs.web.worker.forms import SearchForm


@public
def search(request: HttpRequest) -> HttpResponse:
    """Search, with every filter in the address so that a search can be kept and shared."""
    today = local_date(request_time(request))
    form = SearchForm(request.GET)
    form.is_valid()
    page = catalogue.search(form.wanted(today), page=page_number(request))
    return render(request, "worker/search.html", {"form": form, "page": page})


@public
def course(request: HttpRequest, course_id: UUID) -> HttpResponse:
    """Show one course with the starts that can be booked."""
    found = catalogue.course(course_id)
    if found is None:
        raise Http404
    today = local_date(request_time(request))
    context = {
        "course": found,
        "language": LANGUAGES.get(found.record.language, ""),
        "marks": catalogue.quality_marks(found.provider_id, today),
        "runs": catalogue.runs_of(course_id, bookable_on=today),
    }
    return render(request, "worker/course.html", context)
