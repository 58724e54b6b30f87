"""How the tables lie in a Citus cluster, and laying them so."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

_LEDGER = "ledger"
_OTHER_ROOMS = (
    "its rows are tied to others by foreign keys without a bucket; far fewer than transfers"
)
# The only triggers are the second lock of what only grows: nothing else depends on them.
_ALLOW_TRIGGERS = "SET LOCAL citus.enable_unsafe_triggers = on"
_DISTRIBUTE = "SELECT create_distributed_table(%s, %s, colocate_with := %s)"
_ALREADY = "SELECT logicalrelid::text FROM pg_dist_partition"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table lies. `by`: its column that decides (None: on one machine); `beside`: the first one."""

    table: str
    by: str | None
    beside: str
    why: str


def plan() -> list[Place]:
    """Return where every table of ours lies; the first distributed one draws the others beside it.

    No table is copied to every machine (a reference table): nothing distributed is joined with one.
    Raises LookupError for a table of the ledger that does not say where.
    """
    places: list[Place] = []
    first = ""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        by, stays = getattr(model, "DISTRIBUTED_BY", None), getattr(model, "STAYS_LOCAL", "")
        if by:
            why = (
                f"beside {first}, with which it is joined" if first else "every key begins with it"
            )
            places.append(Place(table, by, first, why))
            first = first or table
        elif model._meta.app_label == _LEDGER and not stays:
            raise LookupError(f"{table} says neither DISTRIBUTED_BY nor STAYS_LOCAL")
        else:
            places.append(Place(table, None, "", stays or _OTHER_ROOMS))
    return places


class Command(BaseCommand):
    """Print the plan; with `--apply` carry it out."""

    help = (
        "Print how the tables lie in a Citus cluster: distributed by bucket, side by side, or local, and "
        "why. With --apply lay them so; that needs the extension citus and rights on the tables"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Plan only, unless asked."""
        parser.add_argument("--apply", action="store_true", help="carry it out")

    def handle(self, *_args: object, apply: bool, **_options: Any) -> None:
        """Print, and carry out what was not carried out before."""
        places = plan()
        for one in sorted(places, key=lambda one: (one.by is None, one.table)):
            where = f"distributed by {one.by}" if one.by else "local"
            self.stdout.write(f"{one.table}: {where} ({one.why})")
        if apply:
            self.stdout.write(
                f"{_apply([one for one in places if one.by])} tables were distributed."
            )


@transaction.atomic
def _apply(places: list[Place]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
        if not cursor.fetchone():
            raise CommandError(
                "the extension citus is not in this database: install it on every machine, "
                "CREATE EXTENSION citus, and add the workers first. Nothing was changed"
            )
        cursor.execute(_ALREADY)
        done = {table for (table,) in cursor.fetchall()}
        cursor.execute(_ALLOW_TRIGGERS)
        left = [one for one in places if one.table not in done]
        for one in left:
            cursor.execute(_DISTRIBUTE, [one.table, one.by, one.beside or "none"])
    return len(left)
