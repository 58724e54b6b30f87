"""Ten years of a whole sector under texts on the table: asked here, computed by the job worker."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from eigenwijs.audit.types import ProgressView
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.simulation import operations, queries
from eigenwijs.simulation.queries import UnableToSimulate
from eigenwijs.simulation.types import LongRunLine, RunSize
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.negotiator import run_figures
from eigenwijs.web.negotiator.forms import LongRunForm
from eigenwijs.web.negotiator.tables import OnTable, chosen, first_whole_year, on_table
from eigenwijs.web.negotiator.whom import Whom, choices, of_sector, own_people
from eigenwijs.web.negotiator.whom import chosen as chosen_whom
from eigenwijs.web.paging import page_of

SIZE = RunSize()
RUNS_A_PAGE = 20


@permitted(Permission.NEGOTIATE)
def long_runs(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Show what was asked at a table; a post asks for a run, or finds the same one."""
    actor = request.actor  # type: ignore[attr-defined]
    found = schemes.negotiation(table_id, by=actor)
    texts = on_table(found)
    asked = request.POST or request.GET
    compared = chosen(asked, texts)
    people = choices(table_id, actor)
    whom = chosen_whom(asked.get("sector"), people)
    form = LongRunForm(
        {
            "a": asked.get("a", compared[0].key),
            "b": asked.get("b", compared[1].key),
            "sector": asked.get("sector", whom.key),
        },
        texts=[(one.key, one.name) for one in texts],
        people=people,
    )
    if request.method == "POST" and form.is_valid():
        try:
            run = operations.ask(
                negotiation_id=table_id,
                texts=[one.text for one in compared],
                sector=whom.sector,
                workforce=whom.own.number if whom.own else None,
                first_year=first_whole_year(found),
                size=SIZE,
                by=actor,
                at=request_time(request),
            )
        except UnableToSimulate as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("negotiator:long_run", table_id, run.id)
    names = _names(texts)
    page = page_of(request, queries.long_runs_of(table_id, by=actor), RUNS_A_PAGE)
    context = {
        "found": found,
        "form": form,
        "size": SIZE,
        "first_year": first_whole_year(found),
        "runs": page,
        "lines": [
            (line, [names[one] for one in line.hashes], _whom(line, people)) for line in page.items
        ],
    }
    return render(request, "negotiator/long_runs.html", context)


@permitted(Permission.NEGOTIATE)
def long_run(request: HttpRequest, table_id: UUID, run_id: UUID) -> HttpResponse:
    """Show how far a run is, and what came out."""
    actor = request.actor  # type: ignore[attr-defined]
    found = schemes.negotiation(table_id, by=actor)
    run = queries.long_run(run_id, by=actor, at=request_time(request))
    if run.negotiation_id != table_id:
        raise NotPermitted
    texts = on_table(found)
    names = _names(texts)
    keys = {_hash(one): one.key for one in reversed(texts)}
    whom = own_people(run.workforce) if run.workforce else of_sector(run.sector)
    context = {
        "found": found,
        "run": run,
        "names": [names[digest] for digest in run.hashes],
        "whom": whom,
        "again": {
            "a": keys[run.hashes[0]],
            "b": keys[run.hashes[-1]],
            "sector": whom.key,
        },
        "progress": ProgressView(round(1000 * run.share_done), 1000),
        "has_band": run.state == "done" and run.size.draws > 0,
        "figures": run_figures.figures(run, names) if run.texts else None,
    }
    return render(request, "negotiator/long_run.html", context)


def _whom(line: LongRunLine, people: list[Whom]) -> Whom:
    own = (one for one in people if one.own and one.own.number == line.workforce)
    return next(own, of_sector(line.sector))


def _names(texts: list[OnTable]) -> dict[str, str]:
    """Return the name of each text by its hash; of the same text laid down twice the first."""
    return {_hash(one): one.name for one in reversed(texts)}


def _hash(one: OnTable) -> str:
    return one.hash or schemes.check_text(one.text).hash
