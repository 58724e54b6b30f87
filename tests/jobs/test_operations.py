"""Reactions happen once, in order, and whatever became of their job."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread
from types import SimpleNamespace
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import TrailRow
from eigenwijs.jobs import operations
from eigenwijs.jobs.failures import JobFailed
from eigenwijs.jobs.reactions import REACTIONS
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from tests.factories.people import SYSTEM

pytestmark = pytest.mark.django_db


VALUE = "somebody's name"


class Witness:
    """A reaction that remembers what it saw, and fails where it is told to."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.fails_at: set[int] = set()

    def __call__(self, event: TrailRow, *, by: Actor, at: datetime) -> None:
        assert by.is_system
        if event.id in self.fails_at:
            raise ValueError(VALUE)
        audit.record(by=by, at=at, action="witness.saw", subject=event.subject)
        self.seen.append(event.id)


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Witness:
    one = Witness()
    monkeypatch.setitem(REACTIONS, "happened", (one,))
    return one


def happen(subject: UUID, now: datetime, event: str = "happened") -> int:
    return audit.announce(by=SYSTEM, at=now, event=event, subject=("x", subject))


def waiting() -> list[int]:
    return [event.id for event in trail.events_without_reaction()]


def test_an_event_is_reacted_to_once(witness: Witness, now: datetime) -> None:
    event = happen(new_id(now), now)
    assert operations.react(event_id=event, at=now) == 1
    assert operations.react(event_id=event, at=now) == 0
    assert witness.seen == [event]


def test_earlier_events_of_the_same_subject_come_first(witness: Witness, now: datetime) -> None:
    subject, other = new_id(now), new_id(now)
    first, _, last = happen(subject, now), happen(other, now), happen(subject, now)
    assert operations.react(event_id=last, at=now) == 2
    assert witness.seen == [first, last]


def test_an_event_without_reactions_is_settled_too(now: datetime) -> None:
    event = happen(new_id(now), now, "nothing_follows")
    assert operations.react(event_id=event, at=now) == 1
    assert waiting() == []


def test_a_reaction_that_fails_leaves_nothing_behind_and_holds_up_its_subject(
    witness: Witness, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_reaction = Witness()
    monkeypatch.setitem(REACTIONS, "happened", (other_reaction, witness))
    first, second = (happen(subject := new_id(now), now), happen(subject, now))
    witness.fails_at = {first}
    with pytest.raises(ValueError, match=VALUE):
        operations.react(event_id=second, at=now)
    assert waiting() == [first, second]
    assert trail.trail(action="witness.") == []
    witness.fails_at = set()
    assert operations.react(event_id=second, at=now) == 2
    assert witness.seen == [first, second]


def test_what_lost_its_job_is_caught_up(witness: Witness, now: datetime) -> None:
    events = [happen(new_id(now), now) for _ in range(3)]
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert operations.catch_up(by=SYSTEM, at=now) == 3
    assert witness.seen == events
    assert operations.catch_up(by=SYSTEM, at=now) == 0


def test_catching_up_goes_on_past_a_subject_that_is_stuck(
    witness: Witness, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = new_id(now), new_id(now)
    first, second, third = happen(stuck, now), happen(stuck, now), happen(other, now)
    witness.fails_at = {first}
    with caplog.at_level(logging.ERROR):
        assert operations.catch_up(by=SYSTEM, at=now) == 1
    assert (witness.seen, waiting()) == ([third], [first, second])
    assert f"event {first} (happened) waits: ValueError" in caplog.text
    assert VALUE not in caplog.text


def test_catching_up_leaves_what_is_announced_meanwhile_to_its_own_job(
    witness: Witness, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three events that each announce the next one: the first is caught up, its successor waits."""

    def passes_on(event: TrailRow, *, by: Actor, at: datetime) -> None:
        if len(witness.seen) < 3:
            audit.announce(by=by, at=at, event="happened", subject=event.subject)

    monkeypatch.setitem(REACTIONS, "happened", (witness, passes_on))
    first = happen(new_id(now), now)
    assert operations.catch_up(by=SYSTEM, at=now) == 1
    assert witness.seen == [first]
    assert len(waiting()) == 1


def test_draining_reacts_to_what_reactions_announce_and_takes_the_jobs_away(
    witness: Witness,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    react: Callable[[datetime], int],
) -> None:
    def passes_on(event: TrailRow, *, by: Actor, at: datetime) -> None:
        audit.announce(by=by, at=at, event="happened", subject=event.subject)

    monkeypatch.setitem(REACTIONS, "began", (passes_on,))
    happen(new_id(now), now, "began")
    assert react(now) == 2
    assert len(witness.seen) == 1
    assert not ProcrastinateJob.objects.filter(task_name="react").exists()


def test_the_task_reacts_and_its_errors_carry_no_values(
    witness: Witness, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = happen(new_id(now), now), happen(new_id(now), now)
    witness.fails_at = {bad}
    app.tasks["react"].func(event_id=good)
    assert witness.seen == [good]
    with pytest.raises(JobFailed) as failure:
        app.tasks["react"].func(event_id=bad)
    assert failure.value.__suppress_context__
    assert str(failure.value) == "ValueError"
    assert VALUE not in caplog.text
    assert "ValueError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_reacts(witness: Witness, now: datetime) -> None:
    subject = new_id(now)
    events = [happen(subject, now) for _ in range(10)]
    start = Barrier(2)
    counts: list[int] = []

    def work() -> None:
        start.wait()
        try:
            counts.append(operations.react(event_id=events[-1], at=now))
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == 10
    assert witness.seen == events


def test_what_a_killed_worker_was_doing_is_queued_again(now: datetime) -> None:
    happen(new_id(now), now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    async_to_sync(app.tasks["take_up_lost_jobs"].func)(SimpleNamespace(app=app), timestamp=0)
    assert ProcrastinateJob.objects.get().status == "todo"
