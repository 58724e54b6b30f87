"""The states of a thing and the events that move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eigenwijs.kernel.errors import DomainError


class UnableToMove(DomainError):
    """The thing is in a state that this event does not leave. Codes: wrong_state, unknown_event."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A table of moves: (state, event) → state. Pure: it stores nothing and does nothing."""

    initial: str
    moves: Mapping[tuple[str, str], str]

    @property
    def states(self) -> frozenset[str]:
        """Every state that can be reached, the initial one included."""
        return frozenset({self.initial, *self.moves.values(), *(s for s, _ in self.moves)})

    @property
    def events(self) -> frozenset[str]:
        """Every event that some state knows."""
        return frozenset(event for _, event in self.moves)

    def allows(self, state: str, event: str) -> bool:
        """Whether `event` moves a thing in `state`."""
        return (state, event) in self.moves

    def next_state(self, state: str, event: str) -> str:
        """Return the state after `event`; raises UnableToMove where the table has no such move."""
        try:
            return self.moves[state, event]
        except KeyError:
            code = "wrong_state" if event in self.events else "unknown_event"
            raise UnableToMove(code, params={"state": state, "event": event}) from None
