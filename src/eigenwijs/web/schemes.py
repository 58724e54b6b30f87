"""What pages of several audiences say about a version of a scheme."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.people import queries as people
from eigenwijs.schemes import queries
from eigenwijs.schemes.types import ClauseSection, SchemeVersionView

SIDES = {
    "workers": _("Vakbonden"),
    "employers": _("Werkgevers"),
    "employer": _("De werkgever"),
    "state": _("De overheid"),
}
"""The sides that a scheme's `signed_by` can name."""
RECEIVERS: dict[str, str | Promise] = {
    "sector_fund": _("Het opleidingsfonds van de sector"),
    "state": _("De overheid"),
    "employer": _("De werkgever die het betaalde"),
}
"""Who can receive what ends unspent."""
PURPOSES: dict[bool, str | Promise] = {
    True: _("Leren voor werk, nu of later"),
    False: _("Alles wat je wilt leren"),
}
"""What money is for, by whether it is for learning for work alone."""


@dataclass(frozen=True)
class Alone:
    """The clauses that only one of the texts has."""

    name: str
    sentences: tuple[str, ...]


def signatures(version: SchemeVersionView) -> list[tuple[str | Promise, str]]:
    """Return each side that must sign and the name of who did, or nothing."""
    names = {one.id: one.name for one in people.organisations()}
    return [
        (SIDES[side], names.get(version.signatures[side], "") if side in version.signatures else "")
        for side in version.signed_by
    ]


def fault_text(fault: Fault) -> str:
    """Return what is wrong in a text, with its line."""
    if fault.line is None:
        return str(fault)
    return gettext("Regel %(place)s: %(fault)s") % {"place": fault.line, "fault": str(fault)}


def sections(version: SchemeVersionView) -> tuple[ClauseSection, ...]:
    """Return the clauses of a version in the language of the page."""
    return queries.clauses(version.text, _language())


def clauses_alone(texts: list[str], names: list[str]) -> list[Alone]:
    """Return per text the clauses that the other does not have; one that begins another is said with it."""
    language = _language()
    sentences = [
        [
            clause.sentence
            for section in queries.clauses(text, language)
            for clause in section.clauses
        ]
        for text in texts
    ]
    found = []
    for name, mine in zip(names, sentences, strict=True):
        alone = [
            one for one in mine if not any(one in other for other in sentences if other is not mine)
        ]
        whole = [one for one in alone if not any(other.startswith(one + " ") for other in alone)]
        found.append(Alone(name, tuple(whole)))
    return found


def _language() -> str:
    return "nl" if (get_language() or "nl") == "nl" else "en"
