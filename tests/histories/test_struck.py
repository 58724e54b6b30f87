"""A crowd at the ledger's door while the server dies, the wire breaks or the disk is full."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from eigenwijs.project.postgres import Cluster
from tests.histories.cuts import Wire
from tests.histories.databases import python

pytestmark = pytest.mark.own_cluster

STEPS = "400"
PATIENCE_SECONDS = 240
DISK = 24 * 2**20
LEFT = 200_000  # less than the crowd's transfers need


def struck(database: str, *how: str) -> subprocess.Popen[str]:
    """Let a crowd play, in a process of its own."""
    played = ("-m", "tests.histories.struck", *how)
    return python(database, *played, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def end_of(crowd: subprocess.Popen[str]) -> str:
    """Return what a crowd told in the end, when its books were right."""
    told, _nothing = crowd.communicate(timeout=PATIENCE_SECONDS)
    assert crowd.returncode == 0, told[-20_000:]
    return told


def test_a_server_killed_at_any_moment_also_while_it_recovers_keeps_what_it_confirmed(
    pytestconfig: pytest.Config, durable: str, own_cluster: Cluster
) -> None:
    kills = str(pytestconfig.getoption("--kills"))
    crowd = struck(durable, "1", kills, str(own_cluster.data.parent))
    told, _nothing = crowd.communicate()
    assert crowd.returncode == 0, told[-20_000:]
    assert "'lost'" in told


def test_a_wire_that_breaks_in_the_middle_of_a_commit_loses_and_doubles_nothing(
    durable: str, own_cluster: Cluster, tmp_path: Path
) -> None:
    wire = Wire(tmp_path, own_cluster.socket, Random(1), share=0.05)
    told = end_of(struck(make_conninfo(durable, host=str(tmp_path)), "1", STEPS, "-"))
    assert wire.cuts, told
    wire.close()


@pytest.fixture
def small_disk(own_cluster: Cluster) -> Iterator[Path]:
    """A disk of a few megabytes, in memory: needs the right to mount."""
    folder = own_cluster.data.parent / "disk"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={DISK},mode=777", "tmpfs", str(folder))
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here: that needs root")
    yield folder
    own_cluster.stop()
    subprocess.run(("umount", str(folder)), check=True)


def test_a_full_disk_refuses_and_leaves_nothing_half(
    durable: str, own_cluster: Cluster, small_disk: Path
) -> None:
    place, filler = small_disk / "space", small_disk / "filler"
    place.mkdir()
    owner = own_cluster.data.stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    with psycopg.connect(durable, autocommit=True) as admin:
        admin.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        admin.execute("ALTER TABLE ledger_transfer SET TABLESPACE small")
    free = os.statvfs(small_disk)
    filler.write_bytes(bytes(free.f_bavail * free.f_frsize - LEFT))
    crowd = struck(durable, "1", "1500", "-")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while os.statvfs(small_disk).f_bavail > 4:
        assert crowd.poll() is None, end_of(crowd)
        assert time.monotonic() < deadline, "the disk does not get full"
        time.sleep(0.01)
    time.sleep(0.5)
    filler.unlink()
    assert "'53100'" in end_of(crowd)
