"""How payroll rows become people: employer and personnel number, never a likeness, never a BSN."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.employed import employment_view
from eigenwijs.people.models import Employment, Organisation, Person
from eigenwijs.people.queries import employment_conflicts
from eigenwijs.people.types import (
    ContractKind,
    EmploymentConflict,
    EmploymentRow,
    EmploymentView,
    OrganisationKind,
    Role,
)

_CHUNK = 1000
_TERMS = ("contract_kind", "contract_hours_week", "started_on", "ended_on")
_STATED = (*_TERMS, "delivered_birth_date")


class UnableToRecordEmployments(DomainError):
    """Some rows cannot be recorded, so none is. Code: conflicts; `conflicts` names all of them."""

    def __init__(self, conflicts: Sequence[EmploymentConflict]) -> None:
        super().__init__("conflicts", _("Niet alle rijen kloppen met wat we al weten."))
        self.conflicts = tuple(conflicts)


def record_employment(
    *,
    employer_id: UUID,
    personnel_number: str,
    name: str,
    birth_date: date,
    contract_kind: ContractKind,
    contract_hours_week: int | None,
    started_on: date,
    by: Actor,
    at: datetime,
    ended_on: date | None = None,
    employment_number: int = 1,
    contact: str = "",
) -> EmploymentView:
    """Record one employment; see `record_employments`."""
    row = EmploymentRow(
        personnel_number=personnel_number,
        employment_number=employment_number,
        name=name,
        birth_date=birth_date,
        contact=contact,
        contract_kind=contract_kind,
        contract_hours_week=contract_hours_week,
        started_on=started_on,
        ended_on=ended_on,
    )
    return record_employments(employer_id=employer_id, rows=[row], by=by, at=at)[0]


@transaction.atomic
def record_employments(
    *,
    employer_id: UUID,
    rows: Sequence[EmploymentRow],
    by: Actor,
    at: datetime,
    stated_on: date | None = None,
) -> list[EmploymentView]:
    """Record what a payroll states about many employments; return them in the order of `rows`.

    `stated_on` is the last day of the period that the payroll is about, today if not given. What it
    says of an earlier period than the last one changes no terms, name or contact.

    Employer and personnel number name the file; a number that is new makes a file that nobody has
    claimed. Rows of one number share one file, so two employments with one employer are possible.
    Recording the same rows again changes nothing. Name and contact are only taken over while
    nobody has claimed the file: after that the worker's own data hold.

    All or nothing; deliveries of one employer wait for each other.
    Raises UnableToRecordEmployments with every conflict, and access.NotPermitted for an actor who
    is neither the system nor acting for this employer.
    """
    if not by.is_system and (by.role, by.organisation_id) != (Role.EMPLOYER, employer_id):
        raise NotPermitted
    employer = Organisation.objects.select_for_update().get(
        pk=employer_id, kind=OrganisationKind.EMPLOYER
    )
    conflicts = employment_conflicts(employer_id, rows)
    if conflicts:
        raise UnableToRecordEmployments(conflicts)
    known = list(
        Employment.objects.filter(
            employer=employer, personnel_number__in={row.personnel_number for row in rows}
        ).select_related("person")
    )
    day = stated_on or local_date(at)
    files = _files(known, rows, day, at)
    recorded, made, changed = _employments(employer, known, rows, files=files, day=day, at=at)
    copy_in(made)
    Employment.objects.bulk_update(changed, list(_STATED), batch_size=_CHUNK)
    Employment.objects.filter(
        Q(stated_on=None) | Q(stated_on__lt=day), pk__in=[one.pk for one in recorded]
    ).update(stated_on=day)
    audit.record(
        by=by,
        at=at,
        action="people.employments.record",
        subject=("people.organisation", employer_id),
        fields=_TERMS,
        ids={"rows": len(rows), "new": len(made), "changed": len(changed)},
    )
    return [employment_view(row) for row in recorded]


def _files(
    known: Sequence[Employment], rows: Sequence[EmploymentRow], day: date, at: datetime
) -> dict[str, Person]:
    """Return the file of each personnel number, made where there was none."""
    files = {one.personnel_number: one.person for one in known}
    newer = {one.personnel_number for one in known if one.stated_on and one.stated_on > day}
    made: dict[str, Person] = {}
    renamed: dict[UUID, Person] = {}
    for row in rows:
        contact = row.contact.strip().lower()
        file = files.get(row.personnel_number)
        if file is None:
            file = made[row.personnel_number] = files[row.personnel_number] = Person(
                id=new_id(at),
                name=row.name,
                birth_date=row.birth_date,
                email=contact,
                recorded_at=at,
                is_fictional=False,
            )
        elif (
            file.claimed_at is None
            and file.merged_into_id is None
            and row.personnel_number not in newer
        ):
            name, email = row.name, contact or file.email
            if (file.name, file.email) != (name, email):
                file.name, file.email = name, email
                renamed[file.pk] = file
    copy_in(made.values())
    new = {file.pk for file in made.values()}
    Person.objects.bulk_update(
        [file for file in renamed.values() if file.pk not in new],
        ["name", "email"],
        batch_size=_CHUNK,
    )
    return files


def _employments(
    employer: Organisation,
    known: Sequence[Employment],
    rows: Sequence[EmploymentRow],
    *,
    files: dict[str, Person],
    day: date,
    at: datetime,
) -> tuple[list[Employment], list[Employment], list[Employment]]:
    """Return every row's employment, those that are new, and those that changed."""
    by_number = {(one.personnel_number, one.employment_number): one for one in known}
    recorded, made, changed = [], [], []
    for row in rows:
        one = by_number.get((row.personnel_number, row.employment_number))
        stated: dict[str, object] = {"delivered_birth_date": row.birth_date}
        if one is None or one.stated_on is None or one.stated_on <= day:
            stated |= {field: getattr(row, field) for field in _TERMS}
        if one is None:
            one = Employment(
                id=new_id(at),
                personnel_number=row.personnel_number,
                employment_number=row.employment_number,
                person=files[row.personnel_number],
                recorded_at=at,
                stated_on=day,
                **stated,
            )
            made.append(one)
        elif any(getattr(one, field) != value for field, value in stated.items()):
            for field, value in stated.items():
                setattr(one, field, value)
            changed.append(one)
        one.employer = employer
        recorded.append(one)
    return recorded, made, changed


@transaction.atomic
def end_employment(*, employment_id: UUID, ended_on: date, by: Actor, at: datetime) -> None:
    """Write the last day of an employment. The file, and all money on it, stays the worker's.

    Announces `employment_ended`. Raises access.NotPermitted for another employer's actor or an
    absent employment, and ValueError when the end lies before the start.
    """
    row = Employment.objects.select_for_update().filter(pk=employment_id).first()
    if row is None or (
        not by.is_system and (by.role, by.organisation_id) != (Role.EMPLOYER, row.employer_id)
    ):
        raise NotPermitted
    if ended_on < row.started_on:
        raise ValueError("an employment cannot end before it starts")
    if row.ended_on == ended_on:
        return
    row.ended_on = ended_on
    row.save(update_fields=["ended_on"])
    audit.announce(
        by=by,
        at=at,
        event="employment_ended",
        subject=("people.employment", row.pk),
        ids={"person": str(row.person_id), "employer": str(row.employer_id)},
    )
