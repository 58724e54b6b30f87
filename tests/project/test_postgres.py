"""The private PostgreSQL survives what happens to it: two starts at once, kill -9, a second start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from eigenwijs.project.postgres import Cluster
from tests.project.demo import plain_environment

pytestmark = pytest.mark.own_cluster

HOLDER = """
import sys
from pathlib import Path
from eigenwijs.project.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print("up", flush=True)
sys.stdin.read()
cluster.stop()
"""


def _holder(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)],
        env=plain_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _wait_until_up(holder: subprocess.Popen[str]) -> None:
    assert holder.stdout
    assert holder.stdout.readline() == "up\n"


def _let_go(holder: subprocess.Popen[str]) -> None:
    holder.communicate(timeout=60)
    assert holder.returncode == 0


def test_two_processes_start_one_server_and_the_last_one_out_stops_it(
    own_cluster: Cluster, own_folder: Path
) -> None:
    holders = [_holder(own_folder / "postgres") for _ in range(2)]
    for holder in holders:
        _wait_until_up(holder)
    assert own_cluster.is_up()
    _let_go(holders[0])
    assert own_cluster.is_up(), "the other one still uses it"
    _let_go(holders[1])
    assert not own_cluster.is_up()


def test_a_killed_holder_leaves_no_lease_behind(own_cluster: Cluster, own_folder: Path) -> None:
    holder = _holder(own_folder / "postgres")
    _wait_until_up(holder)
    holder.send_signal(signal.SIGKILL)
    holder.communicate(timeout=60)
    own_cluster.start()
    own_cluster.stop()
    assert not own_cluster.is_up()


def test_a_killed_server_starts_again_with_all_that_was_committed(own_cluster: Cluster) -> None:
    own_cluster.start()
    connection = psycopg.connect(own_cluster.url(), autocommit=True)
    connection.execute("CREATE TABLE kept (number integer)")
    connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO kept VALUES (-1)")
    own_cluster.kill()
    connection.close()
    assert not own_cluster.is_up()
    own_cluster.start()
    with psycopg.connect(own_cluster.url()) as connection:
        found = connection.execute("SELECT count(*), min(number) FROM kept").fetchone()
    assert found == (1000, 1)
    own_cluster.stop()


def test_stopping_and_starting_keeps_the_data(own_cluster: Cluster) -> None:
    for expected in (1, 2):
        own_cluster.start()
        with psycopg.connect(own_cluster.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
            connection.execute("INSERT INTO starts DEFAULT VALUES")
            (count,) = connection.execute("SELECT count(*) FROM starts").fetchone() or (0,)
        own_cluster.stop()
        assert count == expected


def test_only_this_machine_and_this_account_reach_it(own_cluster: Cluster) -> None:
    own_cluster.start()
    with psycopg.connect(own_cluster.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    assert own_cluster.data.stat().st_mode & 0o077 == 0, "others can read the files"
    own_cluster.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand over to another account")
def test_root_hands_over_to_another_account(own_cluster: Cluster) -> None:
    own_cluster.start()
    assert own_cluster.data.stat().st_uid != 0
    own_cluster.stop()
