"""What is wrong in a scheme that gives time: hours or days in which people learn instead of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.expressions import UnreadableExpression, names_in, parse
from eigenwijs.schemes.facts import CONFIDED_FACTS
from eigenwijs.schemes.reading import Document, Path, formulas
from eigenwijs.schemes.units import TIME_UNITS

_ONLY_MONEY = (
    "advance",
    "credited",
    "reversion",
    "ceiling",
    "orders",
    "correctable_for",
    "refund_grace",
)
_ONLY_COURSES = ("only", "completion", "pays", "own", "others_pay_at_least", "milestones")
"""Blocks of `spend` that say something about the courses that money buys."""


def time_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    """Name what only money has, and what an employer would learn from the time that it gives."""
    if scheme.unit not in TIME_UNITS:
        return
    blocks: list[tuple[Path, object]] = [((one,), getattr(scheme, one)) for one in _ONLY_MONEY]
    blocks += [(("spend", one), getattr(scheme.spend, one)) for one in _ONLY_COURSES]
    for path, block in blocks:
        if block:
            yield document.fault(
                path,
                "only_money",
                _(
                    "‘%(block)s’ gaat over geld. Tijd om te leren geeft een werkgever, en niemand betaalt ervoor. "
                    "Haal ‘%(block)s’ weg."
                ),
                block=path[-1],
            )
    if not scheme.portable:
        yield document.fault(
            ("portable",),
            "time_stays",
            _(
                "Tijd om te leren gaat mee naar een werkgever die ook meedoet. Schrijf portable: true."
            ),
        )
    for path, name in _told(document, scheme):
        yield document.fault(
            path,
            "time_tells",
            _(
                "Een werkgever ziet hoeveel tijd iemand krijgt, en zou zo lezen wat iemand over zichzelf "
                "vertelde. Reken niet met ‘%(name)s’, ook niet bij absent. Reken met wat de werkgever al weet."
            ),
            name=name,
        )


def closed_facts(scheme: Scheme) -> frozenset[str]:
    """Return what people tell about themselves where this scheme may not count it at all."""
    return CONFIDED_FACTS if scheme.unit in TIME_UNITS else frozenset()


def _told(document: Document, scheme: Scheme) -> Iterator[tuple[Path, str]]:
    """Each place where the scheme counts such a fact, or says what counts without it."""
    for name in sorted(scheme.absent.keys() & closed_facts(scheme)):
        yield ("absent", name), name
    for path, text in formulas(document.tree, ()):
        with suppress(UnreadableExpression):  # said elsewhere
            for name in sorted(names_in(parse(text)) & closed_facts(scheme)):
                yield path, name
