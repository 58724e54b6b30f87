"""A worker that is killed in the middle and started again loses nothing and does nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.audit.models import Reaction
from eigenwijs.budgets.queries import credits_of
from eigenwijs.jobs.operations import drain
from eigenwijs.kernel.money import Money
from eigenwijs.ledger.queries import totals_by_kind
from eigenwijs.ledger.types import AccountKind
from eigenwijs.notices.models import Notice
from eigenwijs.people.queries import employments_of_employer
from eigenwijs.simulation import operations as simulation
from eigenwijs.simulation.queries import long_run
from eigenwijs.simulation.types import RunSize
from tests.factories.contributions import (
    GIFT,
    deliver,
    make_law,
    make_participant,
    requests_of,
)
from tests.factories.contributions import worker as payroll_worker
from tests.factories.negotiations import make_table
from tests.factories.people import SYSTEM, make_person
from tests.factories.treasury import (
    StatementText,
    assert_books_hold,
    load,
    make_bank_account,
    pays,
)
from tests.schemes.test_language import GOOD

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
PERSONS, EVENTS_EACH = 8, 25
EMPLOYERS, WORKERS_EACH = 12, 3


@pytest.fixture
def own_database(transactional_db: None) -> Iterator[str]:
    """A copy of the empty test database, as the default one; gives its address."""
    settings = connection.settings_dict
    original = settings["NAME"]
    copy = f"{original}_worker"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    settings["NAME"] = copy
    try:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
        yield make_conninfo(
            dbname=copy, user=settings["USER"], host=settings["HOST"], port=settings["PORT"]
        )
    finally:
        connection.close()
        settings["NAME"] = original
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def start_worker(database: str, folder: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
        "EIGENWIJS_MAIL_URL": f"file://{folder}",
    }
    command = [sys.executable, "-m", "django", "work"]
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)


def wait_until(happened: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "the worker does not get there"
        time.sleep(0.02)


def rows(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def test_a_worker_killed_in_the_middle_loses_nothing_and_does_nothing_twice(
    own_database: str, tmp_path: Path, now: datetime
) -> None:
    persons = [make_person() for _ in range(PERSONS)]
    worker = start_worker(own_database, tmp_path)
    try:
        wait_until(lambda: rows("SELECT count(*) FROM procrastinate_workers") == 1, worker)
        events = [
            audit.announce(
                by=SYSTEM, at=now, event="person_claimed", subject=("people.person", person.id)
            )
            for _ in range(EVENTS_EACH)
            for person in persons
        ]
        wait_until(lambda: Reaction.objects.count() >= 10, worker)
        worker.kill()
        worker.wait()
        done = Reaction.objects.count()
        assert 10 <= done < len(events), "it was killed in the middle"
        worker = start_worker(own_database, tmp_path)
        todo = (
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'react' AND status = 'todo'"
        )
        wait_until(lambda: not trail.events_without_reaction(), worker)
        stuck = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
        wait_until(lambda: rows(todo) <= EVENTS_EACH * rows(stuck), worker)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=PATIENCE_SECONDS) == 0
    finally:
        worker.kill()
        worker.wait()
    assert Reaction.objects.filter(event__in=events).count() == len(events)
    assert Counter(Notice.objects.values_list("person", flat=True)) == {
        person.id: EVENTS_EACH for person in persons
    }
    assert "Traceback" not in (tmp_path / "worker.log").read_text()


def test_a_worker_killed_while_payments_become_credits_credits_each_once(
    own_database: str, tmp_path: Path, now: datetime
) -> None:
    """€ 11.11 for each of 36 people at twelve employers, all paid on one statement."""
    make_law(GIFT)
    make_bank_account()
    employers = [make_participant(GIFT) for _ in range(EMPLOYERS)]
    lines = [payroll_worker(number + 1) for number in range(WORKERS_EACH)]
    for employer in employers:
        deliver(employer, "2026-01", lines, now)
    drain(at=now)
    notas = [nota for employer in employers for nota in requests_of(employer)]
    credited = "SELECT count(*) FROM budgets_credit"
    worker = start_worker(own_database, tmp_path)
    try:
        wait_until(lambda: rows("SELECT count(*) FROM procrastinate_workers") == 1, worker)
        load(
            StatementText([pays(nota.total_cents, nota.reference) for nota in notas]),
            at=now,
        )
        wait_until(lambda: rows(credited) > 0, worker)
        worker.kill()
        worker.wait()
        assert rows(credited) < len(notas) * WORKERS_EACH, "it was killed in the middle"
        assert_books_hold(now)
        worker = start_worker(own_database, tmp_path)
        wait_until(lambda: not trail.events_without_reaction(), worker)
    finally:
        worker.kill()
        worker.wait()
    owners = [view.person_id for one in employers for view in employments_of_employer(one.id)]
    amounts = [credit.amount for owner in owners for credit in credits_of(owner)]
    assert amounts == [Money(11_11)] * (EMPLOYERS * WORKERS_EACH)
    assert totals_by_kind()[AccountKind.PAYER_CLEARING].posted == Money(0)
    assert_books_hold(now)


def test_a_worker_killed_in_a_long_run_goes_on_where_it_was(
    own_database: str, tmp_path: Path, now: datetime
) -> None:
    table = make_table(GOOD, now)
    size = RunSize(persons=1_000, years=2, draws=30, persons_a_draw=5_000)
    run = simulation.ask(
        negotiation_id=table.id,
        texts=[GOOD],
        sector="",
        first_year=2027,
        size=size,
        by=table.union,
        at=now,
    )
    pieces = "SELECT coalesce(sum(jsonb_array_length(drawn)), 0) FROM simulation_longrun"
    worker = start_worker(own_database, tmp_path)
    try:
        wait_until(lambda: rows(pieces) > 0, worker)
        worker.kill()
        worker.wait()
    finally:
        worker.kill()
        worker.wait()
    # As the next worker does, which waits half a minute before it calls the first one dead.
    drain(at=now)
    found = long_run(run.id, by=table.employers, at=now)
    assert (found.state, found.drawn) == ("done", size.draws)
