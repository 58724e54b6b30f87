"""How the tables lie in a cluster of several machines."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eigenwijs.ledger.models import SealHorizon
from eigenwijs.project.management.commands.distribute import plan

pytestmark = pytest.mark.django_db


def told(*options: str) -> list[str]:
    out = StringIO()
    call_command("distribute", *options, stdout=out)
    return out.getvalue().splitlines()


def test_the_books_are_distributed_side_by_side_and_every_other_table_is_local() -> None:
    lines = told()
    assert lines[:2] == [
        "ledger_account: distributed by bucket (every key begins with it)",
        "ledger_transfer: distributed by bucket (beside ledger_account, with which it is joined)",
    ]
    assert all(": local (" in line for line in lines[2:])
    ours = {
        model for model in connection.introspection.table_names() if "procrastinate" not in model
    }
    assert ours - {line.split(":")[0] for line in lines} <= {"django_migrations", "django_cache"}


def test_a_table_of_the_ledger_that_does_not_say_where_it_lies_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(SealHorizon, "STAYS_LOCAL")
    with pytest.raises(LookupError, match="ledger_sealhorizon"):
        plan()


def test_without_the_extension_nothing_is_changed_and_one_hears_what_to_do() -> None:
    with pytest.raises(CommandError, match="CREATE EXTENSION citus"):
        told("--apply")


@pytest.fixture
def stand_in() -> None:
    """The extension's door, noting what it is asked: no machine of the tests has the extension."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TABLE pg_dist_partition (logicalrelid regclass, by text, beside text);
            CREATE FUNCTION create_distributed_table(relation regclass, by text, colocate_with text)
            RETURNS void LANGUAGE sql AS $$ INSERT INTO pg_dist_partition VALUES (relation, by, colocate_with) $$;
            """
        )
        cursor.execute("SELECT set_config('allow_system_table_mods', 'on', true)")
        cursor.execute(
            "INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)"
            " SELECT 99999, 'citus', 10, 2200, false, '0'"
        )


@pytest.mark.usefixtures("stand_in")
def test_it_is_carried_out_once() -> None:
    assert told("--apply")[-1] == "2 tables were distributed."
    with connection.cursor() as cursor:
        cursor.execute("SELECT logicalrelid::text, by, beside FROM pg_dist_partition")
        assert cursor.fetchall() == [
            ("ledger_account", "bucket", "none"),
            ("ledger_transfer", "bucket", "ledger_account"),
        ]
    assert told("--apply")[-1] == "0 tables were distributed."
