"""Load the schemes that come with the software, or others."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from eigenwijs.kernel.actor import Actor
from eigenwijs.project.management.commands.check_scheme import fault_line, read_text
from eigenwijs.schemes import operations, queries

FOLDER = Path(__file__).resolve().parents[5] / "schemes"


class Command(BaseCommand):
    """Keep every scheme file as a version; what is known already stays as it is."""

    help = "Load scheme files as versions; signing and activating come after"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take files, or none for all that come with the software."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--language", choices=["en", "nl"], default="en")

    def handle(self, *_args: object, **options: Any) -> None:
        """Load every file, or none where one is faulty."""
        files = options["files"] or sorted(FOLDER.glob("*/*/scheme.yaml"))
        at = timezone.now()
        with transaction.atomic(), translation.override(options["language"]):
            for path in files:
                try:
                    view = operations.load(
                        text=read_text(path), by=Actor.system("load_schemes"), at=at
                    )
                except queries.FaultyScheme as error:
                    for fault in error.faults:
                        self.stderr.write(fault_line(path, fault))
                    raise CommandError(f"faulty: {path}") from None
                self.stdout.write(f"{view.scheme} version {view.version} {view.hash[:12]}")
