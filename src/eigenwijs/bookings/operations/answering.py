"""What the provider does: say yes or no, call a course off, say who was there at the start."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.audit.types import TrailRow
from eigenwijs.bookings import access, money, rules
from eigenwijs.bookings.lifecycle import BOOKING, OPEN_STATES
from eigenwijs.bookings.models import Booking
from eigenwijs.bookings.reading import terms_of
from eigenwijs.bookings.telling import tell_worker
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.patience import in_time

MAX_ANSWER = 2000

_MESSAGES = {
    "not_found": _("Deze boeking is er niet."),
    "wrong_state": _("Dit kan niet meer met deze boeking. Kijk hoe zij er nu voor staat."),
    "too_late": _("De termijn om te antwoorden is voorbij."),
    "not_started_yet": _("De cursus is nog niet begonnen."),
    "not_ended_yet": _("De cursus is nog niet afgelopen."),
    "not_halfway_yet": _("De cursus is nog niet halverwege."),
    "halfway_first": _("Zeg eerst of de deelnemer de cursus halverwege nog volgde."),
    "decided_not_followed": _(
        "Wij besloten dat je deze cursus halverwege niet meer volgde. Ben je het er niet mee eens? Zeg het bij "
        "het besluit. Dan kijkt iemand anders."
    ),
    "in_withdrawal_term": _(
        "De deelnemer kan nog stoppen tot en met %(until)s. Zeg het daarna nog een keer."
    ),
    "decided_not_completed": _(
        "Wij besloten dat je deze cursus niet hebt afgerond. Ben je het er niet mee eens? Zeg het bij het "
        "besluit. Dan kijkt iemand anders."
    ),
    "missing_attendance": _(
        "Vul in hoeveel procent de deelnemer volgde: een heel getal van 0 tot en met 100."
    ),
    "unknown_run": _("Kies een andere start van dezelfde cursus, met een plaats die vrij is."),
    "dearer": _("Deze start kost meer dan de deelnemer koos. Kies er een die niet duurder is."),
    "paid_already": _(
        "Het geld voor deze boeking is al onderweg of betaald. Bel Eigenwijs om het terug te betalen."
    ),
    "too_long": _("Deze tekst is langer dan %(maximum)s tekens. Maak hem korter."),
}


class UnableToAnswer(DomainError):
    """Nothing changed.

    Codes: not_found, wrong_state, too_late, not_started_yet, not_halfway_yet, not_ended_yet, halfway_first,
    in_withdrawal_term, decided_not_followed, decided_not_completed, missing_attendance, unknown_run, dearer,
    paid_already, too_long.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@in_time
def confirm(*, booking_id: UUID, by: Actor, at: datetime) -> None:
    """Say yes: the worker has a place, and the withdrawal term starts. Again changes nothing.

    Raises UnableToAnswer (not_found, wrong_state, too_late).
    """
    booking = _own(booking_id, by)
    if booking.state == "confirmed":
        return
    _require_state(booking, "requested")
    if local_date(at) > booking.answer_by:
        raise UnableToAnswer("too_late")
    give_place(booking, by=by, at=at)


def give_place(booking: Booking, *, by: Actor, at: datetime) -> None:
    """Move a locked request to confirmed: the withdrawal term starts, and the worker is told."""
    terms, today = terms_of(booking), local_date(at)
    until = rules.withdrawal_until(terms, today)
    hold_until = max(booking.starts_on, until) + timedelta(days=terms.hold_days_after_start)
    money.keep_until(booking, hold_until, by=by, at=at)
    audit.move(
        booking,
        "confirm",
        by=by,
        at=at,
        lifecycle=BOOKING,
        values={"confirmed_at": at, "withdrawal_until": until, "hold_until": hold_until},
    )
    tell_worker(booking, "booking_confirmed", by=by, at=at, until_on=until)


@in_time
def decline(*, booking_id: UUID, answer: str, by: Actor, at: datetime) -> None:
    """Say no, with a word to the worker; everything goes back. Again changes nothing.

    Raises UnableToAnswer (not_found, wrong_state, too_long).
    """
    booking = _own(booking_id, by)
    _require_short(answer)
    if booking.state == "declined":
        return
    _require_state(booking, "requested")
    _end(booking, "decline", answer, by=by, at=at)
    tell_worker(booking, "booking_declined", by=by, at=at)


@in_time
def cancel(*, booking_id: UUID, answer: str, by: Actor, at: datetime) -> None:
    """Call a confirmed course off for one worker: everything goes back to where it came from.

    Also after the start: all of it as long as the provider's money has not left, and after that what
    has not left and what waits for halfway or the completion. Again changes nothing.
    Raises UnableToAnswer (not_found, wrong_state, paid_already, too_long).
    """
    booking = _own(booking_id, by)
    _require_short(answer)
    if booking.state == "called_off":
        return
    if not BOOKING.allows(booking.state, "call_off"):
        raise UnableToAnswer("wrong_state")
    _call_off(booking, answer, by=by, at=at)


@transaction.atomic
def cancel_run(event: TrailRow, *, by: Actor, at: datetime) -> None:
    """React to `run_withdrawn`: everything of every open booking of the run goes back.

    So does what waits for a yes to this run, where it was proposed.
    """
    run = event.subject[1]
    rows = Booking.objects.select_for_update(of=("self",)).filter(
        Q(run=run, state__in=set(OPEN_STATES) - {"proposed"})
        | Q(proposal__run=run, state="proposed")
    )
    for booking in rows.order_by("id"):
        if booking.state in ("requested", "proposed"):
            _end(booking, "decline", "", by=by, at=at)
            tell_worker(booking, "booking_declined", by=by, at=at)
        elif booking.state != "started":
            _call_off(booking, "", by=by, at=at)


@in_time
def say_attendance(*, booking_id: UUID, attended: bool, by: Actor, at: datetime) -> None:
    """Say whether the participant was there. It pays nothing: it helps a person who has to decide.

    Raises UnableToAnswer (not_found, wrong_state, not_started_yet).
    """
    booking = _own(booking_id, by)
    _require_state(booking, "confirmed", "decided", "objected", "started", "completed")
    if local_date(at) < booking.starts_on:
        raise UnableToAnswer("not_started_yet")
    if booking.attended is attended:
        return
    Booking.objects.filter(pk=booking_id).update(attended=attended, attendance_said_at=at)
    audit.record(
        by=by,
        at=at,
        action="bookings.booking.say_attendance",
        subject=("bookings.booking", booking_id),
        fields=["attended"],
    )


def _call_off(booking: Booking, answer: str, *, by: Actor, at: datetime) -> None:
    payouts = list(booking.payouts.order_by("pk"))
    if not payouts:
        _end(booking, "call_off", answer, by=by, at=at)
        tell_worker(booking, "booking_called_off", by=by, at=at)
        return
    waits = booking.from_account_cents - sum(payout.amount_cents for payout in payouts)
    left = [payout for payout in payouts if not money.take_back(payout, by=by, at=at)]
    if len(left) == len(payouts) and not waits:
        raise UnableToAnswer("paid_already")
    money.give_seat_back(booking, by=by, at=at)
    if waits:
        money.free_rest(booking, by=by, at=at)
    kept = sum(payout.amount_cents for payout in left)
    _move(booking, "call_off", answer, cost_cents=kept, by=by, at=at)
    if kept:
        back = booking.from_account_cents - kept
        tell_worker(
            booking, "booking_called_off_halfway", by=by, at=at, kept_cents=kept, back_cents=back
        )
    else:
        tell_worker(booking, "booking_called_off", by=by, at=at)


def _end(booking: Booking, event: str, answer: str, *, by: Actor, at: datetime) -> None:
    money.free_all(booking, with_grace=True, by=by, at=at)
    _move(booking, event, answer, by=by, at=at)


def _move(
    booking: Booking, event: str, answer: str, *, cost_cents: int = 0, by: Actor, at: datetime
) -> None:
    values = {"ended_at": at, "answer": answer.strip(), "cost_cents": cost_cents}
    audit.move(booking, event, by=by, at=at, lifecycle=BOOKING, values=values)
    booking.work_items.filter(closed_at=None).update(closed_at=at)


def _own(booking_id: UUID, by: Actor) -> Booking:
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not access.is_own_request(by, booking):
        raise UnableToAnswer("not_found")
    return booking


def _require_state(booking: Booking, *states: str) -> None:
    if booking.state not in states:
        raise UnableToAnswer("wrong_state")


def _require_short(answer: str) -> None:
    if len(answer) > MAX_ANSWER:
        raise UnableToAnswer("too_long", maximum=MAX_ANSWER)
