"""What the amounts of a scheme count: a currency, hours or days; always in whole hundredths. Pure."""

from __future__ import annotations

from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money

Unit = Literal["EUR", "SGD", "GBP", "hours", "days"]

CURRENCIES = frozenset({"EUR", "SGD", "GBP"})

TIME_UNITS = frozenset({"hours", "days"})
"""Time to learn at work: an employer gives it, and nobody pays for it."""

DAYS_TO_ANSWER = 14
"""Calendar days in which an employer can say no to a day that somebody chose, for a weighty reason; silence lets
it stand. As for holidays: two weeks, article 7:638 paragraph 2 of the Dutch Civil Code.
"""

SMALLEST_PART: dict[str, str | Promise] = {
    "EUR": _("een hele cent"),
    "SGD": _("een hele cent"),
    "GBP": _("een hele penny"),
    "hours": _("een honderdste uur"),
    "days": _("een honderdste dag"),
}
"""One hundredth, as what an amount is rounded to."""


def in_unit(hundredths: int, unit: str) -> str:
    """Return an amount as people write it: `€ 175,00`, `SGD 500,00`, `25 uur`, `2,5 dagen`."""
    if unit == "hours":
        return wording.hours(hundredths)
    if unit == "days":
        return wording.days(hundredths)
    return wording.money(Money(hundredths, unit))
