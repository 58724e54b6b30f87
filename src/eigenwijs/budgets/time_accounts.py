"""What people have of time to learn, over all files that are theirs. Private to the room; reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from eigenwijs.budgets.models import TimeCredit, TimeUse
from eigenwijs.budgets.time_rules import TimeLot, time_left
from eigenwijs.budgets.types import (
    Reason,
    TimeAccountView,
    TimeCreditView,
    TimeRefusal,
    TimeUseView,
)
from eigenwijs.people import queries as people

TAKEN = ("asked", "stands")


def lots_and_days(
    files: Collection[UUID], scheme: str
) -> tuple[list[TimeLot], list[tuple[date, int]]]:
    """Return what was given under a scheme, and the days on which it is taken."""
    given = TimeCredit.objects.filter(person__in=files, scheme=scheme)
    lots = [TimeLot(*one) for one in given.values_list("hundredths", "usable_until")]
    taken = TimeUse.objects.filter(person__in=files, scheme=scheme, state__in=TAKEN)
    return lots, list(taken.values_list("day", "hundredths"))


def time_of(person_id: UUID, *, on: date, scheme: str | None = None) -> list[TimeAccountView]:
    """Return a person's time to learn on a day, by scheme; of one scheme only where it is named."""
    files = people.files_of(person_id)
    given = TimeCredit.objects.filter(person__in=files).select_related("employer")
    taken = TimeUse.objects.filter(person__in=files).select_related("employer")
    if scheme is not None:
        given, taken = given.filter(scheme=scheme), taken.filter(scheme=scheme)
    credits_: dict[tuple[str, str], list[TimeCreditView]] = defaultdict(list)
    for row in given.order_by("-given_on", "-pk"):
        credits_[row.scheme, row.unit].append(time_credit_view(row))
    uses: dict[str, list[TimeUseView]] = defaultdict(list)
    for use in taken.order_by("-day", "-pk") if credits_ else ():  # most people have none
        uses[use.scheme].append(time_use_view(use))
    found = []
    for (name, unit), own in sorted(credits_.items()):
        left = time_left(
            [TimeLot(one.hundredths, one.usable_until) for one in own],
            [(one.day, one.hundredths) for one in uses[name] if one.state in TAKEN],
        )
        lots = tuple(lot for lot in left.lots if lot.reaches(on))
        found.append(TimeAccountView(name, unit, lots, tuple(own), tuple(uses[name])))
    return found


def time_credit(credit_id: UUID) -> TimeCreditView | None:
    """Return time that was given once, with its reason, or None."""
    row = TimeCredit.objects.select_related("employer").filter(pk=credit_id).first()
    return time_credit_view(row) if row else None


def time_at_employer(employer_id: UUID, *, since: date) -> list[TimeUseView]:
    """Return the days of an employer's people from a day on, the first day first; without what was taken back."""
    rows = TimeUse.objects.filter(employer=employer_id, day__gte=since).exclude(state="withdrawn")
    return [time_use_view(row) for row in rows.select_related("employer").order_by("day", "pk")]


def days_to_answer(employer_id: UUID, *, on: date) -> int:
    """Return how many days an employer can still answer on a day."""
    rows = TimeUse.objects.filter(employer=employer_id, state="asked", answer_by__gte=on)
    return rows.count()


def time_balances(person_ids: Collection[UUID], scheme: str, *, on: date) -> dict[UUID, int]:
    """Return the hundredths that stand with each person under a scheme on a day, over all their files.

    Days that are chosen and still to come count, as money does that is set aside.
    """
    files = people.files_of_all(person_ids)
    owner = {file: own[0] for own in files.values() for file in own}
    lots: dict[UUID, list[TimeLot]] = defaultdict(list)
    taken: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for file, hundredths, until in TimeCredit.objects.filter(
        person__in=owner, scheme=scheme
    ).values_list("person", "hundredths", "usable_until"):
        lots[owner[file]].append(TimeLot(hundredths, until))
    for file, day, hundredths in TimeUse.objects.filter(
        person__in=owner, scheme=scheme, state__in=TAKEN, day__lte=on
    ).values_list("person", "day", "hundredths"):
        taken[owner[file]].append((day, hundredths))
    return {
        one: time_left(lots[own[0]], taken[own[0]]).on(on)
        for one in person_ids
        if (own := files.get(one, []))
    }


def time_credit_view(row: TimeCredit) -> TimeCreditView:
    """Return the view of a row of this room; for this room only."""
    return TimeCreditView(
        id=row.pk,
        person_id=row.person_id,
        employer_name=row.employer.name,
        scheme=row.scheme,
        unit=row.unit,
        hundredths=row.hundredths,
        given_on=row.given_on,
        usable_until=row.usable_until,
        reason=Reason.from_json(row.reason),
    )


def time_use_view(row: TimeUse) -> TimeUseView:
    """Return the view of a row of this room; for this room only."""
    return TimeUseView(
        id=row.pk,
        person_id=row.person_id,
        employment_id=row.employment_id,
        employer_id=row.employer_id,
        employer_name=row.employer.name,
        scheme=row.scheme,
        unit=row.unit,
        hundredths=row.hundredths,
        day=row.day,
        state=row.state,
        answer_by=row.answer_by,
        refusal=TimeRefusal(row.refused_because) if row.refused_because else None,
        asked_at=row.asked_at,
    )
