"""Reading what people told about themselves. Private to the room; `queries` hands it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from eigenwijs.people.models import QualificationTold
from eigenwijs.people.types import Qualification, QualificationView


def told_by(files: Sequence[UUID]) -> list[QualificationView]:
    """Return what the person of these files told, the latest first."""
    rows = QualificationTold.objects.filter(person__in=files).order_by("-told_on", "-recorded_at")
    return [QualificationView(Qualification(row.level), row.told_on) for row in rows]


def plainly(files: Sequence[UUID]) -> list[dict[str, str]]:
    """Return what the person of these files told, as plain values to take along."""
    return [
        {"level": one.level.value, "told_on": one.told_on.isoformat()} for one in told_by(files)
    ]


def qualifications(files: Mapping[UUID, Sequence[UUID]], on: date) -> dict[UUID, str]:
    """Return the qualification that counts on a day, by the surviving file of each person.

    `files` is what `files_of_all` returns. Who told nothing by then is left out.
    """
    first = {file: own[0] for own in files.values() for file in own}
    rows = QualificationTold.objects.filter(person__in=first, told_on__lte=on)
    told = rows.order_by("told_on", "recorded_at").values_list("person", "level")
    return {first[file]: level for file, level in told}
