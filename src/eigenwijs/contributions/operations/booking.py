"""A confirmed delivery becomes amounts due: employments, amounts, set-offs, payment requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.operations import Tell, quiet
from eigenwijs.audit.types import TrailRow
from eigenwijs.contributions import computing
from eigenwijs.contributions.computing import Computation, Computed
from eigenwijs.contributions.lifecycle import DELIVERY
from eigenwijs.contributions.lines import employment_row, line_facts
from eigenwijs.contributions.models import (
    AdvanceAsk,
    AmountDue,
    CreditingRun,
    Delivery,
    DeliveryLine,
    PaymentRequest,
    YearTotal,
)
from eigenwijs.contributions.operations.correcting import lock_requests, lower
from eigenwijs.contributions.operations.giving_time import give_time_due
from eigenwijs.contributions.operations.reading import TOLD_EVERY, is_as_shown, lock_employer
from eigenwijs.contributions.operations.requesting import request_payment
from eigenwijs.contributions.parts import write_earlier, write_parts
from eigenwijs.contributions.scheme_runs import scheme_runs
from eigenwijs.contributions.telling import tell_employer
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.copying import copy_in
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.period import Period
from eigenwijs.people import operations as people
from eigenwijs.people import queries as people_queries
from eigenwijs.schemes.types import Earlier

_CHUNK = 5_000

CHANGED_MEANWHILE = Fault(
    "changed_meanwhile",
    _("Er is intussen iets veranderd. Lever het bestand opnieuw aan en bekijk de bedragen."),
)


@transaction.atomic
def book_delivery(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `delivery_confirmed`: book what was not booked at once; else nothing happens.

    While money of the employer's earlier payments is being credited the delivery waits for
    `book_waiting`. One that no longer comes to what was shown is refused (changed_meanwhile).
    """
    employer_id = Delivery.objects.values_list("employer_id", flat=True).get(pk=event.subject[1])
    lock_employer(employer_id)
    if not is_being_credited(employer_id):
        _book_confirmed(Delivery.objects.filter(pk=event.subject[1]), by=by, at=at)


@transaction.atomic
def book_waiting(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `money_credited`: book what the employer confirmed while the run went on.

    A correction looks at what was credited and what was not: in the middle of a run it would see
    half of it.
    """
    # Before crediting went in runs, the event was the payment request's own.
    found = event.ids.get("payment_request", event.subject[1])
    request = PaymentRequest.objects.get(pk=UUID(str(found)))
    lock_employer(request.employer_id)
    if not is_being_credited(request.employer_id):
        own = Delivery.objects.filter(employer_id=request.employer_id)
        _book_confirmed(own, by=by, at=at)


def is_being_credited(employer_id: UUID) -> bool:
    """Whether money of the employer's payments is on its way to accounts; lock the employer first."""
    running = CreditingRun.objects.filter(request__employer=employer_id, state="running")
    return running.exists()


def _book_confirmed(deliveries: QuerySet[Delivery], *, by: Actor, at: datetime) -> None:
    for delivery in deliveries.filter(state="confirmed").select_for_update().order_by("id"):
        subject = (Delivery._meta.label_lower, delivery.pk)
        with audit.progress(subject, delivery.line_count) as tell:
            if is_as_shown(delivery):
                book(delivery, by=by, at=at, tell=tell)
            else:
                refuse(delivery, [CHANGED_MEANWHILE], by=by, at=at)
                tell_employer(
                    delivery.employer_id, "delivery_refused", {}, about=delivery.pk, by=by, at=at
                )


def refuse(delivery: Delivery, faults: Sequence[Fault], *, by: Actor, at: datetime) -> None:
    """Refuse a delivery as a whole: its faults are kept to be shown, its file and lines are not.

    It counts as never confirmed, so that the next file may take its place.
    """
    plain = [fault.to_json() for fault in faults]
    values = {"content": None, "faults": plain, "confirmed_at": None}
    audit.move(delivery, "refuse", by=by, at=at, lifecycle=DELIVERY, values=values)
    delivery.lines.all().delete()


def book(delivery: Delivery, *, by: Actor, at: datetime, tell: Tell = quiet) -> None:
    """Record employments and amounts of a locked, confirmed delivery, and request payment.

    Lowerings first take from what was not credited yet. All in the caller's transaction.
    """
    lock_requests(delivery.employer_id)
    period = Period.parse(delivery.period)
    lines = delivery.lines.order_by("number")
    employments = people.record_employments(
        employer_id=delivery.employer_id,
        rows=[employment_row(line) for line in lines.iterator(_CHUNK)],
        stated_on=period.end,
        by=by,
        at=at,
    )
    runs, faults = scheme_runs(delivery.employer_id, period)
    if faults:
        raise ValueError(f"a confirmed delivery has a scheme that cannot run: {faults[0].code}")
    named = {employment.id for employment in employments}
    known = people_queries.employments_of_employer(delivery.employer_id)
    computation = computing.computation(
        delivery.employer_id,
        period,
        runs,
        {view.id: view.person_id for view in known},
        named=named,
        asked_by=delivery.delivered_at,
    )
    booking = _Booking(delivery, period, computation, at)
    count = 0
    for is_later in (False, True):
        for line, employment in zip(lines.iterator(_CHUNK), employments, strict=True):
            if computation.comes_later((line, employment)) is not is_later:
                continue
            if count % TOLD_EVERY == 0:
                tell(count)
            count += 1
            found = computation.line(line_facts(line), employment.id, employment.person_id)
            booking.add(line, employment.id, employment.person_id, found)
    booking.add_gone(named)
    booking.write()
    booking.answer_asks()
    tell(len(named))
    DeliveryLine.objects.filter(delivery=delivery).update(birth_date=None, email="")
    lower(delivery.employer_id, by=by, at=at)
    give_time_due(delivery, by=by, at=at)
    request_payment(delivery, by=by, at=at)
    audit.move(delivery, "book", by=by, at=at, lifecycle=DELIVERY, ids={"amounts": booking.written})


class _Booking:
    """The rows of one delivery as they are made, written a few thousand at a time."""

    def __init__(
        self, delivery: Delivery, period: Period, computation: Computation, at: datetime
    ) -> None:
        self.delivery = delivery
        self.period = period
        self.computation = computation
        self.at = at
        self.amounts: list[AmountDue] = []
        self.totals: list[YearTotal] = []
        self.replaced: list[UUID] = []
        self.written = 0
        self.answers: list[tuple[UUID, str, UUID]] = []

    def add(
        self,
        line: DeliveryLine | None,
        employment_id: UUID,
        person_id: UUID,
        found: Sequence[Computed],
    ) -> None:
        """Add what the schemes give for one employment."""
        for computed in found:
            if computed.before:
                self.replaced.append(computed.before.amount_due)
            self.amounts.append(self._amount(line, employment_id, person_id, computed))
            had = computed.before.advance.granted if computed.before else 0
            if computed.advance.granted > had:
                answer = (employment_id, computed.run.scheme, self.amounts[-1].pk)
                self.answers.append(answer)
            self.totals.append(self._total(employment_id, computed))
        if len(self.amounts) >= _CHUNK:
            self.write()

    def answer_asks(self) -> None:
        """Say of the advances that were asked on which amount they are."""
        for employment_id, scheme, amount_id in self.answers:
            waits = AdvanceAsk.objects.filter(employment=employment_id, scheme=scheme)
            waits.filter(amount_due=None).update(amount_due=amount_id)

    def add_gone(self, named: set[UUID]) -> None:
        """Add that nothing is due any more for employments that a correction leaves out."""
        before = self.computation.history.before
        gone = {employment for employment, _scheme in before} - named
        if not gone:
            return
        for view in people_queries.employments_of_employer(self.delivery.employer_id):
            if view.id in gone:
                self.add(None, view.id, view.person_id, self.computation.gone(view.id))

    def write(self) -> None:
        """Write what was added; what was the last word on an employment and period no longer is."""
        AmountDue.objects.filter(pk__in=self.replaced).update(is_current=False)
        copy_in(self.amounts)
        YearTotal.objects.bulk_create(
            self.totals,
            update_conflicts=True,
            unique_fields=["employment", "scheme", "year"],
            update_fields=["parts", "period_kind"],
        )
        self.written += len(self.amounts)
        self.amounts, self.totals, self.replaced = [], [], []

    def _amount(
        self, line: DeliveryLine | None, employment_id: UUID, person_id: UUID, computed: Computed
    ) -> AmountDue:
        outcome = computed.outcome
        return AmountDue(
            id=new_id(self.at),
            delivery_id=self.delivery.pk,
            line_id=line.pk if line else None,
            employment_id=employment_id,
            person_id=person_id,
            participation_id=computed.run.participation.pk,
            scheme=computed.run.scheme,
            unit=computed.run.version.unit,
            period=str(self.period),
            version_hash=outcome.hash,
            eligible=outcome.eligible,
            inputs=computing.write_inputs(computed),
            parts=write_parts(computed.parts),
            entitled_cents=computed.due.cents,
            amount_cents=computed.change.cents,
        )

    def _total(self, employment_id: UUID, computed: Computed) -> YearTotal:
        sums: dict[str, Earlier] = dict(computed.earlier)
        for part in computed.parts:
            sums[part.credit] = sums.get(part.credit, Earlier()).with_part(part)
        return YearTotal(
            employer_id=self.delivery.employer_id,
            employment_id=employment_id,
            scheme=computed.run.scheme,
            year=self.period.year,
            period_kind=self.period.kind.value,
            parts=write_earlier(sums),
        )
