"""The highest qualification: told by the person alone, from a day on, and taken back as if it never was."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from eigenwijs.audit.models import AuditRow
from eigenwijs.people import operations, queries
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.models import Person, QualificationTold
from eigenwijs.people.types import Qualification, Role
from eigenwijs.schemes.facts import QUALIFICATIONS
from tests.factories.people import actor_for, make_person

pytestmark = pytest.mark.django_db


def tell(person_id: object, level: Qualification | None, at: datetime, by: object) -> None:
    operations.tell_qualification(person_id=person_id, level=level, by=by, at=at)  # type: ignore[arg-type]


def test_schemes_and_people_use_the_same_words() -> None:
    assert tuple(level.value for level in Qualification) == QUALIFICATIONS


def test_it_counts_from_the_day_on_which_it_was_told(now: datetime) -> None:
    person = make_person()
    by = actor_for(person)
    tell(person.id, Qualification.VOCATIONAL, now, by)
    tell(person.id, Qualification.BASIC_VOCATIONAL, now, by)  # put right on the same day
    tell(person.id, Qualification.BACHELOR, now + timedelta(days=400), by)
    files = queries.files_of_all([person.id])
    day = now.date()
    assert queries.qualifications(files, day - timedelta(days=1)) == {}
    assert queries.qualifications(files, day) == {person.id: "basic_vocational"}
    assert queries.qualifications(files, day + timedelta(days=401)) == {person.id: "bachelor"}


def test_a_file_that_joined_brings_along_what_was_told(now: datetime) -> None:
    first, second = make_person(), make_person()
    tell(second.id, Qualification.PRIMARY, now, actor_for(second))
    Person.objects.filter(pk=second.id).update(merged_into=first.id)
    found = queries.qualifications(queries.files_of_all([second.id]), now.date())
    assert found == {first.id: "primary"}
    tell(first.id, None, now, actor_for(first))
    assert not QualificationTold.objects.exists()


def test_nobody_else_tells_it_and_the_trail_has_no_level(now: datetime) -> None:
    person, desk = make_person(), make_person(role=Role.DESK)
    for by in (actor_for(desk, Role.DESK), actor_for(make_person())):
        with pytest.raises(NotPermitted):
            tell(person.id, Qualification.MASTER, now, by)
    tell(person.id, Qualification.MASTER, now, actor_for(person))
    row = AuditRow.objects.get(action="people.qualification.tell")
    assert row.field_names == ["qualification"]
    assert "master" not in str(vars(row))
    assert queries.export(person.id)["qualifications"] == [
        {"level": "master", "told_on": now.date().isoformat()}
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        QualificationTold.objects.update(level="primary")
