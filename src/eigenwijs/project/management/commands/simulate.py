"""Compare proposals on a synthetic population, before anything is signed."""

from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from eigenwijs.kernel.clock import local_date
from eigenwijs.project.management.commands.scheme import read_text
from eigenwijs.project.simulation import figures, report
from eigenwijs.schemes.queries import FaultyScheme
from eigenwijs.simulation import queries
from eigenwijs.simulation.queries import SchemeProposal, UnableToSimulate

LEAST_PERSONS = 100
MOST_PROPOSALS = 4
MOST_DRAWS = 1000


class Command(BaseCommand):
    """Simulate schemes; write a page, JSON and CSV. Exit code 1 where a file has faults."""

    help = "Compare schemes on a synthetic Dutch population: cost, who gets what, who gets nothing"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and how much to compute."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="up to 4 schemes")
        parser.add_argument(
            "--out", required=True, type=Path, metavar="DIR", help="made if need be"
        )
        parser.add_argument(
            "--persons", type=_between(LEAST_PERSONS, queries.MOST_PERSONS), default=100_000
        )
        parser.add_argument("--years", type=_between(1, queries.MOST_YEARS), default=10)
        parser.add_argument("--first-year", type=_between(2000, 2100), help="next year if not said")
        parser.add_argument("--seed", type=_between(0, 2**63), default=1)
        parser.add_argument(
            "--draws", type=_between(0, MOST_DRAWS), default=40, help="runs for the 80 %% bands"
        )
        parser.add_argument("--language", choices=["nl", "en"], default="nl")

    def handle(self, *_args: object, **options: Any) -> None:
        """Simulate and write, in the language that was asked."""
        files: list[Path] = options["files"]
        if len(files) > MOST_PROPOSALS:
            raise CommandError(f"{len(files)} files: compare {MOST_PROPOSALS} at most")
        out = _folder(options["out"])
        first_year = options["first_year"] or local_date(timezone.now()).year + 1
        with translation.override("en"):
            proposals = [self._proposal(path) for path in files]
            progress = self._progress(
                queries.steps(
                    proposals=len(files),
                    persons=options["persons"],
                    years=options["years"],
                    draws=options["draws"],
                )
            )
            try:
                run = queries.simulate(
                    proposals,
                    persons=options["persons"],
                    years=options["years"],
                    first_year=first_year,
                    seed=options["seed"],
                    draws=options["draws"],
                    progress=progress,
                )
            except UnableToSimulate as error:
                raise CommandError(str(error)) from None
        with translation.override(options["language"]):
            texts = {
                "report.html": report.page(run),
                "results.json": figures.as_json(run),
                "results.csv": figures.as_csv(run),
            }
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"{out / name}")

    def _proposal(self, path: Path) -> SchemeProposal:
        try:
            return queries.proposal(read_text(path))
        except FaultyScheme as error:
            for fault in error.faults:
                place = f" {fault.field_name}:" if fault.field_name else ""
                self.stderr.write(f"{path}:{fault.line}:{place} {fault}")
            raise CommandError(f"faulty: {path}") from None
        except UnableToSimulate as error:
            raise CommandError(f"{path}: {error}") from None

    def _progress(self, steps: int) -> Callable[[int], None]:
        """Return what tells on stderr, at most twice a second and at the end, how far it is."""
        done, told = 0, time.monotonic()

        def progress(more: int) -> None:
            nonlocal done, told
            done += more
            if done < steps and time.monotonic() - told < 0.5:
                return
            told = time.monotonic()
            bar = "#" * (40 * done // steps)
            end = "\n" if done >= steps else ""
            self.stderr.write(f"\r[{bar:<40}] {100 * done // steps:3} %", ending=end)

        return progress


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    return path


def _between(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            found = int(text.replace("_", ""))
        except ValueError:
            found = low - 1
        if not low <= found <= high:
            raise ArgumentTypeError(f"give a whole number from {low} to {high}, not {text}")
        return found

    return number
