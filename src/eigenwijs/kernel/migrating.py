"""Going back to an older schema: only where nothing is lost or told otherwise than it was."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.migrations.exceptions import IrreversibleError


def no_way_back_with(counted: str, what: str) -> migrations.RunPython:
    """Return the last step of a migration: on the way back it refuses what the older schema can't say.

    `counted` is SQL that counts such rows; `what` says after the number what they are, and what
    to do. On the way forward it does nothing. The way back raises IrreversibleError and leaves
    this migration as it was.
    """

    def refuse(_apps: Any, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(counted)
            (count,) = cursor.fetchone()
        if count:
            raise IrreversibleError(f"{count} {what}")

    return migrations.RunPython(migrations.RunPython.noop, refuse)
