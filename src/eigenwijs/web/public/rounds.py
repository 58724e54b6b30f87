"""Rounds for everyone: the rules, the files, and whether the operator could have steered."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from eigenwijs.draws import queries
from eigenwijs.draws.types import RoundView
from eigenwijs.web import rounds as words
from eigenwijs.web.access import public
from eigenwijs.web.middleware import request_time

ARCHIVE = "alles.zip"
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "zip": "application/zip"}


@public
def rounds(request: HttpRequest) -> HttpResponse:
    """List every round that was published."""
    at = request_time(request)
    rows = [(one, *words.state_words(one, at)) for one in queries.published_rounds()]
    return render(request, "public/rounds.html", {"rows": rows})


@public
def proof(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """Show the rules of one round, what was published when, and how anyone recomputes it."""
    of = _published(round_id)
    files = list(queries.files(round_id))
    lines = queries.groups_now(round_id) if of.listed_at else []
    at = request_time(request)
    state, look = words.state_words(of, at)
    first_come = of.rules.first_come
    context = {
        "of": of,
        "rules": of.rules,
        "state": state,
        "look": look,
        "fit": words.FITS[of.rules.fit],
        "files": files,
        "command": f"python3 verify_draw.py {ARCHIVE}",
        "arrived": queries.granted_on_arrival(round_id) if first_come else None,
        "is_opened": of.state.is_drawn and first_come is not None and first_come.opens_at <= at,
        "has_all": of.state.is_drawn,
        "rows": [(line, words.class_words(line), words.odds(line.chance)) for line in lines],
    }
    return render(request, "public/round.html", context)


@public
def file(_request: HttpRequest, round_id: UUID, name: str) -> HttpResponse:
    """Hand out one file of a round, to the letter as its hash says."""
    _published(round_id)
    if name == ARCHIVE:
        content = queries.archive(round_id)
    else:
        text = queries.files(round_id).get(name)
        content = text.encode() if text is not None else None
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type=TYPES[name.rpartition(".")[2]])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@public
def script(_request: HttpRequest) -> HttpResponse:
    """Hand out the stand-alone script that recomputes winners."""
    answer = HttpResponse(queries.verifier(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_draw.py"'
    return answer


def _published(round_id: UUID) -> RoundView:
    found = queries.round_(round_id)
    if found is None or not found.state.is_public:
        raise Http404
    return found
