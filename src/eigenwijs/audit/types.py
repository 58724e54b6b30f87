"""What callers of this room get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

IdValue = str | int | None
Subject = tuple[str, UUID]
"""What a row is about: the kind of thing (``bookings.booking``) and its id."""


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One row of the trail."""

    id: int
    at: datetime
    actor_kind: str
    actor_person: UUID | None
    actor_role: str
    actor_organisation: UUID | None
    actor_name: str
    action: str
    subject: Subject
    field_names: tuple[str, ...]
    ids: Mapping[str, IdValue]
    from_state: str
    to_state: str
    event: str


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How many of how many lines a long operation has done."""

    done: int
    total: int
