"""Going back to an older schema converts what it can say, and refuses the rest in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor

from eigenwijs.bookings import queries as bookings
from eigenwijs.bookings.models import Decision, Payout
from eigenwijs.bookings.operations import confirm_start, propose
from eigenwijs.budgets import queries as accounts
from eigenwijs.catalogue import queries as catalogue
from eigenwijs.catalogue.types import CourseKind
from eigenwijs.contributions.models import (
    AdvanceAsk,
    AmountDue,
    CreditingRun,
    Delivery,
    DeliveryLine,
    PaymentRequest,
)
from eigenwijs.draws import operations
from eigenwijs.kernel.clock import start_of_day
from eigenwijs.kernel.ids import new_id
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger.types import AccountKind
from eigenwijs.people import access
from eigenwijs.people.operations import tell_qualification
from eigenwijs.people.types import Looked, OrganisationKind, Qualification, Role
from eigenwijs.treasury.models import Allocation, Entry
from tests.contributions.test_time_to_learn import HOURS, TEXT
from tests.factories.bookings import REQUESTED, make_booking, provider_for, worker_at
from tests.factories.budgets import make_conditions, make_credit, make_job_conditions
from tests.factories.catalogue import make_course, make_run
from tests.factories.contributions import (
    GIFT,
    SCHEMES,
    Bank,
    deliver,
    later,
    make_law,
    make_participant,
    preview,
    react_once,
    requests_of,
    worker,
)
from tests.factories.draws import OPENED, make_published, make_rules, make_waiting
from tests.factories.negotiations import make_table, make_workforce
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
)
from tests.factories.time import make_refused_day
from tests.factories.treasury import StatementText, load, make_bank_account, pays
from tests.schemes.test_language import GOOD

pytestmark = pytest.mark.django_db


def migrate(room: str, migration: str) -> None:
    """Undo the migrations of a room down to one, or do them up to it, in the transaction of the test."""
    with connection.cursor() as cursor:  # nothing may be waiting when tables change
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate([(room, migration)])


def make_files(now: datetime) -> None:
    """A booked payroll file and one that is shown."""
    make_law(GIFT)
    employer = make_participant(GIFT)
    deliver(employer, "2026-01", [worker()], now)
    preview(employer, "2026-02", [worker()], now)


def test_refused_payroll_files_count_as_discarded_before_there_was_a_word_for_them(
    now: datetime,
) -> None:
    make_files(now)
    faults = [{"code": "no_rows"}]
    Delivery.objects.filter(state="previewed").update(state="refused", faults=faults)
    migrate("contributions", "0001_initial")
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM contributions_delivery ORDER BY period")
        assert cursor.fetchall() == [("booked",), ("discarded",)]


def a_payment_that_is_being_credited(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    bank = Bank()
    deliver(employer, "2026-01", [worker()], now)
    (request,) = requests_of(employer)
    bank.load(pays(request.total_cents, reference=request.reference), at=now)
    while react_once(now) != "receipt_matched":
        pass


def test_a_run_from_before_that_was_kept_moved_last_when_it_began(now: datetime) -> None:
    a_payment_that_is_being_credited(now)
    CreditingRun.objects.update(moved_at=later(now))
    migrate("contributions", "0005_crediting_runs")
    migrate("contributions", "0006_when_a_run_moved_last")
    assert CreditingRun.objects.values_list("moved_at", flat=True).get() == now


def a_payment_that_waits_for_its_day(now: datetime) -> None:
    a_payment_that_is_being_credited(now)
    CreditingRun.objects.update(state="waiting", begun_at=None)


def a_sum_that_came_free(now: datetime) -> None:
    credited = 'credited: {next_year_on: 04-01, article: "5"}\n'
    make_law(GIFT, text=(SCHEMES / GIFT / "scheme.yaml").read_text() + credited)
    employer, bank = make_participant(GIFT), Bank()
    deliver(employer, "2026-01", [worker(hours=3600)], now)
    bank.pay(requests_of(employer)[0], now)
    deliver(employer, "2026-01", [worker(hours=2000)], now)
    CreditingRun.objects.update(state="ended", begun_at=now, ended_at=now, done=1, done_cents=11_11)


def test_a_run_from_before_they_could_wait_begins_on_the_day_on_which_it_began(
    now: datetime,
) -> None:
    a_payment_that_is_being_credited(now)
    migrate("contributions", "0010_facts_that_some_schemes_count")
    migrate("contributions", "0011_money_that_waits_for_its_day")
    run = CreditingRun.objects.get()
    assert (run.begins_on, run.begun_at, run.state) == (now.date(), now, "running")


def an_unread_file(now: datetime) -> None:
    make_files(now)
    Delivery.objects.filter(state="previewed").update(state="received", content=b"nummer;naam")


def a_file_that_waits_to_be_booked(now: datetime) -> None:
    make_files(now)
    Delivery.objects.filter(state="previewed").update(state="confirmed", confirmed_at=now)


def a_confirmed_owner(now: datetime) -> None:
    desk = actor_for(make_person(role=Role.DESK), Role.DESK)
    access.look_at(make_person().id, what=Looked.OWNER_CONFIRMED, by=desk, at=now)


def a_netted_entry(now: datetime) -> None:
    make_bank_account()
    load(StatementText([pays(500)]), at=now)
    Allocation.objects.create(
        entry=Entry.objects.get(), purpose="netted", cents=500, group=new_id(now), allocated_at=now
    )


def two_statements_with_one_number(now: datetime) -> None:
    make_bank_account()
    first = StatementText([pays(500)])
    load(first, at=now)
    load(replace(first.then(pays(500)), id=first.id), at=now)


def a_request_that_asks_less(now: datetime) -> None:
    make_files(now)
    PaymentRequest.objects.update(lowered_cents=1)


def a_line_with_its_wage(now: datetime) -> None:
    make_files(now)
    DeliveryLine.objects.update(gross_wage_cents=2_845_10)


def a_qualification(now: datetime) -> None:
    person = make_person()
    tell_qualification(
        person_id=person.id, level=Qualification.MASTER, by=actor_for(person), at=now
    )


def a_nota_that_no_employer_sees(now: datetime) -> None:
    make_files(now)
    PaymentRequest.objects.update(counts_confided=True)


def a_table(now: datetime) -> None:
    make_table(GOOD, now)


def people_of_a_table(now: datetime) -> None:
    make_workforce(make_table(GOOD, now), now)


def lapsed_money(now: datetime) -> None:
    ledger.open_account(kind=AccountKind.LAPSED, owner=new_id(now), at=now)


def a_withdrawn_round(now: datetime) -> None:
    del now  # the round has moments of its own
    why = {"nl": "De wet veranderde.", "en": "The law changed."}
    operations.withdraw_round(
        round_id=make_published(make_rules()).id, reason=why, by=SYSTEM, at=OPENED
    )


def an_advance(now: datetime) -> None:
    make_law(GIFT)
    employer = make_participant(GIFT)
    deliver(employer, "2026-01", [worker()], now)
    job = AmountDue.objects.get().employment_id
    AdvanceAsk.objects.create(
        id=new_id(now), employment_id=job, scheme=GIFT, cents=10_00, asked_at=now
    )


def time_to_learn(now: datetime) -> None:
    make_refused_day(make_employment().person_id, now)


def an_amount_of_time(now: datetime) -> None:
    make_law(HOURS, text=TEXT)
    deliver(make_participant(HOURS), "2026-01", [worker()], now)


def a_look_at_a_day(now: datetime) -> None:
    of, by = make_person(), make_person(role=Role.EMPLOYER, organisation_id=make_organisation().id)
    access.look_at_many([of.id], what=Looked.TIME, by=actor_for(by, Role.EMPLOYER), at=now)


def a_round_in_order_of_arrival(now: datetime) -> None:
    del now  # the round has moments of its own
    make_waiting()


def a_kind_of_course(now: datetime) -> None:
    del now  # the course has a moment of its own
    make_course("Lessen", kind=CourseKind.DRIVING_LICENCE)


def test_ordinary_courses_go_back_and_forth() -> None:
    course = make_course("Lassen")
    migrate("catalogue", "0002_delivery_received")
    migrate("catalogue", "0003_course_kind")
    assert catalogue.course(course.id) == course


def money_that_ends_with_a_job(now: datetime) -> None:
    shop = make_organisation(OrganisationKind.EMPLOYER)
    make_credit(make_person().id, 10_00, conditions=make_job_conditions(shop.id), at=now)


def a_part_after_completion(_now: datetime) -> None:
    worker = make_person()
    make_credit(worker.id, 350_00, conditions=make_conditions(completed_percent=40), at=REQUESTED)
    make_booking(worker)


def a_part_halfway(_now: datetime) -> None:
    worker = make_person()
    make_credit(worker.id, 350_00, conditions=make_conditions(halfway_percent=40), at=REQUESTED)
    make_booking(worker, make_run(starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 10)))


def another_start(_now: datetime) -> None:
    course = make_course()
    booking = make_booking(run=make_run(course, starts_on=date(2027, 3, 1)))
    other = make_run(course, starts_on=date(2027, 3, 8))
    propose(booking_id=booking.id, run_id=other.id, by=provider_for(booking), at=REQUESTED)


def a_person_who_decided_two_questions(now: datetime) -> None:
    booking, person_id = make_booking(confirmed_at=REQUESTED), make_person().id
    for outcome in ("started", "completed"):
        Decision.objects.create(
            pk=new_id(now),
            booking_id=booking.id,
            outcome=outcome,
            reason="De opleider stuurde de lijst.",
            evidence="Presentielijst.",
            decided_by=person_id,
            decided_as="desk",
            decided_at=now,
        )


def test_bookings_that_pay_all_at_the_start_go_back_and_forth(now: datetime) -> None:
    booking = make_booking(confirmed_at=REQUESTED)
    for room, before, after in (
        ("bookings", "0001_initial", "0005_who_decided_what"),
        ("budgets", "0003_ends_with_a_job", "0005_halfway"),
    ):
        migrate(room, before)
        migrate(room, after)
    assert bookings.booking(booking.id) == booking
    assert accounts.prove() == []


def test_what_was_paid_before_there_were_parts_was_paid_for_the_start() -> None:
    booking = make_booking(confirmed_at=REQUESTED)
    at = start_of_day(booking.offer.starts_on)
    confirm_start(booking_id=booking.id, by=worker_at(booking.person_id, at), at=at)
    payout = Payout.objects.values().get()
    migrate("bookings", "0001_initial")
    migrate("bookings", "0005_who_decided_what")
    assert Payout.objects.values().get() == {**payout, "milestone": "started"}


@pytest.mark.parametrize(
    ("room", "make", "said"),
    [
        ("catalogue", a_kind_of_course, "1 versions of courses say what kind"),
        ("bookings", a_part_after_completion, "1 bookings pay a part after completion"),
        ("bookings", another_start, "1 other starts were proposed"),
        ("bookings", a_part_halfway, "1 bookings pay a part halfway"),
        ("bookings", a_person_who_decided_two_questions, "1 people decided two questions"),
        ("budgets", a_part_halfway, "1 pots pay a part halfway"),
        ("budgets", money_that_ends_with_a_job, "1 pots hold money that ends with a job"),
        ("budgets", a_part_after_completion, "1 amounts are set aside until a course is completed"),
        ("contributions", an_unread_file, "1 payroll files wait to be read"),
        ("contributions", a_payment_that_is_being_credited, "1 payments are being credited"),
        ("contributions", a_payment_that_waits_for_its_day, "1 payments wait for the day"),
        ("contributions", a_sum_that_came_free, "1 sums came free"),
        ("contributions", a_file_that_waits_to_be_booked, "1 confirmed payroll files wait"),
        ("contributions", an_advance, "1 advances were asked"),
        ("budgets", time_to_learn, "2 rows of time to learn"),
        ("contributions", an_amount_of_time, "1 amounts count time to learn"),
        ("people", a_look_at_a_day, "1 times somebody looked"),
        ("people", a_confirmed_owner, "Restore the backup made before this version"),
        ("treasury", a_netted_entry, "1 allocations net an entry with money that came back"),
        ("treasury", two_statements_with_one_number, "1 bank statements have a number"),
        ("contributions", a_request_that_asks_less, "1 payment requests ask less"),
        ("contributions", a_line_with_its_wage, "2 lines of payroll files count with the wage"),
        ("contributions", a_nota_that_no_employer_sees, "1 notas are hidden from employers"),
        ("people", a_qualification, "1 qualifications were told"),
        ("schemes", a_table, "1 negotiations are kept"),
        ("simulation", people_of_a_table, "1 tables of people were delivered"),
        ("ledger", lapsed_money, "1 accounts hold lapsed money"),
        ("draws", a_withdrawn_round, "1 rounds were withdrawn"),
        ("draws", a_round_in_order_of_arrival, "1 rounds are served in order of arrival"),
    ],
)
def test_what_an_older_schema_cannot_say_is_refused_with_what_to_do(
    room: str, make: Callable[[datetime], None], said: str, now: datetime
) -> None:
    make(now)
    first = {"people": "0002_what_the_payroll_said_last", "simulation": "0001_long_runs"}
    before = first.get(room, "0001_initial")
    with pytest.raises(IrreversibleError, match=said):
        migrate(room, before)
