"""Whether the site works, for load balancers and the demo."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse

from eigenwijs.web.access import public


@public
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
