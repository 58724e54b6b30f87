"""Fill the demo's database once."""

from __future__ import annotations

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Make fictional data, where there is none yet."""

    help = "Make the demo's fictional data, once"

    def handle(self, *_args: object, **_options: object) -> None:
        """Nothing to seed yet."""
