"""Pages for everyone."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.i18n import set_language

from eigenwijs.kernel.actor import ActorKind
from eigenwijs.people import operations as people
from eigenwijs.web.access import public
from eigenwijs.web.middleware import request_time
from eigenwijs.web.public.promises import promises_file, read_promises


@public
def home(request: HttpRequest) -> HttpResponse:
    """Say in a minute what this is."""
    return render(request, "public/home.html")


@public
def promises(request: HttpRequest) -> HttpResponse:
    """Show each promise and the tests that hold it, or that it is not kept yet."""
    listed = read_promises(promises_file().read_text(encoding="utf-8"))
    groups = [
        (label, list(group))
        for label, group in groupby(listed, key=lambda each: each.audience_label)
    ]
    kept = sum(1 for promise in listed if promise.tests)
    context = {"groups": groups, "kept": kept, "total": len(listed)}
    return render(request, "public/promises.html", context)


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say how accessible these pages are and whom to tell."""
    return render(request, "public/accessibility.html")


@public
def privacy(request: HttpRequest) -> HttpResponse:
    """Say who sees what of you."""
    return render(request, "public/privacy.html")


@public
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language and go back to the page.

    Of whoever is signed in it is kept in their file: pages, letters and messages are all in it.
    """
    actor = request.actor  # type: ignore[attr-defined]
    wanted = request.POST.get("language", "")
    if actor.kind is ActorKind.PERSON and wanted in dict(settings.LANGUAGES):
        people.choose_language(
            person_id=actor.person_id, language=wanted, by=actor, at=request_time(request)
        )
    return set_language(request)
