"""Steps into sentences: the same text for the person, the employer and the lawyer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Rounding, round_fraction
from eigenwijs.schemes.facts import LABEL_TEXTS, PERSON_FACTS
from eigenwijs.schemes.types import BETWEEN_PLACES, Step
from eigenwijs.schemes.units import SMALLEST_PART, in_unit

_SENTENCES: dict[str, str | Promise] = {
    **{f"fact_{fact.name}": fact.sentence for fact in PERSON_FACTS.values()},
    "instead_contract_hours_week": _(
        "In je contract staan geen vaste uren. We rekenen met wat je gemiddeld werkte: "
        "%(value)s uur per week."
    ),
    "instead_qualification": _(
        "Je vertelde ons niet welk diploma je hebt. We rekenen alsof het dit is: %(value)s."
    ),
    "eligible": _("Deze regeling geldt voor jou."),
    "amount_year": _("Het bedrag is %(amount)s per jaar."),
    "amount_month": _("Het bedrag is %(amount)s per maand."),
    "amount_four_weeks": _("Het bedrag is %(amount)s per vier weken."),
    "amount_period": _("Het bedrag is %(amount)s per periode."),
    "amount_once": _("Het bedrag is eenmalig %(amount)s."),
    "once_before": _("Dit bedrag krijg je één keer. Je krijgt of kreeg al %(amount)s."),
    "extra": _("%(texts)s Het bedrag wordt %(amount)s."),
    "prorate_full": _(
        "Je krijgt het hele bedrag, want je zit op %(rate)s. Het hele bedrag geldt "
        "vanaf %(full_from)s."
    ),
    "prorate": _("Je krijgt een deel dat past bij je uren: %(rate)s. Dat is %(amount)s."),
    "part_of_year": _("Dit is deel %(number)s van %(of_year)s van het jaar."),
    "share_month": _(
        "Een jaar heeft 12 maanden. Deze periode is 1/%(of_year)s jaar: dat is %(amount)s."
    ),
    "share_four_weeks": _(
        "Een jaar heeft 13 keer vier weken. Deze periode is 1/%(of_year)s jaar: dat is %(amount)s."
    ),
    "spread": _(
        "Dit jaar is het opgeteld %(total)s. Daarvan telde al mee: %(earlier)s. "
        "Er komt nu %(amount)s bij."
    ),
    "spread_less": _(
        "Dit jaar is het opgeteld %(total)s. Daarvan telde al mee: %(earlier)s. "
        "Er gaat nu %(amount)s af."
    ),
    "round_up": _("Naar boven afgerond op %(smallest)s is dat %(amount)s."),
    "round_down": _("Naar beneden afgerond op %(smallest)s is dat %(amount)s."),
    "round_half_up": _("Afgerond op %(smallest)s is dat %(amount)s."),
    "round_half_even": _("Afgerond op %(smallest)s is dat %(amount)s."),
    "cap_room": _(
        "Er kan hooguit %(cap)s op je rekening staan van deze regeling. Er staat nu %(balance)s."
    ),
    "limit_balance": _(
        "Er kan hooguit %(cap)s op iemands rekening staan van deze regeling, van alle banen samen."
    ),
    "limit_year": _("Deze regeling geeft iemand hooguit %(cap)s per jaar, in alle banen samen."),
    "limit_ever": _("Deze regeling geeft iemand in totaal hooguit %(cap)s, in alle banen samen."),
    "again_before": _(
        "Dit bedrag kun je eens in de %(years)s jaar krijgen. Je krijgt of kreeg al %(amount)s."
    ),
    "limit_once": _("Dit bedrag krijgt iemand één keer, in alle banen samen."),
    "limit_again": _("Dit bedrag krijgt iemand eens in de %(years)s jaar, in alle banen samen."),
    "cap_year": _(
        "Deze regeling geeft hooguit %(cap)s per jaar. Voor dit jaar krijg of kreeg je al %(balance)s."
    ),
    "cap_ever": _(
        "Deze regeling geeft in totaal hooguit %(cap)s. Je krijgt of kreeg al %(balance)s."
    ),
    "capped": _("Meer past er niet op. Daarom komt er %(amount)s bij."),
    "credited": _("Het komt niet eerder op je rekening dan op %(day)s."),
    "expiry": _("Je kunt het %(months)s gebruiken vanaf de dag dat het erop komt."),
    "expiry_on": _(
        "Je kunt het gebruiken tot en met %(day)s. Komt het pas daarna op je rekening? Dan kun je "
        "het nog %(months)s gebruiken."
    ),
    "expiry_age": _(
        "Je kunt het gebruiken tot en met de dag voor je %(age)s wordt. Komt het pas daarna op je "
        "rekening? Dan kun je het nog %(months)s gebruiken."
    ),
    "expiry_job": _(
        "Dit geld gaat niet mee naar ander werk. Je kunt het nog %(months)s gebruiken na de "
        "laatste dag van de baan waarvan je het kreeg."
    ),
    "expiry_year": _(
        "Je kunt het gebruiken tot en met 31 december van het jaar waarin het erop komt."
    ),
    "expiry_years": _(
        "Je kunt het gebruiken tot en met 31 december, %(years)s jaar na het jaar waarin het "
        "erop komt."
    ),
    "corrected": _(
        "Je werkgever verbeterde deze periode. Eerst was het %(before)s. Het verschil is "
        "%(amount)s."
    ),
    "advance": _("Er komt %(amount)s voorschot bij. Dat gaat later af van wat nog komt."),
    "advance_set_off": _("Er gaat %(amount)s af: dat kwam al eerder als voorschot."),
    "set_off": _("Eerder kreeg je van deze betaler %(amount)s te veel. Dat gaat hiervan af."),
    "won_by_lot": _(
        "Je ticket %(ticket)s won in de loting ‘%(round)s’. Iedereen kan de uitslag narekenen."
    ),
    "came_in_time": _(
        "Je aanvraag in ‘%(round)s’ kwam op tijd, op volgorde van aankomst. Je ticket is %(ticket)s."
    ),
    "not_employed": _("Je was in deze periode niet in dienst."),
    "not_delivered": _("Je werkgever leverde je bij de verbetering niet meer aan."),
    "correctable": _("Was het te veel? Dan kan wat je nog niet gebruikte %(days)s lang terug."),
}


def explain(steps: Iterable[Step], language: str, *, unit: str = "EUR") -> list[str]:
    """Return one sentence a step in `language` (nl or en), each ending with its article.

    `unit` is what the scheme counts.
    """
    with translation.override(language):
        return [_sentence(step, language, unit) for step in steps]


def _sentence(step: Step, language: str, unit: str) -> str:
    if step.code == "not_eligible":
        sentence = str(step.params["texts"][language])
    else:
        code = step.code
        if code == "spread" and step.params["amount"] < 0:
            code = "spread_less"
        values = {name: _shown(name, value, unit) for name, value in step.params.items()}
        sentence = str(_SENTENCES[code]) % {**values, "smallest": SMALLEST_PART[unit]}
    if step.article:
        sentence += f" ({place(step.article)})"
    return sentence


_NUMBER = re.compile(r"\d[\w.:-]*( lid \d+)?")


def place(article: str) -> str:
    """Return where a rule stands, as people say it.

    A number is an article, of an address on the web only the site is named, and anything else is a
    place that says itself what it is. Of more places each is said.
    """
    return BETWEEN_PLACES.join(_place(one) for one in article.split(BETWEEN_PLACES))


def _place(article: str) -> str:
    if _NUMBER.fullmatch(article):
        return str(_("artikel %(number)s")) % {"number": article}
    return urlsplit(article).netloc or article


def _shown(name: str, value: Any, unit: str) -> str:
    if name in _AMOUNTS:
        hundredths = round_fraction(Fraction(value), Rounding.HALF_UP)
        return in_unit(abs(hundredths) if name == "amount" else hundredths, unit)
    return _SHOWN.get(name, _figure)(value)


def _label_or_number(value: Any) -> str:
    return str(LABEL_TEXTS[value]) if value in LABEL_TEXTS else _figure(value)


def _figure(value: Any) -> str:
    """Write a number with at most two decimals, in the active language's notation."""
    hundredths = round_fraction(Fraction(value) * 100, Rounding.HALF_UP)
    whole, part = divmod(hundredths, 100)
    decimals = f"{part:02d}".rstrip("0")
    comma = "," if wording.is_dutch() else "."
    return f"{whole}{comma}{decimals}" if decimals else str(whole)


def _percentage(value: Any) -> str:
    return f"{_figure(Fraction(value) * 100)}%"


_AMOUNTS = frozenset({"amount", "total", "earlier", "cap", "balance", "before"})
_SHOWN: Mapping[str, Callable[[Any], str]] = {
    "rate": _percentage,
    "full_from": _percentage,
    "value": _label_or_number,
    "months": wording.months,
    "days": lambda value: wording.days(value * 100),
    "day": lambda value: wording.day(date.fromisoformat(value)),
    "ticket": str,
    **dict.fromkeys(
        ("round", "texts"), lambda value: str(value["nl" if wording.is_dutch() else "en"])
    ),
}
