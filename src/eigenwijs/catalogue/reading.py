"""From rows of the tables to what callers get."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet

from eigenwijs.catalogue.models import Course, Run
from eigenwijs.catalogue.types import (
    COURSE_FIELDS,
    RUN_FIELDS,
    CourseKind,
    CourseRecord,
    CourseView,
    DayPart,
    RunRecord,
    RunView,
)
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind


def bookable_runs(on: date) -> QuerySet[Run]:
    """Return the runs that can be booked on the day `on`; the same rule as `RunView.is_bookable`."""
    free = Q(seats=None) | Q(seats_taken__lt=F("seats"))
    return Run.objects.filter(free, withdrawn_at=None, course__withdrawn_at=None, starts_on__gt=on)


def record_of_course(course: Course) -> CourseRecord:
    """Return the record that a row holds."""
    values = {name: getattr(course, name) for name in COURSE_FIELDS}
    known = {"subjects": tuple(course.subjects), "kind": CourseKind(course.kind)}
    return CourseRecord(**{**values, **known})


def record_of_run(run: Run) -> RunRecord:
    """Return the record that a row holds."""
    values = {name: getattr(run, name) for name in RUN_FIELDS}
    return RunRecord(**{**values, "day_part": DayPart(run.day_part)})


def provider_names() -> dict[UUID, str]:
    """Return the names of all providers by id."""
    return {one.id: one.name for one in people.organisations(OrganisationKind.PROVIDER)}


def course_views(courses: Iterable[Course]) -> list[CourseView]:
    """Return views in the same order, with the names of the providers as they are now."""
    names = provider_names()
    return [
        CourseView(
            id=course.pk,
            provider_id=course.provider_id,
            provider_name=names[course.provider_id],
            code=course.code,
            record=record_of_course(course),
            version=course.version,
            withdrawn=course.withdrawn_at is not None,
        )
        for course in courses
    ]


def run_view(run: Run) -> RunView:
    """Return the view of a run whose course was fetched with it."""
    return RunView(
        id=run.pk,
        course_id=run.course_id,
        provider_id=run.course.provider_id,
        code=run.code,
        record=record_of_run(run),
        seats_taken=run.seats_taken,
        version=run.version,
        withdrawn=run.withdrawn_at is not None or run.course.withdrawn_at is not None,
    )
