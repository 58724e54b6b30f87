"""A person's own file: contact, language, situation."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people.access import (
    NotPermitted,
    is_own_file,
    may_add_way_in,
    require,
    require_own_file,
    require_second_proof,
)
from eigenwijs.people.models import CodeList, Person, StatusChange, User
from eigenwijs.people.operations.sign_in import confirm
from eigenwijs.people.queries import surviving
from eigenwijs.people.types import Permission, Status


class UnableToChangeContact(DomainError):
    """Codes: email_taken (another login uses it), no_way_in (neither e-mail nor paper list left)."""


@transaction.atomic
def register_person(
    *,
    name: str,
    by: Actor,
    at: datetime,
    birth_date: date | None = None,
    email: str = "",
    phone: str = "",
    address: str = "",
    is_fictional: bool = False,
    persona: str = "",
    id: UUID | None = None,  # noqa: A002 (the caller's own key)
) -> UUID:
    """Make a file that no payroll made: for staff, and in the demo. Nobody has claimed it yet.

    With an `id` that exists, return that unchanged. Raises access.NotPermitted.
    """
    require(by, Permission.MANAGE_ROLES)
    if id and Person.objects.filter(pk=id).exists():
        return id
    made = Person.objects.create(
        id=id or new_id(at),
        name=name.strip(),
        birth_date=birth_date,
        email=email.strip().lower(),
        phone=phone.strip(),
        address=address.strip(),
        is_fictional=is_fictional,
        persona=persona,
        recorded_at=at,
    )
    audit.record(by=by, at=at, action="people.person.register", subject=("people.person", made.pk))
    return made.pk


@transaction.atomic
def change_contact(
    *,
    person_id: UUID,
    by: Actor,
    at: datetime,
    email: str | None = None,
    phone: str | None = None,
    address: str | None = None,
) -> None:
    """Change how the person can be reached; None leaves a value as it is.

    `email` must be proven by the caller (a code sent to it): sign-in codes go there from now on.
    A changed e-mail address ends every session of this login. Empty takes the address away, which
    needs a paper list to sign in with.

    Somebody who opened the file with a code and is not confirmed yet may add their first address
    without a second proof. It signs them in and nothing more, unless it is the one that was in the
    file before they came: proving that one confirms them.

    Raises access.NotPermitted, access.SecondProofNeeded and UnableToChangeContact.
    """
    require_own_file(by, person_id)
    is_only_email = bool(email) and phone is None and address is None
    if not is_only_email or not may_add_way_in(by, at, (email or "").strip().lower()):
        require_second_proof(by, at)
    row = Person.objects.select_for_update().get(pk=surviving(person_id))
    wanted = {"email": email, "phone": phone, "address": address}
    new = {field: value.strip() for field, value in wanted.items() if value is not None}
    if "email" in new:
        new["email"] = new["email"].lower()
        user = _change_login_email(row, new["email"])
        if user and not user.confirmed_at:
            if new["email"] == row.email.lower():
                confirm(user, at)
            else:
                del new["email"]  # the file keeps the address that can confirm
            audit.record(
                by=by,
                at=at,
                action="people.login.change_email",
                subject=("people.person", row.pk),
                fields=["email", *(["confirmed_at"] if user.confirmed_at else [])],
            )
    changed = [field for field, value in new.items() if getattr(row, field) != value]
    if not changed:
        return
    Person.objects.filter(pk=row.pk).update(**new)
    audit.record(
        by=by,
        at=at,
        action="people.person.change_contact",
        subject=("people.person", row.pk),
        fields=changed,
    )


def _change_login_email(row: Person, email: str) -> User | None:
    user = User.objects.select_for_update().filter(person=row).first()
    if user is None or (user.email or "") == email:
        return user
    if email and User.objects.filter(email=email).exists():
        raise UnableToChangeContact(
            "email_taken",
            _("Met dit e-mailadres logt al iemand in. Vul een adres in dat alleen jij gebruikt."),
        )
    has_list = CodeList.objects.filter(
        person=row, withdrawn_at=None, codes__used_at__isnull=True
    ).exists()
    if not email and not has_list:
        raise UnableToChangeContact(
            "no_way_in",
            _(
                "Zonder e-mailadres kun je niet meer inloggen. Maak eerst een lijst met codes op papier."
            ),
        )
    user.email = email or None
    user.session_stamp = secrets.token_hex(16)
    user.save(update_fields=["email", "session_stamp"])
    return user


@transaction.atomic
def correct_person(
    *, person_id: UUID, name: str, birth_date: date, by: Actor, at: datetime
) -> None:
    """Correct a name or a birth date that a payroll has wrong; the desk does this on evidence.

    Whoever did prints no letter for this file. The person is told (announces `person_corrected`).
    Raises access.NotPermitted, also for one's own file or an absent one.
    """
    require(by, Permission.CORRECT_PEOPLE)
    row = Person.objects.select_for_update().filter(pk=person_id).first()
    if row is None or is_own_file(by, person_id):
        raise NotPermitted
    new = {"name": name.strip(), "birth_date": birth_date}
    if (row.name, row.birth_date) == (new["name"], new["birth_date"]):
        return
    Person.objects.filter(pk=row.pk).update(**new, corrected_by=by.person_id)
    audit.announce(by=by, at=at, event="person_corrected", subject=("people.person", row.pk))


@transaction.atomic
def choose_language(*, person_id: UUID, language: str, by: Actor, at: datetime) -> None:
    """Write which language the person reads; one of the languages of the settings, else ValueError."""
    require_own_file(by, person_id)
    if language not in dict(settings.LANGUAGES):
        raise ValueError(f"unknown language {language}")
    first = surviving(person_id)
    if Person.objects.filter(pk=first).exclude(language=language).update(language=language):
        audit.record(
            by=by,
            at=at,
            action="people.person.choose_language",
            subject=("people.person", first),
            fields=["language"],
        )


@transaction.atomic
def record_status(*, person_id: UUID, status: Status, since: date, by: Actor, at: datetime) -> None:
    """Add a row: from `since` on the person's situation is `status`. Only they say so themselves.

    Raises access.NotPermitted.
    """
    require_own_file(by, person_id)
    first = surviving(person_id)
    if not Person.objects.filter(pk=first).exists():
        raise NotPermitted
    made = StatusChange.objects.create(
        id=new_id(at), person_id=first, status=status, since=since, recorded_at=at
    )
    audit.record(
        by=by,
        at=at,
        action="people.status_change.record",
        subject=("people.person", first),
        ids={"status_change": str(made.pk)},
    )
