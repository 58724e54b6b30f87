"""Steps for many people at once: exact quotients from floats, and nothing that grows out of its integers."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.period import Period
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.compiling import compiled
from eigenwijs.schemes.many_people import Backend, book_for_many
from eigenwijs.schemes.steps import Step, Steps
from eigenwijs.schemes.steps_with_numba import run_of
from tests.schemes.test_language import GOOD

QUOTIENT = Steps(
    (Step("column", number=0), Step("column", number=1), Step("divide", (0, 1))),
    (None, None),
    ((2,),),
    adds=False,
)


@pytest.mark.parametrize("floats", [False, True])
def test_a_divisor_outside_its_limits_stops_no_processor(floats: bool) -> None:
    """Rows that are refused are computed like others: 7 by 2 is 3, -7 by 2 is -4, and 7 by 0 is refused."""
    limits = np.array([[-10, 10], [1, 10]])
    for divisor, outside in ((2, -1), (0, 1)):
        found = np.zeros(2, dtype=np.int64)
        columns = np.array([7, -7]), np.full(2, divisor)
        shared = np.zeros(1, np.float64 if floats else np.int64)
        assert run_of(QUOTIENT, floats)(2, shared, limits, *columns, found) == outside
        if outside < 0:
            assert found.tolist() == [3, -4]


@given(
    divisor=st.integers(1, 2**40), times=st.integers(-(2**50), 2**50), seed=st.integers(0, 2**32)
)
def test_a_quotient_by_floats_is_the_one_by_whole_numbers(
    divisor: int, times: int, seed: int
) -> None:
    """Around every whole quotient up to 2**50: one below it, on it, one above it and somewhere."""
    below = (2**50 - 2) // divisor
    on = max(-below, min(times, below)) * divisor
    some = Random(seed).randrange(-(2**50) + 1, 2**50)
    tops = np.array([on - 1, on, on + 1, some, 2**50 - 1, 1 - 2**50])
    found = np.zeros(len(tops), np.int64)
    limits = np.array([[-(2**50), 2**50], [1, 2**50]])
    by = np.full(len(tops), divisor)
    assert run_of(QUOTIENT, True)(len(tops), np.zeros(1), limits, tops, by, found) == -1
    assert found.tolist() == [one // divisor for one in tops.tolist()]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", ["balance", "year"])
def test_what_grows_may_be_of_32_bits_and_is_refused_where_it_would_grow_out_of_them(
    name: str, backend: Backend
) -> None:
    """The scheme looks at the balance (up to € 900,000.00), not at the year. A month gives € 180.00."""
    text = GOOD.replace("per_year * 3", "per_year * 5000").replace("per: year", "per: period")
    text = text.replace("spread: cumulative", "round: up")
    bound = compiled(check(text)).bind(Period.parse("2026-05"))
    most = bound.bounds[bound.compiled.outputs["amount:yearly"]][1]
    columns = {one: np.zeros(1, np.int64) for one in bound.compiled.columns}
    columns |= {"contract_hours_week": np.array([38_00])}
    assert 180_00 <= most < 2**31
    full = 2**31 - 1
    for held, fits in ((0, True), (full - most, True), (full - most + 1, False), (full, False)):
        state = {"balance": np.zeros(1, np.int64), name: np.array([held], np.int32)}
        if not fits:
            with pytest.raises(ValueError, match=f"{name} has a value outside"):
                book_for_many(bound, columns, state, backend=backend)
            continue
        book_for_many(bound, columns, state, backend=backend)
        is_full = name == "balance" and held > 900_000_00
        assert state[name].tolist() == [held if is_full else held + 180_00]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize(("name", "bits"), [("balance", np.int32), ("year", np.uint64)])
def test_numbers_in_which_nothing_could_grow_for_sure_are_refused(
    backend: Backend, name: str, bits: type
) -> None:
    """A credit that is spread could give back a year, in the proof: 32 bits are never enough for it."""
    bound = compiled(check(GOOD)).bind(Period.parse("2026-05"))
    columns = {one: np.zeros(1, np.int64) for one in bound.compiled.columns}
    with pytest.raises(ValueError, match=f"{name} cannot grow in {bits.__name__}"):
        book_for_many(bound, columns, {name: np.zeros(1, bits)}, backend=backend)
