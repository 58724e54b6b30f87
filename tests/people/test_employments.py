"""How payroll rows become people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from eigenwijs.people import operations, queries
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.models import Employment, Person
from eigenwijs.people.operations import UnableToRecordEmployments
from eigenwijs.people.types import ContractKind, EmploymentRow, EmploymentView, Role
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
)

pytestmark = pytest.mark.django_db

ROW = EmploymentRow(
    personnel_number="1001",
    name="Sam de Vries",
    birth_date=date(1990, 5, 17),
    contract_kind=ContractKind.PERMANENT,
    contract_hours_week=3200,
    started_on=date(2024, 1, 1),
)


def record(employer_id: object, *rows: EmploymentRow, at: datetime) -> list[object]:
    return list(
        operations.record_employments(employer_id=employer_id, rows=rows, by=SYSTEM, at=at)  # type: ignore[arg-type]
    )


def test_a_row_makes_an_employment_on_a_file_that_nobody_claimed(now: datetime) -> None:
    made = make_employment(name="Sam de Vries", contact="Sam@Example.org", at=now)
    file = queries.person(made.person_id)
    assert file
    assert (file.name, file.email, file.claimed) == ("Sam de Vries", "sam@example.org", False)
    assert queries.login(file.id) is None


def test_the_same_rows_again_change_nothing(now: datetime) -> None:
    employer = make_organisation()
    first = record(employer.id, ROW, at=now)
    assert record(employer.id, ROW, at=now) == first
    assert Employment.objects.count() == Person.objects.count() == 1


def test_two_employments_with_one_employer_share_one_file(now: datetime) -> None:
    employer = make_organisation()
    second = replace(ROW, employment_number=2, contract_hours_week=800)
    one, two = operations.record_employments(
        employer_id=employer.id, rows=[ROW, second], by=SYSTEM, at=now
    )
    assert one.person_id == two.person_id
    assert one.id != two.id
    assert {e.contract_hours_week for e in queries.employments(one.person_id)} == {3200, 800}


def test_the_same_name_birth_date_and_contact_elsewhere_is_another_file(now: datetime) -> None:
    one = make_employment(name="Sam", contact="sam@example.org")
    two = make_employment(name="Sam", contact="sam@example.org")
    assert one.person_id != two.person_id
    assert queries.files_of(one.person_id) == [one.person_id]


def test_a_number_with_another_birth_date_is_refused_and_nothing_is_recorded(
    now: datetime,
) -> None:
    employer = make_organisation()
    record(employer.id, ROW, at=now)
    fine = replace(ROW, personnel_number="1002")
    wrong = replace(ROW, birth_date=date(1991, 5, 17), contract_hours_week=100)
    with pytest.raises(UnableToRecordEmployments) as refused:
        record(employer.id, fine, wrong, at=now)
    assert [(c.index, c.code) for c in refused.value.conflicts] == [(1, "person_conflict")]
    assert Employment.objects.get().contract_hours_week == 3200


def test_all_conflicts_are_named_at_once() -> None:
    employer = make_organisation()
    rows = [
        ROW,
        replace(ROW, birth_date=date(1980, 1, 1)),
        replace(ROW, personnel_number="2", contract_kind=ContractKind.ON_CALL),
        replace(ROW, personnel_number="3", ended_on=date(2023, 12, 31)),
    ]
    found = queries.employment_conflicts(employer.id, rows)
    assert [(c.index, c.code) for c in found] == [
        (1, "double_row"),
        (1, "person_conflict"),
        (2, "on_call_hours"),
        (3, "ends_before_start"),
    ]


def test_new_terms_replace_the_old_ones(now: datetime) -> None:
    employer = make_organisation()
    record(employer.id, ROW, at=now)
    (changed,) = operations.record_employments(
        employer_id=employer.id,
        rows=[replace(ROW, contract_hours_week=1600, ended_on=date(2026, 6, 30))],
        by=SYSTEM,
        at=now,
    )
    assert queries.employment(changed.id) == changed
    assert (changed.contract_hours_week, changed.ended_on) == (1600, date(2026, 6, 30))


def test_a_correction_of_an_old_period_leaves_the_present_terms(now: datetime) -> None:
    """P03 says 32 hours until 15 March; what is said of P01 later changes nothing of that."""
    employer = make_organisation()
    first, third = date(2026, 1, 25), date(2026, 3, 22)

    def state(row: EmploymentRow, stated_on: date) -> EmploymentView:
        (view,) = operations.record_employments(
            employer_id=employer.id, rows=[row], stated_on=stated_on, by=SYSTEM, at=now
        )
        return view

    state(replace(ROW, contract_hours_week=1600), first)
    present = state(replace(ROW, ended_on=date(2026, 3, 15)), third)
    old = replace(ROW, contract_hours_week=1600, name="Sam van Toen")
    assert state(old, first) == present
    file = queries.person(present.person_id)
    assert file
    assert file.name == "Sam de Vries"
    assert state(ROW, third).ended_on is None


def test_a_corrected_birth_date_does_not_block_the_employer(now: datetime) -> None:
    """The payroll may say what it always said, or what the desk found; nothing else."""
    employer = make_organisation()
    (made,) = operations.record_employments(employer_id=employer.id, rows=[ROW], by=SYSTEM, at=now)
    corrected = date(1991, 5, 17)
    operations.correct_person(
        person_id=made.person_id,
        name="Sam de Vries",
        birth_date=corrected,
        by=actor_for(make_person(role=Role.DESK), Role.DESK),
        at=now,
    )
    record(employer.id, ROW, at=now)
    file = queries.person(made.person_id)
    assert file
    assert file.birth_date == corrected
    record(employer.id, replace(ROW, birth_date=corrected), at=now)
    with pytest.raises(UnableToRecordEmployments):
        record(employer.id, replace(ROW, birth_date=date(1990, 5, 18)), at=now)


def test_payroll_renames_only_a_file_that_nobody_claimed(now: datetime) -> None:
    employer = make_organisation()
    (one,) = operations.record_employments(employer_id=employer.id, rows=[ROW], by=SYSTEM, at=now)
    record(employer.id, replace(ROW, name="Sam Smit"), at=now)
    file = queries.person(one.person_id)
    assert file
    assert file.name == "Sam Smit"
    Person.objects.filter(pk=file.id).update(claimed_at=now)
    record(employer.id, replace(ROW, name="Somebody Else", contact="x@example.org"), at=now)
    assert queries.person(file.id) == replace(file, claimed=True)


def test_an_employer_records_only_its_own(now: datetime) -> None:
    mine, other = make_organisation(), make_organisation()
    boss = make_person(role=Role.EMPLOYER, organisation_id=mine.id)
    by = actor_for(boss, Role.EMPLOYER, mine.id)
    operations.record_employments(employer_id=mine.id, rows=[ROW], by=by, at=now)
    with pytest.raises(NotPermitted):
        operations.record_employments(employer_id=other.id, rows=[ROW], by=by, at=now)
    with pytest.raises(NotPermitted):
        operations.record_employments(
            employer_id=mine.id, rows=[ROW], by=actor_for(boss, Role.WORKER), at=now
        )


def test_ending_a_job_leaves_the_file(now: datetime) -> None:
    made = make_employment()
    for _time in range(2):
        operations.end_employment(
            employment_id=made.id, ended_on=date(2026, 3, 31), by=SYSTEM, at=now
        )
    (kept,) = queries.employments(made.person_id)
    assert kept.ended_on == date(2026, 3, 31)
    with pytest.raises(ValueError, match="before it starts"):
        operations.end_employment(
            employment_id=made.id, ended_on=date(2023, 1, 1), by=SYSTEM, at=now
        )


def test_the_number_of_queries_does_not_grow_with_the_rows(
    now: datetime, django_assert_max_num_queries: object
) -> None:
    employer = make_organisation()
    rows = [replace(ROW, personnel_number=str(number)) for number in range(900)]
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        record(employer.id, *rows, at=now)
    assert Employment.objects.count() == 900


@pytest.mark.parametrize(
    "wrong",
    [
        {"contract_kind": "seasonal"},
        {"contract_kind": "on_call", "contract_hours_week": 100},
        {"ended_on": date(2000, 1, 1)},
    ],
)
def test_the_database_itself_refuses(wrong: dict[str, object]) -> None:
    made = make_employment()
    with pytest.raises(IntegrityError), transaction.atomic():
        Employment.objects.filter(pk=made.id).update(**wrong)
