"""What the next version of a scheme would give the people of the last deliveries.

What is known of them is what was delivered last; the period is the first after it that the next
version counts, so that only the two versions differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import add
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
from eigenwijs.kernel.period import Period
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

Versions = tuple[SchemeVersionView, SchemeVersionView]
Foreseen = tuple[AmountDue, Period, Money | None, Money | None]
"""What is due in a period before and after; None where what was delivered is not enough to say."""


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
        found += _sums(employer_id, list(_foreseen(counted[:left], (before, after), valid_from)))
        left = max(left - len(counted), 0)
    left_out += max(len(last_deliveries) - MOST_EMPLOYERS, 0)
    return DryRun(before.hash, tuple(_few_together(found)), left_out)


def employers_under(scheme: str) -> list[UUID]:
    """Return every employer that was delivered under a scheme."""
    booked = Delivery.objects.filter(state="booked", amounts__scheme=scheme)
    return list(booked.order_by("employer").values_list("employer", flat=True).distinct())


def files_that_change(employer_id: UUID, after: SchemeVersionView) -> set[UUID]:
    """Return the files to which a version that is to be law gives more or less, by an employer's last delivery.

    Whoever what was delivered says too little about is left out.
    """
    valid_from = after.valid_from
    if valid_from is None:
        raise AssertionError("what is coming has a day")
    try:
        before = schemes.version_in_force(after.scheme, valid_from - timedelta(days=1))
    except schemes.UnableToFindVersion:
        return set()
    of_employer = Delivery.objects.filter(
        employer=employer_id, state="booked", amounts__scheme=after.scheme
    )
    last = of_employer.order_by("-period_start", "-confirmed_at").first()
    if last is None:
        return set()
    rows = _amounts(after.scheme).filter(delivery__employer=employer_id, period=last.period)
    changed = [
        (row.person_id, period)
        for row, period, old, new in _foreseen(rows, (before, after), valid_from)
        if old is not None and new is not None and old != new
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
        if after.valid_from is None:
            raise AssertionError("what is coming has a day")
        try:
            before = schemes.version_in_force(after.scheme, after.valid_from - timedelta(days=1))
        except schemes.UnableToFindVersion:
            continue
        for row in last_of_jobs(after.scheme, files):
            for _row, period, old, new in _foreseen([row], (before, after), after.valid_from):
                in_force = schemes.version_in_force(after.scheme, schemes.reference_day(period))
                if in_force.hash == after.hash:  # and not one that comes after it already
                    employer_id = row.delivery.employer_id
                    found.append(ChangeAhead(employer_id, before, after, period, old, new))
    return found


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
    rows: Iterable[AmountDue], versions: Versions, valid_from: date
) -> Iterator[Foreseen]:
    """Return what both versions give for rows, of one employer, in the first period that counts."""

    def by_participation(row: AmountDue) -> tuple[str, UUID]:
        return row.period, row.participation_id

    for (period, _participation), group in groupby(
        sorted(rows, key=by_participation), by_participation
    ):
        last = Period.parse(period)
        if valid_from - last.end > LONGEST_AGO:
            continue
        first = _first_period(last, valid_from)
        mine = [row for row in group if is_still_there(row, first)]
        if mine:
            both = [_computation(mine, first, version) for version in versions]
            for row in mine:
                old, new = (_amount(one, row, last) for one in both)
                yield row, first, old, new


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
    known = [(old, new) for _row, _period, old, new in found if old is not None and new is not None]
    for row, period, _old, _new in found[:1]:
        yield EmployerDryRun(
            employer_id=employer_id,
            last=Period.parse(row.period),
            period=period,
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
