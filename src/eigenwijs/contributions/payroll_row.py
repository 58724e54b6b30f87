"""Read one row of a payroll file: every fact of one employment, or every fault of the row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from eigenwijs.contributions import payroll_columns
from eigenwijs.kernel.delimited import Row
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.kernel.reading import read_cents, read_date, read_hundredths, read_whole_number
from eigenwijs.people.types import ContractKind

MAX_PERSONNEL_NUMBER = 30
MAX_EMPLOYMENT_NUMBER = 9999
MAX_NAME = 200
MAX_WAGE = 1_000_000_00
"""Cents in one period: more is a mistake in the file. The dictionary of facts knows no more either."""
HOURS_IN_WEEK = 168

# Where a last name may stand, best first. The column Naam may hold a whole name as well.
LAST_NAMES = ("last_name", "birth_name", "full_name")

# What a spreadsheet makes of a long number: 1,23457E+11.
_SHORTENED_NUMBER = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Reader(Protocol[T_co]):
    def __call__(self, text: str, *, line: int | None, field_name: str) -> T_co | Fault: ...


@dataclass(frozen=True, slots=True)
class Span:
    """What a period allows: its last day, the hours it has."""

    last_day: date
    hours: int

    @classmethod
    def of(cls, period: Period) -> Span:
        """Return what `period` allows."""
        last_day = period.end
        return cls(last_day, ((last_day - period.start).days + 1) * 24)


@dataclass(frozen=True, slots=True)
class PayrollRow:
    """What a payroll file says of one employment in one period.

    Hours are in hundredths of an hour. `contract_hours_week` is None for on-call work only. The
    three facts that schemes ask about (hours by contract, hours paid, kind of contract) stay apart;
    `sought` is what only some schemes count, see `payroll_sought`.
    """

    line: int
    personnel_number: str
    employment_number: int
    name: str
    birth_date: date
    email: str
    contract_kind: ContractKind
    contract_hours_week: int | None
    paid_hours_period: int
    started_on: date
    ended_on: date | None
    gross_wage: Money | None
    sought: Mapping[str, int | str] = field(default_factory=dict)


class Cells:
    """The cells of one row by our names for them; notes what is wrong."""

    __slots__ = ("faults", "header", "positions", "row")

    def __init__(
        self,
        row: Row,
        header: tuple[str, ...],
        positions: Mapping[str, int],
        faults: list[Fault],
    ) -> None:
        self.row = row
        self.header = header
        self.positions = positions
        self.faults = faults

    def text(self, key: str) -> str:
        """The cell under `key`, or nothing where the file has no such column."""
        position = self.positions.get(key)
        return "" if position is None else self.row.cells[position]

    def read(self, key: str, reader: _Reader[T]) -> T | None:
        """Read a cell that must be filled in; None means that a fault was noted."""
        field_name = self.header[self.positions[key]]
        value = reader(self.text(key), line=self.row.line, field_name=field_name)
        if isinstance(value, Fault):
            self.faults.append(value)
            return None
        return value

    def read_optional(self, key: str, reader: _Reader[T]) -> T | None:
        """Read a cell that may be empty or absent."""
        return self.read(key, reader) if self.text(key) else None

    def refuse(self, key: str, code: str, message: object, **params: object) -> None:
        """Note a fault at the cell under `key`."""
        field_name = self.header[self.positions[key]]
        self.faults.append(Fault(code, message, params, self.row.line, field_name))


def read_row(
    cells: Cells,
    span: Span,
    first_lines: dict[tuple[str, int], int],
    sought: Mapping[str, int | str],
) -> PayrollRow | None:
    """Read one row, of which `sought` was read; None when the rest has a fault (all of them are noted)."""
    before = len(cells.faults)
    kind = _contract_kind(cells)
    birth_date = cells.read("birth_date", read_date)
    started_on = cells.read("started_on", read_date)
    ended_on = cells.read_optional("ended_on", read_date)
    personnel_number = _personnel_number(cells)
    employment_number = _employment_number(cells)
    _check_once(cells, personnel_number, employment_number, first_lines)
    name = _name(cells)
    email = _email(cells)
    contract_hours = _contract_hours(cells, kind)
    paid_hours = read_hours(cells, "paid_hours_period", span.hours)
    gross_wage = _gross_wage(cells)
    _check_dates(cells, span, birth_date, started_on, ended_on)
    if len(cells.faults) > before:
        return None
    assert birth_date and started_on and kind and paid_hours is not None  # noqa: S101, PT018
    return PayrollRow(
        line=cells.row.line,
        personnel_number=personnel_number,
        employment_number=employment_number,
        name=name,
        birth_date=birth_date,
        email=email,
        contract_kind=kind,
        contract_hours_week=contract_hours,
        paid_hours_period=paid_hours,
        started_on=started_on,
        ended_on=ended_on,
        gross_wage=gross_wage,
        sought=sought,
    )


def _personnel_number(cells: Cells) -> str:
    number = cells.text("personnel_number")
    if not number:
        message = _("Deze cel is leeg. Vul hem in.")
        cells.refuse("personnel_number", "missing", message)
    elif len(number) > MAX_PERSONNEL_NUMBER:
        _too_long(cells, "personnel_number", MAX_PERSONNEL_NUMBER)
    elif _SHORTENED_NUMBER.fullmatch(number):
        message = _(
            "Een spreadsheet heeft dit nummer ingekort. Zet de kolom op Tekst en maak de "
            "export opnieuw."
        )
        cells.refuse("personnel_number", "shortened_number", message)
    return number


def _employment_number(cells: Cells) -> int:
    number = cells.read_optional("employment_number", read_whole_number)
    if number is None:
        return 1
    if not 1 <= number <= MAX_EMPLOYMENT_NUMBER:
        message = _("Dit nummer ligt niet tussen 1 en %(maximum)s. Kijk het na.")
        cells.refuse(
            "employment_number", "number_out_of_range", message, maximum=MAX_EMPLOYMENT_NUMBER
        )
    return number


def _check_once(
    cells: Cells, number: str, employment: int, first_lines: dict[tuple[str, int], int]
) -> None:
    first_line = first_lines.setdefault((number, employment), cells.row.line)
    if number and first_line != cells.row.line:
        message = _(
            "Dit personeelsnummer met dit dienstverband staat ook op regel %(first_line)s. "
            "Maak er één regel van, of geef elk dienstverband een eigen nummer."
        )
        cells.refuse("personnel_number", "duplicate_person", message, first_line=first_line)


def _name(cells: Cells) -> str:
    """The name as one text: first name, prefix and last name.

    The column Naam may already hold the whole name; then nothing in it is said twice.
    """
    key = next((key for key in LAST_NAMES if cells.text(key)), "")
    name = cells.text(key)
    prefix = cells.text("prefix")
    first = cells.text("call_name") or cells.text("first_name") or cells.text("initials")
    starts_with_prefix = name.casefold().startswith(f"{prefix} ".casefold())
    if not starts_with_prefix and not (key == "full_name" and _has_words(name, prefix)):
        name = f"{prefix} {name}"
    if not (key == "full_name" and _has_words(name, first)):
        name = f"{first} {name}"
    name = " ".join(name.split())
    field = key or next(key for key in LAST_NAMES if key in cells.positions)
    if not key or not any(letter.isalpha() for letter in name):
        cells.refuse(field, "missing_name", _("Hier hoort een naam. Vul hem in."))
    elif len(name) > MAX_NAME:
        _too_long(cells, field, MAX_NAME)
    return name


def _has_words(name: str, words: str) -> bool:
    return f" {words} ".casefold() in f" {name} ".casefold()


def _too_long(cells: Cells, key: str, maximum: int) -> None:
    message = _("Dit is langer dan %(maximum)s tekens. Kijk of de kolommen goed staan.")
    cells.refuse(key, "too_long", message, maximum=maximum)


def _email(cells: Cells) -> str:
    key = "private_email" if cells.text("private_email") else "email"
    address = cells.text(key)
    if address:
        try:
            validate_email(address)
        except ValidationError:
            message = _("Dit is geen e-mailadres. Verbeter het of laat de cel leeg.")
            cells.refuse(key, "not_an_email", message)
    return address


def _contract_kind(cells: Cells) -> ContractKind | None:
    word = cells.text("contract_kind")
    if not word:
        cells.refuse("contract_kind", "missing", _("Deze cel is leeg. Vul hem in."))
        return None
    kind = payroll_columns.contract_kind(word)
    if kind is None:
        cells.refuse(
            "contract_kind",
            "unknown_contract_kind",
            _("Deze soort contract kennen we niet. Bedoel je: %(nearest)s?"),
            nearest=payroll_columns.nearest_contract_word(word),
        )
    return kind


def _contract_hours(cells: Cells, kind: ContractKind | None) -> int | None:
    """Hours a week by contract: none for on-call, more than none for every other kind."""
    if not cells.text("contract_hours_week"):
        if kind is not ContractKind.ON_CALL:
            message = _(
                "Vul de contracturen per week in. Alleen bij een oproepcontract mag dit leeg zijn."
            )
            cells.refuse("contract_hours_week", "missing_contract_hours", message)
        return None
    hours = read_hours(cells, "contract_hours_week", HOURS_IN_WEEK)
    if hours is None or kind is None:
        return hours
    if kind is ContractKind.ON_CALL:
        if hours:
            message = _(
                "Een oproepcontract heeft geen vaste uren. Laat deze cel leeg, of kijk de soort "
                "contract na."
            )
            cells.refuse("contract_hours_week", "hours_for_on_call", message)
        return None
    if not hours:
        message = _(
            "Vul de contracturen per week in. Alleen bij een oproepcontract mag dit leeg zijn."
        )
        cells.refuse("contract_hours_week", "missing_contract_hours", message)
    return hours


def read_hours(cells: Cells, key: str, maximum: int) -> int | None:
    """Read a cell of hours in hundredths, of at most `maximum` whole hours; what is wrong is noted."""
    hours = cells.read(key, read_hundredths)
    if hours is None:
        return None
    if hours < 0:
        message = _(
            "Uren kunnen niet negatief zijn. Verrekende je een eerdere periode, lever die periode "
            "dan opnieuw aan."
        )
        cells.refuse(key, "negative_hours", message)
    elif hours > maximum * 100:
        message = _(
            "Zo veel uren zijn er niet: het kunnen er hooguit %(maximum)s zijn. Kijk dit na."
        )
        cells.refuse(key, "too_many_hours", message, maximum=maximum)
    return hours


def _gross_wage(cells: Cells) -> Money | None:
    cents = cells.read_optional("gross_wage", read_cents)
    if cents is None:
        return None
    if cents < 0:
        message = _("Het loon kan niet negatief zijn. Kijk het na of laat de cel leeg.")
        cells.refuse("gross_wage", "negative_wage", message)
    elif cents > MAX_WAGE:
        message = _("Dit loon is te hoog voor één periode. Kijk het na: staat de komma goed?")
        cells.refuse("gross_wage", "too_high_wage", message)
    return Money(cents)


def _check_dates(
    cells: Cells,
    span: Span,
    birth_date: date | None,
    started_on: date | None,
    ended_on: date | None,
) -> None:
    if started_on is None:
        return
    if birth_date and birth_date >= started_on:
        message = _("De geboortedatum ligt niet voor de dag van in dienst. Kijk beide na.")
        cells.refuse("birth_date", "born_after_start", message)
    if ended_on and ended_on < started_on:
        message = _("Uit dienst ligt voor in dienst. Kijk beide na.")
        cells.refuse("ended_on", "ends_before_start", message)
    if started_on > span.last_day:
        message = _(
            "Deze persoon begint pas na de periode van dit bestand. Haal de regel weg of kies de "
            "goede periode."
        )
        cells.refuse("started_on", "starts_after_period", message)
