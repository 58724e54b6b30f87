"""Who acts as what, for whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people.access import is_own_file, require
from eigenwijs.people.models import Organisation, Person, RoleAssignment
from eigenwijs.people.queries import files_of
from eigenwijs.people.types import OrganisationKind, Permission, Role

ORGANISATION_OF_ROLE = {
    Role.EMPLOYER: OrganisationKind.EMPLOYER,
    Role.PROVIDER: OrganisationKind.PROVIDER,
    Role.NEGOTIATOR: OrganisationKind.AGREEMENT_PARTY,
}


class UnableToGrantRole(DomainError):
    """Codes: own_role, absent, wrong_organisation, last_operator."""


@transaction.atomic
def grant_role(
    *, person_id: UUID, role: Role, by: Actor, at: datetime, organisation_id: UUID | None = None
) -> UUID:
    """Give the person a role and return the assignment's id; one that is held already is returned.

    Employer, provider and negotiator are held for one organisation of that kind, the others for
    none. Nobody grants a role to themselves.
    Raises UnableToGrantRole and access.NotPermitted.
    """
    require(by, Permission.MANAGE_ROLES)
    if is_own_file(by, person_id):
        raise UnableToGrantRole("own_role", _("Je kunt jezelf geen rol geven. Vraag een collega."))
    if not Person.objects.filter(pk=person_id).exists():
        raise UnableToGrantRole("absent", _("Deze persoon is er niet."))
    organisation = Organisation.objects.filter(pk__in=[organisation_id]).first()
    wanted = ORGANISATION_OF_ROLE.get(role)
    if (organisation.kind if organisation else None) != wanted:
        raise UnableToGrantRole(
            "wrong_organisation", _("Kies een organisatie die bij de rol past.")
        )
    return assign(person_id, role, organisation_id, by=by, at=at)


def assign(
    person_id: UUID, role: Role, organisation_id: UUID | None, *, by: Actor, at: datetime
) -> UUID:
    """Write the assignment and its row in the trail; for this room only, inside a transaction."""
    row, is_new = RoleAssignment.objects.get_or_create(
        person_id=person_id,
        role=role,
        organisation_id=organisation_id,
        ended_at=None,
        defaults={"id": new_id(at), "granted_at": at},
    )
    if is_new:
        audit.record(
            by=by,
            at=at,
            action="people.role.grant",
            subject=("people.person", person_id),
            ids={"role": role.value, "organisation": str(organisation_id or "")},
        )
    return row.pk


@transaction.atomic
def revoke_role(assignment_id: UUID, *, by: Actor, at: datetime) -> None:
    """End a role now; one that ended already stays as it is. The last operator keeps theirs.

    Raises UnableToGrantRole and access.NotPermitted.
    """
    require(by, Permission.MANAGE_ROLES)
    held = RoleAssignment.objects.select_for_update()
    row = held.filter(pk=assignment_id).first()
    if row is None:
        raise UnableToGrantRole("absent", _("Deze rol is er niet."))
    if row.ended_at is not None:
        return
    if row.role == Role.OPERATOR:
        operators = set(
            held.filter(role=Role.OPERATOR, ended_at=None).values_list("person", flat=True)
        )
        if operators <= set(files_of(row.person_id)):
            raise UnableToGrantRole(
                "last_operator", _("Dit is de laatste beheerder. Geef eerst iemand anders de rol.")
            )
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    audit.record(
        by=by,
        at=at,
        action="people.role.revoke",
        subject=("people.person", row.person_id),
        ids={"role": row.role, "organisation": str(row.organisation_id or "")},
    )
