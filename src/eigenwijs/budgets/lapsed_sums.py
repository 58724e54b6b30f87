"""What lapsed and waits to be paid, in sums that say nothing of one person. Private to the room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Case, Max, Min, QuerySet, Sum, When
from django.db.models.functions import Coalesce, ExtractYear

from eigenwijs.budgets.models import Lapse
from eigenwijs.budgets.types import LapsedView
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind

EMPLOYER = OrganisationKind.EMPLOYER.value


def waiting() -> QuerySet[Lapse]:
    """Return what waits to be paid."""
    return Lapse.objects.filter(order=None)


def to_employers() -> QuerySet[Lapse]:
    """Return what waits to go back to employers, by the year."""
    return waiting().filter(receiver__kind=EMPLOYER, passed_to=None)


def lapsed(*, on: date) -> list[LapsedView]:
    """Return per receiver what lapsed to it and waits to be paid on a day, by name. Never whose it was.

    Of an employer it is one sum for each calendar year.
    """
    goes_back = When(receiver__kind=EMPLOYER, passed_to=None, then=ExtractYear("lapsed_on"))
    rows = waiting().annotate(
        goes_to=Coalesce("passed_to", "receiver"),
        name=Coalesce("passed_to__name", "receiver__name"),
        year=Case(goes_back),
    )
    owners: dict[tuple[UUID, int | None], set[UUID]] = defaultdict(set)
    for receiver, year, person in rows.values_list("goes_to", "year", "pot__person").distinct():
        owners[receiver, year].add(person)
    sums = rows.values_list("goes_to", "name", "year").annotate(
        Sum("amount_cents"), Min("lapsed_on"), Max("lapsed_on")
    )
    return [
        LapsedView(
            receiver_id=receiver,
            receiver_name=name,
            amount=Money(cents),
            people=people_of(owners[receiver, year]),
            first_on=first,
            last_on=last,
            year=year,
            is_complete=year is None or year < on.year,
        )
        for receiver, name, year, cents, first, last in sums.order_by("name", "goes_to", "year")
    ]


def people_of(file_ids: Collection[UUID]) -> int:
    """Return how many people these files are of: files that were joined are one person's."""
    return len({files[0] for files in people.files_of_all(file_ids).values()})
