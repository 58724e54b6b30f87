"""The worker changes their mind."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.bookings import access, money
from eigenwijs.bookings.lifecycle import BOOKING
from eigenwijs.bookings.models import Booking
from eigenwijs.bookings.reading import leaving_now
from eigenwijs.bookings.telling import tell_provider, tell_worker
from eigenwijs.bookings.types import Leaving, LeavingKind
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import in_time

_MESSAGES = {
    "not_found": _("Deze boeking is er niet."),
    "too_late": _("Je kunt deze cursus niet meer afzeggen. Bel ons als er iets is."),
    "cost_changed": _("De kosten zijn veranderd sinds je keek. Kijk het nog een keer na."),
    "ending_changed": _(
        "Er is nu ander geld over de datum dan toen je keek. Kijk het nog een keer na."
    ),
}


class UnableToWithdraw(DomainError):
    """Nothing changed. Codes: not_found, too_late, cost_changed (`params` has `cost_cents`),
    ending_changed (`params` has `ending_cents`)."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, _MESSAGES[code], params)


@in_time
def withdraw(
    *, booking_id: UUID, agreed_cost: Money, agreed_ending: Money, by: Actor, at: datetime
) -> Leaving:
    """Leave a booking, at the cost that was shown; what is not cost goes back to its pots.

    Free before the provider's answer and within the withdrawal term, but for what was given after an
    early start the worker asked for; after the term as the cost steps say. A right may cost nothing
    (art. 6:230s BW): money that comes back past its end before or within the term stays usable for
    its grace. After the term it ends at once, and `agreed_ending` is how much the worker was shown
    that this is. Again changes nothing. Raises UnableToWithdraw.
    """
    booking = Booking.objects.select_for_update(of=("self",)).filter(pk=booking_id).first()
    if booking is None or not access.is_own_booking(by, booking):
        raise UnableToWithdraw("not_found")
    if booking.state in ("withdrawn", "cancelled"):
        return _left(booking)
    left = leaving_now(booking, local_date(at))
    if left is None:
        raise UnableToWithdraw("too_late")
    if left.cost != agreed_cost:
        raise UnableToWithdraw("cost_changed", cost_cents=left.cost.cents)
    if left.ends_at_once != agreed_ending:
        raise UnableToWithdraw("ending_changed", ending_cents=left.ends_at_once.cents)
    with_grace = left.kind is not LeavingKind.AFTER_TERM
    if left.from_account:
        money.give_seat_back(booking, by=by, at=at)
        money.pay_provider(booking, left.from_account, with_grace=with_grace, by=by, at=at)
    else:
        money.free_all(booking, with_grace=with_grace, by=by, at=at)
    audit.move(
        booking,
        "cancel" if left.kind is LeavingKind.AFTER_TERM else "withdraw",
        by=by,
        at=at,
        lifecycle=BOOKING,
        values={"ended_at": at, "cost_cents": left.cost.cents},
        ids={"cents": left.cost.cents},
    )
    booking.work_items.filter(closed_at=None).update(closed_at=at)
    _tell(booking, left, by=by, at=at)
    tell_provider(booking, "booking_left_by_participant", by=by, at=at)
    return left


def _tell(booking: Booking, left: Leaving, *, by: Actor, at: datetime) -> None:
    if left.ends_at_once:
        tell_worker(
            booking,
            "booking_left_money_ends",
            by=by,
            at=at,
            cost_cents=left.cost.cents,
            ending_cents=left.ends_at_once.cents,
        )
    else:
        tell_worker(booking, "booking_left", by=by, at=at, cost_cents=left.cost.cents)


def _left(booking: Booking) -> Leaving:
    """What leaving meant, for who asks again."""
    cost = Money(booking.cost_cents or 0)
    paid = min(cost, Money(booking.from_account_cents))
    kind = LeavingKind.AFTER_TERM if booking.state == "cancelled" else LeavingKind.WITHIN_TERM
    return Leaving(kind, cost, paid, cost - paid, Money(booking.from_account_cents) - paid)
