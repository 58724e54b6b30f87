"""Fill the demo's database once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from eigenwijs.people import queries as people
from eigenwijs.project.seed.story import Story


class Command(BaseCommand):
    """Make fictional data, where there is none yet."""

    help = "Make the demo's fictional year, once"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Tell the story in one transaction, so that a half-told one is never there."""
        if not settings.DEMO:
            raise CommandError("Only a demonstration is filled with fictional people.")
        if people.personas():
            return
        self.stdout.write("Making a fictional year …")
        with transaction.atomic():
            Story(timezone.now()).tell()
