"""A backup is worth what a restore proves: dump, restore, and the books are equal to the cent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from eigenwijs.audit import queries as audit
from eigenwijs.budgets import queries as budgets
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.project.postgres import Cluster
from tests.factories.budgets import make_credit
from tests.factories.people import make_person

SOURCE = Path(settings.BASE_DIR) / "src"
RESTORED = f"restored_{os.getpid()}"
SHOW_BOOKS = """
import json, sys
import django
django.setup()
from datetime import date
from uuid import UUID
from eigenwijs.ledger import queries
from eigenwijs.budgets import queries as budgets
totals = {kind: (b.posted.cents, b.reserved.cents) for kind, b in queries.totals_by_kind().items()}
print(json.dumps([totals, budgets.account(UUID(sys.argv[1]), on=date.fromisoformat(sys.argv[2])).available.cents]))
"""


def _program(name: str) -> str:
    return str(Cluster(Path(settings.BASE_DIR) / "var" / "unused").programs / name)


def _address(database: str) -> str:
    ours = settings.DATABASES["default"]
    keys = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    return psycopg.conninfo.make_conninfo(
        dbname=database, **{libpq: ours[key] for key, libpq in keys.items() if ours[key]}
    )


def _run(*command: str, database: str = "postgres") -> str:
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "DATABASE_URL": _address(database)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def restored_database() -> Iterator[str]:
    """The name of an empty database beside the test's own; it is gone afterwards."""
    name = sql.Identifier(RESTORED)
    with psycopg.connect(_address("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield RESTORED
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.django_db(transaction=True)
def test_a_restored_dump_proves_the_same_books(
    now: datetime, restored_database: str, tmp_path: Path
) -> None:
    """Two payers, € 250,00 and € 99,99 on one account: the same after the restore, trail included."""
    person = make_person()
    for cents in (25_000, 9_999):
        make_credit(person.id, cents)
    today = local_date(now)
    assert budgets.account(person.id, on=today).available == Money(34_999)
    rows = audit.trail(limit=1)[0].id

    dump = tmp_path / "books.dump"
    source, target = str(connection.settings_dict["NAME"]), restored_database
    _run(_program("pg_dump"), "--format=custom", f"--file={dump}", f"--dbname={_address(source)}")
    restore = ("--exit-on-error", "--single-transaction", "--no-owner")
    _run(_program("pg_restore"), *restore, f"--dbname={_address(target)}", str(dump))

    show = (sys.executable, "-c", SHOW_BOOKS, str(person.id), today.isoformat())
    assert _run(*show, database=target) == _run(*show, database=source)
    with psycopg.connect(_address(target)) as copy:
        assert copy.execute("SELECT max(id) FROM audit_auditrow").fetchone() == (rows,)
    proven = _run(sys.executable, "-m", "django", "prove_books", database=target)
    assert "349,99" in proven
    with (
        psycopg.connect(_address(target)) as copy,
        pytest.raises(psycopg.Error, match="Cannot"),
    ):
        copy.execute("DELETE FROM ledger_transfer")
