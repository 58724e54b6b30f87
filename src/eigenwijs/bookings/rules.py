"""Deadlines and costs of a booking. Pure: no database, no clock."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from eigenwijs.bookings.types import Leaving, LeavingKind, Terms
from eigenwijs.kernel.clock import is_working_day, working_days_after
from eigenwijs.kernel.money import Money, Rounding


def answer_by(terms: Terms, requested_on: date, starts_on: date) -> date:
    """Return the provider's last day to answer: some working days on, and before the start."""
    return min(
        working_days_after(requested_on, terms.answer_working_days), starts_on - timedelta(days=1)
    )


def withdrawal_until(terms: Terms, confirmed_on: date) -> date:
    """Return the last day of the withdrawal term.

    Calendar days after the day of the confirmation (art. 6:230o BW); a last day on a Saturday, a
    Sunday or a public holiday moves to the next working day (regulation 1182/71, art. 3(4)).
    """
    last = confirmed_on + timedelta(days=terms.withdrawal_days)
    return last if is_working_day(last) else working_days_after(last, 1)


def needs_early_start(terms: Terms, latest_answer: date, starts_on: date) -> bool:
    """Whether the course may start within the withdrawal term, if the provider answers last minute.

    Then the worker must ask for it expressly, or nothing may be charged for what was given
    (art. 6:230s lid 4 BW).
    """
    return starts_on <= withdrawal_until(terms, latest_answer)


def given(price: Money, starts_on: date, ends_on: date, on: date) -> Money:
    """Return the part of the price for what was given up to and including a day, rounded down.

    In proportion to the calendar days of the course (art. 6:230s lid 3 BW): nothing before the
    start, all of it on the last day.
    """
    if on < starts_on:
        return Money.zero(price.currency)
    days = min((on - starts_on).days, (ends_on - starts_on).days) + 1
    return price.share(Fraction(days, (ends_on - starts_on).days + 1), Rounding.DOWN)


def step_cost(terms: Terms, price: Money, starts_on: date, on: date) -> Money:
    """Return what leaving on a day costs after the withdrawal term, rounded down."""
    days_before = (starts_on - on).days
    for step in terms.cost_steps:
        if days_before >= step.days_before:
            return price.share(Fraction(step.percent, 100), Rounding.DOWN)
    return price


def leaving(
    *,
    terms: Terms,
    price: Money,
    from_account: Money,
    starts_on: date,
    ends_on: date,
    withdrawal_until: date | None,
    early_start_requested: bool,
    on: date,
) -> Leaving | None:
    """Return what leaving on a day means, None if it is too late: the course has begun.

    `withdrawal_until` None: the provider did not answer yet.

    What it costs is paid first from the money that was set aside, so that the worker does not have to
    pay from their own pocket while money of the booking is there.
    """
    if withdrawal_until is None:
        kind, cost = LeavingKind.BEFORE_ANSWER, Money.zero()
    elif on <= withdrawal_until and on < starts_on:
        kind, cost = LeavingKind.WITHIN_TERM, Money.zero()
    elif on <= withdrawal_until:
        kind, cost = LeavingKind.WITHIN_TERM_STARTED, Money.zero()
        if early_start_requested:
            cost = given(price, starts_on, ends_on, on)
    elif on >= starts_on:
        return None
    else:
        kind, cost = LeavingKind.AFTER_TERM, step_cost(terms, price, starts_on, on)
    paid = min(cost, from_account)
    return Leaving(kind, cost, paid, cost - paid, from_account - paid)
