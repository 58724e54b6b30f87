"""From rows of the tables to what callers get."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from eigenwijs.bookings import rules
from eigenwijs.bookings.models import (
    Booking,
    Completion,
    Decision,
    Halfway,
    Payout,
    Proposal,
    WorkItem,
)
from eigenwijs.bookings.types import (
    BookingState,
    BookingView,
    CompletionOutcome,
    CompletionView,
    DecisionView,
    HalfwayOutcome,
    HalfwayView,
    Leaving,
    LeavingKind,
    Outcome,
    PayoutState,
    PayoutView,
    ProposalView,
    StartOutcome,
    Terms,
    WorkItemCause,
    WorkItemView,
)
from eigenwijs.budgets import queries as budgets
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.types import FrozenOffer
from eigenwijs.kernel.money import Money
from eigenwijs.schemes.types import Milestone

NUMBER_LENGTH = 8
AFFIRM = "bookings.completion.affirm"
"""In the trail: the worker's yes to the completion where the provider said that it is too little."""


def booking_rows() -> QuerySet[Booking]:
    """Return bookings with all that a view shows, in a fixed number of queries."""
    rows = Booking.objects.select_related("completion", "halfway", "proposal")
    return rows.prefetch_related("payouts", "decisions__objection")


def booking_number(booking_id: UUID) -> str:
    """Return the number by which people name a booking: eight characters of its id."""
    digits = booking_id.hex[-NUMBER_LENGTH:].upper()
    return f"{digits[:4]}-{digits[4:]}"


def offer_of(booking: Booking) -> FrozenOffer:
    """Return the offer on which a booking was made."""
    return FrozenOffer.from_json(booking.offer)


def terms_of(booking: Booking) -> Terms:
    """Return the terms under which a booking was made."""
    return Terms.from_json(booking.terms)


def payout_of(booking: Booking, milestone: Milestone = Milestone.STARTED) -> Payout | None:
    """Return what the provider gets at a milestone, if that was decided."""
    rows = booking.payouts.all()
    return next((row for row in rows if row.milestone == milestone), None)


def payout_state(booking: Booking, milestone: Milestone = Milestone.STARTED) -> PayoutState | None:
    """Return where a provider's money of a milestone stands, if that was decided."""
    payout = payout_of(booking, milestone)
    return PayoutState(payout.state) if payout else None


def proposal_of(booking: Booking) -> Proposal | None:
    """Return the other start that the provider proposed, if it did."""
    return getattr(booking, "proposal", None)


def proposal_view(booking: Booking) -> ProposalView | None:
    """Return the other start that the provider proposed as callers get it."""
    row = proposal_of(booking)
    if row is None:
        return None
    return ProposalView(row.run_id, row.starts_on, Money(row.price_cents), row.accept_by)


def proposed_offer(proposal: Proposal, on: date) -> FrozenOffer | None:
    """Return the start that was proposed as it is on a day, at most for the price of the proposal.

    Who offers something and gives time to take it cannot take it back meanwhile (art. 6:219 BW).
    """
    offer = catalogue.freeze(proposal.run_id, on)
    return offer and replace(offer, price_cents=min(offer.price_cents, proposal.price_cents))


def halfway_of(booking: Booking) -> Halfway | None:
    """Return the part of the money that is paid halfway the course, if there is one."""
    return getattr(booking, "halfway", None)


def later_parts(booking: Booking) -> dict[Milestone, int]:
    """Return how many cents a provider gets only later, by when."""
    parts = {Milestone.HALFWAY: halfway_of(booking), Milestone.COMPLETED: completion_of(booking)}
    return {milestone: part.amount_cents for milestone, part in parts.items() if part}


def completion_of(booking: Booking) -> Completion | None:
    """Return the part of the money that is paid only when the course was completed, if there is one."""
    return getattr(booking, "completion", None)


def is_too_little(row: Completion) -> bool:
    """Whether the provider said how it ended, and that is not enough for the part that waits."""
    return row.contest_until is not None and not rules.meets_completion(
        attended_at_least=row.attended_at_least,
        certificate_suffices=row.certificate_suffices,
        attended_percent=row.attended_percent,
        certificate=row.certificate,
    )


def halfway_view(booking: Booking) -> HalfwayView | None:
    """Return what is paid halfway as callers get it."""
    row = halfway_of(booking)
    if row is None:
        return None
    return HalfwayView(
        amount=Money(row.amount_cents),
        falls_on=row.falls_on,
        contest_until=row.contest_until,
        denied_at=row.denied_at,
        due_at=row.due_at,
        payout=payout_state(booking, Milestone.HALFWAY),
    )


def completion_view(booking: Booking) -> CompletionView | None:
    """Return what is paid at the completion as callers get it."""
    row = completion_of(booking)
    if row is None:
        return None
    return CompletionView(
        amount=Money(row.amount_cents),
        attended_at_least=row.attended_at_least,
        certificate_suffices=row.certificate_suffices,
        attended_percent=row.attended_percent,
        certificate=row.certificate,
        contest_until=row.contest_until,
        is_too_little=is_too_little(row),
        denied_at=row.denied_at,
        payout=payout_state(booking, Milestone.COMPLETED),
    )


def booking_view(booking: Booking) -> BookingView:
    """Return a booking as its worker sees it."""
    return BookingView(
        id=booking.pk,
        number=booking_number(booking.pk),
        person_id=booking.person_id,
        offer=offer_of(booking),
        terms=terms_of(booking),
        state=BookingState(booking.state),
        from_account=Money(booking.from_account_cents),
        pay_yourself=Money(booking.pay_yourself_cents),
        work_related=booking.work_related,
        early_start_requested=booking.early_start_requested,
        requested_at=booking.requested_at,
        answer_by=booking.answer_by,
        confirmed_at=booking.confirmed_at,
        withdrawal_until=booking.withdrawal_until,
        started_at=booking.started_at,
        completed_at=booking.completed_at,
        ended_at=booking.ended_at,
        start_denied_at=booking.start_denied_at,
        cost=None if booking.cost_cents is None else Money(booking.cost_cents),
        answer=booking.answer,
        proposal=proposal_view(booking),
        payout=payout_state(booking),
        halfway=halfway_view(booking),
        completion=completion_view(booking),
        decisions=decision_views(booking),
    )


def decision_views(booking: Booking) -> tuple[DecisionView, ...]:
    """Return the decisions about a start and an end, the first one first."""
    rows = booking.decisions.all()
    return tuple(decision_view(row) for row in sorted(rows, key=lambda row: row.decided_at))


def decision_view(row: Decision) -> DecisionView:
    """Return one decision, with the worker's objection if there is one."""
    objection = getattr(row, "objection", None)
    return DecisionView(
        outcome=_outcome(row.outcome),
        reason=row.reason,
        evidence=row.evidence,
        decided_at=row.decided_at,
        objection_until=row.objection_until,
        objection=objection.text if objection else "",
    )


def _outcome(value: str) -> Outcome:
    kinds: tuple[type[Outcome], ...] = (StartOutcome, HalfwayOutcome, CompletionOutcome)
    return next(kind(value) for kind in kinds if value in list(kind))


def work_item_view(row: WorkItem) -> WorkItemView:
    """Return a work item, without whose booking it is."""
    offer = offer_of(row.booking)
    return WorkItemView(
        id=row.pk,
        booking_id=row.booking_id,
        number=booking_number(row.booking_id),
        cause=WorkItemCause(row.cause),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        title=offer.title,
        provider_id=offer.provider_id,
        provider_name=offer.provider_name,
        starts_on=row.booking.starts_on,
        attended=row.booking.attended,
        halfway=halfway_view(row.booking),
        completion=completion_view(row.booking),
        decisions=decision_views(row.booking),
    )


def payout_view(row: Payout) -> PayoutView:
    """Return a payout as its provider sees it."""
    offer = offer_of(row.booking)
    return PayoutView(
        booking_id=row.booking_id,
        number=booking_number(row.booking_id),
        title=offer.title,
        starts_on=row.booking.starts_on,
        milestone=Milestone(row.milestone),
        amount=Money(row.amount_cents),
        state=PayoutState(row.state),
        reason=row.reason,
        ordered_at=row.ordered_at,
        settled_at=row.settled_at,
    )


LEAVABLE_STATES = ("requested", "proposed", "confirmed", "decided", "objected", "started")


def leaving_now(booking: Booking, on: date) -> Leaving | None:
    """Return what leaving a booking on a day means, None if the worker cannot any more."""
    if booking.state not in LEAVABLE_STATES:
        return None
    left = rules.leaving(
        terms=terms_of(booking),
        price=Money(booking.price_cents),
        from_account=Money(booking.from_account_cents),
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        withdrawal_until=booking.withdrawal_until,
        early_start_requested=booking.early_start_requested,
        on=on,
    )
    if left is None or left.kind is not LeavingKind.AFTER_TERM:
        return left
    if booking.state != "confirmed":
        return None
    return replace(left, ends_at_once=budgets.ending_at_once(booking.pk, left.from_account, on=on))
