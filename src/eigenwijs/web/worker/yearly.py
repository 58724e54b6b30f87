"""The yearly overview: what the lines of the statement add up to, by calendar year and pot."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eigenwijs.budgets import access as budgets
from eigenwijs.budgets.types import PotYear
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.wording import day, money
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.pdf import pdf_response
from eigenwijs.web.spreadsheets import decimal, spreadsheet

_SUMS = ("begin", "credited", "refunded", "spent", "taken_back", "lapsed", "end", "reserved")


@permitted(Permission.SEE_OWN_ACCOUNT)
def years(request: HttpRequest) -> HttpResponse:
    """Show each year of each pot, the last year first; all of it to take along as CSV."""
    found = budgets.own_years(request.actor)  # type: ignore[attr-defined]
    today = local_date(request_time(request))
    if "csv" in request.GET:
        return _as_csv(found, str(today))
    by_year = [
        (year, [(one, _changes(one)) for one in pots], _together(pots), year == today.year)
        for year, pots in ((year, list(pots)) for year, pots in groupby(found, _year))
    ]
    return render(request, "worker/years.html", {"years": by_year})


@permitted(Permission.SEE_OWN_ACCOUNT)
def on_paper(request: HttpRequest, year: int) -> HttpResponse:
    """Hand out one year as a PDF; not found where nothing had happened yet."""
    actor = request.actor  # type: ignore[attr-defined]
    pots = [one for one in budgets.own_years(actor) if one.year == year]
    if not pots:
        raise Http404
    person = people.person(actor.person_id)
    today = local_date(request_time(request))
    sums = _together(pots)
    values = {
        "title": _("Jaaroverzicht %(year)s") % {"year": year},
        "intro": _("Van %(name)s, op %(day)s.")
        % {"name": person.name if person else "", "day": day(today)}
        + " "
        + _(
            "Dit jaaroverzicht telt de regels op van ‘Wat er gebeurde’. Elke regel daar is een post in het "
            "grootboek."
        ),
        "sums": [
            (_("Op 1 januari"), money(sums["begin"])),
            (_("Op 31 december") if year < today.year else _("Nu"), money(sums["end"])),
            (_("Daarvan vastgezet"), money(sums["reserved"])),
        ],
        "parts": [_pot(one, is_over=year < today.year) for one in pots],
    }
    name = _("jaaroverzicht")
    return pdf_response("worker/documents/overview.typ", values, f"{name}-{year}")


def _pot(one: PotYear, *, is_over: bool) -> dict[str, Any]:
    title = one.title.get(get_language() or "nl", one.title["en"])
    return {
        "title": f"{one.payer_name}: {title}",
        "text": "",
        "columns": (1, 0),
        "numbers": (1,),
        "head": (_("Wat"), _("Bedrag")),
        "rows": [
            (_("Op 1 januari"), money(one.begin)),
            *((words, money(change, signed=True)) for words, change in _changes(one)),
            (_("Op 31 december") if is_over else _("Nu"), money(one.end)),
        ],
    }


def _changes(one: PotYear) -> list[tuple[str, Money]]:
    """What came in and went out in that year; what did not happen is left out."""
    changes = (
        (_("Erbij gekomen"), one.credited),
        (_("Teruggekomen"), one.refunded),
        (_("Uitgegeven"), -one.spent),
        (_("Correctie binnen de termijn"), -one.taken_back),
        (_("Niet meer geldig"), -one.lapsed),
    )
    return [(words, change) for words, change in changes if change]


def _as_csv(found: list[PotYear], today: str) -> HttpResponse:
    head = (
        *(_("Jaar"), _("Van wie"), _("Voorwaarden"), _("Begin"), _("Erbij gekomen")),
        *(_("Teruggekomen"), _("Uitgegeven"), _("Correctie binnen de termijn")),
        *(_("Niet meer geldig"), _("Eind"), _("Daarvan vastgezet")),
    )
    language = get_language() or "nl"
    rows = [
        (
            one.year,
            one.payer_name,
            one.title.get(language, one.title["en"]),
            *(decimal(getattr(one, name)) for name in _SUMS),
        )
        for one in found
    ]
    name = _("jaaroverzicht")
    return spreadsheet(f"{name}-{today}", [head, *rows])


def _year(one: PotYear) -> int:
    return one.year


def _together(pots: list[PotYear]) -> dict[str, Money]:
    """All pots of a year together."""
    return {name: sum_money(getattr(one, name) for one in pots) for name in _SUMS}
