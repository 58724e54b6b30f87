"""Starts the test suite's PostgreSQL before Django reads its settings (`-p tests.cluster`)."""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [path for path in (str(ROOT / "src"), str(ROOT)) if path not in sys.path]

from eigenwijs.project.postgres import Cluster  # noqa: E402

os.environ.setdefault("EIGENWIJS_SECRET_KEY", "tests-only-" + "0123456789abcdef" * 4)
os.environ.setdefault("EIGENWIJS_ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("EIGENWIJS_INSECURE_HTTP", "1")

SOURCES = ("*/migrations/*.*", "*/models.py", "*/models/*.py", "kernel/*.py", "project/settings.py")
"""What the tables of a database are made of, apart from the packages."""


def migrated(server: Cluster) -> str:
    """Return the name of a database with all tables, of which every test process gets a copy.

    It is migrated once for these sources: that takes longer than most tests.
    """
    house = ROOT / "src" / "eigenwijs"
    files = sorted(path for pattern in SOURCES for path in house.glob(pattern))
    files.append(ROOT / "requirements" / "run.lock")
    content = b"".join(str(path.relative_to(ROOT)).encode() + path.read_bytes() for path in files)
    name = f"migrated_{hashlib.sha256(content).hexdigest()[:12]}"
    with (
        server.data.with_name(f"{server.data.name}.migrated").open("a") as lock,
        psycopg.connect(server.url(), autocommit=True) as admin,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'migrated%'")
        names = {str(row[0]) for row in found}
        if name in names:
            return name
        for old in names:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
        admin.execute("CREATE DATABASE migrated_half")
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
            env={
                **os.environ,
                "DATABASE_URL": server.url("migrated_half"),
                "PYTHONPATH": str(ROOT / "src"),
                "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
            },
            check=True,
        )
        rename = sql.SQL("ALTER DATABASE migrated_half RENAME TO {}").format(sql.Identifier(name))
        admin.execute(rename)
    return name


if "DATABASE_URL" not in os.environ:
    engine = "own" if "PG_BINDIR" in os.environ else "packaged"
    cluster = Cluster(ROOT / "var" / f"test-postgres-{engine}", fast=True)
    cluster.start()
    atexit.register(cluster.stop)
    os.environ["DATABASE_URL"] = cluster.url("eigenwijs")
    os.environ["TEST_TEMPLATE"] = migrated(cluster)


def pytest_addoption(parser: pytest.Parser) -> None:
    """One option: how strictly the database keeps transactions apart."""
    parser.addoption(
        "--isolation",
        choices=("read committed", "repeatable read", "serializable"),
        help="the isolation level of every transaction that asks for none (default: the server's)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let every connection, of child processes too, begin with the isolation that is asked for."""
    if level := early_config.known_args_namespace.isolation:
        level = level.replace(" ", "\\ ")
        os.environ["PGOPTIONS"] = f"-c default_transaction_isolation={level}"
