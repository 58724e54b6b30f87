"""Translations: source texts are Dutch; every other language is a folder of parts, one a room or audience."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import normalize, read_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = PACKAGE / "locale"

KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


@dataclass(frozen=True)
class Text:
    """A Dutch text in the source: singular, plural or empty, and the context that tells it apart."""

    singular: str
    plural: str
    context: str
    where: str

    @property
    def key(self) -> tuple[str, str]:
        """What it is looked up by: gettext finds a plural by its singular."""
        return self.singular, self.context

    def as_entry(self) -> str:
        """Return an entry for a part, its translation empty."""
        lines = [f"# {self.where}"]
        if self.context:
            lines.append(f"msgctxt {normalize(self.context)}")
        lines.append(f"msgid {normalize(self.singular)}")
        if self.plural:
            lines.append(f"msgid_plural {normalize(self.plural)}")
            lines += ['msgstr[0] ""', 'msgstr[1] ""']
        else:
            lines.append('msgstr ""')
        return "\n".join(lines) + "\n"


def texts_of(path: Path) -> Iterator[Text]:
    """Yield every text for translation in one Python file or template."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What is no text becomes X; without indentation it reads as Python.
        source = re.sub(r"(?m)^\s+", "", templatize(source, origin=str(path)))
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
    for line, messages, _comments, context in found:
        singular, plural = messages if isinstance(messages, tuple) else (messages, "")
        if singular:
            yield Text(singular, plural, context or "", f"{path.relative_to(PACKAGE)}:{line}")


def texts() -> list[Text]:
    """Return every text for translation in the house."""
    suffixes = {".py", ".html", ".txt"}
    files = sorted(path for path in PACKAGE.rglob("*") if path.suffix in suffixes)
    return [text for path in files for text in texts_of(path)]


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
    for folder in _folders():
        whole = catalog(folder.name)
        target = _compiled(folder)
        target.parent.mkdir(exist_ok=True)
        written = target.with_suffix(f".{os.getpid()}")
        with written.open("wb") as file:
            write_mo(file, whole)
        written.replace(
            target
        )  # whoever reads it meanwhile finds the old one or the new one, whole
        counts[folder.name] = len(whole)
    return counts


def build_where_older() -> None:
    """Compile where a language was not compiled yet, or a part of it has changed since."""
    for folder in _folders():
        compiled = _compiled(folder)
        parts = [path.stat().st_mtime for path in (folder / "parts").glob("*.po")]
        if not compiled.exists() or compiled.stat().st_mtime < max(parts, default=0):
            build()
            return


def _folders() -> list[Path]:
    return sorted(path for path in LOCALE.iterdir() if (path / "parts").is_dir())


def _compiled(folder: Path) -> Path:
    return folder / "LC_MESSAGES" / "django.mo"


def missing(language: str) -> list[Text]:
    """Return the texts, each once, that have no translation in `language`."""
    whole = catalog(language)
    absent: dict[tuple[str, str], Text] = {}
    for text in texts():
        message = whole.get(text.singular, text.context or None)
        strings = message.string if message else ""
        complete = all(strings) if isinstance(strings, tuple | list) else bool(strings)
        if not complete or (text.plural and not isinstance(strings, tuple | list)):
            absent.setdefault(text.key, text)
    return list(absent.values())


def unused(language: str) -> list[str]:
    """Return the texts that are translated but stand nowhere in the source."""
    used = {text.key for text in texts()}
    keys = ((_singular(message), message.context or "") for message in catalog(language))
    return [key[0] for key in keys if key[0] and key not in used]


def _singular(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)
