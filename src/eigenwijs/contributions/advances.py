"""What of an advance comes with a period and what goes off it. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eigenwijs.schemes.types import Step


@dataclass(frozen=True, slots=True)
class Advance:
    """What came ahead with one period of one job, and what of an advance went off it, in cents."""

    granted: int = 0
    set_off: int = 0

    @property
    def net(self) -> int:
        """What comes with the period beyond what the scheme gives in it; below zero, less."""
        return self.granted - self.set_off

    def steps(self, article: str) -> Iterator[Step]:
        """Yield how it changes an amount; `article` is where the scheme says so."""
        if self.set_off:
            yield Step("advance_set_off", {"amount": self.set_off}, article)
        if self.granted:
            yield Step("advance", {"amount": self.granted}, article)


NO_ADVANCE = Advance()


def advance_in(
    given: int,
    *,
    others: int,
    before: tuple[int, Advance] | None,
    asked: int = 0,
    most: int = 0,
    named: bool = True,
) -> Advance:
    """Return what comes ahead with a period and what goes off it, so that less than nothing is never open.

    In cents. `given` is what the scheme gives in the period, after caps; `others` the sum of `net` over all
    other periods of the job; `before` what an earlier delivery of this period gave, and its advance. What
    came ahead stays, whatever a correction says, and one that changes nothing takes nothing more off. One
    that names the job no longer keeps only what other periods have set off already.
    """
    gave, then = before or (0, NO_ADVANCE)
    if not named:
        return Advance(min(then.granted, max(-others, 0)))
    set_off = min(max(given, 0), max(others, 0))
    if before:
        set_off = min(set_off, then.set_off + max(given - gave, 0))
    room = max(most - (others + then.granted - set_off), 0)
    return Advance(then.granted + min(asked, room), set_off)
