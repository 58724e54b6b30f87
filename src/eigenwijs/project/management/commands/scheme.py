"""One command for schemes: check, read, try, load and export them."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from eigenwijs.kernel import wording
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import Fault, FaultyImport
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.types import SchemeVersionView
from eigenwijs.simulation import queries as simulation
from eigenwijs.simulation.types import GroupShare

FOLDER = Path(__file__).resolve().parents[5] / "schemes"
LEAST_OF_A_HASH = 8
YEARS = (2000, 2100)
"""The years in which a synthetic population can live."""


class Command(BaseCommand):
    """Do one job with schemes. Exit code 1 where a file has faults, each with file, line and place."""

    help = "Schemes as data: check, read in words, try on one person, load, export"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a job and what it needs."""
        jobs = parser.add_subparsers(dest="job", required=True, metavar="JOB")

        def job(name: str, run: Any, words: str, language: str = "") -> ArgumentParser:
            made: ArgumentParser = jobs.add_parser(name, help=words, description=words)
            made.set_defaults(run=run)
            if language:
                made.add_argument("--language", choices=["nl", "en"], default=language)
            return made

        check = job(
            "check", self.check_files, "name every fault, run the cases.yaml beside it", "en"
        )
        check.add_argument("files", nargs="+", type=Path, metavar="FILE")
        load = job("load", self.load, "keep files as versions, to be signed", "en")
        load.add_argument(
            "files", nargs="*", type=Path, metavar="FILE", help="none: all that come with us"
        )
        text = job("text", self.text, "write the scheme out as clauses for people", "nl")
        text.add_argument("file", type=Path, metavar="FILE")
        explain = job("explain", self.explain, "say step by step what one person gets", "nl")
        explain.add_argument("file", type=Path, metavar="FILE")
        explain.add_argument(
            "--facts", required=True, type=Path, metavar="FILE", help="YAML: facts, balance, period"
        )
        explain.add_argument("--period", type=_period, help="2026-03, 2026-P03, 2026-Q1 or 2026")
        lint = job("lint", self.lint, "name the groups that it shuts out or gives less", "nl")
        lint.add_argument("file", type=Path, metavar="FILE")
        lint.add_argument(
            "--year", type=between(*YEARS), help="the calendar year; next year if not said"
        )
        job("schema", self.schema, "write the language as a JSON Schema, for editors")
        reference = job("reference", self.reference, "make the tables of the language's page anew")
        reference.add_argument("page", type=Path, metavar="PAGE")
        export = job("export", self.export, "write a version's text exactly as it was loaded")
        export.add_argument("version", metavar="NAME|HASH", help="a name is what is in force today")
        export.add_argument("--to", type=Path, metavar="FILE", help="a file that is not there yet")

    def handle(self, *_args: object, **options: Any) -> None:
        """Do the job in the language that was asked."""
        with translation.override(options.get("language", "en")):
            options["run"](**options)

    def check_files(self, files: list[Path], **_options: Any) -> None:
        """Check every file, also after one that is faulty."""
        faulty = [path for path in files if not self._holds(path)]
        if faulty:
            raise CommandError(f"faulty: {', '.join(str(path) for path in faulty)}")

    def _holds(self, path: Path) -> bool:
        examples = path.with_name("cases.yaml")
        try:
            found = queries.check_text(
                read_text(path), read_text(examples) if examples.exists() else None
            )
        except queries.FaultyScheme as error:
            self._name(examples if error.in_examples else path, error.faults)
            return False
        except CommandError as unreadable:
            self.stderr.write(str(unreadable))
            return False
        self.stdout.write(
            f"{path}: {found.scheme} {found.hash[:12]}, {found.examples} worked examples"
        )
        for place in found.inferred:
            self.stdout.write(f"{path}: inferred, so for demonstrations only: {place}")
        return True

    def load(self, files: list[Path], **_options: Any) -> None:
        """Load every file, or none where one is faulty."""
        at = timezone.now()
        with transaction.atomic():
            for path in files or sorted(FOLDER.glob("*/*/scheme.yaml")):
                try:
                    view = operations.load(text=read_text(path), by=Actor.system("scheme"), at=at)
                except queries.FaultyScheme as error:
                    self._refuse(path, error.faults)
                self.stdout.write(f"{view.scheme} version {view.version} {view.hash[:12]}")

    def text(self, file: Path, language: str, **_options: Any) -> None:
        """Write the clauses of a file."""
        try:
            self.stdout.write(queries.clauses_written_out(read_text(file), language))
        except queries.FaultyScheme as error:
            self._refuse(file, error.faults)

    def explain(
        self, file: Path, facts: Path, period: Period | None, language: str, **_options: Any
    ) -> None:
        """Write one person's steps and amount."""
        try:
            found = queries.explain_person(
                read_text(file), person=read_text(facts), period=period, language=language
            )
        except queries.FaultyScheme as error:
            self._refuse(file, error.faults)
        except FaultyImport as error:
            self._refuse(facts, error.faults)
        self.stdout.write(f"{found.title}, {wording.period(found.period)}\n")
        for number, sentence in enumerate(found.sentences, 1):
            self.stdout.write(f"{number:3}. {sentence}")
        amount = {"amount": found.amount}
        self.stdout.write("\n" + gettext("Je krijgt over deze periode %(amount)s.") % amount)

    def lint(self, file: Path, year: int | None, **_options: Any) -> None:
        """Name every priority group of synthetic employees that gets nothing, or less than its share.

        Exit code 1 where there is one. Whoever has no wage gets nothing from any payroll: that is said.
        """
        year = year or local_date(timezone.now()).year + 1
        try:
            found = simulation.first_year(read_text(file), year)
        except queries.FaultyScheme as error:
            self._refuse(file, error.faults)
        except simulation.UnableToSimulate as error:
            raise CommandError(f"{file}: {error}") from None
        mean = wording.money(Money(round(found.mean)))
        self.stdout.write(
            gettext(
                "%(year)s, %(people)s verzonnen werknemers: %(nothing)s %% krijgt niets, gemiddeld %(mean)s."
            )
            % {
                "year": year,
                "people": wording.grouped(found.people),
                "nothing": round(100 * found.nothing),
                "mean": mean,
            }
        )
        checked = queries.check_text(read_text(file))
        if told := simulation.caveat(
            checked.scheme,
            str(year),
            has_rounds=checked.has_rounds,
            gives_nothing=found.mean == 0,
        ):
            self.stdout.write(told)
        for one in found.flagged:
            self.stdout.write(_flag(one))
        if not checked.portable:
            self.stdout.write(
                gettext(
                    "Dit geld houden mensen niet: het eindigt met de baan, of wat over is gaat terug naar de "
                    "werkgever."
                )
            )
        self.stdout.write(
            gettext(
                "Wie geen loon krijgt (werkzoekend, zelfstandig), staat in geen loonadministratie en krijgt niets."
            )
        )
        if found.flagged:
            raise CommandError(f"{len(found.flagged)} groups get nothing or less than their share")

    def schema(self, **_options: Any) -> None:
        """Write the JSON Schema."""
        self.stdout.write(json.dumps(queries.json_schema(), indent=2))

    def reference(self, page: Path, **_options: Any) -> None:
        """Put the tables, made of the types and of the schemes we ship, between their marks in a page."""
        shipped = [read_text(path) for path in sorted(FOLDER.glob("*/*/scheme.yaml"))]
        page.write_text(queries.reference_page(read_text(page), shipped), encoding="utf-8")

    def export(self, version: str, to: Path | None, **_options: Any) -> None:
        """Write a version's text to a new file, or to the output."""
        found = self._version(version)
        if to is None:
            self.stdout.write(found.text, ending="")
            return
        try:
            with to.open("xb") as file:
                file.write(found.text.encode())
        except OSError as error:
            raise CommandError(f"{to}: {error.strerror}") from None
        self.stdout.write(f"{to}: {found.scheme} version {found.version} {found.hash}")

    def _version(self, name: str) -> SchemeVersionView:
        """Return the version in force by its name, or one by its hash or the start of it."""
        if "/" in name:
            try:
                return queries.version_in_force(name, local_date(timezone.now()))
            except queries.UnableToFindVersion:
                known = [f"version {one.version} {one.hash[:12]}" for one in queries.versions(name)]
                choice = f"; name one by its hash: {', '.join(known)}" if known else ""
                raise CommandError(f"{name}: nothing is in force today{choice}") from None
        found = [one for one in queries.all_versions() if one.hash.startswith(name)]
        if len(name) < LEAST_OF_A_HASH or len(found) != 1:
            raise CommandError(
                f"{name}: give a scheme's name (nl/supermarkt) or the first {LEAST_OF_A_HASH} or "
                "more characters of one version's hash"
            )
        return found[0]

    def _name(self, path: Path, faults: Iterable[Fault]) -> None:
        """Write each fault as file:line: place: what is wrong and what to do."""
        for fault in faults:
            place = f" {fault.field_name}:" if fault.field_name else ""
            self.stderr.write(f"{path}:{fault.line}:{place} {fault}")

    def _refuse(self, path: Path, faults: Iterable[Fault]) -> NoReturn:
        """Name every fault of a file and end with exit code 1."""
        self._name(path, faults)
        raise CommandError(f"faulty: {path}")


def _flag(one: GroupShare) -> str:
    """Say of a group what is wrong for it."""
    values = {
        "group": f"{simulation.grouping_label(one.grouping)}: {simulation.group_label(one.grouping, one.value)}",
        "nothing": round(100 * one.nothing),
        "people": round(100 * one.of_people),
        "money": round(100 * one.of_money),
    }
    if one.is_shut_out:
        return gettext("! %(group)s: uitgesloten, %(nothing)s %% krijgt niets.") % values
    return (
        gettext(
            "! %(group)s: minder dan hun deel, %(people)s %% van de mensen en %(money)s %% van het geld; "
            "%(nothing)s %% krijgt niets."
        )
        % values
    )


def read_text(path: Path) -> str:
    """Return a file's text; raises CommandError with what to do where it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise CommandError(f"{path}: there is no such file. Check its name.") from None
    except IsADirectoryError:
        raise CommandError(f"{path}: this is a folder. A file with a text belongs here.") from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{path}: byte {error.start + 1} is not UTF-8. Save it as plain text in UTF-8."
        ) from None


def between(low: int, high: int) -> Callable[[str], int]:
    """Return what reads a whole number from `low` to `high`, and refuses anything else in words."""

    def number(text: str) -> int:
        try:
            found = int(text.replace("_", ""))
        except ValueError:
            found = low - 1
        if not low <= found <= high:
            raise ArgumentTypeError(f"give a whole number from {low} to {high}, not {text}")
        return found

    return number


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
