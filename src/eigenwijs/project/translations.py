"""Translations: source texts are Dutch; every other language is a folder of parts, one a room or audience."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def catalog(language: str) -> Catalog:
    """Return all parts of `language` as one catalog.

    Raises ValueError when two parts translate one text differently, naming both files.
    """
    whole = Catalog(locale=language, charset="utf-8")
    origin: dict[object, Path] = {}
    for part in sorted((LOCALE / language / "parts").glob("*.po")):
        with part.open("rb") as file:
            for message in read_po(file, locale=language):
                if not message.id:
                    continue
                key = (message.id, message.context)
                known = whole.get(message.id, message.context)
                if known is not None and known.string != message.string:
                    text = f"{part.name} and {origin[key].name} differ on {message.id!r}"
                    raise ValueError(text)
                origin[key] = part
                whole.add(message.id, message.string, context=message.context, flags=message.flags)
    return whole


def build() -> dict[str, int]:
    """Compile every language for gettext; return how many texts each has."""
    counts = {}
    for folder in sorted(path for path in LOCALE.iterdir() if (path / "parts").is_dir()):
        whole = catalog(folder.name)
        target = folder / "LC_MESSAGES" / "django.mo"
        target.parent.mkdir(exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, whole)
        counts[folder.name] = len(whole)
    return counts
