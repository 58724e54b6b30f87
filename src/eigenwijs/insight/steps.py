"""From what was gathered to what an auditor gets: narrow, and without a name. Private to the room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eigenwijs.bookings.types import BookingView
from eigenwijs.budgets import queries as budgets
from eigenwijs.budgets.types import Reason, ReservationView
from eigenwijs.contributions import queries as contributions
from eigenwijs.contributions.types import DeliveryView, PaymentRequestView, TracedAmount
from eigenwijs.insight.naming import Names
from eigenwijs.insight.paths import Trace
from eigenwijs.insight.types import (
    BatchStep,
    BookingPart,
    BookingStep,
    DeliveryStep,
    DueStep,
    EntryPart,
    EntryStep,
    OrderStep,
    Path,
    RequestStep,
)
from eigenwijs.kernel.pseudonyms import pseudonym
from eigenwijs.schemes import queries as schemes
from eigenwijs.treasury.types import (
    EntryView,
    OrderKind,
    PaymentBatchView,
    PaymentOrderView,
    Purpose,
)


def to_path(trace: Trace) -> Path:
    """Return the path that was gathered, each step in the order in which it happened."""
    names = trace.names
    reservations = budgets.reservations(trace.bookings)
    names.read_pots({line.pot_id for one in reservations.values() for line in one.lines})
    entries = sorted(trace.entries.values(), key=lambda one: (one.booked_on, one.id))
    incoming = [one for one in entries if _is_receipt(one)]
    return Path(
        deliveries=tuple(_delivery(one, names) for one in trace.deliveries),
        dues=_dues(trace),
        due_count=trace.due_count,
        requests=tuple(_request(one, names) for one in trace.requests.values()),
        receipts=_entries(incoming, names),
        credited=names.lines(trace.credited),
        bookings=tuple(
            _booking(one, reservations.get(one.id), names)
            for one in sorted(trace.bookings.values(), key=lambda one: one.requested_at)
        ),
        orders=tuple(_order(one, names) for one in trace.orders.values()),
        batches=tuple(_batch(one) for one in trace.batches.values()),
        payments=_entries([one for one in entries if not _is_receipt(one)], names),
        is_cut=trace.is_cut,
    )


def _is_receipt(entry: EntryView) -> bool:
    """Whether an entry is money of a payer, or that money going back; else it is our own payment."""
    own = (Purpose.ORDER, Purpose.NETTED)
    if any(part.purpose in own for part in entry.allocations):
        return False
    return entry.amount.cents > 0 or any(
        part.purpose in (Purpose.RECEIPT, Purpose.REVERSAL) for part in entry.allocations
    )


def _delivery(one: DeliveryView, names: Names) -> DeliveryStep:
    return DeliveryStep(
        id=one.id,
        employer=names.organisations.get(one.employer_id, ""),
        period=one.period,
        state=one.state,
        line_count=one.line_count,
        total=one.total,
        delivered_at=one.delivered_at,
        confirmed_at=one.confirmed_at,
    )


def _dues(trace: Trace) -> tuple[DueStep, ...]:
    """Each amount with its reason: as it was given with the credit, else computed again."""
    given = {
        due.id: trace.credits[credit].reason
        for due in trace.dues
        for credit in due.credits
        if credit in trace.credits
    }
    waiting = [due.id for due in trace.dues if due.id not in given]
    reasons = given | contributions.reasons_of(waiting) if waiting else given
    versions = {
        version_hash: schemes.version(version_hash)
        for version_hash in sorted({due.version_hash for due in trace.dues})
    }
    return tuple(
        _due(
            due,
            reasons.get(due.id),
            versions[due.version_hash].title,
            versions[due.version_hash].version,
        )
        for due in trace.dues
    )


def _due(
    due: TracedAmount, reason: Reason | None, title: Mapping[str, str], version: int
) -> DueStep:
    return DueStep(
        person=pseudonym(due.person_id),
        employment=pseudonym(due.employment_id, "E"),
        scheme=due.scheme,
        title=title,
        version=version,
        version_hash=due.version_hash,
        article=reason.article if reason else "",
        period=due.period,
        facts=reason.facts if reason else {},
        steps=reason.steps if reason else (),
        amount=due.amount,
        set_off=due.set_off,
        credited=due.credited,
    )


def _request(one: PaymentRequestView, names: Names) -> RequestStep:
    return RequestStep(
        reference=one.reference,
        employer=names.organisations.get(one.employer_id, ""),
        payer=names.organisations.get(one.payer_id, ""),
        state=one.state,
        total=one.total,
        to_pay=one.to_pay,
        credited=one.credited,
        requested_on=one.requested_on,
        due_on=one.due_on,
    )


def _entries(entries: Sequence[EntryView], names: Names) -> tuple[EntryStep, ...]:
    """Entries without who the bank says paid, and without a payer's own words."""
    return tuple(
        EntryStep(
            id=one.id,
            iban=names.bank_accounts.get(one.bank_account_id, ""),
            statement=one.statement_name,
            booked_on=one.booked_on,
            amount=one.amount,
            open=one.open,
            state=one.state,
            parts=tuple(
                EntryPart(
                    purpose=part.purpose,
                    amount=part.amount,
                    reference=part.reference if part.purpose is Purpose.RECEIPT else "",
                    group=part.group,
                )
                for part in one.allocations
            ),
        )
        for one in entries
    )


def _booking(one: BookingView, reserved: ReservationView | None, names: Names) -> BookingStep:
    return BookingStep(
        id=one.id,
        number=one.number,
        person=pseudonym(one.person_id),
        provider=one.offer.provider_name,
        state=one.state,
        from_account=one.from_account,
        pay_yourself=one.pay_yourself,
        requested_at=one.requested_at,
        confirmed_at=one.confirmed_at,
        started_at=one.started_at,
        parts=tuple(
            BookingPart(names.pot(line.pot_id), line.amount, line.spent, line.refunded)
            for line in (reserved.lines if reserved else ())
        ),
    )


def _order(one: PaymentOrderView, names: Names) -> OrderStep:
    is_payout = one.kind is OrderKind.PAYOUT
    return OrderStep(
        id=one.id,
        kind=one.kind,
        reference=one.reference if is_payout else "",
        payee=names.organisations.get(one.payee_id, "") if one.payee_id else "",
        amount=one.amount,
        state=one.state,
        reason=one.reason,
        ordered_at=one.ordered_at,
    )


def _batch(one: PaymentBatchView) -> BatchStep:
    return BatchStep(
        id=one.id,
        identifier=one.identifier,
        iban=one.iban,
        state=one.state,
        execute_on=one.execute_on,
        order_count=one.order_count,
        total=one.total,
        checksum=one.checksum,
        made_by=pseudonym(one.made_by),
        made_at=one.made_at,
        released_by=pseudonym(one.released_by) if one.released_by else "",
        released_at=one.released_at,
        group=one.group,
    )
