"""The blocks of what money may be spent on, and how much of a course it pays."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eigenwijs.schemes.block import Block, Cases, Sourced, Texts
from eigenwijs.schemes.values import Formula, Identifier, TrueOrFalse


class SpendCondition(Sourced):
    """Which courses the money is for, and what is said where a course is not one of them."""

    id: Identifier
    """Its own name."""
    when: Formula
    """The condition, over the facts of a course."""
    otherwise: Texts
    """What is said where a course is not one of them."""


class Payment(Sourced):
    """The most that the money pays for a course, by case, and how that is said to people.

    The rest of the price is the worker's, or another pot's.
    """

    cases: Cases
    """The most that is paid, in whole cents down; below zero is nothing, and never more than the
    price.
    """
    text: Texts
    """How people read it."""


class Exemption(Sourced):
    """Who pays no contribution of their own: `when` or `others_pay_at_least`, one of the two."""

    id: Identifier
    """Its own name."""
    when: Formula | None = None
    """The condition, over the facts of a course and of who buys it."""
    others_pay_at_least: Formula | None = None
    """Or: from which amount on, that the money of other agreements pays for the course."""
    text: Texts
    """How people read it."""

    @property
    def formulas(self) -> tuple[str, ...]:
        """The formulas in it: one."""
        return tuple(text for text in (self.when, self.others_pay_at_least) if text)


class OwnContribution(Sourced):
    """What the money leaves of the price of a course, however much of it there is, and for whom it does not.

    It is the worker's to pay, or another pot's. With `pays`, the lower of the two counts.
    """

    cases: Cases
    """The contribution, in whole cents down; never more than the price."""
    unless: list[Exemption] = Field(default=[])
    """Where one of them holds, there is no contribution."""
    text: Texts
    """How people read it."""


class CoFunding(Sourced):
    """What the money of other agreements must pay for the course before this money pays anything.

    What the worker pays is not theirs.
    """

    cases: Cases
    """The least that they pay, parts of a cent up; at zero or below nothing is asked."""
    text: Texts
    """What is said where they pay less."""


class MilestonePart(Block):
    """When the provider gets a part of what the money pays for a course."""

    at: Literal["started", "halfway", "completed"]
    """`started`: the learner said that the course began and the withdrawal term is over; `halfway`: half of
    the days from the first day to the last one, both counted, are over and the learner still follows the
    course, as they say, or as a person decides where they say no or nothing (in a course of three days or
    fewer this part is paid at `completed`); `completed`: the course is over and was completed, as they say or
    a person decides.
    """
    percent: Annotated[int, Field(ge=1, le=100)]
    """Which part, in percent."""


class Milestones(Sourced):
    """In which parts the provider gets what the money pays for a course.

    What it does not get yet stays set aside. If the course is not completed, it goes back to the account,
    and nobody owes it to the provider.
    """

    parts: Annotated[list[MilestonePart], Field(min_length=1)]
    """The parts, in the order in which they come, together 100 percent; parts of a cent are for the last."""

    def percent_at(self, moment: str) -> int:
        """Return how many percent are paid at a moment."""
        return sum(part.percent for part in self.parts if part.at == moment)


class Completion(Sourced):
    """What counts as completed, for the part that is paid then.

    The provider says it, which is evidence, and the learner says whether it is so. Where it is not met, or the
    learner says no or nothing, a person decides.
    """

    attended_at_least: Annotated[int, Field(ge=1, le=100)]
    """How many percent of the course a learner must have attended."""
    certificate_suffices: TrueOrFalse = False
    """Whether a certificate is enough, however much was attended."""


class Spend(Sourced):
    """What the money may be spent on, and how much of a course it pays; all of it where nothing is said."""

    work_related_only: TrueOrFalse
    """Whether the course must be for the present work."""
    only: list[SpendCondition] = Field(default=[])
    """The conditions on the course; all of them must hold."""
    pays: Payment | None = None
    """The most that it pays for a course; all of it where this is left out."""
    own: OwnContribution | None = None
    """What the money leaves of the price of a course; nothing where this is left out."""
    others_pay_at_least: CoFunding | None = None
    """What others must pay before this money pays; nothing where this is left out."""
    milestones: Milestones | None = None
    """In which parts the provider gets it; all of it at the start where this is left out."""
    completion: Completion | None = None
    """What counts as completed; that the course was followed to its end where this is left out."""

    @property
    def expressions(self) -> tuple[str, ...]:
        """Every formula in it."""
        blocks = (self.pays, self.own, self.others_pay_at_least)
        cases = [case for block in blocks if block for case in block.cases]
        texts = [limit.when for limit in self.only]
        texts += [text for case in cases for text in case.formulas]
        if self.own:
            texts += [text for one in self.own.unless for text in one.formulas]
        return tuple(texts)
