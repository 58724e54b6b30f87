"""Fit the simulator's figures on published facts again."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eigenwijs.simulation import queries


class Command(BaseCommand):
    """Write parameters.csv and fit.csv, and say how far each fact holds."""

    help = "Fit the simulator on published facts again: the same facts give the same figures"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder to write in."""
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="must exist")
        parser.add_argument("--persons", type=int, default=400_000, help="fewer is quicker")

    def handle(self, *_args: object, out: Path, persons: int, **_options: Any) -> None:
        """Fit, write, and tell."""
        if not out.is_dir():
            raise CommandError(f"{out}: no such folder")
        for one in queries.fit_again(out, persons=persons):
            if one.simulated is not None:
                fact = one.fact
                self.stdout.write(
                    f"{fact.id:5} {fact.use:9} published {fact.published:>8} "
                    f"simulated {one.simulated:8.2f} {fact.unit}  {fact.fact}"
                )
