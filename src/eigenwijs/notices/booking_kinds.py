"""The kinds of notice about bookings; see `kinds`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from eigenwijs.notices.kind import IN_APP, LETTER, MAIL_OR_LETTER, Kind

BOOKINGS: dict[str, Kind] = {
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
    "start_proposed": Kind(
        _("De opleider stelt een andere start voor"),
        _(
            "Bij %(title)s van %(provider)s is voor jou geen plaats op %(starts_on)s, wel op %(other_on)s. Wil je "
            "dat? Zeg het uiterlijk %(until_on)s. Zeg je niets, dan gaat het niet door en is je geld weer vrij."
        ),
        MAIL_OR_LETTER,
    ),
    "proposal_lapsed": Kind(
        _("Je koos geen andere start"),
        _(
            "%(provider)s stelde voor %(title)s een andere start voor. Je zei niets, dus het gaat niet door. Dat "
            "kost niets: al je geld staat weer op je leerrekening."
        ),
    ),
    "proposal_taken": Kind(
        _("Een deelnemer neemt de andere start"),
        _("Boeking %(number)s voor %(title)s, start %(starts_on)s, is bevestigd."),
    ),
    "proposal_lapsed_at_provider": Kind(
        _("Een deelnemer nam de andere start niet"),
        _("Boeking %(number)s voor %(title)s is vervallen. De plaats is weer vrij."),
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
    "halfway_asked": Kind(
        _("Volg je je cursus nog?"),
        _(
            "%(title)s bij %(provider)s is halverwege. Laat ons weten of je de cursus nog volgt. Een deel van "
            "het geld krijgt de opleider pas als jij ja zegt."
        ),
    ),
    "halfway_said": Kind(
        _("Je volgt je cursus nog, zegt de opleider"),
        _(
            "%(provider)s zegt dat je %(title)s nog volgt. Laat ons weten of dat klopt. Een deel van het geld "
            "krijgt de opleider pas als jij ja zegt. Zeg je niets, dan bellen we je."
        ),
        MAIL_OR_LETTER,
    ),
    "halfway_decided": Kind(
        _("Een besluit over het midden van je cursus"),
        _(
            "We besloten of je %(title)s halverwege nog volgde. Lees waarom. Ben je het er niet mee eens? Zeg "
            "het uiterlijk %(until_on)s."
        ),
        MAIL_OR_LETTER,
    ),
    "halfway_objection_decided": Kind(
        _("Het besluit op je bezwaar"),
        _("Iemand anders keek of je %(title)s halverwege nog volgde en besloot. Lees waarom."),
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
            "%(provider)s zegt dat je %(title)s hebt afgerond. Laat ons weten of dat klopt. De rest van het "
            "geld krijgt de opleider pas als jij ja zegt. Zeg je niets, dan bellen we je."
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
            "We besloten over %(title)s: gestopt of niet afgerond. Lees waarom bij je boeking. %(back_cents)s "
            "staat weer op je leerrekening. Dat deel hoef je %(provider)s niet te betalen."
        ),
        MAIL_OR_LETTER,
    ),
    "booking_not_completed_at_provider": Kind(
        _("Een cursus is gestopt of niet afgerond"),
        _(
            "Het besluit over boeking %(number)s van %(title)s is: gestopt of niet afgerond. De rest van "
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
}
