"""The trail keeps what was done, once, and tells upper rooms in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import Error, OperationalError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from eigenwijs.audit import operations, queries
from eigenwijs.audit.models import AuditRow
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("test")


def test_a_row_says_who_did_what_to_which_thing_when(now: datetime) -> None:
    subject = ("people.person", new_id(now))
    number = operations.record(by=SYSTEM, at=now, action="look", subject=subject, fields=["name"])
    (row,) = queries.trail(subject=subject)
    assert (row.id, row.at, row.action, row.actor_name) == (number, now, "look", "test")
    assert row.field_names == ("name",)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_row_can_be_neither_changed_nor_removed(now: datetime, change: str) -> None:
    number = operations.record(by=SYSTEM, at=now, action="a", subject=("x", new_id(now)))
    row = AuditRow.objects.filter(pk=number)
    with pytest.raises(Error, match="Cannot"), transaction.atomic():
        row.update(action="b") if change == "update" else row.delete()
    assert queries.event(number).action == "a"


def test_an_event_and_its_job_are_written_together(now: datetime) -> None:
    subject = ("ledger.account", new_id(now))
    number = operations.announce(by=SYSTEM, at=now, event="happened", subject=subject)
    job = ProcrastinateJob.objects.get(task_name=operations.REACT)
    assert job.args == {"event_id": number}
    assert job.lock == f"ledger.account:{subject[1]}"
    assert [row.id for row in queries.events_without_reaction()] == [number]


def test_an_event_of_a_transaction_that_fails_never_was(now: datetime) -> None:
    class Stop(Exception):
        pass

    with pytest.raises(Stop), transaction.atomic():
        operations.announce(by=SYSTEM, at=now, event="x", subject=("x", new_id(now)))
        raise Stop
    assert queries.events_without_reaction() == []
    assert not ProcrastinateJob.objects.exists()


def test_a_clash_at_the_queue_is_told_as_any_other_so_that_it_is_tried_again(now: datetime) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE procrastinate_jobs IN EXCLUSIVE MODE")
        with pytest.raises(OperationalError) as refused, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 10")
            operations.announce(by=SYSTEM, at=now, event="x", subject=("x", new_id(now)))
    finally:
        other.close()
    assert getattr(refused.value.__cause__, "sqlstate", None) == "55P03"


def test_a_reaction_happens_once(now: datetime) -> None:
    number = operations.announce(by=SYSTEM, at=now, event="x", subject=("x", new_id(now)))
    assert operations.mark_reacted(event_id=number, at=now)
    assert not operations.mark_reacted(event_id=number, at=now)
    assert queries.events_without_reaction() == []


def test_events_of_one_subject_are_found_in_order_up_to_one(now: datetime) -> None:
    subject, other = ("x", new_id(now)), ("x", new_id(now))
    first, _, second, _ = [
        operations.announce(by=SYSTEM, at=now, event="e", subject=one)
        for one in (subject, other, subject, subject)
    ]
    found = queries.events_without_reaction(subject=subject, up_to=second)
    assert [row.id for row in found] == [first, second]
    assert first not in [row.id for row in queries.events_without_reaction(after=first)]


def test_the_trail_is_filtered_and_paged(now: datetime) -> None:
    day = timedelta(days=1)
    numbers = [
        operations.record(by=SYSTEM, at=now + day * n, action=action, subject=("x", new_id(now)))
        for n, action in enumerate(["a.make", "b.make", "a.change"])
    ]
    assert [row.id for row in queries.trail(action="a.")] == [numbers[2], numbers[0]]
    assert [row.id for row in queries.trail(since=now + day, until=now + 2 * day)] == [numbers[1]]
    assert [row.id for row in queries.trail(before=numbers[1])] == [numbers[0]]
