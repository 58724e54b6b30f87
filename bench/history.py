"""What a posting costs when there is much behind it: two databases that differ in their history only."""

from __future__ import annotations

import argparse
import statistics
import tempfile

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from bench import ledger

ACCOUNTS = 100_000
SHORT = 10_000
AT_ONCE = 500_000
LONG_BOOKS = "bench_long"

_ACCOUNT = """
CREATE FUNCTION bench_account(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT md5('account ' || n)::uuid $$
"""

# Of each bucket the accounts with these numbers, so that a transfer finds two of them there.
_OPEN = """
INSERT INTO ledger_account (bucket, id, kind, owner, debits_posted, credits_posted, debits_pending,
    credits_pending, opened_at)
SELECT n %% 1024, bench_account(n), 'pot', bench_account(n), 0, 10^12, 0, 0, now()
FROM generate_series(1, %s) AS n
"""

# As they come in life: one after the other, to anybody.
_FILL = """
INSERT INTO ledger_transfer (bucket, id, debit, credit, amount_cents, kind, phase, group_id,
    occurred_on, recorded_at, digest)
SELECT of.n %% 1024, uuidv7(), bench_account(of.n),
    bench_account(CASE WHEN of.n > 1024 THEN of.n - 1024 ELSE of.n + 1024 END), 100, 'bench',
    'posted', uuidv7(), current_date, now(), sha256(uuid_send(uuidv7()))
FROM (SELECT 1 + (random() * %s)::integer AS n FROM generate_series(1, %s)) AS of
"""

_POST = f"""
\\set n random(1, {ACCOUNTS})
SELECT ledger_record_one(
    now(), uuidv7(), (:n % 1024)::smallint, bench_account(:n),
    bench_account(CASE WHEN :n > 1024 THEN :n - 1024 ELSE :n + 1024 END), 100::bigint, 'bench',
    uuidv7(), current_date, NULL
);
"""


def main(arguments: list[str]) -> None:
    """Post in turn into books of 10,000 transfers and into long ones, and print both costs."""
    parser = argparse.ArgumentParser(prog="run.py bench history")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each way in each round")
    parser.add_argument("--transfers", type=int, default=1_000_000, help="of the long books")
    options = parser.parse_args(arguments)

    short = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT)
        cursor.execute(_OPEN, [ACCOUNTS])
        cursor.execute(_FILL, [ACCOUNTS - 1, SHORT])
    connection.close()
    _copy(short)
    _fill(options.transfers - SHORT)
    names = {f"{SHORT:,}": short, f"{options.transfers:,}": LONG_BOOKS}
    for name in names.values():
        with psycopg.connect(_address(name), autocommit=True) as one:
            one.execute("VACUUM ANALYZE")
            one.execute("CHECKPOINT")
    runs: dict[str, list[ledger.Round]] = {history: [] for history in names}
    for round_ in range(options.rounds + 1):  # the first warms caches
        for history, name in names.items():
            run = _post(name, options.seconds)
            if round_:
                runs[history].append(run)
    print("| transfers in the books | postings a second | server µs each |\n|---:|---:|---:|")
    for history, found in runs.items():
        rate = statistics.median(run.rate for run in found)
        print(f"| {history} | {rate:,.0f} | {statistics.median(run.cost for run in found):,.0f} |")
    ratios = [long.cost / of_short.cost for of_short, long in zip(*runs.values(), strict=True)]
    print(f"long against short, server processor each: {statistics.median(ratios):.2f} ×")
    print(f"from {min(ratios):.2f} to {max(ratios):.2f} ×")


def _copy(short: str) -> None:
    with psycopg.connect(_address("postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {LONG_BOOKS} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {LONG_BOOKS} TEMPLATE {short}")


def _fill(transfers: int) -> None:
    with psycopg.connect(_address(LONG_BOOKS), autocommit=True) as books:
        for begun in range(0, transfers, AT_ONCE):
            books.execute(_FILL, [ACCOUNTS - 1, min(AT_ONCE, transfers - begun)])
            print(f"{begun:,} of {transfers:,} filled", flush=True)


def _address(name: str) -> str:
    own = ledger.address(name)
    wanted = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    return make_conninfo(**{key: own[variable] for key, variable in wanted.items()})


def _post(name: str, seconds: int) -> ledger.Round:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_POST)
        script.flush()
        return ledger.pgbench(["-f", script.name], seconds, database=name)
