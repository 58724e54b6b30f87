"""Money that ends with a job: its last day comes, moves and goes with what the payroll says of the job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from eigenwijs.audit import operations as audit
from eigenwijs.budgets import lots, rules, telling
from eigenwijs.budgets.lots import PotState
from eigenwijs.budgets.models import Credit, Lapse, Pot
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, months_after
from eigenwijs.notices import operations as notices
from eigenwijs.notices.types import NewNotice
from eigenwijs.people import queries as people
from eigenwijs.schemes.types import LEAST_MONTHS_AFTER_NEWS, Conditions

CHUNK = 500


@transaction.atomic
def follow_jobs(
    *, after: UUID | None = None, by: Actor, at: datetime, limit: int = CHUNK
) -> UUID | None:
    """Give money that ends with a job its last day, or take that away, in one chunk of pots.

    Returns the last pot of the chunk, for the next call's `after`; None when none was left. A job goes on
    while any job of the person at that employer does, over all files that are theirs. What lapsed before a
    job went on stays lapsed. Each person is told. Repeating it is safe.
    """
    pots = Pot.objects.filter(employer__isnull=False)
    if after is not None:
        pots = pots.filter(pk__gt=after)
    ids = list(pots.order_by("pk").values_list("pk", flat=True)[:limit])
    follow(lots.lock(ids).values(), by=by, at=at)
    return ids[-1] if ids else None


def follow(states: Collection[PotState], *, by: Actor, at: datetime) -> bool:
    """Do so for pots that the caller has locked; return whether the last day of any of them changed."""
    bound = [state for state in states if state.pot.employer_id]
    if not bound:
        return False
    last_days = _last_days([state.pot for state in bound])
    changed = [state for state in bound if state.pot.job_ended_on != last_days[state.pot.pk]]
    if not changed:
        return False
    day = local_date(at)
    ids = [state.pot.pk for state in changed]
    newest = dict(
        Credit.objects.filter(pot__in=ids).values_list("pot").annotate(Max("occurred_on"))
    )
    lapsed = set(Lapse.objects.filter(pot__in=ids).values_list("pot", flat=True))
    told: list[NewNotice] = []
    for state in changed:
        pot, last_day = state.pot, last_days[state.pot.pk]
        told_until = pot.ends_on if _is_later(last_day, pot.job_ended_on) else None
        pot.job_ended_on, pot.ends_on = last_day, None
        left = state.available + state.reserved
        if last_day is None:
            if left or pot.pk in lapsed:
                told.append(telling.job_goes_on(pot, at))
        else:
            conditions = Conditions.from_json(pot.conditions)
            pot.ends_on = max(
                rules.end_of_pot(last_day, conditions, newest.get(pot.pk, last_day)),
                months_after(day, LEAST_MONTHS_AFTER_NEWS),
                told_until or date.min,  # a job that lasted longer never ends money earlier
            )
            check_on = pot.ends_on + timedelta(days=1)
            pot.check_on = min(pot.check_on or check_on, check_on)
            if left:
                told.append(telling.ends_with_job(pot, left, at))
        audit.record(
            by=by,
            at=at,
            action="budgets.pot.follow_job",
            subject=(Pot._meta.label_lower, pot.pk),
            fields=["job_ended_on", "ends_on"],
        )
    Pot.objects.bulk_update(
        [state.pot for state in changed], ["job_ended_on", "ends_on", "check_on"]
    )
    notices.tell_all(told, by=by, at=at)
    return True


def _is_later(last_day: date | None, before: date | None) -> bool:
    return last_day is not None and before is not None and last_day > before


def _last_days(pots: Iterable[Pot]) -> dict[UUID, date | None]:
    """Return by pot the last day of the job that it ends with; None while there is a job without an end."""
    listed = list(pots)
    files = people.files_of_all({pot.person_id for pot in listed})
    jobs: dict[tuple[UUID, UUID], list[date | None]] = defaultdict(list)
    for job in people.employments_of_files({file for own in files.values() for file in own}):
        jobs[job.person_id, job.employer_id].append(job.ended_on)
    found = {}
    for pot in listed:
        if (employer := pot.employer_id) is None:
            continue
        ends = [end for file in files[pot.person_id] for end in jobs.get((file, employer), ())]
        known = [end for end in ends if end is not None]
        found[pot.pk] = max(known) if ends and len(known) == len(ends) else None
    return found
