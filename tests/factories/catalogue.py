"""Made-up courses and runs, made through the operations of the room."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from uuid import UUID

from eigenwijs.catalogue import operations
from eigenwijs.catalogue.types import (
    CourseKind,
    CourseRecord,
    CourseView,
    DayPart,
    ImportSummary,
    RunRecord,
    RunView,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.people.types import OrganisationKind
from tests.factories.people import LONG_AGO, SYSTEM, make_organisation

_number = itertools.count(1)


def make_course(
    title: str = "",
    *,
    provider_id: UUID | None = None,
    description: str = "",
    subjects: tuple[str, ...] = ("07",),
    language: str = "nl",
    price_cents: int | None = 35_000,
    offered_by: str = "",
    kind: CourseKind = CourseKind.COURSE,
    at: datetime = LONG_AGO,
) -> CourseView:
    """A course; of a provider of its own unless one is given."""
    if provider_id is None:
        provider_id = make_organisation(OrganisationKind.PROVIDER).id
    record = CourseRecord(
        title or f"Cursus {next(_number)}",
        description,
        language=language,
        subjects=subjects,
        price_cents=price_cents,
        offered_by=offered_by,
        kind=kind,
    )
    return operations.register_course(provider_id=provider_id, record=record, by=SYSTEM, at=at)


def make_run(
    course: CourseView | None = None,
    *,
    starts_on: date = date(2027, 3, 1),
    ends_on: date | None = None,
    price_cents: int = 35_000,
    seats: int | None = 12,
    place: str = "Zwolle",
    is_online: bool = False,
    day_part: DayPart = DayPart.EVENING,
    language: str = "nl",
    at: datetime = LONG_AGO,
) -> RunView:
    """A run; of a course of its own unless one is given."""
    record = RunRecord(
        starts_on=starts_on,
        ends_on=ends_on or starts_on,
        price_cents=price_cents,
        place="" if is_online else place,
        is_online=is_online,
        day_part=day_part,
        language=language,
        seats=seats,
    )
    return operations.register_run(
        course_id=(course or make_course()).id, record=record, by=SYSTEM, at=at
    )


def import_courses(
    *, content: bytes, file_name: str, provider_id: UUID, by: Actor, at: datetime
) -> ImportSummary:
    """Deliver and confirm a course file at once."""
    kept = operations.deliver_courses(
        content=content, file_name=file_name, provider_id=provider_id, by=by, at=at
    )
    operations.confirm_delivery(delivery_id=kept.id, by=by, at=at)
    return kept.summary
