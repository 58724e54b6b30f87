"""The blocks of the clocks of an order: when a provider answers, and until when stopping costs what."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from eigenwijs.schemes.block import Block, Sourced

LEAST_WITHDRAWAL_DAYS = 14
"""Art. 9 of directive 2011/83/EU and art. 6:230o BW: nobody can agree on less."""


class Answer(Sourced):
    """How long a provider may take to say yes or no."""

    working_days: Annotated[int, Field(ge=1, le=60)]
    """So many working days after the request; always before the course starts."""


class Accepting(Sourced):
    """How long somebody may think about another start that the provider proposes instead of a yes."""

    working_days: Annotated[int, Field(ge=1, le=60)]
    """So many working days after the proposal; always before that start. Silence ends it, at no cost."""


class Withdrawal(Sourced):
    """How long somebody may stop without a reason and without cost after the provider's yes: one of the two.

    Never less than the fourteen days of the law.
    """

    days: Annotated[int, Field(ge=LEAST_WITHDRAWAL_DAYS, le=365)] | None = None
    """So many calendar days; a last day in a weekend or on a holiday moves to the next working day."""
    working_days: Annotated[int, Field(ge=LEAST_WITHDRAWAL_DAYS, le=250)] | None = None
    """So many working days."""


class CancelStep(Block):
    """What stopping costs from some day on until another step costs less: one of the two kinds of days."""

    days_before: Annotated[int, Field(ge=0, le=365)] | None = None
    """It holds until so many calendar days before the start."""
    working_days_before: Annotated[int, Field(ge=0, le=250)] | None = None
    """It holds until so many working days before the start."""
    percent: Annotated[int, Field(ge=0, le=100)]
    """So much of the price, parts of a cent left out."""

    @property
    def days(self) -> int:
        """The days before the start, of whichever kind."""
        days = self.days_before if self.working_days_before is None else self.working_days_before
        return days or 0


class Cancelling(Sourced):
    """What stopping costs after the term of withdrawal, before the course starts."""

    steps: Annotated[list[CancelStep], Field(min_length=1)]
    """The lowest percentage of the steps that hold counts; where none holds, what holds for everyone."""


class Orders(Sourced):
    """The clocks of an order that money of the scheme pays a part of.

    What is better for the worker counts, of this, of every other scheme that pays a part, and of what holds
    for all bookings. It is settled on the day of the order.
    """

    answer: Answer | None = None
    """How long the provider may take to answer."""
    accept: Accepting | None = None
    """How long the worker may think about another start that the provider proposes."""
    withdraw: Withdrawal | None = None
    """How long the worker may stop without cost."""
    cancel: Cancelling | None = None
    """What stopping costs after that."""
