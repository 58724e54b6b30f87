"""Years on end: no cent is lost, every part and backend gives the same, and chances keep their order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.simulation.behaviour import (
    APPLIES,
    COMPLETES,
    GETS,
    KNOWS,
    STAGES,
    STEPS,
    WANTS,
    behaviour_tables,
)
from eigenwijs.simulation.fitting import SimpleRight
from eigenwijs.simulation.hashing import Draws, draws
from eigenwijs.simulation.kinds import VALUES, Backend
from eigenwijs.simulation.lives import PERSONS_AT_ONCE, Lives
from eigenwijs.simulation.population import persons
from eigenwijs.simulation.proposals import (
    COLUMNS_OF,
    FACTS,
    Proposal,
    SchemeProposal,
    UnableToSimulate,
)
from eigenwijs.simulation.transitions import NEW_PERSON
from eigenwijs.simulation.types import GROUPINGS, MEASURES, Totals
from eigenwijs.simulation.yearly import CELLS, Accounts, _sums, simulate
from tests.schemes.test_language import GOOD, SCHEMES

COLUMNS = ("sums", "credited", "spent", "yearly_wage", "contract")


def shipped_scheme(name: str, sector: str = "") -> SchemeProposal:
    text = (SCHEMES / "nl" / name / "scheme.yaml").read_text(encoding="utf-8")
    return SchemeProposal(text, sector)


def run(
    proposal: Proposal,
    *,
    first: int = 0,
    last: int = 1_999,
    years: int = 6,
    seed: int = 5,
    backend: Backend = "numpy",
) -> Totals:
    lives = Lives(first, last, years=years, seed=seed, backend=backend)
    (found,) = simulate([proposal], lives, first_year=2027)
    return found


def same(one: Totals, other: Totals) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS)


@settings(max_examples=40, deadline=None)
@given(
    amount=st.integers(0, 300_000),
    cap=st.integers(0, 900_000),
    years_kept=st.none() | st.integers(0, 4),
    ends_in=st.none() | st.integers(2027, 2030),
    ends_at_age=st.none() | st.integers(16, 100),
    portable=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_every_cent_is_spent_lapsed_lost_or_held(
    amount: int,
    cap: int,
    years_kept: int | None,
    ends_in: int | None,
    ends_at_age: int | None,
    portable: bool,
    seed: int,
) -> None:
    """With numba the same bits."""
    rule = SimpleRight(
        amount,
        amount,
        cap,
        cap,
        years_kept=years_kept,
        ends_in=ends_in,
        ends_at_age=ends_at_age,
        portable=portable,
    )
    totals = run(rule, last=299, years=5, seed=seed)
    assert same(totals, run(rule, last=299, years=5, seed=seed, backend="numba"))
    held = 0
    for year in range(5):
        names = ("credited", "spent", "lapsed", "lost")
        given, *gone = (int(totals.of(name)[year].sum()) for name in names)
        held += given - sum(gone)
        assert held == totals.of("held")[year]
    assert totals.spent.sum() == totals.of("spent").sum()
    assert totals.credited.sum() == totals.of("credited").sum()
    if portable:
        assert not totals.of("lost").any()


@pytest.mark.parametrize(
    "name", ["gift-werkgever", "elektrotechnische-detailhandel", "sociaal-werk", "supermarkt"]
)
def test_with_numba_the_same_bits(name: str) -> None:
    proposal = shipped_scheme(name)
    assert same(run(proposal), run(proposal, backend="numba"))


def test_who_draws_just_their_chance_decides_the_same_with_numba(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A draw must lie below the chance: draws are set on it, and on the last one below it.

    Everybody is given just the price of a median course, so that they are covered.
    """
    tables = behaviour_tables()
    price = int(tables.median_price[0])
    rule = SimpleRight(price, price, price, price)
    (block,) = Lives(0, 9_999, years=1, seed=5, backend="numpy").blocks()
    (life,) = block.years
    people = life.people
    balance = rule.credit(people, np.zeros(10_000, np.int64), {}, 2027, None)
    money = np.searchsorted(tables.balance_from, balance, side="right")
    groups = (people.contract, people.education, tables.age_band[people.age], people.trained, money)
    random, chances = np.random.default_rng(1), np.zeros(10_000, np.uint64)
    for place, stage in enumerate((KNOWS, WANTS, APPLIES, GETS)):
        drawn = tables.stages[stage][groups] - random.choice([0, 1, 1, 1], 10_000)
        chances |= np.clip(drawn, 0, 65_535).astype(np.uint64) << np.uint64(16 * place)

    def with_these(seed: int, year: int, stream: int, first: int, last: int) -> Draws:
        return chances if stream == STEPS else draws(seed, year, stream, first, last)

    monkeypatch.setattr("eigenwijs.simulation.behaviour.draws", with_these)
    monkeypatch.setattr("eigenwijs.simulation.learning_with_numba.draws", lambda *_given: chances)
    found = run(rule, last=9_999, years=1)
    assert 0 < found.of("takes_up").sum() < (balance > 0).sum() == found.of("covered").sum()
    assert same(found, run(rule, last=9_999, years=1, backend="numba"))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_who_comes_in_the_place_of_another_knows_nothing_and_learned_what_they_did(
    backend: Backend,
) -> None:
    lives = Lives(0, 1_999, years=1, seed=5, backend=backend)
    (block,) = lives.blocks()
    accounts = Accounts(SimpleRight(0, 0, 0, 0), lives, block, _sums(lives))
    before = 1 - block.start.trained
    accounts.knows[:], accounts.trained[:] = 1, before
    for life in block.years:
        accounts.step(life, 2027, 1, np.zeros((CELLS, len(MEASURES)), np.int64))
        is_new = (life.marks & NEW_PERSON) > 0
        assert is_new.any()
        assert np.array_equal(accounts.knows == 0, is_new)
        assert np.array_equal(accounts.trained, np.where(is_new, life.people.trained, before))


def test_money_until_an_age_is_gone_for_all_who_reached_it() -> None:
    """From 25 on nobody has anything at the end of a year; with numba the same bits."""
    text = (SCHEMES / "nl/gift-werkgever/scheme.yaml").read_text(encoding="utf-8")
    end = "expiry: {at_age: 25, source: here}\nreversion: {to: sector_fund, source: here}\n"
    proposal = SchemeProposal(f"{text}\n{end}")
    found = run(proposal, last=999, years=2)
    held, lapsed = found.of("held", "age")[-1], found.of("lapsed", "age")[-1]
    assert held[0] > 0
    assert not held[1:].any()
    assert lapsed[1:4].all()
    assert same(found, run(proposal, last=999, years=2, backend="numba"))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("parts", [2, 4])
def test_parts_of_a_population_add_up_to_the_whole(parts: int, backend: Backend) -> None:
    proposal = shipped_scheme("elektrotechnische-detailhandel")
    size = 2_000 // parts
    found = [
        run(proposal, first=start, last=start + size - 1, backend=backend)
        for start in range(0, 2_000, size)
    ]
    total = found[0]
    for one in found[1:]:
        total += one
    assert same(total, run(proposal))


def test_blocks_of_persons_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = shipped_scheme("gift-werkgever")
    whole = run(proposal)
    monkeypatch.setattr("eigenwijs.simulation.lives.PERSONS_AT_ONCE", 700)
    assert same(run(proposal), whole)


def test_more_persons_than_are_followed_at_once_give_the_same_bits() -> None:
    proposal, last = shipped_scheme("gift-werkgever"), PERSONS_AT_ONCE + 2_000
    assert same(
        run(proposal, last=last, years=2), run(proposal, last=last, years=2, backend="numba")
    )


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("keep", [False, True])
def test_proposals_together_or_one_after_the_other_in_kept_lives_give_the_same_bits(
    *, backend: Backend, keep: bool
) -> None:
    """What people learn under one proposal, and where they are then, is nothing of the other's."""
    both = [shipped_scheme(name) for name in ("gift-werkgever", "supermarkt")]
    apart = [run(one) for one in both]
    lives = Lives(0, 1_999, years=6, seed=5, backend=backend, keep=keep)
    together = simulate(both, lives, first_year=2027)
    again = [simulate([one], lives, first_year=2027)[0] for one in both]
    for one, other, later in zip(apart, together, again, strict=True):
        assert same(one, other)
        assert same(one, later)


def test_the_same_people_meet_both_proposals() -> None:
    one, other = (run(shipped_scheme(name)) for name in ("gift-werkgever", "supermarkt"))
    for name in ("persons", "jobs_ended"):
        assert np.array_equal(one.of(name, "contract"), other.of(name, "contract")), name
    assert not np.array_equal(one.of("credited"), other.of("credited"))


def test_a_worked_example_of_a_year() -> None:
    """Whoever has 36 hours or more from the gift of 240 euro gets 240.00; without a job, nothing."""
    totals = run(shipped_scheme("gift-werkgever"), years=1)
    assert totals.credited.max() == 24_000
    by_contract = totals.of("credited", "contract")[0]
    assert by_contract[:4].all()
    assert not by_contract[4:].any()
    assert totals.of("persons")[0] == 2_000
    assert totals.sums.shape == (1, 7, 3, 6, 17, 5, len(MEASURES))
    assert [len(values) for values in GROUPINGS.values()] == [7, 3, 6, 17, 5]


def test_a_year_of_twelve_months_adds_up_to_the_published_cents() -> None:
    """175 euro a year is 14.58 a month, so 174.96 a year, as the scheme's own examples say."""
    totals = run(shipped_scheme("elektrotechnische-detailhandel"), years=1)
    assert set(np.unique(totals.credited)) == {0, 17_496}


@pytest.mark.parametrize("fact", sorted(FACTS))
def test_a_fact_follows_from_its_columns_alone(fact: str) -> None:
    """Else somebody would be given what their kind gets without being of it."""
    people, others = persons(3, 0, 4_999), persons(4, 0, 4_999)
    for column in COLUMNS_OF.get(fact, ()):
        getattr(others, column)[:] = getattr(people, column)
    period = Period(2027, 5, PeriodKind.MONTH)
    assert np.array_equal(FACTS[fact](people, period), FACTS[fact](others, period))


@pytest.mark.parametrize("sector", ["", "G"])
def test_what_each_kind_of_person_gets_is_what_each_person_gets(sector: str) -> None:
    people = persons(3, 0, 49_999)
    for column, size in VALUES.items():
        assert getattr(people, column).max() < size, column
    for name in ("gift-werkgever", "supermarkt"):
        proposal = shipped_scheme(name, sector)
        proposal.prepare(2027)
        nothing = np.zeros(len(people), np.int32)
        with_kinds = proposal.credit(people, nothing, {}, 2027, "numpy")
        one_by_one = proposal._one_by_one(people, nothing, {}, 2027, "numpy")
        assert proposal._kinds, name
        assert with_kinds.any(), name
        assert np.array_equal(with_kinds, one_by_one), name


def test_chances_keep_their_order() -> None:
    tables = behaviour_tables()
    assert tables.stages.shape[0] == len(STAGES)
    assert tables.stages.min() >= 0
    assert tables.stages.max() <= 65_536
    assert not tables.stages[..., 0].any()  # without money nobody is eligible
    for stage in range(KNOWS, COMPLETES + 1):
        assert (np.diff(tables.stages[stage, ..., 1:], axis=-1) >= 0).all()  # more money, no less
        assert (
            tables.stages[stage, ..., 0, :] <= tables.stages[stage, ..., 1, :]
        ).all()  # never trained, no more
    assert (np.diff(tables.prices) >= 0).all()


def test_a_scheme_that_has_not_started_is_refused() -> None:
    with pytest.raises(UnableToSimulate, match="1999"):
        simulate([shipped_scheme("supermarkt")], Lives(0, 9, years=1, seed=1), first_year=1999)


def test_a_fact_that_no_synthetic_person_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eigenwijs.simulation.proposals.FACTS", {})
    with pytest.raises(UnableToSimulate) as caught:
        SchemeProposal(GOOD)
    assert caught.value.code == "fact_unknown"


@pytest.mark.parametrize(
    ("amount", "code"), [(-1, "below_zero"), (2**31, "too_much"), (2**30, "too_much")]
)
def test_amounts_that_no_account_can_hold_are_refused(amount: int, code: str) -> None:
    """2**30 cents fits once, and not a second year."""
    with pytest.raises(UnableToSimulate) as caught:
        run(SimpleRight(amount, amount, 2**40, 2**40), last=99, years=3)
    assert caught.value.code == code
