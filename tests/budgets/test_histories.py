"""Random histories of one learning account: no cent is lost, made, or lapses before its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenwijs.budgets import lots, operations, queries
from eigenwijs.budgets.lots import PotState
from eigenwijs.budgets.models import Pot
from eigenwijs.budgets.types import StatementKind
from eigenwijs.kernel import ids
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.ledger import queries as ledger
from eigenwijs.people.types import OrganisationKind
from tests.factories.budgets import NOW, make_conditions, make_course_facts, make_credit
from tests.factories.people import SYSTEM, make_organisation, make_person

pytestmark = pytest.mark.django_db

Kinds = StatementKind


class History:
    """One person, two payers, and what somebody would note of every step that succeeded."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.at = NOW
        self.person = make_person(claimed=False).id
        self.payers = [make_organisation().id for _ in range(2)]
        self.fund = make_organisation(OrganisationKind.PAYER).id
        self.payee = make_organisation(OrganisationKind.PROVIDER).id
        self.bookings: list[UUID] = []
        self.credits: list[UUID] = []
        self.noted = dict.fromkeys(Kinds, 0)

    @property
    def today(self) -> date:
        return local_date(self.at)

    def cents(self, most: int = 60) -> int:
        return self.data.draw(st.integers(1, most), label="cents")

    def a_booking(self) -> UUID:
        return self.data.draw(st.sampled_from(self.bookings), label="booking")

    def grace(self) -> bool:
        return self.data.draw(st.booleans(), label="grace")

    def credit(self) -> None:
        days = self.data.draw(st.none() | st.integers(0, 40), label="ends after")
        conditions = make_conditions(
            ends_on=None if days is None else self.today + timedelta(days=days),
            reverts_to=self.fund,
            correctable_for_days=20,
        )
        payer = self.data.draw(st.sampled_from(self.payers))
        cents = self.cents()
        one = make_credit(self.person, cents, payer_id=payer, conditions=conditions, at=self.at)
        self.credits.append(one.id)
        self.noted[Kinds.CREDITED] += cents

    def reserve(self) -> None:
        pots = queries.account(self.person, on=self.today).pots
        chosen = self.data.draw(st.lists(st.sampled_from(pots), unique_by=lambda pot: pot.id))
        lines = [(pot.id, Money(self.cents())) for pot in chosen]
        booking = new_id(self.at)
        before, ended = queries.account(self.person, on=self.today), self.ended()
        operations.reserve(
            booking_id=booking,
            person_id=self.person,
            lines=lines,
            payee_id=self.payee,
            facts=make_course_facts(),
            work_related=True,
            expires_at=self.at + timedelta(days=30),
            by=SYSTEM,
            at=self.at,
        )
        self.bookings.append(booking)
        # It takes what can be spent, and makes nothing of what ended spendable again.
        after = queries.account(self.person, on=self.today)
        assert after.available == before.available - sum_money(amount for _pot, amount in lines)
        self.noted[Kinds.LAPSED] += ended - self.ended()

    def spend(self) -> None:
        amount = Money(self.cents())
        operations.spend(
            booking_id=self.a_booking(),
            amount=amount,
            with_grace=self.grace(),
            by=SYSTEM,
            at=self.at,
        )
        self.noted[Kinds.SPENT] = sum(
            line.spent.cents
            for booking in self.bookings
            if (found := queries.reservation(booking))
            for line in found.lines
        )

    def release(self) -> None:
        operations.release(
            booking_id=self.a_booking(), with_grace=self.grace(), by=SYSTEM, at=self.at
        )

    def refund(self) -> None:
        cents = self.cents()
        operations.refund(
            key=new_id(self.at),
            booking_id=self.a_booking(),
            amount=Money(cents),
            with_grace=self.grace(),
            by=SYSTEM,
            at=self.at,
        )
        self.noted[Kinds.REFUNDED] += cents

    def take_back(self) -> None:
        credit = self.data.draw(st.sampled_from(self.credits), label="credit")
        taken = operations.take_back(
            key=new_id(self.at), credit_id=credit, amount=Money(self.cents()), by=SYSTEM, at=self.at
        )
        self.noted[Kinds.TAKEN_BACK] += taken.cents

    def days_pass(self) -> None:
        self.at += timedelta(days=self.data.draw(st.integers(1, 25), label="days"))
        before = queries.account(self.person, on=self.today)
        run = operations.lapse_due(by=SYSTEM, at=self.at)
        after = queries.account(self.person, on=self.today)
        # What ended could not be spent any more; what had not ended is all still there.
        assert after.available == before.available
        assert operations.lapse_due(by=SYSTEM, at=self.at).lapsed == Money(0)
        self.noted[Kinds.LAPSED] += run.lapsed.cents

    def step(self) -> None:
        steps: list[Callable[[], None]] = [self.credit, self.credit, self.days_pass]
        if self.credits:
            steps += [self.reserve, self.reserve, self.take_back]
        if self.bookings:
            steps += [self.spend, self.release, self.refund]
        # What is refused may have changed nothing, which the sums below check.
        with suppress(DomainError):
            self.data.draw(st.sampled_from(steps), label="step")()

    def check(self) -> None:
        account = queries.account(self.person, on=self.today)
        noted = self.noted
        whole = (
            noted[Kinds.CREDITED]
            - noted[Kinds.TAKEN_BACK]
            - noted[Kinds.SPENT]
            + noted[Kinds.REFUNDED]
            - noted[Kinds.LAPSED]
        )
        assert account.available.cents + account.reserved.cents + self.ended() == whole
        for pot in account.pots:
            assert sum(lot.amount.cents for lot in pot.lots) == pot.available.cents
            ends = [lot.usable_until for lot in pot.lots if lot.usable_until]
            assert all(end >= self.today for end in ends)

    def ended(self) -> int:
        """What is past its end and did not lapse yet."""
        return sum(state.available - state.usable(self.today) for state in self.states())

    def states(self) -> list[PotState]:
        return list(lots.read(Pot.objects.filter(person=self.person)).values())


def check_years(history: History) -> None:
    """The yearly overview adds up to the lines of its year, each year follows the one before."""
    lines = queries.statement(history.person)
    years = queries.years(lines)
    ends: dict[UUID, Money] = {}
    for one in sorted(years, key=lambda one: one.year):
        of_year = [
            line
            for line in queries.statement(
                history.person, since=date(one.year, 1, 1), until=date(one.year, 12, 31)
            )
            if line.pot_id == one.pot_id
        ]
        for kind in (Kinds.CREDITED, Kinds.REFUNDED, Kinds.SPENT, Kinds.TAKEN_BACK, Kinds.LAPSED):
            total = sum(line.amount.cents for line in of_year if line.kind is kind)
            assert getattr(one, kind.value).cents == total
        assert one.begin == ends.get(one.pot_id, Money(0))
        came, went = one.credited + one.refunded, one.spent + one.taken_back + one.lapsed
        assert one.end == one.begin + came - went
        ends[one.pot_id] = one.end
    last = [one for one in years if one.year == years[0].year]
    account = queries.account(history.person, on=history.today)
    whole = (account.available + account.reserved).cents + history.ended()
    assert sum(one.end.cents for one in last) == whole
    assert sum(one.reserved.cents for one in last) == account.reserved.cents
    for kind, noted in history.noted.items():
        if kind not in (Kinds.RESERVED, Kinds.RELEASED):
            assert sum(getattr(one, kind.value).cents for one in years) == noted


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_cent_is_lost_or_made_or_lapses_before_its_end(data: st.DataObject) -> None:
    # Pots and lots of one moment are ordered by id: only the draws may decide what a history meets.
    same_ids = SimpleNamespace(randbits=Random(0).getrandbits)
    with patch.object(ids, "secrets", same_ids), transaction.atomic():
        history = History(data)
        for _ in range(data.draw(st.integers(1, 25), label="steps")):
            history.step()
            history.check()
        assert ledger.prove(at=NOW, known_holds=queries.hold_keys()) == []
        assert queries.prove() == []
        check_years(history)
        if history.credits:
            newest = queries.statement(history.person)[0]
            account = queries.account(history.person, on=history.today)
            assert newest.available.cents == account.available.cents + history.ended()
        transaction.set_rollback(True)
