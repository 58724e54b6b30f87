"""What groups, figures and kinds are called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

GROUPINGS: dict[str, str | Promise] = {
    "contract": _("Contract"),
    "hours": _("Uren per week"),
    "education": _("Opleiding"),
    "age": _("Leeftijd"),
    "sector": _("Sector"),
    "firm_size": _("Grootte van het bedrijf"),
}
VALUES: dict[str, str | Promise] = {
    "permanent": _("vast contract"),
    "fixed_term": _("tijdelijk contract"),
    "on_call": _("oproepcontract"),
    "agency": _("uitzendwerk"),
    "self_employed": _("zelfstandig"),
    "unemployed": _("zoekt werk"),
    "outside": _("werkt niet, zoekt niet"),
    "low": _("zonder startkwalificatie"),
    "middle": _("mbo 2-4, havo, vwo"),
    "high": _("hbo, universiteit"),
    "none": _("geen werk"),
    "A": _("A landbouw"),
    "B": _("B delfstoffen"),
    "C": _("C industrie"),
    "D": _("D energie"),
    "E": _("E water en afval"),
    "F": _("F bouw"),
    "G": _("G handel"),
    "H": _("H vervoer"),
    "I": _("I horeca"),
    "J": _("J informatie en communicatie"),
    "K": _("K financiële diensten"),
    "L": _("L onroerend goed"),
    "M": _("M specialistische diensten"),
    "N": _("N andere zakelijke diensten"),
    "O-Q": _("O-Q overheid, onderwijs, zorg"),
    "R-U": _("cultuur en overig"),
}
KINDS: dict[str, str | Promise] = {
    "measured": _("gepubliceerd"),
    "fitted": _("aangepast aan gepubliceerde feiten"),
    "assumed": _("aangenomen"),
}
USES: dict[str, str | Promise] = {
    "fitted": _("gebruikt bij het aanpassen"),
    "held_out": _("niet gebruikt: een toets"),
    "input": _("invoer van het model"),
    "not_simulated": _("niet nagerekend"),
}

BROKEN = "broken"
PROBLEMS: dict[str, str | Promise] = {
    "below_zero": _(
        "De regeling geeft iemand in een jaar minder dan niets. Daarmee kan niet worden gerekend."
    ),
    "too_much": _(
        "Op één rekening komt meer dan € 21 miljoen te staan. Daarmee kan niet worden gerekend."
    ),
    BROKEN: _("Er ging iets mis bij ons. Het ligt niet aan de tekst."),
}
"""Why people and years cannot be computed, by the code of the refusal."""


def caveat(scheme: str, years: str, *, has_rounds: bool, gives_nothing: bool) -> str:
    """Return why a scheme gives less in figures than people may expect of it, or nothing."""
    if has_rounds:
        return gettext(
            "‘%(scheme)s’ verdeelt geld in rondes. Rondes rekenen we hier niet door: wat mensen daaruit krijgen, "
            "staat in geen enkel getal."
        ) % {"scheme": scheme}
    if gives_nothing:
        return gettext(
            "‘%(scheme)s’ geeft in %(years)s niemand iets. Misschien loopt de regeling dan niet. Of het geld "
            "hangt af van iets wat verzonnen mensen niet doen, zoals verlof inleveren."
        ) % {"scheme": scheme, "years": years}
    return ""


def problem_in_words(code: str) -> str:
    """Return why a long run failed."""
    return str(PROBLEMS[code if code in PROBLEMS else BROKEN])


def grouping_label(grouping: str) -> str:
    """Return what people are grouped by."""
    return str(GROUPINGS[grouping])


def kind_label(kind: str) -> str:
    """Return where a figure comes from."""
    return str(KINDS[kind])


def use_label(use: str) -> str:
    """Return what a published fact was used for."""
    return str(USES[use])


def group_label(grouping: str, name: str) -> str:
    """Return what a group is called."""
    if grouping == "age":
        low, high = name.split("-")
        return str(_("%(low)s tot %(high)s jaar") % {"low": low, "high": high})
    if grouping == "hours":
        low, _to, high = name.partition("-")
        if not high:
            return str(_("%(low)s uur of meer") % {"low": low.rstrip("+")})
        if low == "0":
            return str(_("minder dan %(high)s uur") % {"high": high})
        return str(_("%(low)s tot %(high)s uur") % {"low": low, "high": high})
    if grouping == "firm_size" and name != "none":
        return str(_("%(size)s mensen") % {"size": name})
    return str(VALUES[name])
