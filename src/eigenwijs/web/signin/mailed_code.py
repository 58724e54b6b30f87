"""A code of six digits that is mailed, kept in the session, and typed back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

LIFE = timedelta(minutes=10)
TRIES = 5
_KEY = "mailed_code"


class TooManyMails(Exception):
    """This login has asked for too many codes; later again."""


def send(request: HttpRequest, *, purpose: str, email: str, at: datetime) -> None:
    """Mail a fresh code for `purpose` to `email`; an earlier one stops working.

    The session keeps a keyed digest, and the code itself only in a demonstration, where the page
    shows it. Raises TooManyMails.
    """
    if not ratelimit.consume(request, action="mailed_code", user=request.user):
        raise TooManyMails
    code = f"{secrets.randbelow(1_000_000):06d}"
    request.session[_KEY] = {
        "purpose": purpose,
        "email": email,
        "digest": _digest(request, code),
        "until": (at + LIFE).isoformat(),
        "tries": 0,
        **({"shown": code} if settings.DEMO else {}),
    }
    get_adapter().send_mail("account/email/second_proof", email, {"code": code})


def is_waiting(request: HttpRequest, purpose: str) -> bool:
    """Whether a code for `purpose` was sent and not used."""
    return request.session.get(_KEY, {}).get("purpose") == purpose


def sent_to(request: HttpRequest) -> str:
    """Return the address to which the last code went."""
    return str(request.session.get(_KEY, {}).get("email", ""))


def shown_in_demo(request: HttpRequest) -> str:
    """Return the code, in a demonstration only; else an empty text."""
    return str(request.session.get(_KEY, {}).get("shown", "")) if settings.DEMO else ""


def accept(request: HttpRequest, *, purpose: str, code: str, at: datetime) -> str | None:
    """Return the address that `code` proves, and forget the code; None if it does not fit.

    After five wrong tries, or ten minutes, no code fits until a new one is sent.
    """
    waiting = request.session.get(_KEY)
    if not waiting or waiting["purpose"] != purpose:
        return None
    alive = at <= datetime.fromisoformat(waiting["until"]) and waiting["tries"] < TRIES
    typed = "".join(char for char in code if char.isdigit())
    if not constant_time_compare(_digest(request, typed), waiting["digest"]) or not alive:
        waiting["tries"] += 1
        request.session[_KEY] = waiting
        return None
    del request.session[_KEY]
    return str(waiting["email"])


def _digest(request: HttpRequest, code: str) -> str:
    return salted_hmac(f"mailed-code:{request.user.pk}", code, algorithm="sha256").hexdigest()
