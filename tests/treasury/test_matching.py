"""The rules of matching: the worked examples of docs/explanation/matching.md, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.treasury import matching
from eigenwijs.treasury.matching import Due, Movement
from eigenwijs.treasury.types import Doubt
from tests.factories.treasury import make_reference

ZONNIG, ANOTHER = (new_id(datetime(2026, 1, 1, tzinfo=UTC)) for _ in range(2))
A = Due("A", ZONNIG, 100_000)
B = Due("B", ZONNIG, 25_000)


@pytest.mark.parametrize(
    ("cents", "dues", "parts", "rest", "doubt"),
    [
        (100_000, [A], {"A": 100_000}, 0, Doubt.NONE),
        (125_000, [A, B], {"A": 100_000, "B": 25_000}, 0, Doubt.NONE),
        (40_000, [A], {"A": 40_000}, 0, Doubt.NONE),
        (60_000, [Due("A", ZONNIG, 100_000, received=40_000)], {"A": 60_000}, 0, Doubt.NONE),
        (120_000, [A, B], {}, 120_000, Doubt.TOO_LITTLE_FOR_SEVERAL),
        (110_000, [A], {"A": 100_000}, 10_000, Doubt.SURPLUS),
        (130_000, [A, B], {"A": 100_000, "B": 25_000}, 5_000, Doubt.SURPLUS),
        (100_000, [Due("A", ZONNIG, 100_000, 100_000, 100_000)], {}, 100_000, Doubt.SURPLUS),
        (100_000, [], {}, 100_000, Doubt.NO_REFERENCE),
    ],
)
def test_the_worked_examples_of_dividing(
    cents: int, dues: list[Due], parts: dict[str, int], rest: int, doubt: Doubt
) -> None:
    plan = matching.divide(cents, dues)
    assert (dict(plan.parts), plan.rest, plan.doubt) == (parts, rest, doubt)
    assert (plan.rest_of_payer == ZONNIG) == (doubt is Doubt.SURPLUS)


def test_the_worked_example_of_releasing_pro_rata() -> None:
    shares = Money(40_000).split([10_000, 90_000])
    assert shares == [Money(4_000), Money(36_000)]


def test_the_worked_example_of_a_reversal() -> None:
    assert matching.receive(A, 100_000) == Movement(clearing=100_000, buffer=0, release=100_000)
    paid = Due("A", ZONNIG, 100_000, received=100_000, released=100_000)
    assert matching.take_back(paid, 100_000) == Movement(clearing=0, buffer=100_000, release=0)
    reopened = Due("A", ZONNIG, 100_000, received=0, released=100_000)
    assert reopened.carried == 100_000
    again = matching.receive(reopened, 100_000)
    assert again == Movement(clearing=0, buffer=100_000, release=0)
    waiting = Due("A", ZONNIG, 100_000, received=40_000)
    assert matching.take_back(waiting, 40_000) == Movement(clearing=40_000, buffer=0, release=0)


@st.composite
def dues(draw: st.DrawFn) -> Due:
    amount = draw(st.integers(1, 10_000))
    received = draw(st.integers(0, amount))
    released = draw(st.integers(0, amount)) if received < amount else amount
    return Due(
        make_reference(draw(st.integers(0, 10**7))),
        draw(st.sampled_from([ZONNIG, ANOTHER])),
        amount,
        received,
        released,
    )


@given(st.integers(1, 50_000), st.lists(dues(), max_size=4, unique_by=lambda due: due.reference))
def test_dividing_loses_no_cent_and_never_pays_more_than_is_open(
    cents: int, found: list[Due]
) -> None:
    plan = matching.divide(cents, found)
    assert sum(part for _reference, part in plan.parts) + plan.rest == cents
    is_open = {due.reference: due.open for due in found}
    assert all(0 < part <= is_open[reference] for reference, part in plan.parts)
    assert (plan.rest > 0) == (plan.doubt is not Doubt.NONE)


@given(dues(), st.data())
def test_what_comes_in_and_is_taken_back_is_where_the_two_sums_say(
    due: Due, data: st.DataObject
) -> None:
    if not due.open:
        return
    cents = data.draw(st.integers(1, due.open))
    came = matching.receive(due, cents)
    paid = replace(due, received=due.received + cents, released=due.released + came.release)
    assert came.clearing + came.buffer == cents
    assert due.carried - paid.carried == came.buffer
    assert paid.waiting - due.waiting == came.clearing - came.release
    went = matching.take_back(paid, cents)
    back = replace(paid, received=due.received)
    assert went.clearing + went.buffer == cents
    assert back.carried - paid.carried == went.buffer
    assert paid.waiting - back.waiting == went.clearing


@given(st.integers(0, 10**8 - 1), st.data())
def test_a_reference_is_found_in_any_layout(number: int, data: st.DataObject) -> None:
    reference = make_reference(number)
    gaps = data.draw(st.lists(st.sampled_from(["", " ", "-", ".", "\n"]), min_size=20, max_size=20))
    written = "".join(sign + gap for sign, gap in zip(reference, gaps, strict=False))
    if data.draw(st.booleans()):
        written = written.lower()
    assert reference in matching.candidate_references([f"nota {written} dank"])


@given(st.text(max_size=200))
def test_only_references_with_right_check_digits_are_candidates(text: str) -> None:
    for reference in matching.candidate_references([text]):
        rearranged = "".join(str(int(sign, 36)) for sign in reference[4:] + reference[:4])
        assert int(rearranged) % 97 == 1


def test_a_reference_that_starts_another_is_ambiguous() -> None:
    assert matching.is_ambiguous(["RF1", "RF12"])
    assert not matching.is_ambiguous(["RF12", "RF13"])
