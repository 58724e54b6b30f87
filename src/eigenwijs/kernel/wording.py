"""Amounts, dates and other facts as people write them, in the language in force."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from eigenwijs.kernel.clock import AMSTERDAM, local_date
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period, PeriodKind

HARD_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


def is_dutch() -> bool:
    """Whether the page is in Dutch; other languages write numbers the English way."""
    return (get_language() or "nl").startswith("nl")


def grouped(number: int) -> str:
    """Return a whole number with its thousands apart: 1.250 or 1,250."""
    return f"{number:,}".replace(",", ".") if is_dutch() else f"{number:,}"


def money(amount: Money, *, signed: bool = False) -> str:
    """Return an amount: `€ 1.250,00`, in English `€1,250.00`; another currency by its code, `SGD 500,00`.

    A negative amount has a real minus sign before it; with `signed` a positive one has a plus.
    """
    euros, cents = divmod(abs(amount.cents), 100)
    sign = MINUS if amount.cents < 0 else "+" if signed and amount.cents > 0 else ""
    mark = "€" if amount.currency == "EUR" else amount.currency
    space = HARD_SPACE if is_dutch() or mark != "€" else ""
    comma = "," if is_dutch() else "."
    before = sign + HARD_SPACE if sign and is_dutch() else sign
    return f"{before}{mark}{space}{grouped(euros)}{comma}{cents:02d}"


def day(value: date | datetime) -> str:
    """Return a date: `3 maart 2027`. A moment gives its day in Amsterdam."""
    if isinstance(value, datetime):
        value = local_date(value)
    return date_format(value, "j F Y").replace(" ", HARD_SPACE)


def day_of_the_year(value: date) -> str:
    """Return a day that every year has: `1 april`."""
    return date_format(value, "j F").replace(" ", HARD_SPACE)


def moment(value: datetime) -> str:
    """Return a day and a time in Amsterdam: `3 maart 2027, 14:05`."""
    return f"{day(value)}, {value.astimezone(AMSTERDAM):%H:%M}"


def period(value: Period) -> str:
    """Return a pay period: `maart 2026`, `periode 3 van 2026`, `2e kwartaal 2026`, `2026`."""
    if value.kind is PeriodKind.MONTH:
        return date_format(value.start, "F Y")
    if value.kind is PeriodKind.YEAR:
        return str(value.year)
    names = {"number": value.number, "year": value.year}
    if value.kind is PeriodKind.QUARTER:
        return gettext("kwartaal %(number)s van %(year)s") % names
    return gettext("periode %(number)s van %(year)s") % names


def hours(hundredths: int) -> str:
    """Return hours that are kept in hundredths: `24 uur`, `7,25 uur`."""
    count = 1 if hundredths == 100 else 2
    return ngettext("%(number)s uur", "%(number)s uur", count) % {"number": _decimal(hundredths)}


def days(hundredths: int) -> str:
    """Return days that are kept in hundredths: `5 dagen`, `2,5 dagen`."""
    count = 1 if hundredths == 100 else 2
    return ngettext("%(number)s dag", "%(number)s dagen", count) % {"number": _decimal(hundredths)}


def months(count: int) -> str:
    """Return a number of months: `1 maand`, `6 maanden`."""
    return ngettext("%(number)s maand", "%(number)s maanden", count) % {"number": count}


def _decimal(hundredths: int) -> str:
    whole, rest = divmod(abs(hundredths), 100)
    decimals = f"{rest:02d}".rstrip("0")
    number = f"{whole}{',' if is_dutch() else '.'}{decimals}" if decimals else str(whole)
    return f"{MINUS if hundredths < 0 else ''}{number}"


def iban(value: str) -> str:
    """Return an IBAN in groups of four that stay together on a line."""
    return HARD_SPACE.join(value[start : start + 4] for start in range(0, len(value), 4))
