"""What a worker is asked about a course on a day, and what they said while a person is still to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.bookings import queries
from eigenwijs.bookings.types import (
    BookingState,
    BookingView,
    CompletionOutcome,
    DecisionView,
    HalfwayOutcome,
    StartOutcome,
)
from eigenwijs.schemes.types import Milestone


@dataclass(frozen=True)
class Answer:
    """What the worker said about a later part; they can still say the other thing."""

    is_yes: bool
    words: str | Promise


_NOT_FOLLOWED = Answer(False, _("Jij zei dat je de cursus halverwege niet meer volgde."))
_NOT_COMPLETED = Answer(False, _("Jij zei dat je cursus niet is afgerond."))
_COMPLETED = Answer(
    True, _("Jij zei dat je cursus is afgerond. De opleider zegt dat je te weinig volgde.")
)


def is_start_asked(view: BookingView, today: date) -> bool:
    """Whether the worker is asked today if the course started."""
    is_open = view.state in (BookingState.CONFIRMED, BookingState.DECIDED)
    return is_open and view.offer.starts_on <= today and view.start_denied_at is None


def milestone_of(decision: DecisionView) -> Milestone | None:
    """Return about which later part a decision is, None where it is about the start."""
    kinds = {HalfwayOutcome: Milestone.HALFWAY, CompletionOutcome: Milestone.COMPLETED}
    return kinds.get(type(decision.outcome))


def is_halfway_asked(view: BookingView, today: date) -> bool:
    """Whether the worker did not say yet whether they still follow the course, and today can."""
    return (
        view.halfway is not None
        and view.state is BookingState.STARTED
        and view.halfway.falls_on <= today
        and view.halfway.due_at is None
        and view.halfway.denied_at is None
        and last_about_a_part(view) is not HalfwayOutcome.NOT_FOLLOWED
    )


def is_completion_asked(view: BookingView, today: date) -> bool:
    """Whether the worker did not say yet whether the course was completed, and today can."""
    return (
        view.completion is not None
        and view.state is BookingState.STARTED
        and view.offer.ends_on <= today
        and view.completion.denied_at is None
        and not _has_affirmed(view)
        and last_about_a_part(view) in (None, HalfwayOutcome.FOLLOWED)
    )


def last_about_a_part(view: BookingView) -> HalfwayOutcome | CompletionOutcome | None:
    """Return the decision about a later part that holds: after an objection it is another's."""
    found = [one.outcome for one in view.decisions if not isinstance(one.outcome, StartOutcome)]
    return found[-1] if found else None


def is_for_a_person(view: BookingView) -> bool:
    """Whether a person is to decide about the end, whatever the worker says: the provider says too little."""
    return (
        view.completion is not None
        and view.completion.is_too_little
        and not isinstance(last_about_a_part(view), CompletionOutcome)
    )


def answer_about(view: BookingView, milestone: Milestone) -> Answer | None:
    """Return what the worker said about a later part where a person is to decide; None where nobody is.

    A yes is that only where the provider says that too little was followed: every other yes pays.
    """
    is_decided = any(milestone_of(one) is milestone for one in view.decisions)
    has_stopped = last_about_a_part(view) is HalfwayOutcome.NOT_FOLLOWED
    if view.state is not BookingState.STARTED or is_decided or has_stopped:
        return None
    if milestone is Milestone.HALFWAY:
        is_waiting = view.halfway and view.halfway.denied_at and not view.halfway.due_at
        return _NOT_FOLLOWED if is_waiting else None
    if view.completion and view.completion.denied_at:
        return _NOT_COMPLETED
    return _COMPLETED if _has_affirmed(view) else None


def _has_affirmed(view: BookingView) -> bool:
    return is_for_a_person(view) and queries.has_affirmed(view.id)
