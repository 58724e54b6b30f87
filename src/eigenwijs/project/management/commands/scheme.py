"""One command for schemes: read what is written in them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes import queries


class Command(BaseCommand):
    """Do one job with schemes. Exit code 1 where a file has faults, each with file, line and place."""

    help = "Schemes as data: read them in words"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a job and what it needs."""
        jobs = parser.add_subparsers(dest="job", required=True, metavar="JOB")
        text = jobs.add_parser("text", help="write the scheme out as clauses for people")
        text.set_defaults(run=self.text)
        text.add_argument("file", type=Path, metavar="FILE")
        text.add_argument("--language", choices=["nl", "en"], default="nl")

    def handle(self, *_args: object, **options: Any) -> None:
        """Do the job in the language that was asked."""
        with translation.override(options["language"]):
            options["run"](**options)

    def text(self, file: Path, language: str, **_options: Any) -> None:
        """Write the clauses of a file."""
        try:
            self.stdout.write(queries.clauses_written_out(read_text(file), language))
        except queries.FaultyScheme as error:
            self.refuse(file, error)

    def refuse(self, path: Path, error: queries.FaultyScheme) -> None:
        """Name every fault of a file and end with exit code 1."""
        for fault in error.faults:
            self.stderr.write(fault_line(path, fault))
        raise CommandError(f"faulty: {path}")


def read_text(path: Path) -> str:
    """Return a file's text; raises CommandError where it is absent or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: byte {error.start + 1} is not UTF-8") from None


def fault_line(path: Path, fault: Fault) -> str:
    """Write a fault as file:line: block: what is wrong."""
    block = f" {fault.field_name}:" if fault.field_name else ""
    return f"{path}:{fault.line}:{block} {fault}"
