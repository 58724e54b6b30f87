"""Copies of the empty test database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from psycopg import sql

from tests.histories.databases import address


@pytest.fixture
def database_copy(transactional_db: None) -> Iterator[Callable[[], str]]:
    """Return what makes a copy of the empty test database and tells its address."""
    original = str(connection.settings_dict["NAME"])
    made: list[str] = []

    def run(statement: str, *names: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def copy() -> str:
        connection.close()
        made.append(f"{original}_copy_{len(made)}")
        run("CREATE DATABASE {} TEMPLATE {}", made[-1], original)
        return address(made[-1])

    yield copy
    for name in made:
        run("DROP DATABASE {} WITH (FORCE)", name)
