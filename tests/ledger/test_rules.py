"""Buckets, account ids, digests and sums, without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.ids import new_id
from eigenwijs.ledger import rules
from eigenwijs.ledger.rules import Row, Sums
from eigenwijs.ledger.types import AccountKind, AccountRef, Phase, Side

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROW = Row(
    bucket=7,
    id=UUID(int=1),
    debit=UUID(int=2),
    credit=UUID(int=3),
    other_bucket=None,
    amount_cents=17_500,
    kind="credit",
    phase=Phase.POSTED,
    settles=None,
    reverses=None,
    group=UUID(int=4),
    occurred_on=date(2026, 11, 23),
    expires_at=None,
)


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


def test_a_digest_is_for_ever() -> None:
    expected = "55976871d907855774da882f8e88dec2dc3969020c2cff28851ddcbfd37a9a61"
    assert rules.digest(ROW, NOW).hex() == expected


def test_every_field_changes_the_digest() -> None:
    other: dict[str, object] = {
        "bucket": 8,
        "id": UUID(int=9),
        "debit": UUID(int=9),
        "credit": UUID(int=9),
        "other_bucket": 9,
        "amount_cents": 17_501,
        "kind": "lapse",
        "phase": Phase.VOID,
        "settles": UUID(int=9),
        "reverses": UUID(int=9),
        "group": UUID(int=9),
        "occurred_on": date(2026, 11, 24),
        "expires_at": NOW,
    }
    assert other.keys() == {field.name for field in fields(Row)} - {"source"}
    digests = [rules.digest(replace(ROW, **{name: value}), NOW) for name, value in other.items()]
    digests += [rules.digest(ROW, NOW), rules.digest(ROW, NOW + timedelta(microseconds=1))]
    assert len(set(digests)) == len(digests)


def test_the_same_id_in_another_place_is_another_digest() -> None:
    settled = replace(ROW, settles=UUID(int=9))
    reversed_ = replace(ROW, reverses=UUID(int=9))
    assert rules.digest(settled, NOW) != rules.digest(reversed_, NOW)


rows = st.builds(
    replace,
    st.just(ROW),
    debit=st.integers(1, 4).map(lambda n: UUID(int=n)),
    credit=st.integers(5, 8).map(lambda n: UUID(int=n)),
    amount_cents=st.integers(1, 10**12),
    phase=st.sampled_from(Phase),
)


@given(st.lists(rows))
def test_what_rows_change_is_debited_as_much_as_credited(recorded: list[Row]) -> None:
    total = Sums()
    for change in rules.changes(recorded).values():
        total = total.plus(change)
    assert total.debits_posted == total.credits_posted
    assert total.debits_pending == total.credits_pending


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_a_hold_and_its_settlement_leave_only_what_was_posted(held: int, posted: int) -> None:
    hold = replace(ROW, phase=Phase.PENDING, amount_cents=held)
    phase = Phase.POST if posted else Phase.VOID
    settlement = replace(
        ROW, phase=phase, amount_cents=min(posted, held) or held, settles=hold.id, source=hold
    )
    changes = rules.changes([hold, settlement])
    moved = min(posted, held)
    assert changes[AccountRef(7, ROW.debit)] == Sums(debits_posted=moved)
    assert changes[AccountRef(7, ROW.credit)] == Sums(credits_posted=moved)


def test_an_account_is_overdrawn_when_holds_and_transfers_exceed_what_came() -> None:
    credit_side = Sums(debits_posted=60, credits_posted=100, debits_pending=40)
    assert not credit_side.overdrawn(Side.CREDIT)
    assert credit_side.plus(Sums(debits_pending=1)).overdrawn(Side.CREDIT)
    assert credit_side.plus(Sums(debits_posted=1)).overdrawn(Side.CREDIT)
    # What is on its way to an account is not there yet.
    assert credit_side.plus(Sums(debits_posted=1, credits_pending=9)).overdrawn(Side.CREDIT)
    debit_side = Sums(debits_posted=100, credits_posted=60, credits_pending=40)
    assert not debit_side.overdrawn(Side.DEBIT)
    assert debit_side.plus(Sums(credits_posted=1)).overdrawn(Side.DEBIT)
    assert not Sums(credits_posted=10**18).overdrawn(Side.EITHER)
