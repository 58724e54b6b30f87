"""Writing many new rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from operator import attrgetter
from typing import Any

from django.db import connection, models

# Python's values of these are what the driver sends: asking Django for each of millions is most of the time.
_AS_THEY_ARE = (
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
    models.UUIDField,
)


def copy_in(rows: Iterable[models.Model]) -> None:
    """Insert new rows of one model with COPY, in the caller's transaction.

    Each row brings its own id, or none does and the database numbers them. For the tens of thousands
    that a payroll brings: `bulk_create` spends most of its time on quoting. Raises
    django.db.IntegrityError where a constraint refuses a row.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    fields = [
        field
        for field in first._meta.concrete_fields
        if not field.generated and not (field.primary_key and first.pk is None)
    ]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = [_value_of(field) for field in fields]
    table = connection.ops.quote_name(first._meta.db_table)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in chain([first], rows):
            copy.write_row([value(row) for value in values])


def _value_of(field: models.Field[Any, Any]) -> Callable[[models.Model], Any]:
    """Return how to read a field of a row as the driver takes it."""
    filled_in = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    if isinstance(field, _AS_THEY_ARE) and not filled_in:
        return attrgetter(field.attname)
    return lambda row: field.get_db_prep_save(field.pre_save(row, add=True), connection)
