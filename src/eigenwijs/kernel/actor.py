"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """A person who signed in, the software itself, or a visitor."""

    PERSON = "person"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one role for at most one organisation, the system by name, or a visitor.

    `role` is a value of `people.types.Role`. `second_proof_at` is the moment of the last second
    proof (code, passkey) in this session: spending and changing contact data ask for a fresh one.
    """

    kind: ActorKind
    person_id: UUID | None = None
    role: str = ""
    organisation_id: UUID | None = None
    name: str = ""
    second_proof_at: datetime | None = None

    @classmethod
    def system(cls, name: str) -> Actor:
        """The software itself; `name` says which part, for the trail."""
        return cls(ActorKind.SYSTEM, name=name)

    @classmethod
    def anonymous(cls) -> Actor:
        """A visitor who has not signed in."""
        return cls(ActorKind.ANONYMOUS)

    @property
    def is_system(self) -> bool:
        """Whether the software itself acts."""
        return self.kind is ActorKind.SYSTEM
