"""The tables stay fit for a distributed PostgreSQL (the list at the end of the ledger's design)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

import eigenwijs.ledger

pytestmark = pytest.mark.django_db

FOLDER = Path(eigenwijs.ledger.__file__).parent
TABLES = ("ledger_account", "ledger_transfer")


def rows(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"tables": list(TABLES)})
        return list(cursor.fetchall())


def test_every_key_starts_with_the_bucket() -> None:
    found = rows(
        """
        SELECT i.indexrelid::regclass::text, a.attname
        FROM pg_index AS i
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = ANY(%(tables)s::regclass[]) AND i.indisunique
        """
    )
    assert len(found) == 3
    assert {first for _name, first in found} == {"bucket"}


def test_no_other_table_and_no_other_constraint_is_tied_to_the_books() -> None:
    constraints = rows(
        """
        SELECT conname, contype, condeferrable FROM pg_constraint
        WHERE conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[])
        """
    )
    kinds = {"p": "primary key", "u": "unique", "c": "check", "n": "not null"}
    assert [name for name, kind, _deferrable in constraints if kind not in kinds] == []
    assert [name for name, _kind, deferrable in constraints if deferrable] == []


def test_the_only_triggers_are_the_second_lock() -> None:
    names = rows(
        """
        SELECT tgname FROM pg_trigger
        WHERE tgrelid = ANY(%(tables)s::regclass[]) AND NOT tgisinternal
        """
    )
    assert sorted(str(name).split("_", 2)[2].rsplit("_", 1)[0] for (name,) in names) == [
        "append_only",
        "never_emptied",
    ]


def test_an_update_of_a_balance_stays_within_its_page() -> None:
    """Half-full pages, and no index but the key, so that no update has to touch an index."""
    assert rows("SELECT reloptions FROM pg_class WHERE relname = 'ledger_account'") == [
        (["fillfactor=50"],)
    ]
    indexes = rows("SELECT indexname FROM pg_indexes WHERE tablename = 'ledger_account'")
    assert [name for (name,) in indexes] == ["ledger_account_pkey"]


@pytest.mark.parametrize(
    "forbidden",
    [
        r"advisory",
        r"\blisten\b",
        r"\bnotify\b",
        r"lock\s+table",
        r"clock_timestamp",
        r"\brandom\s*\(",
        r"\bnow\s*\(",
        r"deferrable",
        r"exclude\s+using",
    ],
)
def test_the_statements_use_nothing_that_ties_them_to_one_machine(forbidden: str) -> None:
    texts = {
        path.name: path.read_text()
        for path in FOLDER.rglob("*.*")
        if path.suffix in (".py", ".sql")
    }
    assert [name for name, text in texts.items() if re.search(forbidden, text, re.IGNORECASE)] == []
