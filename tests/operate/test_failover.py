"""Two servers: the first is killed while money moves, the second goes on with all that was confirmed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from threading import Event, Semaphore
from typing import NamedTuple

import psycopg
import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection

from eigenwijs.ledger import operations, queries
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer
from eigenwijs.project.postgres import Cluster
from tests.histories.databases import copy_to
from tests.ledger.books import BY, NOW, account, funded_pot, transfer
from tests.operate.servers import at_once, pointed_at

pytestmark = [pytest.mark.own_cluster, pytest.mark.django_db(transaction=True)]

PATIENCE_SECONDS = 60
CLIENTS = 4
BEFORE, AFTER = 25, 10  # postings of each client before the kill, and at least, after it


class Pair(NamedTuple):
    """A primary and its replica, which confirms every commit with it."""

    primary: Cluster
    replica: Cluster

    @property
    def url(self) -> str:
        """The address that an application is given: both, and it goes on with the one that writes."""
        hosts = f"{self.primary.socket},{self.replica.socket}"
        return f"postgresql://postgres@/money?host={hosts}&target_session_attrs=read-write"


@pytest.fixture
def pair(own_cluster: Cluster, own_folder: Path, tmp_path: Path) -> Iterator[Pair]:
    """Two servers with an empty database of ours; a commit is there when both have it on disk."""
    replica = Cluster(own_folder / "replica")
    own_cluster.start()
    copy_to(own_cluster, "money", tmp_path)
    follow(own_cluster, replica)
    with psycopg.connect(own_cluster.url(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        admin.execute("SELECT pg_reload_conf()")
        while admin.execute("SELECT sync_state FROM pg_stat_replication").fetchone() != ("sync",):
            time.sleep(0.05)
    yield Pair(own_cluster, replica)
    replica.stop()
    own_cluster.stop()


def follow(primary: Cluster, replica: Cluster) -> None:
    """Start a new server that follows the primary."""
    replica.data.mkdir(mode=0o700, parents=True)
    owner = primary.data.stat()
    os.chown(replica.data, owner.st_uid, owner.st_gid)
    source = ("-h", str(primary.socket), "-U", "postgres", "--checkpoint=fast", "--no-sync")
    primary.program("pg_basebackup", "-D", str(replica.data), "--write-recovery-conf", *source)
    (replica.data / ".s.PGSQL.5432.lock").unlink()  # of the primary: its socket is in its folder
    with (replica.data / "postgresql.auto.conf").open("a") as file:
        file.write("hot_standby_feedback = on\n")  # a proof that takes long is not cut off
    replica.start()


class Client:
    """Somebody who posts, and asks again with the same key until there is an answer."""

    def __init__(self, pot: AccountRef, payable: AccountRef) -> None:
        self.pot, self.payable = pot, payable
        self.confirmed: list[NewTransfer] = []

    def post(self) -> None:
        """Post one cent more; returns when it is confirmed."""
        entry = transfer(self.pot, self.payable, 1)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                operations.post([entry], by=BY, at=NOW)
            except (OperationalError, InterfaceError):
                assert time.monotonic() < deadline
                connection.close()
                time.sleep(0.05)
            else:
                self.confirmed.append(entry)
                return


def cut_off(pair: Pair, clients: list[Client]) -> None:
    """Take the replica off the line, and return when no client gets an answer any more.

    Each then waits for a commit that the primary has and the replica has not. A primary that confirms
    by itself goes on, and what it confirms will be missed.
    """
    with psycopg.connect(pair.replica.url(), autocommit=True) as replica:
        replica.execute("ALTER SYSTEM SET primary_conninfo = ''")
        replica.execute("SELECT pg_reload_conf()")
        while replica.execute("SELECT FROM pg_stat_wal_receiver").fetchone() is not None:
            time.sleep(0.01)
    enough = sum(len(client.confirmed) for client in clients) + 10 * CLIENTS
    with psycopg.connect(pair.primary.url(), autocommit=True) as primary:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        while sum(len(client.confirmed) for client in clients) < enough:
            if primary.execute(waiting).fetchone() == (CLIENTS,):
                return
            time.sleep(0.01)


def prove_books() -> str:
    """Run the command; return what it says."""
    said = StringIO()
    call_command("prove_books", stdout=said)
    return said.getvalue()


def test_what_was_confirmed_is_there_after_the_replica_took_over(pair: Pair) -> None:
    """Four clients post cents; the books are proven on the replica meanwhile, and again when it is the primary.

    What was under way at the kill is lost with the primary, was never confirmed, and is sent again.
    """
    clients: list[Client] = []
    ready, promoted = Semaphore(0), Event()
    proofs: list[str] = []

    def open_accounts() -> None:
        for number in range(CLIENTS):
            bucket = 10 * number
            payable = account(
                AccountKind.PROVIDER_PAYABLE, bucket + number % 2
            )  # half over two buckets
            clients.append(Client(funded_pot(100_000, bucket), payable))

    def keep_posting(number: int) -> None:
        client, after = clients[number], 0
        while after < AFTER:
            client.post()
            after += promoted.is_set()
            if len(client.confirmed) == BEFORE:
                ready.release()

    def lose_the_primary() -> None:
        for _client in range(CLIENTS):
            assert ready.acquire(timeout=PATIENCE_SECONDS)
        try:
            with pointed_at(pair.replica.url("money")):
                proofs.extend(at_once([prove_books]))
            cut_off(pair, clients)
            pair.primary.kill()
            pair.replica.program("pg_ctl", "promote", "-w", "-D", str(pair.replica.data))
        finally:
            promoted.set()

    def send_everything_again() -> list[bool]:
        return [
            operations.post([entry], by=BY, at=NOW)[0].replayed
            for client in clients
            for entry in client.confirmed
        ]

    with pointed_at(pair.url):
        at_once([open_accounts])
        posting = [partial(keep_posting, number) for number in range(CLIENTS)]
        at_once([*posting, lose_the_primary])
        (again,) = at_once([send_everything_again])
        (moved,) = at_once([lambda: queries.totals_by_kind()[AccountKind.PROVIDER_PAYABLE].posted])
        (known,) = at_once([queries.is_replica])
        proofs.extend(at_once([prove_books]))
    assert again == [True] * len(again)
    assert len(again) >= CLIENTS * (BEFORE + AFTER)
    assert moved.cents == len(again), "every cent once, also where the answer was lost"
    assert not known
    on_replica, on_primary = proofs
    assert "The books are proven." in on_replica
    assert "Proven on a replica: the trail does not tell of it." in on_replica
    assert "The books are proven." in on_primary
    assert "replica" not in on_primary
