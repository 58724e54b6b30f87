"""Two uploads, a worker and a provider meet over one course file. Real connections, one outcome."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection

from eigenwijs.catalogue import delivery, operations, queries
from eigenwijs.catalogue.models import CourseDelivery
from eigenwijs.people.types import OrganisationKind, OrganisationView
from tests.factories.people import SYSTEM, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)

FILE = b"titel;prijs\nLassen;300,00\nImkeren;80,00\n"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> OrganisationView:
    """A provider whose files of two lines go the way of files of 100,000."""
    monkeypatch.setattr("eigenwijs.catalogue.delivery.READ_AT_ONCE", 1)
    return make_organisation(OrganisationKind.PROVIDER)


def deliver(provider: OrganisationView, content: bytes, now: datetime) -> Any:
    return operations.deliver_courses(
        content=content, file_name="c.csv", provider_id=provider.id, by=SYSTEM, at=now
    )


def apart(call: Callable[[], Any]) -> Any:
    """Call on a connection of its own, which is closed after."""
    try:
        return call()
    finally:
        connection.close()


def test_the_same_file_at_the_same_moment_is_one_delivery(
    provider: OrganisationView, now: datetime
) -> None:
    start = Barrier(4)

    def upload(_number: int) -> Any:
        start.wait()
        return apart(lambda: deliver(provider, FILE, now))

    with ThreadPoolExecutor(4) as pool:
        kept = {one.id for one in pool.map(upload, range(4))}
    assert kept == {CourseDelivery.objects.get().pk}


def test_a_file_that_is_read_just_as_the_next_one_comes_is_not_in_its_way(
    provider: OrganisationView,
    now: datetime,
    react: Callable[[datetime], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the insert that met the first file and the look at that file, the worker reads it."""
    first = deliver(provider, FILE, now)
    insert = CourseDelivery.objects.bulk_create
    is_met = False

    def insert_and_meet(*given: Any, **more: Any) -> Any:
        nonlocal is_met
        inserted = insert(*given, **more)
        if not is_met:
            is_met = True
            with ThreadPoolExecutor(1) as job_worker:
                job_worker.submit(apart, partial(react, now)).result()
        return inserted

    monkeypatch.setattr(CourseDelivery.objects, "bulk_create", insert_and_meet)
    second = deliver(provider, FILE, now)
    states = {one.pk: one.found is None for one in CourseDelivery.objects.all()}
    assert states == {first.id: False, second.id: True}


@pytest.mark.parametrize("step", ["reading", "importing"])
def test_nobody_waits_for_a_file_that_the_job_worker_is_at(
    provider: OrganisationView,
    now: datetime,
    react: Callable[[datetime], int],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    kept = deliver(provider, FILE, now)
    confirm = partial(operations.confirm_delivery, delivery_id=kept.id, by=SYSTEM, at=now)
    discard = partial(operations.discard_delivery, delivery_id=kept.id, by=SYSTEM, at=now)
    if step == "importing":
        react(now)
        confirm()
    is_at_it, answered = Event(), Event()
    plan = delivery.plan

    def plan_for_long(*given: Any, **more: Any) -> Any:
        is_at_it.set()
        while not answered.is_set() and not somebody_waits():
            pass
        return plan(*given, **more)

    monkeypatch.setattr(delivery, "plan", plan_for_long)
    with ThreadPoolExecutor(1) as job_worker:
        work = job_worker.submit(apart, partial(react, now))
        try:
            while not is_at_it.is_set():
                assert not work.done()
            confirmed = confirm()
            if step == "reading":
                with pytest.raises(operations.UnableToDiscardCourses) as refused:
                    discard()
                assert refused.value.code == "being_read"
                with pytest.raises(operations.UnableToImportCourses) as not_yet:
                    deliver(provider, FILE.replace(b"80", b"90"), now)
                assert [fault.code for fault in not_yet.value.faults] == ["being_read"]
            else:
                with pytest.raises(operations.UnableToDiscardCourses) as refused:
                    discard()
                assert refused.value.code == "already_confirmed"
        finally:
            answered.set()
        work.result()
    assert confirmed.state == {"reading": "received", "importing": "asked"}[step]
    after = queries.course_delivery(kept.id, provider.id, now.date())
    assert after
    assert after.state == {"reading": "read", "importing": "imported"}[step]


def somebody_waits() -> bool:
    """Whether another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
