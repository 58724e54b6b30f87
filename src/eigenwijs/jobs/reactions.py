"""One table: event → what follows. Nothing else in the house subscribes to anything."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from eigenwijs.audit.types import TrailRow
from eigenwijs.bookings import operations as bookings
from eigenwijs.budgets import operations as budgets
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.contributions import operations as contributions
from eigenwijs.draws import operations as draws
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices import operations as notices
from eigenwijs.people import queries as people
from eigenwijs.people.types import Role
from eigenwijs.simulation import operations as simulation


class Reaction(Protocol):
    """An operation that follows an event. It runs once an event, in the order of its subject."""

    def __call__(self, event: TrailRow, *, by: Actor, at: datetime) -> object: ...


class Telling:
    """Tell the person whom an event is about, in words without parameters."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, event: TrailRow, *, by: Actor, at: datetime) -> None:
        person_id = event.subject[1]
        key = derived_id(person_id, f"event {event.id}")
        notices.tell(person_id=person_id, kind=self.kind, params={}, by=by, at=at, key=key)


def tell_of_joining(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """Tell that a second file joined; who had no job in another file opened their first with it."""
    others = [
        job
        for job in people.employments(event.subject[1])
        if str(job.person_id) != event.ids["file"]
    ]
    Telling("files_joined" if others else "file_claimed")(event, by=by, at=at)


def tell_of_refused_courses(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """Tell everyone who works for a provider that a file they confirmed is not in the catalogue."""
    for holder in people.role_holders(Role.PROVIDER):
        if str(holder.organisation_id) == event.ids["provider"]:
            notices.tell(
                person_id=holder.person_id,
                kind="courses_refused",
                params={},
                by=by,
                at=at,
                key=derived_id(holder.person_id, f"event {event.id}"),
            )


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "courses_received": (catalogue.read_courses,),
    "courses_confirmed": (catalogue.import_delivery,),
    "courses_refused": (tell_of_refused_courses,),
    "delivery_received": (contributions.read_delivery,),
    "delivery_confirmed": (contributions.book_delivery,),
    "crediting_begun": (contributions.credit_next,),
    "crediting_continues": (contributions.credit_next,),
    "money_credited": (contributions.book_waiting,),
    "version_activated": (contributions.announce_change,),
    "change_ahead": (contributions.tell_of_change,),
    "person_claimed": (Telling("file_claimed"),),
    "person_merged": (tell_of_joining, draws.pass_on_places),
    "money_given_once_a_year": (draws.pass_on_places,),
    "passing_on_continues": (draws.pass_on_places,),
    "run_withdrawn": (bookings.cancel_run,),
    "round_withdrawn": (draws.tell_next_of_withdrawal,),
    "telling_of_withdrawal_continues": (draws.tell_next_of_withdrawal,),
    "simulation_asked": (simulation.compute_next,),
    "simulation_continues": (simulation.compute_next,),
    "order_settled": (bookings.payout_settled,),
    "order_rejected": (
        bookings.payout_rejected,
        budgets.lapsed_came_back,
        draws.left_over_came_back,
    ),
    "order_returned": (
        bookings.payout_returned,
        budgets.lapsed_came_back,
        draws.left_over_came_back,
    ),
    "receipt_matched": (contributions.credit_paid, draws.round_funded),
    "receipt_reversed": (contributions.reopen,),
    "person_corrected": (Telling("person_corrected"),),
    "owner_confirmed": (Telling("owner_confirmed"),),
    "recovery_asked": (Telling("recovery_asked"),),
    "recovery_code_issued": (Telling("recovery_code_issued"),),
}

NO_REACTION: frozenset[str] = frozenset(
    {
        "employment_ended",  # money stays where it is
        "payment_overdue",  # contributions told the employer itself
        "payment_request_reopened",
        "payment_requested",
    }
)
