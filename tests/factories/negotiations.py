"""Two parties at a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from eigenwijs.kernel.actor import Actor
from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.schemes import operations
from eigenwijs.schemes.types import NegotiationView
from eigenwijs.simulation import operations as simulation
from eigenwijs.simulation.types import LongRunView, RunSize, WorkforceView
from tests.factories.people import actor_for, make_organisation, make_person

STARTS_ON = date(2027, 1, 1)


@dataclass(frozen=True)
class Table:
    """A negotiation, and who speak for each side; both proved just now who they are."""

    found: NegotiationView
    union: Actor
    employers: Actor

    @property
    def id(self) -> UUID:
        return self.found.id


def make_negotiator(at: datetime, organisation_id: UUID | None = None) -> Actor:
    """Somebody who speaks for a party."""
    organisation_id = organisation_id or make_organisation(OrganisationKind.AGREEMENT_PARTY).id
    person = make_person(role=Role.NEGOTIATOR, organisation_id=organisation_id)
    return actor_for(person, Role.NEGOTIATOR, organisation_id, second_proof_at=at)


def make_table(base: str, at: datetime, union_id: UUID | None = None) -> Table:
    """A table on a text, opened by the union."""
    union, employers = make_negotiator(at, union_id), make_negotiator(at)
    assert union.organisation_id
    assert employers.organisation_id
    found = operations.open_negotiation(
        title="Cao van de proef",
        base=base,
        parties={"workers": union.organisation_id, "employers": employers.organisation_id},
        starts_on=STARTS_ON,
        by=union,
        at=at,
    )
    return Table(found, union, employers)


def make_run(table: Table, at: datetime) -> LongRunView:
    """What the text of a table does with a few people in two years, asked by the union."""
    return simulation.ask(
        negotiation_id=table.id,
        texts=[table.found.base],
        sector="",
        first_year=STARTS_ON.year,
        size=RunSize(persons=500, years=2, draws=1, persons_a_draw=200),
        by=table.union,
        at=at,
    )


def make_workforce(
    table: Table,
    at: datetime,
    lines: str = "Aantal;Contract\n600;vast\n400;oproep\n",
    sector: str = "G",
) -> WorkforceView:
    """A table of people that the union delivered at a table."""
    return simulation.deliver_workforce(
        negotiation_id=table.id, content=lines.encode(), sector=sector, by=table.union, at=at
    )
