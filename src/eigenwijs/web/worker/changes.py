"""What changes for the worker when a scheme gets a next version: to be read before it starts."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from eigenwijs.contributions import queries
from eigenwijs.contributions.types import ChangeAhead
from eigenwijs.kernel.clock import local_date
from eigenwijs.people import queries as people
from eigenwijs.people.types import Permission
from eigenwijs.schemes.types import SchemeVersionView
from eigenwijs.web import schemes as words
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time


@dataclass(frozen=True)
class NextVersion:
    """A version to come: what it gives in each job, by the employer's name, and the rules that change."""

    version: SchemeVersionView
    jobs: tuple[tuple[str, ChangeAhead], ...]
    rules: tuple[words.Alone, ...]


@permitted(Permission.SEE_OWN_ACCOUNT)
def changes(request: HttpRequest) -> HttpResponse:
    """Show, for each version to come, what it gives in each job beside what the old one would give."""
    found = queries.changes_ahead(
        by=request.actor,  # type: ignore[attr-defined]
        on=local_date(request_time(request)),
    )
    names = {one.id: one.name for one in people.organisations()} if found else {}
    by_version: dict[tuple[str, str], list[ChangeAhead]] = {}
    for one in found:  # monthly pay may skip a version that pay of four weeks does not
        by_version.setdefault((one.before.hash, one.after.hash), []).append(one)
    coming = [
        NextVersion(
            mine[0].after,
            tuple((names[one.employer_id], one) for one in mine),
            tuple(
                words.clauses_alone(
                    [mine[0].before.text, mine[0].after.text],
                    [_("Deze regels gaan weg"), _("Deze regels komen erbij")],
                )
            ),
        )
        for mine in by_version.values()
    ]
    return render(request, "worker/changes.html", {"coming": coming})
