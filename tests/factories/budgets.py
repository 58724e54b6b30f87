"""Made-up learning accounts, made through the operations of the rooms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from eigenwijs.budgets import operations
from eigenwijs.budgets.types import CreditView, Reason
from eigenwijs.catalogue.types import CourseFacts, CourseKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind, NewTransfer
from eigenwijs.people.types import OrganisationKind
from eigenwijs.schemes.types import (
    Conditions,
    OrderClocks,
    SpendAmount,
    SpendExemption,
    SpendLimit,
    SpendMilestones,
    SpendOwn,
    Step,
)
from tests.factories.people import SYSTEM, make_organisation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

ONLINE_ONLY = SpendLimit(
    id="online",
    when="online",
    figures={},
    otherwise={"nl": "Alleen voor online cursussen.", "en": "Online courses only."},
    article="art. 4",
)

SIXTY_PERCENT = SpendAmount(
    cases=(("online", "price"), ("", "price * part")),
    figures={"part": "3/5"},
    text={
        "nl": "Dit geld betaalt 60 procent van de prijs. Online betaalt het alles.",
        "en": "This money pays 60 percent of the price. Online it pays all.",
    },
    article="art. 5",
)

OWN_CONTRIBUTION = SpendOwn(
    cases=(("", "contribution"),),
    unless=(
        SpendExemption(
            "not employed", "", {"nl": "Zonder werk hoeft dat niet.", "en": "Not without a job."}
        ),
        SpendExemption(
            "", "top_up", {"nl": "Met ander geld hoeft dat niet.", "en": "Not with other money."}
        ),
    ),
    figures={"contribution": "10320", "top_up": "5000"},
    text={"nl": "Je betaalt een eigen bijdrage.", "en": "You pay a contribution."},
    article="art. 6",
)

CO_FUNDED = SpendAmount(
    cases=(("", "least"),),
    figures={"least": "5000"},
    text={"nl": "Een ander betaalt eerst € 50.", "en": "Another pays €50 first."},
    article="art. 7",
)


def make_conditions(
    *,
    scheme: str = "gift",
    ends_on: date | None = None,
    reverts_to: UUID | None = None,
    work_related_only: bool = False,
    correctable_for_days: int | None = None,
    online_only: bool = False,
    pays: SpendAmount | None = None,
    own: SpendOwn | None = None,
    others_pay_at_least: SpendAmount | None = None,
    orders: OrderClocks | None = None,
    completed_percent: int = 0,
    halfway_percent: int = 0,
    attended_at_least: int = 0,
    certificate_suffices: bool = False,
    portable: bool = True,
) -> Conditions:
    """Conditions; money that ends goes to a fund of its own unless `reverts_to` says otherwise."""
    if ends_on is not None and reverts_to is None:
        reverts_to = make_organisation(OrganisationKind.PAYER).id
    return Conditions(
        scheme=scheme,
        title={"nl": "Gift", "en": "Gift"},
        work_related_only=work_related_only,
        spend=(ONLINE_ONLY,) if online_only else (),
        pays=pays,
        own=own,
        others_pay_at_least=others_pay_at_least,
        orders=orders,
        milestones=SpendMilestones(
            completed_percent, attended_at_least, certificate_suffices, "art. 8", halfway_percent
        )
        if completed_percent or halfway_percent
        else None,
        expires_on=ends_on,
        correctable_for_days=correctable_for_days,
        reverts_to=reverts_to,
        portable=portable,
    )


def make_job_conditions(
    employer: UUID,
    *,
    months: int | None = 3,
    goes_back: bool = False,
    reverts_to: UUID | None = None,
    ends_on: date | None = None,
) -> Conditions:
    """Conditions of money that ends so many months after a job at `employer`, or goes back to it."""
    found = make_conditions(
        ends_on=ends_on,
        reverts_to=reverts_to or make_organisation(OrganisationKind.PAYER).id,
        portable=False,
    )
    return replace(found, employer=employer, months_after_job=months, goes_back=goes_back)


def make_reason(period: str = "2026-11") -> Reason:
    """A reason with one step."""
    step = Step("per_period", {"cents": 1458}, "art. 3")
    return Reason("gift", "ab" * 32, "art. 3", period, (step,), {"contract_hours_week": "32"})


def pay_in(payer_id: UUID, cents: int, *, at: datetime = NOW) -> None:
    """Have a payer's money arrive at the bank."""
    bank = ledger.open_account(kind=AccountKind.BANK, owner=UUID(int=1), at=at)
    clearing = ledger.open_account(kind=AccountKind.PAYER_CLEARING, owner=payer_id, at=at)
    receipt = NewTransfer(
        key=new_id(at),
        debit=bank,
        credit=clearing,
        amount=Money(cents),
        kind="receipt",
        occurred_on=local_date(at),
        group=new_id(at),
    )
    ledger.post([receipt], by=SYSTEM, at=at)


def make_credit(
    person_id: UUID,
    cents: int,
    *,
    payer_id: UUID | None = None,
    conditions: Conditions | None = None,
    at: datetime = NOW,
) -> CreditView:
    """Money on a person's learning account, paid in by the payer first."""
    payer = payer_id or make_organisation().id
    pay_in(payer, cents, at=at)
    return operations.credit(
        key=new_id(at),
        person_id=person_id,
        payer_id=payer,
        amount=Money(cents),
        conditions=conditions or make_conditions(),
        reason=make_reason(),
        occurred_on=local_date(at),
        group=new_id(at),
        by=SYSTEM,
        at=at,
    )


def make_course_facts(
    cents: int = 40_000, *, is_online: bool = False, kind: CourseKind = CourseKind.COURSE
) -> CourseFacts:
    """The facts of a course at a price."""
    return CourseFacts(
        price=Money(cents),
        provider_id=UUID(int=2),
        subjects=("0610",),
        is_online=is_online,
        starts_on=date(2027, 1, 15),
        quality_marks=(),
        kind=kind,
    )
