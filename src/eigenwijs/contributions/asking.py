"""What people may ask ahead of coming amounts, with what was delivered last. Private to the room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from eigenwijs.contributions import ahead, rules
from eigenwijs.contributions.lines import line_facts
from eigenwijs.contributions.models import AdvanceAsk, AmountDue, YearTotal
from eigenwijs.contributions.types import AdvanceView
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import ADVANCE, SchemeVersionView

Job = tuple[UUID, str]
"""An employment, under a scheme."""


def advances(*, by: Actor, on: date) -> list[AdvanceView]:
    """Return for each of a person's jobs what came ahead, what waits and what can be asked on a day.

    Without jobs of which all three are nothing, and of jobs that ended only what waits. Raises NotPermitted.
    """
    people_access.require(by, Permission.SEE_OWN_ACCOUNT)
    names = schemes.with_advance() if by.person_id else set()
    if not by.person_id or not names:
        return []
    files = people.files_of(by.person_id)
    due = AmountDue.objects.filter(person__in=files, scheme__in=names)
    names = set(due.values_list("scheme", flat=True).distinct())
    if not names:
        return []
    employments = {one.id: one for one in people.employments_of_files(files)}
    waiting: dict[Job, AdvanceAsk] = {
        (one.employment_id, one.scheme): one
        for one in AdvanceAsk.objects.filter(amount_due=None, employment__in=employments)
    }
    still_open: dict[Job, int] = defaultdict(int)
    totals = YearTotal.objects.filter(employment__in=employments, scheme__in=names)
    for employment, scheme, parts in totals.values_list("employment_id", "scheme", "parts"):
        still_open[employment, scheme] += parts.get(ADVANCE, ("0", 0))[1]
    going_on = _going_on(files, names, on)
    found = []
    for job in sorted(
        {*waiting, *going_on}, key=lambda one: (employments[one[0]].employer_name, one)
    ):
        last, version, most = going_on.get(job, (None, None, Money.zero()))
        view = AdvanceView(
            employment_id=job[0],
            employer_name=employments[job[0]].employer_name,
            scheme=job[1],
            title=(version or schemes.versions(job[1])[-1]).title,
            employer_sees=not (version and version.counts_confided),
            open=Money(still_open[job]),
            most=most,
            asked=Money(waiting[job].cents) if job in waiting else Money.zero(),
            ask_id=waiting[job].pk if job in waiting else None,
            last=last,
            typical=_typical(job, last) if last else Money.zero(),
            correctable_for_days=version.correctable_for_days if version else None,
        )
        if view.ask_id or view.open or view.room:
            found.append(view)
    return found


def _going_on(
    files: list[UUID], names: set[str], on: date
) -> dict[Job, tuple[Period, SchemeVersionView, Money]]:
    """Return the jobs that go on: the last period, the version of the next, the most that may be open."""
    found: dict[Job, tuple[Period, SchemeVersionView, Money]] = {}
    for scheme in sorted(names):
        for row in ahead.last_of_jobs(scheme, files):
            last = Period.parse(row.period)
            coming = last.next()
            if on - last.end <= ahead.LONGEST_AGO and ahead.is_still_there(row, coming):
                for version, most in _most(row, last, coming, files):
                    found[row.employment_id, scheme] = (last, version, most)
    return found


def _most(
    row: AmountDue, last: Period, coming: Period, files: list[UUID]
) -> Iterator[tuple[SchemeVersionView, Money]]:
    """Yield the version that counts in the coming period, with the most that may be open then."""
    if row.line is None:
        raise AssertionError("a job that goes on has a line")
    try:
        version = schemes.version_in_force(row.scheme, schemes.reference_day(coming))
    except schemes.UnableToFindVersion:
        return
    told = people.qualifications({files[0]: files}, coming.end) if version.counts_confided else {}
    line = line_facts(row.line, later=rules.age_on(last.end, coming.end))
    facts = rules.credit_facts(
        replace(line, qualification=told.get(files[0])), coming, version.facts_needed
    )
    try:
        most = schemes.advance_most(version_hash=version.hash, facts=facts, period=coming)
    except schemes.UnableToComputeEntitlement:  # it counts what was not delivered yet
        most = Money.zero()
    yield version, most


def _typical(job: Job, last: Period) -> Money:
    """Return what a period of the last year gave a job, on average and in whole cents."""
    rows = AmountDue.objects.filter(
        employment=job[0],
        scheme=job[1],
        is_current=True,
        delivery__period_start__gt=last.end - ahead.LONGEST_AGO,
    )
    given = [row.given_cents for row in rows]
    return Money(max(sum(given) // len(given), 0)) if given else Money.zero()
