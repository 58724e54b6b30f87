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
from eigenwijs.notices.lifecycle import NOTICE
from eigenwijs.notices.types import ParamValue

_PLACE = re.compile(r"%\((\w+)\)s")


class Channel(StrEnum):
    """How a notice leaves the house, besides standing in the app. A letter goes only where mail cannot,
    unless it is the only channel."""

    MAIL = "mail"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Kind:
    """The words of one kind of notice, and its channels.

    `is_about_access`: it may be the first that an owner hears of somebody else in their file, so it
    also goes to the address in the file, which an employer may have delivered. It holds no amounts.
    """

    title: str | Promise
    body: str | Promise
    channels: tuple[Channel, ...] = (Channel.MAIL,)
    is_about_access: bool = False

    @property
    def first_state(self) -> str:
        """The state in which a notice of this kind begins."""
        if not self.channels:
            return "in_app"
        return NOTICE.initial if Channel.MAIL in self.channels else "letter_due"

    @property
    def places(self) -> frozenset[str]:
        """The names of the parameters that the words need."""
        return frozenset(_PLACE.findall(f"{self.title} {self.body}"))


IN_APP: tuple[Channel, ...] = ()
MAIL = (Channel.MAIL,)
MAIL_OR_LETTER = (Channel.MAIL, Channel.LETTER)
LETTER = (Channel.LETTER,)

KINDS: dict[str, Kind] = {
    "file_claimed": Kind(
        _("Je leerrekening is van jou"),
        _(
            "Je leerrekening is geopend met de code uit je brief. Was jij dat niet? "
            "Laat het ons meteen weten."
        ),
        MAIL_OR_LETTER,
        is_about_access=True,
    ),
    "files_joined": Kind(
        _("Je rekeningen zijn samengevoegd"),
        _(
            "Een tweede dossier hoort nu bij je leerrekening. Alles wat erin stond, vind je terug. "
            "Deed jij dit niet? Laat het ons meteen weten."
        ),
        MAIL_OR_LETTER,
        is_about_access=True,
    ),
    "owner_confirmed": Kind(
        _("Je leerrekening is nu helemaal open"),
        _(
            "De hulp zag een bewijs dat deze leerrekening van jou is. Je kunt nu geld uitgeven. "
            "Was jij dat niet? Laat het ons meteen weten."
        ),
        MAIL_OR_LETTER,
        is_about_access=True,
    ),
    "recovery_asked": Kind(
        _("Iemand vroeg een nieuwe code voor je aan"),
        _(
            "De hulp vroeg een brief aan waarmee je weer in je rekening komt. Een tweede persoon moet "
            "nog ja zeggen. Vroeg jij hier niet om? Laat het ons meteen weten."
        ),
        MAIL,
        is_about_access=True,
    ),
    "person_corrected": Kind(
        _("Je naam of geboortedatum is verbeterd"),
        _("De hulp heeft je gegevens verbeterd. Klopt dit niet? Laat het ons meteen weten."),
        MAIL_OR_LETTER,
    ),
    "recovery_code_issued": Kind(
        _("Er is een brief met een nieuwe code voor je"),
        _(
            "Met die code en je geboortedatum kom je weer in je rekening. De brief gaat naar je adres. "
            "Vroeg jij hier niet om? Laat het ons meteen weten."
        ),
        MAIL,
        is_about_access=True,
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
    "money_arrived_with_job": Kind(
        _("Er is geld bij gekomen"),
        _(
            "%(payer)s zet %(amount_cents)s op je leerrekening. Dit geld gaat niet mee naar ander werk. "
            "Je kunt het gebruiken zolang je baan bij %(employer)s duurt. Na je laatste dag daar kun je "
            "het nog %(months)s maanden gebruiken."
        ),
        MAIL,
    ),
    "money_ends_with_job": Kind(
        _("Een deel van je geld eindigt na je baan"),
        _(
            "De laatste dag van je baan bij %(employer)s is %(last_on)s. Je hebt nog %(amount_cents)s van "
            "%(payer)s. Dat geld gaat niet mee: je kunt het gebruiken tot en met %(until_on)s. Boek je "
            "voor die dag een cursus? Dan telt het geld mee."
        ),
        MAIL_OR_LETTER,
    ),
    "money_stays_with_job": Kind(
        _("Je geld blijft geldig"),
        _(
            "Je baan bij %(employer)s gaat door of begint weer. Wat je nog hebt van %(payer)s, blijft "
            "daarom geldig zolang die baan duurt. Wat al verlopen was, komt niet terug."
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
    "money_lapsed_to_employer": Kind(
        _("Een deel van je geld is verlopen"),
        _(
            "Je had nog %(amount_cents)s van %(payer)s. De laatste dag daarvan is voorbij. Dit geld gaat "
            "na het einde van het jaar terug naar %(receiver)s, samen met dat van anderen. Is het van "
            "minder dan tien mensen? Dan gaat het naar %(fund)s."
        ),
        MAIL,
    ),
    "booking_requested": Kind(
        _("We vroegen je cursus aan"),
        _(
            "Je koos %(title)s bij %(provider)s, start %(starts_on)s. De opleider antwoordt "
            "uiterlijk %(answer_on)s. Het geld staat zolang voor je vast."
        ),
    ),
    "booking_confirmed": Kind(
        _("Je hebt een plaats"),
        _(
            "%(provider)s bevestigde %(title)s, start %(starts_on)s. Je kunt je nog bedenken tot en "
            "met %(until_on)s. Begint de cursus eerder? Dan betaal je alleen wat al gegeven is."
        ),
    ),
    "booking_declined": Kind(
        _("De opleider heeft geen plaats voor je"),
        _(
            "%(title)s bij %(provider)s gaat voor jou niet door. Al je geld staat weer op je "
            "leerrekening. Je kunt een andere start of een andere cursus kiezen."
        ),
    ),
    "booking_lapsed": Kind(
        _("De opleider gaf geen antwoord"),
        _(
            "%(provider)s antwoordde niet op tijd over %(title)s. Al je geld staat weer op je "
            "leerrekening. Je kunt een andere cursus kiezen."
        ),
    ),
    "booking_left": Kind(
        _("Je hebt de cursus afgezegd"),
        _(
            "%(title)s bij %(provider)s is afgezegd. De kosten zijn %(cost_cents)s. De rest van het "
            "geld staat weer op je leerrekening."
        ),
    ),
    "booking_left_money_ends": Kind(
        _("Je hebt de cursus afgezegd"),
        _(
            "%(title)s bij %(provider)s is afgezegd. De kosten zijn %(cost_cents)s. Van het geld dat "
            "terugkomt is %(ending_cents)s over de datum: dat kun je niet meer gebruiken. De rest "
            "staat weer op je leerrekening."
        ),
    ),
    "booking_called_off": Kind(
        _("De opleider zegt de cursus af"),
        _(
            "%(title)s bij %(provider)s gaat niet door. Het kost je niets: al het geld staat weer op "
            "je leerrekening. Betaalde je zelf iets aan de opleider? Vraag dat daar terug."
        ),
        MAIL_OR_LETTER,
    ),
    "start_asked": Kind(
        _("Is je cursus begonnen?"),
        _(
            "%(title)s bij %(provider)s zou beginnen op %(starts_on)s. Laat ons weten of dat zo is. "
            "De opleider krijgt pas geld als jij ja zegt."
        ),
    ),
    "start_asked_again": Kind(
        _("We weten nog niet of je cursus begon"),
        _(
            "%(title)s bij %(provider)s zou beginnen op %(starts_on)s. Je boeking heeft nummer "
            "%(number)s. Antwoord op de website, of bel ons. Anders bellen wij jou."
        ),
        LETTER,
    ),
    "start_decided": Kind(
        _("Er is een besluit over je cursus"),
        _(
            "Iemand van ons keek naar je cursus %(title)s. Lees het besluit bij je boekingen. "
            "Niet mee eens? Zeg dat dan uiterlijk %(until_on)s."
        ),
        MAIL_OR_LETTER,
    ),
    "objection_decided": Kind(
        _("Er is opnieuw naar je cursus gekeken"),
        _(
            "Je was het niet eens met het besluit over %(title)s. Een andere collega keek ernaar. "
            "Lees bij je boekingen wat het is geworden, en waarom."
        ),
        MAIL_OR_LETTER,
    ),
    "booking_called_off_halfway": Kind(
        _("De opleider stopt met je cursus"),
        _(
            "%(title)s bij %(provider)s gaat niet verder. De opleider kreeg al %(kept_cents)s. %(back_cents)s "
            "staat weer op je leerrekening. Betaalde je zelf iets aan de opleider? Vraag dat daar terug."
        ),
        MAIL_OR_LETTER,
    ),
    "completion_asked": Kind(
        _("Is je cursus afgerond?"),
        _(
            "%(title)s bij %(provider)s is voorbij. Laat ons weten of je hem hebt afgerond. Een deel van het "
            "geld krijgt de opleider pas dan."
        ),
    ),
    "completion_said": Kind(
        _("Je cursus is afgerond, zegt de opleider"),
        _(
            "%(provider)s zegt dat je %(title)s hebt afgerond. Klopt dat niet? Zeg het uiterlijk "
            "%(until_on)s. Daarna krijgt de opleider de rest van het geld."
        ),
        MAIL_OR_LETTER,
    ),
    "completion_not_enough": Kind(
        _("De opleider zegt dat je de cursus niet hebt afgerond"),
        _(
            "%(provider)s zegt dat je te weinig van %(title)s hebt gevolgd. Klopt dat niet? Zeg het op de "
            "bladzijde van je boeking. Iemand van ons belt je en besluit dan. Jij hoeft niets te betalen."
        ),
        MAIL_OR_LETTER,
    ),
    "completion_decided": Kind(
        _("Een besluit over het eind van je cursus"),
        _(
            "We besloten of je %(title)s hebt afgerond. Lees waarom. Ben je het er niet mee eens? Zeg het "
            "uiterlijk %(until_on)s."
        ),
        MAIL_OR_LETTER,
    ),
    "completion_objection_decided": Kind(
        _("Het besluit op je bezwaar"),
        _("Iemand anders keek naar het eind van %(title)s en besloot. Lees waarom."),
        MAIL_OR_LETTER,
    ),
    "booking_not_completed": Kind(
        _("Er staat geld terug op je leerrekening"),
        _(
            "We besloten dat %(title)s niet is afgerond. %(back_cents)s staat weer op je leerrekening. Dat deel "
            "hoef je %(provider)s niet te betalen."
        ),
        MAIL_OR_LETTER,
    ),
    "booking_not_completed_at_provider": Kind(
        _("Een cursus is niet afgerond"),
        _(
            "Voor boeking %(number)s van %(title)s is besloten dat de cursus niet is afgerond. De rest van "
            "het geld gaat terug. De deelnemer is je dat deel niet schuldig."
        ),
    ),
    "booking_completed": Kind(
        _("Je cursus is afgerond"),
        _("%(provider)s zegt dat je %(title)s hebt afgerond. Klopt dat niet? Laat het ons weten."),
    ),
    "booking_paid": Kind(
        _("De opleider is betaald"),
        _("%(provider)s kreeg %(amount_cents)s voor %(title)s, betaald van je leerrekening."),
        IN_APP,
    ),
    "booking_to_answer": Kind(
        _("Een nieuwe aanvraag"),
        _(
            "Iemand wil meedoen aan %(title)s, start %(starts_on)s. Antwoord uiterlijk %(answer_on)s, "
            "anders vervalt de aanvraag."
        ),
    ),
    "booking_left_by_participant": Kind(
        _("Een deelnemer zegt af"),
        _("Boeking %(number)s voor %(title)s, start %(starts_on)s, is afgezegd."),
    ),
    "booking_lapsed_at_provider": Kind(
        _("Een aanvraag is vervallen"),
        _(
            "Je antwoordde niet op tijd op boeking %(number)s voor %(title)s. De deelnemer heeft zijn "
            "of haar geld terug."
        ),
    ),
    "payout_came_back": Kind(
        _("Een betaling kwam terug van de bank"),
        _(
            "Het geld voor boeking %(number)s kwam terug. Kijk of je rekeningnummer klopt en vraag "
            "dan bij Uitbetalingen om het opnieuw te betalen."
        ),
    ),
    "round_entered": Kind(
        _("Je doet mee aan %(title)s"),
        _(
            "Je vraagt %(amount_cents)s. Je ticket is %(ticket)s. Je hoeft niets te doen tot "
            "%(result_on)s. Vroeg of laat meedoen maakt geen verschil: we loten eerlijk."
        ),
    ),
    "round_won": Kind(
        _("Je hebt gewonnen bij %(title)s"),
        _(
            "Er staat %(amount_cents)s van %(payer)s voor je klaar. Boek er een cursus mee, of zeg "
            "alvast ja, tot en met %(until_on)s. Anders gaat het naar de volgende op de wachtlijst."
        ),
        MAIL_OR_LETTER,
    ),
    "round_withdrawn": Kind(
        _("%(title)s gaat niet door"),
        _(
            "Je deed mee aan deze ronde. Ze is ingetrokken voor ze sloot. Je hoeft niets te doen. Dit telt "
            "niet mee voor een volgende ronde. De reden: %(reason)s"
        ),
        MAIL_OR_LETTER,
    ),
    "place_claimed": Kind(
        _("Je aanvraag bij %(title)s is gelukt"),
        _(
            "Er staat %(amount_cents)s van %(payer)s voor je klaar. Zeg ja tot en met %(until_on)s. "
            "Dan staat het op je leerrekening. Zonder ja gaat het naar iemand anders."
        ),
        MAIL_OR_LETTER,
    ),
    "round_lost": Kind(
        _("De uitslag van %(title)s"),
        _("Je hebt deze keer niet gewonnen. Iedereen kan de uitslag narekenen op de website."),
        MAIL_OR_LETTER,
    ),
    "round_lost_counts_next_time": Kind(
        _("De uitslag van %(title)s"),
        _(
            "Je hebt deze keer niet gewonnen. Doe je de volgende keer weer mee? Dan telt je ticket "
            "vaker. Iedereen kan de uitslag narekenen op de website."
        ),
        MAIL_OR_LETTER,
    ),
    "round_reserve": Kind(
        _("Je staat op de wachtlijst van %(title)s"),
        _(
            "Je bent nummer %(rank)s. Komt er geld vrij, dan hoor je dat meteen. De wachtlijst loopt "
            "tot en met %(until_on)s. Je hoeft niets te doen."
        ),
        MAIL_OR_LETTER,
    ),
    "place_moved_up": Kind(
        _("Er is geld voor je vrijgekomen bij %(title)s"),
        _(
            "Je stond op de wachtlijst. Nu staat er %(amount_cents)s van %(payer)s voor je klaar. Boek "
            "er een cursus mee, of zeg alvast ja, tot en met %(until_on)s."
        ),
        MAIL_OR_LETTER,
    ),
    "place_ends_soon": Kind(
        _("Zeg op tijd ja tegen je geld"),
        _(
            "Bij %(title)s staat nog %(amount_cents)s voor je klaar. Boek er een cursus mee, of zeg "
            "ja, tot en met %(until_on)s. Daarna gaat het naar iemand anders."
        ),
        MAIL_OR_LETTER,
    ),
    "place_lapsed": Kind(
        _("Je plaats bij %(title)s is vervallen"),
        _(
            "Je zei geen ja tot en met %(until_on)s. De %(amount_cents)s gaat naar iemand "
            "anders. Klopt dit niet? Laat het ons weten."
        ),
        MAIL_OR_LETTER,
    ),
    "delivery_refused": Kind(
        _("Je salarisbestand is niet verwerkt"),
        _(
            "Je bevestigde een groot salarisbestand. Voor we het verwerkten, veranderde er iets in "
            "de bedragen. Er is niets geboekt. Lever het bestand opnieuw aan en kijk het na."
        ),
        MAIL,
    ),
    "courses_refused": Kind(
        _("Je cursusbestand staat niet in de catalogus"),
        _(
            "Je zei ja tegen een groot cursusbestand. Voor we het verwerkten, veranderde er iets in je "
            "cursussen. Er is niets overgenomen. Kijk bij Cursussen aanleveren wat er nu fout is en "
            "lever het bestand opnieuw aan."
        ),
        MAIL,
    ),
    "payment_overdue": Kind(
        _("Een nota is nog niet helemaal betaald"),
        _(
            "Van nota %(reference)s staat nog %(open_cents)s open. De laatste dag was %(due_on)s. "
            "Zolang krijgen je medewerkers dit geld niet."
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
