"""Who is the owner of a file: shown at the desk, and shown again after every way in was lost.

Each takes two people of the staff, so that nobody alone can become a worker.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.people import rules
from eigenwijs.people.access import (
    NotPermitted,
    is_own_file,
    look_at,
    require,
    require_second_proof,
)
from eigenwijs.people.models import ClaimCode, Person, RecoveryRequest, User
from eigenwijs.people.operations.claims import issue_codes
from eigenwijs.people.operations.sign_in import confirm
from eigenwijs.people.queries import confirmation_code, files_of, surviving
from eigenwijs.people.types import ClaimLetter, Looked, Permission


class UnableToConfirm(DomainError):
    """Codes: not_accepted (not what the person's screen shows now), own_letter (the same colleague
    printed the letter)."""


class UnableToRecover(DomainError):
    """Codes: not_claimed, no_birth_date, own_request (somebody else must say yes), answered."""


@transaction.atomic
def confirm_owner(*, person_id: UUID, code: str, by: Actor, at: datetime) -> None:
    """Note that the desk saw proof that it is the owner who signed in with a letter's code.

    `code` is what the person reads from their own screen (`queries.confirmation_code`): it ties the
    proof to this very login, and not to one that somebody else opened. Whoever printed the letter
    does not confirm. The person sees it in their log and is told (announces `owner_confirmed`).
    Confirming again changes nothing. Raises UnableToConfirm and access.NotPermitted.
    """
    require(by, Permission.CONFIRM_OWNERS)
    first = surviving(person_id)
    person = Person.objects.select_for_update().filter(pk=first).first()
    user = User.objects.filter(person=first, is_active=True).first()
    if person is None or user is None or is_own_file(by, first):
        raise NotPermitted
    if user.confirmed_at:
        return
    wanted = confirmation_code(first).replace("-", "")
    if rules.read_code(code, rules.CONFIRMATION_CODE_LENGTH) != wanted:
        raise UnableToConfirm(
            "not_accepted",
            _(
                "Dit is niet de code die nu op het scherm van de deelnemer staat. Kijk samen nog eens."
            ),
        )
    used = ClaimCode.objects.filter(person__in=files_of(first), used_at__isnull=False)
    last = used.order_by("-used_at").first()
    if last and last.issued_by_id and last.issued_by_id == by.person_id:
        raise UnableToConfirm(
            "own_letter", _("Jij maakte de brief. Laat een collega kijken naar het bewijs.")
        )
    confirm(user, at)
    if user.email:
        person.email = user.email
        person.save(update_fields=["email"])
    look_at(first, what=Looked.OWNER_CONFIRMED, by=by, at=at)
    audit.announce(by=by, at=at, event="owner_confirmed", subject=("people.person", first))


@transaction.atomic
def ask_recovery(*, person_id: UUID, by: Actor, at: datetime) -> UUID:
    """Ask for a letter with which the owner of a claimed file gets in again; return the request.

    The desk asks; nothing changes until a second person says yes. The owner sees it in their log
    and is told at every address we know (announces `recovery_asked`). A request that is open is
    returned as it is. Raises UnableToRecover and access.NotPermitted.
    """
    require(by, Permission.ISSUE_CLAIM_CODES)
    file = _recoverable(person_id, by)
    existing = RecoveryRequest.objects.filter(person=file, answered_at=None).first()
    if existing:
        return existing.pk
    made = RecoveryRequest.objects.create(
        id=new_id(at), person=file, asked_by_id=by.person_id, asked_at=at
    )
    look_at(file.pk, what=Looked.RECOVERY_ASKED, by=by, at=at)
    audit.announce(by=by, at=at, event="recovery_asked", subject=("people.person", file.pk))
    return made.pk


@transaction.atomic
def approve_recovery(request_id: UUID, *, by: Actor, at: datetime) -> ClaimLetter:
    """Say yes to somebody else's request, and return the letter to print: code and birth date open.

    The person reads it in their own log, and is told (announces `recovery_code_issued`).
    Raises UnableToRecover, access.NotPermitted and access.SecondProofNeeded.
    """
    require(by, Permission.APPROVE_RECOVERY)
    require_second_proof(by, at)
    request = _open(request_id)
    file = _recoverable(request.person_id, by)
    if request.asked_by_id == by.person_id:
        raise UnableToRecover(
            "own_request", _("Jij vroeg deze brief aan. Een collega moet ja zeggen.")
        )
    _answer(request, by, at, is_approved=True)
    (letter,) = issue_codes([file], by=by, at=at, for_recovery=True)
    look_at(file.pk, what=Looked.CLAIM_LETTER, by=by, at=at)
    audit.announce(by=by, at=at, event="recovery_code_issued", subject=("people.person", file.pk))
    return letter


@transaction.atomic
def refuse_recovery(request_id: UUID, *, by: Actor, at: datetime) -> None:
    """Say no to a request, one's own included: there will be no letter.

    Raises UnableToRecover (answered) and access.NotPermitted.
    """
    require(by, Permission.APPROVE_RECOVERY)
    request = _open(request_id)
    _answer(request, by, at, is_approved=False)
    audit.record(
        by=by, at=at, action="people.recovery.refuse", subject=("people.person", request.person_id)
    )


def _recoverable(person_id: UUID, by: Actor) -> Person:
    """Return the locked file that a letter may open again."""
    file = Person.objects.select_for_update().filter(pk=surviving(person_id)).first()
    if file is None or is_own_file(by, file.pk):
        raise NotPermitted
    if file.claimed_at is None:
        raise UnableToRecover("not_claimed", _("Dit dossier is nog niet geopend."))
    if file.birth_date is None:
        raise UnableToRecover("no_birth_date", _("Van deze persoon weten we geen geboortedatum."))
    return file


def _open(request_id: UUID) -> RecoveryRequest:
    """Return the request; its file is locked first, as everywhere in this room."""
    owner = RecoveryRequest.objects.filter(pk=request_id).values_list("person", flat=True).first()
    if owner is None:
        raise NotPermitted
    list(
        Person.objects.select_for_update()
        .filter(pk__in={owner, surviving(owner)})
        .order_by("id")
        .values_list("pk")
    )
    found = RecoveryRequest.objects.select_for_update().get(pk=request_id)
    if found.answered_at:
        raise UnableToRecover("answered", _("Op deze vraag is al geantwoord."))
    return found


def _answer(request: RecoveryRequest, by: Actor, at: datetime, *, is_approved: bool) -> None:
    request.answered_by_id, request.answered_at = by.person_id, at
    request.is_approved = is_approved
    request.save(update_fields=["answered_by", "answered_at", "is_approved"])
