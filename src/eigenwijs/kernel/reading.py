"""Read one cell of a delivered file: a date, a number, yes or no. Exact, or a Fault; never a guess.

Every reader takes the text with the place where it stands and returns the value or the fault. An
empty cell is the fault `missing`: who allows empty cells asks that first.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2200

# An export from a database often has midnight behind the date.
_MIDNIGHT = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
_DATE_FORMS = tuple(
    re.compile(form + _MIDNIGHT, re.ASCII)
    for form in (
        r"(?P<day>\d{1,2})-(?P<month>\d{1,2})-(?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    )
)
_SHORT_YEAR = re.compile(r"\d{1,2}-\d{1,2}-\d{2}", re.ASCII)

_MAX_DIGITS = 40

_PLAIN = re.compile(r"\d+(?:[.,]\d+)?", re.ASCII)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([. ,'])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_SIGNED = re.compile(r"(?P<before>[+-]?) ?(?P<digits>[\d.,' ]*\d)(?P<after>-?)", re.ASCII)

_YES = frozenset({"ja", "j", "yes", "y", "waar", "true", "1", "x"})
_NO = frozenset({"nee", "n", "no", "onwaar", "false", "0"})


def read_date(text: str, *, line: int | None, field_name: str) -> date | Fault:
    """Read ``31-12-2026``, ``1-3-2026``, ``2026-12-31`` or ``20261231``.

    Slashes and years of two digits are faults: nothing says which part is the day or the century.
    Codes: missing, not_a_date, no_such_day (31-02), year_out_of_range.
    """
    if not text:
        return _missing(line, field_name)
    found = next((match for form in _DATE_FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        if _SHORT_YEAR.fullmatch(text):
            message = _("Schrijf het jaar met vier cijfers, bijvoorbeeld 31-12-2026.")
        else:
            message = _("Dit is geen datum die we kennen. Schrijf hem zo: 31-12-2026.")
        return Fault("not_a_date", message, line=line, field_name=field_name)
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    try:
        value = date(year, month, day)
    except ValueError:
        message = _("Deze dag bestaat niet. Kijk de dag en de maand na.")
        return Fault("no_such_day", message, line=line, field_name=field_name)
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        message = _("Het jaar ligt niet tussen %(earliest)s en %(latest)s. Kijk het jaar na.")
        limits = {"earliest": str(_EARLIEST_YEAR), "latest": str(_LATEST_YEAR)}
        return Fault("year_out_of_range", message, limits, line, field_name)
    return value


def read_number(text: str, *, line: int | None, field_name: str) -> Fraction | Fault:
    """Read an exact number: ``12,5`` ``12.50`` ``1.234,56`` ``1,234.56`` ``1 234`` ``5,00-``.

    A comma or point followed by exactly three digits (``1.234``) can mean thousands or thousandths:
    that is the fault `ambiguous_number`, except where only one meaning is possible (``0,125``,
    ``1234,567``, ``1.234.567``). Codes: missing, not_a_number, ambiguous_number.
    """
    digits = _digits(text, line, field_name)
    return digits if isinstance(digits, Fault) else Fraction(digits)


def _digits(text: str, line: int | None, field_name: str) -> str | Fault:
    """Return a number as sign, digits and at most one point."""
    if not text:
        return _missing(line, field_name)
    plain = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    signed = _SIGNED.fullmatch(plain)
    if len(text) > _MAX_DIGITS or not signed or (signed["before"] and signed["after"]):
        return _not_a_number(line, field_name)
    digits = signed["digits"]
    if _AMBIGUOUS.fullmatch(digits):
        message = _("Is dit duizend of een deel van een heel getal? Schrijf 1234 of 1,23.")
        return Fault("ambiguous_number", message, line=line, field_name=field_name)
    if grouped := _GROUPED.fullmatch(digits):
        digits = digits.replace(grouped[1], "")
    elif not _PLAIN.fullmatch(digits):
        return _not_a_number(line, field_name)
    sign = "-" if "-" in (signed["before"], signed["after"]) else ""
    return sign + digits.replace(",", ".")


def read_hundredths(text: str, *, line: int | None, field_name: str) -> int | Fault:
    """Read a number of at most two decimals as a count of hundredths: ``36,5`` is 3650.

    Codes: those of `read_number` and too_precise. Nothing is rounded.
    """
    digits = _digits(text, line, field_name)
    if isinstance(digits, Fault):
        return digits
    whole, _point, decimals = digits.partition(".")
    if decimals[2:].strip("0"):
        message = _(
            "Dit getal heeft meer dan twee decimalen. Rond het af op twee, bijvoorbeeld 36,67."
        )
        return Fault("too_precise", message, line=line, field_name=field_name)
    return int(whole + decimals[:2].ljust(2, "0"))


def read_cents(text: str, *, line: int | None, field_name: str) -> int | Fault:
    """Read an amount in euros as cents: ``€ 1.234,56``, ``1234.56``, ``EUR 12``.

    Codes: those of `read_hundredths`.
    """
    amount = text.removeprefix("€").removeprefix("EUR").removesuffix("€").removesuffix("EUR")
    return read_hundredths(amount.strip(), line=line, field_name=field_name)


def read_whole_number(text: str, *, line: int | None, field_name: str) -> int | Fault:
    """Read a whole number: ``12``, ``1.234.567``, ``12,00``. Codes: as `read_number`, not_whole."""
    value = read_number(text, line=line, field_name=field_name)
    if isinstance(value, Fault):
        return value
    if value.denominator != 1:
        message = _("Hier hoort een heel getal, zonder decimalen.")
        return Fault("not_whole", message, line=line, field_name=field_name)
    return value.numerator


def read_yes_no(text: str, *, line: int | None, field_name: str) -> bool | Fault:
    """Read ja/nee, j/n, yes/no, waar/onwaar, true/false, 1/0. Codes: missing, not_yes_or_no."""
    if not text:
        return _missing(line, field_name)
    word = text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    message = _("Schrijf hier ja of nee.")
    return Fault("not_yes_or_no", message, line=line, field_name=field_name)


def _missing(line: int | None, field_name: str) -> Fault:
    message = _("Deze cel is leeg. Vul hem in.")
    return Fault("missing", message, line=line, field_name=field_name)


def _not_a_number(line: int | None, field_name: str) -> Fault:
    message = _("Dit is geen getal dat we kennen. Schrijf het zo: 1234,50.")
    return Fault("not_a_number", message, line=line, field_name=field_name)
