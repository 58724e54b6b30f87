"""Browsers without a screen, signed in as somebody."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client

from eigenwijs.people.types import OrganisationKind, PersonView, Role
from tests.factories.people import make_organisation, make_person

KIND_OF_ROLE = {
    Role.EMPLOYER: OrganisationKind.EMPLOYER,
    Role.PROVIDER: OrganisationKind.PROVIDER,
    Role.NEGOTIATOR: OrganisationKind.AGREEMENT_PARTY,
}


def client_of(person: PersonView | UUID) -> Client:
    """A client signed in as `person`, who used a second factor and gave a second proof just now."""
    person_id = person if isinstance(person, UUID) else person.id
    user = get_user_model()._default_manager.get(person_id=person_id)
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "at": time.time()}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session["second_proof"] = {"user": str(user.pk), "at": datetime.now(UTC).isoformat()}
    session.save()
    return client


def client_as(role: Role, organisation_id: UUID | None = None) -> Client:
    """A client signed in as a new person in `role`, for a new organisation if the role needs one."""
    if role.needs_organisation and organisation_id is None:
        organisation_id = make_organisation(KIND_OF_ROLE[role]).id
    person = make_person(role=role, organisation_id=organisation_id)
    client = client_of(person)
    session = client.session
    session["role"] = role.value
    session.save()
    return client
