"""The pages for what went wrong."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from eigenwijs.kernel.patience import TooBusy

SECONDS_TO_WAIT = 30
"""What a program that asked is told; a person reads "a minute"."""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The request could not be read."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """The request may not be made, for instance without its form token."""
    return render(request, "errors/403.html", status=403)


def no_form_token(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form came without the token that shows it is ours."""
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """There is no such page, or not for you: the same answer."""
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke on our side, or it is so busy that the database lets nobody in."""
    if isinstance(sys.exc_info()[1], TooBusy | OperationalError | InterfaceError):
        answer = render(request, "errors/503.html", status=503)
        answer["Retry-After"] = str(SECONDS_TO_WAIT)
        return answer
    return render(request, "errors/500.html", status=500)
