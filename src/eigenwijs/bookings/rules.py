"""Deadlines and costs of a booking. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from eigenwijs.bookings.types import CostStep, Leaving, LeavingKind, Terms
from eigenwijs.kernel.clock import is_working_day, working_days_after, working_days_before
from eigenwijs.kernel.money import Money, Rounding
from eigenwijs.schemes.types import OrderClocks


def answer_by(terms: Terms, requested_on: date, starts_on: date) -> date:
    """Return the provider's last day to answer: some working days on, and before the start."""
    return min(
        working_days_after(requested_on, terms.answer_working_days), starts_on - timedelta(days=1)
    )


def accept_by(terms: Terms, proposed_on: date, starts_on: date) -> date:
    """Return the worker's last day to take another start: some working days on, and before it."""
    return min(
        working_days_after(proposed_on, terms.accept_working_days), starts_on - timedelta(days=1)
    )


def withdrawal_until(terms: Terms, confirmed_on: date) -> date:
    """Return the last day of the withdrawal term.

    Calendar days after the day of the confirmation (art. 6:230o BW); a last day on a Saturday, a
    Sunday or a public holiday moves to the next working day (regulation 1182/71, art. 3(4)).
    """
    last = confirmed_on + timedelta(days=terms.withdrawal_days)
    if not is_working_day(last):
        last = working_days_after(last, 1)
    return max(last, working_days_after(confirmed_on, terms.withdrawal_working_days))


def halfway_on(starts_on: date, ends_on: date) -> date | None:
    """Return the day halfway a course: the first on which half of its days, or more, are over.

    All days from the first to the last one count, both included. None where that would be its last day or
    later, as in a course of three days or fewer: what is paid halfway is then paid at the completion.
    """
    days = (ends_on - starts_on).days + 1
    halfway = starts_on + timedelta(days=(days + 1) // 2)
    return halfway if halfway < ends_on else None


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


def costs(terms: Terms, starts_on: date) -> tuple[tuple[date, int], ...]:
    """Return the last day on which leaving costs each percentage of the price, the lowest first.

    Only before the start: who leaves later pays by what was given.
    """
    until: dict[int, date] = {}
    for step in terms.cost_steps:
        day = _holds_until(step, starts_on)
        until[step.percent] = max(day, until.get(step.percent, day))
    found: list[tuple[date, int]] = []
    for percent, day in sorted(until.items()):
        if not found or day > found[-1][0]:
            found.append((day, percent))
    return tuple(found)


def costs_from(terms: Terms, starts_on: date, on: date) -> tuple[tuple[date, int], ...]:
    """Return the `costs` that can still be: without those of which the last day is past."""
    return tuple(one for one in costs(terms, starts_on) if one[0] >= on)


def step_cost(terms: Terms, price: Money, starts_on: date, on: date) -> Money:
    """Return what leaving on a day costs after the withdrawal term, rounded down."""
    for last_day, percent in costs(terms, starts_on):
        if on <= last_day:
            return price.share(Fraction(percent, 100), Rounding.DOWN)
    return price


def _holds_until(step: CostStep, starts_on: date) -> date:
    if step.working:
        return working_days_before(starts_on, step.days_before)
    return starts_on - timedelta(days=step.days_before)


def with_agreed(terms: Terms, agreed: Iterable[OrderClocks]) -> Terms:
    """Return the terms of a booking that such money pays a part of: what is best for the worker, of each."""
    for clocks in agreed:
        steps = (CostStep(one.days, one.percent, one.working) for one in clocks.cancel)
        terms = replace(
            terms,
            answer_working_days=min(
                terms.answer_working_days, clocks.answer_working_days or terms.answer_working_days
            ),
            accept_working_days=max(terms.accept_working_days, clocks.accept_working_days or 0),
            withdrawal_days=max(terms.withdrawal_days, clocks.withdrawal_days or 0),
            withdrawal_working_days=max(
                terms.withdrawal_working_days, clocks.withdrawal_working_days or 0
            ),
            cost_steps=tuple(dict.fromkeys((*terms.cost_steps, *steps))),
        )
    return terms


def meets_completion(
    *,
    attended_at_least: int,
    certificate_suffices: bool,
    attended_percent: int | None,
    certificate: bool | None,
) -> bool:
    """Whether what a provider says is enough for the part that is paid at the completion."""
    if certificate_suffices and certificate:
        return True
    return not attended_at_least or (attended_percent or 0) >= attended_at_least


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
            cost = min(given(price, starts_on, ends_on, on), step_cost(terms, price, starts_on, on))
    elif on >= starts_on:
        return None
    else:
        kind, cost = LeavingKind.AFTER_TERM, step_cost(terms, price, starts_on, on)
    paid = min(cost, from_account)
    return Leaving(kind, cost, paid, cost - paid, from_account - paid)
