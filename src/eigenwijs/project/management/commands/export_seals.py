"""Write the seals of the books to files that can be kept and checked elsewhere."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from eigenwijs.ledger import queries as ledger


class Command(BaseCommand):
    """Write `seals.jsonl` and, if asked, `rows.txt` into a new folder."""

    help = (
        "Write the seals of the books into a new folder, for keeping where nobody who runs the "
        "database can change them. `check_seals.py` checks them without the product"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the folder, and whether the transfers come along."""
        parser.add_argument("folder", type=Path, help="a folder that is not there yet")
        parser.add_argument(
            "--rows", action="store_true", help="also every sealed transfer: 400 bytes each"
        )

    def handle(self, *_args: object, folder: Path, rows: bool, **_options: Any) -> None:
        """Write, and say how much."""
        with ledger.one_moment():
            last = ledger.last_seal()
            if last is None:
                raise CommandError("nothing is sealed yet: let the job worker run for two minutes")
            try:
                folder.mkdir()
            except FileExistsError as error:
                raise CommandError(f"{folder} is there already: name a new folder") from error
            with (folder / "seals.jsonl").open("w", encoding="utf-8") as file:
                file.writelines(ledger.seal_lines())
            if rows:
                with (folder / "rows.txt").open("w", encoding="utf-8") as file:
                    for number, digest, stated in ledger.sealed_rows(first=1, last=last.last):
                        file.write(f"{number} {digest} {stated}\n")
        self.stdout.write(f"{last.number} seals, up to transfer {last.last}, are in {folder}.")
