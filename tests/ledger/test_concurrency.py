"""Real parallel connections: nothing is spent twice, nothing is recorded twice, nobody deadlocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import connection

from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations, queries
from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.ledger.types import AccountKind, Entry, HoldPosting, HoldVoid, Reversal
from tests.faults import again_after_a_clash
from tests.ledger.books import BY, NOW, TODAY, account, funded_pot, key, transfer

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(calls: Sequence[Callable[[], str]]) -> Counter[str]:
    """Run calls at the same moment, each on its own connection; count their answers."""
    start = Barrier(len(calls))

    def run(call: Callable[[], str]) -> str:
        try:
            connection.ensure_connection()
            start.wait()
            return again_after_a_clash(call)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        answers = Counter(threads.map(run, calls))
    assert queries.prove(at=NOW) == []
    return answers


def posting(*entries: Entry) -> Callable[[], str]:
    def call() -> str:
        try:
            (first, *_) = operations.post(entries, by=BY, at=NOW)
        except UnableToPost as error:
            return error.code
        return "replayed" if first.replayed else "recorded"

    return call


def test_the_same_money_is_spent_once() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    spends = [posting(transfer(pot, payable, 60)) for _ in range(8)]
    assert at_once(spends) == {"recorded": 1, "insufficient_funds": 7}


def test_the_same_money_is_held_once_over_buckets() -> None:
    pot = funded_pot(100, 1)
    payables = [account(AccountKind.PROVIDER_PAYABLE, bucket) for bucket in range(2, 8)]
    holds = [posting(transfer(pot, payable, 60, days=1)) for payable in payables]
    assert at_once(holds) == {"recorded": 1, "insufficient_funds": 5}


def test_the_same_key_at_the_same_moment_is_recorded_once() -> None:
    entry = transfer(account(AccountKind.BANK), account(AccountKind.POT, 9), 100)
    assert at_once([posting(entry)] * 8) == {"recorded": 1, "replayed": 7}


def test_the_same_key_with_other_content_at_the_same_moment_is_refused() -> None:
    bank = account(AccountKind.BANK)
    entry = transfer(bank, account(AccountKind.POT), 100)
    others = [
        replace(entry, debit=account(AccountKind.BANK), credit=account(AccountKind.POT))
        for _ in range(7)
    ]
    answers = at_once([posting(one) for one in (entry, *others)])
    assert answers == {"recorded": 1, "key_reused": 7}


def test_a_hold_is_posted_or_voided_never_both() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 70, days=1)
    operations.post([hold], by=BY, at=NOW)
    settlements = [
        posting(HoldPosting(hold.ref, key(), TODAY) if n % 2 else HoldVoid(hold.ref, key(), TODAY))
        for n in range(8)
    ]
    assert at_once(settlements) == {"recorded": 1, "hold_already_settled": 7}


def test_reversals_at_the_same_moment_do_not_exceed_the_transfer() -> None:
    pot, payable = funded_pot(1_000), account(AccountKind.PROVIDER_PAYABLE)
    paid = transfer(pot, payable, 100)
    operations.post([paid, transfer(pot, payable, 900)], by=BY, at=NOW)
    reversals = [posting(Reversal(paid.ref, key(), TODAY, Money(30))) for _ in range(8)]
    assert at_once(reversals) == {"recorded": 3, "reversal_exceeds": 5}


def test_transfers_in_opposite_directions_never_deadlock() -> None:
    pots = [funded_pot(100_000, bucket) for bucket in (3, 1, 2)]

    def there_and_back(number: int) -> Callable[[], str]:
        def call() -> str:
            order = pots if number % 2 else pots[::-1]
            for _ in range(25):
                entries = [transfer(debit, credit, 1) for debit, credit in pairwise(order)]
                again_after_a_clash(partial(operations.post, entries, by=BY, at=NOW))
            return "done"

        return call

    assert at_once([there_and_back(number) for number in range(4)]) == {"done": 4}


def test_one_account_is_opened_however_many_ask_at_once() -> None:
    owner = key()

    def call() -> str:
        return str(operations.open_account(kind=AccountKind.POT, owner=owner, at=NOW))

    assert list(at_once([call] * 8).values()) == [8]
