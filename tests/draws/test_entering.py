"""Entering a round: one ticket a person, by whatever way, and the odds never change by it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection, transaction

from eigenwijs.draws import operations, queries, seeds
from eigenwijs.draws.models import Ticket
from eigenwijs.draws.operations import (
    UnableToAnswer,
    UnableToEnter,
)
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.money import Money
from eigenwijs.people import operations as people
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import ContractKind, Role
from tests.factories.draws import (
    CLOSED,
    DRAWN,
    EVERYONE,
    FLEX,
    MADE,
    OPENED,
    draw,
    enter_all,
    kinds_told,
    make_fund,
    make_operator,
    make_published,
    make_rules,
    places,
)
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_opened,
    make_person,
)

pytestmark = pytest.mark.django_db


def test_entering_again_from_elsewhere_or_through_the_desk_gives_the_same_one_ticket() -> None:
    found = make_published()
    person = make_person()
    desk = actor_for(make_person(role=Role.DESK), Role.DESK)
    tickets = [
        operations.enter(round_id=found.id, person_id=person.id, by=by, at=OPENED + later)
        for by in (actor_for(person), actor_for(person), desk)
        for later in (timedelta(), timedelta(days=20))
    ]
    assert len({(one.id, one.number, one.weight) for one in tickets}) == 1
    assert Ticket.objects.count() == 1
    assert kinds_told(person.id) == ["round_entered"]


def test_many_devices_at_once_make_one_ticket_and_the_odds_are_those_of_one(
    transactional_db: None,
) -> None:
    found = make_published()
    person = make_person()
    start = Barrier(6)

    def enter(_device: int) -> str:
        try:
            start.wait()
            return operations.enter(
                round_id=found.id, person_id=person.id, by=actor_for(person), at=OPENED
            ).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as devices:
        numbers = set(devices.map(enter, range(6)))
    assert len(numbers) == 1
    enter_all(found.id, 29, at=OPENED + timedelta(days=28))
    (line,) = queries.groups_now(found.id)
    assert (line.tickets, line.weight) == (30, 1)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    rows = queries.files(found.id)["tickets.csv"].splitlines()[1:]
    assert {row.split(",")[2] for row in rows} == {"1"}
    assert len(rows) == 30


def test_when_how_often_and_through_whom_people_enter_changes_no_key_and_no_winner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Played twice from the same start, with the same seed: every published byte is the same.

    What a ticket is called is dealt for each person and each time that a number is drawn, so that a
    second number for the same person would be seen.
    """
    found = make_published(make_rules(groups=(FLEX, EVERYONE), pot=Money(800_00)))
    files = [make_employment(contract_kind=ContractKind.ON_CALL).person_id for _job in range(10)]
    files += [make_person().id for _person in range(10)]
    desk = actor_for(make_person(role=Role.DESK), Role.DESK)
    operator = make_operator()
    drawn: Counter[UUID] = Counter()
    now: list[UUID] = []

    def deal() -> str:
        drawn[now[0]] += 1
        return f"T{files.index(now[0]):02}-{drawn[now[0]]}"

    monkeypatch.setattr(seeds, "ticket_number", deal)

    def play(entries: Sequence[tuple[UUID, timedelta, Actor]], returns: UUID) -> dict[str, str]:
        drawn.clear()
        with transaction.atomic():
            for person_id, later, by in sorted(entries, key=lambda one: one[1]):
                now[:] = [person_id]
                at = OPENED + later
                operations.enter(round_id=found.id, person_id=person_id, by=by, at=at)
                if person_id == returns:
                    operations.withdraw(round_id=found.id, person_id=person_id, by=by, at=at)
                    operations.enter(round_id=found.id, person_id=person_id, by=by, at=at)
            draw(found.id, by=operator)
            published = queries.files(found.id)
            transaction.set_rollback(True)
        return published

    once = play([(one, timedelta(), SYSTEM) for one in files], returns=desk.person_id or found.id)
    assert len(json.loads(once["result.json"])["winners"]) == 8
    chance = random.Random(1)
    entries = [
        (one, timedelta(minutes=chance.randrange(29 * 24 * 60)), chance.choice((SYSTEM, desk)))
        for one in files
        for _device in range(chance.choice((1, 1, 3)))
    ]
    assert play(entries, returns=files[0]) == once


def test_files_of_one_person_that_join_while_the_round_is_open_have_one_ticket_in_the_list() -> (
    None
):
    found = make_published()
    person = make_opened(make_employment().person_id, at=MADE)
    other = make_employment(birth_date=date(1990, 5, 17))
    for file in (person.id, other.person_id):
        operations.enter(round_id=found.id, person_id=file, by=SYSTEM, at=OPENED)
    code = people.issue_claim_code(other.person_id, by=SYSTEM, at=OPENED)
    me = actor_for(person, Role.WORKER, None, OPENED)
    people.claim(code=code, birth_date=date(1990, 5, 17), by=me, at=OPENED)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert queries.files(found.id)["tickets.csv"].count("\n") == 2
    assert queries.ticket_of(person.id, found.id) == queries.ticket_of(other.person_id, found.id)


def test_who_withdraws_is_in_no_list_and_may_come_back_while_it_is_open() -> None:
    found = make_published()
    person = make_person()
    me = actor_for(person)
    first = operations.enter(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    operations.withdraw(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    operations.withdraw(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    assert queries.groups_now(found.id) == []
    again = operations.enter(
        round_id=found.id, person_id=person.id, by=me, at=OPENED + timedelta(days=1)
    )
    assert (again.number, again.withdrawn_at) == (first.number, None)
    operations.withdraw(round_id=found.id, person_id=person.id, by=me, at=OPENED)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    assert queries.files(found.id)["tickets.csv"] == "ticket,class,weight,cents\n"


def test_nobody_else_enters_answers_or_manages_for_somebody() -> None:
    found = make_published()
    person, stranger = make_person(), actor_for(make_person())
    for act in (operations.enter, operations.withdraw):
        with pytest.raises(NotPermitted):
            act(round_id=found.id, person_id=person.id, by=stranger, at=OPENED)
    enter_all(found.id, 1)
    draw(found.id)
    (place,) = places(found.id).values()
    for answer in (operations.accept_place, operations.decline_place):
        with pytest.raises(UnableToAnswer) as refusal:
            answer(place_id=place.pk, by=stranger, at=DRAWN)
        assert refusal.value.code == "not_found"
    with pytest.raises(NotPermitted):
        operations.reveal(round_id=found.id, by=stranger, at=DRAWN)
    with pytest.raises(NotPermitted):
        operations.make_round(rules=make_rules(), payer_id=make_fund(), by=stranger, at=MADE)


def test_groups_and_who_may_enter_follow_the_facts_of_the_first_day() -> None:
    rules = make_rules(
        when="age >= 18", groups=(FLEX, EVERYONE), most=Money(200_00), pot=Money(1_000_00)
    )
    found = make_published(rules)
    on_call = make_employment(contract_kind=ContractKind.ON_CALL)
    ended = make_employment(contract_kind=ContractKind.ON_CALL, ended_on=date(2026, 3, 31))
    child = make_person(birth_date=date(2010, 1, 1))
    unknown = make_person(birth_date=None)
    tickets = [
        operations.enter(round_id=found.id, person_id=one.person_id, by=SYSTEM, at=OPENED)
        for one in (on_call, ended)
    ]
    assert [(one.group.id, one.weight) for one in tickets if one.group] == [("flex", 3), ("all", 1)]
    for file in (child, unknown):
        with pytest.raises(UnableToEnter) as refusal:
            operations.enter(round_id=found.id, person_id=file.id, by=SYSTEM, at=OPENED)
        assert refusal.value.code == "may_not_enter"
    with pytest.raises(UnableToEnter, match=r"100,00.*200,00"):
        operations.enter(
            round_id=found.id,
            person_id=on_call.person_id,
            amount=Money(200_01),
            by=SYSTEM,
            at=OPENED,
        )
