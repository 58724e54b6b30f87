"""Who did what, when: the trail, filtered, page by page, and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from eigenwijs.insight import queries as insight
from eigenwijs.insight.types import TrailLine
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.wording import money
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.auditor.forms import TrailForm
from eigenwijs.web.middleware import request_time
from eigenwijs.web.spreadsheets import spreadsheet

ROWS_A_PAGE = 50
ROWS_A_FILE = 50_000
ROWS_A_READ = 5_000
HEAD = (
    _("Nummer"), _("Moment"), _("Soort"), _("Rol"), _("Organisatie"), _("Wie"), _("Handeling"),
    _("Soort onderwerp"), _("Onderwerp"), _("Van"), _("Naar"), _("Velden"), _("Gegevens"),
)  # fmt: skip


@permitted(Permission.SEE_TRAIL)
def trail(request: HttpRequest) -> HttpResponse:
    """Show the trail, newest first; every filter is in the address, so that it can be kept."""
    form = TrailForm(request.GET)
    wanted = _wanted(form) if form.is_valid() else None
    if wanted is not None and "csv" in request.GET:
        return _as_file(wanted, local_date(request_time(request)))
    rows: list[TrailLine] = []
    if wanted is not None:
        rows = insight.trail(**wanted, before=before(request), limit=ROWS_A_PAGE + 1)
    context = {
        "form": form,
        "rows": [(row, _details(row)) for row in rows[:ROWS_A_PAGE]],
        "older": rows[ROWS_A_PAGE - 1].number if len(rows) > ROWS_A_PAGE else None,
        "is_newest": before(request) is None,
        "rows_a_file": ROWS_A_FILE,
    }
    return render(request, "auditor/trail.html", context)


def before(request: HttpRequest) -> int | None:
    """Return the number of the last row of the page before, if the address names one."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _wanted(form: TrailForm) -> dict[str, Any]:
    given = form.cleaned_data
    until = given["until"]
    return {
        "subject": given["same"] or given["subject"],
        "actor_person": given["by"] or given["who"],
        "actor": given["actor"],
        "action": given["action"],
        "since": start_of_day(given["since"]) if given["since"] else None,
        "until": start_of_day(until + timedelta(days=1)) if until else None,
    }


def _details(row: TrailLine) -> list[tuple[str, str]]:
    """The ids, codes and counts of a row; cents as an amount."""
    return [
        (name, money(Money(value)) if _is_cents(name) and isinstance(value, int) else str(value))
        for name, value in row.details
    ]


def _is_cents(name: str) -> bool:
    return name == "cents" or name.endswith("_cents")


def _as_file(wanted: dict[str, Any], today: date) -> HttpResponse:
    """The same rows as a file for a spreadsheet, the newest fifty thousand."""
    return spreadsheet(f"eigenwijs-spoor-{today}", [HEAD, *(_cells(row) for row in _all(wanted))])


def _all(wanted: dict[str, Any]) -> Iterator[TrailLine]:
    last = None
    for _read in range(ROWS_A_FILE // ROWS_A_READ):
        rows = insight.trail(**wanted, before=last, limit=ROWS_A_READ)
        yield from rows
        if len(rows) < ROWS_A_READ:
            return
        last = rows[-1].number


def _cells(row: TrailLine) -> list[str]:
    return [
        str(row.number),
        row.at.isoformat(timespec="seconds"),
        row.who.kind,
        row.who.role,
        row.who.organisation,
        row.who.pseudonym or row.who.name,
        row.action,
        row.subject_kind,
        row.subject,
        row.from_state,
        row.to_state,
        " ".join(row.fields),
        " ".join(f"{name}={value}" for name, value in row.details),
    ]
