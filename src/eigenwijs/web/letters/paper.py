"""Turns codes into letters, each in its reader's own language, in one PDF."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from eigenwijs.kernel import wording
from eigenwijs.people.types import ClaimLetter
from eigenwijs.web.pdf import pdf_response

DOCUMENT = "letters/documents/claim.typ"


def letters_response(
    request: HttpRequest, letters: Sequence[ClaimLetter], file_name: str
) -> HttpResponse:
    """Return one PDF with a page for each letter, as a download."""
    address = request.build_absolute_uri(reverse("signin:claim"))
    pages = [_words(letter, address) for letter in letters]
    response = pdf_response(DOCUMENT, {"title": _("Brieven"), "letters": pages}, file_name)
    response["Cache-Control"] = "no-store"
    return response


def _words(letter: ClaimLetter, address: str) -> dict[str, object]:
    with translation.override(letter.language):
        opening = (
            _("Je vroeg om een nieuwe code. Hiermee kom je weer in je leerrekening.")
            if letter.for_recovery
            else _("Er staat een leerrekening voor je klaar. Het geld erop is van jou.")
        )
        return {
            "language": letter.language,
            "name": letter.name,
            "address": letter.address,
            "heading": _("Jouw code"),
            "greeting": _("Beste %(name)s,") % {"name": letter.name},
            "opening": opening,
            "code": letter.code,
            "steps": [
                _("Ga naar %(address)s.") % {"address": address},
                _("Vul deze code en je geboortedatum in."),
                _("Kies hoe je de volgende keer wilt inloggen."),
            ],
            "until": _("De code werkt één keer, tot en met %(day)s.")
            % {"day": wording.day(letter.expires_at)},
            "warning": _(
                "Geef deze code aan niemand. Wij vragen er nooit om, ook niet aan de telefoon."
            ),
            "help": _(
                "Lukt het niet, of heb je geen internet? Vraag ons om hulp. Je werkgever heeft deze "
                "code niet nodig."
            ),
        }
