"""What each measure is called, what it says and how to read it, in words for beside a figure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Definition:
    """A measure in words; what it is exactly stands with its function in `measures`."""

    name: str | Promise
    says: str | Promise


# By the name of the function that measures it.
DEFINITIONS: dict[str, Definition] = {
    "take_up": Definition(
        _("Gebruik"),
        _("Welk deel van de mensen die recht hebben, gebruikt het. 0,25 is een op de vier."),
    ),
    "take_up_ratio": Definition(
        _("Verhouding in gebruik"),
        _("Het gebruik van de ene groep gedeeld door dat van de andere. 1 is evenveel."),
    ),
    "take_up_gap": Definition(
        _("Verschil in gebruik"),
        _("Het gebruik van de ene groep min dat van de andere, in procentpunten."),
    ),
    "coverage": Definition(
        _("Genoeg voor een cursus"),
        _("Welk deel van de mensen genoeg heeft voor een cursus met een gewone prijs."),
    ),
    "share_of_zeros": Definition(
        _("Krijgt niets"), _("Welk deel van de mensen niets heeft. 0,41 is 41 van de 100.")
    ),
    "gini": Definition(
        _("Gini"),
        _("Hoe ongelijk iets verdeeld is. 0: iedereen heeft evenveel. Bij 1 heeft één mens alles."),
    ),
    "concentration_index": Definition(
        _("Concentratie-index"),
        _(
            "Bij wie het terechtkomt, van laag naar hoog loon. Boven 0: meer bij hoge lonen. "
            "Onder 0: meer bij lage lonen."
        ),
    ),
    "concentration_curve": Definition(
        _("Concentratiecurve"),
        _(
            "Welk deel van het geld naar de laagste lonen gaat. Is dat meer dan zij van de mensen "
            "zijn, dan krijgen zij meer dan hun deel."
        ),
    ),
    "erreygers": Definition(
        _("Concentratie-index van Erreygers"),
        _(
            "Of met dit geld leren (ja of nee) vaker voorkomt bij hoge lonen: dan boven 0. "
            "Hoe minder mensen leren, hoe dichter bij 0."
        ),
    ),
    "wagstaff": Definition(
        _("Concentratie-index van Wagstaff"),
        _(
            "Of met dit geld leren (ja of nee) vaker voorkomt bij hoge lonen, als deel van het "
            "uiterste dat kan. Boven 0: meer bij hoge lonen."
        ),
    ),
    "kakwani": Definition(
        _("Kakwani"),
        _(
            "Of het geld gelijker verdeeld is dan de lonen. Onder 0: gelijker. "
            "Lage lonen krijgen pas meer als ook de concentratie-index onder 0 is."
        ),
    ),
    "theil": Definition(
        _("Theil"),
        _("Hoe ongelijk iets verdeeld is. 0: iedereen heeft evenveel. Wie niets heeft, telt mee."),
    ),
    "theil_by_group": Definition(
        _("Theil tussen en binnen groepen"),
        _("Welk deel van de ongelijkheid tussen groepen zit en welk deel binnen elke groep."),
    ),
    "mean_log_deviation": Definition(
        _("Gemiddelde logaritmische afwijking"),
        _(
            "Hoe ongelijk iets verdeeld is, met meer gewicht voor wie weinig heeft. "
            "Kan alleen als niemand niets heeft."
        ),
    ),
    "absolute_gap": Definition(
        _("Verschil in euro's"),
        _("Hoeveel de ene groep gemiddeld per persoon in een jaar meer krijgt dan de andere."),
    ),
    "kolm": Definition(
        _("Kolm"),
        _(
            "Hoe zwaar de ongelijkheid weegt, in euro per persoon per jaar, bij een afkeer van 0,01 "
            "per euro. Verandert niet als iedereen er evenveel bij krijgt."
        ),
    ),
    "opportunity_index": Definition(
        _("Kansenindex"),
        _(
            "Welk deel van het gebruik naar een andere groep moet om elke groep dezelfde kans te "
            "geven. 0: elke groep heeft dezelfde kans."
        ),
    ),
}
