"""Courses, runs, versions, quality marks and deliveries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from eigenwijs.audit import queries as audit
from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.models import CourseVersion, RunVersion
from eigenwijs.catalogue.operations import UnableToImportCourses, UnableToSave
from eigenwijs.catalogue.types import CourseRecord
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.people.types import OrganisationKind, OrganisationView, Role
from tests.catalogue.test_course_file import MESSY_LIST, line, template
from tests.factories.catalogue import import_courses, make_course, make_run
from tests.factories.people import SYSTEM, make_organisation, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> OrganisationView:
    return make_organisation(OrganisationKind.PROVIDER, "De Vakschool")


def actor_of(provider: OrganisationView, role: Role = Role.PROVIDER) -> Actor:
    person = make_person(role=role, organisation_id=provider.id)
    return Actor(ActorKind.PERSON, person.id, role, provider.id)


def test_provider_registers_a_course_and_a_run(provider: OrganisationView, now: datetime) -> None:
    by = actor_of(provider)
    course = operations.register_course(
        provider_id=provider.id, record=CourseRecord("Lassen", language="nl"), by=by, at=now
    )
    run = make_run(course)
    found = queries.course(course.id)
    assert found == course
    assert found.taught_by == "De Vakschool"
    assert queries.run(run.id) == run
    assert queries.runs_of(course.id) == [run]
    assert [one.id for one in queries.courses_of(provider.id)] == [course.id]


def test_nobody_writes_for_another_provider(provider: OrganisationView, now: datetime) -> None:
    course = make_course(provider_id=provider.id)
    run = make_run(course)
    other = actor_of(make_organisation(OrganisationKind.PROVIDER))
    worker = Actor(ActorKind.PERSON, make_person().id, Role.WORKER)
    for by in (other, worker, Actor.anonymous()):
        for attempt in (
            lambda by=by: operations.register_course(
                provider_id=provider.id, record=CourseRecord("x"), by=by, at=now
            ),
            lambda by=by: operations.change_course(
                course_id=course.id, record=CourseRecord("x"), by=by, at=now
            ),
            lambda by=by: operations.withdraw_run(run_id=run.id, by=by, at=now),
            lambda by=by: operations.record_quality_mark(
                provider_id=provider.id, code="nrto", valid_from=date(2026, 1, 1), by=by, at=now
            ),
        ):
            with pytest.raises(UnableToSave) as refused:
                attempt()
            assert refused.value.code == "not_found"
        with pytest.raises(UnableToImportCourses, match="not_found"):
            operations.deliver_courses(
                content=b"", file_name="c.csv", provider_id=provider.id, by=by, at=now
            )


def test_every_version_of_a_record_is_kept(provider: OrganisationView, now: datetime) -> None:
    course = make_course("Lassen", provider_id=provider.id)
    by = actor_of(provider)
    changed = replace(course.record, title="Lassen 2")
    view = operations.change_course(course_id=course.id, record=changed, by=by, at=now)
    assert (view.version, view.title) == (2, "Lassen 2")
    again = operations.change_course(course_id=course.id, record=changed, by=by, at=now)
    assert again.version == 2
    versions = queries.history(course.id)
    assert [(one.number, one.record) for one in versions] == [(2, changed), (1, course.record)]
    assert versions[0].recorded_by == by.person_id
    row = audit.trail(subject=("catalogue.course", course.id))[0]
    assert (row.action, row.field_names) == ("catalogue.course.changed", ("title",))


@pytest.mark.parametrize("model", [CourseVersion, RunVersion])
def test_the_database_refuses_to_change_or_remove_a_version(model: type[CourseVersion]) -> None:
    make_run()
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET number = 9", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            connection.cursor().execute(statement)


def test_faulty_record_is_refused_with_all_its_faults(now: datetime) -> None:
    course = make_course()
    with pytest.raises(UnableToSave) as refused:
        operations.change_course(
            course_id=course.id, record=CourseRecord("", language="xx"), by=SYSTEM, at=now
        )
    assert [fault.field_name for fault in refused.value.faults] == ["title", "language"]
    assert queries.course(course.id) == course


def test_code_is_used_once_by_a_provider(provider: OrganisationView, now: datetime) -> None:
    make_course("Lassen", provider_id=provider.id)
    with pytest.raises(UnableToSave, match="code"):
        make_course("lassen", provider_id=provider.id)
    make_course("Lassen")


def test_start_must_lie_ahead(now: datetime) -> None:
    course = make_course()
    with pytest.raises(UnableToSave) as refused:
        make_run(course, starts_on=now.date(), at=now)
    assert [fault.code for fault in refused.value.faults] == ["started_already"]


def test_booked_run_keeps_its_promises(now: datetime) -> None:
    run = make_run(seats=3)
    for number in (1, 2):
        operations.take_seat(
            run_id=run.id, key=make_person().id, by=SYSTEM, at=now + timedelta(seconds=number)
        )
    for change, field in (
        ({"starts_on": date(2027, 2, 1)}, "starts_on"),
        ({"place": "Almelo"}, "place"),
        ({"seats": 1}, "seats"),
    ):
        with pytest.raises(UnableToSave) as refused:
            operations.change_run(
                run_id=run.id,
                record=replace(run.record, **change),
                by=SYSTEM,
                at=now,
            )
        assert [fault.field_name for fault in refused.value.faults] == [field]
    dearer = replace(run.record, price_cents=40_000, seats=2)
    view = operations.change_run(run_id=run.id, record=dearer, by=SYSTEM, at=now)
    assert (view.price.cents, view.seats_left, view.version) == (40_000, 0, 2)
    assert [one.number for one in queries.run_history(run.id)] == [2, 1]


def test_withdrawn_run_is_announced_once(now: datetime) -> None:
    run = make_run()
    for _ in range(2):
        assert operations.withdraw_run(run_id=run.id, by=SYSTEM, at=now).withdrawn
    events = [row.event for row in audit.trail(subject=("catalogue.run", run.id))]
    assert events.count("run_withdrawn") == 1
    with pytest.raises(UnableToSave) as refused:
        operations.change_run(run_id=run.id, record=run.record, by=SYSTEM, at=now)
    assert refused.value.code == "withdrawn"


def test_frozen_offer_stays_when_the_record_changes(now: datetime) -> None:
    course = make_course("Lassen")
    run = make_run(course, price_cents=35_000)
    operations.record_quality_mark(
        provider_id=course.provider_id,
        code="nrto",
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
        by=SYSTEM,
        at=now,
    )
    offer = queries.freeze(run.id, date(2026, 12, 31))
    assert offer
    operations.change_run(
        run_id=run.id, record=replace(run.record, price_cents=40_000), by=SYSTEM, at=now
    )
    assert (offer.price_cents, offer.run_version, offer.quality_marks) == (35_000, 1, ("nrto",))
    later = queries.freeze(run.id, date(2027, 1, 1))
    assert later
    assert (later.price_cents, later.run_version, later.quality_marks) == (40_000, 2, ())
    assert queries.facts(run.id, date(2027, 1, 1)) == later.facts


def test_quality_mark_again_changes_its_end(now: datetime) -> None:
    provider = make_organisation(OrganisationKind.PROVIDER)
    for valid_until in (None, date(2026, 6, 30)):
        operations.record_quality_mark(
            provider_id=provider.id,
            code="crkbo",
            valid_from=date(2026, 1, 1),
            valid_until=valid_until,
            by=SYSTEM,
            at=now,
        )
    (mark,) = queries.quality_marks(provider.id, date(2026, 6, 30))
    assert (mark.name, mark.valid_until) == ("CRKBO-register", date(2026, 6, 30))
    assert queries.quality_marks(provider.id, date(2026, 7, 1)) == []


def test_preview_writes_nothing_and_confirming_does_what_it_said(
    provider: OrganisationView, now: datetime
) -> None:
    by = actor_of(provider)
    content = template(
        line(), line(startdatum="01-09-2027"), line(cursuscode="B", titel="Solderen")
    )
    kept = operations.deliver_courses(
        content=content, file_name="c.csv", provider_id=provider.id, by=by, at=now
    )
    preview = kept.summary
    assert (preview.courses_new, preview.runs_new, preview.lines) == (2, 3, 3)
    assert queries.courses_of(provider.id) == []
    done = operations.confirm_delivery(delivery_id=kept.id, by=by, at=now)
    assert done.confirmed_at == now
    assert (done.summary.courses_new, done.summary.runs_new) == (2, 3)
    assert [one.title for one in queries.courses_of(provider.id)] == [
        "Lassen voor beginners",
        "Solderen",
    ]
    again = operations.confirm_delivery(delivery_id=kept.id, by=by, at=now + timedelta(hours=1))
    assert again == done


def test_importing_again_changes_nothing(provider: OrganisationView, now: datetime) -> None:
    content = template(line(), line(startdatum="01-09-2027"))
    for times in range(3):
        summary = import_courses(
            content=content, file_name="c.csv", provider_id=provider.id, by=SYSTEM, at=now
        )
        assert summary.changes_nothing == (times > 0)
    assert (summary.courses_same, summary.runs_same) == (1, 2)
    (course,) = queries.courses_of(provider.id)
    assert course.version == 1
    assert CourseVersion.objects.count() == 1


def test_changed_file_makes_new_versions_of_what_changed(
    provider: OrganisationView, now: datetime
) -> None:
    def deliver(*lines: str) -> tuple[int, int]:
        summary = import_courses(
            content=template(*lines), file_name="c", provider_id=provider.id, by=SYSTEM, at=now
        )
        return summary.courses_changed, summary.runs_changed

    deliver(line(), line(cursuscode="B", titel="Solderen"))
    assert deliver(line(duur="8 avonden"), line(cursuscode="B", titel="Solderen")) == (1, 0)
    assert deliver(line(duur="8 avonden", plaatsen="20")) == (0, 1)
    lassen = queries.courses_of(provider.id)[0]
    assert [one.number for one in queries.history(lassen.id)] == [2, 1]
    (run,) = queries.runs_of(lassen.id)
    assert (run.version, run.seats_left) == (2, 20)


def test_real_list_imports_whole_without_a_guess(provider: OrganisationView, now: datetime) -> None:
    summary = import_courses(
        content=MESSY_LIST.encode(), file_name="l", provider_id=provider.id, by=SYSTEM, at=now
    )
    assert (summary.courses_new, summary.runs_new, len(summary.warnings)) == (7, 0, 5)
    bookable = [one.price for one in queries.courses_of(provider.id) if one.price is not None]
    assert sorted(price.cents for price in bookable) == [0, 79_500]


def test_faulty_file_is_refused_whole(provider: OrganisationView, now: datetime) -> None:
    content = template(line(), line(cursuscode="B", titel=""), line(startdatum="31-02-2027"))
    with pytest.raises(UnableToImportCourses) as refused:
        import_courses(content=content, file_name="c", provider_id=provider.id, by=SYSTEM, at=now)
    assert [fault.line for fault in refused.value.faults] == [3, 4]
    assert queries.courses_of(provider.id) == []


def test_file_that_breaks_a_promise_to_who_booked_is_refused(
    provider: OrganisationView, now: datetime
) -> None:
    def deliver(**cells: str) -> None:
        import_courses(
            content=template(line(startcode="S1", **cells)),
            file_name="c",
            provider_id=provider.id,
            by=SYSTEM,
            at=now,
        )

    deliver()
    (course,) = queries.courses_of(provider.id)
    (run,) = queries.runs_of(course.id)
    operations.take_seat(run_id=run.id, key=provider.id, by=SYSTEM, at=now)
    with pytest.raises(UnableToImportCourses) as refused:
        deliver(plaats="Almelo")
    assert [(f.line, f.field_name) for f in refused.value.faults] == [(2, "plaats")]
    deliver(plaatsen="1")
    operations.withdraw_run(run_id=run.id, by=SYSTEM, at=now)
    with pytest.raises(UnableToImportCourses) as refused:
        deliver()
    assert [fault.code for fault in refused.value.faults] == ["withdrawn"]


def test_own_file_delivered_again_changes_nothing(
    provider: OrganisationView, now: datetime
) -> None:
    make_course("Solderen", provider_id=provider.id, price_cents=None, description='Met "vuur"')
    make_run(make_course("Lassen", provider_id=provider.id), seats=None, is_online=True)
    lines = queries.provider_file(provider.id)
    content = "\n".join(
        ";".join('"' + cell.replace('"', '""') + '"' for cell in cells) for cells in lines
    )
    summary = import_courses(
        content=content.encode(), file_name="c", provider_id=provider.id, by=SYSTEM, at=now
    )
    assert summary.changes_nothing
    assert (summary.courses_same, summary.runs_same) == (2, 1)


def test_another_provider_sees_no_delivery(provider: OrganisationView, now: datetime) -> None:
    kept = operations.deliver_courses(
        content=template(line()), file_name="c", provider_id=provider.id, by=SYSTEM, at=now
    )
    other = make_organisation(OrganisationKind.PROVIDER)
    assert queries.course_delivery(kept.id, other.id, now.date()) is None
    with pytest.raises(UnableToImportCourses) as refused:
        operations.confirm_delivery(delivery_id=kept.id, by=actor_of(other), at=now)
    assert refused.value.code == "not_found"


def test_the_database_refuses_to_oversell() -> None:
    run = make_run(seats=1)
    with pytest.raises(IntegrityError, match="run_not_oversold"), transaction.atomic():
        connection.cursor().execute(
            "UPDATE catalogue_run SET seats_taken = 2 WHERE id = %s", [run.id]
        )
