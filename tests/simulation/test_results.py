"""What is told of proposals adds up, has its band, and says who gets nothing."""

from __future__ import annotations

import pytest

from eigenwijs.simulation import queries, results
from eigenwijs.simulation.parameters import shipped
from eigenwijs.simulation.types import GROUPINGS, ProposalResult, SimulationRun
from tests.schemes.test_language import SCHEMES

NAMES = ("gift-werkgever", "supermarkt")


def text(name: str) -> str:
    return (SCHEMES / "nl" / name / "scheme.yaml").read_text(encoding="utf-8")


def simulated(*texts: str, persons: int = 2_000, draws: int = 3) -> SimulationRun:
    return queries.simulate(
        [queries.proposal(one) for one in texts],
        persons=persons,
        years=3,
        first_year=2027,
        seed=1,
        draws=draws,
    )


@pytest.fixture(scope="module")
def run() -> SimulationRun:
    return simulated(*(text(name) for name in NAMES))


def test_groups_add_up_to_the_whole(run: SimulationRun) -> None:
    for one in run.proposals:
        whole = sum(year.credited.value for year in one.years) / len(one.years)
        for grouping in GROUPINGS:
            groups = [group for group in one.groups if group.grouping == grouping]
            assert sum(group.cost.value for group in groups) == pytest.approx(whole)
            assert sum(group.people for group in groups) == pytest.approx(13_368_000)


def test_who_gets_nothing_is_told(run: SimulationRun) -> None:
    """By the supermarkets' agreement nothing is for who is on call or works for an agency."""
    gift, supermarket = run.proposals

    def nothing(one: ProposalResult, contract: str) -> float | None:
        return next(group.gets_nothing for group in one.groups if group.value == contract)

    assert nothing(gift, "on_call") == 0
    assert nothing(supermarket, "on_call") == nothing(supermarket, "agency") == 1
    assert nothing(gift, "self_employed") == 1
    nothing_ever = pytest.approx(supermarket.nothing_in_all_years)
    assert supermarket.inequality["share_of_zeros"] == nothing_ever
    assert (supermarket.inequality["gini"] or 0) > (gift.inequality["gini"] or 0)


def test_money_that_is_portable_stays_and_other_money_does_not(run: SimulationRun) -> None:
    assert run.proposals[0].kept_at_job_end == 1
    bound_to_the_job = queries.proposal(text("gift-werkgever"))
    bound_to_the_job.portable = False  # the language does not say it yet
    (bound,) = queries.simulate(
        [bound_to_the_job], persons=2_000, years=3, first_year=2027, seed=1, draws=0
    ).proposals
    assert bound.kept_at_job_end == 0
    assert sum(year.lost for year in bound.years) > 0
    assert bound.at_stake == pytest.approx(run.proposals[0].at_stake, rel=0.6)


def test_a_band_lies_around_its_figure(run: SimulationRun) -> None:
    for one in run.proposals:
        for year in one.years:
            assert year.credited.low is not None
            assert year.credited.high is not None
            assert year.credited.low <= year.credited.high
            assert year.credited.low == pytest.approx(year.credited.value, rel=0.1)


def test_without_draws_there_is_no_band() -> None:
    (one,) = simulated(text("gift-werkgever"), persons=200, draws=0).proposals
    assert {year.held.low for year in one.years} == {None}


def test_the_same_seed_gives_the_same_figures(run: SimulationRun) -> None:
    assert simulated(*(text(name) for name in NAMES)) == run


def test_draws_stay_within_the_ranges_and_fall_on_both_sides() -> None:
    known = {(one.group, one.name): one for one in shipped().rows}
    seen = [results._drawn(7, number) for number in range(1, 9)]
    for name in seen[0]:
        one = known[name]
        assert all(one.low <= values[name] <= one.high for values in seen), one
    base = [values["applies", "base"] for values in seen]
    assert min(base) < known["applies", "base"].value < max(base)


def test_the_fit_that_is_shown_is_the_fit_that_is() -> None:
    from eigenwijs.simulation.fitting import compare, fit_table

    shown = fit_table()
    for one, found in zip(shown, compare(), strict=True):
        assert one.fact == found.fact
        if one.simulated is None or found.simulated is None:
            assert one.simulated == found.simulated
        else:
            assert one.simulated == pytest.approx(found.simulated, abs=0.006), one
