"""A worker with money under a real scheme: everything that the worker's pages show."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.types import CreditView, Reason
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people.types import OrganisationKind
from eigenwijs.schemes import operations as schemes
from eigenwijs.schemes import queries as scheme_queries
from eigenwijs.schemes.types import Received
from tests.factories.budgets import NOW, pay_in
from tests.factories.people import SYSTEM, make_organisation

SCHEMES = Path(__file__).resolve().parents[2] / "schemes/nl"


def load_scheme(name: str, at: datetime = NOW) -> str:
    """Load one of the schemes in the repository; return the hash of its version."""
    text = (SCHEMES / name / "scheme.yaml").read_text(encoding="utf-8")
    return schemes.load(text=text, by=SYSTEM, at=at).hash


def make_scheme_credit(
    person_id: UUID,
    *,
    scheme: str = "gift-werkgever",
    period: str = "2026-10",
    payer_id: UUID | None = None,
    at: datetime = NOW,
) -> CreditView:
    """What a scheme gives someone who works 20 hours a week, paid and credited, with its reason."""
    version_hash = load_scheme(scheme, at)
    payer = payer_id or make_organisation(OrganisationKind.EMPLOYER).id
    outcome = scheme_queries.entitlement(
        version_hash=version_hash,
        facts={
            "contract_kind": "permanent",
            "contract_hours_week": Fraction(20),
            "paid_hours_period": Fraction(87),
        },
        period=Period.parse(period),
        earlier={},
        balance=Money.zero(),
        received=Received(),
    )
    pay_in(payer, outcome.amount.cents, at=at)
    return budgets.credit(
        key=new_id(at),
        person_id=person_id,
        payer_id=payer,
        amount=outcome.amount,
        conditions=scheme_queries.conditions(
            version_hash=version_hash, credited_on=local_date(at), reverts_to=payer
        ),
        reason=Reason(
            outcome.scheme,
            version_hash,
            outcome.article,
            period,
            outcome.steps,
            {"contract_hours_week": "20"},
        ),
        occurred_on=local_date(at),
        group=new_id(at),
        by=SYSTEM,
        at=at,
    )
