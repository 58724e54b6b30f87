"""The demo is one command: it answers, stops completely, and keeps its data."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from eigenwijs.project.postgres import Cluster

pytestmark = pytest.mark.own_cluster

Demo = subprocess.Popen[str]
PATIENCE_SECONDS = 300
StartDemo = Callable[..., Demo]


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start_demo(
    own_folder: Path, plain_environment: dict[str, str], port: int
) -> Iterator[StartDemo]:
    """Start the demo with its data in a folder of the test's own; nothing is left running."""
    started: list[Demo] = []

    def start(*options: str) -> Demo:
        demo = subprocess.Popen(
            [sys.executable, "-m", "eigenwijs.project.demo", "--port", str(port), *options],
            env={**plain_environment, "EIGENWIJS_DATA": str(own_folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(demo)
        return demo

    yield start
    for demo in started:
        if demo.poll() is None:
            demo.terminate()
        demo.communicate(timeout=60)


def _wait_until_ready(demo: Demo, port: int) -> None:
    assert demo.stdout
    said = []
    patience = threading.Timer(PATIENCE_SECONDS, demo.kill)
    patience.start()
    for line in demo.stdout:
        said.append(line)
        if line == f"Eigenwijs is ready: http://127.0.0.1:{port}\n":
            patience.cancel()
            return
    pytest.fail("the demo ended:\n" + "".join(said))


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


def _server(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_without_a_trace(
    start_demo: StartDemo, own_cluster: Cluster, port: int, stop: signal.Signals
) -> None:
    demo = start_demo()
    _wait_until_ready(demo, port)
    assert _get(port, "/") == 200
    assert _get(port, "/gezond/") == 200
    family = _family(demo.pid) | _family(_server(own_cluster))
    assert len(family) > 4, "the demo, a web server with its worker, a job worker, PostgreSQL"
    demo.send_signal(stop)
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0
    assert said.endswith("Eigenwijs stopped.\n")
    assert family & set(_parents()) == set()


def test_a_second_start_keeps_what_was_there_and_fresh_throws_it_away(
    start_demo: StartDemo, own_cluster: Cluster, port: int
) -> None:
    kept = []
    for options in ((), (), ("--fresh",)):
        demo = start_demo(*options)
        _wait_until_ready(demo, port)
        with psycopg.connect(own_cluster.url("eigenwijs"), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
            connection.execute("INSERT INTO starts DEFAULT VALUES")
            kept += connection.execute("SELECT count(*) FROM starts").fetchone() or ()
        demo.terminate()
        demo.communicate(timeout=60)
    assert kept == [1, 2, 1]


def test_it_says_so_when_the_port_is_taken(start_demo: StartDemo, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        demo = start_demo()
        said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert f"Port {port} is in use" in said


def test_it_stops_and_says_why_when_the_job_worker_dies(start_demo: StartDemo, port: int) -> None:
    demo = start_demo()
    _wait_until_ready(demo, port)
    (worker,) = [
        process
        for process in _family(demo.pid)
        if b"procrastinate" in Path(f"/proc/{process}/cmdline").read_bytes()
    ]
    subprocess.run(["kill", "-9", str(worker)], check=True)
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "the job worker ended" in said
