"""Reading employments by themselves. Private to the room; `queries` hands it out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q

from eigenwijs.people.models import Employment
from eigenwijs.people.types import ContractKind, EmploymentView


def employment(employment_id: UUID) -> EmploymentView | None:
    """Return one employment, or None."""
    found = Employment.objects.select_related("employer").filter(pk=employment_id).first()
    return employment_view(found) if found else None


def employments_of_files(person_ids: Iterable[UUID]) -> list[EmploymentView]:
    """Return the employments of many files, the oldest first, in one query; some thousands at a time."""
    rows = Employment.objects.filter(person__in=set(person_ids)).select_related("employer")
    return [employment_view(row) for row in rows.order_by("started_on", "id")]


def is_employed(person_ids: Collection[UUID], *, on: date) -> bool:
    """Return whether somebody has a job on a day, in any of these files of theirs."""
    has_not_ended = Q(ended_on=None) | Q(ended_on__gte=on)
    return Employment.objects.filter(
        has_not_ended, person__in=person_ids, started_on__lte=on
    ).exists()


def employments_of_employer(
    employer_id: UUID, *, personnel_numbers: Collection[str] | None = None
) -> list[EmploymentView]:
    """Return what one employer delivered, of these numbers or of all, by personnel number."""
    rows = Employment.objects.filter(employer=employer_id).select_related("employer")
    if personnel_numbers is not None:
        rows = rows.filter(personnel_number__in=personnel_numbers)
    return [employment_view(row) for row in rows.order_by("personnel_number", "employment_number")]


def employment_view(row: Employment) -> EmploymentView:
    """Return the view of a row of this room; for this room only."""
    return EmploymentView(
        id=row.pk,
        person_id=row.person_id,
        employer_id=row.employer_id,
        employer_name=row.employer.name,
        personnel_number=row.personnel_number,
        employment_number=row.employment_number,
        contract_kind=ContractKind(row.contract_kind),
        contract_hours_week=row.contract_hours_week,
        started_on=row.started_on,
        ended_on=row.ended_on,
    )
