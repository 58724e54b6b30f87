"""Reading when people were born, without the rest of their file. Private to the room; `queries` hands it out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models.functions import Coalesce

from eigenwijs.people.models import Person


def birth_dates(person_ids: Iterable[UUID]) -> dict[UUID, date]:
    """Return when people were born, by file; as the file that each joined says. Unknown ones are left out."""
    born = Coalesce("merged_into__birth_date", "birth_date")
    rows = Person.objects.filter(pk__in=set(person_ids)).values_list("pk", born)
    return {file: day for file, day in rows if day is not None}
