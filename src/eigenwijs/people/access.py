"""May this actor do this, or see this? Deny by default. And the log of who looked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.errors import DomainError
from eigenwijs.people import rules
from eigenwijs.people.models import Look
from eigenwijs.people.queries import files_of, known_email, login, looks, surviving
from eigenwijs.people.types import Looked, Permission, Role

__all__ = [
    "ROLE_PERMISSIONS",
    "NotPermitted",
    "SecondProofNeeded",
    "can",
    "has_fresh_second_proof",
    "is_confirmed",
    "is_own_file",
    "look_at",
    "look_at_many",
    "looks",
    "may_add_way_in",
    "require",
    "require_own_file",
    "require_second_proof",
]

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.WORKER: frozenset(
        {
            Permission.SEE_OWN_FILE,
            Permission.CHANGE_OWN_CONTACT,
            Permission.SEE_OWN_ACCOUNT,
            Permission.SEE_OWN_BOOKINGS,
            Permission.SEE_OWN_MESSAGES,
            Permission.BOOK_COURSES,
            Permission.ENTER_ROUNDS,
            Permission.ASK_ADVANCES,
            Permission.TAKE_TIME,
        }
    ),
    Role.EMPLOYER: frozenset(
        {
            Permission.DELIVER_PAYROLL,
            Permission.SEE_DELIVERIES,
            Permission.SEE_PAYMENT_REQUESTS,
            Permission.ANSWER_TIME,
        }
    ),
    Role.PROVIDER: frozenset(
        {
            Permission.MANAGE_COURSES,
            Permission.ANSWER_BOOKINGS,
            Permission.SEE_PAYOUTS,
            Permission.CHANGE_PAYEE_ACCOUNT,
        }
    ),
    Role.FINANCE: frozenset(
        {
            Permission.IMPORT_STATEMENTS,
            Permission.ASSIGN_ENTRIES,
            Permission.MAKE_PAYMENT_BATCHES,
            Permission.RELEASE_PAYMENT_BATCHES,
            Permission.APPROVE_PAYEE_ACCOUNTS,
            Permission.SEE_CLIENT_MONEY,
            Permission.CLOSE_PERIODS,
            Permission.HAND_OVER_NOTAS,
        }
    ),
    Role.DESK: frozenset(
        {
            Permission.SEE_WORK_LIST,
            Permission.DECIDE_STARTS,
            Permission.FIND_PEOPLE,
            Permission.ISSUE_CLAIM_CODES,
            Permission.CONFIRM_OWNERS,
            Permission.APPROVE_RECOVERY,
            Permission.CORRECT_PEOPLE,
            Permission.ENTER_ROUNDS_FOR,
        }
    ),
    Role.AUDITOR: frozenset({Permission.SEE_TRAIL, Permission.SEE_BOOKS_PROOF}),
    Role.OPERATOR: frozenset(
        {
            Permission.MANAGE_ORGANISATIONS,
            Permission.MANAGE_ROLES,
            Permission.MANAGE_SCHEMES,
            Permission.PRINT_CLAIM_LETTERS,
            Permission.MANAGE_ROUNDS,
            Permission.APPROVE_RECOVERY,
        }
    ),
    Role.NEGOTIATOR: frozenset({Permission.SEE_SIGNED_SCHEMES, Permission.NEGOTIATE}),
}


class NotPermitted(DomainError):
    """The actor may not do this. Absent and forbidden are one answer. Code: not_permitted."""

    def __init__(self) -> None:
        super().__init__("not_permitted", _("Dit is er niet, of je mag er niet bij."))


class SecondProofNeeded(DomainError):
    """The actor must first prove once more who they are. Code: second_proof_needed."""

    def __init__(self) -> None:
        super().__init__("second_proof_needed", _("Laat eerst nog een keer zien dat jij het bent."))


def can(actor: Actor, permission: Permission) -> bool:
    """Whether the actor, in the role they act in now, has `permission`. The system has all."""
    if actor.is_system:
        return True
    if actor.kind is not ActorKind.PERSON or actor.role not in ROLE_PERMISSIONS:
        return False
    return permission in ROLE_PERMISSIONS[Role(actor.role)]


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotPermitted unless the actor has `permission`."""
    if not can(actor, permission):
        raise NotPermitted


def is_own_file(actor: Actor, person_id: UUID) -> bool:
    """Whether `person_id` is the actor's own file, or one that joined it."""
    if actor.person_id is None:
        return False
    return person_id == actor.person_id or surviving(person_id) == surviving(actor.person_id)


def require_own_file(actor: Actor, person_id: UUID) -> None:
    """Raise NotPermitted unless it is the actor's own file, or the system acts."""
    if not actor.is_system and not is_own_file(actor, person_id):
        raise NotPermitted


def is_confirmed(actor: Actor) -> bool:
    """Whether more than a letter's code has shown that the actor owns the file they opened."""
    found = login(actor.person_id) if actor.person_id else None
    return found is not None and found.is_confirmed


def has_fresh_second_proof(actor: Actor, at: datetime) -> bool:
    """Whether the actor gave a second proof in the last fifteen minutes. The system needs none.

    What somebody set up with no more than a letter's code proves nothing until they are confirmed.
    """
    if actor.is_system:
        return True
    return rules.is_fresh(actor.second_proof_at, at) and is_confirmed(actor)


def may_add_way_in(actor: Actor, at: datetime, email: str = "") -> bool:
    """Whether the actor may add a way to sign in: a paper list, or this e-mail address.

    With a fresh second proof always. Somebody who has just opened a file cannot give one yet: they
    may add their first way in, and the address that was known before they came.
    """
    if has_fresh_second_proof(actor, at):
        return True
    own = login(actor.person_id) if actor.person_id else None
    if own is None or own.is_confirmed:
        return False
    if not (own.email or own.codes_left or Authenticator.objects.filter(user=own.user_id)):
        return True
    return bool(email) and email == known_email(own.person_id)


def require_second_proof(actor: Actor, at: datetime) -> None:
    """Raise SecondProofNeeded unless a second proof is fresh: for spending and contact data."""
    if not has_fresh_second_proof(actor, at):
        raise SecondProofNeeded


def look_at(person_id: UUID, *, what: Looked, by: Actor, at: datetime) -> None:
    """Write in the person's log that `by` saw `what` of them. One's own file is never logged.

    Call it wherever a page or an operation hands out another person's record.
    """
    look_at_many([person_id], what=what, by=by, at=at)


def look_at_many(person_ids: Iterable[UUID], *, what: Looked, by: Actor, at: datetime) -> None:
    """The same for several persons at once, in one statement."""
    if by.kind is not ActorKind.PERSON or by.person_id is None:
        return
    wanted = dict.fromkeys(person_ids)
    if wanted.keys() <= {by.person_id}:
        return
    own = set(files_of(by.person_id))
    Look.objects.bulk_create(
        Look(
            person_id=person_id,
            what=what,
            at=at,
            looker_id=by.person_id,
            role=by.role,
            organisation_id=by.organisation_id,
        )
        for person_id in wanted
        if person_id not in own
    )
