"""Check a scheme's file and its worked examples."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes import queries


class Command(BaseCommand):
    """Say all that is wrong in a scheme, or that it holds."""

    help = "Check scheme files and the cases.yaml beside them; every fault is named at once"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one file or more."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--language", choices=["en", "nl"], default="en")

    def handle(self, *_args: object, **options: Any) -> None:
        """Check every file."""
        with translation.override(options["language"]):
            faulty = [path for path in options["files"] if not self.check_file(path)]
        if faulty:
            raise CommandError(f"faulty: {', '.join(str(path) for path in faulty)}")

    def check_file(self, path: Path) -> bool:
        """Check one scheme with the examples beside it; tell what was found."""
        examples = path.with_name("cases.yaml")
        try:
            found = queries.check_text(
                read_text(path), read_text(examples) if examples.exists() else None
            )
        except queries.FaultyScheme as error:
            for fault in error.faults:
                self.stderr.write(fault_line(examples if error.in_examples else path, fault))
            return False
        self.stdout.write(
            f"{path}: {found.scheme} {found.hash[:12]}, {found.examples} worked examples"
        )
        for place in found.inferred:
            self.stdout.write(f"{path}: inferred, so for demonstrations only: {place}")
        return True


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
