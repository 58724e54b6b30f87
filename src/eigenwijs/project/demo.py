"""The demo: a private PostgreSQL, fictional data, the web server and the job worker in one command."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg

from eigenwijs.project import environment
from eigenwijs.project.postgres import Cluster

DATABASE = "eigenwijs"
APPLICATION = "eigenwijs_application"
"""The role of the web server and the job worker: it owns nothing, and what only grows it cannot change."""

PATIENCE_SECONDS = 60


def _data_folder() -> Path:
    return Path(environment.DATA_FOLDER.read()).absolute()


@contextmanager
def private_database(*, fresh: bool = False) -> Iterator[str | None]:
    """Run the demo's PostgreSQL meanwhile, and point this process and its children at it, as its owner.

    Yields the same database's address for the application's role. With `fresh` the database is
    thrown away first. DATABASE_URL, when set, is used as it is, and nothing is yielded.
    """
    os.environ[environment.DEMO.name] = "1"
    if environment.DATABASE_URL.read():
        if fresh:
            sys.exit(
                "--fresh only throws away the demo's own database, not the one DATABASE_URL names."
            )
        yield None
        return
    cluster = Cluster(_data_folder() / "postgres")
    cluster.start()
    try:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            if fresh:
                connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not found.fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
            if not found.fetchone():
                connection.execute(f"CREATE ROLE {APPLICATION} LOGIN")
        os.environ[environment.DATABASE_URL.name] = cluster.url(DATABASE)
        yield cluster.url(DATABASE, role=APPLICATION)
    finally:
        cluster.stop()


def _prepare(*, grant: bool) -> None:
    """Migrate, collect static files and seed, each only where there is something to do."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("build_translations", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_demo")
    if grant:
        call_command("grant_application", APPLICATION, verbosity=0)
    connections.close_all()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/gezond/", timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _start(port: int) -> dict[str, subprocess.Popen[bytes]]:
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", str(min(8, 2 * (os.cpu_count() or 1))),
        "--no-access-log", "--log-level", "warning", "eigenwijs.project.wsgi:application",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "django", "work"]
    # Sessions of their own: Ctrl-C reaches this process alone, which stops them in order.
    return {
        "the web server": subprocess.Popen(web, start_new_session=True),
        "the job worker": subprocess.Popen(worker, start_new_session=True),
    }


def _say(line: str) -> None:
    """Write a whole line at once, so that no line of another process lands inside it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class _Stop(Exception):
    """Somebody asked to stop."""


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


def _watch(processes: dict[str, subprocess.Popen[bytes]], address: str) -> int:
    """Say when the site answers, then wait until it is asked to stop or a process ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    ready = False
    while True:
        for name, process in processes.items():
            if process.poll() is not None:
                _say(f"Eigenwijs stops: {name} ended with code {process.returncode}.")
                return 1
        if not ready and _answers(address):
            ready = True
            _say(f"Eigenwijs is ready: {address}")
        if not ready and time.monotonic() > deadline:
            _say(f"Eigenwijs stops: no answer from {address} in {PATIENCE_SECONDS} seconds.")
            return 1
        time.sleep(0.5 if ready else 0.1)


def run(port: int, *, fresh: bool) -> int:
    """Run the demo on `port` until Ctrl-C or SIGTERM; return the exit code."""
    if not _port_is_free(port):
        _say(f"Port {port} is in use. Choose another: python3 run.py demo --port {port + 1}")
        return 1
    signal.signal(signal.SIGTERM, _ask_to_stop)
    signal.signal(signal.SIGINT, _ask_to_stop)
    address = f"http://127.0.0.1:{port}"
    os.environ.setdefault(environment.SITE_ADDRESS.name, address)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        with private_database(fresh=fresh) as application:
            try:
                _prepare(grant=application is not None)
                if application is not None:
                    os.environ[environment.DATABASE_URL.name] = application
                processes = _start(port)
                return _watch(processes, address)
            finally:
                for process in processes.values():
                    process.terminate()
                for process in processes.values():
                    try:
                        process.wait(timeout=15)
                    except subprocess.TimeoutExpired:
                        process.kill()
    except _Stop:
        _say("Eigenwijs stopped.")
        return 0


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="run.py demo")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    sys.exit(run(options.port, fresh=options.fresh))


if __name__ == "__main__":
    main()
