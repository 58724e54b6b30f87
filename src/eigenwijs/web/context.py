"""What every page knows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.web.navigation import VISITOR, links_for


def site(request: HttpRequest) -> dict[str, object]:
    """Return the operator's name and help desk, whether this is a demonstration, who looks and where they can go.

    `held` is the role in which someone looks now, with their name. `is_dense` is whether a
    professional looks: smaller type, more on a page.
    """
    actor: Actor = getattr(request, "actor", Actor.anonymous())
    role = actor.role if actor.kind is ActorKind.PERSON else VISITOR
    return {
        "operator_name": settings.OPERATOR_NAME,
        "help_email": settings.HELP_EMAIL,
        "help_phone": settings.HELP_PHONE,
        "is_demo": settings.DEMO,
        "actor": actor,
        "is_signed_in": actor.kind is ActorKind.PERSON,
        "is_dense": role not in (VISITOR, "worker"),
        "held": getattr(request, "held", None),
        "roles": getattr(request, "roles", ()),
        "navigation": links_for(request, role),
    }
