"""The fit shows every published fact, hits and misses, and can be done again."""

from __future__ import annotations

import pytest

from eigenwijs.simulation import fitting
from eigenwijs.simulation.fitting import Compared, compare, facts, fit
from eigenwijs.simulation.parameters import ParameterKind, shipped

USES = {"fitted", "held_out", "input", "not_simulated"}
FACTS_IN_THE_LIST = (
    *(f"C{number}" for number in range(1, 9)),
    *(f"S{number}" for number in range(1, 6)),
    "K1", "R1", "R2", "N1", "N2", "M1",
)  # fmt: skip


@pytest.fixture(scope="module")
def compared() -> dict[str, Compared]:
    return {one.fact.id: one for one in compare(count=40_000)}


def test_every_published_fact_is_shown(compared: dict[str, Compared]) -> None:
    for name in FACTS_IN_THE_LIST:
        assert any(one.rstrip("abcdefghi") == name for one in compared), name
    for one in compared.values():
        assert one.fact.use in USES
        assert one.fact.source
        assert (one.simulated is not None) == (one.fact.use in {"fitted", "held_out"}), one
        if one.simulated is None:
            assert one.fact.note, f"{one.fact.id} does not say why it is not simulated"


def test_facts_used_for_fitting_hold(compared: dict[str, Compared]) -> None:
    for one in compared.values():
        if one.fact.use == "fitted":
            assert one.simulated == pytest.approx(one.fact.published, rel=0.15), one


def test_misses_are_not_hidden(compared: dict[str, Compared]) -> None:
    """A trial in which people were written to in person, and Singapore: far more take-up than here."""
    for name in ("R1a", "K1b"):
        difference = compared[name].difference
        assert difference is not None
        assert difference < -10


def test_every_fitted_parameter_is_fitted_on_a_fact() -> None:
    on_facts = {name for fact in facts() if fact.use == "fitted" for name in fact.fits}
    by_hand = {("applies", "contract|fixed_term")}
    fitted = {(o.group, o.name) for o in shipped().rows if o.kind is ParameterKind.FITTED}
    assert fitted == on_facts - by_hand


def test_fitting_again_changes_nothing_much_and_is_the_same_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = (fit(count=20_000, rounds=1) for _time in range(2))
    assert one.rows == other.rows
    spoilt = shipped().with_values({("applies", "base"): 0.03})
    found = fit(spoilt, count=20_000, rounds=2)
    assert found.value("applies", "base") == pytest.approx(
        shipped().value("applies", "base"), rel=0.25
    )
    assert fitting.RANGE[0] < 1 < fitting.RANGE[1]
