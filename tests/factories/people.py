"""Made-up people and organisations, made through the operations of the room."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from uuid import UUID

from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.people import operations, queries
from eigenwijs.people.types import (
    ClaimLetter,
    ContractKind,
    EmploymentView,
    OrganisationKind,
    OrganisationView,
    PersonView,
    Role,
)

LONG_AGO = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
_number = itertools.count(1)


def make_organisation(
    kind: OrganisationKind = OrganisationKind.EMPLOYER,
    name: str = "",
    *,
    at: datetime = LONG_AGO,
    kvk_number: str = "",
    address: str = "Dorpsstraat 1\n3511 AB Utrecht",
    email: str = "",
) -> OrganisationView:
    """An organisation of `kind`; the name is unique unless given."""
    made = operations.register_organisation(
        kind=kind,
        name=name or f"{kind.value} {next(_number)}",
        kvk_number=kvk_number,
        address=address,
        email=email,
        by=SYSTEM,
        at=at,
    )
    view = queries.organisation(made)
    assert view
    return view


def make_person(
    name: str = "",
    *,
    at: datetime = LONG_AGO,
    birth_date: date | None = date(1990, 5, 17),
    email: str = "",
    claimed: bool = True,
    role: Role | None = Role.WORKER,
    organisation_id: UUID | None = None,
    persona: str = "",
) -> PersonView:
    """A person with a login and a role; with `claimed=False` a file that nobody opened yet."""
    number = next(_number)
    person_id = operations.register_person(
        name=name or f"Persoon {number}",
        birth_date=birth_date,
        is_fictional=bool(persona),
        persona=persona,
        by=SYSTEM,
        at=at,
    )
    if claimed:
        address = email or f"persoon{number}@example.org"
        operations.open_login(person_id=person_id, email=address, by=SYSTEM, at=at)
        if role:
            operations.grant_role(
                person_id=person_id, role=role, organisation_id=organisation_id, by=SYSTEM, at=at
            )
    view = queries.person(person_id)
    assert view
    return view


def make_opened(person_id: UUID, *, at: datetime, confirmed: bool = True) -> PersonView:
    """A file of a payroll that its owner opened with a letter and, if `confirmed`, showed to be theirs."""
    file = queries.person(person_id)
    assert file
    assert file.birth_date
    code = operations.issue_claim_code(person_id, by=SYSTEM, at=at)
    operations.claim(code=code, birth_date=file.birth_date, by=Actor.anonymous(), at=at)
    if confirmed:
        shown = queries.confirmation_code(person_id)
        operations.confirm_owner(person_id=person_id, code=shown, by=SYSTEM, at=at)
    view = queries.person(person_id)
    assert view
    return view


def make_recovery_letter(person_id: UUID, *, at: datetime) -> ClaimLetter:
    """A recovery letter that one colleague of the desk asked and another approved."""
    ans, ben = (actor_for(make_person(role=Role.DESK), Role.DESK, None, at) for _who in range(2))
    asked = operations.ask_recovery(person_id=person_id, by=ans, at=at)
    return operations.approve_recovery(asked, by=ben, at=at)


def make_employment(
    employer: OrganisationView | None = None,
    *,
    personnel_number: str = "",
    employment_number: int = 1,
    name: str = "Sam de Vries",
    birth_date: date = date(1990, 5, 17),
    contact: str = "",
    contract_kind: ContractKind = ContractKind.PERMANENT,
    contract_hours_week: int | None = 3200,
    started_on: date = date(2024, 1, 1),
    ended_on: date | None = None,
    at: datetime = LONG_AGO,
) -> EmploymentView:
    """An employment as a payroll row makes it, on an unclaimed file if the number is new."""
    employer = employer or make_organisation()
    return operations.record_employment(
        employer_id=employer.id,
        personnel_number=personnel_number or f"P{next(_number)}",
        employment_number=employment_number,
        name=name,
        birth_date=birth_date,
        contact=contact,
        contract_kind=contract_kind,
        contract_hours_week=None if contract_kind is ContractKind.ON_CALL else contract_hours_week,
        started_on=started_on,
        ended_on=ended_on,
        by=SYSTEM,
        at=at,
    )


def actor_for(
    person: PersonView | UUID,
    role: Role = Role.WORKER,
    organisation_id: UUID | None = None,
    second_proof_at: datetime | None = None,
) -> Actor:
    """The person, acting in `role`."""
    return Actor(
        ActorKind.PERSON,
        person_id=person if isinstance(person, UUID) else person.id,
        role=role,
        organisation_id=organisation_id,
        second_proof_at=second_proof_at,
    )
