"""Every event that the house announces has its reactions, or says that nothing follows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from datetime import date, datetime

import pytest

from eigenwijs.jobs.reactions import NO_REACTION, REACTIONS
from eigenwijs.notices import queries as notices
from eigenwijs.people import operations as people
from tests.architecture.source import Module, assert_none, calls, modules, planted
from tests.factories.people import SYSTEM, actor_for, make_employment, make_person


def announced(house: Iterable[Module]) -> tuple[set[str], list[str]]:
    """Return the names of all events announced in `house`, and the places that hide theirs.

    A function that only passes its own `announce_as` on hides nothing: its callers name the event.
    """
    names: set[str] = set()
    hidden = []
    for module in house:
        if module.room == "audit":
            continue
        for called, call in calls(module.tree):
            for keyword in call.keywords:
                if keyword.arg != "announce_as" and (called, keyword.arg) != ("announce", "event"):
                    continue
                inside = list(ast.walk(keyword.value))
                literals = {str(n.value) for n in inside if isinstance(n, ast.Constant) and n.value}
                passed_on = any(isinstance(n, ast.Name) and n.id == "announce_as" for n in inside)
                names |= literals
                if not literals and not passed_on:
                    hidden.append(f"{module.name} line {call.lineno}: write the event's name here")
    return names, hidden


def find_unanswered(house: Iterable[Module], answered: set[str]) -> list[str]:
    """Name every event without an answer, every answer without an event, every hidden name."""
    names, hidden = announced(house)
    return [
        *hidden,
        *(f"{name} has no reaction and is not in NO_REACTION" for name in sorted(names - answered)),
        *(f"nobody announces {name}" for name in sorted(answered - names)),
    ]


def test_every_event_has_a_reaction_or_says_that_nothing_follows() -> None:
    assert_none(find_unanswered(modules(), REACTIONS.keys() | NO_REACTION))


def test_no_event_both_has_reactions_and_none() -> None:
    assert not REACTIONS.keys() & NO_REACTION
    assert all(REACTIONS.values())


def test_planted_event_without_reaction() -> None:
    house = [planted("audit.announce(by=by, at=at, event='fell', subject=s)\n")]
    assert find_unanswered(house, set()) == ["fell has no reaction and is not in NO_REACTION"]
    assert not find_unanswered(house, {"fell"})
    assert find_unanswered(house, {"fell", "rose"}) == ["nobody announces rose"]
    moved = planted("move(thing, 'go', by=by, at=at, lifecycle=X, announce_as='a' if b else '')\n")
    assert announced([moved])[0] == {"a"}
    passed_on = planted(
        "move(x, 'go', announce_as=announce_as if a else '')\n_move(announce_as='b')\n"
    )
    assert announced([passed_on]) == ({"b"}, [])
    hidden = planted("announce(by=by, at=at, event=name, subject=s)\n")
    assert len(find_unanswered([hidden], set())) == 1


@pytest.mark.django_db
def test_joined_files_are_told_of_only_where_there_was_a_job_before(
    now: datetime, react: Callable[[datetime], int]
) -> None:
    person = make_person()
    told = []
    for _letter in range(2):
        job = make_employment()
        code = people.issue_claim_code(job.person_id, by=SYSTEM, at=now)
        born = date(1990, 5, 17)
        by = actor_for(person, second_proof_at=now)
        people.claim(code=code, birth_date=born, by=by, at=now)
        react(now)
        told.append({notice.kind for notice in notices.inbox(person.id)})
    assert told == [{"file_claimed"}, {"file_claimed", "files_joined"}]
