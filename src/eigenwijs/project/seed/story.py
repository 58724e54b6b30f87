"""The story of the demonstration's year, told day by day."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from eigenwijs.bookings import operations as bookings
from eigenwijs.bookings import queries as booked
from eigenwijs.bookings.types import BookingState
from eigenwijs.budgets import queries as budgets
from eigenwijs.catalogue.types import RunRecord
from eigenwijs.contributions import operations as contributions
from eigenwijs.contributions import queries as requested
from eigenwijs.contributions.types import PaymentRequestView
from eigenwijs.insight import operations as insight
from eigenwijs.jobs import operations as jobs
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.clock import local_date, working_days_after
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people import operations as people
from eigenwijs.people import queries as known
from eigenwijs.people.types import Role
from eigenwijs.project.seed import cast, negotiation, setting
from eigenwijs.project.seed.bank import Paid, statement
from eigenwijs.project.seed.payroll import payroll_file
from eigenwijs.project.seed.rounds import Rounds
from eigenwijs.project.seed.setting import SYSTEM, World, moment
from eigenwijs.treasury import operations as treasury
from eigenwijs.treasury import queries as treasured

DAYS = 380
DELIVERED_AFTER = timedelta(days=6)
FRIDAY = 4
WEDNESDAY = 2

CLAIMING_EACH_MONTH = 0.08
BOOKING_EACH_DAY = 0.6
LEAVING, SILENT_FROM = 0.08, 0.9

# Persona, days before today, course, fate.
PERSONA_BOOKINGS = (
    ("fatma", 130, "Persoonlijke financiën op orde", 0.5),
    ("fatma", 60, "Veilig online: wachtwoorden en oplichting", 0.5),
    ("joanna", 75, "Tiltechniek en je rug", 0.95),
    ("daan", 1, "Veilig werken op hoogte", 0.5),
)


class Story:
    """What has happened so far, and the day it is."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = local_date(now)
        self.world = World()
        self.drawn = random.Random("story")  # noqa: S311 — an invented year, not secrets
        self.staff = {one.key: cast.workers(one, self.today) for one in cast.EMPLOYERS}
        self.first = self.today - timedelta(days=DAYS)
        self.balance = setting.OPENING
        self.statements = 0
        self.claimed: dict[UUID, Actor] = {}
        self.plans: defaultdict[date, list[Callable[[datetime], None]]] = defaultdict(list)
        self.rounds = Rounds(self.world, self.today, self.plans, self.claimed)

    def tell(self) -> None:
        """Let the year happen, up to today."""
        first = self.first
        start = moment(first)
        setting.organisations(self.world, start)
        setting.staff(self.world, start)
        setting.bank(self.world, start)
        setting.agreements(self.world, start)
        self._join(start)
        setting.courses(self.world, start, self.today)
        for days in range(1, DAYS + 1):
            self._live(first + timedelta(days=days))
        self._open_ends()
        setting.next_year(self.world, self.now)
        negotiation.lay(self.world, self.now)
        jobs.drain(at=self.now)
        insight.prove_books(by=SYSTEM, at=self.now)

    def _join(self, at: datetime) -> None:
        for employer in cast.EMPLOYERS:
            contributions.join_scheme(
                employer_id=self.world.employers[employer.key],
                scheme=employer.scheme,
                payer_id=self.world.employers[employer.key],
                starts_on=local_date(at),
                payment_term_days=21,
                reverts_to=self.world.sector_fund,
                by=SYSTEM,
                at=at,
            )
        gives_hours = self.world.employers[cast.GIVES_HOURS]
        contributions.join_scheme(
            employer_id=gives_hours,
            scheme=cast.HOURS,
            payer_id=gives_hours,
            starts_on=local_date(at),
            by=SYSTEM,
            at=at,
        )

    def _live(self, day: date) -> None:
        for employer in cast.EMPLOYERS:
            period = Period.containing(day - DELIVERED_AFTER, employer.period_kind)
            if period.end == day - DELIVERED_AFTER and period.start > self.first:
                self._deliver(employer, period, moment(day, 9))
        for plan in self.plans.pop(day, []):
            plan(moment(day, 10))
        if day.day == 20:
            self._claims(moment(day, 12))
        self._book(moment(day, 13))
        if day.weekday() == WEDNESDAY:
            jobs.drain(at=moment(day, 14))
            self._pay_out(moment(day, 15))
        if day.weekday() == FRIDAY:
            jobs.drain(at=moment(day, 16))
            self._statement(moment(day, 17))
        if day.weekday() in (WEDNESDAY, FRIDAY) or self.today - day < timedelta(days=3):
            bookings.lapse_due(by=SYSTEM, at=moment(day, 19))
            bookings.remind_silent(by=SYSTEM, at=moment(day, 19))
            bookings.settle_due(by=SYSTEM, at=moment(day, 19))
            self.rounds.live(moment(day, 19))
            jobs.drain(at=moment(day, 20))

    def _deliver(self, employer: cast.Employer, period: Period, at: datetime) -> None:
        organisation = self.world.employers[employer.key]
        by = self.world.organisation_staff[organisation]
        delivery = contributions.preview_delivery(
            employer_id=organisation,
            period=period,
            file_name=f"loon-{employer.key}-{period}.csv",
            content=payroll_file(employer, self.staff[employer.key], period),
            by=by,
            at=at,
        )
        contributions.confirm_delivery(delivery_id=delivery.id, by=by, at=at)

    def _claims(self, at: datetime) -> None:
        """Some workers open their file with the code from their letter, the personas among them."""
        for employer in cast.EMPLOYERS:
            files = {
                view.personnel_number: view.person_id
                for view in known.employments_of_employer(self.world.employers[employer.key])
            }
            personas = cast.personas_by_number(employer)
            for worker in self.staff[employer.key]:
                person = files.get(worker.personnel_number)
                if person is None or person in self.claimed:
                    continue
                persona = personas.get(worker.personnel_number)
                if persona and persona.claims:
                    self._claim(person, worker, self._as(self.world.staff[persona.key], at), at)
                elif not persona and self.drawn.random() < CLAIMING_EACH_MONTH:
                    self._claim(person, worker, Actor.anonymous(), at)

    def _claim(self, person: UUID, worker: cast.Worker, by: Actor, at: datetime) -> None:
        code = people.issue_claim_code(person, by=SYSTEM, at=at)
        owner = people.claim(code=code, birth_date=worker.birth_date, by=by, at=at)
        shown = known.confirmation_code(owner)
        people.confirm_owner(person_id=owner, code=shown, by=SYSTEM, at=at)
        self.claimed[person] = Actor(ActorKind.PERSON, owner, Role.WORKER)

    def _as(self, actor: Actor, at: datetime) -> Actor:
        return Actor(
            actor.kind, actor.person_id, actor.role, actor.organisation_id, second_proof_at=at
        )

    def _book(self, at: datetime) -> None:
        """On most days some worker books a course that fits their account; personas as planned."""
        today = local_date(at)
        for key, days, title, fate in PERSONA_BOOKINGS:
            if self.today - today == timedelta(days=days):
                runs = [run for run in self._soon(today) if self.world.titles[run] == title]
                if runs:
                    self._request(self._as(self.world.staff[key], at), runs[0], at, fate)
        if self.claimed and self.drawn.random() < BOOKING_EACH_DAY:
            actor = self._as(self.drawn.choice(list(self.claimed.values())), at)
            available = budgets.account(_person(actor), on=today).available.cents
            fitting = [
                run for run in self._soon(today)
                if self.world.runs[run].price_cents <= available * 2
            ]  # fmt: skip
            if fitting:
                self._request(actor, self.drawn.choice(fitting), at, self.drawn.random())

    def _soon(self, today: date) -> list[UUID]:
        return [
            run
            for run, record in self.world.runs.items()
            if timedelta(days=18) <= record.starts_on - today <= timedelta(days=80)
        ]

    def _request(self, actor: Actor, run: UUID, at: datetime, fate: float) -> None:
        """Book `run`, if it can be; `fate` from 0 to 1 draws what follows."""
        try:
            quote = booked.quote(
                person_id=_person(actor),
                run_id=run,
                required_by_employer=False,
                work_related=True,
                at=at,
            )
            bookings.reserve(
                key=quote.key,
                person_id=_person(actor),
                run_id=run,
                run_version=quote.offer.run_version,
                course_version=quote.offer.course_version,
                lines=quote.lines,
                pay_yourself=quote.mix.pay_yourself,
                required_by_employer=False,
                work_related=True,
                early_start_requested=quote.needs_early_start,
                places=[place.id for place in quote.places],
                by=actor,
                at=at,
            )
        except DomainError:
            return  # the run is full, or the worker booked it before
        self._plan_what_follows(quote.key, actor, local_date(at), self.world.runs[run], fate)

    def _plan_what_follows(
        self, booking: UUID, actor: Actor, day: date, record: RunRecord, fate: float
    ) -> None:
        answered = working_days_after(day, 2)
        self.plans[answered].append(lambda at: self._answer(booking, at))
        if fate < LEAVING:
            left = answered + timedelta(days=5)
            self.plans[left].append(lambda at: self._withdraw(booking, actor, at))
        elif fate < SILENT_FROM:
            started = record.starts_on + timedelta(days=1)
            self.plans[started].append(lambda at: self._start(booking, actor, at))
            ended = record.ends_on + timedelta(days=1)
            self.plans[ended].append(lambda at: self._complete(booking, actor, at))

    def _answer(self, booking: UUID, at: datetime) -> None:
        view = booked.booking(booking)
        if view is None or view.state is not BookingState.REQUESTED:
            return
        by = self.world.organisation_staff[view.offer.provider_id]
        if self.drawn.random() < 0.05:
            bookings.decline(booking_id=booking, answer="De groep is helaas vol.", by=by, at=at)
        else:
            bookings.confirm(booking_id=booking, by=by, at=at)

    def _withdraw(self, booking: UUID, actor: Actor, at: datetime) -> None:
        leaving = booked.leaving(booking, at)
        if leaving and self._state(booking) is BookingState.CONFIRMED:
            by = self._as(actor, at)
            bookings.withdraw(
                booking_id=booking,
                agreed_cost=leaving.cost,
                agreed_ending=leaving.ends_at_once,
                by=by,
                at=at,
            )

    def _start(self, booking: UUID, actor: Actor, at: datetime) -> None:
        if self._state(booking) is BookingState.CONFIRMED:
            bookings.confirm_start(booking_id=booking, by=self._as(actor, at), at=at)

    def _complete(self, booking: UUID, actor: Actor, at: datetime) -> None:
        if self._state(booking) is BookingState.STARTED:
            bookings.complete(booking_id=booking, by=self._as(actor, at), at=at)

    def _state(self, booking: UUID) -> BookingState | None:
        view = booked.booking(booking)
        return view.state if view else None

    def _pay_out(self, at: datetime) -> None:
        """Ingrid makes a batch of what can be paid, Samir releases it."""
        assert self.world.bank_account is not None  # noqa: S101 — for the type checker
        today = local_date(at)
        if self.today - today < timedelta(days=14):
            return  # the last weeks are left for the visitor
        orders = [one.order for one in treasured.payable_orders(today) if not one.blocked]
        if not orders:
            return
        batch = treasury.make_batch(
            bank_account_id=self.world.bank_account,
            order_ids=[order.id for order in orders],
            execute_on=working_days_after(today, 1),
            by=self.world.staff["ingrid"],
            at=at,
        )
        checksum = treasured.batch(batch).checksum
        treasury.release_batch(
            batch_id=batch, checksum=checksum, by=self.world.staff["samir"], at=at
        )

    def _statement(self, at: datetime) -> None:
        """The bank tells what came in and what went out this week."""
        today = local_date(at)
        entries = [*self._receipts(today), *self.rounds.receipts(today), *self._batches()]
        if not entries or self.today - today < timedelta(days=5):
            return
        self._import(entries, at)

    def _import(self, entries: list[Paid], at: datetime) -> None:
        self.statements += 1
        content, self.balance = statement(
            iban=cast.FOUNDATION_IBAN,
            number=self.statements,
            day=local_date(at),
            opening=self.balance,
            entries=entries,
        )
        treasury.import_statement(
            content=content, file_name=f"afschrift-{self.statements:03d}.xml", by=SYSTEM, at=at
        )
        jobs.drain(at=at)

    def _receipts(self, today: date) -> list[Paid]:
        return [
            Paid(request.to_pay, True, employer.name, employer.iban, f"Nota {request.reference}")
            for employer in cast.EMPLOYERS
            for request in self._requests(employer)
            if not request.is_settled and request.due_on - today <= timedelta(days=7)
        ]

    def _requests(self, employer: cast.Employer) -> list[PaymentRequestView]:
        by = self.world.organisation_staff[self.world.employers[employer.key]]
        return requested.payment_requests(by=by)

    def _batches(self) -> list[Paid]:
        return [
            Paid(
                batch.total,
                False,
                batch=batch.identifier,
                transactions=batch.order_count,
            )
            for batch in treasured.batches()
            if batch.state == "released"
        ]

    def _open_ends(self) -> None:
        """What waits for the visitor: money nobody can place, a short payment, a day and bookings to answer."""
        at = moment(self.today - timedelta(days=1), 17)
        daan = self._as(self.world.staff["daan"], at)
        contributions.choose_day(
            employment_id=known.employments(_person(daan))[0].id,
            scheme=cast.HOURS,
            hundredths=8_00,
            day=self.today + timedelta(days=24),
            by=daan,
            at=at,
        )
        open_requests = [
            (employer, request)
            for employer in cast.EMPLOYERS
            for request in self._requests(employer)
            if not request.is_settled
        ]
        entries = [
            Paid(Money(8_750), True, "Onbekende afzender", "", "leerbudget november"),
        ]
        if open_requests:
            employer, request = open_requests[0]
            short = Money(request.to_pay.cents * 3 // 5)
            entries.append(
                Paid(short, True, employer.name, employer.iban, f"deel nota {request.reference}")
            )
        self._import(entries, at)


def _person(actor: Actor) -> UUID:
    assert actor.person_id is not None  # noqa: S101 — for the type checker
    return actor.person_id
