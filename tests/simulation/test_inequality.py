"""Measures of inequality in the results: small totals worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from django.utils import translation
from lxml import html

from eigenwijs.project.simulation import figures, report
from eigenwijs.simulation import inequality, queries, results
from eigenwijs.simulation.definitions import DEFINITIONS
from eigenwijs.simulation.types import GROUPINGS, MEASURES, SHAPE, GroupMeasure, Totals
from tests.simulation.test_results import simulated, text

YEARS = 2


def totals(*cells: tuple[str, str, dict[str, int]]) -> Totals:
    """Return two years of cells by contract and education; four people at the start, two of each contract."""
    sums = np.zeros((YEARS, *SHAPE, len(MEASURES)), np.int64)
    for contract, education, found in cells:
        place = GROUPINGS["contract"].index(contract), GROUPINGS["education"].index(education)
        for measure, number in found.items():
            sums[:, *place, 0, 0, 0, MEASURES.index(measure)] = number
    return Totals(
        sums=sums,
        credited=np.array([0, 200, 200, 400]),
        spent=np.array([0, 0, 50, 0]),
        yearly_wage=np.array([1, 2, 3, 4], np.int32),
        contract=np.array([2, 2, 0, 0], np.uint8),
    )


SMALL = totals(
    ("permanent", "high", {"persons": 10, "takes_up": 4, "credited": 10_000}),
    ("permanent", "low", {"persons": 10, "takes_up": 2, "credited": 6_000}),
    ("on_call", "low", {"persons": 10, "takes_up": 1, "credited": 0}),
    # No employees: they are in none of it.
    ("unemployed", "low", {"persons": 90, "takes_up": 90, "held_at_job_end": 800, "lost": 200}),
)


def figure(measure: str, grouping: str, value: str = "", totals: Totals = SMALL) -> float | None:
    (found,) = (
        one.figure
        for one in inequality.of_groups(totals)
        if (one.measure, one.grouping, one.value) == (measure, grouping, value)
    )
    return found


def test_groups_of_employees_are_compared_by_hand_worked_figures() -> None:
    """Low: 3 of 20 learn and get 3.00 each; high: 4 of 10 and 10.00. On call: 1 of 10, permanent: 6 of 20."""
    assert figure("take_up_ratio", "education", "low") == pytest.approx(0.15 / 0.4)
    assert figure("take_up_gap", "education", "low") == pytest.approx(-25)
    assert figure("absolute_gap", "education", "low") == 300 - 1_000
    assert figure("take_up_ratio", "contract", "on_call") == pytest.approx(0.1 / 0.3)
    assert figure("absolute_gap", "contract", "on_call") == -800
    # Of 7 users 4 are high, by their number it would be 7/3.
    assert figure("opportunity_index", "education") == pytest.approx((4 - 7 / 3) / 7)
    assert figure("opportunity_index", "sector") == pytest.approx(0)


def test_between_and_within_contracts_and_the_curve_by_wage() -> None:
    """Means 100 and 300 of 200 are between; within, 0 and 200 of 100, and 200 and 400 of 300."""
    between = (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2
    high = (2 / 3 * math.log(2 / 3) + 4 / 3 * math.log(4 / 3)) / 2
    within = 0.25 * math.log(2) + 0.75 * high
    assert figure("theil_by_group", "contract", "between") == pytest.approx(between)
    assert figure("theil_by_group", "contract", "within") == pytest.approx(within)
    assert between + within == pytest.approx(inequality.of_people(SMALL)["theil"])
    # The lowest quarter has nothing, the next one 200 of 800.
    assert figure("concentration_curve", "wage", "0-20") == 0
    assert figure("concentration_curve", "wage", "0-40") == pytest.approx(0.25 * 0.6)


def test_measures_over_people_by_hand() -> None:
    """One of four learns, the third by wage; 0, 100, 100 and 200 cents a year."""
    found = inequality.of_people(SMALL)
    # 4 x mean x index, which is 2 x (rank 5/8 - 1/2) for the third of four.
    assert found["erreygers"] == pytest.approx(4 * 0.25 * 0.25)
    assert found["wagstaff"] == pytest.approx(0.25 / 0.75)
    a = inequality.KOLM_AVERSION / 100
    by_hand = math.log((math.exp(100 * a) + 2 + math.exp(-100 * a)) / 4) / a
    assert found["kolm"] == pytest.approx(by_hand)
    assert found["share_of_zeros"] == 0.25


def test_the_aversion_that_is_used_is_the_one_that_is_printed() -> None:
    with translation.override("en"):
        assert f"aversion of {inequality.KOLM_AVERSION} per euro" in str(DEFINITIONS["kolm"].says)


def test_where_nobody_learns_there_is_no_ratio_and_no_index() -> None:
    idle = totals(("permanent", "low", {"persons": 5, "credited": 500}))
    assert figure("take_up_ratio", "education", "low", idle) is None  # nobody of the other group
    assert figure("opportunity_index", "education", totals=idle) is None
    idle.credited[:] = 0
    assert figure("theil_by_group", "contract", "between", idle) is None
    assert figure("concentration_curve", "wage", "0-20", idle) is None


def test_a_group_keeps_the_share_of_its_own_money_and_none_where_no_job_ended() -> None:
    kept = {
        one.value: one.kept_at_job_end for one in results._groups(SMALL, [], (1.0, 1.0), "contract")
    }
    assert kept["unemployed"] == 0.75
    assert kept["permanent"] is None
    by_education = results._groups(SMALL, [], (1.0, 1.0), "education")
    assert [one.kept_at_job_end for one in by_education] == [0.75, None, None]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_measure_that_is_printed_has_its_definition(language: str) -> None:
    run = simulated(text("gift-werkgever"), persons=500, draws=0)
    (one,) = run.proposals
    with translation.override(language):
        page = html.fromstring(report.page(run))
        terms = {term.text: term.getnext().text for term in page.iter("dt")}
        for row in one.between_groups:
            words = queries.definitions()[row.measure]
            assert terms[str(words.name)] == str(words.says)
        rows = {row[0].text: row[1].text for row in page.xpath("//tr[th[@scope='row']]")}
        for measure in one.inequality:
            words = queries.definitions()[measure]
            assert rows[str(words.name)] == str(words.says)


def test_no_measure_is_left_out_but_those_the_page_names() -> None:
    """`docs/reference/inequality-measures.md` says why these are not among the results."""
    printed = {one.measure for one in inequality.of_groups(SMALL)} | set(
        inequality.of_people(SMALL)
    )
    assert set(DEFINITIONS) - printed == {"take_up", "coverage", "mean_log_deviation"}


def test_figures_for_programs_name_both_groups() -> None:
    run = simulated(text("gift-werkgever"), persons=500, draws=0)
    gap = next(one for one in run.proposals[0].between_groups if one.measure == "absolute_gap")
    assert gap == GroupMeasure("absolute_gap", "education", "low", "high", gap.figure)
    line = f"A,nl/gift-werkgever,employees by education,low/high,absolute_gap,{gap.figure},,"
    assert line in figures.as_csv(run).splitlines()
    assert ",contract,unemployed,kept_at_job_end," in figures.as_csv(run)
