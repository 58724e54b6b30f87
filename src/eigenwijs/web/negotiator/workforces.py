"""The people of a table's own: delivered as counts of groups, for both sides to see and to compute with."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.people import queries as people
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import NegotiationView
from eigenwijs.simulation import operations, queries
from eigenwijs.simulation.operations import UnableToDeliverWorkforce
from eigenwijs.simulation.types import WorkforceView
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.negotiator.forms import WorkforceForm
from eigenwijs.web.negotiator.whom import own_people
from eigenwijs.web.spreadsheets import spreadsheet

SHOWN_FAULTS = 200


@permitted(Permission.NEGOTIATE)
def workforces(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Show whose people were delivered; a post delivers a table, or shows all that is wrong with it."""
    actor = request.actor  # type: ignore[attr-defined]
    found = schemes.negotiation(table_id, by=actor)
    at = request_time(request)
    form = WorkforceForm(request.POST or None, request.FILES or None)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.deliver_workforce(
                negotiation_id=table_id,
                content=form.cleaned_data["file"].read(),
                sector=form.cleaned_data["sector"],
                by=actor,
                at=at,
            )
        except UnableToDeliverWorkforce as refusal:
            faults = refusal.faults
            if not faults:
                form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("Jullie tabel ligt op tafel. De andere kant ziet haar ook.")
                if made.delivered_at == at
                else _("Deze tabel lag er al. Er is niets veranderd."),
            )
            return redirect("negotiator:workforce", table_id, made.number)
    context = {
        "found": found,
        "form": form,
        "faults": faults[:SHOWN_FAULTS],
        "more_faults": max(0, len(faults) - SHOWN_FAULTS),
        "delivered": [
            (own_people(one), _party(found, one)) for one in queries.workforces(table_id, by=actor)
        ],
        "columns": _columns(),
    }
    return render(request, "negotiator/workforces.html", context)


@permitted(Permission.NEGOTIATE)
def workforce(request: HttpRequest, table_id: UUID, number: int) -> HttpResponse:
    """Show a table as it was delivered."""
    actor = request.actor  # type: ignore[attr-defined]
    found = schemes.negotiation(table_id, by=actor)
    view = _delivered(request, table_id, number)
    heads, lines = _filled(view)
    context = {
        "found": found,
        "whom": own_people(view),
        "party": _party(found, view),
        "heads": heads,
        "lines": lines,
    }
    return render(request, "negotiator/workforce.html", context)


@permitted(Permission.NEGOTIATE)
def file(request: HttpRequest, table_id: UUID, number: int) -> HttpResponse:
    """Hand out a table as a file, to change and deliver again."""
    view = _delivered(request, table_id, number)
    lines = queries.written(view.workforce.groups, _language())
    return spreadsheet(f"mensen-{number}", lines)


@permitted(Permission.NEGOTIATE)
def example(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 (every view takes one)
    """Hand out a file with every value there is, to fill in numbers."""
    return spreadsheet("mensen-voorbeeld", queries.example(_language()))


def _delivered(request: HttpRequest, table_id: UUID, number: int) -> WorkforceView:
    found = queries.workforces(table_id, by=request.actor)  # type: ignore[attr-defined]
    view = next((one for one in found if one.number == number), None)
    if view is None:
        raise NotPermitted
    return view


def _filled(view: WorkforceView) -> tuple[list[str], list[list[str]]]:
    """Return the heads and lines of a table, without columns that no line fills."""
    heads, *lines = queries.written(view.workforce.groups, _language())
    kept = [place for place in range(len(heads)) if any(line[place] for line in lines)]
    return [heads[place] for place in kept], [[line[place] for place in kept] for line in lines]


def _party(found: NegotiationView, view: WorkforceView) -> str:
    return next(one.name for one in people.organisations() if one.id == found.parties[view.side])


def _columns() -> list[tuple[str, str]]:
    """Return each column with what may stand in it."""
    allowed = {
        column: ", ".join(f"“{one}”" for one in queries.allowed_words(column, _language()))
        for column in queries.WORKFORCE_COLUMNS
    }
    names = zip(queries.WORKFORCE_NAMES, queries.header(_language()), strict=True)
    number = _("een heel getal: 0, of 10 of meer")
    return [(name, allowed.get(column, number)) for column, name in names]


def _language() -> str:
    return "nl" if get_language() == "nl" else "en"
