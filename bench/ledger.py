"""What a posting costs: at the door of the database and through `ledger.operations`, side by side."""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations
from eigenwijs.ledger.types import AccountRef, NewTransfer

BUCKET = 7
ACCOUNTS = 10_000
CONNECTIONS = 16
BATCH = 100
BY = Actor.system("bench")

_ONE_A_CALL = """
\\set debit random(1, {accounts})
\\set credit random(1, {accounts} - 1)
SELECT answer FROM ledger_record(
    now(), '{{0}}', ARRAY[uuidv7()], '{{transfer}}', ARRAY[{bucket}::smallint],
    ARRAY[bench_account(:debit::integer)], ARRAY[{bucket}::smallint],
    ARRAY[bench_account(1 + (:debit::integer + :credit::integer - 1) % {accounts})], NULL, NULL,
    ARRAY[100::bigint], '{{bench}}', ARRAY[uuidv7()], ARRAY[current_date], ARRAY[NULL::timestamptz]
);
"""


@dataclass
class Round:
    """What one round of one way did: postings, wall seconds, processor seconds of the server."""

    postings: int
    wall: float
    server: float

    @property
    def rate(self) -> float:
        """Postings a second."""
        return self.postings / self.wall

    @property
    def cost(self) -> float:
        """Microseconds of the server's processors for a posting."""
        return self.server / self.postings * 1e6


def main(arguments: list[str]) -> None:
    """Measure all ways in turn, several rounds, and print medians and ratios."""
    parser = argparse.ArgumentParser(prog="run.py bench ledger")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of each way in each round")
    options = parser.parse_args(arguments)

    accounts = _prepare()
    ways: dict[str, Callable[[], Round]] = {
        "pgbench simple-update, 16 connections": lambda: _pgbench(["-N"], options.seconds),
        "one a call at the door, 16 connections": lambda: _one_a_call(options.seconds),
        "one a call through operations": lambda: _through_operations(accounts, 1, options.seconds),
        "100 a call through operations": lambda: _through_operations(
            accounts, BATCH, options.seconds
        ),
    }
    for way in ways.values():  # plans and caches warm
        way()
    rounds = [{name: way() for name, way in ways.items()} for _ in range(options.rounds)]
    print("| way | postings a second | server µs each |\n|---|---:|---:|")
    for name in ways:
        rate = statistics.median(one[name].rate for one in rounds)
        cost = statistics.median(one[name].cost for one in rounds)
        print(f"| {name} | {rate:,.0f} | {cost:,.0f} |")
    for told, ratio in {
        "door against pgbench, postings a second": lambda one: (
            one["one a call at the door, 16 connections"].rate
            / one["pgbench simple-update, 16 connections"].rate
        ),
        "100 a call against one, server processor each": lambda one: (
            one["100 a call through operations"].cost / one["one a call through operations"].cost
        ),
    }.items():
        ratios = [ratio(one) for one in rounds]
        print(
            f"{told}: {statistics.median(ratios):.2f} × (from {min(ratios):.2f} to {max(ratios):.2f})"
        )


def _prepare() -> list[AccountRef]:
    """Ten thousand funded pots in one bucket, and pgbench's own tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION bench_account(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS
            $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$;
            INSERT INTO ledger_account (bucket, id, kind, owner, side, debits_posted,
                credits_posted, debits_pending, credits_pending, opened_at)
            SELECT %s, bench_account(n), 'pot', bench_account(n), 'credit', 0, 10^12, 0, 0, now()
            FROM generate_series(1, %s) AS n;
            """,
            [BUCKET, ACCOUNTS],
        )
        cursor.execute("SELECT id FROM ledger_account ORDER BY id")
        accounts = [AccountRef(BUCKET, id_) for (id_,) in cursor.fetchall()]
    subprocess.run([_binary(), "-i", "-q", "-s", "10"], check=True, env=_address())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return accounts


def _pgbench(arguments: list[str], seconds: int) -> Round:
    with _server() as spent:
        done = subprocess.run(
            [
                *(_binary(), "-n", "-M", "prepared", "-j", "2"),
                *("-c", str(CONNECTIONS), "-T", str(seconds), *arguments),
            ],
            check=True,
            env=_address(),
            stdout=subprocess.PIPE,
            text=True,
        )
    counted = re.search(r"transactions actually processed: (\d+)", done.stdout)
    failed = re.search(r"failed transactions: (\d+)", done.stdout)
    assert counted, done.stdout
    assert failed is None or failed[1] == "0", done.stdout
    return Round(int(counted[1]), seconds, spent[0])


def _one_a_call(seconds: int) -> Round:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_ONE_A_CALL.format(accounts=ACCOUNTS, bucket=BUCKET))
        script.flush()
        return _pgbench(["-f", script.name], seconds)


def _through_operations(accounts: list[AccountRef], size: int, seconds: int) -> Round:
    posted = 0
    began = time.perf_counter()
    with _server() as spent:
        while time.perf_counter() - began < seconds:
            at = datetime.now(UTC)
            links = [[_transfer(accounts, n, at)] for n in range(posted, posted + size)]
            answers = operations.post_many(links, by=BY, at=at)
            assert all(isinstance(answer, list) for answer in answers)
            posted += size
    return Round(posted, time.perf_counter() - began, spent[0])


def _transfer(accounts: list[AccountRef], number: int, at: datetime) -> NewTransfer:
    return NewTransfer(
        key=new_id(at),
        debit=accounts[number * 7919 % ACCOUNTS],
        credit=accounts[(number * 7919 + 13) % ACCOUNTS],
        amount=Money(100),
        kind="bench",
        occurred_on=local_date(at),
        group=new_id(at),
    )


@contextmanager
def _server() -> Iterator[list[float]]:
    """Count the processor seconds of the whole database server meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend: int = cursor.fetchone()[0]
    postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    before = _spent(postmaster)
    result = [0.0]
    yield result
    result[0] = _spent(postmaster) - before


def _spent(postmaster: int) -> float:
    """Seconds of the postmaster, its children, and its children that ended."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == postmaster:
            ticks += sum(int(one) for one in fields[11:15])
        elif int(fields[1]) == postmaster:
            ticks += sum(int(one) for one in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _binary() -> str:
    return str(Path(os.environ["PG_BINDIR"], "pgbench"))


def _address() -> dict[str, str]:
    settings = connection.settings_dict
    return {
        **os.environ,
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"]),
        "PGUSER": settings["USER"],
        "PGDATABASE": settings["NAME"],
    }
