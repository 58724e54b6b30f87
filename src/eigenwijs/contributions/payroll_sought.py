"""Facts of a payroll that only some schemes count: asked for, and kept, only where one of the employer's does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from eigenwijs.contributions.payroll_columns import (
    COLUMN_OF_KEY,
    JOB_WORDS,
    PROGRAMME_WORDS,
    plain,
)
from eigenwijs.contributions.payroll_row import HOURS_IN_WEEK, Cells, PayrollRow, Span, read_hours
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.reading import read_cents

Kept = int | str
"""Hours in hundredths, euros in cents, or a label."""

LEAST_FULL_TIME = 1_00
MOST_HOURLY_WAGE = 1_000_00
MOST_LEAVE_HOURS = 960
"""More is a mistake in the file; the dictionary of facts knows no more either."""

_HOURS = ("contract_hours_reference", "full_time_hours_week", "leave_hours_period")
_LABELS = {"job_kind": JOB_WORDS, "training_programme": PROGRAMME_WORDS}
SOUGHT = (*_HOURS, "hourly_wage", *_LABELS)
"""By the names of the dictionary of facts, which are the names of the columns too."""

MAY_BE_ABSENT = frozenset({"contract_hours_reference"})
"""Who was not there on the day, or works on call, has none: the cell is empty."""

_COLUMN_MISSING = _(
    "De regeling %(scheme)s rekent met de kolom ‘%(column)s’. Zet die kolom in je bestand."
)
_CELL_MISSING = _("De regeling %(scheme)s rekent met deze kolom. Vul deze cel in.")


def read_sought(cells: Cells, span: Span) -> dict[str, Kept]:
    """Read the cells that are filled in; what is wrong is noted."""
    found: dict[str, Kept | None] = {}
    most = {"leave_hours_period": min(span.hours, MOST_LEAVE_HOURS)}
    for name in SOUGHT:
        if not cells.text(name):
            continue
        if name in _HOURS:
            found[name] = read_hours(cells, name, most.get(name, HOURS_IN_WEEK))
        elif name in _LABELS:
            found[name] = _label(cells, name)
        else:
            found[name] = _hourly_wage(cells, name)
    full_time = found.get("full_time_hours_week")
    if isinstance(full_time, int) and 0 <= full_time < LEAST_FULL_TIME:
        message = _("Een volle werkweek heeft minstens 1 uur. Kijk dit na.")
        cells.refuse("full_time_hours_week", "too_few_hours", message)
    return {name: value for name, value in found.items() if value is not None}


def _hourly_wage(cells: Cells, name: str) -> int | None:
    cents = cells.read(name, read_cents)
    if cents is None:
        return None
    if cents < 0:
        message = _("Het loon kan niet negatief zijn. Kijk het na of laat de cel leeg.")
        cells.refuse(name, "negative_wage", message)
    elif cents > MOST_HOURLY_WAGE:
        message = _("Dit loon is te hoog voor één uur. Kijk het na: staat de komma goed?")
        cells.refuse(name, "too_high_wage", message)
    return cents


def _label(cells: Cells, name: str) -> str | None:
    words = {plain(word): label for label, own in _LABELS[name].items() for word in own}
    label = words.get(plain(cells.text(name)))
    if label is None:
        near = get_close_matches(plain(cells.text(name)), words, n=1, cutoff=0.6)
        known = (_LABELS[name][words[near[0]]],) if near else _LABELS[name].values()
        cells.refuse(
            name,
            "unknown_word",
            _("Dit woord kennen we hier niet. Bedoel je: %(nearest)s?"),
            nearest=", ".join(own[0] for own in known),
        )
    return label


def faults_of(
    scheme: str, needed: Collection[str], columns: Collection[str], rows: Sequence[PayrollRow]
) -> Iterator[Fault]:
    """Name the lines that lack what a scheme counts, or once the column that is missing or empty."""
    for name in SOUGHT:
        if name not in needed or (name in MAY_BE_ABSENT and name in columns):
            continue
        column = COLUMN_OF_KEY[name].advised
        lines = [row.line for row in rows if name not in row.sought]
        if len(lines) == len(rows):
            params = {"scheme": scheme, "column": column}
            yield Fault("fact_column_missing", _COLUMN_MISSING, params)
            continue
        for line in lines:
            yield Fault("fact_missing", _CELL_MISSING, {"scheme": scheme}, line, column)


def to_keep(row: PayrollRow, needed: Collection[str]) -> dict[str, Kept | None]:
    """Return what is kept of a row: what a scheme counts, also that it is not there."""
    return {name: row.sought.get(name) for name in SOUGHT if name in needed}


def fact_values(kept: Mapping[str, Any]) -> dict[str, Fraction | str | None]:
    """Return kept facts as schemes take them: hours as hours, euros in cents, labels."""
    return {
        name: Fraction(value, 100 if name in _HOURS else 1) if isinstance(value, int) else value
        for name, value in kept.items()
    }
