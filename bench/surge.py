"""A surge through HTTP: signed-in people ask for money of one pot, beside an empty signed-in page."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, connections
from django.urls import reverse
from django.utils.translation import override

from bench.scarcity import new_persons
from eigenwijs.budgets import queries as budgets
from eigenwijs.draws import operations
from eigenwijs.draws.models import Ticket
from eigenwijs.draws.types import CarryOver, FirstCome, Fit
from eigenwijs.insight import operations as insight
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people.models import RoleAssignment
from eigenwijs.people.types import Role
from tests.factories.draws import CLOSED, make_published, make_rules
from tests.factories.people import SYSTEM

PRICE = 100_00
SHARE = 0.68
"""Of those who ask this many get it: 34,000 of 50,000."""
DESK_A_MINUTE = 300
"""What the Dutch STAP desk decided."""
FORM_TOKEN = secrets.token_hex(16)
HOST = "127.0.0.1"


@dataclass
class Run:
    """Seconds for all, what was answered how often, and how long each waited."""

    wall: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.wall

    def within(self, percent: int) -> float:
        """Milliseconds within which so many of 100 had their answer."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1_000


def main(arguments: list[str]) -> None:
    """Fill, start the web server, ask for the empty page and for money in turn, print."""
    parser = argparse.ArgumentParser(prog="run.py bench surge")
    parser.add_argument("--people", type=int, default=200, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=72, help="that people share")
    parser.add_argument("--workers", type=int, default=2, help="processes of the web server")
    parser.add_argument("--threads", type=int, default=36, help="of each of them")
    options = parser.parse_args(arguments)
    call_command("collectstatic", interactive=False, verbosity=0)
    places = int(options.people * SHARE)
    cookies = _signed_in(options.people * options.rounds)
    opened = [_opened(places) for _round in range(options.rounds)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connections.close_all()
    pages, surges = [], []
    with _web_server(options.workers, options.threads) as port:
        with override("nl"):
            page = reverse("worker:messages")
            asks = [reverse("worker:ask_round", args=[round_id]) for round_id in opened]
        _run(port, "GET", page, cookies[: options.connections], options.connections)  # warm
        for number, ask in enumerate(asks):
            own = cookies[number * options.people : (number + 1) * options.people]
            pages.append(_run(port, "GET", page, own, options.connections))
            surges.append(_run(port, "POST", ask, own, options.connections))
    print("| what | a second | p50, ms | p99, ms | answers |\n|---|---:|---:|---:|---|")
    for name, runs in (("an empty signed-in page", pages), ("asking for money", surges)):
        rate = statistics.median(run.rate for run in runs)
        half, most = (statistics.median(run.within(part) for run in runs) for part in (50, 99))
        told = dict(sum((run.answers for run in runs), Counter[str]()))
        print(f"| {name} | {rate:,.0f} | {half:,.0f} | {most:,.0f} | {told} |")
    ratios = [one.rate / other.rate for one, other in zip(surges, pages, strict=True)]
    rate = statistics.median(run.rate for run in surges)
    print(f"asking against the page: {statistics.median(ratios):.2f} ×")
    print(f"against a desk of {DESK_A_MINUTE} a minute: {rate * 60 / DESK_A_MINUTE:.0f} ×")
    print(f"{options.workers} processes of {options.threads} threads")
    _check(opened, surges, places)


def _check(opened: Sequence[UUID], surges: Sequence[Run], places: int) -> None:
    """Everybody got an answer, exactly so many got money, and the books hold."""
    at = datetime.now(UTC)
    for round_id, run in zip(opened, surges, strict=True):
        given = Ticket.objects.filter(round=round_id).count()
        left = budgets.left_in_round(round_id)
        print(f"granted {run.answers['granted']:,}, written {given:,} of {places:,}, left {left}")
    print(f"the books say: {insight.prove_books(by=SYSTEM, at=at).breaches or 'nothing wrong'}")


def _opened(places: int) -> UUID:
    """A round that is served since a day ago or less."""
    later = timedelta(days=(datetime.now(UTC) - CLOSED).days)
    first_come = FirstCome(CLOSED + later, "Volgorde van ontvangst.")
    rules = make_rules(
        days=later.days,
        pot=Money(places * PRICE),
        fit=Fit.SKIP,
        carry_over=CarryOver(),
        beacon=None,
        first_come=first_come,
    )
    found = make_published(rules, days=later.days)
    operations.list_due(by=SYSTEM, at=CLOSED + later)
    operations.open_due(by=SYSTEM, at=CLOSED + later)
    return found.id


def _signed_in(people: int) -> list[str]:
    """Make so many workers who signed in; return the cookies of each."""
    at, users = CLOSED, get_user_model()
    logins = [
        users(id=new_id(at), person_id=person, session_stamp=secrets.token_hex(16), confirmed_at=at)
        for person in islice(new_persons(), people)
    ]
    users._default_manager.bulk_create(logins)
    RoleAssignment.objects.bulk_create(
        RoleAssignment(id=new_id(at), person_id=login.person_id, role=Role.WORKER, granted_at=at)
        for login in logins
    )
    store, sessions = SessionStore(), []
    for login in logins:
        held = {
            SESSION_KEY: str(login.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: login.get_session_auth_hash(),
        }
        sessions.append(
            Session(
                session_key=secrets.token_hex(16),
                session_data=store.encode(held),
                expire_date=datetime.now(UTC) + timedelta(hours=12),
            )
        )
    Session.objects.bulk_create(sessions)
    return [
        f"{settings.SESSION_COOKIE_NAME}={one.session_key}; {settings.CSRF_COOKIE_NAME}={FORM_TOKEN}"
        for one in sessions
    ]


@contextmanager
def _web_server(workers: int, threads: int) -> Iterator[int]:
    """Start what deploy/ starts, on a port that is free."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)),
        *("--no-access-log", "--log-level", "warning", "eigenwijs.project.wsgi:application"),
    ]
    server = subprocess.Popen(command, env=dict(os.environ))
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection((HOST, port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, "the web server ended"
                assert time.monotonic() < deadline, "the web server does not answer"
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(60)


def _run(port: int, method: str, path: str, cookies: Sequence[str], connections_: int) -> Run:
    """Let everybody ask once, over connections that stay open."""
    return asyncio.run(_everybody(port, method, path, cookies, connections_))


async def _everybody(
    port: int, method: str, path: str, cookies: Sequence[str], connections_: int
) -> Run:
    run, waiting = Run(), iter(cookies)

    async def line() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        for cookie in waiting:
            began = time.perf_counter()
            writer.write(_request(method, path, cookie))
            try:
                answer = _answer(*await _response(reader))
            except (OSError, asyncio.IncompleteReadError) as error:
                answer = type(error).__name__
                reader, writer = await asyncio.open_connection(HOST, port)
            run.waits.append(time.perf_counter() - began)
            run.answers[answer] += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(line() for _one in range(min(connections_, len(cookies)))))
    run.wall = time.perf_counter() - began
    return run


def _request(method: str, path: str, cookie: str) -> bytes:
    body = f"csrfmiddlewaretoken={FORM_TOKEN}" if method == "POST" else ""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def _response(reader: asyncio.StreamReader) -> tuple[int, str, str]:
    """Read one response: status, head and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if "content-length" in fields:
        body = await reader.readexactly(int(fields["content-length"]))
    else:
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    return int(head.split(" ", 2)[1]), fields.get("location", ""), body.decode("utf-8", "replace")


def _answer(status: int, location: str, body: str) -> str:
    """Say what became of a request, by its page."""
    if status == HTTPStatus.FOUND and "/mijn/rondes/" in location:
        return "granted"
    if status == HTTPStatus.OK and "Het geld is op" in body:
        return "sold out"
    return "page" if status == HTTPStatus.OK else str(status)
