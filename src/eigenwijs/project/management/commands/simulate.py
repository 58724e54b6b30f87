"""Compare proposals on a synthetic population, before anything is signed."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from eigenwijs.kernel.clock import local_date
from eigenwijs.project.management.commands.scheme import YEARS, between, read_text
from eigenwijs.project.simulation import figures, report
from eigenwijs.schemes.queries import FaultyScheme
from eigenwijs.simulation import queries
from eigenwijs.simulation.queries import SchemeProposal, UnableToSimulate
from eigenwijs.simulation.types import SimulationRun

LEAST_PERSONS = 100
MOST_PROPOSALS = 4
MOST_DRAWS = 1000
WRITES: dict[str, Callable[[SimulationRun], str]] = {
    "report.html": report.page,
    "results.json": figures.as_json,
    "results.csv": figures.as_csv,
}
"""The files of a run, and what fills each."""


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
            "--persons", type=between(LEAST_PERSONS, queries.MOST_PERSONS), default=100_000
        )
        parser.add_argument("--years", type=between(1, queries.MOST_YEARS), default=10)
        parser.add_argument("--first-year", type=between(*YEARS), help="next year if not said")
        parser.add_argument("--seed", type=between(0, 2**63), default=1)
        parser.add_argument(
            "--draws", type=between(0, MOST_DRAWS), default=40, help="runs for the 80 %% bands"
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
            texts = [write(run) for write in WRITES.values()]
            for told in report.caveats(run):
                self.stdout.write(told)
        for name, text in zip(WRITES, texts, strict=True):
            try:
                (out / name).write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{out / name}: {error.strerror}") from None
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
    """Return the folder, made if need be; raises CommandError where a file of ours cannot be written in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise CommandError(f"{path}: a file is in the way. Name a folder, or a new one.") from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}. Name another folder.") from None
    for name in WRITES:
        target = path / name
        if target.is_dir():
            raise CommandError(f"{target}: a folder is in the way. Name another folder for --out.")
        if not os.access(target if target.exists() else path, os.W_OK):
            raise CommandError(f"{target}: this cannot be written. Name another folder for --out.")
    return path
