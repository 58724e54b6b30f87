"""Large payroll and course files, phase by phase: what does a line cost, and does that grow?"""

from __future__ import annotations

import argparse
import cProfile
import csv
import gc
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from eigenwijs.catalogue import operations as catalogue
from eigenwijs.contributions import operations as contributions
from eigenwijs.contributions.payroll_file import read_payroll_file
from eigenwijs.contributions.types import DeliveryView
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.period import Period
from eigenwijs.people.types import OrganisationKind, OrganisationView
from tests.factories import contributions as factories
from tests.factories.payroll_files import write_payroll_file
from tests.factories.people import make_organisation

SYSTEM = Actor.system("bench")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROWS = (1_000, 10_000, 100_000)


@dataclass
class Measured:
    """What each phase took, printed as it ends; with `profiled`, that phase's profile is kept."""

    rows: int
    profiled: str = ""
    statements: int = 0
    found: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        profile = cProfile.Profile() if name == self.profiled else None
        self.statements = 0
        wall, processor = time.perf_counter(), time.process_time()
        if profile:
            profile.enable()
        with connection.execute_wrapper(self._count):
            yield
        if profile:
            profile.disable()
            profile.dump_stats(f"var/{name.replace(' ', '-')}.profile")
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        self.found[name] = wall
        print(
            f"| {name:34} | {self.rows:>7,} | {wall:8.2f} | {processor:8.2f} "
            f"| {wall / self.rows * 1e6:9.0f} | {self.statements:>10,} |",
            flush=True,
        )

    def _count(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.statements += 1
        return execute(*arguments)


def payroll(measured: Measured, bank: factories.Bank) -> None:
    """Two months of one employer: everybody new, then everybody known and one in ten changed."""
    employer = factories.make_participant(factories.SUPERMARKET)
    for month, at in (("2026-09", NOW), ("2026-10", NOW + timedelta(days=30))):
        content = _payroll_file(measured.rows, month)
        with measured.phase(f"payroll {month}: read"):
            read_payroll_file(content, Period.parse(month))
        _deliver(measured, employer, month, content, at=at)
        request = factories.requests_of(employer)[-1]
        with measured.phase(f"payroll {month}: settle and credit"):
            bank.pay(request, at)
    for label, at in (("corrected", NOW + timedelta(days=31)),):
        content = _payroll_file(measured.rows, "2026-10", lowered=True)
        _deliver(measured, employer, "2026-10", content, at=at, label=f" {label}")


def _deliver(
    measured: Measured,
    employer: OrganisationView,
    month: str,
    content: bytes,
    *,
    at: datetime,
    label: str = "",
) -> None:
    with measured.phase(f"payroll {month}{label}: preview"):
        found: DeliveryView = contributions.preview_delivery(
            employer_id=employer.id,
            period=Period.parse(month),
            file_name="salaris.csv",
            content=content,
            by=SYSTEM,
            at=at,
        )
        jobs.drain(at=at)
    with measured.phase(f"payroll {month}{label}: confirm"):
        contributions.confirm_delivery(delivery_id=found.id, by=SYSTEM, at=at)
    with measured.phase(f"payroll {month}{label}: book"):
        jobs.drain(at=at)


def _payroll_file(rows: int, month: str, *, lowered: bool = False) -> bytes:
    last = month == "2026-10"
    return write_payroll_file(
        factories.worker(
            number,
            hours=(1200, 2000, 2400, 3200, 3600, 3800)[number % 6],
            paid_hours_period=(4800 + number * 37 % 12_000)
            // (2 if lowered and number % 10 == 0 else 1),
            email=f"werknemer{number}@voorbeeld.example",
            birth_date=date(1960, 1, 1) + timedelta(days=number * 31 % 16_000),
            started_on=date(2026, 9, 14) if number % 17 == 0 and last else date(2019, 9, 1),
        )
        for number in range(1, rows + 1)
    )


def courses(measured: Measured, _bank: factories.Bank) -> None:
    """One provider's file: new, the same again, and with every tenth price changed."""
    provider = make_organisation(OrganisationKind.PROVIDER)
    for label, changed in (("new", False), ("same", False), ("one in ten changed", True)):
        content = _course_file(measured.rows, changed=changed)
        with measured.phase(f"courses {label}: preview"):
            kept = catalogue.deliver_courses(
                content=content, file_name="c.csv", provider_id=provider.id, by=SYSTEM, at=NOW
            )
        with measured.phase(f"courses {label}: import"):
            catalogue.confirm_delivery(delivery_id=kept.id, by=SYSTEM, at=NOW)
            jobs.drain(at=NOW)


def _course_file(rows: int, *, changed: bool) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        ["cursuscode", "titel", "beschrijving", "onderwerp", "taal", "prijs", "startdatum",
         "dagdeel", "plaats", "postcode", "plaatsen"]
    )  # fmt: skip
    for number in range(rows):
        course, start = divmod(number, 4)
        price = 250 + course % 40 + (changed and course % 10 == 0)
        writer.writerow(
            [f"C{course:06d}", f"Cursus nummer {course}", "Je leert het in stappen. " * 8, "0611",
             "nl", f"{price},00", date(2027, 1, 4) + timedelta(days=start * 30 + course % 28),
             "avond", "Utrecht", "3511", "12"]
        )  # fmt: skip
    return out.getvalue().encode()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="run.py bench imports")
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS)
    parser.add_argument("--only", choices=["payroll", "courses"])
    parser.add_argument("--profile", default="", help="keep the profile of this phase in var/")
    options = parser.parse_args(arguments)
    gc.set_threshold(100_000)  # as the job worker does
    print("| phase | lines | wall s | Python s | µs a line | statements |")
    print("|---|---:|---:|---:|---:|---:|")
    factories.make_law(factories.SUPERMARKET)
    bank = factories.Bank()
    for rows in options.rows:
        for work in (payroll, courses):
            if options.only in (None, work.__name__):
                work(Measured(rows, options.profile), bank)
