"""The clauses of money that is divided in rounds."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.schemes.block import Texts
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.ceiling_blocks import Ceiling, CeilingGroup
from eigenwijs.schemes.clause_parts import clause
from eigenwijs.schemes.phrasing import condition
from eigenwijs.schemes.types import Clause
from eigenwijs.schemes.units import in_unit

_ORDERS: dict[str, str | Promise] = {
    "draw": _("Wie het krijgt, bepaalt een loting. Geen groep gaat voor."),
    "priority": _(
        "Wie het krijgt, bepaalt een loting waarin groepen voorgaan. Wie in meer groepen past, zit in de "
        "eerste."
    ),
    "first_come": _(
        "Aanvragen gaan op volgorde van aankomst. Wie voor de opening al wachtte, komt het eerst, in "
        "gelote volgorde."
    ),
}
_FITS: dict[str, str | Promise] = {
    "close": _("Past een aanvraag niet meer in het geld? Dan stopt de ronde."),
    "skip": _(
        "Past een aanvraag niet meer in het geld? Die slaan we over. Een kleinere daarna kan nog wel "
        "passen."
    ),
    "partial": _("Past een aanvraag niet meer in het geld? Die krijgt wat er nog over is."),
}


def when_too_little(scheme: Scheme) -> Iterator[Clause]:
    """Say how money is divided that does not reach for everyone; nothing where the scheme does not."""
    ceiling = scheme.ceiling
    if ceiling is None:
        return
    yield clause(ceiling, *_terms(ceiling, scheme))
    for group in ceiling.groups:
        yield clause(group, *_group(group, scheme))
    if ceiling.bad_luck:
        yield clause(
            ceiling.bad_luck,
            gettext(
                "Deed je eerder mee en kreeg je niets? Dan telt je ticket voor elke keer %(step)s keer "
                "extra mee, voor hooguit %(rounds)s rondes."
            )
            % {"step": ceiling.bad_luck.step, "rounds": ceiling.bad_luck.rounds},
        )
    for window in ceiling.windows:
        yield clause(
            window,
            gettext("Van %(opens)s tot en met %(closes)s is er samen %(pot)s.")
            % {
                "opens": wording.day(window.opens),
                "closes": wording.day(window.closes),
                "pot": in_unit(int(window.pot * 100), scheme.unit),
            },
        )


def _terms(ceiling: Ceiling, scheme: Scheme) -> Iterator[str]:
    yield gettext("Dit geld verdelen we in rondes. Voor wie? ‘%(who)s’") % {
        "who": _said(ceiling.who)
    }
    yield gettext("Wie mee mag doen, staat alleen hier. Wat bij je loon komt, staat daar los van.")
    if ceiling.when:
        yield gettext("Je kunt alleen meedoen als dit klopt: %(condition)s.") % {
            "condition": condition(ceiling.when, scheme)
        }
    if ceiling.conditions:
        yield gettext(
            "Daarvoor telt wat klopt op de eerste dag om mee te doen, niet een loonperiode."
        )
    yield gettext("Je kunt hooguit %(most)s vragen.") % {
        "most": in_unit(int(ceiling.most * 100), scheme.unit)
    }
    if ceiling.least is not None:
        yield gettext("Je kunt minstens %(least)s vragen.") % {
            "least": in_unit(int(ceiling.least * 100), scheme.unit)
        }
    yield str(_ORDERS[ceiling.order])
    if ceiling.law:
        yield gettext("De wet eist die volgorde: ‘%(law)s’") % {"law": ceiling.law}
    yield str(_FITS[ceiling.when_too_small])
    if ceiling.once_a_year:
        yield gettext(
            "Je kunt één keer per kalenderjaar geld krijgen. De eerste dag van de ronde telt."
        )


def _group(group: CeilingGroup, scheme: Scheme) -> Iterator[str]:
    yield gettext(
        "Deze groep gaat voor: ‘%(group)s’. Je zit erin als dit klopt: %(condition)s."
    ) % {
        "group": _said(group.text),
        "condition": condition(group.when, scheme),
    }
    if group.weight is not None:
        yield gettext("Je ticket telt %(times)s keer mee.") % {"times": group.weight}
    if group.share_percent is not None:
        yield gettext("Van het geld is %(share)s%% eerst voor deze groep.") % {
            "share": group.share_percent
        }


def _said(texts: Texts) -> str:
    return texts.in_language("nl" if wording.is_dutch() else "en")
