"""Every state of every thing can be reached, and every event either moves it or is refused."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from eigenwijs.kernel.lifecycle import Lifecycle, UnableToMove
from tests.architecture.source import modules


def find_unreachable_states(lifecycle: Lifecycle) -> set[str]:
    """Return the states that no events lead to."""
    reached = {lifecycle.initial}
    while (
        more := {after for (before, _), after in lifecycle.moves.items() if before in reached}
        - reached
    ):
        reached |= more
    return set(lifecycle.states) - reached


def find_events_without_answer(lifecycle: Lifecycle) -> list[str]:
    """Try every (state, event) pair; name those that neither move nor refuse."""
    breaches = []
    for state in sorted(lifecycle.states):
        for event in sorted(lifecycle.events):
            try:
                moved = lifecycle.next_state(state, event) in lifecycle.states
            except UnableToMove as refusal:
                moved = refusal.code == "wrong_state" and not lifecycle.allows(state, event)
            if not moved:
                breaches.append(f"{event} in {state}")
    return breaches


def _lifecycles() -> Iterator[tuple[str, Lifecycle]]:
    for module in modules():
        if module.is_migration or "Lifecycle(" not in module.text:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Lifecycle):
                yield f"{module.name}.{name}", value


@pytest.mark.parametrize(
    "lifecycle", [pytest.param(value, id=name) for name, value in _lifecycles()]
)
def test_every_state_is_reached_and_every_event_answered(lifecycle: Lifecycle) -> None:
    assert not find_unreachable_states(lifecycle)
    assert not find_events_without_answer(lifecycle)


def test_planted_state_that_nothing_reaches() -> None:
    lost = Lifecycle("made", {("made", "send"): "sent", ("lost", "find"): "made"})
    assert find_unreachable_states(lost) == {"lost"}


def test_planted_event_that_is_neither_moved_nor_refused() -> None:
    class Silent(Lifecycle):
        def next_state(self, state: str, event: str) -> str:
            return self.moves.get((state, event), "nowhere")

    silent = Silent("made", {("made", "send"): "sent"})
    assert find_events_without_answer(silent) == ["send in sent"]
