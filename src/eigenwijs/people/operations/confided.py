"""What people tell about themselves: only they do, and only they take it back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.people.access import NotPermitted, require_own_file
from eigenwijs.people.models import Person, QualificationTold
from eigenwijs.people.queries import files_of
from eigenwijs.people.types import Qualification


@transaction.atomic
def tell_qualification(
    *, person_id: UUID, level: Qualification | None, by: Actor, at: datetime
) -> None:
    """Note the person's highest qualification from today on; None takes back all that they told.

    What was told before today still counts for the days before. The audit row has no level. Raises
    access.NotPermitted for anyone but the person.
    """
    require_own_file(by, person_id)
    files = files_of(person_id)
    if not Person.objects.select_for_update().filter(pk=files[0]).exists():
        raise NotPermitted
    told = QualificationTold.objects.filter(person__in=files)
    today = local_date(at)
    if level is None:
        told.delete()
    else:
        told.filter(told_on=today).delete()
        QualificationTold.objects.create(
            id=new_id(at), person_id=files[0], level=level, told_on=today, recorded_at=at
        )
    audit.record(
        by=by,
        at=at,
        action=f"people.qualification.{'tell' if level else 'withdraw'}",
        subject=("people.person", files[0]),
        fields=["qualification"],
    )
