"""Writing the catalogue: courses, runs, seats, quality marks, deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.catalogue import access, delivery, rules
from eigenwijs.catalogue.models import Course, CourseDelivery, QualityMark, Run, Seat
from eigenwijs.catalogue.reading import course_views, record_of_course, record_of_run, run_view
from eigenwijs.catalogue.types import (
    COURSE_FIELDS,
    QUALITY_MARKS,
    RUN_FIELDS,
    CourseRecord,
    CourseView,
    DeliveryView,
    ImportSummary,
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
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport
from eigenwijs.kernel.ids import new_id

_DELIVERY = "catalogue.coursedelivery"


class UnableToSave(FaultyImport):
    """A record that is not right, with all its faults; `field_name` is the record's field.

    Codes: invalid, not_found, withdrawn, code_taken.
    """


class UnableToTakeSeat(DomainError):
    """No seat. Codes: not_found, withdrawn, started, full, key_reused."""


class UnableToImportCourses(FaultyImport):
    """A course file that is refused as a whole, with all its faults. Codes: faulty, not_found."""


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

    Waits for whoever is taking a seat of the same run. Raises UnableToTakeSeat (not_found, withdrawn,
    started, full; key_reused if the key belongs to another run or was given back).
    """
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise UnableToTakeSeat("not_found", _("Deze cursus is er niet meer."))
    taken = Seat.objects.filter(pk=key).first()
    if taken:
        if taken.run_id != run_id or taken.given_back_at is not None:
            raise UnableToTakeSeat("key_reused", _("Deze plaats is al teruggegeven."))
        return
    if run.withdrawn_at is not None or run.course.withdrawn_at is not None:
        raise UnableToTakeSeat("withdrawn", _("De opleider geeft deze cursus niet meer."))
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


def preview_courses(*, content: bytes, provider_id: UUID, by: Actor, at: datetime) -> ImportSummary:
    """Say what a course file would do, and everything that is wrong with it. Writes nothing.

    Raises UnableToImportCourses (not_found) if `by` may not write for this provider.
    """
    _require_import(by, provider_id)
    return delivery.plan(content, provider_id, local_date(at)).summary


@transaction.atomic
def deliver_courses(
    *, content: bytes, file_name: str, provider_id: UUID, by: Actor, at: datetime
) -> DeliveryView:
    """Keep a course file without faults, to be confirmed; nothing changes in the catalogue yet.

    A file of more than 2,000 lines is read by the job worker (`courses_received`): its state is
    `received` until then, and `refused` where it has faults; the same file again meanwhile is the
    same delivery. Raises UnableToImportCourses (faulty, with all faults of a smaller one; not_found).
    """
    _require_import(by, provider_id)
    on = local_date(at)
    if content.count(b"\n") > delivery.READ_AT_ONCE:
        kept = _receive(content, file_name, provider_id, by=by, at=at)
    else:
        summary = delivery.plan(content, provider_id, on).summary
        _refuse_file(summary.faults)
        kept = delivery.keep(content, file_name, provider_id, found=summary, by=by, at=at)[0].pk
        _record(kept, "delivered", summary, by=by, at=at)
    return _view_of(kept, provider_id, on)


def _receive(content: bytes, file_name: str, provider_id: UUID, *, by: Actor, at: datetime) -> UUID:
    kept, is_new = delivery.keep(content, file_name, provider_id, found=None, by=by, at=at)
    if is_new:
        audit.announce(
            by=by,
            at=at,
            event="courses_received",
            subject=(_DELIVERY, kept.pk),
            ids={"lines": content.count(b"\n")},
        )
    elif bytes(kept.content) != content:
        message = _("Je vorige bestand wordt nog gelezen. Wacht tot dat klaar is.")
        _refuse_file([Fault("being_read", message)])
    return kept.pk


@transaction.atomic
def read_courses(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `courses_received`: read a large file and keep what it does, or its faults."""
    kept = delivery.lock(event.subject[1])
    if kept is None or kept.found is not None:
        return
    with audit.progress(event.subject, int(event.ids["lines"] or 0)) as tell:
        plan = delivery.plan(bytes(kept.content), kept.provider_id, local_date(at), tell=tell)
    delivery.mark_read(kept, plan.summary)
    _record(kept.pk, "read", plan.summary, by=by, at=at)


@transaction.atomic
def confirm_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> DeliveryView:
    """Take a delivered file into the catalogue. A second time changes nothing and says the same.

    A large file is imported by the job worker (`courses_confirmed`), and refused where it no longer
    fits. Raises UnableToImportCourses (not_found; faulty if the catalogue changed so that a smaller
    one no longer fits).
    """
    kept = delivery.lock(delivery_id)
    if kept is None or not access.may_edit(by, kept.provider_id):
        raise UnableToImportCourses("not_found", [])
    on = local_date(at)
    shown = _view_of(delivery_id, kept.provider_id, on)
    if shown.state == "refused":
        _refuse_file(shown.summary.faults)
    if shown.state != "read":
        return shown
    if shown.summary.lines > delivery.READ_AT_ONCE:
        delivery.mark_asked(kept, at)
        lines = shown.summary.lines
        subject = (_DELIVERY, kept.pk)
        audit.announce(
            by=by, at=at, event="courses_confirmed", subject=subject, ids={"lines": lines}
        )
    else:
        plan = delivery.plan(bytes(kept.content), kept.provider_id, on, to_apply=True)
        _refuse_file(plan.summary.faults)
        _import(kept, plan, by=by, at=at)
    return _view_of(delivery_id, kept.provider_id, on)


@transaction.atomic
def import_delivery(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `courses_confirmed`: import a large file as a whole, or refuse it as a whole.

    The versions it makes are recorded by who said yes.
    """
    kept = delivery.lock(event.subject[1])
    if kept is None or kept.confirmed_at is not None or kept.asked_at is None:
        return
    with audit.progress(event.subject, int(event.ids["lines"] or 0)) as tell:
        plan = delivery.plan(
            bytes(kept.content), kept.provider_id, local_date(at), to_apply=True, tell=tell
        )
        if plan.summary.faults:
            delivery.mark_read(kept, plan.summary)
            _record(kept.pk, "refused", plan.summary, by=by, at=at)
        else:
            who = ActorKind(event.actor_kind)
            asked = Actor(who, event.actor_person, event.actor_role, event.actor_organisation)
            _import(kept, plan, by=asked if event.actor_person else by, at=at)


def _import(kept: CourseDelivery, plan: delivery.Plan, *, by: Actor, at: datetime) -> None:
    delivery.apply(plan, kept.provider_id, by=by, at=at)
    delivery.mark_confirmed(kept, plan.summary, at)
    _record(kept.pk, "confirmed", plan.summary, by=by, at=at)


def _record(kept: UUID, what: str, summary: ImportSummary, *, by: Actor, at: datetime) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"catalogue.delivery.{what}",
        subject=(_DELIVERY, kept),
        ids=delivery.counts(summary),
    )


def _view_of(kept: UUID, provider_id: UUID, on: date) -> DeliveryView:
    view = delivery.view(kept, provider_id, on)
    assert view is not None  # noqa: S101 — the caller has just locked or made it
    return view


def _require(by: Actor, provider_id: UUID) -> None:
    if not access.may_edit(by, provider_id):
        raise UnableToSave("not_found", [])


def _require_import(by: Actor, provider_id: UUID) -> None:
    if not access.may_edit(by, provider_id):
        raise UnableToImportCourses("not_found", [])


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise UnableToSave("invalid", faults, _("Er klopt nog iets niet."))


def _refuse_file(faults: Sequence[Fault]) -> None:
    if faults:
        raise UnableToImportCourses("faulty", faults, _("Dit bestand klopt nog niet."))


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
