"""A thing moves only as its table says."""

from __future__ import annotations

import pytest

from eigenwijs.kernel.lifecycle import Lifecycle, UnableToMove

DOOR = Lifecycle(
    "closed",
    {("closed", "open"): "ajar", ("ajar", "push"): "wide", ("ajar", "shut"): "closed"},
)


def test_states_and_events_are_those_of_the_table() -> None:
    assert DOOR.states == {"closed", "ajar", "wide"}
    assert DOOR.events == {"open", "push", "shut"}


def test_an_event_moves_a_thing() -> None:
    assert DOOR.next_state("closed", "open") == "ajar"
    assert DOOR.allows("ajar", "push")
    assert not DOOR.allows("wide", "push")


@pytest.mark.parametrize(
    ("state", "event", "code"),
    [
        ("closed", "push", "wrong_state"),
        ("nowhere", "open", "wrong_state"),
        ("closed", "kick", "unknown_event"),
    ],
)
def test_every_other_event_is_refused_with_its_reason(state: str, event: str, code: str) -> None:
    with pytest.raises(UnableToMove) as refusal:
        DOOR.next_state(state, event)
    assert refusal.value.code == code
    assert refusal.value.params == {"state": state, "event": event}
