"""Web servers work through PgBouncer in transaction mode: each transaction on whichever connection is free."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier

import psycopg
import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from eigenwijs.bookings import queries
from eigenwijs.budgets import queries as budgets
from eigenwijs.budgets.models import Pot
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.patience import in_time
from eigenwijs.ledger import queries as ledger
from eigenwijs.people.types import Role
from eigenwijs.web.navigation import LINKS
from tests.architecture.source import assert_none, modules
from tests.bookings.test_patience import assert_booked_once, waiter
from tests.bookings.test_patience import at_once as elsewhere
from tests.factories.bookings import (
    REQUESTED,
    STARTS_ON,
    make_worker,
    quote_for,
    say_yes,
    worker_at,
)
from tests.factories.catalogue import make_course, make_run
from tests.factories.people import make_person
from tests.factories.web import client_as, client_of
from tests.operate.pooler import CONNECTIONS, NO_POOLER, PROGRAM, pooler
from tests.operate.servers import at_once, pointed_at

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(PROGRAM is None, reason=NO_POOLER),
]

QUESTIONS = {"required_by_employer": "no", "work_related": "yes"}
WORKERS = 6
TAKEN_AWAY = {"auditor": ["auditor:seals"], "worker": ["my_data:export_file"]}


@pytest.fixture
def through_the_pooler() -> Iterator[None]:
    """Threads that start meanwhile reach the database of the test through a PgBouncer."""
    with pooler() as one, pointed_at(one.address, pooled=True):
        yield


def pages_of(who: str, client: Client) -> list[str]:
    """Open the pages of a menu, and what can be taken away from them; name those that fail."""
    names = [name for _words, name in LINKS[who]] + TAKEN_AWAY.get(who, [])
    return [
        f"{who} gets {status} at {name}"
        for name in names
        if (status := _read(client, reverse(name))) != 200
    ]


def _read(client: Client, path: str) -> int:
    answer = client.get(path, follow=True)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


def test_everybody_reads_their_pages_at_the_same_time(through_the_pooler: None) -> None:
    make_course("Lassen")
    clients = {who: client_as(Role(who)) if who else Client() for who in LINKS}
    faults = at_once([partial(pages_of, who, client) for who, client in clients.items()])
    assert_none(fault for some in faults for fault in some)


def test_people_sign_in_and_book_at_the_same_time(through_the_pooler: None) -> None:
    """Six with € 200 and € 300 each take a course of € 350 with five seats; everyone clicks twice."""
    run = make_run(
        make_course("Lassen"),
        starts_on=local_date(timezone.now()) + timedelta(days=90),
        price_cents=35_000,
        seats=WORKERS - 1,
    )
    workers = [make_worker(20_000, 30_000) for _worker in range(WORKERS)]
    clients = [client_of(worker) for worker in workers]
    start = Barrier(WORKERS)

    def sign_in_and_book(number: int) -> str:
        visitor = Client()
        email = f"reader{number}@example.org"
        make_person(email=email)
        visitor.post("/inloggen/", {"email": email})
        (letter,) = [one for one in mail.outbox if one.to == [email]]
        code = re.search(r"\b\d{6}\b", str(letter.body))
        assert code
        visitor.post("/inloggen/code/", {"code": code[0]})
        assert visitor.get("/mijn/").status_code == 200
        client = clients[number]
        client.post(f"/boeken/{run.id}/", QUESTIONS)
        quote = re.search(
            r'name="quote" value="([^"]+)"', client.get(f"/boeken/{run.id}/ja/").content.decode()
        )
        assert quote
        start.wait()
        answers = [client.post(f"/boeken/{run.id}/ja/", {"quote": quote[1]}) for _click in range(2)]
        assert {answer.status_code for answer in answers} <= {302, 409}
        return str(answers[0].headers.get("location", "full"))

    answers = at_once([partial(sign_in_and_book, number) for number in range(WORKERS)])
    booked = [len(queries.bookings_of(worker.id)) for worker in workers]
    assert sorted(booked) == [0, *[1] * (WORKERS - 1)], answers
    seats = catalogue.run(run.id)
    assert seats
    assert seats.seats_taken == WORKERS - 1
    assert ledger.prove(at=timezone.now(), known_holds=budgets.hold_keys()) == []


def test_a_connection_that_the_pooler_lost_is_tried_again(through_the_pooler: None) -> None:
    """The pooler says in a code of its own that the server's connection broke in a transaction."""
    quote = quote_for(make_worker(20_000, 30_000), make_run(starts_on=STARTS_ON))
    by = worker_at(quote.person_id, REQUESTED)
    with elsewhere(lambda: say_yes(quote, by=by)) as answer:
        with transaction.atomic(), connection.cursor() as cursor:
            list(Pot.objects.select_for_update())
            cursor.execute("SELECT pg_terminate_backend(%s)", [waiter(answer)])
        booking = answer.result()
    assert_booked_once(quote, booking)


def test_a_pooler_without_a_free_connection_is_tried_again() -> None:
    """All its connections are in use for longer than it lets anybody wait; then one comes free."""
    attempts: list[str] = []

    @in_time
    def work() -> None:
        attempts.append("done")

    with (
        pooler(default_pool_size="1", query_wait_timeout="1") as one,
        pointed_at(one.address, pooled=True),
        psycopg.connect(one.address) as other,
    ):
        other.execute("SELECT 1")  # its transaction has the one connection

        def give_back_when_somebody_waited_in_vain() -> None:
            while "query_wait_timeout" not in one.log.read_text():
                time.sleep(0.01)
            other.commit()

        at_once([work, give_back_when_somebody_waited_in_vain])
    assert attempts == ["done"]


def test_what_one_leaves_behind_is_not_there_for_the_next(through_the_pooler: None) -> None:
    """Ten transactions in a row meet all four connections of the pooler, none with a limit on waiting."""
    quote = quote_for(make_worker(20_000, 30_000), make_run(starts_on=STARTS_ON))

    def limits() -> set[tuple[str, ...]]:
        say_yes(quote)
        found = set()
        with connection.cursor() as cursor:
            for _transaction in range(10):
                cursor.execute(
                    "SELECT pg_backend_pid()::text, current_setting('lock_timeout'),"
                    " current_setting('statement_timeout'), current_setting('TimeZone')"
                )
                found.add(cursor.fetchone())
        return found

    (met,) = at_once([limits])
    assert len({process for process, *_limits in met}) == CONNECTIONS
    assert {tuple(rest) for _process, *rest in met} == {("0", "0", "UTC")}


def test_a_cursor_of_the_server_would_not_outlive_its_transaction() -> None:
    """What `EIGENWIJS_POOLED` is for: the seals, row by row, with and without it."""

    def read() -> int:
        return len(list(ledger.seal_lines()))

    with pooler() as one:
        with pointed_at(one.address, pooled=True):
            assert at_once([read]) == [0]
        with pointed_at(one.address), pytest.raises(ProgrammingError, match="does not exist"):
            at_once([read])


def left_in_a_session(text: str) -> list[str]:
    """Return what a program asks of PostgreSQL that stays with the connection after the transaction."""
    return re.findall(
        r"pg_(?:try_)?advisory_lock\w*|\bLISTEN \w+|CREATE TEMP\w*|\bSET SESSION \w+|set_config\(",
        text,
    )


def test_the_house_leaves_nothing_in_a_session() -> None:
    assert_none(
        f"{one.name}: {found}" for one in modules() for found in left_in_a_session(one.text)
    )
    assert left_in_a_session("SELECT pg_advisory_lock(1); LISTEN news; CREATE TEMP TABLE a ()")


def test_the_job_worker_refuses_a_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with pytest.raises(CommandError, match="address of PostgreSQL itself in DATABASE_URL"):
        call_command("work")
