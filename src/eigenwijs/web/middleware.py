"""Puts the actor on the request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from eigenwijs.kernel.actor import Actor, ActorKind

ROLE, ORGANISATION, SECOND_PROOF = "role", "organisation", "second_proof_at"


class ActorMiddleware:
    """Sets `request.actor`: the signed-in person in the role they chose, or a visitor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """Return who sits behind this request."""
    if not request.user.is_authenticated:
        return Actor.anonymous()
    organisation = request.session.get(ORGANISATION)
    proof = request.session.get(SECOND_PROOF)
    return Actor(
        ActorKind.PERSON,
        person_id=request.user.person_id,
        role=request.session.get(ROLE, "worker"),
        organisation_id=UUID(organisation) if organisation else None,
        second_proof_at=datetime.fromisoformat(proof) if proof else None,
    )


def request_time(_request: HttpRequest) -> datetime:
    """Return the moment of this request: the one place where pages read the clock."""
    return timezone.now()
