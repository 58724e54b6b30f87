"""Made-up agreements in force, employers that take part, payroll files and payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import TrailRow
from eigenwijs.budgets import queries as accounts
from eigenwijs.contributions import operations
from eigenwijs.contributions.models import PaymentRequest
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.contributions.types import DeliveryView
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.period import Period
from eigenwijs.people import queries as people
from eigenwijs.people.types import (
    ContractKind,
    EmploymentView,
    OrganisationKind,
    OrganisationView,
    Role,
)
from eigenwijs.schemes import operations as schemes
from tests.factories import treasury
from tests.factories.payroll_files import payroll_row, write_payroll_file
from tests.factories.people import actor_for, make_organisation, make_person

SCHEMES = Path(__file__).resolve().parents[2] / "schemes"
SYSTEM = Actor.system("test")
LONG_AGO = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)

SUPERMARKET = "nl/supermarkt"
GIFT = "nl/gift-werkgever"
ELECTROTECHNICAL = "nl/elektrotechnische-detailhandel"
SOCIAL_WORK = "nl/sociaal-werk"
ONCE = """\
scheme: nl/eenmalig
title: {nl: Startbedrag, en: Starting amount}
source: an invented agreement
starts: 2024-01-01
periods: [month]
signed_by: [employer]
portable: true
parameters:
  start: {unit: EUR, values: {2024-01-01: 500.00}, article: "1"}
credit:
  - {id: start, per: once, cases: [{otherwise: start}], round: up, article: "1"}
spend: {work_related_only: true, article: "2"}
"""
CAPPED = ONCE.replace("per: once", "per: period").replace(
    "spend:", 'cap: {CAP: [{otherwise: start}], article: "1"}\nspend:'
)
"""€ 500 a month, capped at € 500; write which cap for CAP."""

MONTHLY_SCHEME = "nl/maandbedrag"
MONTHLY = """\
scheme: nl/maandbedrag
title: {nl: Maandbedrag, en: Monthly amount}
source: an invented agreement
starts: 2024-01-01
periods: [month]
signed_by: [employer]
portable: true
parameters:
  amount: {unit: EUR, values: {2024-01-01: 10.00}, article: "1"}
  least: {unit: hours, values: {2024-01-01: 8}, article: "1"}
absent:
  contract_hours_week: {not_eligible: {nl: Geen uren., en: No hours.}, article: "1"}
eligible:
  - {id: hours, when: contract_hours_week >= least, otherwise: {nl: Te kort., en: Too short.}, article: "1"}
credit:
  - {id: monthly, per: period, cases: [{otherwise: amount}], round: half_up, article: "1"}
spend: {work_related_only: true, article: "2"}
"""
MONTHLY_NEXT = MONTHLY.replace("10.00}", "10.00, 2026-12-01: 12.50}").replace(
    "8}", "8, 2026-12-01: 16}"
)
"""€ 2.50 more a month, and nothing any more below 16 hours a week."""

REACTIONS = {
    "delivery_received": operations.read_delivery,
    "delivery_confirmed": operations.book_delivery,
    "receipt_matched": operations.credit_paid,
    "crediting_begun": operations.credit_next,
    "crediting_continues": operations.credit_next,
    "money_credited": operations.book_waiting,
    "receipt_reversed": operations.reopen,
}


def make_law(scheme: str, *, valid_from: date = date(2024, 1, 1), text: str = "") -> list[UUID]:
    """Put a scheme that we ship in force; return the organisations that signed it."""
    text = text or (SCHEMES / scheme / "scheme.yaml").read_text()
    version = schemes.load(text=text, by=SYSTEM, at=LONG_AGO)
    signers = []
    for side in version.signed_by:
        signer = make_organisation(OrganisationKind.AGREEMENT_PARTY)
        signers.append(signer.id)
        schemes.sign(
            version_hash=version.hash,
            side=side,
            organisation_id=signer.id,
            document="akte",
            by=SYSTEM,
            at=LONG_AGO,
        )
    schemes.activate(version_hash=version.hash, valid_from=valid_from, by=SYSTEM, at=LONG_AGO)
    return signers


def make_participant(
    *schemes_: str, payer: OrganisationView | None = None, reverts_to: UUID | None = None
) -> OrganisationView:
    """An employer that takes part in schemes that are in force; it pays itself unless `payer`."""
    employer = make_organisation()
    for scheme in schemes_:
        has_end = scheme in (ELECTROTECHNICAL, SOCIAL_WORK)
        fund = make_organisation(OrganisationKind.PAYER).id if has_end else None
        operations.join_scheme(
            employer_id=employer.id,
            scheme=scheme,
            payer_id=(payer or employer).id,
            starts_on=date(2024, 1, 1),
            reverts_to=reverts_to or fund,
            by=SYSTEM,
            at=LONG_AGO,
        )
    return employer


def actor_of(employer: OrganisationView) -> Actor:
    """Somebody who delivers payrolls for an employer."""
    person = make_person(role=Role.EMPLOYER, organisation_id=employer.id)
    return actor_for(person, Role.EMPLOYER, employer.id)


def worker(number: int = 1, *, hours: int | None = 2000, **changes: object) -> PayrollRow:
    """A payroll row with a personnel number of its own; hours in hundredths, None is on call."""
    kind = ContractKind.PERMANENT if hours is not None else ContractKind.ON_CALL
    facts: dict[str, object] = {
        "line": number + 1,
        "personnel_number": f"P{number:05d}",
        "contract_kind": kind,
        "contract_hours_week": hours,
        "paid_hours_period": 8000,
        "name": f"Werknemer Nummer {number}",
        "email": "",
        "gross_wage": None,
    }
    return payroll_row(**(facts | changes))


def preview(
    employer: OrganisationView, period: str, rows: Sequence[PayrollRow], at: datetime
) -> DeliveryView:
    """Deliver a file without confirming it."""
    return operations.preview_delivery(
        employer_id=employer.id,
        period=Period.parse(period),
        file_name="salaris.csv",
        content=write_payroll_file(rows),
        by=SYSTEM,
        at=at,
    )


def deliver(
    employer: OrganisationView, period: str, rows: Sequence[PayrollRow], at: datetime
) -> DeliveryView:
    """Deliver and confirm a file."""
    return operations.confirm_delivery(
        delivery_id=preview(employer, period, rows, at).id, by=SYSTEM, at=at
    )


def requests_of(employer: OrganisationView) -> list[PaymentRequest]:
    """The employer's payment requests, the oldest first."""
    return list(PaymentRequest.objects.filter(employer=employer.id).order_by("number"))


def waiting() -> list[TrailRow]:
    """The events that contributions still has to react to, the oldest first."""
    return [event for event in trail.events_without_reaction() if event.event in REACTIONS]


def react_once(at: datetime) -> str:
    """Let contributions react to the oldest event that waits; return which."""
    event = waiting()[0]
    audit.mark_reacted(event_id=event.id, at=at)
    REACTIONS[event.event](event, by=SYSTEM, at=at)
    return event.event


def react(at: datetime) -> None:
    """Let contributions react to every event it reacts to, once, in order."""
    while waiting():
        react_once(at)


class Bank:
    """The foundation's bank: statement after statement."""

    def __init__(self, opening: int = 0) -> None:
        treasury.make_bank_account(opening=opening)
        self.statement: treasury.StatementText | None = None
        self.opening = opening

    def book(self, *bookings: treasury.Booking, at: datetime) -> None:
        """Import a statement with these bookings and react to what it says."""
        self.load(*bookings, at=at)
        react(at)

    def load(self, *bookings: treasury.Booking, at: datetime) -> None:
        """Import a statement with these bookings; nobody reacts yet."""
        if self.statement is None:
            self.statement = treasury.StatementText(bookings, opening=self.opening)
        else:
            self.statement = self.statement.then(*bookings)
        treasury.load(self.statement, at=at)

    def pay(self, request: PaymentRequest, at: datetime, cents: int | None = None) -> None:
        """Let a payer pay a request, in full unless `cents`."""
        cents = request.total_cents - request.taken_back_cents if cents is None else cents
        self.book(treasury.pays(cents, reference=request.reference), at=at)


def later(at: datetime, days: int = 1) -> datetime:
    """Some days later."""
    return at + timedelta(days=days)


def employment(employer: OrganisationView, number: int = 1) -> EmploymentView:
    """The employment of the worker with this number."""
    return next(
        view
        for view in people.employments_of_employer(employer.id)
        if view.personnel_number == f"P{number:05d}"
    )


def account(employer: OrganisationView, at: datetime, number: int = 1) -> tuple[int, int]:
    """What a worker has and may expect, in cents."""
    view = accounts.account(employment(employer, number).person_id, on=at.date())
    return view.available.cents, view.expected.cents
