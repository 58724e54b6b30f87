"""Notices about time to learn."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from eigenwijs.notices.kind import MAIL, MAIL_OR_LETTER, Kind

TIME: dict[str, Kind] = {
    "time_arrived": Kind(
        _("Er is tijd om te leren bij gekomen"),
        _(
            "Via %(employer)s kreeg je er %(amount_time)s bij om te leren. Jij kiest op welke dag je die "
            "gebruikt."
        ),
        MAIL,
    ),
    "time_arrived_with_end": Kind(
        _("Er is tijd om te leren bij gekomen"),
        _(
            "Via %(employer)s kreeg je er %(amount_time)s bij om te leren. Jij kiest op welke dag je die "
            "gebruikt, tot en met %(until_on)s."
        ),
        MAIL,
    ),
    "time_lapsing": Kind(
        _("Een deel van je tijd om te leren loopt bijna af"),
        _(
            "Je hebt nog %(amount_time)s om te leren tot en met %(until_on)s. Kies op tijd een dag: je "
            "werkgever heeft twee weken om te antwoorden."
        ),
        MAIL_OR_LETTER,
    ),
    "time_asked": Kind(
        _("Een medewerker koos een dag om te leren"),
        _(
            "Kijk bij Tijd om te leren wie het is en welke dag. Zeg je niets tot en met %(answer_by_on)s? Dan "
            "gaat de dag door."
        ),
        MAIL,
    ),
    "time_taken_back": Kind(
        _("Een medewerker trok een dag om te leren in"),
        _("Op %(day_on)s is er iemand meer aan het werk. Kijk bij Tijd om te leren."),
        MAIL,
    ),
    "time_stands": Kind(
        _("Je dag om te leren gaat door"),
        _("Op %(day_on)s kun je %(amount_time)s leren. Je baan is die dag bij %(employer)s."),
        MAIL,
    ),
    "time_refused": Kind(
        _("Je dag om te leren kan niet doorgaan"),
        _(
            "%(employer)s zegt dat %(day_on)s niet kan. Je houdt je %(amount_time)s: kies een andere dag. Ben "
            "je het niet eens? Vraag ons om hulp."
        ),
        MAIL_OR_LETTER,
    ),
    "time_free_again": Kind(
        _("Je houdt je tijd om te leren"),
        _(
            "Je baan bij %(employer)s is op %(day_on)s voorbij. Je houdt je %(amount_time)s. Je kunt ze "
            "gebruiken bij een werkgever die ook meedoet."
        ),
        MAIL,
    ),
}
