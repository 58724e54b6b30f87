"""Many people and one scarce pot: the single writer beside row locks, and a surge of requests."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from django.db import connection, connections, transaction

from bench.ledger import _peer as prepare_peer
from bench.ledger import _peer_address as peer_address
from eigenwijs.budgets import queries as budgets
from eigenwijs.draws import operations
from eigenwijs.draws.operations import UnableToClaim
from eigenwijs.draws.single_writer import SingleWriter
from eigenwijs.draws.types import Claim, TicketView
from eigenwijs.insight import operations as insight
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer
from eigenwijs.people.models import Person
from tests.factories.draws import CLOSED, make_waiting, open_
from tests.factories.people import SYSTEM, make_person

PRICE = 100_00
CONNECTIONS = 64
"""At most, for all threads of the process. A thread that waits for the writer holds none."""
PEER_THREADS, PEER_SECONDS = 64, 5

Answer = TicketView | UnableToClaim | None
Ask = Callable[[UUID], Answer]


@dataclass
class Run:
    """What one run of one way did: seconds, how many got it or not, and how long each waited."""

    wall: float
    answers: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests granted a second."""
        return self.answers["granted"] / self.wall

    @property
    def p99(self) -> float:
        """Milliseconds within which 99 of 100 had their answer."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1_000


def main(arguments: list[str]) -> None:
    """Measure all ways in turn, several rounds, and print medians and ratios."""
    parser = argparse.ArgumentParser(prog="run.py bench scarcity")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, nargs="+", default=[64, 1_000], help="at once")
    parser.add_argument("--peer", action="store_true", help="django-hordak too, on one account")
    parser.add_argument(
        "--surge", type=int, default=1_000, help="requests, for half as many grants"
    )
    options = parser.parse_args(arguments)
    _pool()
    persons = new_persons()
    _batches(persons, options.rounds)
    _surge(persons, options.surge, max(options.people))
    hordak = _peer() if options.peer else None
    # Last: the way of the bare transfer leaves money in no book of a round.
    for people in options.people:
        _reserve(persons, people, options.rounds, hordak)


def _batches(persons: Iterator[UUID], rounds: int) -> None:
    """What a request costs in batches of one size, one after the other."""
    print("| requests a call of claim_many | granted a second |\n|---|---:|")
    for size in (1, 10, 100, 500, 1_000):
        rates = []
        for _round in range(rounds):
            calls = max(1, min(20, 1_000 // size))
            round_id = _opened(size * calls)
            began = time.perf_counter()
            for _call in range(calls):
                claims = [_claim(person) for person in islice(persons, size)]
                operations.claim_many(round_id=round_id, claims=claims, at=CLOSED)
            rates.append(size * calls / (time.perf_counter() - began))
            assert budgets.left_in_round(round_id) == Money.zero()
        print(f"| {size:,} | {statistics.median(rates):,.0f} |", flush=True)


def _reserve(
    persons: Iterator[UUID], people: int, rounds: int, hordak: Callable[[], float] | None
) -> None:
    """So many people at once, each again and again for somebody new, on a pot that is enough."""
    ways: dict[str, tuple[Callable[[UUID], Ask], int]] = {
        "single writer": (_single_writer, max(people, 1_000)),
        "row lock, everything that a request writes": (_row_lock, 200),
        "row lock, only the transfer": (_row_lock_of_the_post, 500),
    }
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    peer: list[float] = []
    for _round in range(rounds):
        for name, (way, requests) in ways.items():
            round_id = _opened(requests)
            run = _at_once(way(round_id), list(islice(persons, requests)), people)
            assert run.answers == {"granted": requests}, run.answers
            assert budgets.left_in_round(round_id) == Money.zero()
            runs[name].append(run)
        if hordak:
            peer.append(hordak())
    print(f"\n| {people:,} people at once | granted a second | p99, ms |\n|---|---:|---:|")
    for name, found in runs.items():
        rate = statistics.median(run.rate for run in found)
        p99 = statistics.median(run.p99 for run in found)
        print(f"| {name} | {rate:,.0f} | {p99:,.0f} |", flush=True)
    single = runs["single writer"]
    if peer:
        rate = statistics.median(peer)
        print(f"| django-hordak, {PEER_THREADS} threads, 1,000 legs of history | {rate:,.0f} | |")
        ratios = [one.rate / other for one, other in zip(single, peer, strict=True)]
        print(f"single writer against django-hordak: {statistics.median(ratios):.1f} ×", flush=True)
    for name in list(runs)[1:]:
        ratios = [one.rate / other.rate for one, other in zip(single, runs[name], strict=True)]
        print(f"single writer against {name}: {statistics.median(ratios):.1f} ×", flush=True)


def _peer() -> Callable[[], float]:
    """Prepare django-hordak; return what tells how often a second it takes from one account."""
    *command, _post = prepare_peer()

    def taken() -> float:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # the server has no room for both
        process = subprocess.Popen(
            [*command, "hot", str(PEER_THREADS)],
            env=peer_address(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        told, _nothing = process.communicate(f"{PEER_SECONDS}\n")
        assert process.returncode == 0
        return int(told) / PEER_SECONDS

    return taken


def _surge(persons: Iterator[UUID], requests: int, people: int) -> None:
    """Twice as many requests as there is money for, as many at once as there are threads."""
    print(f"\n| {requests:,} requests for {requests // 2:,} places | seconds | p99, ms |")
    print("|---|---:|---:|")
    walls = []
    for name, way in (("single writer", _single_writer), ("row lock", _row_lock)):
        round_id = _opened(requests // 2)
        run = _at_once(way(round_id), list(islice(persons, requests)), people)
        assert run.answers == {"granted": requests // 2, "sold_out": requests - requests // 2}
        assert budgets.left_in_round(round_id) == Money.zero()
        walls.append(run.wall)
        print(f"| {name} | {run.wall:.1f} | {run.p99:,.0f} |", flush=True)
    print(f"all answered {walls[1] / walls[0]:.1f} × sooner")
    breaches = insight.prove_books(by=SYSTEM, at=CLOSED).breaches
    print(
        f"exactly {requests // 2:,} granted each time; the books say: {breaches or 'nothing wrong'}"
    )


def _single_writer(round_id: UUID) -> Ask:
    def write(claims: Sequence[Claim]) -> list[TicketView | UnableToClaim]:
        try:
            return operations.claim_many(round_id=round_id, claims=claims, at=CLOSED)
        finally:
            connection.close()

    writer: SingleWriter[Claim, TicketView | UnableToClaim] = SingleWriter(write)

    def ask(person_id: UUID) -> Answer:
        return _sold_out(round_id) or writer.answer(_claim(person_id))

    return ask


def _row_lock(round_id: UUID) -> Ask:
    def write(person_id: UUID) -> Answer:
        with transaction.atomic():
            (answer,) = operations.claim_many(
                round_id=round_id, claims=[_claim(person_id)], at=CLOSED
            )
        return answer

    def ask(person_id: UUID) -> Answer:
        if refused := _sold_out(round_id):
            return refused
        try:
            return write(person_id)
        finally:
            connection.close()

    return ask


def _row_lock_of_the_post(round_id: UUID) -> Ask:
    source = ledger.open_account(kind=AccountKind.ROUND_POT, owner=round_id, at=CLOSED)
    target = ledger.open_account(kind=AccountKind.ROUND_POT, owner=new_id(CLOSED), at=CLOSED)

    def ask(_person_id: UUID) -> Answer:
        try:
            ledger.post([_transfer(source, target)], by=SYSTEM, at=CLOSED)
        finally:
            connection.close()
        return None

    return ask


def _transfer(source: AccountRef, target: AccountRef) -> NewTransfer:
    return NewTransfer(
        key=new_id(CLOSED),
        debit=source,
        credit=target,
        amount=Money(PRICE),
        kind="bench",
        occurred_on=CLOSED.date(),
        group=new_id(CLOSED),
    )


def _sold_out(round_id: UUID) -> UnableToClaim | None:
    """The unlocked read with which `claim` begins."""
    try:
        is_gone = budgets.left_in_round(round_id) < Money(PRICE)
    finally:
        connection.close()
    return UnableToClaim("sold_out") if is_gone else None


def _at_once(ask: Ask, persons: Sequence[UUID], people: int) -> Run:
    waits: list[float] = []

    def one(person_id: UUID) -> str:
        began = time.perf_counter()
        answer = ask(person_id)
        waits.append(time.perf_counter() - began)
        return answer.code if isinstance(answer, UnableToClaim) else "granted"

    with ThreadPoolExecutor(people) as threads:
        began = time.perf_counter()
        answers = Counter(threads.map(one, persons))
        return Run(time.perf_counter() - began, answers, waits)


def _opened(places: int) -> UUID:
    return open_(make_waiting(pot=Money(places * PRICE)).id).id


def _claim(person_id: UUID) -> Claim:
    return Claim(person_id, Money(PRICE), SYSTEM, CLOSED)


def new_persons() -> Iterator[UUID]:
    """New persons for as long as anybody asks."""
    pattern = Person.objects.get(pk=make_person(claimed=False).id)
    while True:
        made = []
        for _one in range(5_000):
            pattern.pk = new_id(CLOSED)
            made.append(
                Person(
                    **{f.attname: getattr(pattern, f.attname) for f in Person._meta.concrete_fields}
                )
            )
        Person.objects.bulk_create(made)
        yield from [person.pk for person in made]


def _pool() -> None:
    """Let threads share connections, as a pool in front of the database does."""
    connection.close()
    settings = connections.settings["default"]
    settings["CONN_MAX_AGE"] = 0
    settings["OPTIONS"]["pool"] = {"min_size": 4, "max_size": CONNECTIONS, "timeout": 1_800}
