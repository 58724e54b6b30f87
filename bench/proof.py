"""What proving the books costs, and what sealing costs beside the posting that it follows."""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from bench.ledger import BATCH, server_time
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations, queries
from eigenwijs.ledger.rules import BETWEEN_ID
from eigenwijs.ledger.types import AccountRef, NewTransfer, ProofPart, SinceSeal

BY = Actor.system("bench")
TRANSFERS_A_PERSON = 4
PAYERS = 1_000

# A year of a small world: payers pay in; each person is credited once, over two buckets, holds half
# of it for a course, pays that, and gets a little back.
_FILL = """
CREATE FUNCTION bench_id(what text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(1700000000000 + n), 12, '0') || substr(md5(what || n), 1, 20))::uuid
$$;
CREATE FUNCTION bench_bucket(n bigint) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    'SELECT (n * 7919 %% 1024)::smallint';

CREATE TEMP TABLE planned (LIKE ledger_transfer INCLUDING DEFAULTS);
ALTER TABLE planned ALTER number DROP DEFAULT, ALTER number DROP NOT NULL;

INSERT INTO planned (bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles,
    reverses, group_id, occurred_on, recorded_at, expires_at, digest)
SELECT bench_bucket(p), bench_id('receipt', p), bench_id('bank', p), bench_id('payer', p), NULL::smallint,
    100000000000, 'receipt', 'posted', NULL::uuid, NULL::uuid, bench_id('payment', p),
    date '2026-01-01', timestamptz '2026-01-01 12:00Z', NULL::timestamptz, ''::bytea
FROM generate_series(1, %(payers)s) AS p
UNION ALL
SELECT row.* FROM generate_series(1, %(people)s) AS n
CROSS JOIN LATERAL (SELECT bench_bucket(n) AS home, 1 + n %% %(payers)s AS p OFFSET 0) AS of
CROSS JOIN LATERAL (SELECT nullif(bench_bucket(p), home) AS away, bench_id('pot', n) AS pot,
    bench_id('payee', home) AS payee, bench_id('credit', n) AS credit, bench_id('hold', n) AS hold,
    bench_id('post', n) AS post, date '2026-01-01' + (n %% 300)::integer AS day,
    timestamptz '2026-01-01 12:00Z' + n %% 300 * interval '1 day' AS moment OFFSET 0) AS its
CROSS JOIN LATERAL (VALUES
    (home, credit, CASE WHEN away IS NULL THEN bench_id('payer', p) ELSE %(between)s END, pot, away,
     50000, 'credit', 'posted', NULL, NULL, bench_id('settle', p), day, moment, NULL, ''::bytea),
    (away, credit, bench_id('payer', p), %(between)s, home,
     50000, 'credit', 'posted', NULL, NULL, bench_id('settle', p), day, moment, NULL, ''),
    (home, hold, pot, payee, NULL,
     25000, 'reserve', 'pending', NULL, NULL, hold, day, moment, moment + interval '90 days', ''),
    (home, post, pot, payee, NULL,
     25000, 'reserve', 'post', hold, NULL, hold, day, moment + interval '9 days', NULL, ''),
    (home, bench_id('back', n), payee, pot, NULL,
     1000, 'reserve', 'posted', NULL, post, hold, day, moment + interval '10 days', NULL, '')
) AS row (bucket) WHERE row.bucket IS NOT NULL;

INSERT INTO ledger_transfer (bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles,
    reverses, group_id, occurred_on, recorded_at, expires_at, digest)
SELECT bucket, id, debit, credit, other_bucket, amount_cents, kind, phase, settles, reverses, group_id,
    occurred_on, recorded_at, expires_at, ledger_digest(ROW(planned.*)::ledger_transfer, recorded_at)
FROM planned;

INSERT INTO ledger_account (bucket, id, kind, owner, debits_posted, credits_posted, debits_pending,
    credits_pending, opened_at)
SELECT bucket, account, account_kind, account, sum(dr), sum(cr), 0, 0, min(recorded_at)
FROM planned CROSS JOIN LATERAL (VALUES
    (debit, amount_cents, 0::bigint, CASE WHEN debit = %(between)s THEN 'between'
        WHEN reverses IS NOT NULL THEN 'provider_payable' ELSE
        CASE kind WHEN 'receipt' THEN 'bank' WHEN 'credit' THEN 'payer_clearing' ELSE 'pot' END END),
    (credit, 0, amount_cents, CASE WHEN credit = %(between)s THEN 'between'
        WHEN reverses IS NOT NULL THEN 'pot' ELSE
        CASE kind WHEN 'receipt' THEN 'payer_clearing' WHEN 'credit' THEN 'pot'
            ELSE 'provider_payable' END END)
) AS leg (account, dr, cr, account_kind)
WHERE phase IN ('posted', 'post')
GROUP BY bucket, account, account_kind;
DROP TABLE planned;
"""


def main(arguments: list[str]) -> None:
    """Fill the books, prove them and a part, then post and seal; print seconds and memory."""
    parser = argparse.ArgumentParser(prog="run.py bench proof")
    parser.add_argument("--transfers", type=int, default=200_000)
    parser.add_argument("--connections", type=int, default=2, help="for the full proof")
    parser.add_argument("--posted", type=int, default=5_000, help="and then sealed")
    options = parser.parse_args(arguments)

    _fill(options.transfers)
    pots = _pots()
    sealed = _measure(_seal)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_transfer")
        (rows,) = cursor.fetchone()
    last = queries.last_seal()
    assert last is not None
    measured = {
        f"full proof of {options.transfers:,} transfers ({rows:,} rows)": _measure(
            lambda: _prove(connections=options.connections)
        ),
        "since the last seal but one": _measure(lambda: _prove(SinceSeal(last.number - 1))),
        "one account": _measure(lambda: _prove(pots[0][0])),
        "sealing all of it": sealed,
    }
    print("| what | s | server processor s | MB |\n|---|---:|---:|---:|")
    for what, cost in measured.items():
        print(f"| {what} | {cost.wall:,.1f} | {cost.server:,.1f} | {cost.megabytes:,.0f} |")

    _post(pots, BATCH)  # plans and caches warm
    _seal()
    posted = _measure(lambda: _post(pots, options.posted))
    after = _measure(_seal)
    print(
        f"posting {options.posted:,}, {BATCH} a call: {posted.server:.2f} s of the server; sealing "
        f"them: {after.server:.2f} s, {after.server / posted.server:.1%}"
    )


class Cost(NamedTuple):
    """Wall seconds, processor seconds of the server, and the most memory of all processes together."""

    wall: float
    server: float
    megabytes: float


def _measure(work: Callable[[], None]) -> Cost:
    began = time.perf_counter()
    with server_time() as spent, _memory() as most:
        work()
    return Cost(time.perf_counter() - began, spent[0], most[0] / 1024)


def _fill(transfers: int) -> None:
    with connection.cursor() as cursor:
        people = transfers // TRANSFERS_A_PERSON
        where: dict[str, Any] = {"payers": PAYERS, "people": people, "between": BETWEEN_ID}
        cursor.execute(_FILL, where)
        cursor.execute("VACUUM ANALYZE")


def _pots() -> list[tuple[AccountRef, AccountRef]]:
    """Pots that have money, each with a provider in its bucket."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pot.bucket, pot.id, payee.id FROM ledger_account AS pot "
            "JOIN ledger_account AS payee USING (bucket) "
            "WHERE pot.kind = 'pot' AND payee.kind = 'provider_payable' ORDER BY pot.id LIMIT 10000"
        )
        return [
            (AccountRef(bucket, pot), AccountRef(bucket, payee))
            for bucket, pot, payee in cursor.fetchall()
        ]


def _prove(part: ProofPart | None = None, connections: int = 1) -> None:
    breaches = queries.prove(
        at=datetime(2026, 1, 1, tzinfo=UTC), known_holds=[], part=part, connections=connections
    )
    assert not breaches, breaches[:3]


def _seal() -> None:
    """What one call notes, the next one seals."""
    while not operations.seal(at=datetime.now(UTC)):
        pass


def _post(pots: list[tuple[AccountRef, AccountRef]], count: int) -> None:
    """Within a bucket each, as most postings are."""
    at = datetime.now(UTC)
    for first in range(0, count, BATCH):
        numbers = range(first, first + BATCH)
        links = [[_transfer(*pots[n * 7919 % len(pots)], at)] for n in numbers]
        answers = operations.post_many(links, by=BY, at=at)
        assert all(isinstance(answer, list) for answer in answers)


def _transfer(pot: AccountRef, payee: AccountRef, at: datetime) -> NewTransfer:
    return NewTransfer(
        key=new_id(at),
        debit=pot,
        credit=payee,
        amount=Money(1),
        kind="bench",
        occurred_on=local_date(at),
        group=new_id(at),
    )


@contextmanager
def _memory() -> Iterator[list[float]]:
    """Note the most kilobytes that the server's processes and this one have, shared pages once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend: int = cursor.fetchone()[0]
    postmaster = _parent(Path(f"/proc/{backend}/stat"))
    most = [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            most[0] = max(most[0], sum(map(_kilobytes, [os.getpid(), *_children(postmaster)])))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        ended.set()
        watcher.join()


def _children(parent: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if _parent(stat) == parent:
                yield int(stat.parent.name)


def _parent(stat: Path) -> int:
    return int(stat.read_text().rpartition(")")[2].split()[1])


def _kilobytes(process: int) -> float:
    """Its proportional share of memory; nothing if it ended meanwhile."""
    with suppress(OSError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        return float(text.partition("\nPss:")[2].split()[0])
    return 0
