"""What a posting costs: at the door of the database and through `ledger.operations`, side by side."""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from bench import posting
from eigenwijs.ledger.types import AccountRef

BUCKET = 7
ACCOUNTS = 10_000
CONNECTIONS = 16
BATCH = 100
PROCESSES = 8
ROOT = Path(__file__).resolve().parents[1]
PEER = ("django-hordak==2.0.0", "psycopg[binary]", "dj-database-url")
PEER_DATABASE = "bench_peer"

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
    peer = _peer()
    own = [
        sys.executable,
        "-c",
        "import django; django.setup(); from bench import posting; posting.main()",
    ]
    ways: dict[str, Callable[[], Round]] = {
        "pgbench simple-update, 16 connections": lambda: pgbench(["-N"], options.seconds),
        "one a call at the door, 16 connections": lambda: _one_a_call(options.seconds),
        "one a call through operations": lambda: _through_operations(accounts, 1, options.seconds),
        "100 a call through operations": lambda: _through_operations(
            accounts, BATCH, options.seconds
        ),
        "one a call through operations, 8 processes": lambda: _together(
            own, dict(os.environ), options.seconds
        ),
        "django-hordak transfer_to, 8 processes": lambda: _together(
            peer, _peer_address(), options.seconds
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
    simple_update, door, single, hundred, ours, theirs = ways
    ratios_of: dict[str, Callable[[Mapping[str, Round]], float]] = {
        "door against pgbench, postings a second": lambda one: (
            one[door].rate / one[simple_update].rate
        ),
        "door against pgbench, server processor each": lambda one: (
            one[door].cost / one[simple_update].cost
        ),
        "100 a call against one, server processor each": lambda one: (
            one[hundred].cost / one[single].cost
        ),
        "8 processes against django-hordak, postings a second": lambda one: (
            one[ours].rate / one[theirs].rate
        ),
        "8 processes against django-hordak, server processor each": lambda one: (
            one[ours].cost / one[theirs].cost
        ),
    }
    for told, ratio in ratios_of.items():
        ratios = [ratio(one) for one in rounds]
        print(
            f"{told}: {statistics.median(ratios):.2f} × (from {min(ratios):.2f} to {max(ratios):.2f})"
        )
    print(f"bytes a transfer on disk, indexes included: {_bytes_a_transfer():,.0f}")
    print(f"updates of balances within their page: {_within_their_page():.1%}")


def _prepare() -> list[AccountRef]:
    """Ten thousand funded pots in one bucket, and pgbench's own tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION bench_account(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS
            $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$;
            INSERT INTO ledger_account (bucket, id, kind, owner, debits_posted,
                credits_posted, debits_pending, credits_pending, opened_at)
            SELECT %s, bench_account(n), 'pot', bench_account(n), 0, 10^12, 0, 0, now()
            FROM generate_series(1, %s) AS n;
            """,
            [BUCKET, ACCOUNTS],
        )
    subprocess.run([_binary(), "-i", "-q", "-s", "10"], check=True, env=address())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return posting.pots()


def pgbench(arguments: list[str], seconds: int, database: str = "") -> Round:
    """Let pgbench do so on the database of the benchmark, or on another of the same server."""
    with server_time() as spent:
        done = subprocess.run(
            [
                *(_binary(), "-n", "-M", "prepared", "-j", "2"),
                *("-c", str(CONNECTIONS), "-T", str(seconds), *arguments),
            ],
            check=True,
            env=address(database),
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
        return pgbench(["-f", script.name], seconds)


def _through_operations(accounts: list[AccountRef], size: int, seconds: int) -> Round:
    began = time.monotonic()
    with server_time() as spent:
        posted = posting.post(accounts, size, began + seconds)
    return Round(posted, time.monotonic() - began, spent[0])


def _together(command: list[str], environment: dict[str, str], seconds: int) -> Round:
    """Let eight processes do the same at the same time; each says when it is ready to begin."""
    processes = [
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _number in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    with server_time() as spent:
        answers = []
        for process in processes:
            assert process.stdin
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
        for process in processes:
            answers.append(int(process.communicate()[0]))
            assert process.returncode == 0
    return Round(sum(answers), seconds, spent[0])


def _peer() -> list[str]:
    """Install django-hordak in an environment of its own, make its tables; return how to run it."""
    python = ROOT / "var" / "bench-peer" / "bin" / "python"
    if not python.exists():
        venv.create(python.parents[1], with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEER], check=True)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {PEER_DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {PEER_DATABASE}")
    command = [str(python), str(Path(__file__).with_name("peer_hordak.py"))]
    subprocess.run([*command, "prepare"], check=True, env=_peer_address())
    return [*command, "post"]


def _peer_address() -> dict[str, str]:
    address = urlsplit(os.environ["DATABASE_URL"])
    return {
        "PATH": os.environ["PATH"],
        "PEER_DATABASE_URL": address._replace(path=f"/{PEER_DATABASE}").geturl(),
    }


def _bytes_a_transfer() -> float:
    """What a transfer takes on disk, its indexes included."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ledger_transfer")
        cursor.execute(
            "SELECT pg_total_relation_size('ledger_transfer')::float / count(*) FROM ledger_transfer"
        )
        return float(cursor.fetchone()[0])


def _within_their_page() -> float:
    """Which part of the updates of balances found room in the page they were in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT n_tup_hot_upd::float / n_tup_upd FROM pg_stat_user_tables"
            " WHERE relname = 'ledger_account'"
        )
        return float(cursor.fetchone()[0])


@contextmanager
def server_time() -> Iterator[list[float]]:
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


def address(database: str = "") -> dict[str, str]:
    """The environment in which a program of PostgreSQL finds the database of the benchmark, or another."""
    settings = connection.settings_dict
    return {
        **os.environ,
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"]),
        "PGUSER": settings["USER"],
        "PGDATABASE": database or settings["NAME"],
    }
