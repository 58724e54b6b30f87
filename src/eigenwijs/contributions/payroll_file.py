"""Read a payroll file: every employment of one period, or every fault. Nothing is guessed or stored."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from stdnum.nl import bsn

from eigenwijs.contributions import payroll_columns
from eigenwijs.contributions.payroll_columns import COLUMN_OF_KEY, COLUMNS, KEY_OF_NAME, plain
from eigenwijs.contributions.payroll_row import LAST_NAMES, Cells, PayrollRow, Span, read_row
from eigenwijs.contributions.payroll_sought import read_sought
from eigenwijs.kernel.delimited import MAX_FAULTS, Row, Table, more_faults, read_table
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.period import Period

_CITIZEN_NUMBER_FORM = re.compile(
    r"\d{8,9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3}", re.ASCII
)
_COMPACT_DATE = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
# Of ten values one may be something else and it is still a column of citizen numbers.
_ONE_MISS_IN = 10


@dataclass(frozen=True, slots=True)
class PayrollFile:
    """A payroll file as read. With any fault the delivery is refused as a whole.

    `ignored_columns` are the names of columns that we did not read and do not keep, `columns` the keys of the
    others.
    """

    rows: tuple[PayrollRow, ...] = ()
    faults: tuple[Fault, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()


def read_payroll_file(content: bytes, period: Period) -> PayrollFile:
    """Read the payroll file of `period`; every fault at once, up to 1,000.

    A column of citizen service numbers (BSN), by its name or by its values, is a fault. Identity
    is personnel number with employment number; nobody is matched by likeness. Raises nothing.

    Codes: those of `kernel.delimited.read_table` and `kernel.reading`; citizen_number,
    missing_column, same_meaning_twice, missing_name, shortened_number, too_long,
    number_out_of_range, not_an_email, unknown_contract_kind, negative_hours, too_many_hours,
    missing_contract_hours, hours_for_on_call, too_few_hours, unknown_word, negative_wage, too_high_wage,
    born_after_start, ends_before_start, starts_after_period, duplicate_person.
    """
    table = read_table(content)
    if not table.header:
        return PayrollFile(faults=table.faults)
    positions, ignored, faults = _columns(table)
    if any(fault.code == "missing_column" for fault in faults):
        return PayrollFile(faults=_in_order([*table.faults, *faults]), ignored_columns=ignored)
    span = Span.of(period)
    rows: list[PayrollRow] = []
    first_lines: dict[tuple[str, int], int] = {}
    for raw in table.rows:
        if len(faults) >= MAX_FAULTS:
            faults.append(more_faults(raw.line))
            break
        cells = Cells(raw, table.header, positions, faults)
        row = read_row(cells, span, first_lines, read_sought(cells, span))
        if row is not None:
            rows.append(row)
    found = _in_order([*table.faults, *faults])
    return PayrollFile(() if found else tuple(rows), found, ignored, frozenset(positions))


def column_faults(content: bytes) -> tuple[Fault, ...]:
    """Return what is wrong with the columns alone, before anything of the file may be kept.

    Faster than reading every line; whoever may wait for the rest calls `read_payroll_file` later.
    """
    table = read_table(content)
    return tuple(_columns(table)[2]) if table.header else table.faults


def template() -> bytes:
    """Return an example file with the columns we advise, as Dutch spreadsheets open it."""
    columns = [column for column in COLUMNS if column.example or column.key == "ended_on"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(column.advised for column in columns)
    writer.writerow(column.example for column in columns)
    return out.getvalue().encode("utf-8-sig")


def _in_order(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.line or 0))


def _columns(table: Table) -> tuple[dict[str, int], tuple[str, ...], list[Fault]]:
    """Return where each known column stands, the names of the others, and what is wrong with them."""
    positions: dict[str, int] = {}
    ignored: list[str] = []
    faults: list[Fault] = []
    line = table.header_line
    for position, name in enumerate(table.header):
        if payroll_columns.is_citizen_number(name) or _holds_citizen_numbers(table.rows, position):
            message = _(
                "In deze kolom staan burgerservicenummers. Die mogen wij niet hebben. "
                "Haal de kolom weg en lever het bestand opnieuw aan. We bewaarden niets."
            )
            faults.append(Fault("citizen_number", message, line=line, field_name=name))
        key = KEY_OF_NAME.get(plain(name))
        if key is None:
            ignored.append(name)
        elif key in positions:
            message = _("Deze kolom betekent hetzelfde als de kolom %(other)s. Haal er een weg.")
            other = {"other": table.header[positions[key]]}
            faults.append(Fault("same_meaning_twice", message, other, line, name))
        else:
            positions[key] = position
    faults.extend(_missing_columns(positions, line))
    return positions, tuple(ignored), faults


def _missing_columns(positions: Mapping[str, int], line: int) -> Iterator[Fault]:
    message = _("Deze kolom ontbreekt. Andere namen die we kennen: %(synonyms)s.")
    required = [column for column in COLUMNS if column.required]
    if not any(key in positions for key in LAST_NAMES):
        required.append(COLUMN_OF_KEY["last_name"])
    for column in required:
        if column.key not in positions:
            synonyms = {"synonyms": ", ".join(column.synonyms)}
            yield Fault("missing_column", message, synonyms, line, column.advised)


def _holds_citizen_numbers(rows: Sequence[Row], position: int) -> bool:
    """Whether nearly all values of a column pass the eleven test of the BSN.

    One and the same value on every line is no person's number; nor is a date of eight digits.
    """
    values = [row.cells[position] for row in rows if row.cells[position]]
    allowed_misses = len(values) // _ONE_MISS_IN
    passing = set()
    for value in values:
        if (
            _CITIZEN_NUMBER_FORM.fullmatch(value)
            and not _COMPACT_DATE.fullmatch(value)
            and bsn.is_valid(value)
        ):
            passing.add(value)
            continue
        allowed_misses -= 1
        if allowed_misses < 0:
            return False
    return len(passing) > 1 or (len(passing) == 1 and len(values) == 1)
