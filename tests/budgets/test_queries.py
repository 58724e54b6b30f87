"""What a worker reads of their own money."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from eigenwijs.budgets import access, operations, queries
from eigenwijs.budgets.types import PotAnswer, StatementKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.ledger import operations as books
from eigenwijs.people import operations as people
from eigenwijs.people import queries as people_queries
from eigenwijs.people.access import NotPermitted
from eigenwijs.people.types import OrganisationKind, PersonView, Role
from tests.factories.budgets import (
    CO_FUNDED,
    NOW,
    OWN_CONTRIBUTION,
    SIXTY_PERCENT,
    make_conditions,
    make_course_facts,
    make_credit,
    make_reason,
)
from tests.factories.people import (
    SYSTEM,
    actor_for,
    make_employment,
    make_organisation,
    make_person,
)

pytestmark = pytest.mark.django_db

TODAY = local_date(NOW)


STATE = make_conditions(scheme="state", own=OWN_CONTRIBUTION)


@pytest.fixture
def person() -> PersonView:
    return make_person()


def employed(**days: date) -> PersonView:
    """Somebody with a job between these days."""
    found = people_queries.person(make_employment(**days).person_id)
    assert found
    return found


def book(person_id: UUID, *lines: tuple[UUID, int], at: datetime = NOW) -> UUID:
    booking_id = new_id(at)
    operations.reserve(
        booking_id=booking_id,
        person_id=person_id,
        lines=[(pot, Money(cents)) for pot, cents in lines],
        payee_id=make_organisation(OrganisationKind.PROVIDER).id,
        facts=make_course_facts(is_online=True),
        work_related=True,
        expires_at=NOW + timedelta(days=90),
        by=SYSTEM,
        at=at,
    )
    return booking_id


class TestMix:
    @pytest.fixture
    def pots(self, person: PersonView) -> dict[str, UUID]:
        """Four kinds of money, € 100 each."""
        return {
            "free": make_credit(person.id, 10_000).pot_id,
            "ends": make_credit(
                person.id, 10_000, conditions=make_conditions(ends_on=date(2027, 6, 30))
            ).pot_id,
            "online": make_credit(
                person.id, 10_000, conditions=make_conditions(online_only=True)
            ).pot_id,
            "work": make_credit(
                person.id, 10_000, conditions=make_conditions(work_related_only=True)
            ).pot_id,
        }

    def mix(
        self,
        person: PersonView,
        cents: int,
        *,
        online: bool = False,
        work: bool = True,
        order: tuple[UUID, ...] = (),
    ) -> tuple[list[tuple[UUID, int]], int]:
        facts = make_course_facts(cents, is_online=online)
        found = queries.mix(person.id, facts, work_related=work, on=TODAY, order=order)
        assert found.from_account + found.pay_yourself == Money(cents)
        return [(line.pot.id, line.amount.cents) for line in found.lines], found.pay_yourself.cents

    def test_conditional_money_pays_first_and_free_money_last(
        self, person: PersonView, pots: dict[str, UUID]
    ) -> None:
        lines, left = self.mix(person, 35_000, online=True)
        assert [pot for pot, _cents in lines[2:]] == [pots["ends"], pots["free"]]
        assert {pot for pot, _cents in lines[:2]} == {pots["online"], pots["work"]}
        assert [cents for _pot, cents in lines] == [10_000, 10_000, 10_000, 5_000]
        assert left == 0

    def test_a_pot_that_may_not_pay_does_not_and_says_why(
        self, person: PersonView, pots: dict[str, UUID]
    ) -> None:
        lines, left = self.mix(person, 40_000, work=False)
        assert lines == [(pots["ends"], 10_000), (pots["free"], 10_000)]
        assert left == 20_000
        answers = queries.mix(person.id, make_course_facts(), work_related=False, on=TODAY).answers
        why = {answer.pot.id: [refusal.id for refusal in answer.refusals] for answer in answers}
        assert why == {
            pots["free"]: [],
            pots["ends"]: [],
            pots["online"]: ["online"],
            pots["work"]: ["work_related_only"],
        }
        texts = {refusal.texts["nl"] for answer in answers for refusal in answer.refusals}
        assert "Alleen voor online cursussen." in texts

    def test_money_that_pays_a_part_leaves_an_own_contribution(self, person: PersonView) -> None:
        """Of € 400 it pays € 240, from two pots together; the gift pays € 100, the worker € 60."""
        conditions = make_conditions(scheme="state", pays=SIXTY_PERCENT)
        first, second = sorted(
            make_credit(person.id, 20_000, conditions=conditions).pot_id for _payer in range(2)
        )
        gift = make_credit(person.id, 10_000).pot_id
        expected = [(first, 20_000), (second, 4_000), (gift, 10_000)]
        assert self.mix(person, 40_000) == (expected, 6_000)
        assert self.mix(person, 40_000, online=True)[0] == [(first, 20_000), (second, 20_000)]
        book(person.id, *expected)

    def test_an_own_contribution_falls_away_without_a_job_and_with_other_money(self) -> None:
        """Of € 1,000 the state leaves € 103.20, unless other money pays € 50 or there is no job."""
        yesterday = TODAY - timedelta(days=1)
        for days in ({"ended_on": yesterday}, {"started_on": TODAY + timedelta(days=1)}):
            jobless = employed(**days)
            state = make_credit(jobless.id, 500_000, conditions=STATE).pot_id
            assert self.mix(jobless, 100_000) == ([(state, 100_000)], 0)
        worker = employed(started_on=TODAY, ended_on=TODAY)
        state = make_credit(worker.id, 500_000, conditions=STATE).pot_id
        assert self.mix(worker, 100_000) == ([(state, 89_680)], 10_320)
        assert self.mix(worker, 10_000) == ([], 10_000)
        gift = make_credit(worker.id, 4_999).pot_id
        assert self.mix(worker, 100_000) == ([(state, 89_680), (gift, 4_999)], 5_321)
        other = make_credit(worker.id, 1).pot_id
        lines, left = self.mix(worker, 100_000)
        assert (dict(lines), left) == ({state: 95_000, gift: 4_999, other: 1}, 0)

    def test_money_that_asks_others_first_pays_with_them_or_says_why_not(
        self, person: PersonView
    ) -> None:
        """It is conditional, so it goes first, and still pays what the others leave of € 400."""
        conditions = make_conditions(scheme="state", others_pay_at_least=CO_FUNDED)
        state = make_credit(person.id, 100_000, conditions=conditions).pot_id
        gift = make_credit(person.id, 4_999).pot_id
        facts = make_course_facts(40_000)
        found = queries.mix(person.id, facts, work_related=True, on=TODAY)
        assert [line.pot.id for line in found.lines] == [gift]
        refused = next(answer for answer in found.answers if answer.pot.id == state)
        assert (refused.usable, refused.refusals[0].texts) == (False, CO_FUNDED.text)
        other = make_credit(person.id, 1).pot_id
        lines, left = self.mix(person, 40_000)
        assert (dict(lines), left) == ({state: 35_000, gift: 4_999, other: 1}, 0)
        found = queries.mix(person.id, facts, work_related=True, on=TODAY)
        assert all(answer.usable for answer in found.answers)
        book(person.id, *lines)

    def test_each_pot_says_what_it_leaves_or_why_not(self) -> None:
        worker, jobless = employed(), employed(ended_on=TODAY - timedelta(days=1))

        def answer(person: PersonView) -> PotAnswer:
            make_credit(person.id, 500_000, conditions=STATE)
            facts = make_course_facts(100_000)
            return queries.mix(person.id, facts, work_related=True, on=TODAY).answers[0]

        exempted = answer(jobless)
        assert (exempted.most, exempted.limits) == (Money(100_000), ())
        assert exempted.exempted == OWN_CONTRIBUTION.unless[0].text
        asked = answer(worker)
        assert (asked.most, asked.exempted) == (Money(89_680), None)
        assert asked.limits == (OWN_CONTRIBUTION.text,)

    def test_the_worker_can_change_the_order_for_one_booking_and_for_all(
        self, person: PersonView, pots: dict[str, UUID]
    ) -> None:
        lines, _left = self.mix(person, 15_000, online=True, order=(pots["free"],))
        assert lines[0] == (pots["free"], 10_000)
        operations.choose_order(person_id=person.id, pots=[pots["ends"]], by=SYSTEM, at=NOW)
        lines, _left = self.mix(person, 5_000, online=True)
        assert lines == [(pots["ends"], 5_000)]

    def test_the_course_of_400_euros_of_the_page_on_the_funding_mix(
        self, person: PersonView
    ) -> None:
        fund, market, gift = (
            make_credit(person.id, cents, conditions=conditions).pot_id
            for cents, conditions in (
                (15_000, make_conditions(work_related_only=True)),
                (17_500, make_conditions(ends_on=date(2027, 12, 31))),
                (10_000, make_conditions()),
            )
        )
        lines, left = self.mix(person, 40_000)
        assert (lines, left) == ([(fund, 15_000), (market, 17_500), (gift, 7_500)], 0)
        assert self.mix(person, 40_000, work=False) == ([(market, 17_500), (gift, 10_000)], 12_500)
        booking = book(person.id, *lines)
        operations.spend(booking_id=booking, by=SYSTEM, at=NOW)
        operations.refund(
            key=new_id(NOW),
            booking_id=booking,
            amount=Money(20_000),
            with_grace=False,
            by=SYSTEM,
            at=NOW,
        )
        reservation = queries.reservation(booking)
        assert reservation is not None
        assert [line.refunded.cents for line in reservation.lines] == [0, 12_500, 7_500]

    def test_what_is_set_aside_or_past_its_end_does_not_pay(
        self, person: PersonView, pots: dict[str, UUID]
    ) -> None:
        book(person.id, (pots["free"], 9_999))
        facts = make_course_facts(20_000)
        found = queries.mix(person.id, facts, work_related=False, on=date(2027, 7, 1))
        assert [(line.pot.id, line.amount.cents) for line in found.lines] == [(pots["free"], 1)]


class TestStatement:
    def test_every_line_is_a_row_of_the_ledger_with_what_was_available_after_it(
        self, person: PersonView
    ) -> None:
        def later(hours: int) -> datetime:
            return NOW + timedelta(hours=hours)

        credit = make_credit(person.id, 10_000, conditions=make_conditions(correctable_for_days=30))
        kept = book(person.id, (credit.pot_id, 6_000), at=later(1))
        freed = book(person.id, (credit.pot_id, 1_000), at=later(2))
        operations.release(booking_id=freed, with_grace=False, by=SYSTEM, at=later(3))
        operations.extend(
            booking_id=kept, expires_at=NOW + timedelta(days=99), by=SYSTEM, at=later(4)
        )
        operations.spend(booking_id=kept, amount=Money(5_500), by=SYSTEM, at=later(5))
        operations.refund(
            key=new_id(NOW),
            booking_id=kept,
            amount=Money(500),
            with_grace=False,
            by=SYSTEM,
            at=later(6),
        )
        operations.take_back(
            key=new_id(NOW), credit_id=credit.id, amount=Money(700), by=SYSTEM, at=later(7)
        )
        lines = queries.statement(person.id)[::-1]
        assert [(line.kind, line.amount.cents, line.available.cents) for line in lines] == [
            (StatementKind.CREDITED, 10_000, 10_000),
            (StatementKind.RESERVED, 6_000, 4_000),
            (StatementKind.RESERVED, 1_000, 3_000),
            (StatementKind.RELEASED, 1_000, 4_000),
            (StatementKind.SPENT, 5_500, 4_500),
            (StatementKind.REFUNDED, 500, 5_000),
            (StatementKind.TAKEN_BACK, 700, 4_300),
        ]
        assert [line.credit_id for line in lines] == [credit.id, *[None] * 5, credit.id]
        assert [line.booking_id for line in lines] == [None, kept, freed, freed, kept, kept, None]
        account = queries.account(person.id, on=TODAY)
        assert account.available.cents == lines[-1].available.cents

    def test_what_is_kept_longer_and_set_free_at_the_same_moment_is_free(
        self, person: PersonView
    ) -> None:
        """€ 60 and € 40 set aside; € 50 is the cost, and the rest is there again at that moment."""
        later = NOW + timedelta(days=80)
        pots = [make_credit(person.id, cents).pot_id for cents in (6_000, 4_000)]
        booking = book(person.id, (pots[0], 6_000), (pots[1], 4_000))
        end = later + timedelta(days=30)
        operations.extend(booking_id=booking, expires_at=end, by=SYSTEM, at=later)
        operations.spend(booking_id=booking, amount=Money(5_000), by=SYSTEM, at=later)
        lines = queries.statement(person.id)
        assert lines[0].available == Money(5_000)
        then = {line.kind for line in lines if line.at == later}
        assert then == {StatementKind.SPENT, StatementKind.RELEASED}

    def test_what_is_about_a_closed_month_names_it(self, person: PersonView) -> None:
        """Credited on 23 November for October; corrected in December, after November was closed."""
        kept = make_credit(person.id, 10_000, conditions=make_conditions(correctable_for_days=90))
        assert [line.belongs_to for line in queries.statement(person.id)] == [None]
        later = NOW + timedelta(days=20)
        books.begin_closing(until=date(2026, 11, 30), by=SYSTEM, at=later)
        operations.take_back(
            key=new_id(later), credit_id=kept.id, amount=Money(1_500), by=SYSTEM, at=later
        )
        back, credited = queries.statement(person.id)
        assert (back.kind, str(back.belongs_to)) == (StatementKind.TAKEN_BACK, "2026-11")
        earned = Period.parse(make_reason().period)
        assert credited.belongs_to == (earned if earned.end < credited.on else None)

    def test_what_lapsed_is_on_it(self, person: PersonView) -> None:
        make_credit(person.id, 100, conditions=make_conditions(ends_on=TODAY))
        operations.lapse_due(by=SYSTEM, at=NOW + timedelta(days=1))
        (last, _first) = queries.statement(person.id)
        assert (last.kind, last.amount.cents, last.available.cents) == (
            StatementKind.LAPSED,
            100,
            0,
        )
        assert (last.booking_id, last.credit_id) == (None, None)

    def test_a_period_leaves_lines_out_but_not_the_money(self, person: PersonView) -> None:
        payer = make_organisation().id
        for months in (0, 31, 62):
            make_credit(person.id, 100, payer_id=payer, at=NOW + timedelta(days=months))
        since = TODAY + timedelta(days=31)
        lines = queries.statement(person.id, since=since, until=since)
        assert [(line.on, line.available.cents) for line in lines] == [(since, 200)]


class TestFilesThatJoined:
    def test_all_files_of_a_person_are_one_account(self, person: PersonView) -> None:
        """A merge rewrites no money: the pots stay where they are and are found through the files."""
        other = make_person(claimed=False)
        make_credit(person.id, 100)
        pot = make_credit(other.id, 50).pot_id
        assert queries.account(person.id, on=TODAY).available == Money(100)
        code = people.issue_claim_code(other.id, by=SYSTEM, at=NOW)
        people.claim(
            code=code,
            birth_date=date(1990, 5, 17),
            by=actor_for(person, second_proof_at=NOW),
            at=NOW,
        )
        for one in (person.id, other.id):
            assert queries.account(one, on=TODAY).available == Money(150)
            assert len(queries.statement(one)) == 2
        assert queries.balances_under_scheme([person.id], "gift") == {person.id: Money(150)}
        book(person.id, (pot, 50))


class TestAccess:
    def test_a_worker_sees_their_own_account_only(self, person: PersonView) -> None:
        credit, others = make_credit(person.id, 100), make_credit(make_person().id, 7)
        actor = actor_for(person)
        assert access.own_account(actor, on=TODAY).available == Money(100)
        assert len(access.own_statement(actor)) == 1
        assert access.own_credit(actor, credit.id) == credit
        for absent_or_forbidden in (others.id, new_id(NOW)):
            with pytest.raises(NotPermitted):
                access.own_credit(actor, absent_or_forbidden)

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.WORKER])
    def test_no_other_role_sees_an_account_not_even_their_own_money(self, role: Role) -> None:
        somebody = make_person(role=None)
        credit = make_credit(somebody.id, 100)
        actor = actor_for(somebody, role, make_organisation().id)
        for look in (
            lambda: access.own_account(actor, on=TODAY),
            lambda: access.own_statement(actor),
            lambda: access.own_credit(actor, credit.id),
        ):
            with pytest.raises(NotPermitted):
                look()


def test_everything_can_be_taken_along_as_plain_values(person: PersonView) -> None:
    credit = make_credit(
        person.id,
        10_000,
        conditions=make_conditions(ends_on=date(2029, 1, 1), correctable_for_days=3),
    )
    operations.expect(
        key=new_id(NOW),
        person_id=person.id,
        payer_id=credit.payer_id,
        amount=Money(1_458),
        due_on=date(2026, 12, 31),
        conditions=make_conditions(),
        reason=make_reason(),
        by=SYSTEM,
        at=NOW,
    )
    booking = book(person.id, (credit.pot_id, 4_000))
    taken = json.loads(json.dumps(queries.export(person.id, on=TODAY)))
    figures = (taken["available_cents"], taken["reserved_cents"], taken["expected_cents"])
    assert figures == (6_000, 4_000, 1_458)
    assert taken["credits"][0]["reason"] == make_reason().to_json()
    assert taken["pots"][0]["usable_until"] == [{"cents": 6_000, "until": "2029-01-01"}]
    assert [line["kind"] for line in taken["statement"]] == ["reserved", "credited"]
    assert taken["reservations"][0]["booking"] == str(booking)
