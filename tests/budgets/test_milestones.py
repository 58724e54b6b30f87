"""Money of a booking that its provider gets in parts."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eigenwijs.budgets import operations, queries
from eigenwijs.budgets.operations import UnableToRefund, UnableToReserve, UnableToSpend
from eigenwijs.budgets.types import ReservationView
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import queries as ledger
from eigenwijs.people.types import PersonView, Role
from eigenwijs.schemes.types import Conditions, Milestone, SpendMilestones
from tests.factories.budgets import NOW, make_conditions, make_course_facts, make_credit
from tests.factories.people import SYSTEM, actor_for, make_organisation, make_person

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(days=90)
Lines = list[tuple[UUID, Money]]


def pots(person: PersonView, *shares: tuple[int, ...]) -> Lines:
    """Lines of all money of pots: how much there is, the percent that waits for the end, and for halfway."""
    lines = []
    for number, (cents, percent, *halfway) in enumerate(shares):
        conditions = make_conditions(
            scheme=f"scheme {number}", completed_percent=percent, halfway_percent=sum(halfway)
        )
        credit = make_credit(person.id, cents, conditions=conditions)
        lines.append((credit.pot_id, Money(cents)))
    return lines


def reserve(
    person: PersonView,
    lines: Lines,
    booking: UUID | None = None,
    *,
    has_halfway: bool = True,
) -> UUID:
    booking = booking or new_id(NOW)
    operations.reserve(
        booking_id=booking,
        person_id=person.id,
        lines=lines,
        payee_id=make_organisation().id,
        facts=make_course_facts(sum(amount.cents for _pot, amount in lines)),
        work_related=True,
        has_halfway=has_halfway,
        expires_at=SOON,
        by=actor_for(person, Role.WORKER),
        at=NOW,
    )
    return booking


def spend(booking: UUID, milestone: Milestone | None = None) -> int:
    return operations.spend(booking_id=booking, milestone=milestone, by=SYSTEM, at=NOW).amount.cents


def free(booking: UUID) -> ReservationView:
    return operations.release(booking_id=booking, with_grace=True, by=SYSTEM, at=NOW)


def account(person: PersonView) -> tuple[int, int]:
    found = queries.account(person.id, on=NOW.date())
    return found.available.cents, found.reserved.cents


def view(booking: UUID) -> ReservationView:
    found = queries.reservation(booking)
    assert found
    return found


def prove() -> None:
    assert queries.prove() == []
    assert ledger.prove(at=NOW, known_holds=queries.hold_keys()) == []


@pytest.mark.parametrize("percent", [0, 1, 33, 50, 99, 100])
@pytest.mark.parametrize("cents", [1, 2, 3, 99, 100_01])
def test_the_parts_of_an_amount_add_up_to_the_cent(percent: int, cents: int) -> None:
    parts = make_conditions(completed_percent=percent).parts(Money(cents), has_halfway=True)
    assert sum(part.cents for part in parts.values()) == cents
    assert all(part.cents > 0 for part in parts.values())
    assert parts.get(Milestone.STARTED, Money.zero()).cents == cents * (100 - percent) // 100


@given(
    cents=st.integers(1, 10**9),
    halfway=st.integers(0, 100),
    completed=st.integers(0, 100),
    has_halfway=st.booleans(),
)
def test_each_part_is_its_percent_down_to_the_cent_and_the_last_is_all_the_rest(
    cents: int, halfway: int, completed: int, has_halfway: bool
) -> None:
    assume(halfway + completed <= 100)
    conditions = Conditions(
        scheme="x",
        title={},
        work_related_only=False,
        milestones=SpendMilestones(completed, 0, False, "", halfway),
    )
    parts = conditions.parts(Money(cents), has_halfway=has_halfway)
    assert sum(part.cents for part in parts.values()) == cents
    if not has_halfway:
        halfway, completed = 0, halfway + completed
    shares = dict(zip(Milestone, (100 - halfway - completed, halfway, completed), strict=True))
    last = [milestone for milestone, share in shares.items() if share][-1]
    for milestone, share in shares.items():
        part = parts.get(milestone, Money.zero()).cents
        assert part == cents * share // 100 or (milestone is last and part > cents * share // 100)
        assert share or not part


def test_three_parts_of_a_cent_that_does_not_divide() -> None:
    """A third of € 100.00 at the start, a third halfway, the rest at the completion."""
    conditions = make_conditions(completed_percent=34, halfway_percent=33)
    parts = conditions.parts(Money(100_01), has_halfway=True)
    assert {milestone.value: part.cents for milestone, part in parts.items()} == {
        "started": 33_00,
        "halfway": 33_00,
        "completed": 34_01,
    }
    without = conditions.parts(Money(100_01), has_halfway=False)
    assert {milestone.value: part.cents for milestone, part in without.items()} == {
        "started": 33_00,
        "completed": 67_01,
    }


def test_conditions_without_a_part_halfway_stay_the_pots_that_they_were() -> None:
    before = make_conditions(completed_percent=40)
    assert "halfway_percent" not in before.to_json()["milestones"]
    assert Conditions.from_json(before.to_json()) == before
    halfway = make_conditions(completed_percent=40, halfway_percent=10)
    assert Conditions.from_json(halfway.to_json()) == halfway
    assert halfway.pot_key() != before.pot_key()


def test_of_several_pots_each_pays_its_own_part_halfway() -> None:
    person = make_person()
    booking = reserve(person, pots(person, (100_01, 25, 25), (30_00, 0), (20_01, 0, 50)))
    lines = [(line.milestone.value, line.amount.cents) for line in view(booking).lines]
    assert lines == [
        ("started", 50_00),
        ("halfway", 25_00),
        ("completed", 25_01),
        ("started", 30_00),
        ("started", 10_00),
        ("halfway", 10_01),
    ]
    for milestone, paid, waits in (
        (Milestone.STARTED, 90_00, 60_02),
        (Milestone.HALFWAY, 35_01, 25_01),
        (Milestone.COMPLETED, 25_01, 0),
    ):
        assert spend(booking, milestone) == paid
        assert account(person) == (0, waits)
        prove()


def test_a_course_too_short_for_a_day_halfway_pays_that_part_at_the_completion() -> None:
    person = make_person()
    booking = reserve(person, pots(person, (100_01, 25, 25)), has_halfway=False)
    lines = [(line.milestone.value, line.amount.cents) for line in view(booking).lines]
    assert lines == [("started", 50_00), ("completed", 50_01)]


def test_conditions_without_milestones_stay_the_pots_that_they_were() -> None:
    assert "milestones" not in make_conditions().to_json()
    with_milestones = make_conditions(completed_percent=40)
    assert Conditions.from_json(with_milestones.to_json()) == with_milestones
    assert with_milestones.pot_key() != make_conditions().pot_key()


def test_what_is_for_the_end_stays_set_aside_when_the_start_is_paid() -> None:
    person = make_person()
    booking = reserve(person, pots(person, (100_01, 50), (30_00, 0)))
    lines = [(line.milestone.value, line.amount.cents) for line in view(booking).lines]
    assert lines == [("started", 50_00), ("completed", 50_01), ("started", 30_00)]
    for _ in range(2):
        assert spend(booking, Milestone.STARTED) == 80_00
    assert account(person) == (0, 50_01)
    assert view(booking).state == "reserved"
    operations.extend(booking_id=booking, expires_at=SOON + timedelta(days=9), by=SYSTEM, at=NOW)
    prove()
    for _ in range(2):
        assert spend(booking, Milestone.COMPLETED) == 50_01
    assert account(person) == (0, 0)
    assert view(booking).state == "spent"
    assert spend(booking) == 130_01
    prove()


def test_what_was_not_delivered_is_free_again_and_what_was_paid_stays_paid() -> None:
    person = make_person()
    booking = reserve(person, pots(person, (100_00, 60)))
    spend(booking, Milestone.STARTED)
    assert free(booking).state == "spent"
    assert account(person) == (60_00, 0)
    with pytest.raises(UnableToSpend) as refused:
        spend(booking, Milestone.COMPLETED)
    assert refused.value.code == "not_reserved"
    assert spend(booking, Milestone.STARTED) == 40_00  # as it was spent
    with pytest.raises(UnableToReserve) as again:
        free(booking)
    assert again.value.code == "not_reserved"
    prove()


def test_a_refund_of_a_milestone_comes_from_what_was_spent_at_it() -> None:
    person = make_person()
    booking = reserve(person, pots(person, (100_00, 60)))

    def refund(milestone: Milestone, cents: int) -> None:
        operations.refund(
            key=new_id(NOW),
            booking_id=booking,
            amount=Money(cents),
            milestone=milestone,
            with_grace=True,
            by=SYSTEM,
            at=NOW,
        )

    with pytest.raises(UnableToRefund) as refused:
        refund(Milestone.STARTED, 1)
    assert refused.value.code == "not_spent"
    spend(booking, Milestone.STARTED)
    with pytest.raises(UnableToRefund) as refused:
        refund(Milestone.COMPLETED, 1)
    assert refused.value.code == "not_spent"
    with pytest.raises(UnableToRefund) as refused:
        refund(Milestone.STARTED, 40_01)
    assert refused.value.code == "more_than_spent"
    refund(Milestone.STARTED, 40_00)
    assert account(person) == (40_00, 60_00)
    assert free(booking).state == "spent"
    assert account(person) == (100_00, 0)
    prove()


def test_a_milestone_for_which_nothing_is_set_aside_pays_nothing() -> None:
    person = make_person()
    booking = reserve(person, pots(person, (100_00, 0)))
    with pytest.raises(UnableToSpend) as refused:
        spend(booking, Milestone.COMPLETED)
    assert refused.value.code == "not_reserved"


def test_the_same_lines_again_are_the_same_reservation() -> None:
    person = make_person()
    lines = pots(person, (100_00, 60), (50_00, 10))
    booking = reserve(person, lines)
    assert reserve(person, lines, booking) == booking
    with pytest.raises(UnableToReserve) as refused:
        reserve(person, lines[:1], booking)
    assert refused.value.code == "key_reused"


def test_the_first_lines_pay_what_leaving_costs_whatever_their_milestone() -> None:
    person = make_person()
    booking = reserve(person, pots(person, (100_00, 60), (50_00, 0)))
    operations.spend(booking_id=booking, amount=Money(70_00), by=SYSTEM, at=NOW)
    assert [line.spent.cents for line in view(booking).lines] == [40_00, 30_00, 0]
    assert account(person) == (80_00, 0)
    assert view(booking).state == "spent"
    prove()


@pytest.mark.parametrize("seed", range(12))
def test_random_bookings_pay_no_cent_more_than_was_set_aside_and_lose_none(seed: int) -> None:
    random = Random(seed)
    person = make_person()
    shares = [
        (
            random.randint(2, 50_000),
            *random.choice(
                [(0, 0), (1, 1), (33, 0), (33, 33), (50, 50), (0, 67), (99, 1), (100, 0)]
            ),
        )
        for _ in range(random.randint(1, 3))
    ]
    total = sum(cents for cents, *_percents in shares)
    booking = reserve(person, pots(person, *shares))
    expected = dict.fromkeys(Milestone, 0)
    for cents, end, halfway in shares:
        start = cents * (100 - end - halfway) // 100
        middle = cents * halfway // 100 if end else cents - start if halfway else 0
        expected[Milestone.STARTED] += start
        expected[Milestone.HALFWAY] += middle
        expected[Milestone.COMPLETED] += cents - start - middle
    paid = 0
    for milestone in random.sample(list(Milestone), k=random.randint(0, 3)):
        if random.random() < 0.5:
            until = SOON + timedelta(days=random.randint(1, 99))
            operations.extend(booking_id=booking, expires_at=until, by=SYSTEM, at=NOW)
        if expected[milestone]:
            for _ in range(random.randint(1, 2)):
                assert spend(booking, milestone) == expected[milestone]
            paid += expected[milestone]
        assert account(person) == (0, total - paid)
        prove()
    if paid < total:
        free(booking)
    assert account(person) == (total - paid, 0)
    assert sum(line.spent.cents for line in view(booking).lines) == paid
    prove()
