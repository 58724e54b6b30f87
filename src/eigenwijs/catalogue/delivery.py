"""Course files as a whole: what one would do to the catalogue, and doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit.operations import Tell, quiet
from eigenwijs.catalogue.course_file import (
    COLUMN_OF_FIELD,
    CourseFile,
    read_course_file,
    write_course_file,
)
from eigenwijs.catalogue.models import Course, CourseDelivery, Run
from eigenwijs.catalogue.reading import record_of_course, record_of_run
from eigenwijs.catalogue.types import DeliveryView, ImportSummary, RunRecord
from eigenwijs.catalogue.writing import (
    course_version,
    fill_course,
    fill_run,
    run_version,
    seat_faults,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.delimited import MAX_FAULTS
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.patience import lock_at_once

_COUNTS = (
    "lines",
    "courses_new",
    "courses_changed",
    "courses_same",
    "runs_new",
    "runs_changed",
    "runs_same",
)

READ_AT_ONCE = 2_000
"""A file of more lines is read and imported by the job worker."""

_BATCH = 1000


@dataclass(slots=True)
class Plan:
    """What a course file does: the rows to add and to change, and the summary of it."""

    summary: ImportSummary
    new_courses: list[Course] = field(default_factory=list)
    changed_courses: list[Course] = field(default_factory=list)
    new_runs: list[Run] = field(default_factory=list)
    changed_runs: list[Run] = field(default_factory=list)


def plan(
    content: bytes, provider_id: UUID, on: date, *, to_apply: bool = False, tell: Tell = quiet
) -> Plan:
    """Read a course file and compare it with the catalogue. Writes nothing.

    Rows of the plan have no id yet where they are new. A plan `to_apply` locks the provider's rows,
    so that no seat is taken in between.
    """
    file = read_course_file(content, on, tell)
    result = Plan(_summary(file, 0, 0))
    if file.faults:
        return result
    own_courses = Course.objects.filter(provider=provider_id)
    own_runs = Run.objects.filter(course__provider=provider_id).select_related("course")
    if to_apply:
        own_courses = own_courses.select_for_update()
        own_runs = own_runs.select_for_update(of=("self",))
    courses = _plan_courses(file, own_courses, result)
    _plan_runs(file, own_runs, courses, result)
    result.summary = replace(
        _summary(
            file,
            len(file.courses) - len(result.new_courses) - len(result.changed_courses),
            len(file.runs) - len(result.new_runs) - len(result.changed_runs),
        ),
        courses_new=len(result.new_courses),
        courses_changed=len(result.changed_courses),
        runs_new=len(result.new_runs),
        runs_changed=len(result.changed_runs),
    )
    return result


def apply(plan: Plan, provider_id: UUID, *, by: Actor, at: datetime) -> None:
    """Write a plan without faults: rows and their versions, in batches."""
    for course in plan.new_courses:
        course.id = new_id(at)
        course.provider_id = provider_id
    for run in plan.new_runs:
        run.id = new_id(at)
        run.course_id = run.course.pk
    copy_in(plan.new_courses)
    _update(Course, plan.changed_courses)
    copy_in(plan.new_runs)
    _update(Run, plan.changed_runs)
    courses = (*plan.new_courses, *plan.changed_courses)
    copy_in(course_version(course, by=by, at=at) for course in courses)
    copy_in(run_version(run, by=by, at=at) for run in (*plan.new_runs, *plan.changed_runs))


def keep(
    content: bytes,
    file_name: str,
    provider_id: UUID,
    *,
    found: ImportSummary | None,
    by: Actor,
    at: datetime,
) -> tuple[CourseDelivery, bool]:
    """Keep a file with what reading it found, None where it waits to be read.

    A provider has one file at a time that waits: where there is one it is returned, with False.
    """
    kept = CourseDelivery(
        id=new_id(at),
        provider_id=provider_id,
        file_name=file_name[:200],
        content=content,
        found=_plain(found) if found else None,
        delivered_at=at,
        delivered_by=by.person_id,
    )
    if found is not None:
        kept.save(force_insert=True)
        return kept, True
    waiting = CourseDelivery.objects.filter(
        provider=provider_id, found__isnull=True, confirmed_at=None
    )
    while True:
        CourseDelivery.objects.bulk_create([kept], ignore_conflicts=True)
        # What stood in the way may have been read or thrown away since: then there is room now.
        if (waits := waiting.first()) is not None:
            return waits, waits.pk == kept.pk


def provider_of(delivery_id: UUID) -> UUID | None:
    """Return whose file it is, or None."""
    return (
        CourseDelivery.objects.filter(pk=delivery_id).values_list("provider_id", flat=True).first()
    )


def is_with_worker(delivery_id: UUID) -> bool:
    """Whether a file waits to be read or imported by the job worker, or is at this moment."""
    own = CourseDelivery.objects.filter(pk=delivery_id, confirmed_at=None)
    return own.filter(models.Q(found__isnull=True) | models.Q(asked_at__isnull=False)).exists()


def lock(delivery_id: UUID) -> CourseDelivery | None:
    """Return a kept file, locked, or None."""
    return CourseDelivery.objects.select_for_update().filter(pk=delivery_id).first()


def lock_to_discard(delivery_id: UUID) -> list[CourseDelivery] | None:
    """Return a file that nobody said yes to, locked, or nothing; None where the worker is at it."""
    own = CourseDelivery.objects.filter(pk=delivery_id, confirmed_at=None, asked_at=None)
    return lock_at_once(own.defer("content"))


def mark_read(kept: CourseDelivery, found: ImportSummary) -> None:
    """Note what a file comes to. One with faults is not kept, and its provider's yes is void."""
    kept.found = _plain(found)
    if found.faults:
        kept.content, kept.asked_at = b"", None
    kept.save(update_fields=["found", "content", "asked_at"])


def mark_asked(kept: CourseDelivery, at: datetime) -> None:
    """Note the provider's yes, to be carried out by the job worker."""
    kept.asked_at = at
    kept.save(update_fields=["asked_at"])


def mark_confirmed(kept: CourseDelivery, summary: ImportSummary, at: datetime) -> None:
    """Note that a kept file is in the catalogue, and what it did."""
    kept.confirmed_at = at
    kept.outcome = counts(summary)
    kept.save(update_fields=["confirmed_at", "outcome"])


def counts(summary: ImportSummary) -> dict[str, int]:
    """Return the counts of a summary by name."""
    return {name: value for name, value in asdict(summary).items() if name in _COUNTS}


def view(delivery_id: UUID, provider_id: UUID, on: date) -> DeliveryView | None:
    """Return a provider's own kept file, with what it does today or what it did."""
    kept = CourseDelivery.objects.filter(pk=delivery_id, provider=provider_id).first()
    if kept is None:
        return None
    return _view(kept, _summary_of(kept, on))


def unfinished(provider_id: UUID, since: datetime) -> list[DeliveryView]:
    """Return a provider's files since a moment that are not in the catalogue, the newest first."""
    own = CourseDelivery.objects.filter(provider=provider_id, confirmed_at=None)
    rows = own.filter(delivered_at__gte=since).defer("content").order_by("-delivered_at")
    return [_view(kept, _read(kept.found or {})) for kept in rows]


def _view(kept: CourseDelivery, summary: ImportSummary) -> DeliveryView:
    if kept.confirmed_at is not None:
        state = "imported"
    elif kept.found is None:
        state = "received"
    elif summary.faults:
        state = "refused"
    else:
        state = "asked" if kept.asked_at else "read"
    return DeliveryView(
        kept.pk,
        kept.provider_id,
        kept.file_name,
        kept.delivered_at,
        kept.confirmed_at,
        state,
        summary,
    )


def _summary_of(kept: CourseDelivery, on: date) -> ImportSummary:
    """What a file did, or does: small ones are compared anew with the catalogue of today."""
    if kept.outcome is not None:
        return _read(kept.outcome)
    if kept.found is None or kept.found["faults"] or kept.found["lines"] > READ_AT_ONCE:
        return _read(kept.found or {})
    return plan(bytes(kept.content), kept.provider_id, on).summary


def _plain(summary: ImportSummary) -> dict[str, Any]:
    return {
        **counts(summary),
        "faults": [fault.to_json() for fault in summary.faults],
        "warnings": [fault.to_json() for fault in summary.warnings],
    }


def _read(plain: Mapping[str, Any]) -> ImportSummary:
    return ImportSummary(
        **{name: plain.get(name, 0) for name in _COUNTS},
        faults=tuple(Fault.from_json(fault) for fault in plain.get("faults", ())),
        warnings=tuple(Fault.from_json(fault) for fault in plain.get("warnings", ())),
    )


def lines_of(provider_id: UUID) -> list[tuple[str, ...]]:
    """Return a provider's catalogue as lines of the course file."""
    runs: dict[str, list[tuple[str, RunRecord]]] = {}
    courses = list(Course.objects.filter(provider=provider_id, withdrawn_at=None).order_by("code"))
    for run in (
        Run.objects.filter(course__in=courses, withdrawn_at=None)
        .select_related("course")
        .order_by("starts_on", "code")
    ):
        runs.setdefault(run.course.code, []).append((run.code, record_of_run(run)))
    return list(write_course_file([(c.code, record_of_course(c)) for c in courses], runs))


def _summary(file: CourseFile, courses_same: int, runs_same: int) -> ImportSummary:
    return ImportSummary(
        lines=file.lines,
        courses_new=0,
        courses_changed=0,
        courses_same=courses_same,
        runs_new=0,
        runs_changed=0,
        runs_same=runs_same,
        faults=tuple(file.faults[: MAX_FAULTS + 1]),
        warnings=tuple(file.warnings),
    )


def _plan_courses(
    file: CourseFile, own_courses: models.QuerySet[Course], result: Plan
) -> dict[str, Course]:
    """Return the course of each code in the file, known or new."""
    known = {course.code: course for course in own_courses}
    courses: dict[str, Course] = {}
    for code, line in file.courses.items():
        course = known.get(code)
        if course is None:
            course = Course(code=code)
            fill_course(course, line.record)
            result.new_courses.append(course)
        elif course.withdrawn_at is not None:
            message = _("Deze cursus trok je eerder in. Haal de regel weg of geef een andere code.")
            file.faults.append(Fault("withdrawn", message, line=line.line, field_name="cursuscode"))
        else:
            before, now = record_of_course(course), line.record
            if not file.says_kinds:
                now = replace(now, kind=before.kind)
            if before != now:
                course.version += 1
                fill_course(course, now)
                result.changed_courses.append(course)
        courses[code] = course
    return courses


def _plan_runs(
    file: CourseFile,
    own_runs: models.QuerySet[Run],
    courses: dict[str, Course],
    result: Plan,
) -> None:
    known = {(run.course.code, run.code): run for run in own_runs} if file.runs else {}
    for key, line in file.runs.items():
        run = known.get(key)
        if run is None:
            run = Run(course=courses[line.course_code], code=line.code)
            fill_run(run, line.record)
            result.new_runs.append(run)
            continue
        before = record_of_run(run)
        if run.withdrawn_at is not None:
            message = _("Deze start trok je eerder in. Haal de regel weg of geef een andere code.")
            file.faults.append(Fault("withdrawn", message, line=line.line, field_name="startdatum"))
        elif before != line.record:
            for fault in seat_faults(run, before, line.record):
                column = COLUMN_OF_FIELD[fault.field_name]
                file.faults.append(replace(fault, line=line.line, field_name=column))
            run.version += 1
            fill_run(run, line.record)
            result.changed_runs.append(run)


def _update(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Write whole rows over those with the same id; one by one or CASE by CASE would take minutes."""
    names = [
        column.name
        for column in model._meta.concrete_fields
        if not column.primary_key and not column.generated and column.name != "seats_taken"
    ]
    model._default_manager.bulk_create(
        rows,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=names,
    )
