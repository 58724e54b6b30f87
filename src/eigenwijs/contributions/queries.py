"""Reads, for the employer who delivered. Never a name together with spending."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import ProgressView
from eigenwijs.contributions import line_amounts, portable
from eigenwijs.contributions.access import employer_of
from eigenwijs.contributions.ahead import changes_ahead
from eigenwijs.contributions.asking import advances
from eigenwijs.contributions.models import (
    AmountDue,
    CreditingRun,
    Delivery,
    DeliveryLine,
    Participation,
    PaymentRequest,
)
from eigenwijs.contributions.payroll_file import template as payroll_template
from eigenwijs.contributions.time import days_to_answer, time_at_work, time_to_learn
from eigenwijs.contributions.tracing import (
    amounts_asked,
    amounts_credited,
    reasons_of,
    requests_named,
)
from eigenwijs.contributions.types import (
    CreditingView,
    DeliveryView,
    Differences,
    LateRequest,
    LineChange,
    LineView,
    ParticipationView,
    PaymentRequestView,
    SchemeTotal,
    WaitingView,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import ACCOUNT_UNIT, SchemeVersionView
from eigenwijs.treasury import queries as treasury

__all__ = [
    "advances",
    "amounts_asked",
    "amounts_credited",
    "changes_ahead",
    "credited_later",
    "crediting",
    "crediting_everywhere",
    "days_to_answer",
    "deliveries",
    "deliveries_by_id",
    "delivery",
    "delivery_people",
    "differences",
    "export",
    "hidden_requests",
    "hidden_schemes",
    "is_hidden",
    "late_requests",
    "lines",
    "participations",
    "payment_request",
    "payment_requests",
    "payroll_template",
    "progress",
    "reasons_of",
    "requests_by_id",
    "requests_named",
    "time_at_work",
    "time_to_learn",
    "waiting_everywhere",
]

COMPARED = (
    "contract_kind", "contract_hours_week", "paid_hours_period", "started_on", "ended_on",
    "gross_wage_cents", "sought", "name",
)  # fmt: skip


def hidden_schemes(*, by: Actor, on: date) -> list[SchemeVersionView]:
    """Return the schemes of `by`'s employer whose amounts it does not see, on a day.

    They count what people told about themselves.
    """
    employer_id = employer_of(by, Permission.SEE_DELIVERIES)
    rows = Participation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on), employer_id=employer_id, starts_on__lte=on
    )
    taking_part = set(rows.values_list("scheme", flat=True))
    return [one for one in schemes.schemes(on) if one.scheme in taking_part and one.counts_confided]


def participations(employer_id: UUID) -> list[ParticipationView]:
    """Return the schemes an employer takes or took part in, by scheme and start."""
    rows = Participation.objects.filter(employer_id=employer_id).order_by("scheme", "starts_on")
    return [participation_view(row) for row in rows]


def deliveries(*, by: Actor) -> list[DeliveryView]:
    """Return the deliveries of the employer that `by` acts for, the latest period first."""
    employer_id = employer_of(by, Permission.SEE_DELIVERIES)
    rows = Delivery.objects.filter(employer_id=employer_id).exclude(state="discarded")
    return [delivery_view(row) for row in rows.order_by("-period_start", "-delivered_at")]


def delivery(delivery_id: UUID, *, by: Actor) -> DeliveryView | None:
    """Return one delivery, or None where it is absent or another employer's."""
    row = _own_delivery(delivery_id, by)
    return delivery_view(row) if row else None


def progress(delivery_id: UUID, *, by: Actor) -> ProgressView | None:
    """Return how far reading or booking a large delivery is; None where neither runs now."""
    row = _own_delivery(delivery_id, by)
    return trail.progress((Delivery._meta.label_lower, row.pk)) if row else None


def lines(
    delivery_id: UUID,
    *,
    by: Actor,
    only_without: bool = False,
    personnel_number: str = "",
    first: int = 0,
    count: int = 50,
) -> tuple[list[LineView], int]:
    """Return `count` lines from place `first` on with what is due for each, and how many there are.

    `only_without` leaves out lines for which something is due. No lines where the delivery is
    absent or another employer's.
    """
    row = _own_delivery(delivery_id, by)
    if row is None:
        return [], 0
    found = row.lines.order_by("number")
    if only_without:
        found = found.filter(is_without=True)
    if personnel_number:
        found = found.filter(personnel_number=personnel_number)
    page = list(found[first : first + count])
    amounts = line_amounts.of_lines(row, page)
    views = [
        LineView(
            line.number,
            line.personnel_number,
            line.employment_number,
            line.name,
            tuple(amounts.get(line.id, ())),
        )
        for line in page
    ]
    return views, found.count()


def delivery_people(delivery_id: UUID, line_numbers: Iterable[int]) -> list[UUID]:
    """Return the persons behind lines of a booked delivery, for the log of who looked."""
    rows = AmountDue.objects.filter(delivery=delivery_id, line__number__in=list(line_numbers))
    return list(rows.values_list("person", flat=True).distinct())


def differences(delivery_id: UUID, *, by: Actor, limit: int = 100) -> Differences | None:
    """Return how a correction differs from the delivery before it; None where it is none."""
    row = _own_delivery(delivery_id, by)
    if row is None or row.corrects_id is None:
        return None
    key = ("personnel_number", "employment_number")
    values = [*key, *COMPARED]
    new = {line[:2]: line for line in row.lines.order_by("number").values_list(*values)}
    old_lines = DeliveryLine.objects.filter(delivery=row.corrects_id).order_by("number")
    old = {line[:2]: line for line in old_lines.values_list(*values)}
    changes = [_change("removed", old[one], old[one]) for one in old if one not in new]
    removed = len(changes)
    changes += [_change("added", new[one], new[one]) for one in new if one not in old]
    added = len(changes) - removed
    changes += [
        _change("changed", old[one], new[one]) for one in new if one in old and old[one] != new[one]
    ]
    return Differences(added, removed, len(changes) - added - removed, tuple(changes[:limit]))


def payment_requests(*, by: Actor) -> list[PaymentRequestView]:
    """Return the payment requests over the deliveries of the employer that `by` acts for."""
    employer_id = employer_of(by, Permission.SEE_PAYMENT_REQUESTS)
    own = _shown_requests().filter(employer_id=employer_id)
    return request_views(own.order_by("-number"))


def payment_request(request_id: UUID, *, by: Actor) -> PaymentRequestView | None:
    """Return one payment request, or None where it is absent or another employer's."""
    employer_id = employer_of(by, Permission.SEE_PAYMENT_REQUESTS)
    own = _shown_requests().filter(employer_id=employer_id)
    found = request_views(own.filter(pk=request_id))
    return found[0] if found else None


def hidden_requests() -> list[PaymentRequestView]:
    """Return the payment requests that no employer sees, the latest first, for those who hand them over."""
    return request_views(_requests().filter(counts_confided=True).order_by("-number"))


def hidden_request(reference: str) -> PaymentRequestView | None:
    """Return one of `hidden_requests`, or None; for this room only, who looks says so in the trail."""
    found = request_views(_requests().filter(counts_confided=True, reference=reference))
    return found[0] if found else None


def is_hidden(reference: str) -> bool:
    """Return whether a reference is of a payment request that no employer sees."""
    return PaymentRequest.objects.filter(counts_confided=True, reference=reference).exists()


def crediting(*, by: Actor) -> dict[UUID, ProgressView]:
    """Return how far payments are that are being credited now, by payment request of `by`'s employer."""
    employer_id = employer_of(by, Permission.SEE_PAYMENT_REQUESTS)
    found: dict[UUID, ProgressView] = {}
    own = CreditingRun.objects.filter(request__in=_shown_requests().filter(employer_id=employer_id))
    for one in _crediting(own):
        before = found.get(one.request_id, ProgressView(0, 0))
        done, total = before.done + one.progress.done, before.total + one.progress.total
        found[one.request_id] = ProgressView(done, total)
    return found


def credited_later(request_id: UUID, *, by: Actor) -> list[tuple[date, Money]]:
    """Return what of a payment request of `by`'s employer was paid and waits for which day, soonest first."""
    employer_id = employer_of(by, Permission.SEE_PAYMENT_REQUESTS)
    own = _shown_requests().filter(employer_id=employer_id, pk=request_id)
    runs = CreditingRun.objects.filter(request__in=own, state="waiting", cents__gt=0)
    sums = runs.values("begins_on").annotate(sum=Sum("cents")).order_by("begins_on")
    return [(one["begins_on"], Money(one["sum"])) for one in sums]


def crediting_everywhere() -> list[CreditingView]:
    """Return every payment that is being credited now, the oldest first, for those who operate."""
    return _crediting(CreditingRun.objects.all())


def waiting_everywhere() -> list[WaitingView]:
    """Return every payment of which amounts wait for their day, the first day first, for those who operate."""
    runs = CreditingRun.objects.filter(state="waiting", amounts__gt=0).select_related("request")
    return [
        WaitingView(run.request.number, run.request.employer_id, run.amounts, run.begins_on)
        for run in runs.order_by("begins_on", "id")
    ]


def _crediting(runs: QuerySet[CreditingRun]) -> list[CreditingView]:
    running = runs.filter(state="running").select_related("request")
    return [
        CreditingView(
            request_id=run.request_id,
            number=run.request.number,
            employer_id=run.request.employer_id,
            progress=ProgressView(run.done, run.amounts),
            begun_at=run.begun_at,
            moved_at=run.moved_at,
        )
        for run in running.order_by("begun_at", "id")
        if run.begun_at
    ]


def deliveries_by_id(delivery_ids: Collection[UUID]) -> list[DeliveryView]:
    """Return deliveries of whatever employer, oldest first, for those who audit."""
    rows = Delivery.objects.filter(pk__in=delivery_ids).order_by("delivered_at", "id")
    return [delivery_view(row) for row in rows]


def requests_by_id(request_ids: Collection[UUID]) -> list[PaymentRequestView]:
    """Return payment requests of whatever employer, oldest first, for those who audit."""
    return request_views(_requests().filter(pk__in=request_ids).order_by("number"))


def late_requests(*, organisation_id: UUID, on: date) -> list[LateRequest]:
    """Return what was not paid in time or in full, for a party that signed the agreement.

    A party sees the schemes of which it signed the version in force, by employer; never a person.
    Nothing of schemes that count what people told about themselves: two totals tell one person's.
    """
    signed = {
        version.scheme: version
        for version in schemes.schemes(on)
        if organisation_id in version.signatures.values()
    }
    if not signed:
        return []
    unpaid = ["open", "part_paid", "reopened"]
    rows = _shown_requests().filter(state__in=unpaid)
    names = {view.id: view.name for view in people.organisations()}
    return [
        LateRequest(
            scheme=total.scheme,
            title=signed[total.scheme].title,
            employer_name=names.get(view.employer_id, ""),
            payer_name=names.get(view.payer_id, ""),
            period=view.period,
            amount=share,
            due_on=view.due_on,
            days_late=max((on - view.due_on).days, 0),
            state=view.standing,
        )
        for view in request_views(rows.order_by("due_on", "number"))
        if view.still_to_pay and (view.state != "open" or view.due_on < on)
        for total, share in _shares(view)
        if total.scheme in signed and share
    ]


def _shares(view: PaymentRequestView) -> Iterator[tuple[SchemeTotal, Money]]:
    """What is still to pay of a nota, in proportion to what it asked under each scheme."""
    shares = view.still_to_pay.split([total.amount.cents for total in view.totals])
    return zip(view.totals, shares, strict=True)


def export(person_id: UUID) -> dict[str, Any]:
    """Return what employers delivered about a person and what it made due, as plain values."""
    return portable.export(people.employments(person_id))


def participation_view(row: Participation) -> ParticipationView:
    """Return the view of a row of this room; for this room only."""
    return ParticipationView(
        id=row.pk,
        employer_id=row.employer_id,
        scheme=row.scheme,
        payer_id=row.payer_id,
        reverts_to=row.reverts_to_id,
        payment_term_days=row.payment_term_days,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def delivery_view(row: Delivery) -> DeliveryView:
    """Return the view of a row of this room; for this room only."""
    return DeliveryView(
        id=row.pk,
        employer_id=row.employer_id,
        period=Period.parse(row.period),
        file_name=row.file_name,
        ignored_columns=tuple(row.ignored_columns),
        line_count=row.line_count,
        state=row.state,
        corrects=row.corrects_id,
        totals=_totals(row.totals),
        delivered_at=row.delivered_at,
        confirmed_at=row.confirmed_at,
        faults=tuple(Fault.from_json(fault) for fault in row.faults),
    )


def request_views(rows: Iterable[PaymentRequest]) -> list[PaymentRequestView]:
    """Return views of rows of this room, with what the bank received; for this room only."""
    listed = list(rows)
    expected = treasury.expected_receipts(references=[row.reference for row in listed])
    received = {one.reference: one.received for one in expected}
    return [_request_view(row, received.get(row.reference, Money.zero())) for row in listed]


def _request_view(row: PaymentRequest, received: Money) -> PaymentRequestView:
    return PaymentRequestView(
        id=row.pk,
        number=row.number,
        reference=row.reference,
        employer_id=row.employer_id,
        payer_id=row.payer_id,
        delivery_id=row.delivery_id,
        period=Period.parse(row.delivery.period),
        state=row.state,
        total=Money(row.total_cents),
        taken_back=Money(row.taken_back_cents),
        lowered=Money(row.lowered_cents),
        received=received,
        credited=Money(row.credited_cents),
        totals=_totals(row.totals),
        counts_confided=row.counts_confided,
        requested_on=local_date(row.requested_at),
        due_on=row.due_on,
        replaced_by=row.replaced_by_id,
    )


def _requests() -> QuerySet[PaymentRequest]:
    return PaymentRequest.objects.select_related("delivery")


def _shown_requests() -> QuerySet[PaymentRequest]:
    """The requests that an employer, or a party to an agreement, may see at all."""
    return _requests().filter(counts_confided=False)


def _own_delivery(delivery_id: UUID, by: Actor) -> Delivery | None:
    employer_id = employer_of(by, Permission.SEE_DELIVERIES)
    rows = Delivery.objects.exclude(state="discarded")
    return rows.filter(pk=delivery_id, employer_id=employer_id).first()


def _totals(items: Sequence[dict[str, Any]]) -> tuple[SchemeTotal, ...]:
    return tuple(
        SchemeTotal(
            item["scheme"],
            schemes.title(item["hash"]),
            item["people"],
            item["without"],
            Money(item["cents"]),
            advance=Money(item.get("advance", 0)),
            unit=item.get("unit", ACCOUNT_UNIT),
        )
        for item in items
    )


def _change(kind: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> LineChange:
    return LineChange(
        kind=kind,
        personnel_number=new[0],
        employment_number=new[1],
        name=new[-1],
        fields=tuple(
            (name, _text(before), _text(after))
            for name, before, after in zip(COMPARED, old[2:], new[2:], strict=True)
            if before != after
        ),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
