"""What a scheme settles of a round over it, and where a round says something else. Reads schemes only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eigenwijs.draws.types import AgreedTerms, CarryOver, Fit, Group, RoundRules
from eigenwijs.kernel import wording
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import SchemeVersionView

EVERYONE = Group(schemes.ceiling_limits.EVERYONE, {"nl": "Iedereen", "en": "Everyone"})
EVERYONE_ELSE = Group(
    schemes.ceiling_limits.EVERYONE,
    {"nl": "Iedereen die niet in een andere groep zit", "en": "Everyone else"},
)


def windows(of: SchemeVersionView) -> tuple[AgreedTerms, ...]:
    """Return what a version of a scheme settles, by window; nothing where it leaves rounds free."""
    ceiling = schemes.ceiling(of.text)
    if ceiling is None:
        return ()
    first = (
        Group(one.id, one.title, one.when, one.weight, one.share_percent) for one in ceiling.groups
    )
    groups = (*first, EVERYONE_ELSE) if ceiling.groups else (EVERYONE,)
    return tuple(
        AgreedTerms(
            scheme=of.scheme,
            scheme_title=of.title,
            who=ceiling.who,
            when=ceiling.when,
            law=ceiling.law,
            first_day=window.opens_on,
            last_day=window.closes_on,
            pot=window.pot,
            least=ceiling.least,
            most=ceiling.most,
            groups=groups,
            fit=Fit(ceiling.when_too_small),
            carry_over=CarryOver(ceiling.bad_luck_step, ceiling.bad_luck_rounds),
            once_a_year=ceiling.once_a_year,
        )
        for window in ceiling.windows
    )


def window(of: RoundRules, among: tuple[AgreedTerms, ...]) -> AgreedTerms | None:
    """Return the window in which a round is, or None."""
    return next((one for one in among if one.first_day == of.first_day), None)


def departures(
    of: RoundRules, among: tuple[AgreedTerms, ...]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield in what rules depart from what was agreed, as codes with what was agreed."""
    if not among:
        return
    law = of.first_come.law if of.first_come else ""
    if law != among[0].law:
        yield "other_order", {}
    agreed = window(of, among)
    last_day = of.reserve_until if of.first_come else of.closes_on
    if agreed is None or agreed.last_day != last_day:
        days = (
            f"{wording.day(one.first_day)} – {wording.day(one.last_day)}"
            for one in among
            if agreed in (None, one)
        )
        yield "other_window", {"agreed": ", ".join(days)}
    if agreed is None:
        return
    if of.pot != agreed.pot:
        yield "other_pot", {"agreed": wording.money(agreed.pot)}
    if (of.least, of.most) != (agreed.least, agreed.most):
        amounts = {"least": wording.money(agreed.least), "most": wording.money(agreed.most)}
        yield "other_amounts", amounts
    if (of.who, of.when) != (agreed.who, agreed.when):
        yield "other_who", {}
    if of.groups != agreed.groups:
        yield "other_groups", {}
    if of.fit is not agreed.fit:
        yield "other_fit", {}
    if of.carry_over != agreed.carry_over:
        yield "other_bad_luck", {}
    if of.once_a_year != agreed.once_a_year:
        yield "other_once", {}
