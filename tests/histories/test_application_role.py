"""The role of the application: the house runs with it, and what only grows is out of its reach."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from django.core.management import CommandError, call_command
from psycopg import sql
from psycopg.conninfo import make_conninfo

from eigenwijs.project.management.commands.grant_application import append_only_tables
from tests.histories.databases import python

ROLE = "application_of_the_tests"


@pytest.fixture
def granted(database_copy: Callable[[], str]) -> str:
    """The address of a database for a role that may run the application."""
    owner = database_copy()
    with (
        psycopg.connect(owner, autocommit=True) as connection,
        suppress(psycopg.errors.DuplicateObject),
    ):
        connection.execute(f"CREATE ROLE {ROLE} LOGIN")
    granting = python(owner, "-m", "django", "grant_application", ROLE, stdout=subprocess.PIPE)
    told, _nothing = granting.communicate()
    assert told == f"{ROLE} may run the application.\n"
    return make_conninfo(owner, user=ROLE)


def test_the_house_runs_with_these_rights(granted: str) -> None:
    """Two histories through all rooms, with everything that they do and prove."""
    played = ("-m", "tests.histories.play", "0", "2", "1")
    player = python(granted, *played, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told, _nothing = player.communicate()
    assert player.returncode == 0, told[-20_000:]


def test_what_only_grows_can_be_neither_changed_nor_removed(granted: str) -> None:
    tables = append_only_tables()
    assert {"ledger_transfer", "ledger_seal", "audit_auditrow"} <= set(tables)
    statements = ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE")
    with psycopg.connect(granted, autocommit=True) as connection:
        for table in tables:
            for statement in statements:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL(statement).format(sql.Identifier(table)))
        for statement in (
            "ALTER TABLE ledger_transfer DISABLE TRIGGER ALL",
            "DROP TABLE ledger_seal",
            "SET session_replication_role = replica",
            "CREATE TABLE mine (id integer)",
            "TRUNCATE ledger_account",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        owned = connection.execute("SELECT count(*) FROM pg_tables WHERE tableowner = %s", [ROLE])
        assert owned.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "why"), [("nobody_here", "no role"), ("postgres", "superuser")])
def test_a_role_that_is_not_there_or_could_do_more_is_refused(role: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("grant_application", role)
