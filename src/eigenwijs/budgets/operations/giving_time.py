"""Time to learn that arrives; nobody pays for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import telling
from eigenwijs.budgets.models import TimeCredit
from eigenwijs.budgets.operations.lapsing import CHUNK, WARN_DAYS
from eigenwijs.budgets.time_accounts import time_of
from eigenwijs.budgets.types import NewTime
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.copying import copy_in
from eigenwijs.notices import operations as notices
from eigenwijs.people import queries as people


@transaction.atomic
def give_time(given: Sequence[NewTime], *, group: UUID, by: Actor, at: datetime) -> None:
    """Add time to learn, with its reason, and tell each person. A key that is known does nothing.

    `group` is what it came with, for the trail.
    """
    known = set(
        TimeCredit.objects.filter(pk__in=[one.key for one in given]).values_list("pk", flat=True)
    )
    fresh = [one for one in given if one.key not in known]
    if not fresh:
        return
    copy_in(
        TimeCredit(
            id=one.key,
            person_id=one.person_id,
            employer_id=one.employer_id,
            scheme=one.scheme,
            unit=one.unit,
            hundredths=one.hundredths,
            given_on=local_date(at),
            usable_until=one.usable_until,
            warned=False,
            reason=one.reason.to_json(),
            recorded_at=at,
        )
        for one in fresh
    )
    audit.record(
        by=by,
        at=at,
        action="budgets.give_time",
        subject=("budgets.time", group),
        ids={"credits": len(fresh), "hundredths": sum(one.hundredths for one in fresh)},
    )
    notices.tell_all([telling.time_arrived(one) for one in fresh], by=by, at=at)


@transaction.atomic
def warn_of_time(*, by: Actor, at: datetime) -> int:
    """Tell people which of their time ends within two months, once for each end and how much, in one chunk.

    Returns how many were looked at; call again until 0. Time on days that are chosen is not warned of.
    """
    day = local_date(at)
    rows = list(
        TimeCredit.objects.filter(warned=False, usable_until__lte=day + timedelta(days=WARN_DAYS))
        .order_by("usable_until", "pk")
        .select_for_update(skip_locked=True)[:CHUNK]
    )
    files = people.files_of_all(row.person_id for row in rows)
    ends: dict[tuple[UUID, str], set[date | None]] = defaultdict(set)
    for row in rows:
        ends[files[row.person_id][0], row.scheme].add(row.usable_until)
    warnings = {}
    for (person_id, scheme), days in ends.items():
        for account in time_of(person_id, on=day, scheme=scheme):
            for lot in account.lots:
                if lot.until in days:
                    told = telling.time_lapsing(person_id, account, lot)
                    warnings[told.key] = told
    notices.tell_all(list(warnings.values()), by=by, at=at)
    TimeCredit.objects.filter(pk__in=[row.pk for row in rows]).update(warned=True)
    return len(rows)
