"""Codes that people copy from paper, and how long things last. Pure: no database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without 0 and O, 1, I and L, which look alike on paper. Its length, 31, is a prime number."""

GROUP = 4
SELECTOR_LENGTH = 5
CLAIM_CODE_LENGTH = 12
CONFIRMATION_CODE_LENGTH = 8
LIST_NUMBER_LENGTH = 8
LIST_CODE_LENGTH = 8
CODES_ON_A_LIST = 20

TRIES = 5
CLAIM_CODE_LIFE = timedelta(days=90)
RECOVERY_CODE_LIFE = timedelta(days=14)
LIST_LOCK = timedelta(hours=1)
SECOND_PROOF_LIFE = timedelta(minutes=15)


def check_character(body: str) -> str:
    """Return the last character that belongs to `body` (at most 29 characters).

    A weighted sum modulo the prime 31: one wrong character, or two that changed places, always
    gives another character, so a slip of the pen is told from a wrong code without a lookup.
    """
    total = sum(weight * ALPHABET.index(char) for weight, char in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def new_code(length: int) -> str:
    """Return a random code of `length` characters, the check character included."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(length - 1))
    return body + check_character(body)


def confirmation_code(session_stamp: str) -> str:
    """Return the code that goes with one state of a login, the check character included."""
    number = int(digest(session_stamp, "confirmation"), 16)
    body = ""
    for _sign in range(CONFIRMATION_CODE_LENGTH - 1):
        number, sign = divmod(number, len(ALPHABET))
        body += ALPHABET[sign]
    return body + check_character(body)


def read_code(text: str, length: int) -> str | None:
    """Return the code in `text` as it was issued, or None if it cannot be one.

    Small letters, spaces, dashes and dots do not matter.
    """
    code = "".join(text.split()).replace("-", "").replace(".", "").upper()
    if len(code) != length or any(char not in ALPHABET for char in code):
        return None
    return code if check_character(code[:-1]) == code[-1] else None


def grouped(code: str) -> str:
    """Return `code` as it is printed: in groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def digest(code: str, purpose: str) -> str:
    """Return what is kept of a code: an HMAC under the secret key, useless without that key."""
    return digests(code, purpose)[0]


def digests(code: str, purpose: str) -> list[str]:
    """Return what may have been kept of a code: under the secret key, then under earlier ones."""
    return [
        salted_hmac(f"eigenwijs.people.{purpose}", code, secret, algorithm="sha256").hexdigest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def is_one_of(stored_digest: str, code_digests: Sequence[str]) -> bool:
    """Whether the digest that was kept is among these. All are compared, so the time says nothing."""
    return sum(constant_time_compare(one, stored_digest) for one in code_digests) > 0


def opens(
    *,
    code_digests: Sequence[str],
    stored_digest: str,
    birth_date: date | None,
    stored_birth_date: date | None,
) -> bool:
    """Whether both code and birth date fit. Takes as long whichever of them is wrong."""
    same_code = is_one_of(stored_digest, code_digests)
    same_date = constant_time_compare(str(birth_date), str(stored_birth_date))
    return same_code & same_date & (stored_birth_date is not None)


def is_fresh(second_proof_at: datetime | None, at: datetime) -> bool:
    """Whether a second proof given then still counts at `at`."""
    return second_proof_at is not None and timedelta(0) <= at - second_proof_at <= SECOND_PROOF_LIFE
