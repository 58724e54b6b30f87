"""The ledger stays fit for a distributed PostgreSQL (the list in `docs/explanation/ledger.md`).

Read from the migrated database and from the room's own Python, so that it holds for any migration.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

import eigenwijs.ledger
from tests.ledger.distributable import (
    functions,
    statements_of,
    wrong_in_function,
    wrong_in_statement,
    wrong_in_tables,
)

pytestmark = pytest.mark.django_db

FOLDER = Path(eigenwijs.ledger.__file__).parent


def local_tables() -> list[str]:
    """Tables of the ledger that say of themselves that they stay on one machine."""
    models = apps.get_app_config("ledger").get_models()
    return [one._meta.db_table for one in models if hasattr(one, "STAYS_LOCAL")]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_tables_can_be_distributed_by_bucket() -> None:
    assert local_tables() == ["ledger_seal", "ledger_sealhorizon", "ledger_period"]
    assert wrong_in_tables(local_tables()) == []


@pytest.mark.parametrize(
    ("breach", "seen"),
    [
        ("CREATE UNIQUE INDEX broken ON ledger_account (owner)", "key broken"),
        ("CREATE UNIQUE INDEX broken ON ledger_transfer (id, bucket)", "key broken"),
        ("CREATE TABLE ledger_more (id bigint PRIMARY KEY)", "key ledger_more_pkey"),
        (
            "CREATE TABLE other (bucket smallint, id uuid,"
            " CONSTRAINT broken FOREIGN KEY (bucket, id) REFERENCES ledger_account)",
            "foreign key broken",
        ),
        (
            "ALTER TABLE ledger_account ADD CONSTRAINT broken UNIQUE (bucket, owner, kind) DEFERRABLE",
            "deferrable constraint broken",
        ),
        (
            "ALTER TABLE ledger_account ADD CONSTRAINT broken EXCLUDE USING btree (owner WITH =)",
            "exclusion constraint broken",
        ),
        (
            "CREATE TRIGGER broken BEFORE UPDATE ON ledger_account"
            " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger broken",
        ),
    ],
)
def test_a_table_that_could_not_be_distributed_is_named(breach: str, seen: str) -> None:
    run(breach)
    assert [wrong for wrong in wrong_in_tables(local_tables()) if wrong.startswith(seen)]


def test_an_update_of_a_balance_stays_within_its_page() -> None:
    """Half-full pages, and no index but the key, so that no update has to touch an index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'ledger_account'")
        assert cursor.fetchall() == [(["fillfactor=50"],)]
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'ledger_account'")
        assert cursor.fetchall() == [("ledger_account_pkey",)]


def test_no_function_of_the_ledger_uses_what_ties_it_to_one_machine() -> None:
    found = functions()
    assert {"ledger_record_one", "ledger_record", "ledger_digest", "ledger_seal"} <= {
        name for name, _text in found
    }
    assert {name: wrong for name, text in found if (wrong := wrong_in_function(text))} == {}


def test_no_statement_of_the_ledger_uses_what_ties_it_to_one_machine() -> None:
    found = list(statements_of(FOLDER))
    assert len(found) > 20
    assert {place: wrong for place, text in found if (wrong := wrong_in_statement(text))} == {}


BREACHES = [
    ("SELECT pg_advisory_xact_lock(%s)", "an advisory lock: pg_advisory_xact_lock"),
    ("SELECT 1 WHERE pg_try_advisory_lock(7)", "an advisory lock: pg_try_advisory_lock"),
    ("LISTEN posted", "LISTEN"),
    ("NOTIFY posted", "NOTIFY"),
    ("SELECT pg_notify('posted', '')", "NOTIFY"),
    ("LOCK TABLE ledger_account", "LOCK TABLE"),
    (
        "UPDATE ledger_account SET opened_at = clock_timestamp() WHERE bucket = %(bucket)s",
        "clock_timestamp() inside an UPDATE",
    ),
    (
        "UPDATE ledger_account SET owner = owner FROM (SELECT random()) AS other",
        "random() inside an UPDATE",
    ),
    (
        "INSERT INTO ledger_account (id) VALUES (NULL)"
        " ON CONFLICT (bucket, id) DO UPDATE SET owner = gen_random_uuid()",
        "gen_random_uuid() inside an UPDATE",
    ),
    (
        "WITH one AS (UPDATE ledger_account SET owner = NULL RETURNING id)"
        " INSERT INTO ledger_account (id) SELECT id FROM one",
        "ledger_account is modified twice in a statement",
    ),
]


@pytest.mark.parametrize(("text", "wrong"), BREACHES)
def test_such_a_statement_is_named_wherever_it_stands(
    text: str, wrong: str, tmp_path: Path
) -> None:
    assert wrong_in_statement(text) == [wrong]
    (tmp_path / "store.py").write_text(f'def lock():\n    cursor.execute("""{text}""")\n')
    ((place, found),) = statements_of(tmp_path)
    assert (place, wrong_in_statement(found)) == ("store.py:2", [wrong])

    body = text.replace("%(bucket)s", "7").replace("%s", "7")
    body = body.replace("SELECT", "PERFORM", 1) if body.startswith("SELECT") else body
    run("SET LOCAL check_function_bodies = off")
    run(f"CREATE FUNCTION ledger_broken() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")
    definitions = dict(functions())
    assert wrong_in_function(definitions["ledger_broken"]) == [wrong]


def test_a_statement_that_is_put_together_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "store.py").write_text('f"SELECT pg_advisory_lock({number}) WHERE {condition}"\n')
    ((_place, found),) = statements_of(tmp_path)
    assert wrong_in_statement(found) == ["an advisory lock: pg_advisory_lock"]


def test_what_one_cannot_look_into_is_not_taken_for_good() -> None:
    run(
        "CREATE FUNCTION ledger_broken(text text) RETURNS void LANGUAGE plpgsql"
        " AS $$ BEGIN EXECUTE text; END $$"
    )
    with pytest.raises(AssertionError, match="EXECUTE"):
        wrong_in_function(dict(functions())["ledger_broken"])
