"""Every kind of notice as data: its words and how it leaves the house.

A place in the words is the name of a parameter. What ends in `_cents` is shown as an amount, in `_time`
(`hours:750`) as hours or days, in `_on` (an ISO date) as a day, in `_at` (an ISO moment) as a day and time,
`months` as months. A kind that was ever told stays here, or the notices of that time can no longer be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money
from eigenwijs.notices.booking_kinds import BOOKINGS
from eigenwijs.notices.kind import MAIL, MAIL_OR_LETTER, Kind
from eigenwijs.notices.time_kinds import TIME
from eigenwijs.notices.types import ParamValue

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
            "het nog %(months)s gebruiken."
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
    **BOOKINGS,
    **TIME,
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
    "place_passed_on": Kind(
        _("Je plek bij %(title)s is weer vrij"),
        _(
            "Je kreeg dit jaar al geld uit deze regeling. Meer dan één keer per jaar kan niet. De "
            "%(amount_cents)s van deze ronde krijg je daarom niet. Je hoeft niets te doen. In een ronde van "
            "volgend jaar kun je weer meedoen."
        ),
        MAIL_OR_LETTER,
    ),
    "place_of_joined_file": Kind(
        _("Je houdt één plek bij %(title)s"),
        _(
            "Je rekeningen zijn samengevoegd. Daardoor had je twee plekken in deze ronde. Iedereen krijgt er één. "
            "De plek met %(amount_cents)s gaat daarom naar iemand anders. Je andere plek houd je. Zei je daar nog "
            "geen ja? Doe dat dan op tijd."
        ),
        MAIL_OR_LETTER,
    ),
    "round_had_money": Kind(
        _("Je doet niet meer mee aan %(title)s"),
        _(
            "Je kreeg dit jaar al geld uit deze regeling. Meer dan één keer per jaar kan niet. Daarom krijg "
            "je in deze ronde niets. Je hoeft niets te doen. In een ronde van volgend jaar kun je weer meedoen."
        ),
        MAIL_OR_LETTER,
    ),
    "scheme_changes": Kind(
        _("Nieuwe regels voor je leerbudget"),
        _(
            "Vanaf %(starts_on)s krijgt de regeling ‘%(title)s’ nieuwe regels. Daardoor verandert hoeveel geld "
            "jij krijgt. Op je startpagina lees je wat je dan krijgt, en wie je kan helpen. Geld dat al op je "
            "rekening staat, verandert niet."
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


_TIMES = {"hours": wording.hours, "days": wording.days}


def words(kind: str, params: Mapping[str, ParamValue]) -> tuple[str, str]:
    """Return title and body in the language in force."""
    known = KINDS[kind]
    shown = {name: _shown(name, value) for name, value in params.items()}
    return str(known.title) % shown, str(known.body) % shown


def _shown(name: str, value: ParamValue) -> str:
    if name.endswith("_cents"):
        return wording.money(Money(int(value)))
    if name.endswith("_time"):
        unit, _separator, hundredths = str(value).partition(":")
        return _TIMES[unit](int(hundredths))
    if name.endswith("_on"):
        return wording.day(date.fromisoformat(str(value)))
    if name.endswith("_at"):
        return wording.moment(datetime.fromisoformat(str(value)))
    if name == "months":
        return wording.months(int(value))
    return str(value)
