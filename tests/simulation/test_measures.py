"""Measures of inequality: reference values, closed forms, properties, and what is refused."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eigenwijs.simulation import measures
from eigenwijs.simulation.definitions import DEFINITIONS
from eigenwijs.simulation.measures import UnableToMeasure
from tests.architecture.source import ROOT

Values = NDArray[np.float64]

# The table that stands in docs/reference/inequality-measures.md.
X = np.array([0.0, 0, 1, 2, 3, 4, 10, 10, 20, 50])
W = np.array([1.0, 2, 1, 3, 1, 1, 2, 1, 1, 1])
Y = np.array([5.0, 3, 3, 8, 9, 12, 11, 20, 30, 25])
GROUPS = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
HAS = X > 2

LIKE_GINI: list[Callable[..., float]] = [measures.gini, measures.theil]
SINGLE: list[Callable[..., float]] = [
    *LIKE_GINI,
    measures.share_of_zeros,
    lambda x, w=None: measures.kolm(x, aversion=0.1, weights=w),
]
RANKED: list[Callable[..., float]] = [
    lambda x, y, w=None: measures.concentration_index(x, ranked_by=y, weights=w),
    lambda x, y, w=None: measures.kakwani(x, income=y + 1, weights=w),
    lambda x, y, w=None: measures.erreygers(x, ranked_by=y, highest=50, weights=w),
    lambda x, y, w=None: measures.opportunity_index(x > 10, groups=y > 20, weights=w),
    lambda x, y, w=None: measures.theil_by_group(x, groups=y, weights=w).between,
    lambda x, y, w=None: measures.theil_by_group(x, groups=y, weights=w).within,
]

amounts = st.integers(0, 50)
people = st.lists(st.tuples(amounts, amounts, st.integers(0, 4)), min_size=1, max_size=12)


def columns(rows: list[tuple[int, int, int]]) -> tuple[Values, Values, NDArray[np.int64]]:
    """Return amounts, ranking values and weights, with somebody above 10 who counts."""
    x, y, w = (np.array(column) for column in zip(*rows, strict=True))
    assume(((x > 10) & (w > 0)).any())
    return x.astype(float), y.astype(float), w


def close(value: float) -> object:
    """Twelve summed terms below 1 lose at most a few units in the sixteenth decimal."""
    return pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("measured", "published"),
    [
        (measures.gini(X), 0.66),
        (measures.gini(X, W), 0.670426065),
        (measures.concentration_index(X, ranked_by=Y, weights=W), 0.615288221),
        (measures.kakwani(X, income=Y, weights=W), 0.239830345),
        (measures.erreygers(HAS, ranked_by=Y, weights=W), 1.0),
        (measures.wagstaff(HAS, ranked_by=Y, weights=W), 1.0),
        (measures.theil(X), 0.81536297),
        (measures.theil_by_group(X, groups=GROUPS).total, 0.81536297),
        (measures.theil_by_group(X, groups=GROUPS).between, 0.610398101),
        (measures.theil_by_group(X, groups=GROUPS).within, 0.204964869),
    ],
)
def test_reference_values(measured: float, published: float) -> None:
    assert measured == pytest.approx(published, abs=5e-10)


def test_worked_examples_of_use_and_money() -> None:
    """Ten people: four in the low group, three in the high one."""
    low, high = GROUPS == 0, GROUPS == 2
    used = np.array([1, 0, 0, 1, 1, 1, 0, 1, 1, 0])
    assert measures.take_up(used, among=low) == 0.5
    assert measures.take_up(used, among=low, weights=W) == close(4 / 7)
    assert measures.take_up_ratio(used, group=low, compared_with=high) == close(0.75)
    assert measures.take_up_gap(used, group=low, compared_with=high) == close(-100 / 6)
    assert measures.coverage(X, price=10, among=GROUPS > 0, weights=W) == close(5 / 7)
    assert measures.share_of_zeros(X, W) == close(3 / 14)
    # Means of € 0.75 and € 26.67: the gap is € -25.92, in cents.
    assert measures.absolute_gap(X * 100, group=low, compared_with=high) == -2592
    # Shares 4, 3, 3 of ten; take-up 2/4, 2/3, 2/3; mean 6/10: (0.04 + 0.02 + 0.02) / 1.2.
    assert measures.opportunity_index(used, groups=GROUPS) == close(0.08 / 1.2)


def test_mean_of_kolm_between_two_people() -> None:
    assert measures.kolm(np.array([0, 2]), aversion=1) == close(math.log(math.cosh(1)))


def normal_grid(number: int = 20_000) -> Values:
    """Return the middles of equally likely slices of the normal distribution."""
    standard = NormalDist()
    return np.array([standard.inv_cdf((i + 0.5) / number) for i in range(number)])


def test_lognormal_closed_forms() -> None:
    """A grid of quantiles misses what its last slice has above its middle.

    The largest of 20,000 values is exp(0.7 × 4.06) ≈ 17, its slice holds 17 / 20,000 / 1.28 ≈ 0.0007
    of everything; the tail above its middle is a fraction of that. Hence 0.0005.
    """
    spread = 0.7
    values = np.exp(spread * normal_grid())
    phi = NormalDist().cdf
    expected = 2 * phi(spread / math.sqrt(2)) - 1
    assert expected == pytest.approx(0.379382, abs=5e-7)
    assert measures.gini(values) == pytest.approx(expected, abs=5e-4)
    assert measures.theil(values) == pytest.approx(spread**2 / 2, abs=1e-3)
    # The logarithm of a tail is short: ten times as sharp.
    assert measures.mean_log_deviation(values) == pytest.approx(spread**2 / 2, abs=1e-4)


def test_kolm_of_a_normal_distribution_is_half_the_aversion_times_the_variance() -> None:
    values = 100 + 3 * normal_grid()
    assert measures.kolm(values, aversion=0.2) == pytest.approx(0.2 * 9 / 2, abs=1e-3)


def test_other_closed_forms() -> None:
    """One of n has all: Gini 1 - 1/n, Theil ln n. Even steps 1 … n: Gini (1 - 1/n²) × n / (3 (n + 1))."""
    one_has_all = np.array([0, 0, 0, 0, 7])
    assert measures.gini(one_has_all) == close(0.8)
    assert measures.theil(one_has_all) == close(math.log(5))
    steps = np.arange(1, 101)
    assert measures.gini(steps) == close((100**2 - 1) / (3 * 100 * 101))


def test_the_poorest_and_the_richest_alone_are_the_ends_of_the_scale() -> None:
    rank = np.arange(10)
    lower, upper = rank < 5, rank >= 5
    for measure in (measures.erreygers, measures.wagstaff):
        assert measure(upper, ranked_by=rank) == close(1)
        assert measure(lower, ranked_by=rank) == close(-1)
    assert measures.erreygers(upper * 40 + 10, ranked_by=rank, lowest=10, highest=50) == close(1)
    # Of few, the corrected index of Wagstaff still reaches 1, that of Erreygers does not.
    assert measures.wagstaff(rank == 9, ranked_by=rank) == close(1)
    assert measures.erreygers(rank == 9, ranked_by=rank) == close(0.36)


@given(people)
def test_a_weight_is_so_many_people(rows: list[tuple[int, int, int]]) -> None:
    x, y, w = columns(rows)
    many_x, many_y = np.repeat(x, w), np.repeat(y, w)
    for single in SINGLE:
        assert single(x, w) == close(single(many_x))
    for ranked in RANKED:
        assert ranked(x, y, w) == close(ranked(many_x, many_y))


@given(people, st.randoms(use_true_random=False))
def test_the_order_of_people_never_matters(
    rows: list[tuple[int, int, int]], random: object
) -> None:
    x, y, w = columns(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    a, b, c = columns(shuffled)
    for single in SINGLE:
        assert single(x, w) == close(single(a, c))
    for ranked in RANKED:
        assert ranked(x, y, w) == close(ranked(a, b, c))


@given(people, st.integers(2, 1000))
def test_another_unit_changes_no_relative_measure(rows: list[tuple[int, int, int]], k: int) -> None:
    x, y, w = columns(rows)
    for measure in LIKE_GINI:
        assert measure(x * k, w) == close(measure(x, w))
        assert measure(x, w * k) == close(measure(x, w))
    assert measures.concentration_index(x * k, ranked_by=y * k, weights=w) == close(
        measures.concentration_index(x, ranked_by=y, weights=w)
    )
    # Kolm's is in the unit of the values, its aversion in one by that unit.
    assert measures.kolm(x * k, aversion=0.1 / k) == pytest.approx(
        k * measures.kolm(x, aversion=0.1), rel=1e-9, abs=1e-9
    )


@given(people, amounts)
def test_kolm_stays_when_everybody_gets_the_same(
    rows: list[tuple[int, int, int]], more: int
) -> None:
    x, _y, w = columns(rows)
    before = measures.kolm(x, aversion=0.1, weights=w)
    assert measures.kolm(x + more, aversion=0.1, weights=w) == pytest.approx(before, abs=1e-9)


@given(people)
def test_between_and_within_are_the_total(rows: list[tuple[int, int, int]]) -> None:
    x, y, w = columns(rows)
    parts = measures.theil_by_group(x, groups=y, weights=w)
    assert parts.between + parts.within == close(parts.total)
    assert parts.total == close(measures.theil(x, w))
    assert min(parts.between, parts.within) >= -1e-12


@given(people)
def test_ranked_by_itself_concentration_is_gini(rows: list[tuple[int, int, int]]) -> None:
    x, y, w = columns(rows)
    ranked_by_itself = measures.concentration_index(x, ranked_by=x, weights=w)
    assert ranked_by_itself == close(measures.gini(x, w))
    assert measures.gini(x, w) == close(_gini_by_pairs(x, w))
    assert abs(measures.concentration_index(x, ranked_by=y, weights=w)) <= ranked_by_itself + 1e-12


def _gini_by_pairs(x: Values, w: NDArray[np.int64]) -> float:
    """Half the mean difference between all pairs, divided by the mean: Gini's own definition."""
    pairs = w[:, None] * w[None, :] * np.abs(x[:, None] - x[None, :])
    return float(pairs.sum() / (2 * w.sum() * (w * x).sum()))


@given(people)
def test_the_index_is_twice_the_area_between_the_curve_and_the_diagonal(
    rows: list[tuple[int, int, int]],
) -> None:
    x, y, w = columns(rows)
    below, had = measures.concentration_curve(x, ranked_by=y, weights=w)
    assert (below[0], had[0], below[-1], had[-1]) == (0, 0, 1, 1)
    assert (np.diff(below) > 0).all()
    assert (np.diff(had) >= -1e-12).all()
    area = float((np.diff(below) * (had[1:] + had[:-1]) / 2).sum())
    assert measures.concentration_index(x, ranked_by=y, weights=w) == close(1 - 2 * area)


@given(st.lists(amounts, min_size=2, max_size=12), st.data())
def test_a_transfer_from_rich_to_poor_makes_less_unequal(
    xs: list[int], data: st.DataObject
) -> None:
    x = np.array(xs, dtype=float)
    poor, rich = int(x.argmin()), int(x.argmax())
    assume(x[rich] - x[poor] >= 2)
    moved = data.draw(st.integers(1, int(x[rich] - x[poor]) // 2))
    after = x.copy()
    after[poor] += moved
    after[rich] -= moved
    for measure in (*LIKE_GINI, lambda v: measures.kolm(v, aversion=0.1)):
        assert measure(after) < measure(x)
    if x[poor] > 0:
        assert measures.mean_log_deviation(after) < measures.mean_log_deviation(x)


@given(people)
def test_erreygers_mirrors_and_agrees_with_the_index(rows: list[tuple[int, int, int]]) -> None:
    x, y, w = columns(rows)
    has = x > 10
    index = measures.concentration_index(has, ranked_by=y, weights=w)
    mean = measures.take_up(has, among=np.ones(len(x)), weights=w)
    corrected = measures.erreygers(has, ranked_by=y, weights=w)
    assert corrected == close(4 * mean * index)
    assert measures.erreygers(~has, ranked_by=y, weights=w) == close(-corrected)
    if not has[w > 0].all():  # a mean of everybody need not be exactly 1
        assert measures.wagstaff(has, ranked_by=y, weights=w) == pytest.approx(index / (1 - mean))


@given(people)
def test_a_gap_has_two_sides(rows: list[tuple[int, int, int]]) -> None:
    x, y, w = columns(rows)
    here, there = y > 20, y <= 20
    assume(w[here].any() and w[there].any())
    for gap in (measures.absolute_gap, measures.take_up_gap):
        values = x if gap is measures.absolute_gap else x > 10
        one = gap(values, group=here, compared_with=there, weights=w)
        assert one == close(-gap(values, group=there, compared_with=here, weights=w))


@given(people)
def test_the_opportunity_index_is_the_share_that_must_move(
    rows: list[tuple[int, int, int]],
) -> None:
    """Move users from groups above the mean to groups below it: what moved is the index."""
    x, y, w = columns(rows)
    used = x > 10
    mean = (w * used).sum() / w.sum()
    too_many = [
        max(0, (w * used)[y == group].sum() - mean * w[y == group].sum()) for group in np.unique(y)
    ]
    index = measures.opportunity_index(used, groups=y, weights=w)
    assert index == close(sum(too_many) / (w * used).sum())


def test_one_person_and_equal_people_are_not_unequal() -> None:
    for x in (np.array([7.0]), np.full(5, 7.0)):
        assert measures.gini(x) == close(0)
        assert measures.theil(x) == close(0)
        assert measures.mean_log_deviation(x) == close(0)
        assert measures.kolm(x, aversion=3) == close(0)
        assert measures.concentration_index(x, ranked_by=np.arange(len(x))) == close(0)
        assert measures.opportunity_index(x > 0, groups=np.arange(len(x))) == 0


def test_ties_share_their_rank_and_who_has_no_weight_is_not_there() -> None:
    values = np.array([1.0, 0, 5])
    assert measures.concentration_index(values, ranked_by=np.zeros(3)) == close(0)
    assert measures.theil_by_group(values, groups=np.array(["a", "b", "b"])).total > 0
    weights = np.array([1, 0, 1])
    assert measures.mean_log_deviation(values, weights) == close(
        measures.mean_log_deviation(np.array([1.0, 5]))
    )


def test_kolm_takes_large_amounts_and_debts() -> None:
    """exp(10,000) is no number: the measure must not need it."""
    values = np.array([-5_000.0, 5_000])
    assert measures.kolm(values, aversion=2) == pytest.approx(5_000 - math.log(2) / 2)


def test_nobody_or_everybody_has_it_is_no_inequality_of_erreygers() -> None:
    for has in (np.zeros(4), np.ones(4)):
        assert measures.erreygers(has, ranked_by=np.arange(4)) == 0


ONES, RANK = np.ones(4), np.arange(4)


@pytest.mark.parametrize(
    ("code", "measure"),
    [
        ("nothing_to_divide", lambda: measures.gini(np.zeros(4))),
        ("nothing_to_divide", lambda: measures.theil(np.zeros(4))),
        ("nothing_to_divide", lambda: measures.theil_by_group(np.zeros(4), groups=RANK)),
        ("nothing_to_divide", lambda: measures.mean_log_deviation(np.zeros(4))),
        ("nothing_to_divide", lambda: measures.wagstaff(np.zeros(4), ranked_by=RANK)),
        ("nothing_to_divide", lambda: measures.concentration_curve(np.zeros(4), ranked_by=RANK)),
        ("nothing_to_divide", lambda: measures.opportunity_index(np.zeros(4), groups=RANK)),
        (
            "nothing_to_divide",
            lambda: measures.take_up_ratio(RANK > 2, group=RANK > 2, compared_with=RANK < 2),
        ),
        ("everybody", lambda: measures.wagstaff(ONES, ranked_by=RANK)),
        ("zero_value", lambda: measures.mean_log_deviation(RANK)),
        ("nobody", lambda: measures.gini(np.array([]))),
        ("nobody", lambda: measures.gini(RANK, np.zeros(4))),
        ("nobody", lambda: measures.take_up(ONES, among=np.zeros(4))),
        ("not_a_number", lambda: measures.gini(np.array([1, np.nan]))),
        ("not_a_number", lambda: measures.gini(np.array([1, np.inf]))),
        ("not_a_number", lambda: measures.gini(ONES, np.array([1, 1, 1, np.nan]))),
        ("not_a_number", lambda: measures.concentration_index(ONES, ranked_by=ONES * np.nan)),
        ("not_a_number", lambda: measures.theil_by_group(ONES, groups=ONES * np.nan)),
        ("not_a_number", lambda: measures.kolm(ONES * np.nan, aversion=1)),
        ("not_one_each", lambda: measures.gini(RANK, np.ones(3))),
        ("not_one_each", lambda: measures.gini(np.ones((2, 2)))),
        ("not_one_each", lambda: measures.concentration_index(ONES, ranked_by=np.ones(3))),
        ("not_one_each", lambda: measures.opportunity_index(ONES, groups=np.ones(3))),
        ("not_one_each", lambda: measures.take_up(ONES, among=np.ones(3))),
        ("not_one_each", lambda: measures.take_up(ONES, among=ONES, weights=np.ones(3))),
        ("negative_weight", lambda: measures.gini(RANK, np.array([1, 1, -1, 1]))),
        ("negative_value", lambda: measures.gini(RANK - 1)),
        ("negative_value", lambda: measures.theil(RANK - 1)),
        ("negative_value", lambda: measures.concentration_index(RANK - 1, ranked_by=RANK)),
        ("outside_bounds", lambda: measures.erreygers(RANK, ranked_by=RANK)),
        (
            "bounds_in_wrong_order",
            lambda: measures.erreygers(ONES, ranked_by=RANK, lowest=1, highest=1),
        ),
        ("not_zero_or_one", lambda: measures.wagstaff(RANK, ranked_by=RANK)),
        ("not_zero_or_one", lambda: measures.opportunity_index(RANK, groups=RANK)),
        ("not_zero_or_one", lambda: measures.take_up(RANK, among=ONES)),
        ("not_positive", lambda: measures.kolm(RANK, aversion=0)),
        ("not_positive", lambda: measures.kolm(RANK, aversion=math.nan)),
    ],
)
def test_what_cannot_be_measured_is_refused(code: str, measure: Callable[[], object]) -> None:
    with pytest.raises(UnableToMeasure) as refusal:
        measure()
    assert refusal.value.code == code
    assert str(refusal.value) != code


def _measuring() -> set[str]:
    return {
        name
        for name, function in inspect.getmembers(measures, inspect.isfunction)
        if function.__module__ == measures.__name__ and not name.startswith("_")
    }


def test_every_measure_is_defined_in_words_and_on_the_page() -> None:
    assert set(DEFINITIONS) == _measuring()
    page = (ROOT / "docs/reference/inequality-measures.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", page)) >= _measuring()
    for language in ("nl", "en"):
        with translation.override(language):
            says = [str(one.says) for one in DEFINITIONS.values()]
        assert len(set(says)) == len(says)
        # Short enough to stand beside a figure.
        assert max(map(len, says)) <= 160
