"""Another start of the same course: the provider proposes it, the worker takes it or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import access, money, rules
from eigenwijs.bookings.lifecycle import BOOKING
from eigenwijs.bookings.models import Booking, Proposal
from eigenwijs.bookings.operations.answering import UnableToAnswer, give_place
from eigenwijs.bookings.operations.reserving import (
    HOLD_AFTER_ANSWER,
    UnableToReserve,
    check_offer,
    make,
    record,
    set_aside,
)
from eigenwijs.bookings.queries import open_booking_of
from eigenwijs.bookings.reading import (
    booking_view,
    offer_of,
    proposal_of,
    proposed_offer,
    terms_of,
)
from eigenwijs.bookings.telling import tell_provider, tell_worker
from eigenwijs.bookings.types import BookingView
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.catalogue import queries as catalogue_queries
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import in_time
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission


@in_time
def propose(*, booking_id: UUID, run_id: UUID, by: Actor, at: datetime) -> None:
    """Propose another start of the same course, not dearer, instead of a yes: the worker decides.

    A seat of it is kept, and the money stays set aside, until the worker's last day to take it. The seat of
    the start that was asked goes back. Again changes nothing.
    Raises UnableToAnswer (not_found, wrong_state, too_late, unknown_run, dearer).
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not access.is_own_request(by, booking):
        raise UnableToAnswer("not_found")
    known = proposal_of(booking)
    if known and booking.state == "proposed" and known.run_id == run_id:
        return
    if booking.state != "requested":
        raise UnableToAnswer("wrong_state")
    today = local_date(at)
    if today > booking.answer_by:
        raise UnableToAnswer("too_late")
    offer = catalogue_queries.freeze(run_id, today)
    if (
        offer is None
        or run_id == booking.run_id
        or offer.course_id != offer_of(booking).course_id
        or open_booking_of(people.surviving(booking.person_id), run_id)
    ):
        raise UnableToAnswer("unknown_run")
    if offer.price_cents > booking.price_cents:
        raise UnableToAnswer("dearer")
    key = new_id(at)
    money.give_seat_back(booking, by=by, at=at)
    try:
        catalogue.take_seat(run_id=run_id, key=key, by=by, at=at)
    except catalogue.UnableToTakeSeat as refusal:
        raise UnableToAnswer("unknown_run") from refusal
    accept_by = rules.accept_by(terms_of(booking), today, offer.starts_on)
    Proposal.objects.create(
        id=key,
        booking=booking,
        run_id=run_id,
        starts_on=offer.starts_on,
        price_cents=offer.price_cents,
        accept_by=accept_by,
        made_at=at,
    )
    hold_until = max(booking.hold_until, accept_by + HOLD_AFTER_ANSWER)
    money.keep_until(booking, hold_until, by=by, at=at)
    audit.move(
        booking,
        "propose",
        by=by,
        at=at,
        lifecycle=BOOKING,
        values={"hold_until": hold_until},
        ids={"run": str(run_id)},
    )
    tell_worker(
        booking, "start_proposed", by=by, at=at, other_on=offer.starts_on, until_on=accept_by
    )


@in_time
def accept_proposal(
    *,
    booking_id: UUID,
    run_version: int,
    course_version: int,
    lines: Sequence[tuple[UUID, Money]],
    pay_yourself: Money,
    early_start_requested: bool,
    by: Actor,
    at: datetime,
) -> BookingView:
    """Take the start that the provider proposed: a booking of its own, confirmed at once.

    The money of the request is set free and what `queries.proposed_quote` said is set aside, all of it or
    nothing. Again is answered with the booking that it made.

    Raises UnableToAnswer (not_found, wrong_state, too_late), UnableToReserve (already_booked, changed,
    wrong_amounts, needs_early_start), `budgets.UnableToReserve`, `catalogue.UnableToTakeSeat` (withdrawn)
    and `people.access.SecondProofNeeded`.
    """
    people_access.require(by, Permission.BOOK_COURSES)
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    proposal = proposal_of(booking) if booking else None
    if booking is None or proposal is None or not access.is_own_booking(by, booking):
        raise UnableToAnswer("not_found")
    made = Booking.objects.filter(pk=proposal.pk).first()
    if made:
        return booking_view(made)
    people_access.require_second_proof(by, at)
    if booking.state != "proposed":
        raise UnableToAnswer("wrong_state")
    if local_date(at) > proposal.accept_by:
        raise UnableToAnswer("too_late")
    # Locks the run; what follows sees all that was booked, and nobody withdraws it meanwhile.
    catalogue.take_seat(run_id=proposal.run_id, key=proposal.pk, by=by, at=at)
    other = open_booking_of(people.surviving(booking.person_id), proposal.run_id)
    if other:
        raise UnableToReserve("already_booked", booking=str(other))
    offer = proposed_offer(proposal, local_date(at))
    assert offer is not None  # noqa: S101 — it has a seat
    check_offer(offer, run_version, course_version, lines, pay_yourself)
    _free(booking, [pot_id for pot_id, _amount in lines], by=by, at=at)
    new = make(
        key=proposal.pk,
        person_id=people.surviving(booking.person_id),
        offer=offer,
        lines=lines,
        pay_yourself=pay_yourself,
        early_start_requested=early_start_requested,
        work_related=booking.work_related,
        is_answered=True,
        at=at,
    )
    set_aside(new, offer, lines, (), by=by, at=at)
    record(new, by=by, at=at)
    give_place(new, by=by, at=at)
    tell_provider(new, "proposal_taken", by=by, at=at)
    return booking_view(new)


def _free(booking: Booking, pot_ids: Sequence[UUID], *, by: Actor, at: datetime) -> None:
    """End the request; its money can pay for the other start."""
    if booking.from_account_cents:
        held = accounts.reservation(booking.pk)
        lines = held.lines if held else ()
        budgets.lock_to_reserve({*pot_ids, *(line.pot_id for line in lines)})
        budgets.release(booking_id=booking.pk, with_grace=True, by=by, at=at)
    audit.move(
        booking,
        "accept",
        by=by,
        at=at,
        lifecycle=BOOKING,
        values={"ended_at": at, "cost_cents": 0},
    )
