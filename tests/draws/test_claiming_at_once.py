"""Everybody at the same moment: never a cent too much, all of it given, and for each person one answer."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from eigenwijs.budgets import operations as budgets_operations
from eigenwijs.budgets import queries as budgets
from eigenwijs.draws import operations, queries
from eigenwijs.draws.models import Ticket
from eigenwijs.draws.operations import UnableToClaim
from eigenwijs.draws.single_writer import WriterFailed
from eigenwijs.draws.types import Claim
from eigenwijs.insight import operations as insight
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from tests.factories.draws import CLOSED, make_waiting, open_
from tests.factories.people import SYSTEM, actor_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)


def opened(places: int) -> UUID:
    return open_(make_waiting(pot=Money(places * 100_00)).id).id


def ask(round_id: UUID, person_id: UUID) -> str:
    try:
        operations.claim(round_id=round_id, person_id=person_id, by=actor_for(person_id), at=CLOSED)
    except DomainError as refusal:
        return refusal.code
    return "granted"


def all_at_once(calls: Sequence[Callable[[], str]]) -> list[str]:
    """Run calls at the same moment, each on a connection of its own; return what came of each."""
    start = Barrier(len(calls), timeout=60)

    def run(call: Callable[[], str]) -> str:
        try:
            connection.ensure_connection()
            start.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def asking(round_id: UUID, persons: Sequence[UUID]) -> list[Callable[[], str]]:
    return [lambda person=person: ask(round_id, person) for person in persons]  # type: ignore[misc]


def assert_exactly_given_out(round_id: UUID, places: int) -> None:
    rows = Ticket.objects.filter(round=round_id)
    assert sorted(rows.values_list("arrival", flat=True)) == list(range(1, places + 1))
    assert len(set(rows.values_list("person", flat=True))) == places
    assert budgets.left_in_round(round_id) == Money.zero()
    assert insight.prove_books(by=SYSTEM, at=CLOSED).breaches == ()


def test_of_many_at_once_exactly_as_many_get_it_as_there_is_money_for() -> None:
    round_id = opened(10)
    persons = [make_person().id for _one in range(24)]
    answers = Counter(all_at_once(asking(round_id, persons)))
    assert answers == {"granted": 10, "sold_out": 14}
    assert_exactly_given_out(round_id, 10)
    again = Counter(ask(round_id, person) for person in persons)
    assert again == answers


def test_a_person_on_many_devices_at_once_gets_one_answer() -> None:
    round_id = opened(3)
    persons = [make_person().id for _one in range(3)]
    assert set(all_at_once(asking(round_id, persons * 5))) == {"granted"}
    assert_exactly_given_out(round_id, 3)


def in_a_process(task: tuple[UUID, list[UUID]]) -> list[str]:
    round_id, persons = task
    return all_at_once(asking(round_id, persons))


def test_several_processes_give_out_exactly_what_there_is() -> None:
    round_id = opened(14)
    persons = [make_person().id for _one in range(24)]
    connection.close()  # so that no process inherits it
    with multiprocessing.get_context("fork").Pool(3) as processes:
        tasks = [(round_id, persons[start::3] + persons[:2]) for start in range(3)]
        answers = processes.map(in_a_process, tasks, chunksize=1)
    flat = [one for answer in answers for one in answer]
    assert set(flat) <= {"granted", "sold_out"}
    assert_exactly_given_out(round_id, 14)


def test_batches_of_others_meanwhile_and_places_that_come_free_leave_no_gap() -> None:
    """As other processes would: batches that know nothing of each other, while winners say yes and no."""
    round_id = opened(12)
    first = [make_person().id for _one in range(6)]
    for person in first:
        assert ask(round_id, person) == "granted"
    places = [queries.ticket_of(person, round_id).place for person in first]  # type: ignore[union-attr]

    def batch() -> str:
        claims = [Claim(make_person().id, Money(100_00), SYSTEM, CLOSED) for _one in range(4)]
        answers = operations.claim_many(round_id=round_id, claims=claims, at=CLOSED)
        return str(sum(not isinstance(one, UnableToClaim) for one in answers))

    def answering(number: int) -> Callable[[], str]:
        place, by = places[number], actor_for(first[number])
        assert place
        place_id = place.id

        def call() -> str:
            if number % 2:
                operations.decline_place(place_id=place_id, by=by, at=CLOSED)
            else:
                operations.accept_place(place_id=place_id, by=by, at=CLOSED)
            return "0"

        return call

    answers = all_at_once([batch] * 4 + [answering(number) for number in range(6)])
    granted = sum(int(one) for one in answers)
    assert 6 <= granted <= 9
    late = [make_person().id for _one in range(4)]
    assert [ask(round_id, one) for one in late].count("granted") == 9 - granted
    assert budgets.left_in_round(round_id) == Money.zero()
    assert insight.prove_books(by=SYSTEM, at=CLOSED).breaches == ()


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Lose the connection right after this many commits that wrote tickets: they are done, nobody hears it."""
    left = [0]
    commit = BaseDatabaseWrapper._commit

    def lost(self: Any) -> Any:
        is_lost = left[0] > 0
        done = commit(self)
        if is_lost:
            left[0] -= 1
            self.connection.close()
            raise OperationalError("server closed the connection unexpectedly")
        return done

    monkeypatch.setattr(BaseDatabaseWrapper, "_commit", lost)
    yield left
    left[0] = 0


def test_an_answer_that_was_lost_after_its_commit_is_found_by_the_next_try(
    losing: list[int],
) -> None:
    round_id = opened(3)
    claims = [Claim(make_person().id, Money(100_00), SYSTEM, CLOSED) for _one in range(4)]
    losing[0] = 1
    answers = operations.claim_many(round_id=round_id, claims=claims, at=CLOSED)
    assert losing == [0]
    codes = [one.code if isinstance(one, UnableToClaim) else "granted" for one in answers]
    assert codes == ["granted"] * 3 + ["sold_out"]
    assert_exactly_given_out(round_id, 3)


def test_when_the_database_stays_away_people_hear_that_it_is_not_known_and_asking_again_finds_it(
    losing: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = opened(2)
    me = make_person().id
    write = operations.claiming.claim_many

    def away(**asked: Any) -> Any:
        losing[0] = 3
        return write(**asked)

    monkeypatch.setattr(operations.claiming, "claim_many", away)
    assert ask(round_id, me) == "answer_unknown"
    monkeypatch.setattr(operations.claiming, "claim_many", write)
    assert losing == [0]
    assert ask(round_id, me) == "granted"
    assert Ticket.objects.filter(round=round_id).count() == 1
    assert insight.prove_books(by=SYSTEM, at=CLOSED).breaches == ()


def test_when_the_writer_fails_nothing_is_half_written_nobody_hangs_and_the_next_try_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    round_id = opened(6)
    persons = [make_person().id for _one in range(6)]
    with monkeypatch.context() as broken:

        def fails(*_grants: object, **_more: object) -> list[bool]:
            raise RuntimeError("the writer fails")

        broken.setattr(budgets_operations, "promise_what_fits", fails)

        def failing(person: UUID) -> Callable[[], str]:
            def call() -> str:
                try:
                    return ask(round_id, person)
                except WriterFailed as error:
                    return str(error.__cause__)

            return call

        answers = all_at_once([failing(person) for person in persons])
    assert answers == ["the writer fails"] * 6
    assert not Ticket.objects.filter(round=round_id).exists()
    assert set(all_at_once(asking(round_id, persons))) == {"granted"}
    assert_exactly_given_out(round_id, 6)


def test_an_answer_is_never_given_inside_a_transaction_that_may_still_fail() -> None:
    from django.db import transaction

    round_id = opened(1)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        ask(round_id, make_person().id)
