"""Any management command, on DATABASE_URL or else on the demo's database."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from django.core.management import execute_from_command_line
from django.db import ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import UndefinedColumn, UndefinedTable

from eigenwijs.project import translations
from eigenwijs.project.demo import private_database

WITHOUT_TABLES = (
    "The database does not have the tables of this version yet. Run `python3 run.py demo` once, or "
    "`python3 run.py manage migrate`."
)


def main() -> None:
    """Run the command that follows, with the demo's settings if none are given."""
    arguments = ["run.py manage", *sys.argv[1:]]
    # On a server the code may belong to somebody else, or be read-only: its translations are built.
    with suppress(OSError):
        translations.build_where_older()
    if "DATABASE_URL" in os.environ:
        _execute(arguments)
        return
    with private_database():
        _execute(arguments)


def _execute(arguments: list[str]) -> None:
    """Run a command; where it misses a table that is still to be migrated, say so and end with code 1."""
    try:
        execute_from_command_line(arguments)
    except ProgrammingError as error:
        is_absent = isinstance(error.__cause__, UndefinedTable | UndefinedColumn)
        if not is_absent or arguments[1:2] == ["migrate"] or not _waits_for_migrations():
            raise
        sys.exit(WITHOUT_TABLES)


def _waits_for_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    main()
