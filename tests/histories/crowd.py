"""A crowd at the ledger's door: many connections post, hold, settle, give back, repeat, and lose answers.

`python -m tests.histories.crowd SEED STEPS PEOPLE SHARE`, on a database of ours that DATABASE_URL names. Each
person is a connection that sends batches of random steps. On accounts of their own every answer is the
one that a naive list gives; on accounts of everybody what was recorded, in the order of its numbers, is
replayed in such a list. Of the commits SHARE is lost before, and as much after, it happened. What goes
wrong is printed, and the exit code is 1.
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import gt
from random import Random
from uuid import UUID

import django

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger.types import (
    AccountKind,
    AccountRef,
    Entry,
    HoldPosting,
    HoldVoid,
    NewTransfer,
    Recorded,
    Reversal,
    TransferRef,
)
from tests.faults import Client, let_commits_fail
from tests.ledger.naive import Naive

BY = Actor.system("test")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = NOW.date()

STEPS_A_ROUND = 20_000
"""Of all people together; then the books are proved, and everybody begins with new accounts."""
CAREFUL, WILD = (100, 200, 300), (1, 2, 4, 12)
"""How many steps a batch has: where nothing is refused, and where much is."""
RICH = 1_000_000
ROWS_COUNTED = 0.05
"""After which share of the batches the planner is told how many rows there are."""
HOURS = (0, 0, 0, 1, 3, -12, 30)
LATEST = 40
"""From how many of the latest keys one is chosen to settle, to give back or to repeat."""

persist = Client(Random(0), share=0).persist


@dataclass
class Place:
    """Accounts that money goes round in, and what their books should say."""

    banks: list[AccountRef]
    pots: list[AccountRef]
    payables: list[AccountRef]
    naive: Naive
    links: list[tuple[Entry, ...]] = field(default_factory=list)
    holds: list[NewTransfer] = field(default_factory=list)
    moved: list[TransferRef] = field(default_factory=list)


def make_place(buckets: Sequence[int]) -> Place:
    """Open two accounts of each kind, one in each of two buckets, and a third pot."""
    from eigenwijs.ledger import operations

    def account(kind: AccountKind, bucket: int) -> AccountRef:
        owner = new_id(NOW)
        return persist(
            partial(operations.sub_account, kind=kind, owner=owner, bucket=bucket, at=NOW)
        )

    kinds = (AccountKind.BANK, AccountKind.POT, AccountKind.PROVIDER_PAYABLE)
    banks, pots, payables = ([account(kind, bucket) for bucket in buckets] for kind in kinds)
    pots.append(account(AccountKind.POT, buckets[0]))
    sides = {
        ref: kind.side
        for kind, refs in zip(kinds, (banks, pots, payables), strict=True)
        for ref in refs
    }
    place = Place(banks, pots, payables, Naive(sides))
    rich = NewTransfer(new_id(NOW), banks[0], pots[0], Money(RICH), "test", TODAY, new_id(NOW))
    persist(partial(operations.post, [rich], by=BY, at=NOW))
    assert place.naive.answer(rich, NOW) == "recorded"
    return place


@dataclass
class Person:
    """One connection. `own` accounts are used by nobody else, `everybody`'s by all."""

    dice: Random
    client: Client
    own: Place
    everybody: Place
    at: datetime = NOW
    group: UUID = field(default_factory=partial(new_id, NOW))
    told: list[tuple[tuple[Entry, ...], str]] = field(default_factory=list)
    """What was sent about everybody's accounts, with the answer."""
    answers: Counter[str] = field(default_factory=Counter)

    def play(self, goes_on: Callable[[int], bool]) -> None:
        """Send batches as long as it goes on after so many steps, and seal now and then."""
        from django.db import connection

        from eigenwijs.ledger import operations

        try:
            while goes_on(self.answers.total()):
                self.at += timedelta(hours=self.dice.choice(HOURS))
                shared = self.dice.choice((0.0, 0.0, 0.5, 1.0))
                self.group = new_id(NOW)
                is_careful = self.dice.random() < 0.25
                places = [
                    self.everybody if self.dice.random() < shared else self.own
                    for _ in range(self.dice.choice(CAREFUL if is_careful else WILD))
                ]
                step = self.careful if is_careful else self.wild
                self.send(places, [step(place) for place in places])
                if self.dice.random() < 0.5:
                    self.client.persist(partial(operations.seal, at=self.at))
                if self.dice.random() < ROWS_COUNTED:
                    persist(count_rows)
        finally:
            connection.close()

    def send(self, places: Sequence[Place], links: Sequence[tuple[Entry, ...]]) -> None:
        """Send one batch, until there is an answer; on own accounts it is the one expected."""
        from eigenwijs.ledger import operations

        pairs = list(zip(places, links, strict=True))
        for place, link in pairs:
            if place is self.everybody:  # others may send it too, before it is answered
                place.links.append(link)
        own = {entry.key for place, link in pairs if place is self.own for entry in link}

        def expect() -> list[list[str]]:
            return [
                place.naive.answers(link, self.at) if place is self.own else []
                for place, link in pairs
            ]

        def attempt() -> list[list[Recorded] | operations.UnableToPost]:
            if self.client.may_have_happened or (self.client.is_unsure and self.is_there(own)):
                expect()
            self.client.may_have_happened = self.client.is_unsure = False
            return operations.post_many(links, by=BY, at=self.at)

        answered = self.client.persist(attempt)
        expected = expect()
        for (place, link), answer, wanted in zip(pairs, answered, expected, strict=True):
            if isinstance(answer, operations.UnableToPost):
                given = [answer.code]
            else:
                given = ["replayed" if one.replayed else "recorded" for one in answer]
            if place is self.own:
                assert given == wanted, f"{link}: {given}, not {wanted}"
            else:
                self.told.append((link, given[0]))
            if given[0] in ("recorded", "replayed"):
                self.note(place, link)
            self.answers[given[0]] += 1

    def is_there(self, keys: set[UUID]) -> bool:
        """Whether what was sent about own accounts, without an answer, is in the books.

        Who sent it may still be at it on the server, with the accounts locked.
        """
        from django.db import transaction

        from eigenwijs.ledger import operations
        from eigenwijs.ledger.models import Transfer

        with transaction.atomic():
            operations.lock_for_posts(self.own.naive.sides.keys(), at=self.at)
            return Transfer.objects.filter(id__in=keys - self.own.naive.entries.keys()).exists()

    def note(self, place: Place, link: tuple[Entry, ...]) -> None:
        """Remember what can be settled, given back or repeated."""
        if place is self.own:
            place.links.append(link)
        for entry in link:
            if isinstance(entry, NewTransfer):
                if entry.expires_at:
                    place.holds.append(entry)
                else:
                    place.moved.append(entry.ref)
            elif not isinstance(entry, HoldVoid):
                named = entry.transfer if isinstance(entry, Reversal) else entry.hold
                place.moved.append(TransferRef(named.bucket, entry.key))

    def careful(self, place: Place) -> tuple[Entry, ...]:
        """Something that is not refused, as long as nobody wild is in the way."""
        key, pot = new_id(NOW), place.pots[0]
        what = self.dice.choice(("spend", "hold", "settle", "settle", "reverse", "in"))
        if what == "settle" and place.holds:
            hold = place.holds.pop()
            assert hold.expires_at
            way = HoldPosting if self.at < hold.expires_at else HoldVoid
            return (way(hold.ref, key, TODAY, group=self.group),)
        if what == "reverse" and place.moved:
            return (Reversal(place.moved.pop(), key, TODAY, Money(1), self.group),)
        if what == "in":
            return (self.transfer(self.dice.choice(place.banks), pot, 99),)
        return (self.spend(place, pot, is_hold=what != "spend"),)

    def wild(self, place: Place) -> tuple[Entry, ...]:
        """Something that somebody might send: new, about something earlier, or sent before."""
        key, pot = new_id(NOW), self.dice.choice(place.pots[1:])
        (what,) = self.dice.choices(
            ("in", "spend", "hold", "split", "settle", "reverse", "again", "other content"),
            (5, 3, 5, 1, 5, 2, 3, 1),
        )
        if what == "settle" and place.holds:
            hold = self.dice.choice(place.holds[-LATEST:])
            if self.dice.random() < 0.4:
                return (HoldVoid(hold.ref, key, TODAY),)
            part = self.dice.choice((None, Money(self.dice.randint(1, hold.amount.cents))))
            return (HoldPosting(hold.ref, key, TODAY, part),)
        if what == "reverse" and place.moved:
            named = self.dice.choice(place.moved[-LATEST:])
            return (Reversal(named, key, TODAY, Money(self.dice.randint(1, 120))),)
        if what in ("again", "other content") and place.links:
            link = self.dice.choice(place.links[-LATEST:])
            if what == "again" or len(link) > 1:
                return link
            return (replace(link[0], occurred_on=TODAY + timedelta(days=1)),)
        if what == "split":
            one, other = self.spend(place, pot), self.spend(place, pot)
            return (one, other)
        if what in ("spend", "hold"):
            return (self.spend(place, pot, is_hold=what == "hold"),)
        return (self.transfer(self.dice.choice(place.banks), pot, self.dice.randint(1, 150)),)

    def spend(self, place: Place, pot: AccountRef, *, is_hold: bool = False) -> NewTransfer:
        """Spend from a pot, or hold for up to four days."""
        entry = self.transfer(pot, self.dice.choice(place.payables), self.dice.randint(1, 120))
        ends = self.at + timedelta(hours=self.dice.randint(1, 99))
        return replace(entry, expires_at=ends) if is_hold else entry

    def transfer(self, debit: AccountRef, credit: AccountRef, cents: int) -> NewTransfer:
        """A new transfer, in the group of its batch."""
        key = new_id(NOW)
        return NewTransfer(key, debit, credit, Money(cents), "test", TODAY, self.group)


def gather(people: int, share: float, seed: str) -> tuple[list[Person], Place]:
    """Return so many persons, each with accounts of their own, and the accounts of everybody."""
    dice = Random(seed)
    buckets = [dice.randrange(1023) for _ in range(people + 1)]
    everybody, *own = (make_place((bucket, bucket + 1)) for bucket in buckets)
    clients = (Client(Random(dice.random()), share) for _ in own)
    return [
        Person(Random(dice.random()), client, place, everybody)
        for client, place in zip(clients, own, strict=True)
    ], everybody


def count_rows() -> None:
    """Tell the planner how many rows there are, which no vacuum does here; proof takes for ever otherwise."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_account, ledger_transfer")


def check(people: Sequence[Person], everybody: Place) -> None:
    """The books prove themselves; everybody's accounts say what a list of the same rows says."""
    from eigenwijs.ledger import queries

    deadlocks = sum(person.client.had["40P01"] for person in people)
    assert not deadlocks, f"{deadlocks} deadlocks: everybody locks in the same order"
    seal_all()
    breaches = persist(partial(queries.prove, at=NOW - timedelta(days=999)))
    assert breaches == [], breaches[:9]
    replay(people, everybody)
    for place in (everybody, *(person.own for person in people)):
        balances = queries.balances(place.naive.sides)
        for ref, balance in balances.items():
            says = (balance.posted.cents, balance.available.cents)
            assert says == (place.naive.posted[ref], place.naive.available(ref)), (ref, says)


def seal_all() -> None:
    """Seal up to the last transfer."""
    from eigenwijs.ledger import operations
    from eigenwijs.ledger.models import Seal, Transfer

    for _ in range(2):
        persist(partial(operations.seal, at=NOW))
    last = Transfer.objects.latest("number").number
    assert Seal.objects.latest("last").last >= last


def replay(people: Sequence[Person], everybody: Place) -> None:
    """Each key had one effect, and none that the books of that moment would not allow."""
    from eigenwijs.ledger.models import Transfer

    answers: dict[UUID, Counter[str]] = defaultdict(Counter)
    sent: dict[tuple[UUID, object], Entry] = {}
    for person in people:
        for link, answer in person.told:
            for entry in link:
                answers[entry.key][answer] += 1
                sent[entry.key, entry.occurred_on] = entry
    rows: dict[UUID, Entry] = {}
    keys = list(answers)
    for key, day, at in (
        Transfer.objects.filter(bucket__in={ref.bucket for ref in everybody.naive.sides})
        .filter(id__in=keys)
        .order_by("number")
        .values_list("id", "occurred_on", "recorded_at")
    ):
        if key not in rows:  # the other half comes later
            rows[key] = sent[key, day]
            assert (says := everybody.naive.answer(rows[key], at)) == "recorded", (rows[key], says)
    for key, given in answers.items():
        assert (key in rows) == bool(given["recorded"] + given["replayed"]), (key, given)
        assert given["recorded"] <= 1, f"{key} was recorded more than once"
        if not any(person.client.had["lost"] for person in people):
            assert given["recorded"] == (key in rows), key


def main(seed: int, steps: int, people: int, share: float) -> int:
    """Play rounds until there were so many steps, and tell what was answered."""
    django.setup()
    let_commits_fail()
    answers, had, number = Counter[str](), Counter[str](), 0
    while answers.total() < steps:
        number += 1
        crowd, everybody = gather(people, share, f"{seed} {number}")
        try:
            count_rows()
            with ThreadPoolExecutor(people) as threads:
                goes_on = partial(gt, STEPS_A_ROUND // people)
                list(threads.map(Person.play, crowd, [goes_on] * people))
            count_rows()
            check(crowd, everybody)
        except Exception:
            sys.stdout.write(f"seed {seed}, round {number}\n{traceback.format_exc()}")
            return 1
        for person in crowd:
            answers += person.answers
            had += person.client.had
        sys.stdout.write(f"{answers.total()} steps: {dict(answers)}, {dict(had)}\n")
    return 0


if __name__ == "__main__":
    seed, steps, people, share = sys.argv[1:]
    sys.exit(main(int(seed), int(steps), int(people), float(share)))
