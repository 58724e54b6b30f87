"""Which rounds and tickets may this actor see? Absent and forbidden are one answer: None.

Published rounds and their files are for everyone; a ticket is for its person and, with a line in that
person's log, for the desk that they asked for help.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from eigenwijs.draws import queries
from eigenwijs.draws.types import OwnRound
from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access
from eigenwijs.people.types import Looked, Permission


def own_rounds(actor: Actor, *, at: datetime) -> list[OwnRound]:
    """Return the rounds that the actor is in or can enter now or later, the newest first.

    Without chances. Raises NotPermitted.
    """
    access.require(actor, Permission.ENTER_ROUNDS)
    return queries.rounds_of(actor.person_id, at=at) if actor.person_id else []


def own_round(actor: Actor, round_id: UUID, *, at: datetime) -> OwnRound | None:
    """Return one of the actor's `own_rounds`, with the chance, or None. Raises NotPermitted."""
    found = next((one for one in own_rounds(actor, at=at) if one.round.id == round_id), None)
    if found is None or found.ticket is None:
        return found
    return replace(found, ticket=queries.ticket_of(found.ticket.person_id, round_id))


def rounds_for(actor: Actor, person_id: UUID, *, at: datetime) -> list[OwnRound]:
    """Return the rounds of somebody whom the desk helps; that person's log says so. Raises NotPermitted."""
    access.require(actor, Permission.ENTER_ROUNDS_FOR)
    access.look_at(person_id, what=Looked.ROUND, by=actor, at=at)
    return queries.rounds_of(person_id, at=at)
