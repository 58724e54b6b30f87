"""What an employer is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices import operations as notices
from eigenwijs.people import queries as people
from eigenwijs.people.types import Role


def tell_employer(
    employer_id: UUID,
    kind: str,
    params: Mapping[str, str | int],
    *,
    about: UUID,
    by: Actor,
    at: datetime,
) -> None:
    """Tell everyone who acts for the employer, once about one thing."""
    for holder in people.role_holders(Role.EMPLOYER):
        if holder.organisation_id == employer_id:
            notices.tell(
                person_id=holder.person_id,
                kind=kind,
                params=params,
                by=by,
                at=at,
                key=derived_id(about, f"notice.{kind}.{holder.person_id}"),
            )
