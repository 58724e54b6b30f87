"""Closed months: nothing is recorded in them any more, whatever runs at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from threading import Event
from time import monotonic
from uuid import UUID

import pytest
from django.db import Error, connection, transaction

from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.ledger import operations, queries
from eigenwijs.ledger.models import Period, Transfer
from eigenwijs.ledger.operations import UnableToClose, UnableToPost
from eigenwijs.ledger.types import AccountKind, AccountRef, NewTransfer, Reversal
from tests.faults import again_after_a_clash
from tests.ledger.books import BY, account, funded_pot, key, transfer

pytestmark = pytest.mark.django_db(transaction=True)

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 1)
AT = datetime(2026, 4, 10, 12, tzinfo=UTC)
FIRST = Actor(ActorKind.PERSON, UUID(int=1))
SECOND = Actor(ActorKind.PERSON, UUID(int=2))


def in_march(pot: AccountRef, cents: int = 1) -> NewTransfer:
    payable = account(AccountKind.PROVIDER_PAYABLE, pot.bucket)
    return replace(transfer(pot, payable, cents), occurred_on=MARCH)


def post(*entries: NewTransfer | Reversal) -> str:
    try:
        answers = again_after_a_clash(partial(operations.post, entries, by=BY, at=AT))
    except UnableToPost as refusal:
        return refusal.code
    return "replayed" if answers[0].replayed else "recorded"


def begin(until: date = MARCH, by: Actor = FIRST, at: datetime = AT) -> None:
    again_after_a_clash(partial(operations.begin_closing, until=until, by=by, at=at))


def close(until: date = MARCH, by: Actor = SECOND) -> str:
    try:
        again_after_a_clash(partial(operations.close, until=until, by=by, at=AT))
    except UnableToClose as refusal:
        return refusal.code
    return "closed"


def seal() -> None:
    for _ in range(2):
        again_after_a_clash(partial(operations.seal, at=AT))


def test_nothing_is_recorded_in_a_closed_month_but_what_was_is_a_replay() -> None:
    """€ 1.00 of March is recorded; then March closes; again it is a replay, € 0.40 more is refused."""
    pot = funded_pot(1_000)
    known, late = in_march(pot, 100), in_march(pot, 40)
    assert post(known) == "recorded"
    begin()
    seal()
    assert close() == "closed"
    assert post(known) == "replayed"
    assert post(late) == "period_closed"
    assert post(known, late) == "period_closed"
    assert post(replace(known, amount=late.amount)) == "key_reused"
    assert post(Reversal(known.ref, key(), MARCH)) == "period_closed"
    assert post(Reversal(known.ref, key(), APRIL)) == "recorded"
    assert post(replace(late, occurred_on=APRIL)) == "recorded"
    assert queries.first_open_day(date(2025, 1, 1)) == APRIL
    assert queries.first_open_day(date(2026, 4, 2)) == date(2026, 4, 2)


def test_of_many_links_those_of_a_closed_month_are_refused() -> None:
    pot = funded_pot(1_000)
    begin()
    late, now = in_march(pot), replace(in_march(pot), occurred_on=APRIL)
    refused, recorded = operations.post_many([[late], [now]], by=BY, at=AT)
    assert isinstance(refused, UnableToPost)
    assert (refused.code, refused.params["key"]) == ("period_closed", str(late.key))
    assert isinstance(recorded, list)


def test_closing_takes_two_people_and_a_seal_and_happens_once() -> None:
    funded_pot(100)
    post(in_march(funded_pot(100)))
    assert close() == "not_begun"
    begin()
    begin(by=SECOND)
    assert close(by=FIRST) == "same_person"
    assert close() == "not_sealed"
    seal()
    assert close() == close() == close(by=FIRST) == "closed"
    begin()
    (view,) = queries.periods()
    last = queries.last_seal()
    assert last is not None
    assert (view.until, view.begun_by, view.closed_by) == (MARCH, UUID(int=1), UUID(int=2))
    assert view.seal == last.number


@pytest.mark.parametrize(
    ("until", "at", "code"),
    [
        (date(2026, 3, 30), AT, "not_a_month"),
        (MARCH, datetime(2026, 4, 1, 20, tzinfo=UTC), "not_over"),
        (date(2026, 2, 28), AT, "closed_already"),
    ],
)
def test_what_cannot_be_closed(until: date, at: datetime, code: str) -> None:
    if code == "closed_already":
        begin()
    with pytest.raises(UnableToClose) as refusal:
        begin(until, at=at)
    assert refusal.value.code == code
    assert Period.objects.count() == (code == "closed_already")


@pytest.mark.parametrize(
    "change",
    [
        lambda: Period.objects.all().delete(),
        lambda: Period.objects.update(closed_at=None, closed_by=None, seal=None),
        lambda: Period.objects.update(until=date(2026, 2, 28)),
    ],
)
def test_the_database_opens_no_month_again(change: Callable[[], object]) -> None:
    begin()
    assert close() == "closed"
    with pytest.raises(Error), transaction.atomic():
        change()
    assert queries.closed_until() == MARCH


def test_the_database_wants_two_people() -> None:
    begin()
    with pytest.raises(Error), transaction.atomic():
        Period.objects.update(closed_at=AT, closed_by=UUID(int=1), seal=0)


def test_what_runs_when_closing_begins_is_waited_for() -> None:
    """A posting of March has not ended: it still counts, and March closes only after it."""
    pot = funded_pot(1_000)
    early, recorded, may_end = in_march(pot), Event(), Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                assert post(early) == "recorded"
                recorded.set()
                assert may_end.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(slow)
        assert recorded.wait(60)
        begin()
        assert close() == "still_running"
        may_end.set()
        running.result()
    assert post(in_march(pot)) == "period_closed"
    assert close() == "not_sealed"
    seal()
    assert close() == "closed"
    assert Transfer.objects.filter(id=early.key).exists()


def test_closing_while_many_post_in_that_month() -> None:
    """Four connections post in March all the time; from the moment that it is closed nothing is added."""
    pots = [funded_pot(100_000, bucket) for bucket in range(4)]
    stop = Event()
    closed_rows: list[int] = []

    def keep_posting(pot: AccountRef) -> list[str]:
        entry, answers = in_march(pot), []
        try:
            while not stop.is_set():
                answers.append(post(replace(entry, key=key(), group=key())))
        finally:
            connection.close()
        return answers

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(keep_posting, pot) for pot in pots]
        try:
            deadline = monotonic() + 120
            while Transfer.objects.filter(occurred_on=MARCH).count() < 20:
                assert monotonic() < deadline
                assert not any(thread.done() for thread in running)
            begin()
            while (answer := close()) != "closed":
                assert answer in ("still_running", "not_sealed")
                assert monotonic() < deadline
                seal()
            closed_rows.append(Transfer.objects.filter(occurred_on=MARCH).count())
            refused = Transfer.objects.count()
            assert post(replace(in_march(pots[0]), occurred_on=APRIL)) == "recorded"
            assert Transfer.objects.count() == refused + 1
        finally:
            stop.set()
        answers = [one for thread in running for one in thread.result()]
    assert Transfer.objects.filter(occurred_on=MARCH).count() == closed_rows[0]
    assert answers.count("recorded") == closed_rows[0]
    assert set(answers) == {"recorded", "period_closed"}
    assert queries.prove(at=AT - timedelta(days=99)) == []
