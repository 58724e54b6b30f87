"""Time to learn, for those who take it and for their employers. Private to the room; reads only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q

from eigenwijs.budgets import queries as budgets
from eigenwijs.budgets.types import LONGEST_AHEAD
from eigenwijs.contributions.access import employer_of
from eigenwijs.contributions.models import AmountDue, Participation
from eigenwijs.contributions.types import TimeAtWork, TimeJob, TimeToLearn
from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes


def takes_part(employer_id: UUID, scheme: str, on: date) -> bool:
    """Whether an employer takes part in a scheme on a day."""
    rows = Participation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on), employer_id=employer_id, scheme=scheme
    )
    return rows.filter(starts_on__lte=on).exists()


def time_to_learn(*, by: Actor, on: date) -> list[TimeToLearn]:
    """Return a person's time to learn by scheme, with the jobs in which it can be taken within a year.

    Raises NotPermitted.
    """
    people_access.require(by, Permission.SEE_OWN_ACCOUNT)
    if by.person_id is None:
        return []
    accounts = budgets.time_of(by.person_id, on=on)
    if not accounts:
        return []
    jobs = [
        job for job in people.employments(by.person_id) if job.ended_on is None or job.ended_on > on
    ]
    parts = Participation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=on),
        employer__in={job.employer_id for job in jobs},
        starts_on__lte=on + LONGEST_AHEAD,
    )
    taking_part = set(parts.values_list("employer", "scheme"))
    return [
        TimeToLearn(
            account=account,
            title=schemes.title(account.credits[0].reason.version_hash),
            jobs=tuple(
                TimeJob(job.id, job.employer_name)
                for job in jobs
                if (job.employer_id, account.scheme) in taking_part
            ),
        )
        for account in accounts
    ]


def days_to_answer(*, by: Actor, on: date) -> int:
    """Return how many days `by`'s employer can still answer."""
    employer_id = employer_of(by, Permission.ANSWER_TIME)
    return budgets.days_to_answer(employer_id, on=on) if employer_id else 0


def time_at_work(*, by: Actor, on: date) -> list[TimeAtWork]:
    """Return the days from today on that people of `by`'s employer chose, the first day first; never what for."""
    employer_id = employer_of(by, Permission.ANSWER_TIME)
    if employer_id is None:
        return []
    uses = budgets.time_at_employer(employer_id, since=on)
    if not uses:
        return []
    jobs = {one.id: one for one in people.employments_of_employer(employer_id)}
    lines = AmountDue.objects.filter(
        employment__in={use.employment_id for use in uses}, line__isnull=False
    )
    last = lines.order_by("employment", "-delivery__period_start", "-id").distinct("employment")
    names = dict(last.values_list("employment", "line__name"))
    return [
        TimeAtWork(
            use=use,
            personnel_number=jobs[use.employment_id].personnel_number,
            name=names.get(use.employment_id, ""),
        )
        for use in uses
        if use.employment_id in jobs
    ]
