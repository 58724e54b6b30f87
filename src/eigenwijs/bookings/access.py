"""Whose booking is it? The same answer for absent and forbidden: None.

What hands out another person's name writes it in that person's log.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from eigenwijs.bookings.models import Booking, WorkItem
from eigenwijs.bookings.queries import has_affirmed
from eigenwijs.bookings.reading import (
    booking_number,
    booking_rows,
    booking_view,
    completion_view,
    halfway_view,
    later_parts,
    offer_of,
    payout_state,
    proposal_view,
    work_item_view,
)
from eigenwijs.bookings.types import (
    BookingState,
    BookingView,
    CompletionView,
    HalfwayView,
    ProviderBookingView,
    WorkItemDetail,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.money import Money
from eigenwijs.people import access
from eigenwijs.people import queries as people
from eigenwijs.people.types import Looked, Permission, PersonView, Role
from eigenwijs.schemes.types import Milestone

# Until the provider says yes it learns neither how to reach the participant nor who pays what: money
# is no reason to say no. When the booking comes to nothing it does not keep the name either.
_TOLD = frozenset(
    {
        "confirmed",
        "decided",
        "objected",
        "started",
        "completed",
        "cancelled",
        "not_started",
        "not_completed",
    }
)


def is_own_booking(actor: Actor, booking: Booking) -> bool:
    """Whether `actor` is the worker who booked. Not the system: nobody says yes for a worker."""
    return actor.role == Role.WORKER and access.is_own_file(actor, booking.person_id)


def is_own_request(actor: Actor, booking: Booking) -> bool:
    """Whether `actor` works for the provider of a booking."""
    return (
        access.can(actor, Permission.ANSWER_BOOKINGS)
        and actor.organisation_id == booking.provider_id
    )


def may_decide(actor: Actor) -> bool:
    """Whether `actor` may decide about starts: a person of the desk, never the system."""
    return actor.role == Role.DESK and access.can(actor, Permission.DECIDE_STARTS)


def own_booking(booking_id: UUID, *, by: Actor) -> BookingView | None:
    """Return the actor's own booking, or None."""
    found = booking_rows().filter(pk=booking_id).first()
    return booking_view(found) if found and is_own_booking(by, found) else None


def provider_booking(booking_id: UUID, *, by: Actor, at: datetime) -> ProviderBookingView | None:
    """Return a booking of the actor's own organisation, or None. The worker's log says so."""
    found = booking_rows().filter(pk=booking_id).first()
    if found is None or not is_own_request(by, found):
        return None
    return _for_provider([found], by=by, at=at)[0]


def provider_bookings(
    *, by: Actor, at: datetime, states: tuple[BookingState, ...] = (), run_id: UUID | None = None
) -> list[ProviderBookingView]:
    """Return the bookings of the actor's own organisation, the earliest start first.

    In all states or some, of all runs or one. Each worker's log says that they were seen.
    """
    if not access.can(by, Permission.ANSWER_BOOKINGS) or by.organisation_id is None:
        return []
    rows = booking_rows().filter(provider=by.organisation_id)
    if states:
        rows = rows.filter(state__in=states)
    if run_id:
        rows = rows.filter(run=run_id)
    return _for_provider(list(rows.order_by("starts_on", "requested_at", "id")), by=by, at=at)


def work_item(work_item_id: UUID, *, by: Actor, at: datetime) -> WorkItemDetail | None:
    """Return a work item with whom to call, or None. The worker's log says who saw it."""
    found = (
        WorkItem.objects.select_related("booking__completion", "booking__halfway")
        .prefetch_related("booking__payouts", "booking__decisions__objection")
        .filter(pk=work_item_id)
        .first()
    )
    if found is None or not may_decide(by):
        return None
    person = _person(found.booking)
    access.look_at(person.id, what=Looked.BOOKING, by=by, at=at)
    access.look_at(person.id, what=Looked.CONTACT, by=by, at=at)
    item = work_item_view(found)
    provider = people.organisation(item.provider_id)
    return WorkItemDetail(
        item=item,
        person_id=person.id,
        person_name=person.name,
        phone=person.phone,
        email=person.email,
        provider_email=provider.email if provider else "",
        worker_affirmed=has_affirmed(found.booking_id),
    )


def _person(booking: Booking) -> PersonView:
    person = people.person(people.surviving(booking.person_id))
    assert person is not None  # noqa: S101 — a foreign key says so
    return person


def _for_provider(bookings: list[Booking], *, by: Actor, at: datetime) -> list[ProviderBookingView]:
    surviving = {booking.person_id: people.surviving(booking.person_id) for booking in bookings}
    persons = people.persons(surviving.values())
    named = [surviving[booking.person_id] for booking in bookings if _is_named(booking)]
    access.look_at_many(named, what=Looked.BOOKING, by=by, at=at)
    return [_provider_view(booking, persons[surviving[booking.person_id]]) for booking in bookings]


def _is_named(booking: Booking) -> bool:
    return booking.state in ("requested", "proposed") or booking.state in _TOLD


def _parts(booking: Booking) -> tuple[HalfwayView | None, CompletionView | None]:
    """The later parts of what the provider gets from us: none of a booking that never began, of one that was
    not completed only what was settled halfway."""
    halfway, completion = halfway_view(booking), completion_view(booking)
    if booking.state not in _TOLD or booking.state in ("cancelled", "not_started"):
        return None, None
    if booking.state == "not_completed":
        return (halfway if halfway and halfway.due_at else None), None
    return halfway, completion


def _provider_view(booking: Booking, person: PersonView) -> ProviderBookingView:
    told = booking.state in _TOLD
    cost = booking.price_cents if booking.cost_cents is None else booking.cost_cents
    from_us = min(booking.from_account_cents, cost)
    from_participant = cost - from_us
    halfway, completion = _parts(booking)
    if booking.state == "not_completed":
        kept = [Milestone.HALFWAY] if halfway else []
        from_us -= sum(cents for part, cents in later_parts(booking).items() if part not in kept)
    return ProviderBookingView(
        id=booking.pk,
        number=booking_number(booking.pk),
        run_id=booking.run_id,
        offer=offer_of(booking),
        state=BookingState(booking.state),
        participant_name=person.name if _is_named(booking) else "",
        participant_email=person.email if told else "",
        participant_phone=person.phone if told else "",
        requested_at=booking.requested_at,
        answer_by=booking.answer_by,
        confirmed_at=booking.confirmed_at,
        from_us=Money(from_us) if told else None,
        from_participant=Money(from_participant) if told else None,
        attended=booking.attended,
        proposal=proposal_view(booking),
        payout=payout_state(booking),
        halfway=halfway,
        completion=completion,
    )
