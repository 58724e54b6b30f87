"""Whose people a table counts: those of all sectors, of one, or like those that a side delivered."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from eigenwijs.kernel.actor import Actor
from eigenwijs.simulation import queries
from eigenwijs.simulation.types import Workforce, WorkforceView
from eigenwijs.web import schemes as words

OWN = "eigen-"


@dataclass(frozen=True)
class Whom:
    """One choice: `key` stands in addresses, `label` on the page; `own` is the table that was delivered."""

    key: str
    label: str
    sector: str
    own: WorkforceView | None = None

    @property
    def workforce(self) -> Workforce | None:
        """The counts of the table that was delivered."""
        return self.own.workforce if self.own else None

    @property
    def sector_label(self) -> str:
        """What the sector is called."""
        return queries.group_label("sector", self.sector)

    @property
    def side_label(self) -> str:
        """Which side delivered the table."""
        return str(words.SIDES[self.own.side]) if self.own else ""


def own_people(view: WorkforceView) -> Whom:
    """Return the choice of a table that was delivered."""
    told = {
        "number": view.number,
        "people": number_format(view.workforce.people, 0, force_grouping=True),
    }
    label = _("jullie tabel %(number)s: %(people)s mensen") % told
    return Whom(f"{OWN}{view.number}", label, view.workforce.sector, view)


def of_sector(sector: str) -> Whom:
    """Return the choice of a sector, of all if there is none."""
    label = queries.group_label("sector", sector) if sector else _("alle werknemers")
    return Whom(sector, label, sector)


def choices(table_id: UUID, by: Actor) -> list[Whom]:
    """Return all that can be chosen at a table, what was delivered last first; raises NotPermitted."""
    own = [own_people(one) for one in queries.workforces(table_id, by=by)]
    return [*own, of_sector(""), *(of_sector(one) for one in queries.SECTORS)]


def chosen(asked: str | None, found: list[Whom]) -> Whom:
    """Return what was asked for; otherwise what was delivered last, or all where nothing was."""
    return next((one for one in found if one.key == asked), found[0])
