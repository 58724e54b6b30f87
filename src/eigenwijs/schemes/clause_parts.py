"""What the clauses of a scheme are made of. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext

from eigenwijs.kernel import wording
from eigenwijs.schemes.block import Case, Sourced, Texts
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.phrasing import amount, condition
from eigenwijs.schemes.types import Clause


def clause(block: Sourced, *sentences: str) -> Clause:
    """Return the sentences of one block, with the place it was found or why it was assumed."""
    places = tuple(place for place in (block.article, block.source) if place)
    assumed = (block.why or "").removesuffix(".") if block.status == "inferred" else ""
    return Clause(" ".join(sentences), places, assumed)


def answer(texts: Texts) -> str:
    """Say a sentence that people get to read, between quotes."""
    return gettext("We zeggen dan: ‘%(answer)s’") % {"answer": _in_own_language(texts)}


def said_so(texts: Texts) -> str:
    """Say how people read a rule, between quotes."""
    return gettext("We zeggen dat zo: ‘%(answer)s’") % {"answer": _in_own_language(texts)}


def _in_own_language(texts: Texts) -> str:
    return texts.in_language("nl" if wording.is_dutch() else "en")


def in_cases(cases: list[Case], scheme: Scheme) -> Iterator[str]:
    """Say each case; one that holds for everyone needs no condition."""
    for case in cases:
        words = {
            "condition": condition(case.when, scheme) if case.when else "",
            "amount": amount(case.amount or case.otherwise or "0", scheme),
        }
        if case.when:
            yield gettext("Als dit klopt: %(condition)s, dan %(amount)s.") % words
        elif len(cases) > 1:
            yield gettext("Anders: %(amount)s.") % words
        else:
            yield f"{words['amount']}."
