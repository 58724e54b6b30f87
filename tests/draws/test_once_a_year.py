"""Where a scheme gives money once a calendar year, nobody gets it of two of its rounds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from uuid import UUID

import pytest
from django.db import connection

from eigenwijs.audit.operations import announce
from eigenwijs.budgets import queries as accounts
from eigenwijs.draws import access, operations, queries, standing
from eigenwijs.draws.models import Round, Ticket
from eigenwijs.draws.types import RoundRules, RoundView
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.people.models import Person
from tests.factories.draws import (
    CLOSED,
    DRAWN,
    FALLEN,
    OPENED,
    VALUE,
    assert_books_hold,
    draw,
    kinds_told,
    make_fund,
    make_operator,
    make_published,
    make_rules,
    make_waiting,
    open_,
    places,
    told,
    verified,
)
from tests.factories.people import SYSTEM, actor_for, make_person
from tests.faults import again_after_a_clash

pytestmark = pytest.mark.django_db
NEXT = 60
"""The next round is so many days later: in May and June."""
NEXT_YEAR = 280
"""And one after that opens in January 2027."""


def round_of(days: int = 0, *, once: bool = True, payer_id: UUID | None = None) -> RoundView:
    rules = make_rules(days=days, once_a_year=once)
    return make_published(rules, payer_id=payer_id, days=days)


def enter(found: RoundView, person_id: UUID, *, days: int = 0) -> None:
    at = OPENED + timedelta(days=days)
    operations.enter(round_id=found.id, person_id=person_id, by=SYSTEM, at=at)


def seen_by(person_id: UUID, found: RoundView, *, days: int) -> tuple[bool, bool]:
    """Whether the page says that they had money, and whether they can take part."""
    own = access.own_round(actor_for(person_id), found.id, at=OPENED + timedelta(days=days))
    return (own.had_money, own.is_open) if own else (False, False)


def say_yes(found: RoundView, person_id: UUID, at: datetime) -> None:
    place = places(found.id)[person_id]
    operations.accept_place(place_id=place.pk, by=actor_for(person_id), at=at)


def refused(call: Callable[[], object]) -> str:
    try:
        call()
    except DomainError as refusal:
        return refusal.code
    return ""


def test_who_got_money_this_year_takes_no_part_again_before_the_next_year() -> None:
    """€ 100 in April. In June not, and nobody else suffers; in January again."""
    had, never = make_person().id, make_person().id
    first = round_of()
    enter(first, had)
    draw(first.id)
    say_yes(first, had, DRAWN)
    second = round_of(NEXT)
    assert refused(partial(enter, second, had, days=NEXT)) == "had_money"
    enter(second, never, days=NEXT)
    assert seen_by(had, second, days=NEXT) == (True, False)
    assert seen_by(never, second, days=NEXT) == (False, True)
    next_year = round_of(NEXT_YEAR)
    enter(next_year, had, days=NEXT_YEAR)


@pytest.mark.parametrize("answer", ["none", "no", "late"])
def test_who_won_and_did_not_say_yes_can_come_again(answer: str) -> None:
    person = make_person().id
    first = round_of()
    enter(first, person)
    draw(first.id)
    place = places(first.id)[person]
    if answer == "no":
        operations.decline_place(place_id=place.pk, by=actor_for(person), at=DRAWN)
    if answer == "late":
        operations.lapse_due(by=SYSTEM, at=place.expires_at)
    enter(round_of(NEXT), person, days=NEXT)


def test_a_scheme_that_says_nothing_of_it_gives_in_every_round() -> None:
    person = make_person().id
    first = round_of(once=False)
    enter(first, person)
    draw(first.id)
    say_yes(first, person, DRAWN)
    enter(round_of(NEXT, once=False), person, days=NEXT)


def test_a_yes_to_an_earlier_round_after_entering_takes_the_ticket_off_the_list() -> None:
    """And the list that is published holds for everyone without it."""
    person, other = make_person().id, make_person().id
    first, second = round_of(), round_of(20)
    enter(first, person)
    draw(first.id)
    enter(second, person, days=20)
    enter(second, other, days=20)
    say_yes(first, person, DRAWN)
    draw(second.id, days=20)
    assert set(places(second.id)) == {other}
    assert Ticket.objects.get(round=second.id, person=person).withdrawn_at is not None
    assert verified(second.id) == []
    assert seen_by(person, second, days=40) == (True, False)


def test_of_two_places_that_wait_for_a_yes_one_is_given() -> None:
    """Also where two funds pay the rounds. The other can be passed on to who waits."""
    person = make_person().id
    first, second = round_of(payer_id=make_fund()), round_of(5, payer_id=make_fund())
    enter(first, person)
    enter(second, person, days=5)
    draw(first.id)
    draw(second.id, days=5)
    at = DRAWN + timedelta(days=6)
    assert [one.round_id for one in queries.open_places_of(person, at=at)] == [first.id]
    say_yes(second, person, at)
    assert queries.open_places_of(person, at=at) == []
    assert refused(partial(say_yes, first, person, at)) == "had_money"
    assert accounts.account(person, on=at.date()).available == Money(100_00)
    operations.decline_place(place_id=places(first.id)[person].pk, by=actor_for(person), at=at)
    assert_books_hold(at)


def test_a_place_that_comes_free_goes_past_who_had_money_meanwhile() -> None:
    """They could only refuse it, and who is next on the reserve list would wait four weeks for nothing."""
    people = [make_person().id for _person in range(5)]
    first = round_of()
    second = make_published(make_rules(days=5, once_a_year=True, pot=Money(500_00)), days=5)
    for person in people:
        enter(first, person)
        enter(second, person, days=5)
    draw(first.id)
    draw(second.id, days=5)
    at = DRAWN + timedelta(days=6)
    reserve = Ticket.objects.filter(round=first.id, outcome="reserve").order_by("reserve_rank")
    had, following = reserve.values_list("person", flat=True)
    say_yes(second, had, at)
    winner, won = next(iter(places(first.id).items()))
    operations.decline_place(place_id=won.pk, by=actor_for(winner), at=at)
    assert had not in places(first.id)
    assert following in places(first.id)
    assert_books_hold(at)


@pytest.mark.parametrize("joined", [False, True])
def test_the_other_place_of_who_said_yes_goes_at_once_to_who_waits(
    joined: bool, react: Callable[[datetime], int]
) -> None:
    """Nobody waits four weeks for a yes that cannot come; whoever tries it all the same reads why."""
    people = [make_person().id for _person in range(4)]
    first = round_of()
    for person in people:
        enter(first, person)
    draw(first.id)
    winner, won = next(iter(places(first.id).items()))
    (waits,) = set(people) - set(places(first.id))
    person = make_person().id if joined else winner
    second = round_of(5)
    enter(second, person, days=5)
    draw(second.id, days=5)
    at = DRAWN + timedelta(days=6)
    say_yes(second, person, at)
    if joined:
        react(at)
        assert waits not in places(first.id)
        Person.objects.filter(pk=winner).update(merged_into=person)
        announce(by=SYSTEM, at=at, event="person_merged", subject=("people.person", person))
    react(at)
    react(at)
    assert waits in places(first.id)
    assert told("place_passed_on", [person]) == [0]
    answer = partial(operations.accept_place, place_id=won.pk, by=actor_for(person), at=at)
    assert refused(answer) == "had_money"
    assert_books_hold(at)


def test_who_had_money_reads_that_they_are_off_the_list_and_off_the_reserve_list(
    react: Callable[[datetime], int],
) -> None:
    people = [make_person().id for _person in range(5)]
    listed, second = round_of(), round_of(-5)
    drawn = make_published(make_rules(days=-6, once_a_year=True), days=-6)
    for person in people:
        enter(drawn, person, days=-6)
    draw(drawn.id, days=-6)
    waits = Ticket.objects.filter(round=drawn.id, outcome="reserve").values_list(
        "person", flat=True
    )
    had = waits.earliest("reserve_rank")
    enter(listed, had)
    enter(second, had, days=-5)
    draw(second.id, days=-5)
    say_yes(second, had, DRAWN - timedelta(days=5))
    react(DRAWN - timedelta(days=5))
    react(DRAWN - timedelta(days=5))
    assert kinds_told(had).count("round_had_money") == 1
    draw(listed.id)
    assert kinds_told(had).count("round_had_money") == 2
    assert told("round_had_money", people) == [people.index(had)]


def test_who_got_money_between_list_and_draw_wins_no_place_and_the_next_gets_it() -> None:
    """They do not read that they won. It counts as won: no bad luck is carried to a next round."""
    people = [make_person().id for _person in range(5)]
    fund = make_fund()
    first, second = round_of(-5, payer_id=fund), round_of(payer_id=fund)
    for person in people:
        enter(second, person)
    operations.list_tickets(round_id=second.id, by=SYSTEM, at=CLOSED)
    had = people[:3]
    for person in had:
        enter(first, person, days=-5)
    draw(first.id, days=-5)
    for person in had:
        say_yes(first, person, DRAWN - timedelta(hours=1))
    operator = make_operator()
    operations.enter_beacon(round_id=second.id, value=VALUE, by=operator, at=FALLEN)
    operations.reveal(round_id=second.id, by=operator, at=DRAWN)
    assert set(places(second.id)) == set(people[3:])
    assert not {"round_won", "round_reserve"} & {
        kind for person in had for kind in kinds_told(person)[:1]
    }
    assert told("round_had_money", people) == [0, 1, 2]
    assert verified(second.id) == []
    won = Ticket.objects.filter(round=second.id, person__in=had, outcome="won")
    lost = standing.losses(
        list(won.values_list("person", flat=True)), Round.objects.get(pk=first.id)
    )
    assert set(lost.values()) == {0}
    assert_books_hold(DRAWN)


def test_what_a_joined_file_got_counts() -> None:
    person, file = make_person().id, make_person().id
    first = round_of()
    enter(first, file)
    draw(first.id)
    say_yes(first, file, DRAWN)
    Person.objects.filter(pk=file).update(merged_into=person)
    assert refused(partial(enter, round_of(NEXT), person, days=NEXT)) == "had_money"


def test_in_order_of_arrival_too_and_the_first_day_of_requests_is_the_day_that_counts() -> None:
    person = make_person().id
    first = round_of(-20)
    enter(first, person, days=-20)
    draw(first.id, days=-20)
    say_yes(first, person, DRAWN - timedelta(days=20))
    served = open_(make_waiting(once_a_year=True).id)
    ask = partial(
        operations.claim, round_id=served.id, person_id=person, by=actor_for(person), at=CLOSED
    )
    assert refused(ask) == "had_money"


@pytest.mark.django_db(transaction=True)
def test_of_two_yeses_at_the_same_moment_one_is_given() -> None:
    """Real connections: whoever comes second waits for the pot of the first, and is refused."""
    fund, person = make_fund(), make_person().id
    rounds = [round_of(days, payer_id=fund) for days in (0, 5)]
    for found, days in zip(rounds, (0, 5), strict=True):
        enter(found, person, days=days)
        draw(found.id, days=days)
    start = Barrier(2)

    def both(found: RoundView) -> str:
        start.wait()
        try:
            yes = partial(say_yes, found, person, DRAWN + timedelta(days=6))
            return refused(partial(again_after_a_clash, yes))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(both, rounds)) == ["", "had_money"]
    at = DRAWN + timedelta(days=6)
    assert accounts.account(person, on=at.date()).available == Money(100_00)
    assert_books_hold(at)


@pytest.mark.django_db(transaction=True)
def test_of_two_yeses_from_joined_files_at_the_same_moment_one_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each file has its own pot, so that money on the one does not wait for money on the other."""
    person, file = make_person().id, make_person().id
    rounds = [round_of(days, payer_id=make_fund()) for days in (0, 5)]
    for found, days, whose in zip(rounds, (0, 5), (person, file), strict=True):
        enter(found, whose, days=days)
        draw(found.id, days=days)
    Person.objects.filter(pk=file).update(merged_into=person)
    at, look, both_looked = DRAWN + timedelta(days=6), standing.had_money, Barrier(2, timeout=1)

    def look_together(person_ids: Collection[UUID], of: RoundRules) -> set[UUID]:
        had = look(person_ids, of)
        with suppress(BrokenBarrierError):  # who waits for the other never comes here at once
            both_looked.wait()
        return had

    def yes(found: RoundView) -> str:
        (place,) = places(found.id).values()
        call = partial(operations.accept_place, place_id=place.pk, by=actor_for(person), at=at)
        try:
            return refused(partial(again_after_a_clash, call))
        finally:
            connection.close()

    monkeypatch.setattr(standing, "had_money", look_together)
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(yes, rounds)) == ["", "had_money"]
    assert accounts.account(person, on=at.date()).available == Money(100_00)
    assert_books_hold(at)
