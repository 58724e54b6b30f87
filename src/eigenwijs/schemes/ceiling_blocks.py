"""The blocks of money that does not reach for everyone: pots per window, and who comes first."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eigenwijs.schemes.block import Sourced, Texts
from eigenwijs.schemes.ceiling_limits import MOST_BAD_LUCK, MOST_WEIGHT
from eigenwijs.schemes.values import Day, Formula, Number, Sentence, TrueOrFalse

GroupName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,19}$")]


class CeilingGroup(Sourced):
    """A group that comes first: its tickets count more often, or a share of the pot is its own."""

    id: GroupName
    """Its own name, at most twenty characters; not `all`, which is everyone else."""
    when: Formula
    """Who is in it, over `contract_kind`, `contract_hours_week` and `age`, with plain numbers:
    `contract_hours_week < 20`. Who lacks a fact is not in a group that names it.
    """
    text: Texts
    """What it is called."""
    weight: Annotated[int, Field(ge=2, le=MOST_WEIGHT)] | None = None
    """So many times a ticket of it counts in the draw; once where this is left out."""
    share_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """So much of every pot is for this group first."""


class BadLuck(Sourced):
    """Who took part before in vain has a better chance."""

    step: Annotated[int, Field(ge=1, le=MOST_BAD_LUCK)]
    """So many times more a ticket counts for every round in vain."""
    rounds: Annotated[int, Field(ge=1, le=MOST_BAD_LUCK)]
    """For at most so many rounds."""


class Window(Sourced):
    """When requests are taken, and how much there is for them."""

    opens: Day
    """The first day. With `first_come` whoever waited in the days before it comes first, by lot."""
    closes: Day
    """The last day."""
    pot: Number
    """What is divided, in what the scheme counts."""


class Ceiling(Sourced):
    """Money that is divided in rounds because it does not reach for everyone.

    A round over the scheme runs by exactly this. What a payroll credits is in `credit`, apart from it.
    """

    who: Texts
    """Who can ask, in words."""
    when: Formula | None = None
    """Who can ask, as a condition like that of a group; everyone where it is left out."""
    order: Literal["draw", "priority", "first_come"]
    """Who gets it: by lot, by lot with `groups` that come first, or in order of arrival. That last order only
    where a law demands it, as it favours who is quick.
    """
    law: Sentence | None = None
    """The text of the law that demands order of arrival; with `first_come` and nothing else."""
    groups: list[CeilingGroup] = Field(default=[])
    """Who comes first; with `priority` and nothing else. A person is in the first that holds."""
    bad_luck: BadLuck | None = None
    """Whether earlier rounds in vain count; not with `first_come`."""
    least: Number | None = None
    """The least that can be asked; a hundredth where it is left out."""
    most: Number
    """The most that can be asked. Equal to `least`: everyone asks the same."""
    when_too_small: Literal["close", "skip", "partial"]
    """What happens to the first request that does not fit in what is left: the round closes before it, it is
    passed over for a smaller one behind it, or it gets what is left. With `first_come`: `skip`.
    """
    once_a_year: TrueOrFalse = False
    """`true`: of all windows that open in one calendar year somebody can get money once."""
    windows: Annotated[list[Window], Field(min_length=1)]
    """When there is how much, in order of time."""

    @property
    def conditions(self) -> dict[tuple[str | int, ...], str]:
        """Every condition, by its place in the block."""
        found: dict[tuple[str | int, ...], str] = {("when",): self.when} if self.when else {}
        for index, group in enumerate(self.groups):
            found["groups", index, "when"] = group.when
        return found
