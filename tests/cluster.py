"""Starts the test suite's PostgreSQL before Django reads its settings (`-p tests.cluster`)."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [path for path in (str(ROOT / "src"), str(ROOT)) if path not in sys.path]

from eigenwijs.project.postgres import Cluster  # noqa: E402

os.environ.setdefault("EIGENWIJS_SECRET_KEY", "tests-only-" + "0123456789abcdef" * 4)
os.environ.setdefault("EIGENWIJS_ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("EIGENWIJS_INSECURE_HTTP", "1")

if "DATABASE_URL" not in os.environ:
    engine = "own" if "PG_BINDIR" in os.environ else "packaged"
    cluster = Cluster(ROOT / "var" / f"test-postgres-{engine}", fast=True)
    cluster.start()
    atexit.register(cluster.stop)
    os.environ["DATABASE_URL"] = cluster.url("eigenwijs")


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
