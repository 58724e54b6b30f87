"""Stable names for people and their things that say nothing about who they are."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from uuid import UUID

from django.conf import settings

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 and O, 1, I and L, and U, which look alike on paper."""
LENGTH = 12
GROUP = 4


def pseudonym(of: UUID, letter: str = "P") -> str:
    """Return the pseudonym of an id: `P-7F3K-92QX-M4TB`, for ever the same under one secret key.

    An HMAC (RFC 2104) under a key of its own: nobody without the secret key can tell whose it is, or
    make the list of all. `letter` says what kind of thing it is and changes nothing else, so that two
    kinds of record with one id have the same ending. Twelve signs are 58 bits: of ten million ids the
    chance that any two share a pseudonym is one in ten thousand.
    """
    number = int.from_bytes(hmac.digest(_key(settings.SECRET_KEY), of.bytes, "sha256"))
    signs = []
    for _sign in range(LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[sign])
    groups = ("".join(signs[start : start + GROUP]) for start in range(0, LENGTH, GROUP))
    return "-".join((letter, *groups))


def whose(text: str, ids: Iterable[UUID]) -> UUID | None:
    """Return which of `ids` has the pseudonym in `text`, or None; small letters and spaces don't matter.

    Tries them one by one: seconds for ten million.
    """
    wanted = "-".join(text.upper().replace("-", " ").split())
    letter, *groups = wanted.split("-")
    if sum(map(len, groups)) != LENGTH:
        return None
    return next((one for one in ids if pseudonym(one, letter) == wanted), None)


@cache
def _key(secret: str) -> bytes:
    return sha256(b"eigenwijs.pseudonyms" + secret.encode()).digest()
