"""Put the translation parts together."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser

from eigenwijs.project import translations


class Command(BaseCommand):
    """Compile the English texts from their parts, beside the code."""

    help = "Compile src/eigenwijs/locale/*/parts/*.po into the files that gettext reads"

    def add_arguments(self, parser: CommandParser) -> None:
        """Accept --missing."""
        parser.add_argument("--missing", action="store_true", help="show what has no translation")

    def handle(self, *_args: object, missing: bool = False, **_options: object) -> None:
        """Compile every language, or show the texts that still need a translation, ready to fill in."""
        if not missing:
            for language, count in translations.build().items():
                self.stdout.write(f"{language}: {count} texts")
            return
        for folder in sorted(path for path in translations.LOCALE.iterdir() if path.is_dir()):
            for text in translations.missing(folder.name):
                self.stdout.write(text.as_entry())
