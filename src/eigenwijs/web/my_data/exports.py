"""All that is known of one person, from every room that keeps something about people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from eigenwijs.people.queries import export as people

FORMAT = "eigenwijs-person/1"
ROOMS: dict[str, Callable[[UUID], Any]] = {"people": people}


def everything_of(person_id: UUID, at: datetime) -> dict[str, Any]:
    """Return one plain structure, room by room: what each room's `queries.export` knows.

    Amounts are in cents, dates and moments in ISO 8601, hours in hundredths.
    """
    rooms = {room: export(person_id) for room, export in ROOMS.items()}
    return {"format": FORMAT, "made_at": at.isoformat(), "person": str(person_id), **rooms}
