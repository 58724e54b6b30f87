"""What kind of course it is: said by the provider, kept with the booking, never guessed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.catalogue import operations, queries
from eigenwijs.catalogue.course_file import (
    TEMPLATE_HEADER,
    read_course_file,
    write_course_file,
)
from eigenwijs.catalogue.models import Course
from eigenwijs.catalogue.rules import COURSE_KIND_WORDS
from eigenwijs.catalogue.types import (
    CourseKind,
    CourseRecord,
    FrozenOffer,
    course_record,
    plain_values,
)
from eigenwijs.people.types import OrganisationKind
from eigenwijs.schemes.facts import COURSE_KINDS
from tests.catalogue.test_course_file import TODAY, faults, line, template
from tests.factories.catalogue import import_courses, make_course, make_run
from tests.factories.people import SYSTEM, make_organisation


def test_schemes_know_every_kind_and_no_other() -> None:
    assert tuple(kind.value for kind in CourseKind) == COURSE_KINDS
    assert set(COURSE_KIND_WORDS.values()) == set(CourseKind)


@pytest.mark.parametrize(("word", "kind"), COURSE_KIND_WORDS.items())
def test_a_file_says_the_kind_in_a_word(word: str, kind: CourseKind) -> None:
    file = read_course_file(template(line(soort=f" {word.upper()} ")), TODAY)
    assert (file.faults, file.courses["LAS1"].record.kind) == ([], kind)


def test_nothing_said_is_an_ordinary_course() -> None:
    file = read_course_file(template(line(soort="-")), TODAY)
    assert (file.faults, file.courses["LAS1"].record.kind) == ([], CourseKind.COURSE)


def test_an_unknown_kind_refuses_the_file_and_names_those_that_there_are() -> None:
    file = read_course_file(template(line(soort="rijles")), TODAY)
    assert faults(file) == [(2, "soort", "unknown_word")]
    assert "loopbaanonderzoek, rijbewijs" in str(file.faults[0])


def test_lines_of_one_course_cannot_say_two_kinds() -> None:
    lines = (line(soort="taal"), line(soort="cursus", startdatum="01-09-2027"))
    file = read_course_file(template(*lines), TODAY)
    assert faults(file) == [(3, "soort", "course_differs")]


@given(
    title=st.sampled_from(["course", "language", "Lassen"]),
    audience=st.sampled_from(["", "course"]),
    kind=st.sampled_from(list(CourseKind)),
)
def test_a_record_survives_json_and_the_file(title: str, audience: str, kind: CourseKind) -> None:
    record = CourseRecord(title, audience=audience, price_cents=1_00, kind=kind)
    plain = plain_values(record)
    assert course_record(plain) == record
    assert ("kind" in plain) == (kind is not CourseKind.COURSE)
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(write_course_file([("A", record)], {}))
    file = read_course_file(text.getvalue().encode(), TODAY)
    assert (file.faults, file.courses["A"].record) == ([], record)


@pytest.mark.django_db
class TestKept:
    def test_a_booking_keeps_the_kind_that_was_said_and_new_ones_get_what_is_corrected(
        self, now: datetime
    ) -> None:
        course = make_course("Lessen", kind=CourseKind.DRIVING_LICENCE)
        run = make_run(course)
        offer = queries.freeze(run.id, TODAY)
        assert offer
        corrected = replace(course.record, kind=CourseKind.COURSE)
        operations.change_course(course_id=course.id, record=corrected, by=SYSTEM, at=now)
        assert FrozenOffer.from_json(offer.to_json()).facts.kind is CourseKind.DRIVING_LICENCE
        facts = queries.facts(run.id, TODAY)
        assert facts
        assert facts.kind is CourseKind.COURSE
        kinds = [version.record.kind for version in queries.history(course.id)]  # type: ignore[union-attr]
        assert kinds == [CourseKind.COURSE, CourseKind.DRIVING_LICENCE]

    def test_a_booking_from_before_kinds_is_of_an_ordinary_course(self, now: datetime) -> None:
        offer = queries.freeze(make_run(make_course("Lessen")).id, TODAY)
        assert offer
        assert "kind" not in offer.to_json()
        assert FrozenOffer.from_json(offer.to_json()) == offer

    def test_a_file_without_the_column_leaves_known_kinds_and_one_with_it_says_them(
        self, now: datetime
    ) -> None:
        provider = make_organisation(OrganisationKind.PROVIDER).id

        def deliver(header: tuple[str, ...], soort: str) -> tuple[int, CourseKind]:
            cells = line(soort=soort).split(";")[: len(header)]
            summary = import_courses(
                content="\n".join((";".join(header), ";".join(cells))).encode(),
                file_name="c.csv",
                provider_id=provider,
                by=SYSTEM,
                at=now,
            )
            (course,) = queries.courses_of(provider)
            return summary.courses_new + summary.courses_changed, course.record.kind

        assert TEMPLATE_HEADER[-1] == "soort"
        older = TEMPLATE_HEADER[:-1]
        assert deliver(older, "") == (1, CourseKind.COURSE)
        assert deliver(TEMPLATE_HEADER, "taal") == (1, CourseKind.LANGUAGE)
        assert deliver(TEMPLATE_HEADER, "taal") == (0, CourseKind.LANGUAGE)
        assert deliver(older, "") == (0, CourseKind.LANGUAGE)
        assert deliver(TEMPLATE_HEADER, "") == (1, CourseKind.COURSE)

    def test_the_database_refuses_another_kind(self) -> None:
        course = make_course("Lessen")
        with pytest.raises(IntegrityError, match="course_kind_known"):
            Course.objects.filter(pk=course.id).update(kind="rijles")
