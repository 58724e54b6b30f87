"""Random histories against a naive model: after every step the books say what the model says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations, queries
from eigenwijs.ledger.operations import UnableToPost
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    Entry,
    HoldPosting,
    HoldVoid,
    Reversal,
    TransferRef,
)
from tests.ledger.books import BY, NOW, TODAY, account, key, transfer
from tests.ledger.naive import Naive

pytestmark = pytest.mark.django_db

KINDS = (
    (AccountKind.BANK, 1),
    (AccountKind.BANK, 2),
    (AccountKind.POT, 1),
    (AccountKind.POT, 1),
    (AccountKind.POT, 2),
    (AccountKind.PROVIDER_PAYABLE, 1),
    (AccountKind.PROVIDER_PAYABLE, 2),
)


def draw_entry(data: st.DataObject, model: Naive, refs: list[AccountRef]) -> Entry:
    """Something that somebody might send: new, about something earlier, or sent before."""
    pots, payables = refs[2:5], refs[5:]
    cents = data.draw(st.integers(1, 120), label="cents")
    choices = ["in", "spend", "hold"]
    choices += ["settle", "settle"] if model.holds else []
    choices += ["reverse"] if model.transfers else []
    choices += ["again", "other content"] if model.entries else []
    choice = data.draw(st.sampled_from(choices), label="what")
    if choice == "in":
        return transfer(
            data.draw(st.sampled_from(refs[:2])), data.draw(st.sampled_from(pots)), cents
        )
    if choice in ("spend", "hold"):
        days = data.draw(st.integers(1, 9)) if choice == "hold" else None
        pot, payable = data.draw(st.sampled_from(pots)), data.draw(st.sampled_from(payables))
        return transfer(pot, payable, cents, days=days)
    if choice == "settle":
        hold = data.draw(st.sampled_from(list(model.holds.values()))).entry
        if data.draw(st.booleans(), label="void"):
            return HoldVoid(hold.ref, key(), TODAY)
        part = data.draw(st.one_of(st.none(), st.integers(1, hold.amount.cents)), label="part")
        return HoldPosting(hold.ref, key(), TODAY, None if part is None else Money(part))
    if choice == "reverse":
        id_ = data.draw(st.sampled_from(list(model.transfers)))
        bucket = model.transfers[id_].debit.bucket
        return Reversal(TransferRef(bucket, id_), key(), TODAY, Money(cents))
    earlier = data.draw(st.sampled_from(list(model.entries.values())))
    if choice == "other content":
        return replace(earlier, occurred_on=TODAY + timedelta(days=1))
    return earlier


def send(entry: Entry, at: datetime) -> str:
    try:
        (answer,) = operations.post([entry], by=BY, at=at)
    except UnableToPost as error:
        return error.code
    return "replayed" if answer.replayed else "recorded"


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_the_books_do_what_a_naive_list_does(data: st.DataObject) -> None:
    with transaction.atomic():
        refs = [account(kind, bucket) for kind, bucket in KINDS]
        model = Naive({ref: kind.side for ref, (kind, _) in zip(refs, KINDS, strict=True)})
        at = NOW
        for _ in range(data.draw(st.integers(1, 50), label="steps")):
            at += timedelta(hours=data.draw(st.integers(-12, 72), label="hours later"))
            entry = draw_entry(data, model, refs)
            assert model.answer(entry, at) == send(entry, at)
            balances = queries.balances(refs)
            assert {ref: balances[ref].posted.cents for ref in refs} == {
                ref: model.posted[ref] for ref in refs
            }
            assert {ref: balances[ref].available.cents for ref in refs} == {
                ref: model.available(ref) for ref in refs
            }
        assert {hold.ref.id for hold in queries.open_holds()} == {
            id_ for id_, hold in model.holds.items() if hold.is_open
        }
        assert queries.prove(at=NOW - timedelta(days=99)) == []
        transaction.set_rollback(True)
