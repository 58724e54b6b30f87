"""The demo is one command: it answers, stops completely, and keeps its data."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from pathlib import Path

import psycopg
import pytest

from eigenwijs.project import environment
from eigenwijs.project.demo import private_database
from eigenwijs.project.postgres import Cluster
from tests.project import demo as demos

pytestmark = pytest.mark.own_cluster


def _get(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return int(answer.status)


def _parents() -> dict[int, int]:
    """Return the parent of every process that lives."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:  # it ended meanwhile
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    return parents


def _family(leader: int) -> set[int]:
    """Return `leader` and every living process that came from it."""
    parents = _parents()
    family = {leader}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _worker(demo: demos.Demo) -> int:
    (worker,) = (
        process
        for process in _family(demo.pid)
        if b"\0django\0work\0" in Path(f"/proc/{process}/cmdline").read_bytes()
    )
    return worker


def test_it_answers_stops_without_a_trace_keeps_its_data_and_says_why_it_ends(
    own_folder: Path, own_cluster: Cluster
) -> None:
    """One long walk, because the first start makes a whole fictional year."""
    port = demos.free_port()
    for stop in (signal.SIGTERM, signal.SIGINT):
        demo = demos.start(own_folder, port)
        demos.wait_until_ready(demo, port)
        assert _get(port, "/") == 200
        assert _get(port, "/gezond/") == 200
        with psycopg.connect(own_cluster.url("eigenwijs"), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
            connection.execute("INSERT INTO starts DEFAULT VALUES")
        server = int((own_cluster.data / "postmaster.pid").read_text().split()[0])
        family = _family(demo.pid) | _family(server)
        assert len(family) > 4, "the demo, a web server and its worker, a job worker, PostgreSQL"
        demo.send_signal(stop)
        said, _ = demo.communicate(timeout=60)
        assert demo.returncode == 0
        assert said.endswith("Eigenwijs stopped.\n")
        assert family & set(_parents()) == set()

    demo = demos.start(own_folder, port)
    demos.wait_until_ready(demo, port)
    with psycopg.connect(own_cluster.url("eigenwijs")) as connection:
        assert connection.execute("SELECT count(*) FROM starts").fetchone() == (2,)
    os.kill(_worker(demo), signal.SIGKILL)
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "the job worker ended" in said


def test_fresh_throws_the_database_away(
    own_folder: Path, own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.DATA_FOLDER.name, str(own_folder))
    found = []
    for fresh in (False, False, True):
        for variable in (environment.DATABASE_URL, environment.DEMO):
            monkeypatch.delenv(variable.name, raising=False)
        with private_database(fresh=fresh):
            url = os.environ[environment.DATABASE_URL.name]
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS starts (number serial)")
                connection.execute("INSERT INTO starts DEFAULT VALUES")
                found += connection.execute("SELECT count(*) FROM starts").fetchone() or ()
    assert found == [1, 2, 1]


def test_fresh_never_touches_a_database_that_somebody_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(environment.DATABASE_URL.name, "postgresql://db.example/precious")
    with (
        pytest.raises(SystemExit, match="only throws away the demo's own"),
        private_database(fresh=True),
    ):
        pytest.fail("it went on")


def test_it_says_so_when_the_port_is_taken(own_folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        demo = demos.start(own_folder, port)
        said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert f"Port {port} is in use" in said
