"""Put the translation parts together."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from eigenwijs.project import translations


class Command(BaseCommand):
    """Compile the English texts from their parts, beside the code."""

    help = "Compile src/eigenwijs/locale/*/parts/*.po into the files that gettext reads"

    def handle(self, *_args: object, **_options: object) -> None:
        """Compile every language."""
        for language, count in translations.build().items():
            self.stdout.write(f"{language}: {count} texts")
