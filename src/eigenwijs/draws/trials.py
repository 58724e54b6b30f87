"""Trying rules on a list: a file of tickets is read, and drawn once with a seed that is thrown away.

No table is read or written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from eigenwijs.draws import reading, rules, seeds
from eigenwijs.draws.rules import ClassName, ListedTicket
from eigenwijs.draws.types import ClassLine, RoundRules
from eigenwijs.kernel import wording
from eigenwijs.kernel.delimited import MAX_FAULTS, Row, Table, more_faults, read_table
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.reading import read_cents, read_whole_number

# The columns, with other names for them. Others are passed over, so that a published list can be tried.
COLUMNS: dict[str, tuple[str, ...]] = {
    "klasse": ("class", "groep", "group"),
    "bedrag": ("amount", "bedrag in euro"),
    "cents": ("centen",),
}
_COLUMN_OF = {name: column for column, others in COLUMNS.items() for name in (column, *others)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A ticket to try with: a number that is only its own, its class and what it asks."""

    number: str
    group: str
    losses: int
    cents: int


def draw_once(of: RoundRules, entries: Sequence[Entry]) -> list[ClassLine]:
    """Draw by rules that may be a draft's, and return what each class would have had."""
    sizes: dict[ClassName, int] = defaultdict(int)
    for one in entries:
        sizes[one.group, one.losses] += 1
    joined = rules.joined_classes(sizes, of.groups)
    tickets = []
    for one in entries:
        listed, losses = joined[one.group, one.losses]
        weight = rules.weight(of.group(listed), losses, of.carry_over)
        tickets.append(ListedTicket(one.number, listed, losses, weight, one.cents))
    outcome = rules.draw(
        tickets,
        pot_cents=of.pot.cents,
        groups=of.groups,
        fit=of.fit,
        reserve_places=0,
        seed=seeds.ticket_number(),
        beacon="",
    )
    sums: dict[ClassName, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for ticket in tickets:
        won = outcome.won.get(ticket.number, 0)
        for place, value in enumerate((1, ticket.cents, int(bool(won)), won)):
            sums[ticket.group, ticket.losses][place] += value
    return reading.lines(sums, of, is_drawn=True)


def read_list(content: bytes, of: RoundRules) -> tuple[list[Entry], list[Fault]]:
    """Read a file with a ticket a line: its class and its amount. Return it with all faults at once.

    A class is a group by its id or its title, or its id, a full stop and how often somebody drew in
    vain before, as a published list has it. With any fault the caller refuses the file as a whole.
    """
    table = read_table(content, allow_cp1252=True)
    faults = list(table.faults)
    places = _places(table, faults)
    entries: list[Entry] = []
    if places is None:
        return entries, faults
    names = _group_names(of)
    for row in table.rows:
        if len(faults) >= MAX_FAULTS:
            faults.append(more_faults(row.line))
            break
        read = [
            _class(row, table, places, of, names),
            _cents(row, table, places, of),
        ]
        wrong = [one for one in read if isinstance(one, Fault)]
        faults += wrong
        match read:
            case [(str(group), int(losses)), int(cents)]:
                entries.append(Entry(str(row.line), group, losses, cents))
    return entries, faults


def _places(table: Table, faults: list[Fault]) -> dict[str, int] | None:
    """Where each column stands; None where one is missing."""
    places: dict[str, int] = {}
    for place, name in enumerate(table.header):
        if column := _COLUMN_OF.get(name.casefold()):
            places.setdefault(column, place)
    if not table.header:
        return None
    missing = list(_missing(places))
    for column in missing:
        message = _("De kolom %(column)s ontbreekt. Elke regel heeft een klasse en een bedrag.")
        params = {"column": column}
        faults.append(Fault("missing_column", message, params, table.header_line, column))
    return None if missing else places


def _missing(places: Mapping[str, int]) -> Iterator[str]:
    if "klasse" not in places:
        yield "klasse"
    if "bedrag" not in places and "cents" not in places:
        yield "bedrag"


def _group_names(of: RoundRules) -> dict[str, str]:
    """The group of each way to write it."""
    titles = {title.casefold(): one.id for one in of.groups for title in one.title.values()}
    return titles | {one.id.casefold(): one.id for one in of.groups}


def _class(
    row: Row, table: Table, places: Mapping[str, int], of: RoundRules, names: Mapping[str, str]
) -> ClassName | Fault:
    written = row.cells[places["klasse"]].casefold()
    start, _dot, losses = written.rpartition(".")
    if written in names:
        return names[written], 0
    if start in names and losses.isdecimal():
        return names[start], min(int(losses), of.carry_over.most)
    message = _("Deze klasse is er niet. Schrijf een van deze: %(known)s.")
    params = {"known": ", ".join(one.id for one in of.groups)}
    name = table.header[places["klasse"]]
    return Fault("unknown_class", message, params, line=row.line, field_name=name)


def _cents(row: Row, table: Table, places: Mapping[str, int], of: RoundRules) -> int | Fault:
    column = "bedrag" if "bedrag" in places else "cents"
    name, cell = table.header[places[column]], row.cells[places[column]]
    read = read_cents if column == "bedrag" else read_whole_number
    cents = read(cell, line=row.line, field_name=name)
    if isinstance(cents, Fault) or of.least <= Money(cents) <= of.most:
        return cents
    message = _("Hier kan %(least)s tot en met %(most)s gevraagd worden. Pas het bedrag aan.")
    params = {"least": wording.money(of.least), "most": wording.money(of.most)}
    return Fault("wrong_amount", message, params, line=row.line, field_name=name)
