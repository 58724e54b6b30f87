"""Many links in one call: each is decided as if it came alone, in the order of arrival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from eigenwijs.audit import queries as audit
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations, queries
from eigenwijs.ledger.models import Account, Transfer
from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.ledger.types import (
    AccountKind,
    Entry,
    HoldPosting,
    HoldVoid,
    NewTransfer,
    Recorded,
    Reversal,
)
from tests.ledger.books import BY, NOW, TODAY, account, funded_pot, key, transfer

pytestmark = pytest.mark.django_db

Links = Sequence[Sequence[Entry]]


def many(links: Links) -> list[object]:
    return [told(answer) for answer in operations.post_many(links, by=BY, at=NOW)]


def one_by_one(links: Links) -> list[object]:
    answers: list[object] = []
    for link in links:
        try:
            answers.append(told(operations.post(link, by=BY, at=NOW)))
        except UnableToPost as error:
            answers.append(told(error))
    return answers


def sums() -> list[dict[str, object]]:
    """All accounts that something was recorded on."""
    used = Account.objects.exclude(
        debits_posted=0, credits_posted=0, debits_pending=0, credits_pending=0
    )
    return list(used.order_by("bucket", "id").values())


def told(answer: list[Recorded] | UnableToPost) -> object:
    return (answer.code, answer.params) if isinstance(answer, UnableToPost) else answer


def test_what_fits_is_recorded_in_the_order_of_arrival() -> None:
    """€ 1.00 is there; € 0.60, € 0.50 and € 0.40 are asked: the second does not fit."""
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    asked = [[transfer(pot, payable, cents, days=9)] for cents in (60, 50, 40)]
    first, second, third = operations.post_many(asked, by=BY, at=NOW)
    assert isinstance(first, list)
    assert isinstance(third, list)
    assert isinstance(second, UnableToPost)
    assert (second.code, second.params) == ("insufficient_funds", {"account": str(pot.id)})
    assert queries.balance(pot).available == Money(0)


def test_money_of_one_link_can_be_spent_by_the_next_but_not_by_the_one_before() -> None:
    bank, payable = account(AccountKind.BANK), account(AccountKind.PROVIDER_PAYABLE)
    pot = account(AccountKind.POT)
    spent = [
        [transfer(pot, payable, 100)],
        [transfer(bank, pot, 100)],
        [transfer(pot, payable, 100)],
    ]
    answers = operations.post_many(spent, by=BY, at=NOW)
    assert [isinstance(answer, list) for answer in answers] == [False, True, True]


def test_a_link_is_recorded_as_a_whole_or_not_at_all() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    links = [
        [transfer(pot, payable, 40), transfer(pot, payable, 70)],
        [transfer(pot, payable, 40), transfer(pot, payable, 60)],
    ]
    refused, recorded = operations.post_many(links, by=BY, at=NOW)
    assert isinstance(refused, UnableToPost)
    assert isinstance(recorded, list)
    assert Transfer.objects.filter(debit=pot.id).count() == 2


def test_a_hold_can_be_settled_by_a_later_link_of_the_same_call() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 80, days=1)
    settled = HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY, amount=Money(30))
    answers = operations.post_many([[hold], [settled]], by=BY, at=NOW)
    assert all(isinstance(answer, list) for answer in answers)
    assert queries.balance(pot).available == Money(70)


def test_nothing_asked_is_nothing_answered() -> None:
    assert operations.post_many([], by=BY, at=NOW) == []
    assert operations.post_many([[], []], by=BY, at=NOW) == [[], []]
    assert operations.post([], by=BY, at=NOW) == []


def test_a_hundred_links_take_as_many_statements_as_one() -> None:
    """One round trip for the books and their trail, however many come together."""
    payable = account(AccountKind.PROVIDER_PAYABLE)
    pots = [funded_pot(100) for _ in range(100)]
    counts = []
    for links in (
        [[transfer(pots[0], payable, 1)]],
        [[transfer(pot, payable, 1)] for pot in pots],
    ):
        with CaptureQueriesContext(connection) as seen:
            assert all(isinstance(one, list) for one in operations.post_many(links, by=BY, at=NOW))
        counts.append([one["sql"].split()[0] for one in seen if "SAVEPOINT" not in one["sql"]])
    assert counts[0] == counts[1] == ["WITH"]


def test_each_group_leaves_one_row_of_the_trail() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    both, alone = key(), key()
    links = [
        [transfer(pot, payable, 10, group=both), transfer(pot, payable, 20, group=both)],
        [transfer(pot, payable, 30, group=alone)],
        [transfer(pot, payable, 999)],
    ]
    operations.post_many(links, by=BY, at=NOW)
    told_of = {
        group: [dict(row.ids) for row in audit.trail(subject=("ledger.group", group))]
        for group in (both, alone)
    }
    assert told_of == {
        both: [{"transfers": 2, "cents": 30}],
        alone: [{"transfers": 1, "cents": 30}],
    }


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_many_at_once_are_decided_as_one_by_one(data: st.DataObject) -> None:
    """Answers, culprits and balances are the same, with retries, clashes and shortages among them."""
    with transaction.atomic():
        pots = [funded_pot(cents, bucket) for cents, bucket in ((60, 3), (100, 3), (40, 8))]
        others = [account(AccountKind.PROVIDER_PAYABLE, bucket) for bucket in (3, 8)]
        entries: list[Entry] = []
        for step in range(data.draw(st.integers(1, 3))):
            links = data.draw(st.lists(links_over(pots, others, entries), min_size=1, max_size=8))
            seen: list[object] = []
            for play in (one_by_one, many):
                mark = transaction.savepoint()
                answers = play(links)
                seen.append((answers, sums()))
                if play is one_by_one:
                    transaction.savepoint_rollback(mark)
            assert seen[0] == seen[1], step
            entries += [entry for link in links for entry in link]
        # A key that was used in another bucket before is seen by the proof only: a posting looks in its own.
        buckets: dict[UUID, set[tuple[int, int]]] = defaultdict(set)
        for entry in entries:
            if isinstance(entry, NewTransfer):
                buckets[entry.key].add((entry.debit.bucket, entry.credit.bucket))
        elsewhere = {one for one, places in buckets.items() if len(places) > 1}
        breaches = queries.prove(at=NOW - timedelta(days=9))
        assert {one.code for one in breaches} <= {"key_used_twice"}
        assert {one.id for one in breaches} <= elsewhere
        transaction.set_rollback(True)


@st.composite
def links_over(draw: st.DrawFn, pots: Sequence, others: Sequence, earlier: Sequence) -> list[Entry]:
    """One to three entries: new ones, ones that settle or reverse, the same again, a key reused."""
    link: list[Entry] = []
    for _ in range(draw(st.integers(1, 3))):
        cents = draw(st.integers(1, 70))
        new = transfer(
            draw(st.sampled_from([*pots, *others])),
            draw(st.sampled_from([*pots, *others])),
            cents,
            days=draw(st.sampled_from([None, None, -1, 2])),
        )
        if new.debit == new.credit:
            continue
        what = draw(st.sampled_from(["new", "new", "again", "reused", "post", "void", "reverse"]))
        if what == "new" or not earlier:
            link.append(new)
            continue
        old = draw(st.sampled_from(list(earlier)))
        if what == "again":
            link.append(old)
        elif what == "reused":
            link.append(replace(new, key=old.key))
        elif isinstance(old, (HoldPosting, HoldVoid, Reversal)):
            continue
        elif what == "post":
            amount = draw(st.sampled_from([None, Money(cents)]))
            link.append(HoldPosting(hold=old.ref, key=key(), occurred_on=TODAY, amount=amount))
        elif what == "void":
            link.append(HoldVoid(hold=old.ref, key=key(), occurred_on=TODAY))
        else:
            link.append(
                Reversal(transfer=old.ref, key=key(), occurred_on=TODAY, amount=Money(cents))
            )
    return link


def test_the_end_of_a_hold_counts_for_posting_only() -> None:
    pot, payable = funded_pot(100), account(AccountKind.PROVIDER_PAYABLE)
    hold = transfer(pot, payable, 80, days=1)
    operations.post([hold], by=BY, at=NOW)
    late = NOW + timedelta(days=1)
    links = [
        [HoldPosting(hold=hold.ref, key=key(), occurred_on=TODAY)],
        [HoldVoid(hold=hold.ref, key=key(), occurred_on=TODAY)],
    ]
    expired, voided = operations.post_many(links, by=BY, at=late)
    assert isinstance(expired, UnableToPost)
    assert expired.code == "hold_expired"
    assert isinstance(voided, list)
