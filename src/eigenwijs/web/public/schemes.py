"""Schemes for everyone: what is law, in plain words beside the very text that runs."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from eigenwijs.kernel.clock import local_date
from eigenwijs.schemes import queries
from eigenwijs.schemes.types import SchemeVersionView
from eigenwijs.web import schemes as words
from eigenwijs.web.access import public
from eigenwijs.web.middleware import request_time


@public
def schemes(request: HttpRequest) -> HttpResponse:
    """List what is law today."""
    found = queries.schemes(local_date(request_time(request)))
    return render(request, "public/schemes.html", {"versions": found})


@public
def scheme(request: HttpRequest, version_hash: str) -> HttpResponse:
    """Show one version that is, was or will be law: its clauses in words beside its text."""
    found = _activated(version_hash)
    later = [one for one in _laws(found) if _starts(one) > _starts(found)]
    until = min(map(_starts, later)) - timedelta(days=1) if later else None
    today = local_date(request_time(request))
    context = {
        "version": found,
        "sections": words.sections(found),
        "signatures": words.signatures(found),
        "until": until,
        "is_now": _starts(found) <= today and (until is None or today <= until),
        "is_over": until is not None and until < today,
        "others": [one for one in _laws(found) if one.hash != found.hash],
    }
    return render(request, "public/scheme.html", context)


@public
def file(_request: HttpRequest, version_hash: str) -> HttpResponse:
    """Hand out the text of a version, to the letter as its hash says."""
    found = _activated(version_hash)
    answer = HttpResponse(found.text.encode(), content_type="application/yaml")
    name = f"{found.scheme.replace('/', '-')}-{found.version}.yaml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _activated(version_hash: str) -> SchemeVersionView:
    """Return a version that was activated; one that was only loaded is as absent as any other."""
    try:
        found = queries.version(version_hash)
    except queries.UnableToFindVersion:
        raise Http404 from None
    if found.valid_from is None:
        raise Http404
    return found


def _laws(of: SchemeVersionView) -> list[SchemeVersionView]:
    """Return every version of the same scheme that was activated, the newest first."""
    return [one for one in queries.versions(of.scheme) if one.valid_from]


def _starts(version: SchemeVersionView) -> date:
    return version.valid_from or date.max
