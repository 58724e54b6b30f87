"""A real PgBouncer in front of the test cluster, with the file of the deployment."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from tests.histories.databases import ROOT, address
from tests.project.demo import free_port

DEPLOYED = ROOT / "deploy" / "pgbouncer.ini"
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NO_POOLER = "no PgBouncer here: apt-get install pgbouncer"
PATIENCE_SECONDS = 20
CONNECTIONS = 4

# What differs on a machine of tests. Every transaction takes another of the server's connections,
# so whatever is left behind in one is missed at once.
_HERE = {
    "auth_type": "any",
    "logfile": "",
    "pidfile": "",
    "default_pool_size": str(CONNECTIONS),
    "server_round_robin": "1",
}


class Pooler(NamedTuple):
    """A running PgBouncer: the address through it, and what it says."""

    address: str
    log: Path


@contextmanager
def pooler(**options: str) -> Iterator[Pooler]:
    """Run a PgBouncer before the database of the test; `options` go before those of its file."""
    assert PROGRAM, NO_POOLER
    database, own_port = connection.settings_dict, free_port()
    folder = Path(tempfile.mkdtemp(prefix="eigenwijs-pooler-"))
    file, log = folder / "pgbouncer.ini", folder / "log"
    settings = ConfigParser(interpolation=None)
    settings.read(DEPLOYED)
    settings["databases"] = {
        str(database["NAME"]): make_conninfo(
            address(str(database["NAME"])), host=database["HOST"] or "127.0.0.1"
        )
    }
    settings["pgbouncer"].update({**_HERE, **options}, listen_port=str(own_port))
    with file.open("w") as out:
        settings.write(out)
    run_as: dict[str, Any] = {}
    if os.geteuid() == 0:  # it refuses to be root, as PostgreSQL does
        account = pwd.getpwnam("postgres")
        run_as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        folder.chmod(0o755)
    with log.open("w") as out:
        server = subprocess.Popen([PROGRAM, file], stdout=out, stderr=out, cwd="/", **run_as)
    through = f"postgresql://anyone@127.0.0.1:{own_port}/{database['NAME']}"
    try:
        _wait_until_it_answers(through, server, log)
        _open_all(through, int(settings["pgbouncer"]["default_pool_size"]))
        yield Pooler(through, log)
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)
        shutil.rmtree(folder)


def _wait_until_it_answers(through: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(through).close()
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


def _open_all(through: str, count: int) -> None:
    """Have it open all its connections to the server: transactions at the same time take one each."""
    with ExitStack() as open_now:
        for _connection in range(count):
            open_now.enter_context(psycopg.connect(through)).execute("SELECT 1")
