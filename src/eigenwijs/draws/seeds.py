"""The secret seed of a round: made once, kept encrypted, read only when it is revealed."""

from __future__ import annotations

import secrets
from base64 import b32encode, urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from eigenwijs.draws import rules
from eigenwijs.draws.models import Round, RoundSeed

_LETTERS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
"""From those of base 32 to thirty-two that nobody reads for one another."""


def make() -> tuple[str, str]:
    """Return a fresh seed, encrypted, and its hash. The seed itself goes nowhere."""
    seed = secrets.token_hex(32)
    return _cipher().encrypt(seed.encode()).decode(), rules.digest(seed)


def reveal(of: Round) -> str:
    """Return the seed of a round, to publish it."""
    sealed = RoundSeed.objects.get(pk=of.pk).sealed
    return _cipher().decrypt(sealed.encode()).decode()


def ticket_number() -> str:
    """Return a number that nobody can guess and that comes from nothing: 80 random bits."""
    drawn = b32encode(secrets.token_bytes(10)).translate(_LETTERS).decode()
    return "-".join(drawn[start : start + 4] for start in range(0, 16, 4))


def _cipher() -> MultiFernet:
    keys = [
        salted_hmac("draws.seed", "", secret, algorithm="sha256").digest()
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    ]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
