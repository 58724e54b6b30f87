"""Reading the catalogue. Everyone gets the same answer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import ProgressView
from eigenwijs.catalogue import delivery, rules
from eigenwijs.catalogue.course_file import TEMPLATE_HEADER
from eigenwijs.catalogue.models import Course, QualityMark, Run
from eigenwijs.catalogue.reading import (
    bookable_runs,
    course_views,
    record_of_course,
    record_of_run,
    run_view,
)
from eigenwijs.catalogue.rules import read_price
from eigenwijs.catalogue.search import search
from eigenwijs.catalogue.types import (
    QUALITY_MARKS,
    CourseFacts,
    CourseView,
    DayPart,
    DeliveryView,
    FrozenOffer,
    QualityMarkView,
    RunView,
    VersionView,
    course_record,
    run_record,
)

__all__ = [
    "all_quality_marks",
    "course",
    "course_delivery",
    "courses_of",
    "delivery_progress",
    "facts",
    "file_columns",
    "freeze",
    "history",
    "provider_file",
    "quality_marks",
    "read_price",
    "run",
    "run_history",
    "runs_of",
    "search",
    "unfinished_deliveries",
]


def course(course_id: UUID) -> CourseView | None:
    """Return one course, withdrawn or not, or None."""
    found = Course.objects.filter(pk=course_id).first()
    return course_views([found])[0] if found else None


def run(run_id: UUID) -> RunView | None:
    """Return one run, withdrawn or not, or None."""
    found = Run.objects.select_related("course").filter(pk=run_id).first()
    return run_view(found) if found else None


def courses_of(provider_id: UUID) -> list[CourseView]:
    """Return all courses of a provider by title, the withdrawn ones last."""
    rows = Course.objects.filter(provider=provider_id)
    return sorted(
        course_views(rows), key=lambda one: (one.withdrawn, rules.fold(one.title), one.code)
    )


def runs_of(course_id: UUID, *, bookable_on: date | None = None) -> list[RunView]:
    """Return the runs of a course by start; with a day, only those that can be booked on it."""
    rows = bookable_runs(bookable_on) if bookable_on else Run.objects.all()
    rows = rows.filter(course=course_id).select_related("course").order_by("starts_on", "id")
    return [run_view(row) for row in rows]


def history(course_id: UUID) -> list[VersionView]:
    """Return every version of a course's record, the newest first."""
    found = Course.objects.filter(pk=course_id).first()
    if found is None:
        return []
    return [
        VersionView(row.number, course_record(row.record), row.recorded_at, row.recorded_by)
        for row in found.versions.order_by("-number")
    ]


def run_history(run_id: UUID) -> list[VersionView]:
    """Return every version of a run's record, the newest first."""
    found = Run.objects.filter(pk=run_id).first()
    if found is None:
        return []
    return [
        VersionView(row.number, run_record(row.record), row.recorded_at, row.recorded_by)
        for row in found.versions.order_by("-number")
    ]


def quality_marks(provider_id: UUID, on: date) -> list[QualityMarkView]:
    """Return the quality marks that a provider has on the day `on`, by name."""
    marks = [
        mark
        for mark in all_quality_marks(provider_id)
        if mark.valid_from <= on and (mark.valid_until is None or mark.valid_until >= on)
    ]
    return sorted(marks, key=lambda mark: mark.name)


def all_quality_marks(provider_id: UUID) -> list[QualityMarkView]:
    """Return every quality mark that was recorded of a provider, the latest first."""
    rows = QualityMark.objects.filter(provider=provider_id).order_by("-valid_from", "code")
    return [
        QualityMarkView(row.code, *QUALITY_MARKS[row.code], row.valid_from, row.valid_until)
        for row in rows
    ]


def freeze(run_id: UUID, on: date) -> FrozenOffer | None:
    """Return the record of a run and its course as they are now, marks as on the day `on`."""
    found = Run.objects.select_related("course").filter(pk=run_id).first()
    if found is None:
        return None
    view = course_views([found.course])[0]
    course_now, run_now = record_of_course(found.course), record_of_run(found)
    return FrozenOffer(
        course_id=found.course_id,
        course_version=found.course.version,
        run_id=found.pk,
        run_version=found.version,
        provider_id=view.provider_id,
        provider_name=view.provider_name,
        taught_by=view.taught_by,
        title=course_now.title,
        duration=course_now.duration,
        starts_on=run_now.starts_on,
        ends_on=run_now.ends_on,
        place=run_now.place,
        is_online=run_now.is_online,
        day_part=DayPart(run_now.day_part),
        language=run_now.language,
        price_cents=run_now.price_cents,
        subjects=course_now.subjects,
        quality_marks=tuple(mark.code for mark in quality_marks(view.provider_id, on)),
        kind=course_now.kind,
    )


def facts(run_id: UUID, on: date) -> CourseFacts | None:
    """Return the plain facts of a run by which a pot's conditions are judged, or None."""
    offer = freeze(run_id, on)
    return offer.facts if offer else None


def course_delivery(delivery_id: UUID, provider_id: UUID, on: date) -> DeliveryView | None:
    """Return a provider's own delivered file with what it does to the catalogue today, or None."""
    return delivery.view(delivery_id, provider_id, on)


def unfinished_deliveries(provider_id: UUID, since: datetime) -> list[DeliveryView]:
    """Return a provider's files since a moment that are not in the catalogue, the newest first."""
    return delivery.unfinished(provider_id, since)


def delivery_progress(delivery_id: UUID) -> ProgressView | None:
    """Return how far reading or importing a large file is; None where neither runs now."""
    return trail.progress(("catalogue.coursedelivery", delivery_id))


def file_columns() -> tuple[str, ...]:
    """Return the columns of the course file, in the order of the template."""
    return TEMPLATE_HEADER


def provider_file(provider_id: UUID) -> list[tuple[str, ...]]:
    """Return a provider's courses and runs as the lines of the course file, the header first.

    Withdrawn ones are left out. Delivering the file again changes no run.
    """
    return delivery.lines_of(provider_id)
