"""One euro's whole travel: payroll, two payers, two pots, a course, the provider paid by bank file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from eigenwijs.bookings import operations as bookings
from eigenwijs.bookings.types import BookingView
from eigenwijs.contributions import operations as contributions
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind, PersonView
from eigenwijs.treasury import operations as bank
from eigenwijs.treasury import queries as treasury
from tests.factories import treasury as paper
from tests.factories.bookings import confirm, quote_for, say_yes, worker_at
from tests.factories.catalogue import make_course, make_run
from tests.factories.contributions import (
    GIFT,
    LONG_AGO,
    SUPERMARKET,
    SYSTEM,
    deliver,
    make_law,
    make_participant,
    requests_of,
    worker,
)
from tests.factories.people import make_opened, make_organisation

DELIVERED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PAID_IN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BOOKED = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STARTED = datetime(2027, 3, 16, 9, 0, tzinfo=UTC)
PAID_OUT = datetime(2027, 3, 17, 9, 0, tzinfo=UTC)

# What a page for auditors may never show.
NAME = "Wilhelmina Xanthippe"
EMAIL = "wilhelmina.xanthippe@example.org"
NUMBER = "P00001"
BANK_NAME = "J. Quist-Zomer"
COURSE = "Bijenhouden voor gevorderden"
PLANTED = (NAME, "Xanthippe", EMAIL, NUMBER, BANK_NAME, "Quist", COURSE, "loon-van-quist")


@dataclass
class Travel:
    """What happened: 13.46 of a fund and 10.26 of the employer; 20.00 of that to a provider."""

    worker: PersonView
    employment: UUID
    references: tuple[str, str]
    booking: BookingView
    batch: UUID


def make_travel() -> Travel:
    """Let one euro travel all the way. Needs `settings.DEMO`: the agreement's figures are inferred."""
    make_law(SUPERMARKET)
    make_law(GIFT)
    account = paper.make_bank_account(opening=100_00)
    fund = make_organisation(OrganisationKind.PAYER, "Fonds Zonnig")
    employer = make_participant(SUPERMARKET, payer=fund)
    contributions.join_scheme(
        employer_id=employer.id,
        scheme=GIFT,
        payer_id=employer.id,
        starts_on=date(2026, 1, 1),
        by=SYSTEM,
        at=LONG_AGO,
    )
    deliver(employer, "2026-P01", [worker(1, name=NAME, email=EMAIL)], DELIVERED)
    requests = requests_of(employer)
    pays_in = [
        paper.pays(one.total_cents, reference=one.reference, name=BANK_NAME) for one in requests
    ]
    statement = paper.StatementText(pays_in, opening=100_00, on=PAID_IN.date())
    paper.load(statement, at=PAID_IN)
    jobs.drain(at=PAID_IN)
    (employment,) = people.employments_of_employer(employer.id)
    person = make_opened(employment.person_id, at=PAID_IN)
    booking = _booking(person)
    batch = _pay(account, booking, statement)
    first, second = (one.reference for one in requests)
    return Travel(person, employment.id, (first, second), booking, batch)


def _booking(person: PersonView) -> BookingView:
    run = make_run(make_course(COURSE), starts_on=date(2027, 3, 15), price_cents=20_00)
    booking = say_yes(quote_for(person, run, at=BOOKED), at=BOOKED)
    confirm(booking, BOOKED)
    bookings.confirm_start(booking_id=booking.id, by=worker_at(person, STARTED), at=STARTED)
    return booking


def _pay(account: UUID, booking: BookingView, statement: paper.StatementText) -> UUID:
    provider = booking.offer.provider_id
    registered = bank.register_payee_account(
        payee_id=provider,
        iban=paper.PAYEE_IBAN,
        holder_name=BANK_NAME,
        by=paper.someone(),
        at=LONG_AGO,
    )
    bank.approve_payee_account(account_id=registered, by=paper.someone(), at=LONG_AGO)
    (order,) = treasury.orders_to(provider)
    batch = paper.make_batch(account, order.id, at=PAID_OUT)
    paper.release(batch, at=PAID_OUT)
    leaves = paper.Booking(-20_00, batch=treasury.batch(batch).identifier)
    paper.load(statement.then(leaves, days=113), at=PAID_OUT)
    jobs.drain(at=PAID_OUT)
    assert treasury.order(order.id).amount == Money(20_00)
    return batch
