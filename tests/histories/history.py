"""One history: whatever people, the bank and the clock may do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import TypeVar
from uuid import UUID

from django.db import connection

from eigenwijs.audit import queries as trail
from eigenwijs.bookings import operations as bookings
from eigenwijs.bookings import queries as booked
from eigenwijs.bookings.types import BookingView, StartOutcome
from eigenwijs.budgets import operations as budgets
from eigenwijs.budgets.queries import account
from eigenwijs.contributions import operations as contributions
from eigenwijs.contributions import queries as delivered
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date, start_of_day
from eigenwijs.kernel.errors import DomainError
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.treasury import operations as bank
from eigenwijs.treasury import queries as treasury
from eigenwijs.treasury.types import PaymentBatchView
from tests.conftest import NOW
from tests.factories import treasury as paper
from tests.factories.bookings import worker_at
from tests.factories.contributions import SYSTEM, preview, worker
from tests.faults import Client
from tests.histories import promises
from tests.histories.naive import Naive, Nota
from tests.histories.setting import BORN, BUFFER, Setting

T = TypeVar("T")
Call = Callable[[], object]
Line = tuple[paper.Booking, Call]
"""An entry of a statement, and what to note of it once the statement is in."""


COUNTS = """
SELECT (SELECT count(*) FROM ledger_transfer), (SELECT count(*) FROM bookings_booking),
       (SELECT count(*) FROM treasury_paymentorder), (SELECT count(*) FROM treasury_entry),
       (SELECT count(*) FROM contributions_amountdue), (SELECT count(*) FROM budgets_credit),
       (SELECT count(*) FROM bookings_payout), (SELECT count(*) FROM notices_notice)
"""
HOURS = (1, 5, 26, 50, 72, 120, 400, 1500)
MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 7))


def promises_one_answer(operation: Callable[..., object]) -> bool:
    """Whether an operation is one of `kernel.patience.in_time`: the same request, the same answer."""
    return operation.__code__.co_name == "answered"


@dataclass
class History:
    """What happened so far. `dice` decide what happens next; nothing else does."""

    setting: Setting
    dice: Random

    def __post_init__(self) -> None:
        self.at = self.tended = NOW
        self.naive = Naive(bank=BUFFER, buffer=BUFFER)
        self.statement = paper.StatementText(opening=BUFFER, on=NOW.date())
        self.calls: list[Call] = []
        self.story: list[str] = []
        self.done: Counter[str] = Counter()
        self.hours: dict[tuple[int, int, str], int] = {}
        self.bookings: list[UUID] = []
        self.client: Client | None = None
        """Who asks again until there is an answer, where commits fail (`tests.faults`)."""

    # What happens

    def begin(self) -> None:
        """Both employers deliver, everybody pays, and the money arrives."""
        for employer in range(2):
            self.deliver(employer, MONTHS[0])
        lines = [self.pay(nota, nota.open) for nota in self.naive.notas.values()]
        self.import_statement(lines)
        self.react()

    def step(self) -> None:
        """Let one thing happen that can happen; what is refused may have changed nothing."""
        steps = {
            self.payroll_comes: 1,
            self.statement_comes: 5,
            self.book: 5,
            self.provider_answers: 5,
            self.worker_acts: 6,
            self.somebody_decides: 1,
            self.finance_pays: 4,
            self.bank_refuses: 1,
            self.release_pro_rata: 1,
            self.react: 4,
            self.time_passes: 6,
            self.tend: 3,
            self.again: 5,
        }
        (chosen,) = self.dice.choices(list(steps), list(steps.values()))
        self.story.append(f"{self.at:%d-%m-%Y %H:%M} {chosen.__name__}")
        self.at += timedelta(minutes=self.dice.randint(1, 90))
        chosen()

    def do(self, operation: Callable[..., object], **arguments: object) -> bool:
        """Do it, and if it is not refused remember it, to do it again later; whether it was done."""
        call = partial(operation, **arguments, at=self.at)
        try:
            self.ask(call)
        except DomainError as refusal:
            self.story.append(f"  {operation.__name__} refused: {refusal.code}")
            if not self.was_lost:
                return False
            # It was done, and only who promises it answers the second time as the first.
            assert not promises_one_answer(operation), self.story[-1]
        self.calls.append(call)
        self.story.append(f"  {operation.__name__}")
        self.done[operation.__name__] += 1
        return True

    def ask(self, call: Callable[[], T]) -> T:
        """Call, until there is an answer."""
        return self.client.persist(call) if self.client else call()

    @property
    def was_lost(self) -> bool:
        """Whether the last call did something of which the answer was lost."""
        return self.client is not None and self.client.may_have_happened

    def again(self) -> None:
        """A double click, the back button, a lost answer: the same call again changes nothing."""
        if self.calls:
            call = self.dice.choice(self.calls[-12:])
            before = self.counted()
            with suppress(DomainError):
                self.ask(call)
            assert self.counted() == before, f"{call} twice"

    def time_passes(self) -> None:
        """Hours, weeks or months; or as long as until the first day of a course that was booked."""
        self.at += timedelta(hours=self.dice.choice(HOURS))
        coming = [view for view in self.seen().values() if view.state == "confirmed"]
        if coming and self.dice.random() < 0.7:
            first_day = start_of_day(self.dice.choice(coming).offer.starts_on)
            self.at = max(self.at, first_day + timedelta(hours=9))

    def tend(self) -> None:
        """The night's work is done, all of it."""
        self.react()
        for work in (bookings.lapse_due, bookings.remind_silent, bookings.settle_due):
            self.ask(partial(work, by=SYSTEM, at=self.at))
        lapsed = self.ask(partial(budgets.lapse_due, by=SYSTEM, at=self.at)).lapsed
        self.naive.lapsed += lapsed.cents
        if self.was_lost:  # how much it was is only in the books then
            self.naive.lapsed = ledger.totals_by_kind()[AccountKind.LAPSED].posted.cents
        self.tended = self.at

    def react(self) -> None:
        """What was announced is reacted to; what a paid nota promised is now there."""
        events = trail.events_without_reaction()
        self.ask(partial(jobs.drain, at=self.at))
        self.calls += [partial(jobs.react, event_id=event.id, at=self.at) for event in events]

    def payroll_comes(self) -> None:
        """An employer delivers a month, for the first time or better."""
        self.deliver(self.dice.randrange(2), self.dice.choice(MONTHS))

    def deliver(self, employer: int, month: str) -> None:
        """An employer delivers and confirms a month; its people may have other hours, or be gone."""
        people = [number for who, number in self.setting.jobs if who == employer]
        rows = {number: self.dice.choice((3600, 1800, 900)) for number in people}
        if self.dice.random() < 0.1:
            rows.popitem()
        self.react()
        lines = [worker(number, hours=hours, birth_date=BORN) for number, hours in rows.items()]
        to = self.setting.employers[employer]
        shown = self.ask(partial(preview, to, month, lines, self.at))
        self.do(contributions.confirm_delivery, delivery_id=shown.id, by=SYSTEM)
        self.hours |= {(employer, number, month): rows.get(number, 0) for number in people}
        self.read_notas(employer)
        promises.check_what_is_due(self)

    def read_notas(self, employer: int) -> None:
        """Read what the payers of an employer's people are asked now."""
        for view in delivered.payment_requests(by=self.setting.payrolls[employer]):
            nota = self.naive.notas.setdefault(
                view.reference,
                Nota(
                    view.reference,
                    employer,
                    view.payer_id,
                    view.to_pay.cents,
                    view.taken_back.cents,
                ),
            )
            nota.withdrawn = view.state == "replaced"

    def statement_comes(self) -> None:
        """The bank's statement of the day, with up to three entries."""
        ways: list[Callable[[], Line | None]] = [self.payer_pays] * 3
        ways += [self.money_leaves, self.money_leaves, self.payment_comes_back]
        chosen = self.dice.sample(ways, k=self.dice.randint(1, 3))
        if self.money_leaves in chosen:  # a batch and one of its payments would contradict
            chosen = [self.money_leaves, *(way for way in chosen if way != self.money_leaves)]
        if self.dice.random() < 0.15:  # alone, or money in of the same day would make up for it
            chosen = [self.bank_takes_back]
        self.import_statement([line for way in chosen if (line := way())])

    def import_statement(self, lines: list[Line]) -> None:
        """Import a statement of these entries, if there are any."""
        if not lines:
            return
        days = max(0, (self.at.date() - self.statement.on).days)
        self.statement = self.statement.then(*(entry for entry, _note in lines), days=days)
        content = paper.camt(self.statement)
        assert self.do(bank.import_statement, content=content, file_name="a.xml", by=SYSTEM)
        for _entry, note in sorted(lines, key=lambda line: line[0].cents < 0):  # money in first
            note()

    def payer_pays(self) -> Line:
        """In full mostly; or a part, too much, for a nota of the past, or for nothing known."""
        notas = list(self.naive.notas.values())
        unpaid = [nota for nota in notas if nota.open and not nota.withdrawn]
        nota = self.dice.choice(self.dice.choice(([None], notas, *[unpaid] * 8)) or [None])
        whole = (nota and nota.open) or 12_34
        cents = self.dice.choice((whole, whole, whole, max(1, whole // 3), whole + 1_00))
        return self.pay(nota, cents)

    def pay(self, nota: Nota | None, cents: int) -> Line:
        """One payment for a nota, or for nothing known."""
        name = f"P{self.dice.getrandbits(60)}"
        entry = paper.pays(cents, nota.reference if nota else "leergeld", end_to_end_id=name)
        return entry, partial(self.naive.receive, name, cents, nota)

    def bank_takes_back(self) -> Line | None:
        """The bank takes a whole payment back."""
        if not self.naive.payments:
            return None
        payment = self.dice.choice(self.naive.payments)
        detail = paper.Detail(end_to_end_id=payment.name)
        entry = paper.Booking(-payment.cents, [detail], reversal=True)
        return entry, partial(self.naive.take_back, payment)

    def money_leaves(self) -> Line | None:
        """A batch leaves the bank, or one payment of it."""
        under_way = self.naive.under_way
        if not under_way:
            return None
        chosen = self.dice.choice(list(under_way.values()))
        if self.dice.random() < 0.4:
            entry = paper.pays(-chosen.cents, end_to_end_id=chosen.name)
            return entry, partial(self.naive.settle, chosen)
        whole = [one for one in under_way.values() if one.batch == chosen.batch]
        entry = paper.Booking(-sum(one.cents for one in whole), (), batch=chosen.batch)
        return entry, partial(self.naive.settle, *whole)

    def payment_comes_back(self) -> Line | None:
        """A provider's bank sends a payment back."""
        if not self.naive.settled:
            return None
        chosen = self.dice.choice(list(self.naive.settled.values()))
        detail = paper.Detail(end_to_end_id=chosen.name, return_reason="AC04")
        return paper.Booking(chosen.cents, [detail]), partial(self.naive.come_back, chosen)

    def bank_refuses(self) -> None:
        """The bank refuses a payment that is under way."""
        if self.naive.under_way:
            chosen = self.dice.choice(list(self.naive.under_way.values()))
            content = paper.status_report(chosen.batch, orders={chosen.name: "RJCT"})
            if self.do(bank.import_payment_status, content=content, by=SYSTEM):
                self.naive.refuse(chosen)

    def finance_pays(self) -> None:
        """Order again what came back, make a batch, and mostly release it."""
        for view in self.seen().values():
            if view.payout == "reopened":
                self.do(bookings.pay, booking_id=view.id, by=self.provider_of(view))
        today = local_date(self.at)
        ready = [one.order.id for one in treasury.payable_orders(today) if not one.blocked]
        if ready:
            self.do(
                bank.make_batch,
                bank_account_id=self.setting.bank_account,
                order_ids=ready,
                execute_on=today,
                by=paper.someone(),
            )
        made = [one for one in treasury.batches() if one.state == "made"]
        if made and self.dice.random() < 0.1:
            self.do(bank.withdraw_batch, batch_id=made[0].id, by=paper.someone())
        elif made and self.dice.random() < 0.8:
            self.release(made[0])

    def release(self, batch: PaymentBatchView) -> None:
        """A second person releases a batch."""
        orders = treasury.batch_orders(batch.id)
        by = paper.someone()
        if self.do(bank.release_batch, batch_id=batch.id, checksum=batch.checksum, by=by):
            for order in orders:
                self.naive.send(order.end_to_end_id, order.amount.cents, batch.identifier)

    def release_pro_rata(self) -> None:
        """Finance hands on what came in of a nota that is not complete."""
        partly = [nota for nota in self.naive.notas.values() if nota.waiting and nota.open]
        if partly:
            nota = self.dice.choice(partly)
            if self.do(bank.release_pro_rata, reference=nota.reference, by=paper.someone()):
                self.naive.release(nota)
                self.calls.pop()  # once more hands on what came in since: another release

    def book(self) -> None:
        """A worker books a run; where pots don't cover it the worker pays the rest."""
        person = self.dice.choice(self.setting.workers)
        run = self.dice.choice(self.setting.runs)
        try:
            quote = booked.quote(
                person_id=person,
                run_id=run.id,
                required_by_employer=False,
                work_related=self.dice.random() < 0.9,
                at=self.at,
            )
        except booked.UnableToQuote:
            return
        ended = self.ended_in(person, [pot for pot, _amount in quote.lines])
        done = self.do(
            bookings.reserve,
            key=quote.key,
            person_id=person,
            run_id=run.id,
            run_version=quote.offer.run_version,
            course_version=quote.offer.course_version,
            lines=quote.lines,
            pay_yourself=quote.mix.pay_yourself,
            required_by_employer=False,
            work_related=quote.work_related,
            early_start_requested=True,
            by=worker_at(person, self.at),
        )
        if done:
            self.naive.lapsed += ended
            self.bookings.append(quote.key)
            if self.dice.random() < 0.6:
                by = next(one.provider for one in self.setting.runs if one.id == run.id)
                self.do(bookings.confirm, booking_id=quote.key, by=by)

    def ended_in(self, person: UUID, pots: list[UUID]) -> int:
        """What is past its end in some pots, and lapses before other money of theirs is set aside."""
        usable = {pot.id: pot.available for pot in account(person, on=local_date(self.at)).pots}
        there = {pot: ledger.balance_of(AccountKind.POT, pot).available for pot in pots}
        return sum(amount.cents - usable[pot].cents for pot, amount in there.items())

    def provider_answers(self) -> None:
        """Yes or no, or the course is called off."""
        view = self.an_open_booking()
        if view is None:
            return
        by = self.provider_of(view)
        if view.state == "requested" and self.dice.random() < 0.8:
            self.do(bookings.confirm, booking_id=view.id, by=by)
        elif view.state == "requested":
            self.do(bookings.decline, booking_id=view.id, answer="Vol", by=by)
        elif self.dice.random() < 0.15:
            self.do(bookings.cancel, booking_id=view.id, answer="Ziek", by=by)
        else:
            self.do(bookings.complete, booking_id=view.id, by=by)

    def worker_acts(self) -> None:
        """The worker says that it started, or did not, objects, or changes their mind."""
        view = self.an_open_booking()
        if view is None:
            return
        by, chance = worker_at(view.person_id, self.at), self.dice.random()
        if view.state == "decided" and chance < 0.5:
            self.do(bookings.object_to_decision, booking_id=view.id, text="Nee", by=by)
        elif local_date(self.at) < view.offer.starts_on or chance < 0.1:
            leaving = booked.leaving(view.id, self.at)
            if leaving and self.dice.random() < 0.3:
                self.do(
                    bookings.withdraw,
                    booking_id=view.id,
                    agreed_cost=leaving.cost,
                    agreed_ending=leaving.ends_at_once,
                    by=by,
                )
        elif chance < 0.3:
            self.do(bookings.deny_start, booking_id=view.id, by=by)
        else:
            self.do(bookings.confirm_start, booking_id=view.id, by=by)

    def somebody_decides(self) -> None:
        """Someone of the desk decides about a start of which the worker said nothing."""
        items = booked.work_items()
        if items:
            self.do(
                bookings.decide_start,
                work_item_id=self.dice.choice(items).id,
                outcome=self.dice.choice(list(StartOutcome)),
                reason="Gebeld",
                evidence="De lijst van de opleider",
                by=self.dice.choice(self.setting.desk),
            )

    # What is seen

    def seen(self) -> dict[UUID, BookingView]:
        """Return all bookings, in the order in which they were made."""
        found = booked.bookings(self.bookings)
        return {one: found[one] for one in self.bookings}

    def an_open_booking(self) -> BookingView | None:
        """Return a booking that is not over, if there is one."""
        views = [view for view in self.seen().values() if not view.state.is_over]
        return self.dice.choice(views) if views else None

    def provider_of(self, view: BookingView) -> Actor:
        """Return somebody who works for the provider of a booking."""
        return next(run.provider for run in self.setting.runs if run.id == view.offer.run_id)

    def counted(self) -> tuple[int, ...]:
        """Return how many rows there are of all that may be made once only."""
        with connection.cursor() as cursor:
            cursor.execute(COUNTS)
            return tuple(cursor.fetchone())
