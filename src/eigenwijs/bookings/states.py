"""The states of a booking and what people find about it, by name. Callers get them from `types`."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class BookingState(StrEnum):
    """Where a booking stands."""

    REQUESTED = "requested"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECIDED = "decided"
    OBJECTED = "objected"
    STARTED = "started"
    COMPLETED = "completed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    CALLED_OFF = "called_off"
    NOT_STARTED = "not_started"
    NOT_COMPLETED = "not_completed"

    @property
    def label(self) -> str | Promise:
        """The state on the worker's and the provider's screen."""
        return _BOOKING_LABELS[self]

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens to the booking itself."""
        return self in _OVER


class PayoutState(StrEnum):
    """Where the provider's money stands."""

    ORDERED = "ordered"
    PAID = "paid"
    REOPENED = "reopened"
    DROPPED = "dropped"

    @property
    def label(self) -> str | Promise:
        """The state on the provider's screen."""
        return _PAYOUT_LABELS[self]


class StartOutcome(StrEnum):
    """What a person of the desk finds about a start."""

    STARTED = "started"
    STAYED_AWAY = "stayed_away"
    NOT_GIVEN = "not_given"

    @property
    def label(self) -> str | Promise:
        """The outcome on the screen."""
        return _OUTCOME_LABELS[self]


class CompletionOutcome(StrEnum):
    """What a person of the desk finds about the end of a course of which a part is paid then."""

    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"

    @property
    def label(self) -> str | Promise:
        """The outcome on the screen."""
        return _COMPLETION_LABELS[self]


class HalfwayOutcome(StrEnum):
    """What a person of the desk finds on the day halfway a course of which a part is paid then."""

    FOLLOWED = "followed"
    NOT_FOLLOWED = "not_followed"

    @property
    def label(self) -> str | Promise:
        """The outcome on the screen."""
        return _HALFWAY_LABELS[self]


Outcome = StartOutcome | HalfwayOutcome | CompletionOutcome


class WorkItemCause(StrEnum):
    """Why a person has to call."""

    SILENT = "silent"
    DENIED = "denied"
    OBJECTION = "objection"
    HALFWAY = "halfway"
    COMPLETION = "completion"

    @property
    def label(self) -> str | Promise:
        """The cause on the screen."""
        return _CAUSE_LABELS[self]


class LeavingKind(StrEnum):
    """How a worker can leave a booking now."""

    BEFORE_ANSWER = "before_answer"
    WITHIN_TERM = "within_term"
    WITHIN_TERM_STARTED = "within_term_started"
    AFTER_TERM = "after_term"


_BOOKING_LABELS = {
    BookingState.REQUESTED: _("Wacht op de opleider"),
    BookingState.PROPOSED: _("De opleider stelt een andere start voor"),
    BookingState.REPLACED: _("Verzet naar een andere start"),
    BookingState.CONFIRMED: _("Bevestigd"),
    BookingState.DECIDED: _("Besluit genomen over de start"),
    BookingState.OBJECTED: _("Bezwaar gemaakt"),
    BookingState.STARTED: _("Begonnen"),
    BookingState.COMPLETED: _("Afgerond"),
    BookingState.DECLINED: _("De opleider zei nee"),
    BookingState.LAPSED: _("Vervallen: er kwam geen antwoord"),
    BookingState.WITHDRAWN: _("Teruggetrokken"),
    BookingState.CANCELLED: _("Afgezegd door de deelnemer"),
    BookingState.CALLED_OFF: _("Afgezegd door de opleider"),
    BookingState.NOT_STARTED: _("Niet begonnen"),
    BookingState.NOT_COMPLETED: _("Gestopt of niet afgerond"),
}
_OVER = frozenset(
    {
        BookingState.COMPLETED,
        BookingState.DECLINED,
        BookingState.LAPSED,
        BookingState.REPLACED,
        BookingState.WITHDRAWN,
        BookingState.CANCELLED,
        BookingState.CALLED_OFF,
        BookingState.NOT_STARTED,
        BookingState.NOT_COMPLETED,
    }
)
_PAYOUT_LABELS = {
    PayoutState.ORDERED: _("Wordt betaald"),
    PayoutState.PAID: _("Betaald"),
    PayoutState.REOPENED: _("Teruggekomen van de bank"),
    PayoutState.DROPPED: _("Vervallen"),
}
_OUTCOME_LABELS = {
    StartOutcome.STARTED: _("De deelnemer is begonnen"),
    StartOutcome.STAYED_AWAY: _("De cursus begon, maar de deelnemer kwam niet"),
    StartOutcome.NOT_GIVEN: _("De cursus is niet gegeven, of de deelnemer kon er niet in"),
}
_COMPLETION_LABELS = {
    CompletionOutcome.COMPLETED: _("De cursus is afgerond"),
    CompletionOutcome.NOT_COMPLETED: _("De cursus is niet afgerond"),
}
_HALFWAY_LABELS = {
    HalfwayOutcome.FOLLOWED: _("De deelnemer volgde de cursus tot en met de helft"),
    HalfwayOutcome.NOT_FOLLOWED: _(
        "De deelnemer stopte voor de helft, of de cursus ging niet door"
    ),
}
_CAUSE_LABELS = {
    WorkItemCause.SILENT: _("Geen antwoord op de vraag of de cursus begon"),
    WorkItemCause.DENIED: _("De deelnemer zegt dat de cursus niet begon"),
    WorkItemCause.OBJECTION: _("De deelnemer is het niet eens met het besluit"),
    WorkItemCause.HALFWAY: _(
        "Het is niet duidelijk of de deelnemer de cursus halverwege nog volgde"
    ),
    WorkItemCause.COMPLETION: _("Het is niet duidelijk of de cursus is afgerond"),
}
