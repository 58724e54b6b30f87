"""Puts the actor on the request, and keeps staff without a second factor at the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation

from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.people import queries
from eigenwijs.people.types import RoleView
from eigenwijs.web.signin import session

OPEN_TO_ALL = ("/inloggen/", "/uitloggen/", "/demo/", "/taal/", "/static/", "/gezond/")
"""Where someone of the staff may be before they have set up or used their second factor."""


class ActorMiddleware:
    """Sets `request.actor`, the signed-in person in the role they chose or a visitor;
    `request.roles`, all roles that person holds; `request.held`, the one of now; and
    `request.is_staff`, whether one of them is more than worker. Whoever is signed in reads every page
    in the language of their own file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        roles = _roles(request)
        request.roles = roles  # type: ignore[attr-defined]
        held = _held(request, roles)
        request.held = held  # type: ignore[attr-defined]
        request.actor = actor_of(request, held)  # type: ignore[attr-defined]
        if held:
            translation.activate(held.language)
            request.LANGUAGE_CODE = held.language
        request.is_staff = any(held.role.is_staff for held in roles)  # type: ignore[attr-defined]
        if (
            request.is_staff  # type: ignore[attr-defined]
            and not session.has_second_factor(request)
            and not request.path.startswith(OPEN_TO_ALL)
        ):
            return HttpResponseRedirect(reverse("signin:second_factor"))
        return self.get_response(request)


def _roles(request: HttpRequest) -> list[RoleView]:
    return queries.roles(request.user.person_id) if request.user.is_authenticated else []


def _held(request: HttpRequest, roles: list[RoleView]) -> RoleView | None:
    """The role that the person chose, else the first; None for a visitor or without any role."""
    wanted = request.session.get(session.ROLE) if roles else None
    return next((one for one in roles if str(one.id) == wanted), roles[0] if roles else None)


def actor_of(request: HttpRequest, held: RoleView | None) -> Actor:
    """Return who sits behind this request. Someone without any role may do nothing."""
    if not request.user.is_authenticated:
        return Actor.anonymous()
    return Actor(
        ActorKind.PERSON,
        person_id=request.user.person_id,
        role=held.role if held else "",
        organisation_id=held.organisation_id if held else None,
        second_proof_at=session.second_proof_at(request),
    )


def request_time(_request: HttpRequest) -> datetime:
    """Return the moment of this request: the one place where pages read the clock."""
    return timezone.now()
