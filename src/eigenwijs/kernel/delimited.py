"""Read delimited text (CSV) as people really deliver it: nothing guessed, every fault named.

Shared by every file import. Knows lines, columns and cells; what they mean is for the room that
reads them. The format: RFC 4180 quoting, `;` `,` or tab between cells, one header line, UTF-8.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault

MAX_BYTES = 25_000_000
MAX_ROWS = 200_000
MAX_LINE = 100_000
MAX_COLUMNS = 500
MAX_FAULTS = 1_000

DELIMITERS = (";", "\t", ",")

# A line by which Excel says the delimiter of the file that follows.
_DELIMITER_LINE = re.compile(r"\s*\"?sep=([;,\t])\"?\s*")

# The first bytes of what is not text, whatever the name says.
_OTHER_FORMATS: tuple[tuple[bytes, str, object], ...] = (
    (
        b"PK\x03\x04",
        "spreadsheet",
        _(
            "Dit is een werkblad (Excel of LibreOffice) of een zip-bestand, ook al eindigt de naam "
            "op .csv. Open het en kies: Opslaan als, CSV UTF-8."
        ),
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "spreadsheet",
        _(
            "Dit is een oud Excel-bestand (.xls), ook al eindigt de naam op .csv. "
            "Open het en kies: Opslaan als, CSV UTF-8."
        ),
    ),
    (
        b"%PDF-",
        "not_delimited_text",
        _("Dit is een pdf. Maak in je programma een export naar CSV."),
    ),
    (
        b"{\\rtf",
        "not_delimited_text",
        _("Dit is een tekstdocument (RTF). Maak in je programma een export naar CSV."),
    ),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|table|\?xml|!--)", re.IGNORECASE)

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_END_OF_FILE = b"\x1a"  # how old DOS exports end

_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")

# Spreadsheets run a cell that starts with one of these, full-width forms included (OWASP, CSV
# injection). A sign before nothing but digits and number marks is a number or a telephone number.
_FORMULA_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_SIGNED_NUMBER = re.compile(r"[+-][\d\s.,()/€-]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line it starts on and its cells, without the white space around them."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a delimited file holds.

    Every row has as many cells as `header`; lines without any text are left out. With any fault the
    caller refuses the file as a whole; `warnings` refuse nothing.
    """

    header: tuple[str, ...] = ()
    header_line: int = 1
    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def read_table(
    content: bytes,
    *,
    allow_cp1252: bool = False,
    max_bytes: int = MAX_BYTES,
    max_rows: int = MAX_ROWS,
) -> Table:
    """Read `content` into a header and numbered rows, with all faults at once.

    The delimiter is the one that splits the header in most cells, or what Excel's `sep=` line says.
    Bytes that are not UTF-8 are a fault; with `allow_cp1252` they are read as Windows-1252 (the
    encoding of older Dutch Excel exports) and a warning says so. After 1,000 faults reading stops
    and the last fault says so. Raises nothing: the answer carries the faults.

    Codes: empty_file, too_large, spreadsheet, not_delimited_text, not_text, not_utf8,
    line_too_long, no_columns, too_many_columns, nameless_column, duplicate_column, no_rows,
    too_many_rows, wrong_number_of_cells, bad_quoting, damaged_text, formula, more_faults.
    Warning: read_as_cp1252.
    """
    body = content.removeprefix(_UTF8_MARK).rstrip(_END_OF_FILE)
    refusal = _refusal(body, len(content), max_bytes)
    if refusal:
        return Table(faults=(refusal,))
    may_guess = allow_cp1252 and not content.startswith(_UTF8_MARK)
    text, notes = _decode(body, allow_cp1252=may_guess)
    if text is None:
        return Table(faults=notes)
    lines = io.StringIO(text, newline="").readlines()
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            return Table(faults=(_line_too_long(number),))
    return _read_lines(lines, notes, max_rows)


def _refusal(body: bytes, size: int, max_bytes: int) -> Fault | None:
    """The reason why these bytes as a whole cannot be a delimited text file, if there is one."""
    if size > max_bytes:
        return Fault(
            "too_large",
            _(
                "Dit bestand is te groot: meer dan %(megabytes)s MB. "
                "Verdeel het over meer bestanden."
            ),
            {"megabytes": max_bytes // 1_000_000},
        )
    if not body.strip():
        return Fault("empty_file", _("Dit bestand is leeg. Maak de export opnieuw."))
    return _other_format(body) or _not_text(body)


def _other_format(body: bytes) -> Fault | None:
    for magic, code, message in _OTHER_FORMATS:
        if body.startswith(magic):
            return Fault(code, message)
    if _MARKUP.match(body):
        return Fault(
            "not_delimited_text",
            _(
                "Dit is een webpagina of XML, ook al eindigt de naam op .csv. "
                "Open het in Excel of LibreOffice en kies: Opslaan als, CSV UTF-8."
            ),
        )
    return None


def _not_text(body: bytes) -> Fault | None:
    if body.startswith(_UTF16_MARKS):
        return _not_utf8(line=1, byte=1)
    if found := _NOT_TEXT.search(body):
        line, byte = _place(body, found.start())
        return Fault(
            "not_text",
            _(
                "Byte %(byte)s van deze regel is geen tekst. Is dit wel een CSV-bestand? "
                "Maak de export opnieuw, als CSV UTF-8."
            ),
            {"byte": byte},
            line,
        )
    return None


def _decode(body: bytes, *, allow_cp1252: bool) -> tuple[str | None, tuple[Fault, ...]]:
    """Return the text and its warnings, or None and the fault."""
    try:
        return body.decode(), ()
    except UnicodeDecodeError as error:
        line, byte = _place(body, error.start)
    if allow_cp1252:
        try:
            text = body.decode("cp1252")
        except UnicodeDecodeError:
            return None, (_not_utf8(line=line, byte=byte),)
        message = _(
            "Dit bestand is niet als UTF-8 opgeslagen. We lazen het als Windows-1252. "
            "Kijk of letters als é, ë en ï goed zijn."
        )
        return text, (Fault("read_as_cp1252", message, line=line),)
    return None, (_not_utf8(line=line, byte=byte),)


def _place(body: bytes, position: int) -> tuple[int, int]:
    """The line and the byte in that line, both from 1, of a position in the file."""
    before = body[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1, len(before) - before.rfind(b"\n")


def _not_utf8(*, line: int, byte: int) -> Fault:
    return Fault(
        "not_utf8",
        _(
            "Byte %(byte)s van deze regel is geen UTF-8. Kies in Excel: Opslaan als, "
            "CSV UTF-8 (door komma's gescheiden). In LibreOffice: tekenset Unicode (UTF-8)."
        ),
        {"byte": byte},
        line,
    )


def _line_too_long(line: int) -> Fault:
    return Fault(
        "line_too_long",
        _(
            "Deze regel is langer dan %(maximum)s tekens. "
            "Kijk of de regels in je export op een eigen regel staan."
        ),
        {"maximum": MAX_LINE},
        line,
    )


def _read_lines(lines: Sequence[str], warnings: tuple[Fault, ...], max_rows: int) -> Table:
    start = 0
    delimiter = None
    if said := _DELIMITER_LINE.fullmatch(lines[0]):
        delimiter, start = said[1], 1
    while start < len(lines) and not lines[start].strip(" \t\r\n;,"):
        start += 1
    if start == len(lines):
        return Table(faults=(_no_columns(start),), warnings=warnings)
    if delimiter is None:
        delimiter = max(DELIMITERS, key=lambda mark: len(_first_record(lines[start:], mark)))
    records = _records(lines, start, delimiter)
    header_line, names = next(records)
    faults: list[Fault] = []
    header = _header(header_line, names, faults)
    rows: list[Row] = []
    if not faults:
        _read_rows(records, header, max_rows, rows, faults)
    return Table(header, header_line, tuple(rows), tuple(faults), warnings)


def _first_record(lines: Sequence[str], delimiter: str) -> list[str]:
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return []


def _records(
    lines: Sequence[str], start: int, delimiter: str
) -> Iterator[tuple[int, list[str] | None]]:
    """Yield each record with the line it starts on; None for a record whose quotes are wrong.

    After such a record reading goes on at the very next line, so that a forgotten quote hides no
    other faults.
    """
    line = start + 1
    while line <= len(lines):
        first = line
        reader = csv.reader(islice(lines, first - 1, None), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                yield line, cells
                line = first + reader.line_num
        except csv.Error:
            yield line, None
            line += 1


def _header(line: int, names: list[str] | None, faults: list[Fault]) -> tuple[str, ...]:
    if names is None:
        faults.append(_bad_quoting(line))
        return ()
    header = [" ".join(name.split()) for name in names]
    while header and not header[-1]:
        header.pop()
    if not header:
        faults.append(_no_columns(line))
    if len(header) > MAX_COLUMNS:
        message = _("Dit bestand heeft meer dan %(maximum)s kolommen. Laat weg wat niet nodig is.")
        faults.append(Fault("too_many_columns", message, {"maximum": MAX_COLUMNS}, line))
        return ()
    seen: set[str] = set()
    for position, name in enumerate(header, 1):
        if not name:
            message = _(
                "Kolom %(position)s heeft geen naam. Geef de kolom een naam of haal hem weg."
            )
            faults.append(Fault("nameless_column", message, {"position": position}, line))
        elif name.casefold() in seen:
            message = _("Deze kolomnaam staat er twee keer. Haal er een weg.")
            faults.append(Fault("duplicate_column", message, line=line, field_name=name))
        seen.add(name.casefold())
    return tuple(header)


def _read_rows(
    records: Iterator[tuple[int, list[str] | None]],
    header: tuple[str, ...],
    max_rows: int,
    rows: list[Row],
    faults: list[Fault],
) -> None:
    width = len(header)
    for line, raw in records:
        if len(faults) >= MAX_FAULTS:
            faults.append(more_faults(line))
            return
        if raw is None:
            faults.append(_bad_quoting(line))
            continue
        cells = tuple(map(str.strip, raw))
        if not any(cells):
            continue
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            faults.append(_wrong_number_of_cells(line, len(cells), width))
            continue
        if len(rows) == max_rows:
            message = _(
                "Dit bestand heeft meer dan %(maximum)s regels. Verdeel het over bestanden."
            )
            faults.append(Fault("too_many_rows", message, {"maximum": max_rows}, line))
            return
        faults.extend(_unsafe_cells(line, cells, header))
        rows.append(Row(line, cells))
    if not rows and not faults:
        message = _("Dit bestand heeft alleen kolomnamen. Er zijn geen regels om te lezen.")
        faults.append(Fault("no_rows", message))


def _unsafe_cells(line: int, cells: tuple[str, ...], header: tuple[str, ...]) -> Iterator[Fault]:
    for position, cell in enumerate(cells):
        if cell[:1] in _FORMULA_STARTS and not _SIGNED_NUMBER.fullmatch(cell):
            message = _(
                "Hier staat een formule. Zet er gewone tekst of een getal neer: "
                "in Excel met kopiëren en plakken als waarden."
            )
            yield Fault("formula", message, line=line, field_name=header[position])
        elif "\ufffd" in cell:
            message = _(
                "Hier staat het teken �: letters zijn eerder verloren gegaan. "
                "Maak de export opnieuw, als CSV UTF-8."
            )
            yield Fault("damaged_text", message, line=line, field_name=header[position])


def _no_columns(line: int) -> Fault:
    message = _("Dit bestand heeft geen kolomnamen. Zet ze op de eerste regel.")
    return Fault("no_columns", message, line=line)


def _bad_quoting(line: int) -> Fault:
    return Fault(
        "bad_quoting",
        _(
            'De aanhalingstekens op deze regel kloppen niet. Een cel die met " begint, eindigt met '
            '"; een " in de cel schrijf je dubbel.'
        ),
        line=line,
    )


def _wrong_number_of_cells(line: int, found: int, expected: int) -> Fault:
    if found < expected:
        message = _(
            "Op deze regel staan te weinig cellen: %(found)s van de %(expected)s. Is het bestand "
            "niet af? Maak de export opnieuw."
        )
    else:
        message = _(
            "Deze regel heeft %(found)s cellen; er zijn %(expected)s kolommen. Staat er een "
            "scheidingsteken in een cel, zet de cel dan tussen aanhalingstekens."
        )
    return Fault("wrong_number_of_cells", message, {"found": found, "expected": expected}, line)


def more_faults(line: int) -> Fault:
    """The closing fault of a file with so many faults that reading stopped at `line`."""
    return Fault(
        "more_faults",
        _(
            "We stopten hier met lezen: er zijn al %(count)s fouten. "
            "Verbeter die eerst en lever het bestand opnieuw aan."
        ),
        {"count": MAX_FAULTS},
        line,
    )


def write_table(lines: Iterable[Sequence[str]]) -> bytes:
    """Return lines as a file that Dutch spreadsheets open well: UTF-8 with its mark, semicolons.

    A cell that a spreadsheet would run gets a `'` before it (OWASP, CSV injection); `read_text`
    takes it off again.
    """
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_harmless(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def read_text(cell: str) -> str:
    """Return the text of a cell that `write_table` wrote."""
    return cell[1:] if cell[:1] == "'" and _is_harmful(cell) else cell


def _harmless(cell: str) -> str:
    return "'" + cell if _is_harmful(cell) else cell


def _is_harmful(cell: str) -> bool:
    """Whether a spreadsheet would run the cell, signs of harmlessness before it set aside."""
    start = cell.lstrip("'\t\r ")[:1]
    return start != "" and start in _FORMULA_STARTS
