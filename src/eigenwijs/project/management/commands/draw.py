"""Recompute the winners of a round from its published files."""

from __future__ import annotations

import zipfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eigenwijs.draws import queries


class Command(BaseCommand):
    """Say whether the winners are those that follow from the rules, the list, the beacon and the seed."""

    help = "Recompute the winners of a round from its published files: draw verify FILE"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do and the file."""
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("file", type=Path, metavar="FILE", help="the round's .zip, or a folder")

    def handle(self, *_args: object, **options: Any) -> None:
        """Verify one file."""
        try:
            faults, remarks = queries.verify(options["file"])
        except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise CommandError(f"{options['file']}: unreadable: {error!r}") from None
        for remark in remarks:
            self.stdout.write(remark)
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write("The winners are as published.")
