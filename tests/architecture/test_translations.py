"""Every text is in plain Dutch and has an English translation that fills the same places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from eigenwijs.project import translations
from eigenwijs.project.translations import Text
from tests.architecture.source import assert_none

PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAGS = re.compile(r"</?\w+")
# Formal or official words, and what to write: the interface says "je" and uses plain words.
PLAIN_WORDS = {
    "u": "je", "uw": "je", "uzelf": "jezelf",
    "laagopgeleid": "praktisch opgeleid", "laagopgeleide": "praktisch opgeleide",
    "laagopgeleiden": "praktisch opgeleiden",
    "middels": "met", "teneinde": "om", "dient": "moet", "dienen": "moeten", "reeds": "al",
    "inzake": "over", "betreffende": "over", "conform": "volgens", "alsmede": "en", "derhalve": "dus",
    "tevens": "ook", "indien": "als", "omtrent": "over", "geschiedt": "gebeurt", "hetgeen": "wat",
    "desbetreffende": "deze", "voornoemde": "deze", "onderhavige": "deze", "ingevolge": "door",
    "aangaande": "over", "doch": "maar", "gaarne": "graag", "verzoeken": "vragen",
    "tegoed": "wat je kunt uitgeven",
}  # fmt: skip
WORDS_A_SENTENCE = 28


def find_different_places(messages: Iterable[Message]) -> list[str]:
    """Name every translation that fills other places or uses other tags than its source."""
    breaches = []
    for message in messages:
        singular, *plural = message.id if isinstance(message.id, tuple | list) else [message.id]
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        source = plural[0] if plural else singular
        for pattern in (PLACES, TAGS):
            wanted = sorted(pattern.findall(source))
            # A singular may leave the number out: "één cursus".
            for string in strings[1:] if plural else strings:
                if sorted(pattern.findall(string)) != wanted:
                    breaches.append(f"{source!r} became {string!r}")
    return breaches


def find_stiff_dutch(found: Iterable[Text]) -> list[str]:
    """Name every text with a formal word or a sentence that is too long to read in one breath."""
    breaches = []
    for text in found:
        for phrase in filter(None, (text.singular, text.plural)):
            readable = re.sub(r"<[^>]*>", " ", PLACES.sub("x", phrase))
            for word in re.findall(r"[a-zà-ÿ]+", readable.lower()):
                if word in PLAIN_WORDS:
                    breaches.append(f"{text.where}: '{word}' → '{PLAIN_WORDS[word]}' in {phrase!r}")
            for sentence in re.split(r"[.!?:;]\s|\n", readable):
                if (count := len(sentence.split())) > WORDS_A_SENTENCE:
                    breaches.append(f"{text.where}: a sentence of {count} words: {sentence!r}")
    return breaches


def languages() -> list[str]:
    """Every language with a folder of parts."""
    return sorted(path.name for path in translations.LOCALE.iterdir() if path.is_dir())


def test_there_is_english() -> None:
    assert "en" in languages()


@pytest.mark.parametrize("language", languages())
def test_every_text_has_a_translation(language: str) -> None:
    assert_none(text.as_entry() for text in translations.missing(language))


@pytest.mark.parametrize("language", languages())
def test_no_translation_is_left_over(language: str) -> None:
    assert_none(translations.unused(language))


@pytest.mark.parametrize("language", languages())
def test_translations_fill_the_same_places(language: str) -> None:
    assert_none(find_different_places(m for m in translations.catalog(language) if m.id))


def test_dutch_is_plain() -> None:
    assert_none(find_stiff_dutch(translations.texts()))


def test_planted_texts_are_found_in_code_and_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    (tmp_path / "views.py").write_text(
        "_('Hallo')\nngettext('één', '%(n)s', n)\npgettext_lazy('dag', 'maandag')\n"
    )
    (tmp_path / "page.html").write_text(
        """<p title="{% translate 'Titel' %}">'t {% blocktranslate trimmed with x=y %} Dag
           {{ x }} {% endblocktranslate %}</p> <c-button label="{% translate "Ga" %}" /> {{ _("Zo") }}"""
    )
    found = [text.singular for text in translations.texts()]
    assert sorted(found) == ["Dag %(x)s", "Ga", "Hallo", "Titel", "Zo", "maandag", "één"]


def test_planted_missing_and_left_over_translations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "PACKAGE", tmp_path)
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    (tmp_path / "views.py").write_text("_('Hallo')\n_('Dag')\n_('Leeg')\n")
    (tmp_path / "xx/parts").mkdir(parents=True)
    part = tmp_path / "xx/parts/a.po"
    part.write_text(
        'msgid "Hallo"\nmsgstr "Hello"\n\nmsgid "Leeg"\nmsgstr ""\n\nmsgid "Weg"\nmsgstr "Gone"\n'
    )
    assert [text.singular for text in translations.missing("xx")] == ["Dag", "Leeg"]
    assert translations.unused("xx") == ["Weg"]
    part.with_name("b.po").write_text('msgid "Hallo"\nmsgstr "Hi"\n')
    with pytest.raises(ValueError, match=r"a\.po|b\.po"):
        translations.catalog("xx")


def test_planted_places_and_words() -> None:
    assert find_different_places([Message("%(n)s uur", "hours")])
    assert find_different_places([Message("<b>Nu</b>", "Now")])
    assert find_different_places([Message(("één uur", "%(n)s uur"), ("one hour", "hours"))])
    assert not find_different_places(
        [Message(("één uur", "%(n)s uur"), ("one hour", "%(n)s hours"))]
    )
    stiff = ["Vul uw naam in", "U bent klaar", "Steun voor laagopgeleiden", "woord " * 40]
    for text in stiff:
        assert find_stiff_dutch([Text(text, "", "", "here")]), text
    assert not find_stiff_dutch([Text("Je kunt nu kiezen.", "", "", "here")])
