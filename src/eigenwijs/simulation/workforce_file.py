"""The table of one's own people: its columns and words, how it is read, and how it is written.

A line is a group of people with their number. What a line leaves empty, it does not say. Lines that fill the
same columns are one breakdown and count everybody once. Nothing in the file may be of a person: a column that
we don't know and a group of fewer than `FEWEST` refuse the file as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.delimited import MAX_FAULTS, Row, Table, more_faults, read_table
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.reading import read_whole_number
from eigenwijs.simulation.types import WORKFORCE_COLUMNS, Workforce, WorkforceGroup
from eigenwijs.simulation.workforce import SHAPE, ContradictingCounts, cells_of, fit

FEWEST = 10
"""The fewest people in a group: of fewer, somebody who knows the firm may know who they are."""
MOST_PEOPLE = 10_000_000
MOST_GROUPS = 1_000
MOST_BYTES = 1_000_000
COUNT = "count"

NAMES: Mapping[str, tuple[str, ...]] = {
    COUNT: (
        "Aantal", "Number", "aantal mensen", "aantal werknemers", "aantal medewerkers", "count",
        "number of people", "headcount",
    ),
    "contract": (
        "Contract", "Contract", "contractsoort", "soort contract", "contractvorm", "contract kind",
        "contract type",
    ),
    "hours": (
        "Uren per week", "Hours per week", "uren", "contracturen", "contracturen per week", "hours",
    ),
    "age": ("Leeftijd", "Age", "leeftijdsgroep", "age group"),
    "education": ("Opleiding", "Education", "opleidingsniveau", "hoogste opleiding"),
    "firm_size": (
        "Bedrijfsgrootte", "Firm size", "grootte van het bedrijf", "company size",
    ),
    "wage": ("Uurloon", "Hourly wage", "bruto uurloon", "loon", "wage"),
}  # fmt: skip
"""Columns in the order of the example: the name in Dutch, in English, and other names we know."""
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "contract": {
        "permanent": ("vast", "permanent", "vast contract", "onbepaalde tijd"),
        "fixed_term": (
            "tijdelijk",
            "fixed-term",
            "tijdelijk contract",
            "bepaalde tijd",
            "temporary",
        ),
        "on_call": ("oproep", "on call", "oproepcontract", "oproepkracht", "nuluren", "zero hours"),
        "agency": ("uitzend", "agency", "uitzendwerk", "uitzendkracht"),
    },
    "education": {
        "low": ("zonder startkwalificatie", "no qualification", "laag", "low", "vmbo", "mbo 1"),
        "middle": (
            "mbo 2-4, havo, vwo",
            "secondary",
            "mbo 2-4",
            "havo",
            "vwo",
            "middelbaar",
            "middle",
        ),
        "high": ("hbo, universiteit", "higher", "hoog", "high", "hbo", "universiteit", "wo"),
    },
}
"""The word in Dutch, in English, and other words we know, of every value that is no range."""
EDGES = {
    "hours": (0, 12, 20, 35, None),
    "age": (15, 25, 35, 45, 55, 65, 75),
    "firm_size": (1, 10, 50, 250, None),
    "wage": (0, 15, 20, 25, 35, None),
}
"""Where the bands of a range begin and end."""
_UNITS = re.compile(r"€|\b(?:uur|uren|hours?|jaar|years?|euros?|mensen|people|per week)\b")
_SPAN = re.compile(r"(\d{1,4}) ?(?:-|–|tot|to) ?(\d{1,4})")
_BELOW = re.compile(r"(?:tot|minder dan|jonger dan|onder|under|below|less than|<) ?(\d{1,4})")
_FROM = re.compile(r"(?:vanaf|from) (\d{1,4})|(\d{1,4}) ?(?:\+|of meer|of ouder|or more|or older)")


def _plain(text: str) -> str:
    """Return small letters and digits alone, without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


_COLUMN_OF = {_plain(name): column for column, names in NAMES.items() for name in names}
_VALUE_OF = {
    (column, _plain(word)): value
    for column, values in WORDS.items()
    for value, words in values.items()
    for word in words
}


@dataclass(slots=True)
class WorkforceFile:
    """What a file says: nothing if there is a fault."""

    groups: list[WorkforceGroup] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_workforce_file(content: bytes, sector: str) -> WorkforceFile:
    """Read a table of people of a sector; every fault at once, up to 1,000. Raises nothing.

    Codes: those of `kernel.delimited.read_table` and `kernel.reading.read_whole_number`; unknown_column,
    same_meaning_twice, missing_column, below_zero, too_few_people, too_many_people, unknown_value, groups_overlap,
    totals_differ, nobody, contradicting_counts.
    """
    table = read_table(content, max_bytes=MOST_BYTES, max_rows=MOST_GROUPS)
    result = WorkforceFile(faults=list(table.faults))
    places = _columns(table, result.faults) if table.header else {}
    if result.faults:
        return result
    lines: dict[WorkforceGroup, int] = {}
    for row in table.rows:
        if len(result.faults) >= MAX_FAULTS:
            result.faults.append(more_faults(row.line))
            return result
        group = _read_row(row, table.header, places, result.faults)
        if group is None:
            continue
        other = lines.setdefault(group, row.line)
        if other == row.line:
            result.groups.append(group)
        else:
            result.faults.append(_overlap(row.line, other))
    if not result.faults:
        _check(Workforce(sector, tuple(result.groups)), lines, result.faults)
    if result.faults:
        result.groups.clear()
    result.groups.sort(key=_place)  # the same counts in another order are the same people
    return result


def _place(group: WorkforceGroup) -> list[tuple[int, list[int]]]:
    names = list(WORKFORCE_COLUMNS)
    return [
        (names.index(column), [WORKFORCE_COLUMNS[column].index(value) for value in values])
        for column, values in group.told
    ]


def _columns(table: Table, faults: list[Fault]) -> dict[str, int]:
    """Return where each column stands; one that we don't know is a fault."""
    places: dict[str, int] = {}
    line = table.header_line
    for place, name in enumerate(table.header):
        column = _COLUMN_OF.get(_plain(name))
        if column is None:
            message = _(
                "Deze kolom mag er niet in. Haal haar weg: wij lezen alleen groepen mensen, nooit iets van één "
                "mens. De kolommen zijn: %(columns)s. We bewaarden niets."
            )
            known = {"columns": ", ".join(header(_spoken()))}
            faults.append(Fault("unknown_column", message, known, line, name))
        elif column in places:
            message = _("Deze kolom betekent hetzelfde als de kolom %(other)s. Haal er een weg.")
            other = {"other": table.header[places[column]]}
            faults.append(Fault("same_meaning_twice", message, other, line, name))
        else:
            places[column] = place
    if COUNT not in places:
        message = _("De kolom Aantal ontbreekt. Zet bij elke groep hoeveel mensen het zijn.")
        faults.append(Fault("missing_column", message, line=line, field_name=_name(COUNT)))
    return places


def _read_row(
    row: Row, header: Sequence[str], places: Mapping[str, int], faults: list[Fault]
) -> WorkforceGroup | None:
    """Return the group of a line, or None with its faults."""
    before = len(faults)
    count = _count(row, header[places[COUNT]], row.cells[places[COUNT]], faults)
    told = []
    for column in WORKFORCE_COLUMNS:
        place = places.get(column)
        if place is None or not row.cells[place]:
            continue
        values = _values(column, row.cells[place])
        if values:
            told.append((column, values))
            continue
        message = _("Dit kennen we niet. Schrijf: %(allowed)s. Of laat de cel leeg.")
        allowed = {"allowed": "; ".join(allowed_words(column, _spoken()))}
        faults.append(Fault("unknown_value", message, allowed, row.line, header[place]))
    return None if len(faults) > before else WorkforceGroup(count, tuple(told))


def _count(row: Row, name: str, text: str, faults: list[Fault]) -> int:
    count = read_whole_number(text, line=row.line, field_name=name)
    if isinstance(count, Fault):
        faults.append(count)
        return 0
    if count < 0:
        message = _("Een aantal mensen is nooit minder dan nul.")
        faults.append(Fault("below_zero", message, line=row.line, field_name=name))
    elif 0 < count < FEWEST:
        message = _(
            "In deze groep zitten minder dan %(fewest)s mensen. Voeg haar samen met een andere groep, "
            "bijvoorbeeld: 15 tot 35, of oproep / uitzend. Of laat een kolom leeg."
        )
        faults.append(Fault("too_few_people", message, {"fewest": FEWEST}, row.line, name))
    elif count > MOST_PEOPLE:
        message = _("Dit zijn meer mensen dan er in Nederland werken. Kijk het aantal na.")
        faults.append(Fault("too_many_people", message, line=row.line, field_name=name))
    return count


def _values(column: str, text: str) -> tuple[str, ...]:
    """Return the values that a cell names, in their order; none if a part of it is unknown."""
    found: set[str] = set()
    for part in text.split("/"):
        values = _band(column, part) if column in EDGES else _VALUE_OF.get((column, _plain(part)))
        if not values:
            return ()
        found |= {values} if isinstance(values, str) else set(values)
    return tuple(value for value in WORKFORCE_COLUMNS[column] if value in found)


def _band(column: str, text: str) -> tuple[str, ...]:
    """Return the bands that a range holds; none where it does not begin and end with one."""
    plain = " ".join(_UNITS.sub(" ", text.casefold()).split())
    edges = EDGES[column]
    first: int | None = edges[0]
    last: int | None = edges[-1]
    if span := _SPAN.fullmatch(plain):
        first, last = int(span[1]), int(span[2])
    elif below := _BELOW.fullmatch(plain):
        last = int(below[1])
    elif above := _FROM.fullmatch(plain):
        first = int(above[1] or above[2])
    else:
        return ()
    if first not in edges[:-1] or last not in edges[1:]:
        return ()
    return WORKFORCE_COLUMNS[column][edges.index(first) : edges.index(last)]


def _overlap(line: int, other: int) -> Fault:
    message = _(
        "Deze groep en die van regel %(line)s vallen over elkaar heen: mensen tellen dan dubbel. "
        "Maak er één groep van, of kies andere grenzen."
    )
    return Fault("groups_overlap", message, {"line": other}, line)


def _check(workforce: Workforce, lines: Mapping[WorkforceGroup, int], faults: list[Fault]) -> None:
    """Say where groups overlap, where breakdowns count other people, and where no people can be so."""
    for groups in workforce.breakdowns.values():
        line_of: dict[int, int] = {}
        for group in groups:
            cells = cells_of(group).tolist()
            taken = next((line_of[cell] for cell in cells if cell in line_of), None)
            if taken is not None:
                faults.append(_overlap(lines[group], taken))
            line_of.update(dict.fromkeys(cells, lines[group]))
    faults.extend(_other_totals(workforce, lines))
    if not workforce.people and not faults:
        faults.append(Fault("nobody", _("Samen zijn dit nul mensen. Vul de aantallen in.")))
    if not faults:
        faults.extend(_few_between(workforce, lines))
    if faults:
        return
    try:
        fit(workforce)
    except ContradictingCounts as error:
        message = _(
            "De aantallen spreken elkaar tegen: er zijn geen mensen te bedenken bij wie ze allemaal kloppen. "
            "Kijk na of elke indeling over dezelfde mensen gaat."
        )
        line = lines[error.group] if error.group else None
        faults.append(Fault("contradicting_counts", message, line=line))


def _few_between(workforce: Workforce, lines: Mapping[WorkforceGroup, int]) -> Iterator[Fault]:
    """Name groups within a group of another breakdown that leave fewer than `FEWEST` between them."""
    taken = np.zeros((len(workforce.groups), int(np.prod(SHAPE))), np.float32)
    for number, group in enumerate(workforce.groups):
        taken[number, cells_of(group)] = 1
    size = taken.sum(1)
    counts = np.array([group.count for group in workforce.groups])
    between = counts[None, :] - counts[:, None]
    within = (taken @ taken.T == size[:, None]) & (size[:, None] < size[None, :])
    message = _(
        "Deze groep valt binnen die van regel %(line)s. Daartussen zitten minder dan %(fewest)s mensen. "
        "Kies in beide indelingen dezelfde grenzen."
    )
    for inner, outer in np.argwhere(within & (between > 0) & (between < FEWEST))[:MAX_FAULTS]:
        params = {"line": lines[workforce.groups[outer]], "fewest": FEWEST}
        yield Fault("too_few_people", message, params, lines[workforce.groups[inner]])


def _other_totals(workforce: Workforce, lines: Mapping[WorkforceGroup, int]) -> Iterator[Fault]:
    sets = list(workforce.breakdowns.values())
    message = _(
        "Deze regels delen in naar %(columns)s en tellen samen %(sum)s mensen. De regels vanaf regel %(line)s "
        "tellen er %(other)s. Elke indeling telt iedereen één keer. Kijk de aantallen na."
    )
    for groups in sets[1:]:
        found = sum(group.count for group in groups)
        if found != workforce.people:
            params = {
                "columns": ", ".join(_name(one) for one in groups[0].columns) or "-",
                "sum": found,
                "line": lines[sets[0][0]],
                "other": workforce.people,
            }
            yield Fault("totals_differ", message, params, lines[groups[0]])


def _spoken() -> str:
    """Return the language of whoever delivers: words in faults are those that they may write."""
    return "nl" if get_language() == "nl" else "en"


def _name(column: str) -> str:
    return NAMES[column][0 if _spoken() == "nl" else 1]


def allowed_words(column: str, language: str) -> list[str]:
    """Return how each value of a column is written."""
    return [cell_text(column, [value], language) for value in WORKFORCE_COLUMNS[column]]


def cell_text(column: str, values: Sequence[str], language: str) -> str:
    """Return values of a column as a cell of the file; no spreadsheet takes them for a day."""
    place = 0 if language == "nl" else 1
    if column in WORDS:
        return " / ".join(WORDS[column][value][place] for value in values)
    bands, edges = WORKFORCE_COLUMNS[column], EDGES[column]
    parts: list[tuple[int, int]] = []
    for value in values:
        number = bands.index(value)
        if parts and parts[-1][1] == number:
            parts[-1] = (parts[-1][0], number + 1)
        else:
            parts.append((number, number + 1))
    between, more = (("tot", "of meer"), ("to", "or more"))[place]
    return " / ".join(
        f"{edges[first]} {more}"
        if edges[last] is None
        else f"{edges[first]} {between} {edges[last]}"
        for first, last in parts
    )


def header(language: str) -> tuple[str, ...]:
    """Return the names of the columns, in the order of the example."""
    return tuple(names[0 if language == "nl" else 1] for names in NAMES.values())


def example(language: str) -> Iterator[tuple[str, ...]]:
    """Yield the lines of an example: every value there is, without a number."""
    yield header(language)
    for column in NAMES:
        for value in WORKFORCE_COLUMNS.get(column, ()):
            text = cell_text(column, [value], language)
            yield tuple(text if one == column else "" for one in NAMES)


def written(groups: Iterable[WorkforceGroup], language: str) -> Iterator[tuple[str, ...]]:
    """Yield groups as the lines of a file that `read_workforce_file` reads."""
    yield header(language)
    for group in groups:
        told = dict(group.told)
        cells = (
            cell_text(column, told[column], language) if column in told else ""
            for column in NAMES
            if column != COUNT
        )
        yield (str(group.count), *cells)
