"""Who wins once keys are known: the arrays choose as somebody with a sorted list on paper does."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.draws import choosing
from eigenwijs.draws.types import Fit, Group

Ticket = tuple[bytes, int, int]
"""Its key, what it asks, the place of its group."""


@pytest.fixture(autouse=True, scope="module")
def narrow_ranges() -> object:
    """Few tickets in as many ranges as millions would be in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "_BITS_OF_A_RANGE", 0)
        patch.setattr(choosing, "_TICKETS_AT_ONCE", 7)
        yield


def on_paper(
    tickets: Sequence[Ticket], pot: int, shares: Sequence[int], fit: Fit, reserve_places: int
) -> tuple[dict[int, int], list[int]]:
    line = sorted(range(len(tickets)), key=lambda one: (tickets[one][0], one))
    won: dict[int, int] = {}
    for place, percent in enumerate(shares):
        purse = pot * percent // 100
        for one in [one for one in line if tickets[one][2] == place]:
            if tickets[one][1] > purse:
                break
            won[one] = tickets[one][1]
            purse -= tickets[one][1]
    purse, closed, passed = pot - sum(won.values()), False, []
    for one in [one for one in line if one not in won]:
        if not closed and tickets[one][1] <= purse:
            won[one] = tickets[one][1]
            purse -= tickets[one][1]
        elif not closed and fit is Fit.PARTIAL and purse:
            won[one], closed = purse, True
        else:
            passed.append(one)
            closed = closed or fit is not Fit.SKIP
    return won, passed[:reserve_places]


def chosen(
    tickets: Sequence[Ticket], pot: int, shares: Sequence[int], fit: Fit, reserve_places: int
) -> tuple[dict[int, int], list[int]]:
    outcome = choosing.choose(
        choosing.keyed(
            b"".join(key for key, _cents, _group in tickets),
            [cents for _key, cents, _group in tickets],
            [group for _key, _cents, group in tickets],
        ),
        pot_cents=pot,
        groups=[Group(f"g{place}", {}, "", 1, share) for place, share in enumerate(shares)],
        fit=fit,
        reserve_places=reserve_places,
    )
    won = dict(zip(outcome.won.tolist(), outcome.cents.tolist(), strict=True))
    return won, outcome.reserve.tolist()


def random_tickets(chance: random.Random, groups: int) -> list[Ticket]:
    """With keys that often begin alike, and sometimes are the same to the last byte."""
    starts = [chance.randbytes(8) for _start in range(chance.randint(1, 8))]
    ends = [chance.randbytes(24) for _end in range(2)]
    most = chance.choice([1, 3, 1_000, 2**50])
    return [
        (
            chance.choice([chance.randbytes(32), chance.choice(starts) + chance.choice(ends)]),
            chance.randint(1, most),
            chance.randrange(groups),
        )
        for _ticket in range(chance.choice([0, 1, 5, 40, 120]))
    ]


@given(st.integers(0, 2**64), st.sampled_from(Fit))
def test_arrays_choose_as_on_paper(number: int, fit: Fit) -> None:
    chance = random.Random(number)
    shares = [chance.choice([0, 0, 7, 30]) for _group in range(chance.randint(1, 3))]
    tickets = random_tickets(chance, len(shares))
    asked = sum(cents for _key, cents, _group in tickets)
    first = sorted(tickets)[: len(tickets) // 3]
    exact = sum(cents for _key, cents, _group in first)
    pots = (0, 1, exact, exact + 1, max(0, exact - 1), asked, asked + 1, chance.randint(0, asked))
    for pot in pots:
        places = chance.choice([0, 1, 10, 1_000])
        assert chosen(tickets, pot, shares, fit, places) == on_paper(
            tickets, pot, shares, fit, places
        )


def test_keys_that_differ_in_their_last_byte_only_go_by_it() -> None:
    """€ 2 for six requests of € 1 whose keys are alike for 31 bytes: the two smallest last bytes win."""
    tickets = [(b"\xfe" * 31 + bytes([last]), 1_00, 0) for last in (9, 255, 3, 128, 7, 0)]
    assert chosen(tickets, 2_00, [0], Fit.CLOSE, 9) == ({2: 1_00, 5: 1_00}, [4, 0, 3, 1])


def test_who_is_passed_over_stays_first_of_the_reserve_list_however_far_money_is_given_on() -> None:
    """€ 5 for requests of € 4, € 3 ten times and € 1: the last one of all gets what is left."""
    cents = [4_00, *[3_00] * 10, 1_00]
    tickets = [(bytes([20 * place]) * 32, asked, 0) for place, asked in enumerate(cents)]
    won, reserve = chosen(tickets, 5_00, [0], Fit.SKIP, 3)
    assert won == {0: 4_00, 11: 1_00}
    assert reserve == [1, 2, 3]


def test_the_reserve_list_reads_no_further_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,024 tickets, money for the first 8 and three on the list: a few of the others are put in order."""
    ordered: list[int] = []
    order = choosing._order

    def counted(keys: choosing.NDArray[choosing.np.uint64]) -> choosing.Places:
        ordered.append(len(keys))
        return order(keys)

    monkeypatch.setattr(choosing, "_order", counted)
    drawn = random.Random(1)
    tickets = [(drawn.randbytes(32), 1, 0) for _ticket in range(1_024)]
    assert chosen(tickets, 8, [0], Fit.SKIP, 3) == on_paper(tickets, 8, [0], Fit.SKIP, 3)
    assert sum(ordered) < 50
