"""Every kind of notice as data: its words and how it leaves the house.

A place in the words is the name of a parameter. What ends in `_cents` is shown as an amount, what ends in
`_on` (an ISO date) as a day, what ends in `_at` (an ISO moment) as a day and time. A kind that was ever
told stays here, or the notices of that time can no longer be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money
from eigenwijs.notices.types import ParamValue

_PLACE = re.compile(r"%\((\w+)\)s")


class Channel(StrEnum):
    """How a notice leaves the house, besides standing in the app. A letter goes only where mail cannot."""

    MAIL = "mail"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Kind:
    """The words of one kind of notice, and its channels."""

    title: str | Promise
    body: str | Promise
    channels: tuple[Channel, ...] = (Channel.MAIL,)

    @property
    def places(self) -> frozenset[str]:
        """The names of the parameters that the words need."""
        return frozenset(_PLACE.findall(f"{self.title} {self.body}"))


IN_APP: tuple[Channel, ...] = ()
MAIL = (Channel.MAIL,)
MAIL_OR_LETTER = (Channel.MAIL, Channel.LETTER)

KINDS: dict[str, Kind] = {
    "file_claimed": Kind(
        _("Je leerrekening is van jou"),
        _(
            "Je leerrekening is geopend met de code uit je brief. Was jij dat niet? "
            "Laat het ons meteen weten."
        ),
        MAIL_OR_LETTER,
    ),
    "files_joined": Kind(
        _("Je rekeningen zijn samengevoegd"),
        _(
            "Een tweede dossier hoort nu bij je leerrekening. Alles wat erin stond, vind je terug. "
            "Deed jij dit niet? Laat het ons meteen weten."
        ),
        MAIL_OR_LETTER,
    ),
    "money_arrived": Kind(
        _("Er is geld bij gekomen"),
        _(
            "%(payer)s zet %(amount_cents)s op je leerrekening. Het is van jou en het blijft van jou."
        ),
        MAIL,
    ),
    "money_arrived_with_end": Kind(
        _("Er is geld bij gekomen"),
        _(
            "%(payer)s zet %(amount_cents)s op je leerrekening. "
            "Het is van jou. Je kunt het gebruiken tot en met %(until_on)s."
        ),
        MAIL,
    ),
    "money_corrected": Kind(
        _("Een storting is lager geworden"),
        _(
            "%(payer)s haalt %(amount_cents)s terug van een storting. Dat mag binnen de tijd die bij "
            "het geld stond. Geld dat je al had vastgezet of uitgegeven, blijft zoals het was."
        ),
        MAIL,
    ),
    "money_lapsing": Kind(
        _("Een deel van je geld loopt bijna af"),
        _(
            "Je kunt %(amount_cents)s van %(payer)s nog gebruiken tot en met %(until_on)s. "
            "Boek je voor die dag een cursus? Dan telt het geld mee."
        ),
        MAIL_OR_LETTER,
    ),
    "money_lapsed": Kind(
        _("Een deel van je geld is verlopen"),
        _(
            "Je had nog %(amount_cents)s van %(payer)s. De laatste dag daarvan is voorbij. "
            "Dit geld gaat terug naar %(receiver)s."
        ),
        MAIL,
    ),
}


def words(kind: str, params: Mapping[str, ParamValue]) -> tuple[str, str]:
    """Return title and body in the language in force."""
    known = KINDS[kind]
    shown = {name: _shown(name, value) for name, value in params.items()}
    return str(known.title) % shown, str(known.body) % shown


def _shown(name: str, value: ParamValue) -> str:
    if name.endswith("_cents"):
        return wording.money(Money(int(value)))
    if name.endswith("_on"):
        return wording.day(date.fromisoformat(str(value)))
    if name.endswith("_at"):
        return wording.moment(datetime.fromisoformat(str(value)))
    return str(value)
