"""Conditions over a person outside any period, in the language of schemes. Pure; no database."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError
from eigenwijs.schemes.expressions import UnreadableExpression, holds, names_in, parse
from eigenwijs.schemes.facts import CONTRACT_KINDS, PERSON_FACTS, FactValue, Kind
from eigenwijs.schemes.kinds import Measured, WrongExpression, check_condition

NAMES = ("contract_kind", "contract_hours_week", "age")
"""The facts of a person that are known on a day, without a payroll of a period."""

_NUMBERS = (Kind.HOURS, Kind.YEARS)
# Here figures stand in the condition itself, so hours and years are compared with plain numbers.
_MEASURED = {
    name: Measured(
        Kind.NUMBER if fact.kind in _NUMBERS else fact.kind,
        fact.low,
        fact.high,
        fact.labels,
        fact.name,
    )
    for name, fact in PERSON_FACTS.items()
    if name in NAMES
}


class UnusableCondition(DomainError):
    """The text is no condition over the facts of a person. Code: unusable_condition."""

    def __init__(self, text: str, why: object) -> None:
        super().__init__(
            "unusable_condition",
            _("‘%(text)s’ is geen voorwaarde: %(why)s Je kunt deze feiten gebruiken: %(names)s."),
            {"text": text, "why": str(why), "names": ", ".join(NAMES)},
        )


def check(text: str) -> None:
    """Check a condition over `NAMES`; empty is everyone. Raises UnusableCondition."""
    if not text:
        return
    try:
        check_condition(parse(text), _MEASURED)
    except (UnreadableExpression, WrongExpression) as error:
        raise UnusableCondition(text, error) from error


def meets(text: str, facts: Mapping[str, Fraction | str]) -> bool:
    """Whether a checked condition holds for a person; empty holds for everyone.

    Who lacks a fact that it names does not meet it, whatever it says of that fact.
    """
    if not text:
        return True
    tree = parse(text)
    values: dict[str, FactValue] = dict(facts)
    if names_in(tree) - set(CONTRACT_KINDS) - values.keys():
        return False
    return holds(tree, values)
