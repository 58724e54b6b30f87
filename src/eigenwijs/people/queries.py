"""Reading persons, organisations, employments and roles. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate

from eigenwijs.kernel.clock import AMSTERDAM
from eigenwijs.people import rules
from eigenwijs.people.births import birth_dates
from eigenwijs.people.confided import plainly, qualifications, told_by
from eigenwijs.people.employed import (
    employment,
    employment_view,
    employments_of_employer,
    employments_of_files,
    is_employed,
)
from eigenwijs.people.joined import file_ids, files_of, files_of_all, surviving
from eigenwijs.people.models import (
    ClaimCode,
    CodeList,
    Employment,
    Look,
    Organisation,
    Person,
    RecoveryRequest,
    RoleAssignment,
    StatusChange,
    User,
)
from eigenwijs.people.types import (
    ContractKind,
    EmploymentConflict,
    EmploymentRow,
    EmploymentView,
    LoginView,
    Looked,
    LookView,
    OrganisationKind,
    OrganisationView,
    Persona,
    PersonView,
    QualificationView,
    RecoveryRequestView,
    Role,
    RoleView,
    Status,
    StatusView,
)

__all__ = [
    "birth_dates", "confirmation_code", "employment", "employment_conflicts", "employments",
    "employments_of_employer", "employments_of_files", "export", "file_ids", "files_of",
    "files_of_all", "find_people", "is_employed", "known_email", "login", "looks", "organisation",
    "organisations", "person", "person_with_login", "personas", "persons", "qualification",
    "qualifications", "recovery_request", "recovery_requests", "role_holders", "roles", "statuses",
    "surviving", "unclaimed_counts",
    "unclaimed_of_employer",
]  # fmt: skip

_ZONE: ZoneInfo = AMSTERDAM


def person(person_id: UUID) -> PersonView | None:
    """Return the file, or None if there is none. A file that joined another says so itself."""
    found = Person.objects.filter(pk=person_id).first()
    return _person_view(found) if found else None


def persons(person_ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """Return several files by id in one query; absent ones are left out."""
    return {one.pk: _person_view(one) for one in Person.objects.filter(pk__in=set(person_ids))}


def languages(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the language in which each file wants to be told things; absent ones are left out."""
    return dict(Person.objects.filter(pk__in=set(person_ids)).values_list("pk", "language"))


def organisation(organisation_id: UUID) -> OrganisationView | None:
    """Return one organisation, or None."""
    found = Organisation.objects.filter(pk=organisation_id).first()
    return _organisation_view(found) if found else None


def organisations(kind: OrganisationKind | None = None) -> list[OrganisationView]:
    """Return the organisations of one kind, or all, by name."""
    rows = Organisation.objects.order_by("name", "id")
    return [_organisation_view(row) for row in (rows.filter(kind=kind) if kind else rows)]


def employments(person_id: UUID) -> list[EmploymentView]:
    """Return every employment of the person behind `person_id`, newest first, all files included."""
    rows = Employment.objects.filter(person__in=files_of(person_id)).select_related("employer")
    return [employment_view(row) for row in rows.order_by("-started_on", "employer__name", "id")]


def employment_conflicts(
    employer_id: UUID, rows: Sequence[EmploymentRow]
) -> list[EmploymentConflict]:
    """Return why these payroll rows cannot be recorded, row by row; empty means that they can.

    A known number goes with the birth date of its file and with the one that the employer delivered
    last: the desk may have corrected the file. Reads what is known of the employer's personnel
    numbers once, however many rows there are.
    """
    known: dict[str, set[date]] = {}
    delivered = Employment.objects.filter(
        employer=employer_id, personnel_number__in={row.personnel_number for row in rows}
    ).values_list("personnel_number", "person__birth_date", "delivered_birth_date")
    for number, *dates in delivered:
        known.setdefault(number, set()).update(day for day in dates if day)
    seen: set[tuple[str, int]] = set()
    conflicts = []
    for index, row in enumerate(rows):
        key = (row.personnel_number, row.employment_number)
        born = known.setdefault(row.personnel_number, {row.birth_date})
        checks = {
            "double_row": key in seen,
            "person_conflict": bool(born) and row.birth_date not in born,
            "on_call_hours": row.contract_kind is ContractKind.ON_CALL
            and row.contract_hours_week is not None,
            "ends_before_start": row.ended_on is not None and row.ended_on < row.started_on,
        }
        seen.add(key)
        conflicts += [EmploymentConflict(index, code) for code, wrong in checks.items() if wrong]
    return conflicts


def unclaimed_of_employer(employer_id: UUID, *, without_letter: bool = False) -> list[PersonView]:
    """Return the files with work at this employer that nobody has claimed yet, by name.

    `without_letter` leaves out those for whom a code was ever issued.
    """
    rows = Person.objects.filter(
        pk__in=Employment.objects.filter(employer=employer_id).values("person"),
        claimed_at=None,
        merged_into=None,
    )
    if without_letter:
        rows = rows.exclude(pk__in=ClaimCode.objects.values("person"))
    return [_person_view(row) for row in rows.order_by("name", "id")]


def unclaimed_counts(*, without_letter: bool = False) -> dict[UUID, int]:
    """Return for each employer how many files nobody has claimed yet; see `unclaimed_of_employer`."""
    rows = Employment.objects.filter(person__claimed_at=None, person__merged_into=None)
    if without_letter:
        rows = rows.exclude(person__in=ClaimCode.objects.values("person"))
    counted = rows.values("employer").annotate(people=Count("person", distinct=True))
    return {row["employer"]: row["people"] for row in counted}


def person_with_login(email: str) -> UUID | None:
    """Return the person who proved to own this e-mail address and signs in with it."""
    wanted = User.objects.filter(email=email.strip().lower(), is_active=True)
    return wanted.values_list("person", flat=True).first()


def roles(person_id: UUID) -> list[RoleView]:
    """Return the roles that the person holds now, over all their files; worker first."""
    first = surviving(person_id)
    rows = _roles_now().filter(Q(person=first) | Q(person__merged_into=first))
    return sorted(
        (_role_view(row) for row in rows), key=lambda r: (r.role is not Role.WORKER, r.granted_at)
    )


def role_holders(role: Role | None = None) -> list[RoleView]:
    """Return who holds which role now, staff roles only unless `role` says otherwise, by name."""
    rows = _roles_now().filter(Q(role=role) if role else ~Q(role=Role.WORKER))
    return [_role_view(row) for row in rows.order_by("person__name", "role", "id")]


def login(person_id: UUID) -> LoginView | None:
    """Return how the person can sign in, or None if nobody has claimed the file."""
    first = surviving(person_id)
    user = User.objects.filter(person=first, is_active=True).first()
    if user is None:
        return None
    left = CodeList.objects.filter(person=first, withdrawn_at=None).aggregate(
        left=Count("codes", filter=Q(codes__used_at=None))
    )["left"]
    return LoginView(first, user.pk, user.email or "", left or 0, user.confirmed_at is not None)


def known_email(person_id: UUID) -> str:
    """Return the address in the file: what payroll delivered, until its confirmed owner has their own."""
    first = surviving(person_id)
    found = Person.objects.filter(pk=first).values_list("email", flat=True).first()
    return (found or "").lower()


def confirmation_code(person_id: UUID) -> str:
    """Return what a person reads to the desk to show that it is they who signed in, grouped.

    Empty where there is no login. Show it to that person only. It changes with every change of
    the login's ways in.
    """
    first = surviving(person_id)
    user = User.objects.filter(person=first, is_active=True).first()
    return rules.grouped(rules.confirmation_code(user.session_stamp)) if user else ""


def recovery_request(request_id: UUID) -> RecoveryRequestView | None:
    """Return one question for a recovery letter that nobody has answered yet, or None."""
    return next((one for one in recovery_requests() if one.id == request_id), None)


def recovery_requests() -> list[RecoveryRequestView]:
    """Return the questions for a recovery letter that nobody has answered yet, the oldest first."""
    rows = RecoveryRequest.objects.filter(answered_at=None).select_related("person", "asked_by")
    return [
        RecoveryRequestView(
            id=row.pk,
            person_id=row.person_id,
            person_name=row.person.name,
            asked_by=row.asked_by_id,
            asked_by_name=row.asked_by.name if row.asked_by else "",
            asked_at=row.asked_at,
        )
        for row in rows.order_by("asked_at", "id")
    ]


def statuses(person_id: UUID) -> list[StatusView]:
    """Return the person's own situations, the latest first."""
    rows = StatusChange.objects.filter(person__in=files_of(person_id))
    return [
        StatusView(Status(row.status), row.since) for row in rows.order_by("-since", "-recorded_at")
    ]


def qualification(person_id: UUID) -> QualificationView | None:
    """Return what the person told last of their highest qualification, for themselves only."""
    return next(iter(told_by(files_of(person_id))), None)


def looks(person_id: UUID, limit: int = 500) -> list[LookView]:
    """Return who saw what of the person, one line a day, looker and kind, the latest first."""
    rows = (
        Look.objects.filter(person__in=files_of(person_id))
        .annotate(day=TruncDate("at", tzinfo=_ZONE))
        .values("day", "what", "looker__name", "role", "organisation__name")
        .annotate(last=Max("at"), times=Count("id"))
        .order_by("-last")[:limit]
    )
    return [
        LookView(
            what=Looked(row["what"]),
            at=row["last"],
            times=row["times"],
            looker_name=row["looker__name"],
            role=Role(row["role"]),
            organisation_name=row["organisation__name"] or "",
        )
        for row in rows
    ]


def find_people(
    *,
    name: str = "",
    birth_date: date | None = None,
    employer_id: UUID | None = None,
    personnel_number: str = "",
) -> list[PersonView]:
    """Return the files with exactly this name and birth date, or this employer and number.

    Never a likeness, never more than ten; half a question finds nobody. Whoever shows the answer
    writes it in each person's log (`access.look_at_many`).
    """
    if name.strip() and birth_date:
        rows = Person.objects.filter(name__iexact=name.strip(), birth_date=birth_date)
    elif employer_id and personnel_number.strip():
        rows = Person.objects.filter(
            employments__employer=employer_id,
            employments__personnel_number=personnel_number.strip(),
        ).distinct()
    else:
        return []
    return [_person_view(row) for row in rows.order_by("recorded_at", "id")[:10]]


def personas() -> list[Persona]:
    """Return the fictional persons that a visitor of the demo may be, in the order they were made."""
    people = list(
        Person.objects.filter(is_fictional=True, merged_into=None)
        .exclude(persona="")
        .filter(login__is_active=True)
        .order_by("recorded_at", "id")
    )
    held: dict[UUID, list[RoleView]] = {}
    for row in _roles_now().filter(person__in=people).order_by("granted_at", "id"):
        held.setdefault(row.person_id, []).append(_role_view(row))
    return [Persona(one.pk, one.name, one.persona, tuple(held.get(one.pk, ()))) for one in people]


def export(person_id: UUID) -> dict[str, Any]:
    """Return all that this room knows of a person, as plain data for a JSON file."""
    own = files_of(person_id)
    files = Person.objects.filter(pk__in=own).order_by("recorded_at", "id")
    born = dict(Employment.objects.filter(person__in=own).values_list("id", "delivered_birth_date"))
    return {
        "files": [
            {
                "id": str(one.pk),
                "name": one.name,
                "birth_date": _iso(one.birth_date),
                "email": one.email,
                "phone": one.phone,
                "address": one.address,
                "language": one.language,
                "joined": str(one.merged_into_id) if one.merged_into_id else None,
                "claimed_at": _iso(one.claimed_at),
                "recorded_at": _iso(one.recorded_at),
            }
            for one in files
        ],
        "employments": [
            {
                "id": str(one.id),
                "employer": one.employer_name,
                "delivered_birth_date": _iso(born[one.id]),
                "personnel_number": one.personnel_number,
                "employment_number": one.employment_number,
                "contract_kind": one.contract_kind.value,
                "contract_hours_week_hundredths": one.contract_hours_week,
                "started_on": _iso(one.started_on),
                "ended_on": _iso(one.ended_on),
            }
            for one in employments(person_id)
        ],
        "statuses": [
            {"status": one.status.value, "since": _iso(one.since)} for one in statuses(person_id)
        ],
        "qualifications": plainly(files_of(person_id)),
        "roles": [
            {
                "role": one.role.value,
                "organisation": one.organisation_name,
                "granted_at": _iso(one.granted_at),
            }
            for one in roles(person_id)
        ],
        "who_looked": [
            {
                "what": one.what.value,
                "last_at": _iso(one.at),
                "times": one.times,
                "who": one.looker_name,
                "role": one.role.value,
                "organisation": one.organisation_name,
            }
            for one in looks(person_id, limit=100_000)
        ],
    }


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _roles_now() -> QuerySet[RoleAssignment]:
    return RoleAssignment.objects.filter(ended_at=None).select_related(
        "person__merged_into", "organisation"
    )


def _person_view(row: Person) -> PersonView:
    return PersonView(
        id=row.pk,
        name=row.name,
        birth_date=row.birth_date,
        email=row.email,
        phone=row.phone,
        address=row.address,
        language=row.language,
        claimed=row.claimed_at is not None,
        merged_into=row.merged_into_id,
        is_fictional=row.is_fictional,
    )


def _organisation_view(row: Organisation) -> OrganisationView:
    return OrganisationView(
        id=row.pk,
        kind=OrganisationKind(row.kind),
        name=row.name,
        kvk_number=row.kvk_number,
        address=row.address,
        email=row.email,
        is_active=row.is_active,
    )


def _role_view(row: RoleAssignment) -> RoleView:
    whose = row.person.merged_into or row.person
    return RoleView(
        id=row.pk,
        person_id=row.person_id,
        person_name=whose.name,
        language=whose.language,
        role=Role(row.role),
        organisation_id=row.organisation_id,
        organisation_name=row.organisation.name if row.organisation else "",
        granted_at=row.granted_at,
    )
