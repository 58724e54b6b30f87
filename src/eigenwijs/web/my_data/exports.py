"""All that is known of one person, from every room that keeps something about people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eigenwijs.bookings import queries as bookings
from eigenwijs.budgets import queries as budgets
from eigenwijs.contributions import queries as contributions
from eigenwijs.draws import queries as draws
from eigenwijs.kernel.clock import local_date
from eigenwijs.notices import queries as notices
from eigenwijs.people import queries as people

FORMAT = "eigenwijs-person/1"
ROOMS: dict[str, Callable[[UUID, date], Any]] = {
    "people": lambda person_id, _on: people.export(person_id),
    "budgets": lambda person_id, on: budgets.export(person_id, on=on),
    "contributions": lambda person_id, _on: contributions.export(person_id),
    "draws": lambda person_id, _on: draws.export(person_id),
    "bookings": lambda person_id, _on: bookings.export(person_id),
    "notices": lambda person_id, _on: notices.export(person_id),
}


def everything_of(person_id: UUID, at: datetime) -> dict[str, Any]:
    """Return one plain structure, room by room: what each room's `queries.export` knows.

    Amounts are in cents, dates and moments in ISO 8601, hours in hundredths.
    """
    rooms = {room: export(person_id, local_date(at)) for room, export in ROOMS.items()}
    return {"format": FORMAT, "made_at": at.isoformat(), "person": str(person_id), **rooms}
