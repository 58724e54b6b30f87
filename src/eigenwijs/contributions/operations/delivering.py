"""An employer delivers a payroll file: look first, then confirm."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.contributions import computing, rules
from eigenwijs.contributions.access import require_employer
from eigenwijs.contributions.computing import Computed, SchemeRun
from eigenwijs.contributions.lifecycle import DELIVERY
from eigenwijs.contributions.lines import employment_row, line_facts
from eigenwijs.contributions.models import Delivery, DeliveryLine, Participation
from eigenwijs.contributions.operations.booking import book
from eigenwijs.contributions.payroll_file import read_payroll_file
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.contributions.queries import delivery_view
from eigenwijs.contributions.types import DeliveryView
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.errors import DomainError, Fault, FaultyImport
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.people.types import EmploymentView

BOOKED_AT_ONCE = 2_000
"""A delivery of more lines is booked by the job worker after it was confirmed."""

_BEING_BOOKED = _(
    "Je vorige aanlevering wordt nog verwerkt. Probeer het over een paar minuten weer."
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


class UnableToDeliver(FaultyImport):
    """The file is refused as a whole and nothing of it was kept; `faults` says all that is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        message = _("We konden dit bestand niet verwerken.")
        super().__init__("faulty_delivery", faults, message)


class UnableToConfirm(DomainError):
    """Codes: unknown_delivery, already_discarded, changed_meanwhile, being_booked."""


@transaction.atomic
def preview_delivery(
    *,
    employer_id: UUID,
    period: Period,
    file_name: str,
    content: bytes,
    by: Actor,
    at: datetime,
) -> DeliveryView:
    """Read a payroll file and show what it comes to; nothing counts until it is confirmed.

    A file that was confirmed for this period before is recognised by its content: that delivery is
    returned, with `is_new` false. Another file for a confirmed period is a correction of it. An
    earlier preview that was not confirmed is discarded. Raises UnableToDeliver with every fault,
    and access.NotPermitted.
    """
    require_employer(by, employer_id)
    content_hash = hashlib.sha256(content).hexdigest()
    known = Delivery.objects.filter(
        employer_id=employer_id, period=str(period), state__in=["confirmed", "booked"]
    ).order_by("-confirmed_at")
    last = known.first()
    if last is not None and last.content_hash == content_hash:
        return delivery_view(last)
    if _is_booking(employer_id):
        raise UnableToDeliver([Fault("being_booked", _BEING_BOOKED)])
    file = read_payroll_file(content, period)
    if file.faults:
        raise UnableToDeliver(file.faults)
    runs, faults = computing.scheme_runs(employer_id, period)
    if faults:
        raise UnableToDeliver(faults)
    conflicts = _conflicts(employer_id, file.rows)
    if conflicts:
        raise UnableToDeliver(conflicts)
    _discard_previews(employer_id, by=by, at=at)
    delivery = Delivery(
        id=new_id(at),
        employer_id=employer_id,
        period=str(period),
        period_start=period.start,
        file_name=file_name[:255],
        content_hash=content_hash,
        ignored_columns=list(file.ignored_columns),
        line_count=len(file.rows),
        corrects=last,
        delivered_at=at,
    )
    lines = [_line(delivery, row, period, at) for row in file.rows]
    totals, kind_faults = preview_totals(employer_id, period, runs, lines)
    if kind_faults:
        raise UnableToDeliver(kind_faults)
    delivery.totals = totals
    delivery.save(force_insert=True)
    copy_in(lines)
    audit.record(
        by=by,
        at=at,
        action="contributions.delivery.preview",
        subject=_subject(delivery),
        ids={"lines": len(lines), "period": str(period)},
    )
    return replace(delivery_view(delivery), is_new=True)


@transaction.atomic
def discard_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> None:
    """Throw a preview away, its lines included; nothing happens where there is none.

    Raises access.NotPermitted.
    """
    delivery = Delivery.objects.filter(pk=delivery_id, state="previewed").first()
    if delivery is not None:
        require_employer(by, delivery.employer_id)
        _discard_previews(delivery.employer_id, by=by, at=at)


@transaction.atomic
def confirm_delivery(*, delivery_id: UUID, by: Actor, at: datetime) -> DeliveryView:
    """Say yes to what the preview showed: amounts become due and are requested from the payers.

    Up to 2,000 lines are booked at once, more by the job worker (`delivery_confirmed`). Confirming
    again changes nothing. Raises UnableToConfirm (changed_meanwhile: what was shown is no longer
    what would be due, because of another delivery or another version of a scheme; look again), and
    access.NotPermitted.
    """
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise UnableToConfirm("unknown_delivery", _("Deze aanlevering is er niet."))
    require_employer(by, delivery.employer_id)
    if delivery.state == "discarded":
        raise UnableToConfirm(
            "already_discarded", _("Deze aanlevering is vervangen door een ander bestand.")
        )
    if delivery.state != "previewed":
        return delivery_view(delivery)
    if _is_booking(delivery.employer_id):
        raise UnableToConfirm("being_booked", _BEING_BOOKED)
    if not _is_as_shown(delivery):
        raise UnableToConfirm(
            "changed_meanwhile",
            _(
                "Er is intussen iets veranderd. Lever het bestand opnieuw aan en bekijk de bedragen."
            ),
        )
    audit.move(
        delivery,
        "confirm",
        by=by,
        at=at,
        lifecycle=DELIVERY,
        values={"confirmed_at": at},
        announce_as="delivery_confirmed",
        ids={"lines": delivery.line_count},
    )
    if delivery.line_count <= BOOKED_AT_ONCE:
        book(delivery, by=by, at=at)
    return delivery_view(delivery)


def preview_totals(
    employer_id: UUID, period: Period, runs: list[SchemeRun], lines: Sequence[DeliveryLine]
) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Return what lines come to per scheme, and lines that cannot count in this kind of period.

    Writes on each line what it comes to.
    """
    known = known_employments(employer_id)
    computation = computing.computation(
        employer_id, period, runs, {view.id: view.person_id for view in known.values()}
    )
    sums: dict[str, _Sum] = {run.scheme: _Sum(run) for run in runs}
    faults: list[Fault] = []
    named = set()
    for line in lines:
        employment = known.get((line.personnel_number, line.employment_number))
        if employment is not None:
            named.add(employment.id)
            kind = computation.history.kinds.get(employment.id, period.kind.value)
            if kind != period.kind.value:
                message = _(
                    "Dit dienstverband leverde je dit jaar met een andere soort periode aan."
                )
                faults.append(Fault("other_kind_of_period", message, line=line.number))
        found = computation.line(
            line_facts(line),
            employment.id if employment else None,
            employment.person_id if employment else None,
        )
        for computed in found:
            sums[computed.run.scheme].add(computed)
        line.change_cents = sum(computed.change.cents for computed in found)
        line.is_without = not any(computed.outcome.amount for computed in found)
    gone = {employment for employment, _scheme in computation.history.before} - named
    for employment_id in gone:
        for computed in computation.gone(employment_id):
            sums[computed.run.scheme].add(computed)
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
        }


def known_employments(employer_id: UUID) -> dict[tuple[str, int], EmploymentView]:
    """Return the employer's employments by personnel number and employment number."""
    return {
        (view.personnel_number, view.employment_number): view
        for view in people.employments_of_employer(employer_id)
    }


def _is_booking(employer_id: UUID) -> bool:
    return Delivery.objects.filter(employer_id=employer_id, state="confirmed").exists()


def _is_as_shown(delivery: Delivery) -> bool:
    """Whether the lines still come to what the preview showed, under the same versions."""
    list(Participation.objects.select_for_update().filter(employer_id=delivery.employer_id))
    period = Period.parse(delivery.period)
    last = (
        Delivery.objects.filter(
            employer_id=delivery.employer_id, period=delivery.period, state="booked"
        )
        .order_by("-confirmed_at")
        .first()
    )
    if delivery.corrects_id != (last.pk if last else None):
        return False
    runs, faults = computing.scheme_runs(delivery.employer_id, period)
    if faults:
        return False
    totals, kind_faults = preview_totals(
        delivery.employer_id, period, runs, list(delivery.lines.all())
    )
    return not kind_faults and totals == delivery.totals


def _discard_previews(employer_id: UUID, *, by: Actor, at: datetime) -> None:
    for preview in Delivery.objects.filter(employer_id=employer_id, state="previewed"):
        audit.move(preview, "discard", by=by, at=at, lifecycle=DELIVERY)
        preview.lines.all().delete()


def _conflicts(employer_id: UUID, rows: Sequence[PayrollRow]) -> list[Fault]:
    found = people.employment_conflicts(employer_id, [employment_row(row) for row in rows])
    return [
        Fault(conflict.code, _CONFLICTS[conflict.code], line=rows[conflict.index].line)
        for conflict in found
    ]


def _line(delivery: Delivery, row: PayrollRow, period: Period, at: datetime) -> DeliveryLine:
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
    )


def _subject(delivery: Delivery) -> tuple[str, UUID]:
    return (Delivery._meta.label_lower, delivery.id)
