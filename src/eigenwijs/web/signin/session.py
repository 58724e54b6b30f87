"""What this room keeps in the session, and only here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

ROLE = "role"
_SECOND_PROOF = "second_proof"
_PERSONA = "persona"
_UNFINISHED = "unfinished"


def login_of(request: HttpRequest, person_id: UUID) -> Any:
    """Return the open login of a person whom a code, a claim or a persona has identified."""
    return authenticate(request, identified_person=person_id)


def record_second_proof(request: HttpRequest, user: AbstractBaseUser, at: datetime) -> None:
    """Note that `user` has just proven once more who they are. It counts for nobody else."""
    request.session[_SECOND_PROOF] = {"user": str(user.pk), "at": at.isoformat()}


def second_proof_at(request: HttpRequest) -> datetime | None:
    """Return when the signed-in user gave the last second proof of this session."""
    proof = request.session.get(_SECOND_PROOF)
    if not proof or proof["user"] != str(request.user.pk):
        return None
    return datetime.fromisoformat(proof["at"])


def note_unfinished(request: HttpRequest) -> None:
    """Note that what was pressed waits for a second proof."""
    request.session[_UNFINISHED] = True


def was_unfinished(request: HttpRequest) -> bool:
    """Whether something that was pressed waited for the second proof; says so once."""
    return bool(request.session.pop(_UNFINISHED, False))


def become_persona(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Note that this session is a demo persona's, who needs no second factor."""
    request.session[_PERSONA] = str(user.pk)


def is_persona(request: HttpRequest) -> bool:
    """Whether this session is a demo persona's; never outside a demonstration."""
    return bool(settings.DEMO) and request.session.get(_PERSONA) == str(request.user.pk)


def record_factor(request: HttpRequest, factor: Authenticator) -> None:
    """Note that `factor` was just used by the signed-in user."""
    post_authentication(request, factor, reauthenticated=True)


def has_second_factor(request: HttpRequest) -> bool:
    """Whether a passkey or an authenticator app was used in this session, as staff must."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    return is_persona(request) or any(record["method"] == "mfa" for record in records)
