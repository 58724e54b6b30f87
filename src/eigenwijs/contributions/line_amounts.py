"""What lines of a delivery come to, and why, as its employer may read it. Private to the room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from eigenwijs.contributions import computing, reasons
from eigenwijs.contributions.lines import line_facts
from eigenwijs.contributions.models import AmountDue, Delivery, DeliveryLine
from eigenwijs.contributions.scheme_runs import lacks_facts, scheme_runs
from eigenwijs.contributions.types import LineAmount
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import Step

_WITHOUT_OTHER_JOBS = {
    "cap_room": "limit_balance",
    "cap_year": "limit_year",
    "cap_ever": "limit_ever",
    "once_before": "limit_once",
    "again_before": "limit_again",
}
"""Steps that name what somebody has or got, from others too, and those that say only the limit: an
employer sees no more (promise 9)."""


def of_lines(row: Delivery, page: Sequence[DeliveryLine]) -> dict[UUID, list[LineAmount]]:
    """Return what each line comes to, by its id: as it was booked, or as it would be now."""
    return _booked(row, page) if row.state == "booked" else _previewed(row, page)


def _for_employer(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Say which limit there is, not what somebody has or got."""
    return tuple(_without_other_jobs(step) for step in steps)


def _without_other_jobs(step: Step) -> Step:
    code = _WITHOUT_OTHER_JOBS.get(step.code)
    if code is None:
        return step
    kept = {name: value for name, value in step.params.items() if name in ("cap", "years")}
    return Step(code, kept, step.article)


def _booked(row: Delivery, page: Sequence[DeliveryLine]) -> dict[UUID, list[LineAmount]]:
    """Return what became due for lines of a booked delivery, computed again with its steps."""
    amounts: dict[UUID, list[LineAmount]] = {}
    due = AmountDue.objects.filter(delivery=row, line__in=page).select_related("line")
    for one in due.order_by("scheme"):
        version = schemes.version(one.version_hash)
        if version.counts_confided:
            continue
        found, _facts = reasons.outcome(one, version)
        before = Money(one.inputs["before"] or 0)
        if one.line is None:
            continue
        amounts.setdefault(one.line.id, []).append(
            LineAmount(
                one.scheme,
                version.title,
                version.unit,
                Money(one.entitled_cents),
                before,
                one.eligible,
                _for_employer(reasons.steps(one, version, found)),
            )
        )
    return amounts


def _previewed(row: Delivery, page: Sequence[DeliveryLine]) -> dict[UUID, list[LineAmount]]:
    """Return what lines of a preview come to now.

    All lines of the people on the page are computed: under a cap one leaves less room for the next.
    """
    period = Period.parse(row.period)
    runs, _faults = scheme_runs(row.employer_id, period)
    if lacks_facts(row, runs):  # the yes is refused: the file is to be delivered again
        runs = [run for run in runs if not lacks_facts(row, [run])]
    runs = [run for run in runs if run.is_shown]
    numbers = {line.personnel_number for line in page}
    views = people.employments_of_employer(row.employer_id, personnel_numbers=numbers)
    named = {view.person_id for view in views}
    files = {file for own in people.files_of_all(named).values() for file in own}
    if files > named:
        views = people.employments_of_employer(row.employer_id)
    known = {
        (view.personnel_number, view.employment_number): view
        for view in views
        if view.person_id in files
    }
    persons = {view.personnel_number: view.person_id for view in known.values()}
    lines = list(row.lines.filter(personnel_number__in=numbers | set(persons)).order_by("number"))
    jobs = [known.get((line.personnel_number, line.employment_number)) for line in lines]
    computation = computing.computation(
        row.employer_id,
        period,
        runs,
        {view.id: view.person_id for view in known.values()},
        named={view.id for view in jobs if view},
        whole=False,
        asked_by=row.delivered_at,
    )
    shown = {line.id for line in page}
    amounts = {}
    for line, view in sorted(zip(lines, jobs, strict=True), key=computation.comes_later):
        found = computation.line(
            line_facts(line),
            view.id if view else None,
            persons.get(line.personnel_number, line.personnel_number),
        )
        if line.id not in shown:
            continue
        amounts[line.id] = [
            LineAmount(
                computed.run.scheme,
                computed.run.version.title,
                computed.run.version.unit,
                computed.due,
                computed.before.due if computed.before else Money.zero(),
                computed.outcome.eligible,
                _for_employer(computed.steps),
            )
            for computed in found
        ]
    return amounts
