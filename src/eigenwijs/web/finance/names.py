"""Who is who on finance's pages: payers, payees and colleagues by name."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.people import queries as people


def organisation_names() -> dict[UUID, str]:
    """Return the name of every organisation."""
    return {organisation.id: organisation.name for organisation in people.organisations()}


def colleague_names(person_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of the people who did something on these pages."""
    known = people.persons(person for person in person_ids if person is not None)
    return {person_id: person.name for person_id, person in known.items()}


def fault_text(fault: Fault) -> str:
    """Return a fault with its place: `Regel 12, Ntry/Amt: …`."""
    if fault.line is None:
        return str(fault)
    place = f"{fault.line}, {fault.field_name}" if fault.field_name else str(fault.line)
    return _("Regel %(place)s: %(fault)s") % {"place": place, "fault": str(fault)}
