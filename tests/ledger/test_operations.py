"""What the books record, and what they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import Error, connection, transaction

from eigenwijs.audit import queries as audit
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations, queries, rules
from eigenwijs.ledger.models import Account, Transfer
from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    Entry,
    HoldPosting,
    HoldVoid,
    Phase,
    Recorded,
    Reversal,
    TransferRef,
)
from tests.ledger.books import BY, NOW, TODAY, account, funded_pot, key, transfer

pytestmark = pytest.mark.django_db


def post(*entries: Entry) -> list[Recorded]:
    return operations.post(entries, by=BY, at=NOW)


def refused(*entries: Entry, at: object = NOW) -> str:
    accounts = Account.objects.exclude(kind=AccountKind.BETWEEN).order_by("bucket", "id")
    before = list(accounts.values())
    with pytest.raises(UnableToPost) as caught:
        operations.post(entries, by=BY, at=at)
    assert list(accounts.all().values()) == before
    return caught.value.code


def cents(ref: AccountRef) -> tuple[int, int, int]:
    balance = queries.balance(ref)
    return balance.posted.cents, balance.reserved.cents, balance.available.cents


@pytest.fixture(autouse=True)
def _books_are_proven() -> object:
    yield
    assert queries.prove(at=NOW) == []


def test_an_owner_has_one_account_of_a_kind_however_often_it_is_opened() -> None:
    owner, holder = key(), key()
    first = operations.open_account(kind=AccountKind.POT, owner=owner, holder=holder, at=NOW)
    again = operations.open_account(
        kind=AccountKind.POT, owner=owner, holder=holder, at=NOW + timedelta(days=1)
    )
    assert first == again
    assert first.bucket == rules.bucket_of(holder)
    assert Account.objects.count() == 1


def test_all_pots_of_one_holder_share_a_bucket() -> None:
    holder = key()
    refs = [
        operations.open_account(kind=AccountKind.POT, owner=key(), holder=holder, at=NOW)
        for _ in range(5)
    ]
    assert len({ref.bucket for ref in refs}) == 1
    assert len({ref.id for ref in refs}) == 5


def test_a_transfer_moves_the_amount_on_both_sides() -> None:
    bank, pot = account(AccountKind.BANK), account(AccountKind.POT)
    post(transfer(bank, pot, 17500))
    assert cents(bank) == cents(pot) == (17500, 0, 17500)


def test_the_last_cent_can_be_spent_and_no_cent_more() -> None:
    pot, payable = funded_pot(17500), account(AccountKind.PROVIDER_PAYABLE)
    assert refused(transfer(pot, payable, 17501)) == "insufficient_funds"
    post(transfer(pot, payable, 17500))
    assert cents(pot) == (0, 0, 0)
    assert refused(transfer(pot, payable, 1)) == "insufficient_funds"


def test_the_bank_cannot_be_overdrawn_either() -> None:
    bank, in_transit = account(AccountKind.BANK), account(AccountKind.IN_TRANSIT)
    pot = account(AccountKind.POT)
    post(transfer(bank, pot, 100))
    assert refused(transfer(in_transit, bank, 101)) == "insufficient_funds"
    post(transfer(in_transit, bank, 100))
    assert (cents(bank)[0], cents(in_transit)[0]) == (0, 100)


def test_the_database_itself_refuses_an_overdrawn_account() -> None:
    pot = funded_pot(100)
    with pytest.raises(Error, match="account_is_sound"), transaction.atomic():
        Account.objects.filter(bucket=pot.bucket, id=pot.id).update(debits_posted=101)
    with pytest.raises(Error, match="account_is_sound"), transaction.atomic():
        Account.objects.filter(bucket=pot.bucket, id=pot.id).update(debits_pending=101)


SOUND_TRANSFER = {
    "bucket": 7,
    "debit": UUID(int=1),
    "credit": UUID(int=2),
    "other_bucket": None,
    "amount_cents": 1,
    "kind": "a_kind",
    "phase": "posted",
    "settles": None,
    "reverses": None,
    "expires_at": None,
}
SOUND_ACCOUNT = {
    "bucket": 0,
    "side": "credit",
    "debits_posted": 3,
    "credits_posted": 5,
    "debits_pending": 2,
    "credits_pending": 0,
}
ID = UUID(int=3)


def is_sound(function: str, row: Mapping[str, object]) -> bool:
    named = ", ".join(f"{name} => %s" for name in row)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}({named})",
            [one if one is None else str(one) for one in row.values()],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("change", "is_so"),
    [
        ({}, True),
        ({"bucket": 1023, "other_bucket": 0}, True),
        ({"reverses": ID}, True),
        ({"phase": "pending", "expires_at": NOW}, True),
        ({"phase": "post", "settles": ID}, True),
        ({"phase": "void", "settles": ID}, True),
        ({"bucket": -1}, False),
        ({"bucket": 1024}, False),
        ({"amount_cents": 0}, False),
        ({"amount_cents": -1}, False),
        ({"credit": UUID(int=1)}, False),
        ({"other_bucket": 7}, False),
        ({"kind": "a|kind"}, False),
        ({"kind": ""}, False),
        ({"phase": "other"}, False),
        ({"settles": ID}, False),
        ({"expires_at": NOW}, False),
        ({"phase": "pending"}, False),
        ({"phase": "pending", "expires_at": NOW, "settles": ID}, False),
        ({"phase": "pending", "expires_at": NOW, "reverses": ID}, False),
        *(
            ({"phase": phase, **wrong}, False)
            for phase in ("post", "void")
            for wrong in (
                {},
                {"settles": ID, "reverses": ID},
                {"settles": ID, "expires_at": NOW},
            )
        ),
    ],
)
def test_the_database_takes_only_rows_that_can_be_transfers(
    change: dict[str, object], is_so: bool
) -> None:
    assert is_sound("ledger_transfer_is_sound", SOUND_TRANSFER | change) is is_so


@pytest.mark.parametrize(
    ("change", "is_so"),
    [
        ({}, True),
        ({"bucket": 1023}, True),
        ({"side": "debit", "debits_posted": 5, "credits_pending": 0}, True),
        ({"side": "either", "debits_posted": 9}, True),
        ({"bucket": -1}, False),
        ({"bucket": 1024}, False),
        ({"debits_posted": 4}, False),
        ({"debits_pending": 3}, False),
        ({"side": "debit", "debits_posted": 5, "credits_pending": 1}, False),
        ({"side": "debit", "debits_posted": 4}, False),
        ({"side": "other"}, False),
        *(
            ({"side": "either", name: -1}, False)
            for name in ("debits_posted", "credits_posted", "debits_pending", "credits_pending")
        ),
    ],
)
def test_the_database_takes_only_rows_that_can_be_accounts(
    change: dict[str, object], is_so: bool
) -> None:
    assert is_sound("ledger_account_is_sound", SOUND_ACCOUNT | change) is is_so


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_recorded_transfer_can_be_neither_changed_nor_removed(change: str) -> None:
    funded_pot(100)
    rows = Transfer.objects.all()
    with pytest.raises(Error, match="Cannot"), transaction.atomic():
        rows.update(amount_cents=1) if change == "update" else rows.delete()


def test_a_group_is_recorded_as_a_whole_or_not_at_all() -> None:
    pot, payable, bank = (
        funded_pot(100),
        account(AccountKind.PROVIDER_PAYABLE),
        account(AccountKind.BANK),
    )
    group = key()
    too_much = transfer(pot, payable, 151, group=group)
    assert refused(transfer(bank, pot, 50, group=group), too_much) == "insufficient_funds"
    assert queries.group(group) == []
    # The order within a group does not matter: only what it leaves behind.
    post(replace(too_much, amount=Money(150)), transfer(bank, pot, 50, group=group))
    assert cents(pot) == (0, 0, 0)


def test_the_same_key_and_content_is_recorded_once() -> None:
    bank, pot = account(AccountKind.BANK), account(AccountKind.POT)
    entry = transfer(bank, pot, 100)
    first, again = post(entry, entry)
    later = operations.post([entry], by=BY, at=NOW + timedelta(days=3))[0]
    assert (first.replayed, again.replayed, later.replayed) == (False, True, True)
    assert first.ref == later.ref == entry.ref
    assert cents(pot)[0] == 100


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(101)},
        {"kind": "other"},
        {"occurred_on": TODAY + timedelta(days=1)},
        {"group": UUID(int=1)},
        {"expires_at": NOW + timedelta(days=1)},
    ],
)
def test_the_same_key_with_other_content_is_refused(change: dict[str, object]) -> None:
    bank, pot = account(AccountKind.BANK), account(AccountKind.POT)
    entry = transfer(bank, pot, 100)
    post(entry)
    assert refused(replace(entry, **change)) == "key_reused"
    assert refused(transfer(bank, pot, 1), replace(entry, **change)) == "key_reused"
    assert refused(replace(entry, credit=account(AccountKind.POT))) == "key_reused"


def test_one_key_for_two_contents_in_one_call_is_refused() -> None:
    bank, pot = account(AccountKind.BANK), account(AccountKind.POT)
    entry = transfer(bank, pot, 100)
    assert refused(entry, replace(entry, amount=Money(99))) == "key_reused"


def test_a_replay_beside_something_new_records_the_new_only() -> None:
    bank, pot = account(AccountKind.BANK), account(AccountKind.POT)
    old, new = transfer(bank, pot, 100), transfer(bank, pot, 10)
    post(old)
    assert [answer.replayed for answer in post(old, new)] == [True, False]
    assert cents(pot)[0] == 110


def test_accounts_in_two_buckets_move_through_the_accounts_between() -> None:
    clearing, pot = account(AccountKind.PAYER_CLEARING, 3), account(AccountKind.POT, 900)
    post(transfer(account(AccountKind.BANK, 3), clearing, 100))
    entry = transfer(clearing, pot, 60)
    assert [answer.replayed for answer in (*post(entry), *post(entry))] == [False, True]
    assert (cents(clearing)[0], cents(pot)[0]) == (40, 60)
    halves = Transfer.objects.filter(id=entry.key).order_by("bucket")
    assert [half.bucket for half in halves] == [3, 900]
    (view,) = queries.group(entry.group)
    assert (view.debit, view.credit, view.amount, view.ref) == (
        clearing,
        pot,
        Money(60),
        TransferRef(3, entry.key),
    )
    assert refused(replace(entry, credit=account(AccountKind.POT, 901))) == "key_reused"


def test_a_hold_and_a_reversal_reach_over_buckets_too() -> None:
    pot, payable = funded_pot(100, 5), account(AccountKind.PROVIDER_PAYABLE, 6)
    hold = transfer(pot, payable, 80, days=1)
    post(hold)
    assert (cents(pot), cents(payable)) == ((100, 80, 20), (0, 0, 0))
    posting = HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY, amount=Money(50))
    (recorded,) = post(posting)
    assert (cents(pot), cents(payable)) == ((50, 0, 50), (50, 0, 50))
    post(Reversal(transfer=recorded.ref, key=key(), occurred_on=TODAY, amount=Money(20)))
    assert (cents(pot), cents(payable)) == ((70, 0, 70), (30, 0, 30))


def test_a_hold_sets_money_aside_until_it_is_settled() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    post(hold)
    assert cents(pot) == (100, 70, 30)
    assert cents(payable) == (0, 0, 0)
    assert refused(transfer(pot, payable, 31)) == "insufficient_funds"
    assert [open_.ref for open_ in queries.open_holds()] == [hold.ref]
    post(HoldVoid(hold=hold.ref, key=key(), occurred_on=TODAY))
    assert cents(pot) == (100, 0, 100)
    assert queries.open_holds() == []


def test_a_hold_posted_in_part_frees_the_rest() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    post(hold)
    post(HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY, amount=Money(69)))
    assert (cents(pot), cents(payable)) == ((31, 0, 31), (69, 0, 69))


def test_more_than_the_hold_is_refused() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    post(hold)
    posting = HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY, amount=Money(71))
    assert refused(posting) == "exceeds_hold"


def test_a_hold_is_settled_once_and_settling_again_with_its_key_is_a_replay() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    post(hold)
    posting = HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY)
    void = HoldVoid(hold=hold.ref, key=key(), occurred_on=TODAY)
    assert refused(posting, void) == "hold_already_settled"
    post(posting)
    assert operations.post([posting], by=BY, at=NOW + timedelta(days=9))[0].replayed
    assert refused(void) == "hold_already_settled"
    assert refused(replace(posting, key=key())) == "hold_already_settled"


def test_an_expired_hold_cannot_be_posted_but_can_be_voided() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    post(hold)
    posting = HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY)
    end = hold.expires_at
    assert end is not None
    assert refused(posting, at=end) == "hold_expired"
    assert [breach.code for breach in queries.prove(at=end)] == ["hold_past_its_end"]
    assert queries.prove(at=end - timedelta(microseconds=1)) == []
    operations.post([HoldVoid(hold=hold.ref, key=key(), occurred_on=TODAY)], by=BY, at=end)
    assert cents(pot) == (100, 0, 100)


def test_a_hold_can_be_posted_to_its_last_moment() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    post(hold)
    assert hold.expires_at is not None
    operations.post(
        [HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY)],
        by=BY,
        at=hold.expires_at - timedelta(microseconds=1),
    )
    assert cents(pot) == (30, 0, 30)


def test_a_hold_is_renewed_in_one_group() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 100, days=1)
    post(hold)
    post(
        HoldVoid(hold=hold.ref, key=key(), occurred_on=TODAY),
        transfer(pot, payable, 100, days=30, group=hold.group),
    )
    assert cents(pot) == (100, 100, 0)


def test_a_reversal_names_what_it_reverses_and_never_exceeds_it() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    paid = transfer(pot, payable, 100)
    post(paid)
    (first,) = post(Reversal(transfer=paid.ref, key=key(), occurred_on=TODAY, amount=Money(60)))
    assert queries.transfer(first.ref).reverses == paid.key
    assert queries.transfer(first.ref).group == paid.group
    assert cents(pot) == (60, 0, 60)
    too_much = Reversal(transfer=paid.ref, key=key(), occurred_on=TODAY, amount=Money(41))
    assert refused(too_much) == "reversal_exceeds"
    last = replace(too_much, amount=Money(40))
    extra = Reversal(transfer=paid.ref, key=key(), occurred_on=TODAY, amount=Money(1))
    assert refused(last, extra) == "reversal_exceeds"
    post(last)
    assert cents(pot) == (100, 0, 100)


def test_money_that_went_on_cannot_be_given_back() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    paid = transfer(pot, payable, 100)
    in_transit = account(AccountKind.IN_TRANSIT)
    bank = account(AccountKind.BANK)
    post(transfer(bank, account(AccountKind.BUFFER), 100), transfer(in_transit, bank, 100))
    post(paid, transfer(payable, in_transit, 100))
    assert refused(Reversal(paid.ref, key(), TODAY)) == "insufficient_funds"


def test_what_is_not_there_is_refused_by_name() -> None:
    pot, nowhere = funded_pot(100), AccountRef(7, key())
    assert refused(transfer(pot, nowhere, 1)) == "unknown_account"
    assert refused(transfer(pot, AccountRef(7, rules.BETWEEN_ID), 1)) == "unknown_account"
    unknown = TransferRef(7, key())
    assert refused(HoldVoid(unknown, key(), TODAY)) == "unknown_hold"
    assert refused(Reversal(unknown, key(), TODAY)) == "unknown_transfer"
    hold = transfer(pot, account(AccountKind.PROVIDER_PAYABLE), 10, days=1)
    post(hold)
    assert refused(Reversal(hold.ref, key(), TODAY)) == "unknown_transfer"
    paid = transfer(pot, account(AccountKind.PROVIDER_PAYABLE), 10)
    post(paid)
    assert refused(HoldPosting(paid.ref, key(), TODAY)) == "unknown_hold"


@pytest.mark.parametrize("amount", [Money(0), Money(-1), Money(1, "USD")])
def test_only_euros_and_more_than_none_are_moved(amount: Money) -> None:
    entry = transfer(funded_pot(100), account(AccountKind.PROVIDER_PAYABLE), 1)
    with pytest.raises(ValueError, match="moves euros"):
        post(replace(entry, amount=amount))
    hold = replace(entry, key=key(), expires_at=NOW + timedelta(days=1))
    post(hold, entry)
    for wrong in (
        HoldPosting(hold.ref, key(), TODAY, amount),
        Reversal(entry.ref, key(), TODAY, amount),
    ):
        with pytest.raises(ValueError, match="moves euros"):
            post(wrong)


def test_a_transfer_needs_two_accounts() -> None:
    pot = funded_pot(100)
    with pytest.raises(ValueError, match="two accounts"):
        post(transfer(pot, pot, 1))


def test_the_trail_names_the_group_and_no_replay() -> None:
    bank, pot = account(AccountKind.BANK), account(AccountKind.POT, 8)
    entry = transfer(bank, pot, 100)
    post(entry)
    post(entry)
    (row,) = audit.trail(subject=("ledger.group", entry.group))
    assert (row.action, row.actor_name) == ("ledger.post", "test")
    assert row.ids == {"transfers": 1, "cents": 100}


def test_nothing_to_post_is_nothing() -> None:
    assert post() == []


def test_the_phases_are_recorded() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    operations.post([hold], by=BY, at=NOW + timedelta(seconds=1))
    void = HoldVoid(hold.ref, key(), TODAY)
    operations.post([void], by=BY, at=NOW + timedelta(seconds=2))
    phases = [view.phase for view in queries.transfers(pot)]
    assert phases == [Phase.POSTED, Phase.PENDING, Phase.VOID]


def test_a_balance_at_home_is_one_row_of_the_owners_own_bucket() -> None:
    owner, kind = key(), AccountKind.ROUND_POT
    assert queries.balance_at_home(kind, owner) == queries.balance_of(kind, owner)
    home = operations.open_account(kind=kind, owner=owner, at=NOW)
    away = (home.bucket + 1) % rules.BUCKETS
    other = operations.sub_account(kind=kind, owner=owner, bucket=away, at=NOW)
    post(transfer(funded_pot(5_00), home, 3_00), transfer(funded_pot(5_00), other, 1_00))
    assert queries.balance_at_home(kind, owner).available == Money(3_00)
    assert queries.balance_of(kind, owner).available == Money(4_00)
