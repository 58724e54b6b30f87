"""May this actor see or do this?"""

from __future__ import annotations

from eigenwijs.kernel.actor import Actor
from eigenwijs.people.types import Permission


def can(actor: Actor, permission: Permission) -> bool:  # noqa: ARG001
    """Nobody may do anything yet."""
    return False
