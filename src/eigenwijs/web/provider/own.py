"""Who works for which provider, and what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404, HttpRequest

from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.types import CourseView, RunView

if TYPE_CHECKING:
    from eigenwijs.kernel.actor import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Return who sits behind this request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def provider_of(request: HttpRequest) -> UUID:
    """Return the provider for which the actor works; its permission was checked."""
    organisation_id = actor_of(request).organisation_id
    if organisation_id is None:
        raise Http404
    return organisation_id


def own_course(request: HttpRequest, course_id: UUID) -> CourseView:
    """Return a course of the actor's own provider, or the page is not there."""
    found = catalogue.course(course_id)
    if found is None or found.provider_id != provider_of(request):
        raise Http404
    return found


def own_run(request: HttpRequest, run_id: UUID) -> RunView:
    """Return a run of the actor's own provider, or the page is not there."""
    found = catalogue.run(run_id)
    if found is None or found.provider_id != provider_of(request):
        raise Http404
    return found
