"""Crediting runs, month after month, beside a bare INSERT … SELECT of the same rows and indexes."""

from __future__ import annotations

import argparse
import cProfile
import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from bench.ledger import server_time
from eigenwijs.contributions import operations as contributions
from eigenwijs.contributions.models import AmountDue, Delivery, DeliveryLine, PaymentRequest
from eigenwijs.contributions.rules import payment_reference
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer
from eigenwijs.people.models import Employment, Person
from eigenwijs.people.types import OrganisationKind, OrganisationView
from eigenwijs.treasury import operations as treasury
from tests.factories import contributions as factories
from tests.factories.people import make_organisation
from tests.factories.treasury import pays

BY = Actor.system("bench")
BEGIN = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
TERM = (
    '\nexpiry:\n  after_months: 36\n  article: "7"\nreversion:\n  to: sector_fund\n  article: "7"\n'
)
HOURS = (1200, 2000, 2400, 3200, 3600, 3800)

# A time-ordered id (version 7) made from a moment and a text, as `kernel.ids` makes them.
_IDS = """
CREATE FUNCTION bench_id(milliseconds bigint, label text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(milliseconds), 12, '0') || '7' || substr(md5(label), 1, 3)
        || '8' || substr(md5(label), 4, 15))::uuid
$$
"""
# One row of a table again and again: `changes` is JSON of what differs, for each `n`.
_CLONE = """
INSERT INTO {table}
SELECT clone.* FROM {table} AS model, generate_series({first}, {last}) AS n,
LATERAL jsonb_populate_record(model, jsonb_build_object({changes})) AS clone
WHERE model.id = %s
"""


@dataclass
class Spent:
    """Processor seconds of Python and of the server, and wall seconds."""

    python: float = 0
    server: float = 0
    wall: float = 0

    @property
    def processor(self) -> float:
        """Of both together."""
        return self.python + self.server


@dataclass
class Month:
    """What crediting one month took, beside the bare insert and the ledger's calls of it."""

    product: Spent = field(default_factory=Spent)
    bare: Spent = field(default_factory=Spent)
    chunks: list[float] = field(default_factory=list)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="run.py bench crediting")
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--months", type=int, default=4, help="months measured, after the first")
    parser.add_argument(
        "--of-one-employer", type=int, default=100_000, help="people a nota at most"
    )
    parser.add_argument("--calls", type=int, nargs="+", default=[500, 5_000])
    parser.add_argument("--profile", action="store_true", help="keep a profile in var/")
    options = parser.parse_args(arguments)
    gc.set_threshold(100_000)  # as the job worker does
    _run(_IDS)
    gift = (factories.SCHEMES / factories.GIFT / "scheme.yaml").read_text()
    factories.make_law(factories.GIFT, text=gift + TERM)
    _run("CREATE TABLE bench_bare (LIKE ledger_transfer INCLUDING DEFAULTS INCLUDING INDEXES)")
    bank = factories.Bank()
    sizes = [
        min(options.of_one_employer, options.accounts - start)
        for start in range(0, options.accounts, options.of_one_employer)
    ]
    employers = [_Employer(size, number) for number, size in enumerate(sizes)]
    print(
        "| month | credits | product: Python s | server s | µs a credit | bare: server s | ratio |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    months = []
    for number in range(options.months + 1):
        profile = cProfile.Profile() if options.profile and number == 1 else None
        months.append(_month(employers, bank, number, profile))
        if number:  # the first one makes the pots
            _print(number, options.accounts, months[-1])
    _ratios(months[1:])
    _ledger_alone(options.accounts, options.calls)


class _Employer:
    """An employer with as many people as wanted, all of them copies of the first one."""

    def __init__(self, size: int, number: int) -> None:
        self.size = size
        self.number = number
        self.employer = _participant()
        at = BEGIN
        factories.deliver(self.employer, "2026-01", [factories.worker(1)], at)
        self.model = AmountDue.objects.select_related("line", "request", "delivery").get(
            delivery__employer=self.employer.id
        )
        first = int(at.timestamp() * 1000)
        self.people = f"bench_id({first} + n / 10, '{number}.p.' || n)"
        self.jobs = f"bench_id({first} + n / 10, '{number}.e.' || n)"
        _clone(Person, self.model.person_id, 2, size, f"'id', {self.people}")
        _clone(
            Employment,
            self.model.employment_id,
            2,
            size,
            f"'id', {self.jobs}, 'person_id', {self.people},"
            " 'personnel_number', 'P' || lpad(n::text, 7, '0')",
        )

    def ask(self, month: int, at: datetime) -> PaymentRequest:
        """Let a delivery of this month be there with a request for it, as booking one writes them."""
        period = f"{2026 + month // 12}-{month % 12 + 1:02d}"
        request, delivery = self.model.request, self.model.delivery
        assert request is not None
        assert self.model.line is not None
        if month:
            delivery = Delivery.objects.get(pk=delivery.pk)
            delivery.pk, delivery.period = new_id(at), period
            delivery.save(force_insert=True)
            request = PaymentRequest.objects.get(pk=request.pk)
            request.pk, request.delivery, request.state = new_id(at), delivery, "open"
            request.number += 1_000_000 * month
            request.reference = payment_reference(request.number)
            request.credited_cents = 0
        request.total_cents = self.model.amount_cents * self.size
        request.save(force_insert=bool(month))
        moment = int(at.timestamp() * 1000)
        ids = {
            letter: f"bench_id({moment} + n / 10, '{self.number}.{month}.{letter}.' || n)"
            for letter in "la"
        }
        first = 1 if month else 2
        hours = f"(ARRAY{list(HOURS)})[n %% {len(HOURS)} + 1]"
        _clone(
            DeliveryLine,
            self.model.line.pk,
            first,
            self.size,
            f"'id', {ids['l']}, 'delivery_id', '{delivery.pk}', 'number', n + 1, 'contract_hours_week',"
            f" {hours}, 'personnel_number', 'P' || lpad(n::text, 7, '0')",
        )
        theirs = "CASE n WHEN 1 THEN '{}' ELSE {}::text END"
        _clone(
            AmountDue,
            self.model.pk,
            first,
            self.size,
            f"'id', {ids['a']}, 'delivery_id', '{delivery.pk}', 'line_id', {ids['l']}, 'period', '{period}',"
            f" 'request_id', '{request.pk}', 'credited_cents', 0,"
            f" 'person_id', {theirs.format(self.model.person_id, self.people)},"
            f" 'employment_id', {theirs.format(self.model.employment_id, self.jobs)}",
        )
        _run(
            "INSERT INTO budgets_expectedcredit SELECT clone.* FROM budgets_expectedcredit AS model,"
            " contributions_amountdue AS due, LATERAL jsonb_populate_record(model, jsonb_build_object("
            " 'id', due.id, 'person_id', due.person_id, 'credited_cents', 0)) AS clone"
            " WHERE model.id = %s AND due.request_id = %s AND due.id <> model.id",
            self.model.pk,
            request.pk,
        )
        reference = request.reference
        if month:
            treasury.expect_receipt(
                reference=reference,
                amount=Money(request.total_cents),
                payer_id=request.payer_id,
                due_on=request.due_on,
                owner=("contributions.paymentrequest", request.pk),
                by=BY,
                at=at,
            )
        else:
            _run(
                "UPDATE treasury_expectedreceipt SET amount_cents = %s WHERE reference = %s",
                request.total_cents,
                reference,
            )
        return request


def _participant() -> OrganisationView:
    employer = make_organisation()
    contributions.join_scheme(
        employer_id=employer.id,
        scheme=factories.GIFT,
        payer_id=employer.id,
        starts_on=date(2024, 1, 1),
        reverts_to=make_organisation(OrganisationKind.PAYER).id,
        by=BY,
        at=factories.LONG_AGO,
    )
    return employer


def _month(
    employers: list[_Employer], bank: factories.Bank, number: int, profile: cProfile.Profile | None
) -> Month:
    """Let everybody be paid for a month, and measure from the payment to the last credit."""
    at = BEGIN + timedelta(days=30 * number)
    requests = [employer.ask(number, at) for employer in employers]
    _run("ANALYZE")
    last = _last_number()
    paid = [pays(one.total_cents, reference=one.reference) for one in requests]
    bank.load(*paid, at=at)
    month = Month()
    _run("CHECKPOINT")
    with _measured(month.product), profile or nullcontext():
        while event := _next_event():
            began = time.process_time()
            jobs.react(event_id=event, at=at)
            month.chunks.append(time.process_time() - began)
    if profile:
        profile.dump_stats("var/crediting.profile")
    month.chunks = month.chunks[1:-1]  # without the plan and the end
    _run("CHECKPOINT")
    with _measured(month.bare):
        _run("INSERT INTO bench_bare SELECT * FROM ledger_transfer WHERE number > %s", last)
    return month


def _next_event() -> int | None:
    """Take the next job out of the queue, as the worker does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE id = (SELECT min(id) FROM procrastinate_jobs"
            " WHERE task_name = 'react') RETURNING (args ->> 'event_id')::bigint"
        )
        row = cursor.fetchone()
    return row and int(row[0])


def _print(number: int, accounts: int, month: Month) -> None:
    print(
        f"| {number} | {accounts:,} | {month.product.python:.1f} | {month.product.server:.1f}"
        f" | {month.product.processor / accounts * 1e6:,.0f} | {month.bare.server:.2f}"
        f" | {month.bare.processor / month.product.processor:.3f} |",
        flush=True,
    )


def _ratios(months: list[Month]) -> None:
    chunks = [one for month in months for one in month.chunks]
    tenth = max(1, len(chunks) // 10)
    print("\n| ratio | reached | aim |\n|---|---:|---:|")
    of_bare = median(one.bare.processor / one.product.processor for one in months)
    wall = median(one.bare.wall / one.product.wall for one in months)
    print(f"| bare INSERT … SELECT against the run, processor | {of_bare:.3f} × | |")
    print(f"| the same, wall time | {wall:.3f} × | 0.45 × |")
    first, last = median(chunks[:tenth]), median(chunks[-tenth:])
    print(
        f"| Python of the first tenth of the chunks against the last | {first / last:.2f} × | 0.85 × |"
    )
    first, last = months[0].product.processor, months[-1].product.processor
    print(f"| the first month against the last, processor | {first / last:.2f} × | 0.9 × |")


def _ledger_alone(accounts: int, sizes: Sequence[int]) -> None:
    """Only the calls of the ledger, for as many credits as a month has, in chunks of these sizes."""
    print("\n| only `ledger.post`, credits a call | Python µs each | server µs each | × bare |")
    print("|---|---:|---:|---:|")
    at = BEGIN + timedelta(days=3_000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_bucket, account_id FROM budgets_pot ORDER BY id")
        pots = [AccountRef(*row) for row in cursor.fetchall()]
    bank = ledger.open_account(kind=AccountKind.BANK, owner=new_id(at), at=at)
    clearing = ledger.open_account(kind=AccountKind.PAYER_CLEARING, owner=new_id(at), at=at)
    for size in sizes:
        last = _last_number()
        ledger.post([_transfer(bank, clearing, 100 * accounts, at)], by=BY, at=at)
        _run("CHECKPOINT")
        spent, bare = Spent(), Spent()
        with _measured(spent):
            for start in range(0, len(pots), size):
                group = new_id(at)
                chunk = [
                    _transfer(clearing, pot, 100, at, group) for pot in pots[start : start + size]
                ]
                ledger.post(chunk, by=BY, at=at)
        _run("CHECKPOINT")
        with _measured(bare):
            _run("INSERT INTO bench_bare SELECT * FROM ledger_transfer WHERE number > %s", last)
        print(
            f"| {size:,} | {spent.python / accounts * 1e6:.0f} | {spent.server / accounts * 1e6:.0f}"
            f" | {bare.processor / spent.processor:.3f} |",
            flush=True,
        )


def _transfer(
    debit: AccountRef, credit: AccountRef, cents: int, at: datetime, group: UUID | None = None
) -> NewTransfer:
    return NewTransfer(
        key=new_id(at),
        debit=debit,
        credit=credit,
        amount=Money(cents),
        kind="credit",
        occurred_on=at.date(),
        group=group or new_id(at),
    )


@contextmanager
def _measured(spent: Spent) -> Iterator[None]:
    wall, python = time.perf_counter(), time.process_time()
    with server_time() as server:
        yield
    spent.wall, spent.python = time.perf_counter() - wall, time.process_time() - python
    spent.server = server[0]


def _last_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM ledger_transfer")
        return int(cursor.fetchone()[0])


def _clone(model: type[Model], row: UUID, first: int, last: int, changes: str) -> None:
    table = model._meta.db_table
    _run(_CLONE.format(table=table, first=first, last=last, changes=changes), row)


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
