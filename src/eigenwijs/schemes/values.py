"""The values that stand in a scheme's blocks: numbers, days, names. Exact, and refused with a code. Pure."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from eigenwijs.schemes.exact import exact_number

PROBLEMS = {
    "not_a_number": _("‘%(text)s’ is geen getal. Schrijf bijvoorbeeld 175.00 of 12."),
    "too_many_digits": _(
        "‘%(text)s’ heeft te veel cijfers: hooguit 15 voor de punt en 12 erachter."
    ),
    "not_a_date": _("‘%(text)s’ is geen datum. Schrijf bijvoorbeeld 2026-01-01."),
    "too_far": _(
        "‘%(text)s’ is te lang geleden of te ver weg. Kies een dag van 1900 tot en met 2199."
    ),
    "not_a_day_of_the_year": _(
        "‘%(text)s’ is geen dag die elk jaar heeft. Schrijf maand en dag, bijvoorbeeld 01-01."
    ),
    "not_true_or_false": _("Schrijf hier true of false, niet ‘%(text)s’."),
}
"""What the value types here can refuse, by code; the checker adds what pydantic itself refuses."""

_DIGITS = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY_OF_YEAR = re.compile(r"\d\d-\d\d", re.ASCII)


def _refused(code: str, text: object) -> PydanticCustomError:
    return PydanticCustomError(code, "{text}", {"text": str(text)[:60]})


def _number(text: object) -> object:
    try:
        return exact_number(str(text))
    except ValueError:
        is_long = _DIGITS.fullmatch(str(text))
        raise _refused("too_many_digits" if is_long else "not_a_number", text) from None


def _date(text: object) -> object:
    if not _DATE.fullmatch(str(text)):
        raise _refused("not_a_date", text)
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        raise _refused("not_a_date", text) from None
    if not 1900 <= day.year < 2200:  # a pay period has a year of 1900 to 2200
        raise _refused("too_far", text)
    return day


def _day_of_year(text: object) -> object:
    try:
        if not _DAY_OF_YEAR.fullmatch(str(text)):
            raise ValueError(text)
        return date.fromisoformat(f"2001-{text}")  # a year without 29 February
    except ValueError:
        raise _refused("not_a_day_of_the_year", text) from None


def _true_or_false(text: object) -> object:
    if text not in ("true", "false"):
        raise _refused("not_true_or_false", text)
    return text == "true"


Number = Annotated[Fraction, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_date)]
DayOfYear = Annotated[date, BeforeValidator(_day_of_year)]
"""Month and day count; the year says nothing."""
TrueOrFalse = Annotated[bool, BeforeValidator(_true_or_false)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
SchemeName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}/[a-z][a-z0-9-]{1,59}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Formula = Annotated[Sentence, "formula"]
