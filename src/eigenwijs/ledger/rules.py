"""Where accounts are, and what their sums mean. Pure: no database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from eigenwijs.kernel.ids import derived_id
from eigenwijs.ledger.types import AccountKind, Side

BUCKETS = 1024
BETWEEN_ID = UUID(int=0)
"""The id of the account between buckets, one in each bucket."""


def bucket_of(holder: UUID) -> int:
    """Return the bucket of everything that `holder` holds: 0 to 1023, for ever the same."""
    return int.from_bytes(hashlib.sha256(holder.bytes).digest()[:2]) % BUCKETS


def account_id(kind: AccountKind, owner: UUID) -> UUID:
    """Return the id of the owner's account of this kind; the same in every bucket."""
    return derived_id(owner, f"ledger.account.{kind}")


@dataclass(slots=True)
class Sums:
    """The four sums of an account, in cents."""

    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0

    def posted(self, side: Side) -> int:
        """Return the balance on `side`; an account that may be on either counts as debit."""
        difference = self.debits_posted - self.credits_posted
        return -difference if side is Side.CREDIT else difference

    def reserved(self, side: Side) -> int:
        """Return what open holds would take from the balance on `side`."""
        return self.debits_pending if side is Side.CREDIT else self.credits_pending
