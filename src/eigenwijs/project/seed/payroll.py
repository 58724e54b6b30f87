"""Payroll files as three makers of payroll programs write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from eigenwijs.kernel.period import PERIODS_A_YEAR, Period
from eigenwijs.people.types import ContractKind
from eigenwijs.project.seed.cast import Employer, Worker

FULL_TIME_HOURS_WEEK = 3800


@dataclass(frozen=True)
class Habit:
    """How one payroll program writes its file."""

    columns: Mapping[str, Callable[[Worker, Period, Habit], str]]
    contract_words: Mapping[ContractKind, str]
    delimiter: str = ";"
    decimal_mark: str = ","
    date_form: str = "%d-%m-%Y"
    byte_order_mark: bool = False

    def number(self, hundredths: int | None) -> str:
        """Write hundredths; nothing for none."""
        if hundredths is None:
            return ""
        return f"{hundredths // 100}{self.decimal_mark}{hundredths % 100:02d}"

    def day(self, day: date | None) -> str:
        """Write a date; nothing for none."""
        return day.strftime(self.date_form) if day else ""


def _paid_hours(worker: Worker, period: Period) -> int:
    """Hours paid in hundredths; somebody on call works a varying number of them."""
    weeks = ((period.end - period.start).days + 1) / 7
    if worker.contract_hours_week is None:
        varying = (int(worker.personnel_number) * 7 + period.number * 13) % 21
        return int(varying * 100 * weeks)
    return int(worker.contract_hours_week * weeks)


def _gross_wage(worker: Worker, period: Period) -> int:
    hours = worker.contract_hours_week or 1200
    return worker.monthly_wage * 12 * hours // FULL_TIME_HOURS_WEEK // PERIODS_A_YEAR[period.kind]


def _ended(worker: Worker, period: Period) -> date | None:
    return worker.ended_on if worker.ended_on and worker.ended_on <= period.end else None


HABITS: Mapping[str, Habit] = {
    "spreadsheet": Habit(
        columns={
            "Personeelsnummer": lambda worker, _, __: worker.personnel_number,
            "Naam": lambda worker, _, __: worker.name,
            "Geboortedatum": lambda worker, _, habit: habit.day(worker.birth_date),
            "E-mail": lambda worker, _, __: worker.email,
            "Soort contract": lambda worker, _, habit: habit.contract_words[worker.contract_kind],
            "Contracturen per week": lambda worker, _, habit: habit.number(
                worker.contract_hours_week
            ),
            "Betaalde uren": lambda worker, period, habit: habit.number(
                _paid_hours(worker, period)
            ),
            "In dienst": lambda worker, _, habit: habit.day(worker.started_on),
            "Uit dienst": lambda worker, period, habit: habit.day(_ended(worker, period)),
            "Afdeling": lambda *_: "Winkel",
        },
        contract_words={
            ContractKind.PERMANENT: "vast",
            ContractKind.FIXED_TERM: "tijdelijk",
            ContractKind.ON_CALL: "oproep",
            ContractKind.AGENCY: "uitzend",
        },
        byte_order_mark=True,
    ),
    "payroll_office": Habit(
        columns={
            "Medewerkernr.": lambda worker, _, __: worker.personnel_number,
            "Achternaam": lambda worker, _, __: worker.name.partition(" ")[2],
            "Voornaam": lambda worker, _, __: worker.name.partition(" ")[0],
            "Geb.datum": lambda worker, _, habit: habit.day(worker.birth_date),
            "E-mail (privé)": lambda worker, _, __: worker.email,
            "Type contract": lambda worker, _, habit: habit.contract_words[worker.contract_kind],
            "Contracturen p/w": lambda worker, _, habit: habit.number(worker.contract_hours_week),
            "Verloonde uren": lambda worker, period, habit: habit.number(
                _paid_hours(worker, period)
            ),
            "Datum in dienst": lambda worker, _, habit: habit.day(worker.started_on),
            "Datum uit dienst": lambda worker, period, habit: habit.day(_ended(worker, period)),
            "Brutosalaris": lambda worker, period, habit: habit.number(_gross_wage(worker, period)),
            "Kostenplaats": lambda *_: "4100",
        },
        contract_words={
            ContractKind.PERMANENT: "Onbepaalde tijd",
            ContractKind.FIXED_TERM: "Bepaalde tijd",
            ContractKind.ON_CALL: "Nul-urencontract",
            ContractKind.AGENCY: "Uitzendkracht",
        },
        delimiter="\t",
        date_form="%Y%m%d",
    ),
    "english_program": Habit(
        columns={
            "Employee ID": lambda worker, _, __: worker.personnel_number,
            "Full name": lambda worker, _, __: worker.name,
            "Date of birth": lambda worker, _, habit: habit.day(worker.birth_date),
            "E-mail address": lambda worker, _, __: worker.email,
            "Contract type": lambda worker, _, habit: habit.contract_words[worker.contract_kind],
            "Contract hours per week": lambda worker, _, habit: habit.number(
                worker.contract_hours_week
            ),
            "Paid hours": lambda worker, period, habit: habit.number(_paid_hours(worker, period)),
            "Start date": lambda worker, _, habit: habit.day(worker.started_on),
            "End date": lambda worker, period, habit: habit.day(_ended(worker, period)),
        },
        contract_words={
            ContractKind.PERMANENT: "Permanent",
            ContractKind.FIXED_TERM: "Fixed-term",
            ContractKind.ON_CALL: "Zero hours",
            ContractKind.AGENCY: "Agency",
        },
        delimiter=",",
        decimal_mark=".",
        date_form="%Y-%m-%d",
    ),
}


def payroll_file(employer: Employer, staff: Sequence[Worker], period: Period) -> bytes:
    """Write the employer's file for `period`, with everyone employed on some day of it."""
    habit = HABITS[employer.habit]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=habit.delimiter, lineterminator="\r\n")
    writer.writerow(habit.columns)
    for worker in staff:
        if worker.started_on <= period.end and (
            not worker.ended_on or worker.ended_on >= period.start
        ):
            writer.writerow([write(worker, period, habit) for write in habit.columns.values()])
    mark = b"\xef\xbb\xbf" if habit.byte_order_mark else b""
    return mark + out.getvalue().encode()
