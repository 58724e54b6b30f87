"""May this actor deliver for, or see, this employer? One answer for absent and forbidden."""

from __future__ import annotations

from uuid import UUID

from eigenwijs.kernel.actor import Actor
from eigenwijs.people import access as people_access
from eigenwijs.people import queries as people
from eigenwijs.people.types import EmploymentView, Permission, Role


def is_own_employer(actor: Actor, employer_id: UUID) -> bool:
    """Whether the actor acts for this employer."""
    return actor.role == Role.EMPLOYER and actor.organisation_id == employer_id


def require_employer(actor: Actor, employer_id: UUID) -> None:
    """Raise people's NotPermitted unless the actor may deliver payrolls for this employer."""
    if actor.is_system:
        return
    people_access.require(actor, Permission.DELIVER_PAYROLL)
    if not is_own_employer(actor, employer_id):
        raise people_access.NotPermitted


def employer_of(actor: Actor, permission: Permission) -> UUID | None:
    """Return the employer that the actor acts for with this permission, or None."""
    if actor.role == Role.EMPLOYER and people_access.can(actor, permission):
        return actor.organisation_id
    return None


def require_own_advances(actor: Actor) -> None:
    """Raise people's NotPermitted unless the actor may ask coming amounts of their own jobs ahead."""
    people_access.require(actor, Permission.ASK_ADVANCES)


def own_employment(actor: Actor, employment_id: UUID) -> EmploymentView | None:
    """Return one of the actor's own jobs; None where it is absent or another person's."""
    if actor.person_id is None:
        return None
    own = people.employments(actor.person_id)
    return next((one for one in own if one.id == employment_id), None)
