"""Made-up bookings, made through the operations of the room."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from eigenwijs.bookings import operations, queries
from eigenwijs.bookings.types import BookingView, Quote
from eigenwijs.catalogue.types import RunView
from eigenwijs.kernel.actor import Actor
from eigenwijs.people.types import PersonView, Role
from tests.factories.budgets import make_conditions, make_credit
from tests.factories.catalogue import make_run
from tests.factories.people import actor_for, make_person

# A Monday; the run starts on a Monday, 16 weeks later.
REQUESTED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STARTS_ON = date(2027, 3, 15)


def make_worker(*cents: int) -> PersonView:
    """A worker with one pot for each amount, the first with conditions, so that it pays first."""
    worker = make_person()
    for number, amount in enumerate(cents):
        conditions = make_conditions(scheme=f"scheme {number}", work_related_only=number == 0)
        make_credit(worker.id, amount, conditions=conditions, at=REQUESTED)
    return worker


def worker_at(worker: PersonView | UUID, at: datetime) -> Actor:
    """The worker, who gave a second proof just now."""
    return actor_for(worker, Role.WORKER, second_proof_at=at)


def provider_of(run: RunView) -> Actor:
    """Someone who works for the provider of a run."""
    person = make_person(role=Role.PROVIDER, organisation_id=run.provider_id)
    return actor_for(person, Role.PROVIDER, run.provider_id)


def make_desk() -> Actor:
    """Someone of the desk."""
    return actor_for(make_person(role=Role.DESK), Role.DESK)


def quote_for(
    worker: PersonView, run: RunView, *, work_related: bool = True, at: datetime = REQUESTED
) -> Quote:
    """A quote to a worker who chooses the course freely."""
    return queries.quote(
        person_id=worker.id,
        run_id=run.id,
        required_by_employer=False,
        work_related=work_related,
        at=at,
    )


def say_yes(
    quote: Quote, *, early_start: bool = False, at: datetime = REQUESTED, by: Actor | None = None
) -> BookingView:
    """The worker's yes to a quote."""
    return operations.reserve(
        key=quote.key,
        person_id=quote.person_id,
        run_id=quote.offer.run_id,
        run_version=quote.offer.run_version,
        course_version=quote.offer.course_version,
        lines=quote.lines,
        pay_yourself=quote.mix.pay_yourself,
        required_by_employer=False,
        work_related=quote.work_related,
        early_start_requested=early_start,
        places=[place.id for place in quote.places],
        by=by or worker_at(quote.person_id, at),
        at=at,
    )


def make_booking(
    worker: PersonView | None = None,
    run: RunView | None = None,
    *,
    confirmed_at: datetime | None = None,
    early_start: bool = False,
    at: datetime = REQUESTED,
) -> BookingView:
    """A booking; confirmed at a moment if one is given."""
    quote = quote_for(
        worker or make_worker(20_000, 30_000), run or make_run(starts_on=STARTS_ON), at=at
    )
    booking = say_yes(quote, early_start=early_start, at=at)
    if confirmed_at:
        confirm(booking, confirmed_at)
    found = queries.booking(booking.id)
    assert found
    return found


def provider_for(booking: BookingView) -> Actor:
    """Someone who works for the provider of a booking."""
    provider_id = booking.offer.provider_id
    person = make_person(role=Role.PROVIDER, organisation_id=provider_id)
    return actor_for(person, Role.PROVIDER, provider_id)


def confirm(booking: BookingView, at: datetime) -> None:
    """The provider says yes."""
    operations.confirm(booking_id=booking.id, by=provider_for(booking), at=at)
