"""Writing the catalogue: courses, runs, seats, quality marks, deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.catalogue import access, rules
from eigenwijs.catalogue.models import Course, QualityMark, Run, Seat
from eigenwijs.catalogue.reading import course_views, record_of_course, record_of_run, run_view
from eigenwijs.catalogue.types import (
    COURSE_FIELDS,
    QUALITY_MARKS,
    RUN_FIELDS,
    CourseRecord,
    CourseView,
    RunRecord,
    RunView,
)
from eigenwijs.catalogue.writing import (
    course_version,
    fill_course,
    fill_run,
    run_version,
    seat_faults,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport
from eigenwijs.kernel.ids import new_id


class UnableToSave(FaultyImport):
    """A record that is not right, with all its faults; `field_name` is the record's field.

    Codes: invalid, not_found, withdrawn, code_taken.
    """


class UnableToTakeSeat(DomainError):
    """No seat. Codes: not_found, withdrawn, started, full, key_reused."""


@transaction.atomic
def register_course(
    *, provider_id: UUID, record: CourseRecord, code: str = "", by: Actor, at: datetime
) -> CourseView:
    """Add a course of a provider; `code` is the provider's own, or made from the title.

    Raises UnableToSave (invalid, code_taken; not_found if `by` may not write for this provider).
    """
    _require(by, provider_id)
    _refuse(rules.course_faults(record))
    code = code.strip() or rules.default_code(record.title, record.offered_by)
    if len(code) > rules.MAX_CODE:
        message = _("Deze code is langer dan %(maximum)s tekens. Maak hem korter.")
        _refuse([Fault("too_long", message, {"maximum": rules.MAX_CODE}, None, "code")])
    if Course.objects.filter(provider=provider_id, code=code).exists():
        message = _("Je hebt al een cursus met deze code. Kies een andere code.")
        raise UnableToSave("code_taken", [Fault("code_taken", message, field_name="code")])
    course = Course(id=new_id(at), provider_id=provider_id, code=code)
    fill_course(course, record)
    course.save(force_insert=True)
    course_version(course, by=by, at=at).save(force_insert=True)
    audit.record(
        by=by, at=at, action="catalogue.course.registered", subject=("catalogue.course", course.pk)
    )
    return course_views([course])[0]


@transaction.atomic
def change_course(*, course_id: UUID, record: CourseRecord, by: Actor, at: datetime) -> CourseView:
    """Give a course a new record. The same record again makes no new version.

    Raises UnableToSave (invalid, not_found, withdrawn).
    """
    course = _own_course(course_id, by)
    _refuse(rules.course_faults(record))
    changed = _changed(record_of_course(course), record, COURSE_FIELDS)
    if changed:
        course.version += 1
        fill_course(course, record)
        course.save()
        course_version(course, by=by, at=at).save(force_insert=True)
        audit.record(
            by=by,
            at=at,
            action="catalogue.course.changed",
            subject=("catalogue.course", course.pk),
            fields=changed,
            ids={"version": course.version},
        )
    return course_views([course])[0]


@transaction.atomic
def register_run(
    *, course_id: UUID, record: RunRecord, code: str = "", by: Actor, at: datetime
) -> RunView:
    """Add a run to a course; `code` is the provider's own, or made from day, place and day part.

    Raises UnableToSave (invalid, not_found, withdrawn, code_taken).
    """
    course = _own_course(course_id, by)
    _refuse([*rules.run_faults(record), *_past(record, at)])
    code = code.strip() or rules.default_run_code(record)
    if course.runs.filter(code=code).exists():
        message = _("Deze start staat er al, op dezelfde dag, plaats en tijd.")
        raise UnableToSave("code_taken", [Fault("code_taken", message, field_name="starts_on")])
    run = Run(id=new_id(at), course=course, code=code)
    fill_run(run, record)
    run.save(force_insert=True)
    run_version(run, by=by, at=at).save(force_insert=True)
    audit.record(by=by, at=at, action="catalogue.run.registered", subject=("catalogue.run", run.pk))
    return run_view(run)


@transaction.atomic
def change_run(*, run_id: UUID, record: RunRecord, by: Actor, at: datetime) -> RunView:
    """Give a run a new record. The same record again makes no new version.

    Once a seat is taken, day, place and part of the day stay: who booked, booked those. Bookings keep
    the price they were made at. Raises UnableToSave (invalid, not_found, withdrawn).
    """
    run = _own_run(run_id, by)
    before = record_of_run(run)
    changed = _changed(before, record, RUN_FIELDS)
    if not changed:
        return run_view(run)
    _refuse([*rules.run_faults(record), *_past(record, at), *seat_faults(run, before, record)])
    run.version += 1
    fill_run(run, record)
    run.save()
    run_version(run, by=by, at=at).save(force_insert=True)
    audit.record(
        by=by,
        at=at,
        action="catalogue.run.changed",
        subject=("catalogue.run", run.pk),
        fields=changed,
        ids={"version": run.version},
    )
    return run_view(run)


@transaction.atomic
def withdraw_run(*, run_id: UUID, by: Actor, at: datetime) -> RunView:
    """Take a run back: nobody can book it any more, and `run_withdrawn` tells who has booked it.

    A second time changes nothing. Raises UnableToSave (not_found).
    """
    run = _own_run(run_id, by, withdrawn_too=True)
    if run.withdrawn_at is None:
        run.withdrawn_at = at
        run.save(update_fields=["withdrawn_at"])
        audit.announce(by=by, at=at, event="run_withdrawn", subject=("catalogue.run", run.pk))
    return run_view(run)


@transaction.atomic
def withdraw_course(*, course_id: UUID, by: Actor, at: datetime) -> CourseView:
    """Take a course out of the catalogue. Its runs that were booked go on.

    A second time changes nothing. Raises UnableToSave (not_found).
    """
    course = _own_course(course_id, by, withdrawn_too=True)
    if course.withdrawn_at is None:
        course.withdrawn_at = at
        course.save(update_fields=["withdrawn_at"])
        audit.record(
            by=by,
            at=at,
            action="catalogue.course.withdrawn",
            subject=("catalogue.course", course.pk),
        )
    return course_views([course])[0]


@transaction.atomic
def take_seat(*, run_id: UUID, key: UUID, by: Actor, at: datetime) -> None:
    """Take one seat of a run under `key`. The same key again takes no second seat.

    Waits for whoever is taking a seat of the same run. Raises UnableToTakeSeat (not_found; withdrawn, for who
    has a seat already too; started, full; key_reused if the key belongs to another run or was given back).
    """
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise UnableToTakeSeat("not_found", _("Deze cursus is er niet meer."))
    taken = Seat.objects.filter(pk=key).first()
    if taken and (taken.run_id != run_id or taken.given_back_at is not None):
        raise UnableToTakeSeat("key_reused", _("Deze plaats is al teruggegeven."))
    if run.withdrawn_at is not None or (not taken and run.course.withdrawn_at is not None):
        raise UnableToTakeSeat("withdrawn", _("De opleider geeft deze cursus niet meer."))
    if taken:
        return
    if run.starts_on <= local_date(at):
        raise UnableToTakeSeat("started", _("Deze cursus is al begonnen."))
    if run.seats is not None and run.seats_taken >= run.seats:
        raise UnableToTakeSeat("full", _("Deze cursus is vol."))
    Seat.objects.create(id=key, run=run, taken_at=at)
    Run.objects.filter(pk=run_id).update(seats_taken=F("seats_taken") + 1)
    audit.record(
        by=by,
        at=at,
        action="catalogue.seat.taken",
        subject=("catalogue.run", run_id),
        ids={"seat": str(key)},
    )


@transaction.atomic
def give_back_seat(*, key: UUID, by: Actor, at: datetime) -> None:
    """Give the seat of `key` back to its run. A second time, or without a seat, changes nothing."""
    seat = Seat.objects.filter(pk=key).first()
    if seat is None:
        return
    Run.objects.select_for_update().get(pk=seat.run_id)
    if Seat.objects.filter(pk=key, given_back_at=None).update(given_back_at=at):
        Run.objects.filter(pk=seat.run_id).update(seats_taken=F("seats_taken") - 1)
        audit.record(
            by=by,
            at=at,
            action="catalogue.seat.given_back",
            subject=("catalogue.run", seat.run_id),
            ids={"seat": str(key)},
        )


@transaction.atomic
def record_quality_mark(
    *,
    provider_id: UUID,
    code: str,
    valid_from: date,
    valid_until: date | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Note a quality mark of a provider as found in its register; again with another end changes it.

    Raises UnableToSave (not_found; invalid for an unknown mark or an end before the start).
    """
    if not access.may_record_quality_marks(by):
        raise UnableToSave("not_found", [])
    if code not in QUALITY_MARKS:
        message = _("Dit keurmerk kennen we niet. Kies er een uit de lijst.")
        _refuse([Fault("unknown_mark", message, field_name="code")])
    if valid_until is not None and valid_until < valid_from:
        message = _("De einddatum ligt voor de begindatum. Vul een latere dag in.")
        _refuse([Fault("ends_before_start", message, field_name="valid_until")])
    mark, created = QualityMark.objects.get_or_create(
        provider_id=provider_id,
        code=code,
        valid_from=valid_from,
        defaults={"id": new_id(at), "valid_until": valid_until},
    )
    if not created and mark.valid_until == valid_until:
        return
    mark.valid_until = valid_until
    mark.save()
    audit.record(
        by=by,
        at=at,
        action="catalogue.quality_mark.recorded",
        subject=("people.organisation", provider_id),
        fields=["valid_from", "valid_until"],
        ids={"mark": code},
    )


def _require(by: Actor, provider_id: UUID) -> None:
    if not access.may_edit(by, provider_id):
        raise UnableToSave("not_found", [])


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise UnableToSave("invalid", faults, _("Er klopt nog iets niet."))


def _past(record: RunRecord, at: datetime) -> list[Fault]:
    if record.starts_on > local_date(at):
        return []
    message = _("De startdatum is al geweest. Vul een dag na vandaag in.")
    return [Fault("started_already", message, field_name="starts_on")]


def _changed(
    before: CourseRecord | RunRecord, after: CourseRecord | RunRecord, names: Sequence[str]
) -> list[str]:
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _own_course(course_id: UUID, by: Actor, *, withdrawn_too: bool = False) -> Course:
    course = Course.objects.select_for_update().filter(pk=course_id).first()
    if course is None or not access.may_edit(by, course.provider_id):
        raise UnableToSave("not_found", [])
    if course.withdrawn_at is not None and not withdrawn_too:
        raise UnableToSave("withdrawn", [], _("Deze cursus is ingetrokken."))
    return course


def _own_run(run_id: UUID, by: Actor, *, withdrawn_too: bool = False) -> Run:
    runs = Run.objects.select_for_update(of=("self",)).select_related("course")
    run = runs.filter(pk=run_id).first()
    if run is None or not access.may_edit(by, run.course.provider_id):
        raise UnableToSave("not_found", [])
    if run.withdrawn_at is not None and not withdrawn_too:
        raise UnableToSave("withdrawn", [], _("Deze start is ingetrokken."))
    return run
