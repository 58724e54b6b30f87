"""Employers, providers, payers, operators and parties to an agreement."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people.access import require
from eigenwijs.people.models import Organisation
from eigenwijs.people.types import OrganisationKind, Permission


class UnableToChangeOrganisation(DomainError):
    """Codes: name_missing, kvk_number_wrong, kvk_number_taken, absent."""


@transaction.atomic
def register_organisation(
    *,
    kind: OrganisationKind,
    name: str,
    by: Actor,
    at: datetime,
    kvk_number: str = "",
    address: str = "",
    email: str = "",
    id: UUID | None = None,  # noqa: A002 (the caller's own key)
) -> UUID:
    """Make an organisation and return its id; with an `id` that exists, return that unchanged.

    Raises UnableToChangeOrganisation and access.NotPermitted.
    """
    require(by, Permission.MANAGE_ORGANISATIONS)
    if id and Organisation.objects.filter(pk=id).exists():
        return id
    made = Organisation(
        id=id or new_id(at), kind=kind, is_active=True, recorded_at=at, address=address.strip()
    )
    _fill(made, name=name, kvk_number=kvk_number, email=email)
    made.save(force_insert=True)
    audit.record(
        by=by,
        at=at,
        action="people.organisation.register",
        subject=("people.organisation", made.pk),
        ids={"kind": kind.value},
    )
    return made.pk


@transaction.atomic
def change_organisation(
    organisation_id: UUID,
    *,
    name: str,
    kvk_number: str,
    address: str,
    email: str,
    is_active: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Write the organisation's facts anew; its kind never changes.

    Raises UnableToChangeOrganisation and access.NotPermitted.
    """
    require(by, Permission.MANAGE_ORGANISATIONS)
    row = Organisation.objects.select_for_update().filter(pk=organisation_id).first()
    if row is None:
        raise UnableToChangeOrganisation("absent", _("Deze organisatie is er niet."))
    names = ("name", "kvk_number", "address", "email", "is_active")
    before = {field: getattr(row, field) for field in names}
    _fill(row, name=name, kvk_number=kvk_number, email=email)
    row.address, row.is_active = address.strip(), is_active
    row.save()
    audit.record(
        by=by,
        at=at,
        action="people.organisation.change",
        subject=("people.organisation", row.pk),
        fields=[field for field in names if getattr(row, field) != before[field]],
    )


def _fill(row: Organisation, *, name: str, kvk_number: str, email: str) -> None:
    row.name, row.email = name.strip(), email.strip()
    row.kvk_number = "".join(kvk_number.split())
    if not row.name:
        raise UnableToChangeOrganisation("name_missing", _("Vul de naam van de organisatie in."))
    if row.kvk_number and not re.fullmatch(r"\d{8}", row.kvk_number):
        raise UnableToChangeOrganisation(
            "kvk_number_wrong", _("Een KvK-nummer heeft acht cijfers, bijvoorbeeld 12345678.")
        )
    same = Organisation.objects.filter(kind=row.kind, kvk_number=row.kvk_number)
    if row.kvk_number and same.exclude(pk=row.pk).exists():
        raise UnableToChangeOrganisation(
            "kvk_number_taken", _("Er is al een organisatie van deze soort met dit KvK-nummer.")
        )
