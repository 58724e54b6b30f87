"""Who may open a page. Deny by default: a view without one of these decorators fails the suite."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from eigenwijs.kernel.actor import ActorKind
from eigenwijs.people import access
from eigenwijs.people.types import Permission

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

PUBLIC = "public"
SIGNED_IN = "signed_in"


def public(view: View[P]) -> View[P]:
    """Open a page to everyone."""
    view.needs = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View[P]) -> View[P]:
    """Open a page to everyone who is signed in, in whatever role; a visitor is asked to sign in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.needs = SIGNED_IN  # type: ignore[attr-defined]
    return cast("View[P]", guarded)


def permitted(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Open a page to those who have `permission`.

    A visitor is asked to sign in; someone without the permission gets the same 404 as for a page that
    does not exist, also where an operation says NotPermitted.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = request.actor  # type: ignore[attr-defined]
            if actor.kind is ActorKind.ANONYMOUS:
                return redirect_to_login(request.get_full_path())
            if not access.can(actor, permission):
                raise Http404
            try:
                return view(request, *args, **kwargs)
            except access.NotPermitted:
                raise Http404 from None

        guarded.needs = permission  # type: ignore[attr-defined]
        return cast("View[P]", guarded)

    return decorate
