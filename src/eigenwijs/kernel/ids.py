"""Time-ordered identifiers that callers make themselves; they double as idempotency keys."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANDOM_BITS = 74


def new_id(at: datetime) -> UUID:
    """Return a fresh identifier that sorts by `at` to the millisecond (RFC 9562, version 7)."""
    return _version_7(_milliseconds(at), secrets.randbits(_RANDOM_BITS))


def derived_id(base: UUID, label: str) -> UUID:
    """Return the one identifier that belongs to `label` under `base`; it sorts where `base` does.

    The same base and label give the same identifier for ever, so a second try of the same step
    carries the same key.
    """
    digest = hashlib.sha256(base.bytes + label.encode()).digest()
    return _version_7(base.int >> 80, int.from_bytes(digest[:10]) & ((1 << _RANDOM_BITS) - 1))


def _milliseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (at - _EPOCH) // timedelta(
        milliseconds=1
    )  # exact: a float is a millisecond short at times


def _version_7(milliseconds: int, random: int) -> UUID:
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
