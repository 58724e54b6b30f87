"""The blocks of what money may be spent on, and how much of a course it pays."""

from __future__ import annotations

from pydantic import Field

from eigenwijs.schemes.block import Cases, Sourced, Texts
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

    An own contribution is the rest of the price: the worker's, or another pot's.
    """

    cases: Cases
    """The most that is paid, in whole cents down; below zero is nothing, and never more than the
    price.
    """
    text: Texts
    """How people read it."""


class Spend(Sourced):
    """What the money may be spent on, and how much of a course it pays; all of it where nothing is said."""

    work_related_only: TrueOrFalse
    """Whether the course must be for the present work."""
    only: list[SpendCondition] = Field(default=[])
    """The conditions on the course; all of them must hold."""
    pays: Payment | None = None
    """The most that it pays for a course; all of it where this is left out."""
