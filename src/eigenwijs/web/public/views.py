"""Pages for everyone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.i18n import set_language

from eigenwijs.web.access import public


@public
def home(request: HttpRequest) -> HttpResponse:
    """Say in a minute what this is."""
    return render(request, "public/home.html")


@public
def promises(request: HttpRequest) -> HttpResponse:
    """Show the promises and what holds them."""
    return render(request, "public/promises.html")


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
    """Remember the language and go back to the page."""
    return set_language(request)
