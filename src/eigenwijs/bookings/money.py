"""What a booking does with its money: held, free again, or to the provider.

The order of locks is: booking, run, pots, accounts of the books.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from eigenwijs.audit import operations as audit
from eigenwijs.bookings.lifecycle import PAYOUT
from eigenwijs.bookings.models import Booking, Payout
from eigenwijs.bookings.reading import booking_number, later_parts, proposal_of
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.types import Spending
from eigenwijs.catalogue import operations as catalogue
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger.types import AccountRef
from eigenwijs.schemes.types import Milestone
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury.types import PaymentSource


def expires_at(last_day: date) -> datetime:
    """Return the moment at which a hold until and including `last_day` ends."""
    return start_of_day(last_day + timedelta(days=1))


def keep_until(booking: Booking, last_day: date, *, by: Actor, at: datetime) -> None:
    """Keep the money set aside until and including another day."""
    if booking.from_account_cents:
        budgets.extend(booking_id=booking.pk, expires_at=expires_at(last_day), by=by, at=at)


def give_seat_back(booking: Booking, *, by: Actor, at: datetime) -> None:
    """Give the seat back to the run, and that of a start that was proposed. Again changes nothing."""
    catalogue.give_back_seat(key=booking.pk, by=by, at=at)
    proposal = proposal_of(booking)
    if proposal and booking.state == "proposed":
        catalogue.give_back_seat(key=proposal.pk, by=by, at=at)


def free_all(booking: Booking, *, with_grace: bool, by: Actor, at: datetime) -> None:
    """Give the seat back and all money to the pots it came from.

    `with_grace`: not for a reason of the worker's, or by a right of the worker's that may cost
    nothing, so money past its end can still be used a while.
    """
    give_seat_back(booking, by=by, at=at)
    if booking.from_account_cents:
        budgets.release(booking_id=booking.pk, with_grace=with_grace, by=by, at=at)


def free_rest(booking: Booking, *, by: Actor, at: datetime) -> None:
    """Give back what is still set aside after the provider was paid for what it gets."""
    budgets.release(booking_id=booking.pk, with_grace=True, by=by, at=at)


def pay_milestone(booking: Booking, milestone: Milestone, *, by: Actor, at: datetime) -> None:
    """Let the provider have what was set aside for a milestone and order its payment.

    What is for a later one stays set aside. Nothing happens where nothing was set aside for it. The
    same again changes nothing.
    """
    later = later_parts(booking)
    at_start = booking.from_account_cents - sum(later.values())
    due = at_start if milestone is Milestone.STARTED else later.get(milestone)
    if not due or booking.payouts.filter(milestone=milestone).exists():
        return
    _keep_today(booking, by=by, at=at)
    spending = budgets.spend(booking_id=booking.pk, milestone=milestone, by=by, at=at)
    _pay_out(booking, spending, milestone, by=by, at=at)


def pay_provider(
    booking: Booking, amount: Money, *, with_grace: bool = False, by: Actor, at: datetime
) -> None:
    """Let the provider of a booking that ends have `amount` of what was set aside; the rest is free.

    `with_grace` as in `free_all`. Nothing happens where nothing was set aside. The same again
    changes nothing.
    """
    if not booking.from_account_cents or booking.payouts.exists():
        return
    if not amount:
        budgets.release(booking_id=booking.pk, with_grace=with_grace, by=by, at=at)
        return
    _keep_today(booking, by=by, at=at)
    spending = budgets.spend(
        booking_id=booking.pk, amount=amount, with_grace=with_grace, by=by, at=at
    )
    _pay_out(booking, spending, Milestone.STARTED, by=by, at=at)


def _keep_today(booking: Booking, *, by: Actor, at: datetime) -> None:
    if booking.hold_until < local_date(at):  # whoever clears up late does not cost the provider
        keep_until(booking, local_date(at), by=by, at=at)


def _pay_out(
    booking: Booking, spending: Spending, milestone: Milestone, *, by: Actor, at: datetime
) -> None:
    name = "payout" if milestone is Milestone.STARTED else f"payout.{milestone}"
    payout_id = derived_id(booking.pk, name)
    payout = Payout.objects.create(
        id=payout_id,
        booking=booking,
        milestone=milestone,
        provider_id=booking.provider_id,
        amount_cents=spending.amount.cents,
        sources=[
            [part.account.bucket, str(part.account.id), part.amount.cents]
            for part in spending.payable
        ],
        order=derived_id(payout_id, "order 1"),
        ordered_at=at,
    )
    order(payout, by=by, at=at)


def order(payout: Payout, *, by: Actor, at: datetime) -> None:
    """Order the payment of a payout in the treasury, under its current order id."""
    treasury.order_payment(
        key=payout.order,
        reference=f"Eigenwijs boeking {booking_number(payout.booking_id)}",
        payee_id=payout.provider_id,
        sources=[
            PaymentSource(AccountRef(bucket, account), Money(cents))
            for bucket, account, cents in payout_sources(payout)
        ],
        owner=("bookings.payout", payout.pk),
        by=by,
        at=at,
    )


def take_back(payout: Payout, *, by: Actor, at: datetime) -> bool:
    """Give a payout that has not left back to the pots that it came from; False if it has left.

    Locked and read anew, so that nobody orders meanwhile what goes back here.
    """
    payout = Payout.objects.select_for_update(of=("self",)).get(pk=payout.pk)
    if not PAYOUT.allows(payout.state, "drop"):
        return False
    if payout.state == "ordered":
        try:
            treasury.withdraw_order(key=payout.order, by=by, at=at)
        except treasury.UnableToOrderPayment:
            return False
    budgets.refund(
        key=derived_id(payout.pk, "refund"),
        booking_id=payout.booking_id,
        amount=Money(payout.amount_cents),
        milestone=Milestone(payout.milestone),
        with_grace=True,
        by=by,
        at=at,
    )
    audit.move(payout, "drop", by=by, at=at, lifecycle=PAYOUT)
    return True


def payout_sources(payout: Payout) -> list[tuple[int, UUID, int]]:
    """Return where a provider's money stands: bucket, account and cents."""
    return [(bucket, UUID(account), cents) for bucket, account, cents in payout.sources]
