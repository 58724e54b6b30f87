"""Copies of the empty test database, on its server or on one with default durability."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from eigenwijs.project.postgres import Cluster
from tests.histories.databases import address, copy_to


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


@pytest.fixture
def durable(own_cluster: Cluster, transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of ours on a server with default durability."""
    own_cluster.start()
    with psycopg.connect(own_cluster.url(), autocommit=True) as admin:
        assert admin.execute("SHOW synchronous_commit").fetchone() == ("on",)
    yield copy_to(own_cluster, "money", tmp_path)
    own_cluster.stop()
