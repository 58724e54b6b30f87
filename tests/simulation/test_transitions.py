"""People move as published flows say, one by one and whole: with numba the same bits."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from eigenwijs.simulation import with_numba
from eigenwijs.simulation.hashing import draws, part
from eigenwijs.simulation.lives import shipped_chances
from eigenwijs.simulation.marginals import CONTRACTS
from eigenwijs.simulation.parameters import shipped
from eigenwijs.simulation.population import OUTSIDE, UNEMPLOYED, Persons, persons
from eigenwijs.simulation.transitions import (
    JOB,
    JOB_ENDED,
    MOVE,
    NEW_PERSON,
    flows,
    move,
    quarterly,
    yearly_contracts,
)


def test_a_quarter_is_as_published() -> None:
    table = quarterly(shipped())
    assert table.sum(1) == pytest.approx(1)
    for row, group in enumerate(("permanent", "flexible", "self_employed", "unemployed")):
        assert table[row, :3].sum() == pytest.approx(flows()[group, "employed"])
    assert table[0, 0] == pytest.approx(5235 / 5449)
    assert table[4, :3].sum() == pytest.approx(213 / 3250)


def test_chances_of_a_year_add_up_and_rise() -> None:
    assert yearly_contracts(shipped()).sum(-1) == pytest.approx(1)
    tables = shipped_chances().moves
    for name in ("contract", "sector", "firm_size", "hours", "level"):
        one = getattr(tables, name)
        assert (np.diff(one, axis=-1) >= 0).all(), name
        assert (one[..., -1] == 65_536).all(), name


def moved(
    how: object, years: int, first: int = 0, last: int = 4_999, using: object = None
) -> tuple[Persons, list[bytes]]:
    people = persons(3, first, last)
    using = using or shipped_chances().moves
    marks = [
        how(people, using, seed=3, year=year, first=first).tobytes()  # type: ignore[operator]
        for year in range(1, years + 1)
    ]
    return people, marks


def test_with_numba_people_move_the_same() -> None:
    """So many that draws that equal a threshold occur too."""
    _drawing, using = with_numba.columns_of(shipped_chances())
    people, marks = moved(move, 12, last=149_999)
    others, their_marks = moved(with_numba.move, 12, last=149_999, using=using)
    assert marks == their_marks
    for one in fields(Persons):
        assert np.array_equal(getattr(people, one.name), getattr(others, one.name)), one.name


def test_who_draws_just_their_chance_keeps_no_sector_and_no_hours() -> None:
    """A draw must lie below the chance: each time the chance is what somebody in another job draws."""
    tables, start = shipped_chances().moves, persons(3, 0, 999)
    people = start.copy()
    ended = move(people, tables, seed=3, year=1, first=0) & JOB_ENDED > 0
    changed = np.flatnonzero(ended & (people.contract < UNEMPLOYED))
    job, moved = (draws(3, 1, stream, 0, 999)[changed] for stream in (JOB, MOVE))
    assert len(changed) > 50
    for keeps in zip(part(job, 0), part(moved, 2), strict=True):
        using = tables._replace(keeps=np.array(keeps))
        people, others = start.copy(), start.copy()
        move(people, using, seed=3, year=1, first=0)
        columns = with_numba._move_columns(using)
        with_numba.move(others, columns, seed=3, year=1, first=0)
        assert np.array_equal(people.sector, others.sector)
        assert np.array_equal(people.hours, others.hours)


def test_people_stay_possible() -> None:
    people, marks = moved(move, 15)
    works = people.contract < UNEMPLOYED
    assert people.age.max() < 75
    assert people.age.min() >= 15
    assert (people.hours[works] > 0).all()
    assert not people.hours[~works].any()
    assert (people.tenure <= np.maximum(people.age - 15, 0)).all()
    new = np.frombuffer(marks[-1], np.uint8) & NEW_PERSON > 0
    assert new.any()
    assert (people.contract[new] == OUTSIDE).all()


def test_the_number_of_people_by_contract_does_not_run_away() -> None:
    start = np.bincount(persons(3, 0, 19_999).contract, minlength=len(CONTRACTS))
    people, _marks = moved(move, 10, last=19_999)
    end = np.bincount(people.contract, minlength=len(CONTRACTS))
    assert abs(end[:5].sum() - start[:5].sum()) < 0.05 * len(people)
