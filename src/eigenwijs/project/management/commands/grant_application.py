"""Let a database role run the application, and no more than that."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import pgtrigger
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

_STATEMENTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)


def append_only_tables() -> list[str]:
    """Return the tables that nobody may empty either: those of `kernel.append_only`."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", [])
        if str(trigger.operation) == str(pgtrigger.Truncate)
    )


class Command(BaseCommand):
    """Grant a role what the web server and the job worker need."""

    help = (
        "Grant a database role what the web server and the job worker need: it owns no table, and "
        "may neither change nor remove rows of tables that only grow. Run it as the owner of the "
        "tables, after each migrate"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the role."""
        parser.add_argument("role", help="a role that may log in and is there already")

    @transaction.atomic
    def handle(self, *_args: object, role: str, verbosity: int, **_options: Any) -> None:
        """Grant, and refuse a role that could do more."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None:
                raise CommandError(f"there is no role {role}: create it first, with LOGIN")
            cursor.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = %s",
                [role],
            )
            if found[0] or cursor.fetchone():
                raise CommandError(f"{role} owns tables or is a superuser: take another role")
            for statement in _STATEMENTS:
                cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role)))
            for table in append_only_tables():
                cursor.execute(
                    sql.SQL("REVOKE UPDATE, DELETE ON {table} FROM {role}").format(
                        table=sql.Identifier(table), role=sql.Identifier(role)
                    )
                )
        if verbosity:
            self.stdout.write(f"{role} may run the application.")
