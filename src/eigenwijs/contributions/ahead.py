"""What the next version of a scheme would give the people of the last deliveries.

What is known of them is what was delivered last; the period is the first after it that the next
version counts, so that only two versions differ: that one, and the last that counted for a period. A version
between them that is followed before any period begins counts for none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import add
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from eigenwijs.audit import operations as audit
from eigenwijs.contributions import computing, rules
from eigenwijs.contributions.computing import Computation
from eigenwijs.contributions.lines import line_facts
from eigenwijs.contributions.models import AmountDue, Delivery
from eigenwijs.contributions.scheme_runs import SchemeRun
from eigenwijs.contributions.types import ChangeAhead, DryRun, EmployerDryRun
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import SchemeVersionView

MOST_PEOPLE = 2_000
"""So many employments are computed while somebody waits; the deliveries confirmed last go first."""
MOST_EMPLOYERS = 50
FEWEST = 10
"""An employer with fewer people is not told apart: a sum over few says what one of them has (promise 9)."""
LONGEST_AGO = timedelta(days=366)
"""Who was delivered last longer before the first new period than this has left."""


class Foreseen(NamedTuple):
    """What is due in a period by the version before and the next; None where too little was delivered to say."""

    row: AmountDue
    period: Period
    before: SchemeVersionView
    old: Money | None
    new: Money | None


@transaction.atomic
def dry_run(
    *,
    version_hash: str,
    valid_from: date,
    by: Actor,
    at: datetime,
    most_people: int = MOST_PEOPLE,
) -> DryRun | None:
    """Return what a version would change for the people in the employers' last deliveries.

    None where there is no version before it to compare with, and where one of the two counts what people
    told about themselves: the sums would tell it. Employers with fewer people than `FEWEST` are told together,
    without their names. Every run is written down, as somebody could try text after text. Raises NotPermitted,
    and schemes' UnableToFindVersion for no such version.
    """
    people_access.require(by, Permission.MANAGE_SCHEMES)
    after = schemes.version(version_hash)
    try:
        before = schemes.version_in_force(after.scheme, valid_from - timedelta(days=1))
    except schemes.UnableToFindVersion:
        return None
    if after.counts_confided or before.counts_confided:
        return None
    audit.record(
        by=by,
        at=at,
        action="contributions.dry_run",
        subject=("schemes.schemeversion", after.id),
        ids={"hash": after.hash, "valid_from": valid_from.isoformat()},
    )
    found: list[EmployerDryRun] = []
    last_deliveries = list(_last_deliveries(after.scheme))
    left, left_out = most_people, 0
    for employer_id, last in last_deliveries[:MOST_EMPLOYERS]:
        rows = _amounts(after.scheme).filter(delivery__employer=employer_id, period=last)
        counted = list(rows.order_by("line__number", "id")[: left + 1])
        left_out += len(counted) > left
        found += _sums(employer_id, list(_foreseen(counted[:left], after, valid_from)))
        left = max(left - len(counted), 0)
    left_out += max(len(last_deliveries) - MOST_EMPLOYERS, 0)
    return DryRun(tuple(_few_together(found)), left_out)


def employers_within_reach(after: SchemeVersionView) -> list[UUID]:
    """Return every employer whose last delivery is near enough to a version's first day to say what changes."""
    return [
        employer_id
        for employer_id, last in _last_deliveries(after.scheme)
        if _is_within_reach(Period.parse(last), _first_day(after))
    ]


def files_that_change(employer_id: UUID, after: SchemeVersionView) -> set[UUID]:
    """Return the files to which a version that is to be law gives more or less, by an employer's last delivery.

    Whoever what was delivered says too little about is left out.
    """
    of_employer = Delivery.objects.filter(
        employer=employer_id, state="booked", amounts__scheme=after.scheme
    )
    last = of_employer.order_by("-period_start", "-confirmed_at").first()
    if last is None:
        return set()
    rows = _amounts(after.scheme).filter(delivery__employer=employer_id, period=last.period)
    changed = [
        (one.row.person_id, one.period)
        for one in _foreseen(rows, after, _first_day(after))
        if one.old is not None and one.new is not None and one.old != one.new
    ]
    counts = {  # and not a version that comes after it already
        period
        for period in {period for _file, period in changed}
        if schemes.version_in_force(after.scheme, schemes.reference_day(period)).hash == after.hash
    }
    return {file for file, period in changed if period in counts}


def changes_ahead(*, by: Actor, on: date) -> list[ChangeAhead]:
    """Return what versions that become law after a day change for a person, a job at a time.

    Raises NotPermitted.
    """
    people_access.require(by, Permission.SEE_OWN_ACCOUNT)
    coming = schemes.coming(on)
    if not coming or by.person_id is None:
        return []
    files = people.files_of(by.person_id)
    found = []
    for after in coming:
        for row in last_of_jobs(after.scheme, files):
            for one in _foreseen([row], after, _first_day(after)):
                in_force = schemes.version_in_force(after.scheme, schemes.reference_day(one.period))
                if in_force.hash == after.hash:  # and not one that comes after it already
                    employer_id = row.delivery.employer_id
                    found.append(
                        ChangeAhead(employer_id, one.before, after, one.period, one.old, one.new)
                    )
    return found


def _first_day(version: SchemeVersionView) -> date:
    if version.valid_from is None:
        raise AssertionError("what is coming has a day")
    return version.valid_from


def _is_within_reach(last: Period, valid_from: date) -> bool:
    return valid_from - last.end <= LONGEST_AGO


def last_of_jobs(scheme: str, files: Collection[UUID]) -> Iterator[AmountDue]:
    """The last word on each job of which the employer's last delivery still has a line."""
    rows = AmountDue.objects.filter(scheme=scheme, is_current=True, person__in=files)
    rows = rows.select_related("line", "participation", "delivery")
    for row in rows.order_by("employment", "-delivery__period_start", "-id").distinct("employment"):
        later = Delivery.objects.filter(
            employer=row.delivery.employer_id,
            state="booked",
            amounts__scheme=scheme,
            period_start__gt=row.delivery.period_start,
        )
        if row.line is not None and not later.exists():
            yield row


def _amounts(scheme: str) -> QuerySet[AmountDue]:
    """The last word on every line that was booked under a scheme."""
    rows = AmountDue.objects.filter(scheme=scheme, is_current=True, line__isnull=False)
    return rows.select_related("line", "participation", "delivery")


def _last_deliveries(scheme: str) -> Iterator[tuple[UUID, str]]:
    """Every employer that was delivered under a scheme with its last period, the latest first."""
    booked = Delivery.objects.filter(state="booked", amounts__scheme=scheme)
    last = booked.order_by("employer", "-period_start", "-confirmed_at").distinct("employer")
    rows = Delivery.objects.filter(pk__in=last.values("pk")).order_by("-confirmed_at", "id")
    yield from rows.values_list("employer", "period")


def _foreseen(
    rows: Iterable[AmountDue], after: SchemeVersionView, valid_from: date
) -> Iterator[Foreseen]:
    """Return what both versions give for rows, of one employer, in the first period that counts."""

    def by_participation(row: AmountDue) -> tuple[str, UUID]:
        return row.period, row.participation_id

    for (period, _participation), group in groupby(
        sorted(rows, key=by_participation), by_participation
    ):
        last = Period.parse(period)
        before = _version_before(after.scheme, valid_from, last.kind)
        if before is None or not _is_within_reach(last, valid_from):
            continue
        first = _first_period(last, valid_from)
        mine = [row for row in group if is_still_there(row, first)]
        if mine:
            both = [_computation(mine, first, version) for version in (before, after)]
            for row in mine:
                old, new = (_amount(one, row, last) for one in both)
                yield Foreseen(row, first, before, old, new)


def _version_before(scheme: str, valid_from: date, kind: PeriodKind) -> SchemeVersionView | None:
    """Return the version that counts for the last period whose day of reference is before a day."""
    period = Period.containing(valid_from, kind)
    if schemes.reference_day(period) >= valid_from:
        period = period.previous()
    try:
        return schemes.version_in_force(scheme, schemes.reference_day(period))
    except schemes.UnableToFindVersion:
        return None


def _first_period(last: Period, valid_from: date) -> Period:
    """Return the first period after the last one whose day of reference a version counts."""
    period = last.next()
    while schemes.reference_day(period) < valid_from:
        period = period.next()
    return period


def is_still_there(row: AmountDue, period: Period) -> bool:
    """Whether the job and the employer's part in the scheme go on in a period, as far as was told."""
    line = row.line
    stops = row.participation.ends_on
    return (
        line is not None
        and (line.ended_on is None or line.ended_on >= period.start)
        and (stops is None or stops >= schemes.reference_day(period))
    )


def _computation(
    rows: Sequence[AmountDue], period: Period, version: SchemeVersionView
) -> Computation:
    files = {row.employment_id: row.person_id for row in rows}
    return computing.computation(
        rows[0].delivery.employer_id,
        period,
        [SchemeRun(rows[0].participation, version)],
        files,
        named=set(files),
        whole=False,
    )


def _amount(computation: Computation, row: AmountDue, last: Period) -> Money | None:
    if row.line is None:
        raise AssertionError("only lines are computed")
    years = rules.age_on(last.end, computation.period.end)
    facts = line_facts(row.line, later=years)
    try:
        (found,) = computation.line(facts, row.employment_id, row.person_id)
    except schemes.UnableToComputeEntitlement:
        return None
    return found.outcome.amount


def _sums(employer_id: UUID, found: Sequence[Foreseen]) -> Iterator[EmployerDryRun]:
    """Add up what an employer's people get, all in one period; nothing where nobody is left."""
    known = [(one.old, one.new) for one in found if one.old is not None and one.new is not None]
    for first in found[:1]:
        yield EmployerDryRun(
            employer_id=employer_id,
            last=Period.parse(first.row.period),
            period=first.period,
            people=len(known),
            more=sum(new > old for old, new in known),
            less=sum(new < old for old, new in known),
            lost=sum(bool(old) and not new for old, new in known),
            before=sum_money(old for old, _new in known),
            after=sum_money(new for _old, new in known),
            unknown=len(found) - len(known),
        )


def _few_together(found: Sequence[EmployerDryRun]) -> Iterator[EmployerDryRun]:
    """Yield the employers with enough people, and the others of one last period as one."""
    few: dict[tuple[Period, Period], list[EmployerDryRun]] = defaultdict(list)
    for one in found:
        if one.people + one.unknown >= FEWEST:
            yield one
        else:
            few[one.last, one.period].append(one)
    for each in few.values():
        yield replace(reduce(add, each), employer_id=None)
