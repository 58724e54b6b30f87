"""Files that are joined after the list leave one person with several tickets: they get one place of a round."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from eigenwijs.audit.operations import announce
from eigenwijs.budgets import queries as accounts
from eigenwijs.draws import operations, queries
from eigenwijs.draws.models import Place, Ticket
from eigenwijs.draws.types import Fit
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.people.models import Person
from tests.factories.draws import (
    CLOSED,
    DRAWN,
    FALLEN,
    VALUE,
    assert_books_hold,
    draw,
    enter_all,
    kinds_told,
    make_operator,
    make_published,
    make_rules,
    make_waiting,
    open_,
    places,
    verified,
)
from tests.factories.people import SYSTEM, actor_for, make_person
from tests.faults import again_after_a_clash

pytestmark = pytest.mark.django_db
React = Callable[[datetime], int]


def join(file: UUID, into: UUID, at: datetime = DRAWN) -> None:
    """The file joins that of its person, as the code of a letter does."""
    Person.objects.filter(pk=file).update(merged_into=into)
    announce(by=SYSTEM, at=at, event="person_merged", subject=("people.person", into))


def yes(place: Place, whose: UUID, at: datetime = DRAWN) -> str:
    try:
        operations.accept_place(place_id=place.pk, by=actor_for(whose), at=at)
    except DomainError as refusal:
        return refusal.code
    return ""


def live(round_id: UUID) -> dict[UUID, Place]:
    return {
        person: place
        for person, place in places(round_id).items()
        if place.state in ("offered", "accepted")
    }


def make_drawn(people: int = 5, on_reserve: int = 2) -> tuple[UUID, list[UUID], list[UUID]]:
    """A round of three places: its winners, and who is on the reserve list in its order."""
    found = make_published(make_rules(reserve_places=on_reserve))
    enter_all(found.id, people)
    draw(found.id)
    reserve = Ticket.objects.filter(round=found.id, outcome="reserve").order_by("reserve_rank")
    return found.id, list(places(found.id)), list(reserve.values_list("person", flat=True))


def test_a_second_yes_of_one_person_is_refused_and_says_why() -> None:
    round_id, (person, file, _other), _reserve = make_drawn()
    won = places(round_id)
    assert yes(won[file], file) == ""
    Person.objects.filter(pk=file).update(merged_into=person)
    assert [one.round_id for one in queries.open_places_of(person, at=DRAWN)] == []
    assert yes(won[person], person) == "has_place"
    assert accounts.account(person, on=DRAWN.date()).available == Money(100_00)
    assert_books_hold(DRAWN)


@pytest.mark.parametrize("said_yes", [False, True])
def test_one_place_stays_when_files_join_and_the_other_goes_to_who_waits(
    said_yes: bool, react: React
) -> None:
    round_id, (person, file, _other), (first, second) = make_drawn()
    won = places(round_id)
    if said_yes:
        assert yes(won[file], file) == ""
    join(file, person)
    react(DRAWN)
    react(DRAWN)
    kept = live(round_id).keys() & {person, file}
    assert len(kept) == 1
    if said_yes:
        assert kept == {file}
    assert live(round_id).keys() & {first, second} == {first}
    (gone,) = {person, file} - kept
    assert "place_of_joined_file" in kinds_told(gone)
    assert yes(won[gone], person) == "has_place"
    (own,) = [one for one in queries.rounds_of(person, at=DRAWN) if one.round.id == round_id]
    shown = queries.ticket_of(person, round_id)
    assert own.ticket
    assert shown
    assert own.ticket.person_id in kept
    assert own.ticket.place == shown.place
    (one_left,) = kept
    assert yes(won[one_left], person) == ""
    assert accounts.account(person, on=DRAWN.date()).available == Money(100_00)
    assert_books_hold(DRAWN)


def test_of_two_open_places_that_with_most_money_stays(react: React) -> None:
    rules = make_rules(fit=Fit.PARTIAL, pot=Money(150_00), reserve_places=0)
    found = make_published(rules)
    enter_all(found.id, 2)
    draw(found.id)
    by_amount = sorted(places(found.id).items(), key=lambda one: one[1].cents)
    (least, _), (most, _) = by_amount
    join(most, least)
    react(DRAWN)
    assert live(found.id).keys() == {most}
    assert_books_hold(DRAWN)


def test_who_has_a_place_is_passed_over_on_the_reserve_list() -> None:
    """Also who stands on it twice gets one, and nobody behind them waits for it."""
    round_id, (winner, other, third), (first, second, last) = make_drawn(6, on_reserve=3)
    Person.objects.filter(pk=first).update(merged_into=winner)
    Person.objects.filter(pk=last).update(merged_into=second)
    for who in (other, third):
        operations.decline_place(place_id=places(round_id)[who].pk, by=actor_for(who), at=DRAWN)
    assert live(round_id).keys() == {winner, second}
    assert_books_hold(DRAWN)


def test_files_joined_between_list_and_draw_win_one_place_and_hear_one_result() -> None:
    found = make_published()
    people = enter_all(found.id, 5)
    operations.list_tickets(round_id=found.id, by=SYSTEM, at=CLOSED)
    person = people[0]
    Person.objects.filter(pk__in=people[1:4]).update(merged_into=person)
    operator = make_operator()
    operations.enter_beacon(round_id=found.id, value=VALUE, by=operator, at=FALLEN)
    operations.reveal(round_id=found.id, by=operator, at=DRAWN)
    assert len(live(found.id).keys() & set(people[:4])) == 1
    assert people[4] in live(found.id)
    results = ("round_won", "round_reserve", "round_lost", "round_lost_counts_next_time")
    assert [kind for kind in kinds_told(person) if kind in results] == ["round_won"]
    assert verified(found.id) == []
    assert_books_hold(DRAWN)


def test_in_order_of_arrival_too(react: React) -> None:
    served = open_(make_waiting().id)
    person, file = make_person().id, make_person().id
    for one in (person, file):
        operations.claim(round_id=served.id, person_id=one, by=actor_for(one), at=CLOSED)
    join(file, person, CLOSED)
    react(CLOSED)
    assert len(live(served.id)) == 1
    assert_books_hold(CLOSED)


@pytest.mark.django_db(transaction=True)
def test_of_two_yeses_of_one_person_at_the_same_moment_one_is_given(react: React) -> None:
    """Real connections, and the worker that settles the joined files comes at the same moment."""
    round_id, (person, file, _other), _reserve = make_drawn()
    won = places(round_id)
    join(file, person)
    start = Barrier(3)

    def at_once(call: Callable[[], object]) -> object:
        start.wait()
        try:
            return again_after_a_clash(call)
        finally:
            connection.close()

    calls: list[Callable[[], object]] = [partial(yes, won[one], person) for one in (person, file)]
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(at_once, [*calls, partial(react, DRAWN)]))[:2]
    react(DRAWN)
    assert sorted(map(str, answers)) == ["", "has_place"]
    assert len(live(round_id).keys() & {person, file}) == 1
    assert accounts.account(person, on=DRAWN.date()).available == Money(100_00)
    assert_books_hold(DRAWN + timedelta(hours=1))
