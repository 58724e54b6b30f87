"""Time to learn that somebody has, and a day that could not be."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from eigenwijs.budgets import operations
from eigenwijs.budgets.types import NewTime, Reason, TimeRefusal
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes
from tests.factories.people import SYSTEM


def make_refused_day(person_id: UUID, at: datetime) -> UUID:
    """Eight hours at the person's first job, and a day that its employer refused; return the day's id."""
    job = people.employments(person_id)[0]
    day = local_date(at)
    known = schemes.all_versions()
    version_hash = known[0].hash if known else "0" * 64
    operations.give_time(
        [
            NewTime(
                key=new_id(at),
                person_id=job.person_id,
                employer_id=job.employer_id,
                employer_name=job.employer_name,
                scheme="nl/leertijd",
                unit="hours",
                hundredths=8_00,
                usable_until=day + timedelta(days=100),
                reason=Reason("nl/leertijd", version_hash, "1", "2026-01"),
            )
        ],
        group=new_id(at),
        by=SYSTEM,
        at=at,
    )
    use = operations.take_time(
        employment=job,
        scheme="nl/leertijd",
        hundredths=7_50,
        day=day + timedelta(days=20),
        by=SYSTEM,
        at=at,
    )
    operations.answer_time(
        use_id=use.id, employer_id=job.employer_id, refusal=TimeRefusal.URGENT, by=SYSTEM, at=at
    )
    return use.id
