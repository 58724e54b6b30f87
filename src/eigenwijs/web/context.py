"""What every page knows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return the operator's name, whether this is a demonstration, and who looks."""
    return {
        "operator_name": settings.OPERATOR_NAME,
        "is_demo": settings.DEMO,
        "actor": getattr(request, "actor", None),
    }
