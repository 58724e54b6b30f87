"""What the rules of a round must hold to before they may be published. Pure but for reading schemes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from eigenwijs.draws import agreed
from eigenwijs.draws.types import FirstCome, Fit, RoundRules
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.schemes import queries as schemes

LIMITS = schemes.ceiling_limits
MOST_RESERVE = 100_000
ACCEPT_DAYS = range(LIMITS.LEAST_DAYS_TO_ACCEPT, LIMITS.MOST_DAYS_TO_ACCEPT + 1)
DAYS_TO_BEACON = timedelta(days=1)

_MESSAGES = {
    "title_missing": _("Vul een naam in, in het Nederlands en in het Engels."),
    "who_missing": _(
        "Vul in woorden in voor wie deze ronde is, in het Nederlands en in het Engels."
    ),
    "not_a_fund": _("Kies een fonds of andere betaler. Een werkgever kan geen ronde betalen."),
    "not_in_force": _("Deze regeling geldt nog niet op de dag dat de ronde opent."),
    "not_portable": _(
        "Geld van deze regeling hoort bij een baan, en geld uit een ronde niet. Kies een andere regeling."
    ),
    "wrong_pot": _("Vul een bedrag in dat hoger is dan nul en hooguit € 1.000.000.000,00."),
    "wrong_amounts": _(
        "Het minste en het meeste dat iemand kan vragen passen niet bij elkaar of bij de pot."
    ),
    "wrong_window": _("De laatste dag om mee te doen ligt voor de eerste dag."),
    "too_late": _("De eerste dag is al voorbij. Kies een dag die nog komt."),
    "wrong_reserve_until": _(
        "De wachtlijst moet langer lopen dan de ronde en de tijd om ja te zeggen."
    ),
    "wrong_accept_days": _("Geef winnaars 7 tot 92 dagen om ja te zeggen."),
    "wrong_reserve_places": _("De wachtlijst heeft 0 tot 100.000 plaatsen."),
    "wrong_groups": _(
        "Er is 1 tot 6 groepen. De laatste is voor iedereen en heeft geen voorwaarde, de andere wel."
    ),
    "wrong_weight": _("Een gewicht is een heel getal van 1 tot en met 10."),
    "wrong_share": _("Een deel is 0 tot en met 100 procent. Samen is het hooguit 100."),
    "wrong_carry_over": _("Pech telt 0 tot en met 5 per ronde, voor hooguit 5 rondes."),
    "wrong_beacon": _(
        "Het openbare getal moet ten minste een dag na het sluiten vallen. Vul ook in wie het "
        "publiceert en het nummer."
    ),
    "law_missing": _(
        "Vul in welke tekst van de wet de volgorde van aankomst eist. Zonder zo'n wet loten we."
    ),
    "wrong_opening": _(
        "Na de wachtkamer en het openbare getal opent de ronde, en binnen de tijd van de wachtlijst."
    ),
    "wrong_first_come": _(
        "Op volgorde van aankomst telt iedereen even vaak mee: één groep, gewicht 1, geen eigen deel, "
        "geen pech. Een aanvraag die niet past, slaan we over."
    ),
    "other_order": _(
        "De regeling zegt zelf of we loten of de volgorde van aankomst volgen. Maak de ronde uit de regeling."
    ),
    "other_window": _("De regeling noemt andere dagen: %(agreed)s."),
    "other_pot": _("De regeling verdeelt in deze dagen %(agreed)s."),
    "other_amounts": _("Volgens de regeling vraagt iemand %(least)s tot %(most)s."),
    "other_who": _("De regeling zegt zelf voor wie een ronde is. Maak de ronde uit de regeling."),
    "other_groups": _(
        "De regeling zegt zelf welke groepen voorgaan en hoeveel. Maak de ronde uit de regeling."
    ),
    "other_fit": _("De regeling zegt iets anders over een aanvraag die niet meer past."),
    "other_bad_luck": _("De regeling zegt zelf of eerdere pech meetelt, en hoeveel."),
    "other_once": _(
        "De regeling zegt zelf of iemand in meer rondes van een jaar geld kan krijgen. Maak de ronde uit de "
        "regeling."
    ),
    "window_taken": _("Voor deze dagen van de regeling is er al een ronde."),
    "not_funded": _("Het geld voor deze ronde is er nog niet."),
    "money_received": _("Er is al geld binnen voor deze ronde. Ze kan niet meer weg."),
    "wrong_state": _("Dit kan nu niet meer: de ronde is al verder."),
    "not_found": _("Deze ronde is er niet."),
}


class UnableToMakeRound(DomainError):
    """The rules cannot be those of a round, or it is too far to change. The codes are above.

    Also unusable_condition, from schemes; `params["field"]` then says where: who, or a group's id.
    """

    def __init__(self, code: str, message: object = "", **params: object) -> None:
        super().__init__(code, message or _MESSAGES[code], params)


def check(of: RoundRules, *, on: date) -> None:
    """Check all rules on a day; raises UnableToMakeRound with the first that does not hold."""
    for code, is_wrong in _wrongs(of, on):
        if is_wrong:
            raise UnableToMakeRound(code)
    for field, condition in [("who", of.when), *((one.id, one.when) for one in of.groups)]:
        try:
            schemes.check_person_condition(condition)
        except schemes.UnusableCondition as error:
            raise UnableToMakeRound(
                error.code, error.message, **error.params, field=field
            ) from error
    try:
        version = schemes.version_in_force(of.scheme, of.opens_on)
    except schemes.UnableToFindVersion as error:
        raise UnableToMakeRound("not_in_force") from error
    if not schemes.is_portable(version.hash):
        raise UnableToMakeRound("not_portable")
    for code, params in agreed.departures(of, agreed.windows(version)):
        raise UnableToMakeRound(code, **params)


def _wrongs(of: RoundRules, on: date) -> Iterator[tuple[str, bool]]:
    *agreed, everyone = of.groups or (None,)
    names = [one.id for one in of.groups]
    last_accept = of.closes_on + timedelta(days=of.accept_days)
    yield "title_missing", not _says(of.title)
    yield "who_missing", not _says(of.who)
    yield "wrong_pot", not Money.zero() < of.pot <= LIMITS.MOST_POT
    yield "wrong_amounts", not Money.zero() < of.least <= of.most <= of.pot
    yield "wrong_window", of.closes_on < of.opens_on
    yield "too_late", of.opens_on < on
    yield "wrong_accept_days", of.accept_days not in ACCEPT_DAYS
    yield "wrong_reserve_until", of.reserve_until <= last_accept
    yield "wrong_reserve_places", not 0 <= of.reserve_places <= MOST_RESERVE
    yield (
        "wrong_groups",
        everyone is None
        or bool(everyone.when)
        or not all(one and one.when for one in agreed)
        or len(set(names)) < len(names)
        or len(names) > LIMITS.MOST_GROUPS
        or not all(_is_name(one.id) and _says(one.title) for one in of.groups),
    )
    yield "wrong_weight", not all(1 <= one.weight <= LIMITS.MOST_WEIGHT for one in of.groups)
    shares = [one.share_percent for one in of.groups]
    yield "wrong_share", not (all(share >= 0 for share in shares) and sum(shares) <= 100)
    carry = of.carry_over
    bad_luck = range(LIMITS.MOST_BAD_LUCK + 1)
    yield "wrong_carry_over", not (carry.step in bad_luck and carry.most in bad_luck)
    closes_at = start_of_day(of.closes_on + timedelta(days=1))
    beacon = of.beacon
    yield (
        "wrong_beacon",
        beacon is not None
        and not (beacon.source and beacon.round and beacon.falls_at >= closes_at + DAYS_TO_BEACON),
    )
    if of.first_come:
        yield from _wrongs_of_first_come(of, of.first_come, closes_at)


def _wrongs_of_first_come(
    of: RoundRules, terms: FirstCome, closes_at: datetime
) -> Iterator[tuple[str, bool]]:
    earliest = of.beacon.falls_at if of.beacon else closes_at
    last_accept = local_date(terms.opens_at) + timedelta(days=of.accept_days)
    is_plain = of.groups[0].weight == 1 and of.groups[0].share_percent == 0
    yield "law_missing", not terms.law.strip()
    yield "wrong_opening", terms.opens_at < earliest or last_accept >= of.reserve_until
    yield (
        "wrong_first_come",
        len(of.groups) != 1 or not is_plain or of.carry_over.step != 0 or of.fit is not Fit.SKIP,
    )


def _is_name(text: str) -> bool:
    return text.isascii() and text.replace("_", "").isalnum()


def _says(text: object) -> bool:
    return isinstance(text, dict) and all(
        text.get(language, "").strip() for language in ("nl", "en")
    )
