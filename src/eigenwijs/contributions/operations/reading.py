"""What a payroll file says, kept as lines with what they come to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.operations import Tell, quiet
from eigenwijs.contributions import computing, payroll_sought, rules
from eigenwijs.contributions.computing import Computed
from eigenwijs.contributions.lifecycle import DELIVERY
from eigenwijs.contributions.lines import employment_row, line_facts
from eigenwijs.contributions.models import AmountDue, Delivery, DeliveryLine, Participation
from eigenwijs.contributions.payroll_columns import COLUMN_OF_KEY
from eigenwijs.contributions.payroll_file import read_payroll_file
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.contributions.scheme_runs import WAGE, SchemeRun, lacks_facts, scheme_runs
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.people.types import EmploymentView
from eigenwijs.schemes import operations as schemes
from eigenwijs.schemes import queries as versions

TOLD_EVERY = 1_000

_OTHER_KIND = _("Dit dienstverband leverde je dit jaar met een andere soort periode aan.")
_OTHER_KIND_ALL = _(
    "Je leverde dit jaar met een andere soort periode aan. Kies die soort periode bij dit bestand."
)

_WAGE_COLUMN_MISSING = _(
    "De regeling %(scheme)s rekent met het loon. Zet de kolom ‘Bruto loon’ in je bestand, met wat je "
    "ieder in deze periode bruto betaalde."
)
_WAGE_MISSING = _(
    "De regeling %(scheme)s rekent met het loon. Vul in wat je in deze periode bruto betaalde, of 0."
)

_CONFLICTS = {
    "person_conflict": _(
        "Dit personeelsnummer hoort bij iemand met een andere geboortedatum. Kijk beide na. Geef "
        "een nieuwe medewerker een nieuw nummer."
    ),
    "on_call_hours": _("Een oproepcontract heeft geen vaste uren. Laat deze cel leeg."),
    "ends_before_start": _("Uit dienst ligt voor in dienst. Kijk beide na."),
    "double_row": _("Dit dienstverband staat er twee keer in."),
}


def read(
    delivery: Delivery, content: bytes, *, by: Actor, at: datetime, tell: Tell = quiet
) -> list[Fault]:
    """Read a received file: keep its lines and what they come to, or return all that is wrong.

    With faults nothing was written.
    """
    employer_id, period = delivery.employer_id, Period.parse(delivery.period)
    file = read_payroll_file(content, period)
    if file.faults:
        return list(file.faults)
    runs, faults = scheme_runs(employer_id, period)
    counts_wage = next((run for run in runs if run.counts_wage), None)
    if not faults:
        faults = list(_without_wage(counts_wage, file.rows)) if counts_wage else []
        for run in runs:
            faults += payroll_sought.faults_of(run.scheme, run.sought, file.columns, file.rows)
    faults = faults or _conflicts(employer_id, file.rows)
    if faults:
        return faults
    kept = _counted_before(delivery).union(*(run.version.facts_needed for run in runs))
    lines = [_line(delivery, row, period, at, kept) for row in file.rows]
    totals, faults = _totals(employer_id, period, runs, lines, tell, asked_by=delivery.delivered_at)
    if faults:
        return faults
    copy_in(lines)
    last = last_confirmed(employer_id, delivery.period, "booked")
    audit.move(
        delivery,
        "read",
        by=by,
        at=at,
        lifecycle=DELIVERY,
        values={
            "content": None,
            "corrects": last,
            "ignored_columns": list(file.ignored_columns),
            "line_count": len(lines),
            "totals": totals,
        },
        ids={"lines": len(lines), "period": delivery.period},
    )
    return []


def last_confirmed(employer_id: UUID, period: str, *states: str) -> Delivery | None:
    """Return the last delivery of an employer's period that was confirmed, booked or not yet."""
    known = Delivery.objects.filter(
        employer_id=employer_id, period=period, state__in=states or ("confirmed", "booked")
    )
    return known.order_by("-confirmed_at").first()


def lock_employer(employer_id: UUID) -> None:
    """Let deliveries, confirmations and payments of one employer wait for each other.

    Comes before any lock of a delivery that is not confirmed, of a request or of an amount.
    """
    own = Participation.objects.select_for_update().filter(employer_id=employer_id)
    list(own.order_by("id").values("id"))


def is_as_shown(delivery: Delivery, tell: Tell = quiet) -> bool:
    """Whether the lines still come to what the preview showed, under the same versions."""
    lock_employer(delivery.employer_id)
    period = Period.parse(delivery.period)
    last = last_confirmed(delivery.employer_id, delivery.period, "booked")
    if delivery.corrects_id != (last.pk if last else None):
        return False
    runs, faults = scheme_runs(delivery.employer_id, period)
    if faults:
        return False
    if lacks_facts(delivery, runs):
        return False
    for run in runs:  # in the order of their names
        if run.version.needs_received:
            schemes.lock_scheme(run.scheme)
    totals, kind_faults = _totals(
        delivery.employer_id,
        period,
        runs,
        list(delivery.lines.order_by("number")),
        tell,
        asked_by=delivery.delivered_at,
    )
    return not kind_faults and totals == delivery.totals


def _totals(
    employer_id: UUID,
    period: Period,
    runs: list[SchemeRun],
    lines: Sequence[DeliveryLine],
    tell: Tell,
    *,
    asked_by: datetime,
) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Return what lines come to per scheme, and lines that cannot count in this kind of period.

    Writes on each line what it comes to. Only of schemes whose amounts the employer may see: what
    others come to, its people can change between a preview and the yes.
    """
    runs = [run for run in runs if run.is_shown]
    known = _known_employments(employer_id)
    employments = [known.get((line.personnel_number, line.employment_number)) for line in lines]
    named = {employment.id for employment in employments if employment}
    computation = computing.computation(
        employer_id,
        period,
        runs,
        {view.id: view.person_id for view in known.values()},
        named=named,
        asked_by=asked_by,
    )
    files = {view.personnel_number: view.person_id for view in known.values()}
    sums: dict[str, _Sum] = {run.scheme: _Sum(run) for run in runs}
    faults: list[Fault] = []
    pairs = sorted(zip(lines, employments, strict=True), key=computation.comes_later)
    for count, (line, employment) in enumerate(pairs):
        if count % TOLD_EVERY == 0:
            tell(count)
        if employment is not None:
            kind = computation.history.kinds.get(employment.id, period.kind.value)
            if kind != period.kind.value:
                faults.append(Fault("other_kind_of_period", _OTHER_KIND, line=line.number))
        found = computation.line(
            line_facts(line),
            employment.id if employment else None,
            files.get(line.personnel_number, line.personnel_number),
        )
        for computed in found:
            sums[computed.run.scheme].add(computed)
        line.change_cents = sum(
            computed.change.cents for computed in found if not computed.run.version.counts_time
        )
        line.is_without = not any(computed.outcome.amount for computed in found)
    gone = {employment for employment, _scheme in computation.history.before} - named
    for employment_id in gone:
        for computed in computation.gone(employment_id):
            sums[computed.run.scheme].add(computed)
    if len(faults) > len(lines) / 2:  # not these lines are wrong, but the period that was chosen
        faults = [Fault("other_kind_of_period", _OTHER_KIND_ALL)]
    return [item.plain() for item in sums.values()], faults


class _Sum:
    """One scheme's totals as they grow."""

    def __init__(self, run: SchemeRun) -> None:
        self.run = run
        self.people = 0
        self.without = 0
        self.change = Money.zero()

    def add(self, computed: Computed) -> None:
        self.people += bool(computed.outcome.amount)
        self.without += not computed.outcome.amount
        self.change += computed.change

    def plain(self) -> dict[str, Any]:
        return {
            "scheme": self.run.scheme,
            "hash": self.run.version.hash,
            "title": dict(self.run.version.title),
            "people": self.people,
            "without": self.without,
            "cents": self.change.cents,
            **({"unit": self.run.version.unit} if self.run.version.counts_time else {}),
        }


def _known_employments(employer_id: UUID) -> dict[tuple[str, int], EmploymentView]:
    """Return the employer's employments by personnel number and employment number."""
    return {
        (view.personnel_number, view.employment_number): view
        for view in people.employments_of_employer(employer_id)
    }


def _conflicts(employer_id: UUID, rows: Sequence[PayrollRow]) -> list[Fault]:
    found = people.employment_conflicts(employer_id, [employment_row(row) for row in rows])
    return [
        Fault(conflict.code, _CONFLICTS[conflict.code], line=rows[conflict.index].line)
        for conflict in found
    ]


def _without_wage(run: SchemeRun, rows: Sequence[PayrollRow]) -> Iterator[Fault]:
    """Name the lines whose wage is needed and not there, or once the column that is missing."""
    params = {"scheme": run.scheme}
    lines = [row.line for row in rows if row.gross_wage is None]
    if len(lines) == len(rows):
        yield Fault("wage_column_missing", _WAGE_COLUMN_MISSING, params)
        return
    for line in lines:
        yield Fault(
            "wage_missing", _WAGE_MISSING, params, line, COLUMN_OF_KEY["gross_wage"].advised
        )


def _counted_before(delivery: Delivery) -> frozenset[str]:
    """Return the facts that the versions count which gave the period before: acquired rights need them."""
    rows = AmountDue.objects.filter(
        participation__employer=delivery.employer_id, period=delivery.period, is_current=True
    )
    hashes = rows.order_by().values_list("version_hash", flat=True).distinct()
    needed = (versions.version(one).facts_needed for one in hashes)
    return frozenset[str]().union(*needed)


def _line(
    delivery: Delivery,
    row: PayrollRow,
    period: Period,
    at: datetime,
    kept: Collection[str],
) -> DeliveryLine:
    return DeliveryLine(
        id=new_id(at),
        delivery_id=delivery.pk,
        number=row.line,
        personnel_number=row.personnel_number,
        employment_number=row.employment_number,
        name=row.name,
        birth_date=row.birth_date,
        email=row.email,
        age=rules.age_on(row.birth_date, period.end),
        contract_kind=row.contract_kind.value,
        contract_hours_week=row.contract_hours_week,
        paid_hours_period=row.paid_hours_period,
        started_on=row.started_on,
        ended_on=row.ended_on,
        gross_wage_cents=row.gross_wage.cents
        if WAGE in kept and row.gross_wage is not None
        else None,
        sought=payroll_sought.to_keep(row, kept),
    )
