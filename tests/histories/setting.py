"""Who there is in a history: two employers, a fund, three workers, two providers, and their courses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from eigenwijs.contributions import operations as contributions
from eigenwijs.kernel.actor import Actor
from eigenwijs.people import operations as people
from eigenwijs.people.types import OrganisationKind, OrganisationView, Role
from eigenwijs.treasury import operations as treasury
from tests.conftest import NOW
from tests.factories.catalogue import make_course, make_run
from tests.factories.contributions import GIFT, SCHEMES, make_law
from tests.factories.people import (
    LONG_AGO,
    SYSTEM,
    actor_for,
    make_employment,
    make_opened,
    make_organisation,
    make_person,
)
from tests.factories.treasury import PAYEE_IBAN, make_bank_account, someone

BUFFER = 5_000_00
BORN = date(1991, 2, 3)  # of everyone in `tests.factories.contributions.worker`

# € 10.00 a month for a full week, usable for four months; the gift is € 20.00, without an end.
SHORT = "nl/kort"
CENTS_OF_FULL_WEEK = {GIFT: 20_00, SHORT: 10_00}
FULL_WEEK = 3600


@dataclass(frozen=True)
class Run:
    """A run that can be booked, and somebody of its provider."""

    id: UUID
    provider: Actor


@dataclass(frozen=True)
class Setting:
    """Everyone, by the ids that operations ask for."""

    bank_account: UUID
    employers: tuple[OrganisationView, OrganisationView]
    payrolls: tuple[Actor, Actor]
    fund: UUID
    workers: tuple[UUID, UUID, UUID]
    jobs: dict[tuple[int, int], int]
    runs: tuple[Run, ...]
    desk: tuple[Actor, Actor]

    def payer(self, employer: int, scheme: str) -> UUID:
        """Who pays for an employer's people under a scheme."""
        return self.employers[employer].id if scheme == GIFT else self.fund


def make_setting(runs: int = 10) -> Setting:
    """Make everyone; the third worker has a job at both employers."""
    make_law(GIFT)
    make_law(SHORT, text=_short_scheme())
    bank_account = make_bank_account(opening=BUFFER)
    fund, receiver = (make_organisation(OrganisationKind.PAYER).id for _ in range(2))
    employers = (make_organisation(), make_organisation())
    for employer in employers:
        _join(employer.id, GIFT, employer.id, None)
        _join(employer.id, SHORT, fund, receiver)
    jobs = {(0, 1): 0, (1, 1): 1, (0, 2): 2, (1, 2): 2}
    workers: dict[int, UUID] = {}
    for (employer, number), worker in jobs.items():
        job = make_employment(
            employers[employer], personnel_number=f"P{number:05d}", birth_date=BORN, at=NOW
        )
        if worker not in workers:
            workers[worker] = make_opened(job.person_id, at=NOW).id
            continue
        code = people.issue_claim_code(job.person_id, by=SYSTEM, at=NOW)
        by = actor_for(workers[worker], second_proof_at=NOW)
        people.claim(code=code, birth_date=BORN, by=by, at=NOW)
    return Setting(
        bank_account,
        employers,
        (_staff(Role.EMPLOYER, employers[0].id), _staff(Role.EMPLOYER, employers[1].id)),
        fund,
        (workers[0], workers[1], workers[2]),
        jobs,
        tuple(_runs(runs)),
        (_staff(Role.DESK), _staff(Role.DESK)),
    )


def _short_scheme() -> str:
    text = (SCHEMES / GIFT / "scheme.yaml").read_text()
    text = text.replace(GIFT, SHORT).replace("240.00", "120.00")
    correction = 'correctable_for:\n  days: 60\n  article: "5"\n'
    end = 'expiry:\n  after_months: 4\n  article: "5"\n\nreversion:\n  to: sector_fund\n  article: "5"\n'
    assert correction in text
    return text.replace(correction, end)


def _join(employer: UUID, scheme: str, payer: UUID, receiver: UUID | None) -> None:
    contributions.join_scheme(
        employer_id=employer,
        scheme=scheme,
        payer_id=payer,
        starts_on=date(2024, 1, 1),
        reverts_to=receiver,
        by=SYSTEM,
        at=LONG_AGO,
    )


def _staff(role: Role, organisation: UUID | None = None) -> Actor:
    return actor_for(make_person(role=role, organisation_id=organisation), role, organisation)


def _runs(count: int) -> list[Run]:
    """Runs of two providers, one every three weeks, of one to four days, for € 15.00 and up."""
    providers = [make_organisation(OrganisationKind.PROVIDER).id for _ in range(2)]
    planners = [_staff(Role.PROVIDER, provider) for provider in providers]
    courses = [make_course(provider_id=provider) for provider in providers]
    for provider in providers:
        account = treasury.register_payee_account(
            payee_id=provider,
            iban=PAYEE_IBAN,
            holder_name="Opleider Voorbeeld BV",
            by=someone(),
            at=LONG_AGO,
        )
        treasury.approve_payee_account(account_id=account, by=someone(), at=LONG_AGO)
    runs = []
    for number in range(count):
        starts_on = NOW.date() + timedelta(days=4 + 21 * number)
        run = make_run(
            courses[number % 2],
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=number % 4),
            price_cents=15_00 + 5_50 * number,
            seats=2,
        )
        runs.append(Run(run.id, planners[number % 2]))
    return runs
