"""Payroll files as three makers of payroll programs write them, for tests and for looking at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from eigenwijs.contributions.payroll_columns import COLUMN_OF_KEY, JOB_WORDS, PROGRAMME_WORDS
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.contributions.payroll_sought import SOUGHT
from eigenwijs.kernel.money import Money
from eigenwijs.people.types import ContractKind


@dataclass(frozen=True)
class Habit:
    """How one maker writes: `columns` are our names for facts with the headers of the maker."""

    name: str
    columns: Mapping[str, str]
    contract_words: Mapping[ContractKind, str]
    delimiter: str = ";"
    decimal_mark: str = ","
    thousands_mark: str = ""
    date_form: str = "%d-%m-%Y"
    byte_order_mark: bool = False
    line_end: str = "\r\n"
    extra: Mapping[str, str] = field(default_factory=dict)

    def number(self, hundredths: int) -> str:
        """Write hundredths as this maker writes numbers."""
        whole = f"{hundredths // 100:,}".replace(",", self.thousands_mark)
        return f"{whole}{self.decimal_mark}{hundredths % 100:02d}"

    def date(self, day: date | None) -> str:
        """Write a date as this maker writes dates."""
        return day.strftime(self.date_form) if day else ""


SPREADSHEET = Habit(
    name="a Dutch spreadsheet",
    columns={
        "personnel_number": "Personeelsnummer",
        "employment_number": "Dienstverband",
        "full_name": "Naam",
        "birth_date": "Geboortedatum",
        "email": "E-mail",
        "contract_kind": "Soort contract",
        "contract_hours_week": "Contracturen per week",
        "paid_hours_period": "Betaalde uren",
        "started_on": "In dienst",
        "ended_on": "Uit dienst",
        "gross_wage": "Bruto loon",
    },
    contract_words={
        ContractKind.PERMANENT: "vast",
        ContractKind.FIXED_TERM: "tijdelijk",
        ContractKind.ON_CALL: "oproep",
        ContractKind.AGENCY: "uitzend",
    },
    thousands_mark=".",
    byte_order_mark=True,
    extra={"Afdeling": "Winkel", "Opmerking": 'zei: "ja; graag"'},
)
PAYROLL_OFFICE = Habit(
    name="a payroll office's export",
    columns={
        "gross_wage": "Brutosalaris",
        "personnel_number": "Medewerkernr.",
        "employment_number": "DV-nr",
        "last_name": "Achternaam",
        "prefix": "Voorvoegsel",
        "first_name": "Voornaam",
        "birth_date": "Geb.datum",
        "private_email": "E-mail (privé)",
        "contract_kind": "Type contract",
        "contract_hours_week": "Contracturen p/w",
        "paid_hours_period": "Verloonde uren",
        "started_on": "Datum in dienst",
        "ended_on": "Datum uit dienst",
    },
    contract_words={
        ContractKind.PERMANENT: "Onbepaalde tijd",
        ContractKind.FIXED_TERM: "Bepaalde tijd",
        ContractKind.ON_CALL: "Nul-urencontract",
        ContractKind.AGENCY: "Uitzendkracht",
    },
    delimiter="\t",
    date_form="%Y%m%d",
    line_end="\n",
    extra={"Kostenplaats": "4100", "Periode": "3", "IBAN": "NL00BANK0123456789"},
)
ENGLISH_PROGRAM = Habit(
    name="a program with English headers",
    columns={
        "personnel_number": "Employee ID",
        "employment_number": "Employment number",
        "full_name": "Full name",
        "birth_date": "Date of birth",
        "email": "E-mail address",
        "contract_kind": "Contract type",
        "contract_hours_week": "Contract hours per week",
        "paid_hours_period": "Paid hours",
        "started_on": "Start date",
        "ended_on": "End date",
        "gross_wage": "Gross wage",
    },
    contract_words={
        ContractKind.PERMANENT: "Permanent",
        ContractKind.FIXED_TERM: "Fixed-term",
        ContractKind.ON_CALL: "Zero hours",
        ContractKind.AGENCY: "Agency",
    },
    delimiter=",",
    decimal_mark=".",
    thousands_mark=",",
    date_form="%Y-%m-%d",
    extra={"Currency": "EUR"},
)
HABITS = (SPREADSHEET, PAYROLL_OFFICE, ENGLISH_PROGRAM)


def payroll_row(**changes: Any) -> PayrollRow:
    """One row of somebody with an ordinary contract; `changes` replace facts."""
    facts: dict[str, Any] = {
        "line": 2,
        "personnel_number": "10482",
        "employment_number": 1,
        "name": "Sanne de Vries",
        "birth_date": date(1991, 2, 3),
        "email": "sanne@voorbeeld.example",
        "contract_kind": ContractKind.PERMANENT,
        "contract_hours_week": 3200,
        "paid_hours_period": 13867,
        "started_on": date(2019, 9, 1),
        "ended_on": None,
        "gross_wage": Money(284510),
    }
    if changes.get("contract_kind") is ContractKind.ON_CALL:
        facts["contract_hours_week"] = None
    return PayrollRow(**(facts | changes))


def write_payroll_file(rows: Iterable[PayrollRow], habit: Habit = SPREADSHEET) -> bytes:
    """Write a payroll file as `habit` does."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=habit.delimiter, lineterminator=habit.line_end)
    listed = list(rows)
    sought = [name for name in SOUGHT if any(name in row.sought for row in listed)]
    columns = [COLUMN_OF_KEY[name].advised for name in sought]
    writer.writerow([*habit.columns.values(), *habit.extra, *columns])
    for row in listed:
        cells = _cells(row, habit)
        asked = [_sought(row.sought.get(name), habit) for name in sought]
        writer.writerow([*(cells[key] for key in habit.columns), *habit.extra.values(), *asked])
    return out.getvalue().encode("utf-8-sig" if habit.byte_order_mark else "utf-8")


def _sought(kept: int | str | None, habit: Habit) -> str:
    if isinstance(kept, int):
        return habit.number(kept)
    return "" if kept is None else ({**JOB_WORDS, **PROGRAMME_WORDS})[kept][0]


def _cells(row: PayrollRow, habit: Habit) -> dict[str, str]:
    first, _, last = row.name.rpartition(" ")
    first, _, prefix = first.partition(" ")
    hours = row.contract_hours_week
    return {
        "personnel_number": row.personnel_number,
        "employment_number": str(row.employment_number),
        "full_name": row.name,
        "first_name": first,
        "prefix": prefix,
        "last_name": last,
        "birth_date": habit.date(row.birth_date),
        "email": row.email,
        "private_email": row.email,
        "contract_kind": habit.contract_words[row.contract_kind],
        "contract_hours_week": "" if hours is None else habit.number(hours),
        "paid_hours_period": habit.number(row.paid_hours_period),
        "started_on": habit.date(row.started_on),
        "ended_on": habit.date(row.ended_on),
        "gross_wage": "" if row.gross_wage is None else habit.number(row.gross_wage.cents),
    }
