"""The synthetic population meets what is published, and is the same in whatever parts it is made."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenwijs.simulation import marginals, with_numba
from eigenwijs.simulation.hashing import draws, key, mixed
from eigenwijs.simulation.lives import shipped_chances
from eigenwijs.simulation.marginals import CONTRACTS, counts, fitted
from eigenwijs.simulation.parameters import shipped
from eigenwijs.simulation.population import Persons, persons, shipped_drawing


def test_the_joint_table_meets_every_marginal() -> None:
    joint = fitted()
    employed = sum(
        counts()["position"][name] for name in ("permanent", "flexible", "self_employed")
    )
    assert joint.table.sum() == pytest.approx(employed)
    for one in joint.marginals:
        found = marginals._margin(joint.table, one)
        known = ~np.isnan(one.target)
        assert np.abs(found - one.target)[known].max() < 1e-6 * employed, one.name
        assert one.residual < 1e-6


def test_marginals_that_do_not_add_up_are_scaled_and_say_so() -> None:
    scaled = {
        one.name: round(one.scaled_by, 3)
        for one in fitted().marginals
        if abs(one.scaled_by - 1) > marginals.LARGEST_QUIET_SCALE
    }
    assert scaled == {"age": 1.036, "hours": 1.036, "sector": 1.044, "tenure": 1.028}


def test_a_table_that_cannot_meet_its_marginals_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marginals, "MOST_ROUNDS", 3)
    with pytest.raises(ArithmeticError, match="no table after 3 rounds"):
        fitted()


def test_persons_drawn_follow_the_published_counts() -> None:
    drawn = persons(7, 0, 199_999)
    position = counts()["position"]
    total = sum(position.values())
    share = np.bincount(drawn.contract, minlength=len(CONTRACTS)) / len(drawn)
    assert share[0] == pytest.approx(position["permanent"] / total, abs=0.004)
    assert share[1:4].sum() == pytest.approx(position["flexible"] / total, abs=0.004)
    assert share[5] == pytest.approx(position["unemployed"] / total, abs=0.002)
    education = counts()["education"]
    employed = drawn.level[drawn.contract < CONTRACTS.index("unemployed")]
    known = sum(education.values()) - education["unknown"]
    assert (employed == 7).mean() == pytest.approx(education["master_phd"] / known, abs=0.005)


def joined(parts: list[Persons]) -> dict[str, bytes]:
    return {
        one.name: np.concatenate([getattr(part, one.name) for part in parts]).tobytes()
        for one in fields(Persons)
    }


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**64), st.sets(st.integers(1, 998), min_size=1, max_size=4))
def test_any_parts_hold_the_same_persons(seed: int, cuts: set[int]) -> None:
    ends = [*sorted(cuts), 999]
    starts = [0, *(end + 1 for end in ends[:-1])]
    parts = [persons(seed, first, last) for first, last in zip(starts, ends, strict=True)]
    assert joined(parts) == joined([persons(seed, 0, 999)])


def test_with_numba_persons_are_the_same() -> None:
    """Whoever stands just on a threshold too: cells' own chances, and the first of every part of the guide."""
    using, _moves = with_numba.columns_of(shipped_chances())
    drawn, others = persons(11, 0, 149_999), with_numba.persons(11, 0, 149_999, using)
    assert joined([drawn]) == joined([others])
    cells = shipped_drawing().cells
    chances = np.concatenate([cells.thresholds[:-1], cells.thresholds[:-1] - 1])
    found = cells.guide[chances >> 32]
    assert (cells.thresholds[np.maximum(found - 1, 0)] <= chances)[found > 0].all()
    assert (found <= np.searchsorted(cells.thresholds, chances, side="right")).all()


def test_persons_are_possible() -> None:
    drawn = persons(3, 0, 99_999)
    works = drawn.contract < CONTRACTS.index("unemployed")
    assert (drawn.tenure <= drawn.age - 15).all()
    assert (drawn.hours[works] > 0).all()
    assert not drawn.hours[~works].any()
    assert drawn.age.min() >= 15
    assert drawn.age.max() < 75
    assert drawn.hourly_wage.min() >= shipped().value("wage_least", "cents")


def test_a_person_takes_ten_bytes() -> None:
    assert persons(1, 0, 999).nbytes() == 10_000


def test_chance_is_that_of_one_person_alone() -> None:
    whole = draws(5, 2, 9, 0, 4)
    expected = [mixed((key(5, 2, 9) + person * 0x9E3779B97F4A7C15) % 2**64) for person in range(5)]
    assert [int(one) for one in whole] == expected
    assert len({key(5, 2, 9), key(5, 9, 2), key(2, 5, 9), key(6, 2, 9)}) == 4


def test_every_parameter_says_what_it_is_worth() -> None:
    for one in shipped().rows:
        assert one.low <= one.value <= one.high, one
        assert one.source, one
    assert len({(one.group, one.name) for one in shipped().rows}) == len(shipped().rows)
    assert len(shipped_drawing().cells.thresholds) == 76_836
