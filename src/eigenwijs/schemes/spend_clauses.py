"""What money is for, and how much of a course it pays, as clauses. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.clause_parts import answer, clause, in_cases, said_so
from eigenwijs.schemes.phrasing import amount, condition
from eigenwijs.schemes.spend_blocks import Completion, Exemption, Milestones
from eigenwijs.schemes.types import Clause


def purpose(scheme: Scheme) -> Iterator[Clause]:
    """Say what the money is for, and how much of a course it pays."""
    yield clause(
        scheme.spend,
        gettext("Het is alleen voor leren voor werk, nu of later.")
        if scheme.spend.work_related_only
        else gettext("Het is voor alles wat je wilt leren."),
    )
    for limit in scheme.spend.only:
        yield clause(
            limit,
            gettext("Je kunt het alleen gebruiken voor een cursus als dit klopt: %(condition)s.")
            % {"condition": condition(limit.when, scheme)},
            gettext("Klopt het niet?"),
            answer(limit.otherwise),
        )
    if pays := scheme.spend.pays:
        yield clause(
            pays,
            gettext("Van een cursus betaalt al het geld van deze afspraak samen hooguit:"),
            *in_cases(pays.cases, scheme),
            gettext(
                "Delen van een cent tellen niet mee. De rest betaal je zelf, of met ander geld."
            ),
            said_so(pays.text),
        )
    if own := scheme.spend.own:
        yield clause(
            own,
            gettext(
                "Al het geld van deze afspraak samen laat van de prijs van een cursus altijd dit over:"
            ),
            *in_cases(own.cases, scheme),
            gettext(
                "Delen van een cent tellen niet mee, en meer dan de prijs is het nooit. Dit deel betaal je "
                "zelf, of met ander geld."
            ),
            said_so(own.text),
        )
        for exemption in own.unless:
            yield clause(exemption, *_exemption(exemption, scheme))
    if asked := scheme.spend.others_pay_at_least:
        yield clause(
            asked,
            gettext(
                "Dit geld betaalt pas mee als geld van andere afspraken van een cursus minstens dit "
                "betaalt:"
            ),
            *in_cases(asked.cases, scheme),
            gettext(
                "Delen van een cent tellen als een hele cent. Wat je zelf betaalt, telt niet mee."
            ),
            answer(asked.text),
        )
    if milestones := scheme.spend.milestones:
        yield clause(milestones, *_parts(milestones))
    if completion := scheme.spend.completion:
        yield clause(completion, *_completion(completion))


_MOMENTS: dict[str, str | Promise] = {
    "started": _(
        "De opleider krijgt %(percent)s%% als de cursus is begonnen en je bedenktijd voorbij is."
    ),
    "halfway": _(
        "De opleider krijgt %(percent)s%% als de cursus halverwege is en je hem dan nog volgt. Wij vragen het "
        "je op de dag na de helft van de dagen, van de eerste tot en met de laatste dag. Zeg je nee, of "
        "zeg je niets? Dan belt iemand je en besluit een mens, ook als de opleider zegt dat je hem nog volgt. "
        "Duurt de cursus hooguit drie dagen? Dan krijgt de opleider dit deel als de cursus is afgerond."
    ),
    "completed": _("De opleider krijgt %(percent)s%% als de cursus is afgerond."),
}


def _parts(milestones: Milestones) -> Iterator[str]:
    for part in milestones.parts:
        yield str(_MOMENTS[part.at]) % {"percent": part.percent}
    if milestones.percent_at("halfway"):
        yield gettext(
            "Wat later komt, blijft tot dan voor je vastgezet. Delen van een cent horen bij het laatste deel. "
            "Stop je eerder, of rond je de cursus niet af? Dan komt wat nog niet betaald hoefde te worden terug "
            "op je leerrekening. Je hoeft het de opleider niet te betalen."
        )
    elif milestones.percent_at("completed"):
        yield gettext(
            "Tot dan blijft dat deel voor je vastgezet, delen van een cent ook. Rond je de cursus niet af? "
            "Dan komt dat deel terug op je leerrekening. Je hoeft het de opleider niet te betalen."
        )


def _completion(completion: Completion) -> Iterator[str]:
    asked = {"percent": completion.attended_at_least}
    if completion.certificate_suffices:
        yield (
            gettext(
                "Afgerond is de cursus als je er minstens %(percent)s%% van volgde, of als je een diploma of "
                "certificaat hebt."
            )
            % asked
        )
    else:
        yield gettext("Afgerond is de cursus als je er minstens %(percent)s%% van volgde.") % asked
    yield gettext(
        "De opleider zegt ons dat, en jij zegt of het klopt. Zeg je nee, zeg je niets, of haal je dit niet? "
        "Dan belt iemand je en besluit een mens."
    )


def _exemption(exemption: Exemption, scheme: Scheme) -> Iterator[str]:
    if exemption.when:
        yield gettext("Dat deel betaal je niet als dit klopt: %(condition)s.") % {
            "condition": condition(exemption.when, scheme)
        }
    if exemption.others_pay_at_least:
        yield gettext(
            "Dat deel betaal je niet als geld van andere afspraken minstens dit van de cursus betaalt: "
            "%(amount)s."
        ) % {"amount": amount(exemption.others_pay_at_least, scheme)}
    yield said_so(exemption.text)
