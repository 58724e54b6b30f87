"""Logins and the paper list of one-time codes."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import rules
from eigenwijs.people.access import (
    NotPermitted,
    SecondProofNeeded,
    is_own_file,
    may_add_way_in,
    require,
    require_own_file,
)
from eigenwijs.people.models import CodeList, Employment, ListCode, Person, User
from eigenwijs.people.operations.roles import assign
from eigenwijs.people.queries import files_of, surviving
from eigenwijs.people.types import Permission, PrintedCodeList, Role

_LIST_CODE = "list_code"


class UnableToOpenLogin(DomainError):
    """Codes: email_taken, email_missing."""


class UnableToUseCode(DomainError):
    """One answer for every code that does not work. Code: not_accepted."""

    def __init__(self) -> None:
        super().__init__(
            "not_accepted",
            _(
                "Dit klopt niet. Kijk of je alles goed hebt overgenomen en of je deze code al eens "
                "gebruikte. Na vijf keer fout wachten we een uur."
            ),
        )


@transaction.atomic
def open_login(*, person_id: UUID, email: str, by: Actor, at: datetime) -> UUID:
    """Let a person of the staff sign in with codes sent to `email`; return the login's id.

    The operator does this for people who come without a payroll; a file that a payroll made opens
    by its person's claim only. A login that exists is returned as it is.
    Raises UnableToOpenLogin and access.NotPermitted.
    """
    require(by, Permission.MANAGE_ROLES)
    existing = User.objects.filter(person=surviving(person_id)).first()
    if existing:
        return existing.pk
    if Employment.objects.filter(person__in=files_of(person_id)).exists():
        raise NotPermitted
    wanted = email.strip().lower()
    if not wanted:
        raise UnableToOpenLogin("email_missing", _("Vul een e-mailadres in."))
    if User.objects.filter(email=wanted).exists():
        raise UnableToOpenLogin("email_taken", _("Met dit e-mailadres logt al iemand in."))
    person = Person.objects.select_for_update().get(pk=surviving(person_id))
    user = make_login(person, email=wanted, by=by, at=at)
    confirm(user, at)
    return user.pk


def make_login(
    person: Person, *, by: Actor, at: datetime, email: str = "", is_worker: bool = False
) -> User:
    """Make the login of a locked file and mark the file claimed; for this room only."""
    person.claimed_at = at
    person.email = email or person.email
    person.save(update_fields=["claimed_at", "email"])
    user = User.objects.create(
        id=new_id(at), person=person, email=email or None, session_stamp=secrets.token_hex(16)
    )
    if is_worker:
        assign(person.pk, Role.WORKER, None, by=by, at=at)
    audit.record(by=by, at=at, action="people.login.open", subject=("people.person", person.pk))
    return user


def confirm(user: User, at: datetime) -> None:
    """Note that it is the owner who signs in with this login; for this room only."""
    user.confirmed_at = at
    user.save(update_fields=["confirmed_at"])


@transaction.atomic
def issue_code_list(*, person_id: UUID, by: Actor, at: datetime) -> PrintedCodeList:
    """Make a new paper list of one-time codes for one's own login; the old list ends.

    Raises access.NotPermitted and access.SecondProofNeeded.
    """
    require_own_file(by, person_id)
    if not may_add_way_in(by, at):
        raise SecondProofNeeded
    first = surviving(person_id)
    Person.objects.select_for_update().get(pk=first)
    CodeList.objects.filter(person=first, withdrawn_at=None).update(withdrawn_at=at)
    number = rules.new_code(rules.LIST_NUMBER_LENGTH)
    codes = [rules.new_code(rules.LIST_CODE_LENGTH) for _ in range(rules.CODES_ON_A_LIST)]
    made = CodeList.objects.create(id=new_id(at), person_id=first, number=number, issued_at=at)
    ListCode.objects.bulk_create(
        ListCode(code_list=made, position=position, digest=rules.digest(number + code, _LIST_CODE))
        for position, code in enumerate(codes, start=1)
    )
    audit.record(by=by, at=at, action="people.code_list.issue", subject=("people.person", first))
    return PrintedCodeList(rules.grouped(number), tuple(rules.grouped(code) for code in codes))


@transaction.atomic
def forget_authenticators(*, person_id: UUID, by: Actor, at: datetime) -> int:
    """Remove the passkeys and authenticator apps of somebody who lost them; return how many.

    The operator does this for a colleague, never for themselves. It ends every session; at the
    next sign-in the colleague sets up a new one before anything else.
    Raises access.NotPermitted.
    """
    require(by, Permission.MANAGE_ROLES)
    user = User.objects.filter(person=surviving(person_id)).first()
    if user is None or is_own_file(by, person_id):
        raise NotPermitted
    count = _forget(user)
    end_sessions(user, at=at)
    audit.record(
        by=by,
        at=at,
        action="people.login.forget_authenticators",
        subject=("people.person", user.person_id),
        ids={"count": count},
    )
    return count


def end_sessions(user: User, *, at: datetime) -> None:
    """End the sessions and the paper list of a login; for this room only."""
    user.session_stamp = secrets.token_hex(16)
    user.save(update_fields=["session_stamp"])
    CodeList.objects.filter(person=user.person_id, withdrawn_at=None).update(withdrawn_at=at)


def end_ways_in(user: User, *, at: datetime) -> None:
    """End every way into a login: it is like one that was just opened; for this room only."""
    end_sessions(user, at=at)
    _forget(user)
    SocialAccount.objects.filter(user=user).delete()
    user.email, user.confirmed_at = None, None
    user.save(update_fields=["email", "confirmed_at"])


def _forget(user: User) -> int:
    removed: int = Authenticator.objects.filter(user=user).delete()[0]
    return removed


def sign_in_with_list_code(
    *, number: str, birth_date: date | None, code: str, by: Actor, at: datetime
) -> UUID:
    """Use up one code of the paper list with this number; return the person who may sign in.

    Number, code and birth date must all fit. Five wrong tries in a row lock the list for an hour.
    Raises UnableToUseCode: one answer, whatever was wrong.
    """
    wanted = rules.read_code(number, rules.LIST_NUMBER_LENGTH) or ""
    return _use(code, by=by, at=at, number=wanted, birth_date=birth_date)


def prove_with_list_code(*, person_id: UUID, code: str, by: Actor, at: datetime) -> None:
    """Use up one code of one's own paper list, as a second proof.

    Raises access.NotPermitted, and UnableToUseCode as above.
    """
    require_own_file(by, person_id)
    _use(code, by=by, at=at, person_id=surviving(person_id))


def _use(
    code: str,
    *,
    by: Actor,
    at: datetime,
    number: str = "",
    person_id: UUID | None = None,
    birth_date: date | None = None,
) -> UUID:
    """The refusal is raised after the transaction, so that a wrong try is counted."""
    accepted: UUID | None = None
    with transaction.atomic():
        rows = CodeList.objects.select_for_update(of=("self",)).select_related("person")
        rows = rows.filter(withdrawn_at=None, person__login__is_active=True)
        found = rows.filter(person=person_id) if person_id else rows.filter(number=number)
        code_list = found.first()
        locked = code_list is not None and (
            code_list.locked_until is not None and at < code_list.locked_until
        )
        match = _matching(code_list, code)
        same_date = person_id is not None or (
            code_list is not None
            and code_list.person.birth_date is not None
            and code_list.person.birth_date == birth_date
        )
        if code_list is not None and match is not None and same_date and not locked:
            ListCode.objects.filter(pk=match.pk).update(used_at=at)
            CodeList.objects.filter(pk=code_list.pk).update(wrong_tries=0, locked_until=None)
            accepted = code_list.person_id
        elif code_list is not None and not locked:
            _count_wrong_try(code_list, by=by, at=at)
    if accepted is None:
        raise UnableToUseCode
    return accepted


def _matching(code_list: CodeList | None, code: str) -> ListCode | None:
    """Return the unused code that fits. All are compared, so the time says nothing."""
    read = rules.read_code(code, rules.LIST_CODE_LENGTH) or ""
    number = code_list.number if code_list else ""
    wanted = rules.digests(number + read, _LIST_CODE)
    unused = list(code_list.codes.filter(used_at=None)) if code_list else []
    fitting = [one for one in unused if rules.is_one_of(one.digest, wanted)]
    return fitting[0] if fitting else None


def _count_wrong_try(code_list: CodeList, *, by: Actor, at: datetime) -> None:
    code_list.wrong_tries += 1
    if code_list.wrong_tries >= rules.TRIES:
        code_list.wrong_tries = 0
        code_list.locked_until = at + rules.LIST_LOCK
        audit.record(
            by=by,
            at=at,
            action="people.code_list.lock",
            subject=("people.person", code_list.person_id),
        )
    code_list.save(update_fields=["wrong_tries", "locked_until"])
