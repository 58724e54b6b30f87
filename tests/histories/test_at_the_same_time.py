"""Everybody at once, on real connections: whoever comes first, every sum holds and nothing deadlocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from random import Random
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from eigenwijs.audit import queries as trail
from eigenwijs.bookings import operations as bookings
from eigenwijs.bookings import queries as booked
from eigenwijs.bookings.types import BookingView
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.queries import account
from eigenwijs.contributions import operations as contributions
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import sum_money
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.treasury import operations as bank
from eigenwijs.treasury import queries as treasury
from tests.factories import treasury as paper
from tests.factories.bookings import say_yes, worker_at
from tests.factories.contributions import SYSTEM, preview, worker
from tests.faults import again_after_a_clash
from tests.histories.history import MONTHS, Call, History
from tests.histories.promises import check_all
from tests.histories.setting import BORN, Setting, make_setting

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 16


def at_once(calls: Sequence[Call]) -> list[object]:
    """Run calls at the same moment, each on its own connection; return answers, or why not."""
    start = Barrier(len(calls))

    def run(call: Call) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return again_after_a_clash(call)
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


class Rush(History):
    """A history in which several things happen at the same moment."""

    def rush(self) -> None:
        """Let one competition take place."""
        self.at += timedelta(hours=self.dice.randint(1, 40))
        competition = self.dice.choice(
            (
                self.for_the_last_euro,
                self.for_the_last_euro,
                self.about_a_booking,
                self.about_a_booking,
                self.about_a_start,
                self.about_a_start,
                self.at_the_end_of_money,
                self.about_a_batch,
                self.about_a_batch,
                self.about_a_statement,
                self.about_a_statement,
                self.about_reactions,
                self.about_a_correction,
            )
        )
        self.story.append(competition.__name__)
        competition()

    def quotes(self, person: UUID) -> Iterator[Call]:
        """Yield a worker's yes to each of all runs that are open to them."""
        for run in self.dice.sample(self.setting.runs, len(self.setting.runs)):
            with suppress(booked.UnableToQuote):
                quote = booked.quote(
                    person_id=person,
                    run_id=run.id,
                    required_by_employer=False,
                    work_related=True,
                    at=self.at,
                )
                self.bookings.append(quote.key)
                yield partial(say_yes, quote, early_start=True, at=self.at)

    def for_the_last_euro(self) -> None:
        """Three courses that each want all the money, one of them by a double click."""
        calls = list(self.quotes(self.dice.choice(self.setting.workers)))[:3]
        if calls:
            self.at_once_with_money([*calls, calls[0]])

    def about_a_booking(self) -> None:
        """The provider says yes and no, the worker leaves, and the night's work lets it lapse."""
        view = self.a_booking("requested", "confirmed")
        if view:
            by = self.provider_of(view)
            at_once(
                [
                    partial(bookings.confirm, booking_id=view.id, by=by, at=self.at),
                    partial(bookings.decline, booking_id=view.id, answer="", by=by, at=self.at),
                    partial(bookings.lapse_due, by=SYSTEM, at=self.at),
                    *self.leaving(view),
                ]
            )

    def about_a_start(self) -> None:
        """It started, twice; it is called off; it is left; and the night's work pays what is due."""
        view = self.a_booking("confirmed", "started")
        if view:
            self.at = max(self.at, start_of_day(view.offer.starts_on) + timedelta(hours=9))
            by = worker_at(view.person_id, self.at)
            start = partial(bookings.confirm_start, booking_id=view.id, by=by, at=self.at)
            by = self.provider_of(view)
            off = partial(bookings.cancel, booking_id=view.id, answer="", by=by, at=self.at)
            due = partial(bookings.settle_due, by=SYSTEM, at=self.at)
            calls = [start, start, due, *self.leaving(view), *[off][: self.dice.randint(0, 1)]]
            at_once(calls)

    def leaving(self, view: BookingView) -> list[Call]:
        """Return the worker's leaving of a booking, if that is possible now."""
        left = booked.leaving(view.id, self.at)
        by = worker_at(view.person_id, self.at)
        leave = partial(bookings.withdraw, booking_id=view.id, by=by, at=self.at)
        if left is None:
            return []
        return [partial(leave, agreed_cost=left.cost, agreed_ending=left.ends_at_once)]

    def at_the_end_of_money(self) -> None:
        """Money lapses, twice at once, while it is being set aside and set free."""
        self.at += timedelta(days=self.dice.choice((1, 60, 125)))
        lapse = partial(budgets.lapse_due, by=SYSTEM, at=self.at)
        others: list[Call] = [partial(bookings.lapse_due, by=SYSTEM, at=self.at)]
        for person in self.setting.workers:
            others += list(self.quotes(person))[:1]
        self.at_once_with_money([lapse, lapse, *others], runs=2)
        self.naive.lapsed += lapse().lapsed.cents

    def at_once_with_money(self, calls: Sequence[Call], *, runs: int = 0) -> None:
        """Run calls of which some set money aside, and the first `runs` let money lapse."""
        ended = self.ended()
        for run in at_once(calls)[:runs]:
            self.naive.lapsed += run.lapsed.cents  # type: ignore[attr-defined]
        # Whoever set money aside first let lapse what had ended of its pots.
        lapsed = ledger.totals_by_kind()[AccountKind.LAPSED].posted.cents
        assert 0 <= lapsed - self.naive.lapsed <= ended
        self.naive.lapsed = lapsed

    def ended(self) -> int:
        """What is past its end in all pots and did not lapse yet."""
        usable = [account(one, on=local_date(self.at)).available for one in self.setting.workers]
        there = ledger.totals_by_kind()[AccountKind.POT].available
        return (there - sum_money(usable)).cents

    def about_a_batch(self) -> None:
        """Two people make a batch of the same payments; two release it, a third takes it back."""
        bookings.settle_due(by=SYSTEM, at=self.at)
        today = local_date(self.at)
        ready = [one.order.id for one in treasury.payable_orders(today) if not one.blocked]
        make = partial(paper.make_batch, self.setting.bank_account, *ready, at=self.at)
        if ready:
            assert sorted(map(str, at_once([make, make]))).count("order_changed") == 1
        made = [one for one in treasury.batches() if one.state == "made"]
        if not made:
            return
        release = partial(paper.release, made[0].id, at=self.at)
        back = partial(bank.withdraw_batch, batch_id=made[0].id, by=paper.someone(), at=self.at)
        answers = at_once([release, release, *[back][: self.dice.randint(0, 1)]])
        assert answers.count(None) == 1
        if treasury.batch(made[0].id).state == "released":
            for order in treasury.batch_orders(made[0].id):
                self.naive.send(order.end_to_end_id, order.amount.cents, made[0].identifier)

    def about_a_statement(self) -> None:
        """The same statement twice, another one for the same day, and who refuses what it pays."""
        before, lines = self.statement, [self.payer_pays(), self.money_leaves(), self.payer_pays()]
        days = max(0, (self.at.date() - before.on).days)
        notes, calls = {}, list[Call]()
        for chosen in (lines[:2], lines[2:]):
            entries = [line for line in chosen if line]
            statement = before.then(*(entry for entry, _note in entries), days=days)
            notes[statement.id] = (statement, entries)
            calls.append(partial(paper.load, statement, at=self.at))
        at_once([calls[0], calls[0], calls[1]])
        taken = {one.statement_id for one in treasury.statements()} & notes.keys()
        assert len(taken) == 1
        self.statement, entries = notes[taken.pop()]
        for _entry, note in entries:
            note()

    def about_reactions(self) -> None:
        """Payers pay everything at once, and several workers hear of it."""
        unpaid = [one for one in self.naive.notas.values() if one.open and not one.withdrawn]
        self.import_statement([self.pay(nota, nota.open) for nota in unpaid])
        events = [one.id for one in trail.events_without_reaction()]
        calls = [partial(jobs.react, event_id=event, at=self.at) for event in events[:4]]
        at_once([*calls, *calls[:1], partial(jobs.drain, at=self.at)])

    def about_a_correction(self) -> None:
        """An employer corrects a month while its payer pays, and a worker hears of an earlier one."""
        employer = self.dice.randrange(2)
        people = [number for who, number in self.setting.jobs if who == employer]
        rows = [
            worker(one, hours=self.dice.choice((3600, 1800, 900)), birth_date=BORN)
            for one in people
        ]
        month = self.dice.choice(MONTHS[:3])
        shown = preview(self.setting.employers[employer], month, rows, self.at)
        confirm = partial(
            contributions.confirm_delivery, delivery_id=shown.id, by=SYSTEM, at=self.at
        )
        entry, note = self.payer_pays()
        days = max(0, (self.at.date() - self.statement.on).days)
        self.statement = self.statement.then(entry, days=days)
        load = partial(paper.load, self.statement, at=self.at)
        at_once([confirm, load, confirm, partial(jobs.drain, at=self.at)])
        self.read_notas(employer)
        note()

    def a_booking(self, *states: str) -> BookingView | None:
        """Return a booking in one of these states, if there is one."""
        found = [view for view in self.seen().values() if view.state in states]
        return self.dice.choice(found) if found else None


@pytest.fixture
def setting() -> Setting:
    return make_setting()


@pytest.mark.parametrize("seed", range(3))
def test_whoever_comes_first_every_sum_holds(setting: Setting, seed: int) -> None:
    history = Rush(setting, Random(seed))
    history.begin()
    for _round in range(ROUNDS):
        history.rush()
        history.bookings = [one for one in history.bookings if booked.booking(one)]
        check_all(history)
    history.tend()
    check_all(history)
