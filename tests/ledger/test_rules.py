"""Buckets and account ids, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from eigenwijs.kernel.ids import new_id
from eigenwijs.ledger import rules
from eigenwijs.ledger.types import AccountKind

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_a_bucket_is_for_ever() -> None:
    """Another answer would lose the accounts of kept books."""
    known = {UUID(int=0): 839, UUID(int=1): 60, UUID(int=2**128 - 1): 710}
    assert {holder: rules.bucket_of(holder) for holder in known} == known


def test_holders_are_spread_over_all_buckets() -> None:
    counts = Counter(rules.bucket_of(new_id(NOW + timedelta(seconds=n))) for n in range(20_480))
    assert set(counts) == set(range(rules.BUCKETS))
    assert max(counts.values()) < 3 * 20


def test_accounts_of_one_owner_differ_by_kind() -> None:
    ids = {rules.account_id(kind, UUID(int=1)) for kind in AccountKind}
    assert len(ids) == len(AccountKind)
    assert rules.BETWEEN_ID not in ids
