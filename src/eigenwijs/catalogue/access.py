"""Who may write what. Everyone may read the catalogue."""

from __future__ import annotations

from uuid import UUID

from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access
from eigenwijs.people.types import Permission


def may_edit(actor: Actor, provider_id: UUID) -> bool:
    """Whether `actor` may write courses and runs of this provider: its own people, and the system."""
    if actor.is_system:
        return True
    return access.can(actor, Permission.MANAGE_COURSES) and actor.organisation_id == provider_id


def may_record_quality_marks(actor: Actor) -> bool:
    """Whether `actor` may say which quality marks a provider has: the operator, never a provider."""
    return actor.is_system or access.can(actor, Permission.MANAGE_ORGANISATIONS)
