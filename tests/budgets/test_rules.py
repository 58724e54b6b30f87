"""What lapses, what is left, and which pot pays: formulas against naive lists."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.budgets import rules
from eigenwijs.budgets.lifecycle import RESERVATION
from eigenwijs.budgets.rules import Candidate, DatedLot
from eigenwijs.kernel.lifecycle import UnableToMove
from eigenwijs.schemes.types import PayableSteps

DAY = date(2026, 1, 1)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def lot(number: int, cents: int, until: int | None) -> DatedLot:
    return DatedLot(UUID(int=number), cents, None if until is None else day(until))


@dataclass
class NaiveLots:
    """Lots with an amount each, as somebody would keep them in a notebook.

    Every cent that goes out is booked on the lot that ends first of all lots that ever arrived,
    so all of it is booked anew from the first day, each time something happens.
    """

    lots: list[DatedLot] = field(default_factory=list)
    taken_out: int = 0

    def left(self) -> list[tuple[date | None, int]]:
        left, to_book = [], self.taken_out
        for one in sorted(self.lots, key=lambda one: (one.until is None, one.until or DAY)):
            for _cent in range(one.cents):
                if to_book:
                    to_book -= 1
                else:
                    left.append((one.until, 1))
        return left

    def available(self) -> int:
        return sum(cents for _until, cents in self.left())

    def past(self, on: date) -> int:
        return sum(cents for until, cents in self.left() if until is not None and until < on)


steps = st.lists(
    st.tuples(
        st.sampled_from(["credit", "credit without end", "take out", "give back", "next day"]),
        st.integers(1, 30),
        st.integers(0, 20),
    ),
    max_size=40,
)


@given(steps)
def test_what_lapses_is_what_a_naive_list_of_dated_lots_says(
    history: list[tuple[str, int, int]],
) -> None:
    naive, today = NaiveLots(), 0
    for number, (step, cents, days) in enumerate(history):
        if step == "credit":
            naive.lots.append(lot(number, cents, today + days))
        elif step == "credit without end":
            naive.lots.append(lot(number, cents, None))
        elif step == "take out":
            naive.taken_out += min(cents, naive.available())
        elif step == "give back":
            naive.taken_out -= min(cents, naive.taken_out)
        else:
            today += days
        available = naive.available()
        lapsing = rules.lapsing(naive.lots, available, day(today))
        assert lapsing == naive.past(day(today))
        by_end: dict[date | None, int] = {}
        for one in rules.remaining(naive.lots, available):
            by_end[one.until] = by_end.get(one.until, 0) + one.cents
        expected: dict[date | None, int] = {}
        for until, cent in naive.left():
            expected[until] = expected.get(until, 0) + cent
        assert by_end == expected
        if step == "next day":
            naive.taken_out += lapsing
            assert rules.lapsing(naive.lots, naive.available(), day(today)) == 0


def test_the_worked_example_of_the_page_on_the_funding_mix() -> None:
    """€ 100 to 31 January and € 100 to 31 December; € 50 is spent, € 50 lapses, € 50 comes back."""
    lots = [lot(1, 10_000, 30), lot(2, 10_000, 364)]
    assert rules.lapsing(lots, 20_000 - 5_000, day(30)) == 0
    assert rules.lapsing(lots, 20_000 - 5_000, day(31)) == 5_000
    after_lapse = 10_000
    assert rules.lapsing(lots, after_lapse, day(60)) == 0
    assert rules.lapsing(lots, after_lapse + 5_000, day(60)) == 5_000
    assert rules.came_back_late(lots, after_lapse, after_lapse + 5_000, day(60)) == 5_000
    with_grace = [*lots, lot(3, 5_000, 60 + 181)]
    assert rules.lapsing(with_grace, after_lapse + 5_000, day(60)) == 0
    assert rules.lapsing(with_grace, after_lapse + 5_000, day(60 + 182)) == 5_000


def test_money_without_an_end_never_lapses() -> None:
    lots = [lot(1, 100, None), lot(2, 50, 3)]
    assert rules.lapsing(lots, 150, day(10_000)) == 50
    assert rules.next_check(lots, day(3)) == day(4)
    assert rules.next_check(lots, day(4)) is None


def candidate(
    number: int,
    cents: int = 100,
    *,
    conditional: bool = False,
    end: int | None = None,
    rank: int | None = None,
) -> Candidate:
    return Candidate(UUID(int=number), cents, conditional, None if end is None else day(end), rank)


def numbers(found: list[Candidate]) -> list[int]:
    return [one.pot_id.int for one in found]


def test_conditional_pots_pay_first_then_the_earliest_end_then_free_money() -> None:
    pots = [
        candidate(1),
        candidate(2, end=90),
        candidate(3, conditional=True),
        candidate(4, end=30),
        candidate(5, conditional=True, end=365),
    ]
    assert numbers(rules.in_order(pots)) == [5, 3, 4, 2, 1]


def test_the_workers_order_goes_before_the_rule_and_this_bookings_before_that() -> None:
    pots = [candidate(1, conditional=True), candidate(2, rank=2), candidate(3, rank=1)]
    assert numbers(rules.in_order(pots)) == [3, 2, 1]
    assert numbers(rules.in_order(pots, [UUID(int=1)])) == [1, 3, 2]


candidates = st.lists(
    st.builds(
        Candidate,
        st.uuids(),
        st.integers(0, 1_000),
        st.booleans(),
        st.none() | st.integers(0, 99).map(day),
        st.none() | st.integers(1, 5),
    ),
    max_size=8,
    unique_by=lambda one: one.pot_id,
)


def test_the_pots_of_a_scheme_together_pay_no_more_than_it_pays() -> None:
    """€ 3.00 of a course of € 5.00, from two pots of € 2.00; the last € 2.00 from elsewhere or oneself."""
    limited = [replace(candidate(n, 200), scheme="a", steps=((0, 300),)) for n in (1, 2)]
    free = candidate(3, 150)
    assert rules.share_out(500, [*limited, free]) == [
        (UUID(int=1), 200),
        (UUID(int=2), 100),
        (UUID(int=3), 150),
    ]
    older = replace(candidate(4, 400), scheme="a", steps=((0, 300),))
    newer = replace(candidate(5, 200), scheme="a", steps=((0, 500),))
    unlimited = replace(candidate(6, 250), scheme="a")
    for pots, expected in (([older, newer], 500), ([older, newer, unlimited], 750)):
        for order in permutations(pots):
            assert sum(cents for _pot, cents in rules.share_out(1_000, order)) == expected
    nothing = replace(candidate(1, 200), scheme="a", steps=((0, 0),))
    assert rules.share_out(500, [nothing, free]) == [(UUID(int=3), 150)]


def test_money_that_asks_for_others_leaves_them_their_part() -> None:
    """Of € 500 with € 100 of others: € 400, or nothing where they have less; two that ask both pay."""
    asks = ((0, 0), (100, 500))
    first = replace(candidate(1, 1_000), scheme="a", steps=asks)
    second = replace(candidate(2, 1_000), scheme="b", steps=asks)
    one, two, free = UUID(int=1), UUID(int=2), UUID(int=3)
    assert rules.share_out(500, [first, candidate(3, 900)]) == [(one, 400), (free, 100)]
    assert rules.share_out(500, [first, candidate(3, 100)]) == [(one, 400), (free, 100)]
    assert rules.share_out(500, [first, candidate(3, 99)]) == [(free, 99)]
    assert rules.share_out(500, [first, second]) == [(one, 400), (two, 100)]
    assert rules.share_out(500, [first, replace(second, cents=99)]) == []
    # Who wants to use free money first does so.
    assert rules.share_out(500, [candidate(3, 900), first]) == [(free, 500)]
    # Of a price that is lower than what others must pay it pays nothing.
    assert rules.share_out(90, [first, candidate(3, 60)]) == [(free, 60)]


def paid_in_turn(pots: list[Candidate], price: int) -> int:
    """What pots pay that start from nothing, one after the other, without any idea of what others will pay."""
    pays = dict.fromkeys((one.pot_id for one in pots), 0)
    room, before = rules.Room((one.scheme, one.steps) for one in pots), -1
    while before != sum(pays.values()):
        before = sum(pays.values())
        for one in pots:
            left = min(price - sum(pays.values()), one.cents - pays[one.pot_id])
            part = min(left, room.left(one.scheme, one.steps))
            room.take(one.scheme, one.steps, part)
            pays[one.pot_id] += part
    return before


def naive_most(steps: PayableSteps, others: int) -> int:
    most = 0
    for least, cents in steps:
        if others >= least:
            most = cents
    return most


@st.composite
def limited_pots(draw: st.DrawFn) -> list[Candidate]:
    """Pots of up to three schemes in up to two versions, of which what they pay grows with what others pay."""
    versions = {}
    for scheme in "abc":
        for version in (1, 2):
            least = sorted(draw(st.sets(st.integers(1, 300), max_size=2)))
            most = sorted(draw(st.lists(st.integers(0, 500), min_size=3, max_size=3)))
            steps = tuple(zip([0, *least], most, strict=False))
            versions[scheme, version] = draw(st.sampled_from([steps, rules.PAYS_ALL]))
    keys = draw(st.lists(st.sampled_from(sorted(versions)), max_size=6))
    return [
        replace(candidate(n, draw(st.integers(0, 300))), scheme=key[0], steps=versions[key])
        for n, key in enumerate(keys)
    ]


@given(limited_pots(), st.integers(0, 1_000))
def test_no_scheme_pays_more_than_it_may_beside_the_others_and_no_pot_could_pay_another_cent(
    pots: list[Candidate], price: int
) -> None:
    pays = dict.fromkeys((one.pot_id for one in pots), 0) | dict(rules.share_out(price, pots))
    assert paid_in_turn(pots, price) <= sum(pays.values()) <= price
    assert all(0 <= pays[one.pot_id] <= one.cents for one in pots)

    def may(pays: dict[UUID, int]) -> bool:
        for scheme in {one.scheme for one in pots}:
            own = [one for one in pots if one.scheme == scheme]
            together = sum(pays[one.pot_id] for one in own)
            others = sum(pays.values()) - together
            limits = {one.steps: naive_most(one.steps, others) for one in own}
            for steps, most in limits.items():
                if sum(pays[one.pot_id] for one in own if one.steps == steps) > most:
                    return False
            if together > max(limits.values()):
                return False
        return True

    assert may(pays)
    if sum(pays.values()) < price:
        for one in pots:
            if pays[one.pot_id] < one.cents:
                assert not may({**pays, one.pot_id: pays[one.pot_id] + 1})


@given(candidates, st.integers(0, 5_000))
def test_pots_pay_the_price_together_as_far_as_they_reach(
    pots: list[Candidate], price: int
) -> None:
    lines = rules.share_out(price, pots)
    paid = sum(cents for _pot, cents in lines)
    cents_of = {one.pot_id: one.cents for one in pots}
    assert paid == min(price, sum(cents_of.values()))
    assert all(0 < cents <= cents_of[pot] for pot, cents in lines)
    # Every pot but the last one is used up before the next is touched.
    assert all(cents == cents_of[pot] for pot, cents in lines[:-1])


@given(st.lists(st.integers(1, 100), min_size=1), st.data())
def test_a_refund_undoes_the_last_spending_first(reserved: list[int], data: st.DataObject) -> None:
    spent = data.draw(st.integers(1, sum(reserved)))
    back = data.draw(st.integers(0, spent))
    spent_lines = rules.spend_lines(spent, reserved)
    refunded = rules.refund_lines(back, spent_lines)
    left = [a - b for a, b in zip(spent_lines, refunded, strict=True)]
    assert left == rules.spend_lines(spent - back, reserved)


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("reserved", "release", "released"),
        ("reserved", "spend", "spent"),
        ("released", "spend", None),
        ("released", "release", None),
        ("reserved", "free_rest", "spent"),
        ("released", "free_rest", None),
        ("spent", "free_rest", None),
        ("spent", "release", None),
        ("spent", "spend", None),
    ],
)
def test_a_reservation_ends_once(state: str, event: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(UnableToMove):
            RESERVATION.next_state(state, event)
    else:
        assert RESERVATION.next_state(state, event) == after
