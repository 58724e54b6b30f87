"""The promises: their numbers and tests from `docs/promises.md`, their Dutch from here.

The English translation of each text is, word for word, the one in that file; a test holds the two
together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

NOT_KEPT_YET = "not kept yet"

AUDIENCES: dict[str, LazyText] = {
    "worker": _("Aan jou"),
    "payer": _("Aan wie betaalt"),
    "provider": _("Aan opleiders"),
    "social partners": _("Aan vakbonden en werkgevers"),
    "public": _("Aan iedereen"),
    "auditor": _("Aan wie controleert"),
}

TEXTS: dict[int, LazyText] = {
    1: _(
        "Geld op je rekening is van jou vanaf het moment dat het erop staat. Wie betaalt, kan het niet "
        "terugpakken, niet zien waar het heen gaat en geen keuze tegenhouden. Dat kan alleen met een "
        "voorwaarde of een correctietermijn die vanaf de eerste dag bij het geld stond."
    ),
    2: _(
        "Bij elke euro staat waar hij vandaan komt, volgens welke regel en versie, waarom dit bedrag, "
        "en tot wanneer."
    ),
    3: _(
        "Er wordt nooit iets uitgegeven, vastgezet of gedeeld zonder jouw ja. Wie je helpt, heeft jouw "
        "toestemming voor taken met een naam en een einddatum. Jij ziet elke stap."
    ),
    4: _(
        "Eén rekening en één dossier: met werk, zonder werk, bij ziekte, met een eigen bedrijf, na "
        "verhuizen en na het einde van een regeling. Je kunt alles meenemen."
    ),
    5: _(
        "Alles werkt op een oude telefoon, met een toetsenbord, met een schermlezer en zonder "
        "JavaScript. Ook zonder smartphone: bij een loket, met een ambassadeur of per brief. In gewoon "
        "Nederlands (B1) en in jouw taal."
    ),
    6: _(
        "Je krijgt nooit een score voor fraude. Je kunt door loting gecontroleerd worden. Dan hoor je "
        "dat, en vertel je jouw kant. Een schuld ontstaat nooit vanzelf."
    ),
    7: _(
        "Wat je een coach, een ambassadeur of jezelf vertelt, blijft van jou. Het komt nooit met je naam "
        "bij je werkgever, een fonds of de vakbond."
    ),
    8: _(
        "Elke euro die je betaalt, wordt tot op de cent verantwoord. Het geld staat apart van het geld "
        "van de beheerder: bij een onafhankelijke stichting."
    ),
    9: _(
        "Je ziet de mensen en de bedragen die je zelf aanleverde. Wat er daarna met het geld gebeurt, "
        "zie je alleen als totaal van minstens tien mensen. Ook door de tijd heen, en nooit per persoon."
    ),
    10: _(
        "Je wordt op de afgesproken dag betaald voor wat de deelnemer bevestigde, of voor wat een mens "
        "met bewijs besliste. Stilte is nooit een ja en nooit een nee. Je kunt nooit een persoon of een "
        "saldo opzoeken. Een plek op de lijst is niet te koop."
    ),
    11: _(
        "Een regel die jullie afspreken, werkt zoals hij er staat. Dezelfde tekst wordt voor het "
        "tekenen doorgerekend en zet daarna het geld op de rekeningen."
    ),
    12: _(
        "Is er te weinig geld, dan is er geen wedloop maar een loting die iedereen kan narekenen. "
        "Verschillen tussen groepen meten we elke maand. Ze zijn openbaar en iemand gaat erover."
    ),
    13: _(
        "De boeken kloppen op elk moment, niets wordt ooit gewijzigd en één opdracht bewijst dat. De "
        "controleur ziet schuilnamen. Een naam gaat alleen open voor een getrokken steekproef of een "
        "genoemd geval, na een ja van een tweede persoon. Dat staat dan in jouw eigen overzicht."
    ),
}


@dataclass(frozen=True)
class Promise:
    """One promise: what it says, to whom, and the tests that hold it (none: not kept yet)."""

    number: int
    audience: str
    english: str
    tests: tuple[str, ...]

    @property
    def text(self) -> LazyText:
        """The promise in the language of the page."""
        return TEXTS[self.number]

    @property
    def audience_label(self) -> LazyText:
        """To whom it is made, in the language of the page."""
        return AUDIENCES[self.audience]


def promises_file() -> Path:
    """Where the promises are written down."""
    return Path(settings.BASE_DIR) / "docs" / "promises.md"


def read_promises(text: str) -> list[Promise]:
    """Read the table `| # | To whom | Promise | Held by |`; tests stand there between backticks.

    Raises ValueError on a row whose last cell names no test and does not say "not kept yet".
    """
    promises = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 4 or not cells[0].isdigit():
            continue
        number, audience, english, held_by = cells
        tests = tuple(re.findall(r"`([^`]+)`", held_by))
        if not tests and held_by != NOT_KEPT_YET:
            raise ValueError(f"promise {number} names no test; write '{NOT_KEPT_YET}'")
        promises.append(Promise(int(number), audience, english, tests))
    return promises
