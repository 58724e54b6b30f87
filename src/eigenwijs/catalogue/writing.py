"""From records to rows of the tables."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from eigenwijs.catalogue import rules
from eigenwijs.catalogue.models import Course, CourseVersion, Run, RunVersion
from eigenwijs.catalogue.reading import record_of_course, record_of_run
from eigenwijs.catalogue.types import (
    COURSE_FIELDS,
    RUN_FIELDS,
    CourseRecord,
    RunRecord,
    plain_values,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.ids import derived_id

# What who booked a run has been promised about it.
_PROMISED = ("starts_on", "ends_on", "place", "is_online", "day_part", "language")


def fill_course(course: Course, record: CourseRecord) -> None:
    """Write a record into a row, and what is searched with it. Saves nothing."""
    for name in COURSE_FIELDS:
        setattr(course, name, getattr(record, name))
    course.subjects = list(record.subjects)
    course.title_folded = rules.fold(record.title)
    texts = (record.title, record.description, record.audience, record.offered_by)
    course.text_folded = rules.fold(" ".join(texts))


def fill_run(run: Run, record: RunRecord) -> None:
    """Write a record into a row. Saves nothing."""
    for name in RUN_FIELDS:
        setattr(run, name, getattr(record, name))
    run.place_folded = rules.fold(record.place)


def course_version(course: Course, *, by: Actor, at: datetime) -> CourseVersion:
    """Return the version row of a course as it is now, not yet saved."""
    return CourseVersion(
        id=derived_id(course.pk, f"version {course.version}"),
        course_id=course.pk,
        number=course.version,
        record=plain_values(record_of_course(course)),
        recorded_at=at,
        recorded_by=by.person_id,
    )


def run_version(run: Run, *, by: Actor, at: datetime) -> RunVersion:
    """Return the version row of a run as it is now, not yet saved."""
    return RunVersion(
        id=derived_id(run.pk, f"version {run.version}"),
        run_id=run.pk,
        number=run.version,
        record=plain_values(record_of_run(run)),
        recorded_at=at,
        recorded_by=by.person_id,
    )


def seat_faults(run: Run, before: RunRecord, after: RunRecord) -> list[Fault]:
    """Return what may not change in a run of which seats are taken."""
    if not run.seats_taken:
        return []
    faults = []
    if after.seats is not None and after.seats < run.seats_taken:
        message = _("Er zijn al %(taken)s plaatsen geboekt. Vul dat aantal in, of meer.")
        faults.append(Fault("fewer_than_taken", message, {"taken": run.seats_taken}, None, "seats"))
    for name in _PROMISED:
        if getattr(before, name) != getattr(after, name):
            message = _(
                "Deze start is al geboekt, dus dit ligt vast. Trek de start in en maak een nieuwe."
            )
            faults.append(Fault("has_bookings", message, field_name=name))
    return faults
