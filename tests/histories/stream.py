"""Money operations one after the other, in a process of its own, on a server that may be killed.

`python -m tests.histories.stream FOLDER`: proves the books, finds back all that was confirmed before,
then does every operation of the stream from the first on, like a client that does not know which of
them arrived. After each answer it adds to FOLDER/confirmed what is true since.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import django

from eigenwijs.bookings.types import Quote

ROUNDS = 6
DAYS = 21  # from one round to the next, as `setting` makes its runs

FACTS = """
SELECT 'delivery ' || id FROM contributions_delivery WHERE state = 'booked'
UNION ALL SELECT format('nota %s %s', reference, total_cents) FROM contributions_paymentrequest
UNION ALL SELECT format('statement %s %s', statement_id, closing_cents) FROM treasury_bankstatement
UNION ALL SELECT format('credit %s %s', id, amount_cents) FROM budgets_credit
UNION ALL SELECT format('booking %s %s', id, from_account_cents) FROM bookings_booking
UNION ALL SELECT 'confirmed ' || id FROM bookings_booking WHERE confirmed_at IS NOT NULL
UNION ALL SELECT 'started ' || id FROM bookings_booking WHERE started_at IS NOT NULL
UNION ALL SELECT 'left ' || id FROM bookings_booking WHERE state = 'withdrawn'
UNION ALL SELECT format('order %s %s', id, amount_cents) FROM treasury_paymentorder
UNION ALL SELECT 'batch ' || id FROM treasury_paymentbatch
UNION ALL SELECT 'released ' || id FROM treasury_paymentbatch WHERE released_at IS NOT NULL
UNION ALL SELECT 'paid ' || id FROM treasury_paymentorder WHERE state = 'settled'
UNION ALL SELECT format('transfer %s %s %s', bucket, id, digest) FROM ledger_transfer
UNION ALL SELECT 'reaction ' || event_id FROM audit_reaction
UNION ALL SELECT format('row %s %s', id, action) FROM audit_auditrow
"""
HALF = """
SELECT reference FROM contributions_paymentrequest AS nota
WHERE credited_cents NOT IN (0, total_cents) OR credited_cents <> (
    SELECT coalesce(sum(credit.cents), 0) FROM contributions_creditedamount AS credit
    JOIN contributions_amountdue AS due ON due.id = credit.amount_due_id
    WHERE due.request_id = nota.id)
"""


def main(folder: Path) -> None:
    """Find back, repeat, go on; print the sums of the books in the end."""
    django.setup()
    from eigenwijs.kernel.errors import DomainError
    from eigenwijs.ledger import queries as ledger

    confirmed = folder / "confirmed"
    known = set(confirmed.read_text().splitlines()) if confirmed.exists() else set()
    _prove()
    assert known <= _rows(FACTS), sorted(known - _rows(FACTS))
    with confirmed.open("a", buffering=1) as file:
        for call in _stream(partial(_kept, folder)):
            with suppress(DomainError):  # a booking that went on since is not confirmed once more
                call()
            new = _rows(FACTS) - known
            file.write("".join(f"{fact}\n" for fact in sorted(new)))
            known |= new
    _prove()
    sums = {kind.value: one.posted.cents for kind, one in ledger.totals_by_kind().items()}
    json.dump(sums, sys.stdout)


def _prove() -> None:
    """The books prove themselves, and no nota is credited in part."""
    from eigenwijs.budgets import queries as accounts
    from eigenwijs.ledger import queries as ledger
    from tests.conftest import NOW

    breaches = ledger.prove(at=NOW, known_holds=accounts.hold_keys())
    assert [*breaches, *accounts.prove()] == []
    assert not ledger.client_money().difference
    assert _rows(HALF) == set()


def _rows(query: str) -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor}


def _kept(folder: Path, name: str, make: Callable[[], Any]) -> Any:
    """Return what the client kept under a name: made once, and kept before it is first used."""
    path = folder / name
    if not path.exists():
        new = path.with_suffix(".new")
        new.write_bytes(pickle.dumps(make()))
        new.rename(path)
    return pickle.loads(path.read_bytes())


def _quote(person_id: UUID, run_id: UUID, at: datetime) -> Quote:
    from eigenwijs.bookings.queries import quote

    return quote(
        person_id=person_id, run_id=run_id, required_by_employer=False, work_related=True, at=at
    )


def _leave(quote: Quote, at: datetime) -> Callable[[], object]:
    """The worker changes their mind before the course starts, on day 4."""
    from eigenwijs.bookings.operations import withdraw
    from eigenwijs.kernel.money import Money
    from tests.factories.bookings import worker_at

    return partial(
        withdraw,
        booking_id=quote.key,
        agreed_cost=Money.zero(),
        agreed_ending=Money.zero(),
        by=worker_at(quote.person_id, at),
        at=at,
    )


def _start(quote: Quote, at: datetime) -> Callable[[], object]:
    """The worker says that the course, which starts on day 4, has started."""
    from eigenwijs.bookings.operations import confirm_start
    from tests.factories.bookings import worker_at

    return partial(confirm_start, booking_id=quote.key, by=worker_at(quote.person_id, at), at=at)


def _stream(kept: Callable[[str, Callable[[], Any]], Any]) -> Iterator[Callable[[], object]]:
    """Yield the operations: payroll, payment, course, start or withdrawal, payout; round by round."""
    from eigenwijs.bookings import operations as bookings
    from eigenwijs.bookings import queries as booked
    from eigenwijs.contributions import queries as delivered
    from eigenwijs.jobs import operations as jobs
    from eigenwijs.treasury import queries as treasury
    from tests.conftest import NOW
    from tests.factories import treasury as paper
    from tests.factories.bookings import say_yes
    from tests.factories.contributions import SYSTEM, deliver, worker
    from tests.histories.setting import BORN, BUFFER, Setting, make_setting

    setting: Setting = kept("setting", make_setting)
    statement = paper.StatementText(opening=BUFFER, on=NOW.date(), id="0")

    def load(*entries: paper.Booking, at: datetime) -> Callable[[], object]:
        nonlocal statement
        number = str(int(statement.id) + 1)
        days = (at.date() - statement.on).days
        statement = paper.replace(statement.then(*entries, days=days), id=number)
        return partial(paper.load, statement, at=at)

    for number in range(ROUNDS):
        at = NOW + timedelta(days=DAYS * number)
        for employer, organisation in enumerate(setting.employers):
            people = [one for who, one in setting.jobs if who == employer]
            rows = [worker(one, hours=3600, birth_date=BORN) for one in people]
            yield partial(deliver, organisation, f"2026-{number + 1:02d}", rows, at)
        asked = [nota for by in setting.payrolls for nota in delivered.payment_requests(by=by)]
        asked = [nota for nota in asked if nota.period.number == number + 1]
        yield load(*(paper.pays(nota.to_pay.cents, nota.reference) for nota in asked), at=at)
        yield partial(jobs.drain, at=at)

        run, person = setting.runs[number], setting.workers[number % 3]
        quote = kept(f"quote {number}", partial(_quote, person, run.id, at))
        yield partial(say_yes, quote, early_start=True, at=at)
        yield partial(bookings.confirm, booking_id=quote.key, by=run.provider, at=at)
        if number % 3 == 2:
            yield _leave(quote, at + timedelta(days=1))
            continue
        yield _start(quote, at + timedelta(days=5))
        later = at + timedelta(days=DAYS - 1)
        yield partial(bookings.settle_due, by=SYSTEM, at=later)
        (order,) = treasury.orders_of(*booked.payouts([quote.key]))
        if order.state == "ready":
            yield partial(paper.make_batch, setting.bank_account, order.id, at=later)
        batch = treasury.batch(treasury.order(order.id).batch_id)
        if batch.state == "made":
            yield partial(paper.release, batch.id, at=later)
        yield load(paper.Booking(-order.amount.cents, (), batch=batch.identifier), at=later)
        yield partial(jobs.drain, at=later)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
