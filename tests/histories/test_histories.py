"""Money through all rooms together, in any order, again and late: every promise about it holds.

Each history is 50 steps of payrolls, payments, bookings, payouts, refusals, repeated calls, late jobs
and jumps of the clock (`history`), checked against what a person with a pencil would note (`naive`).
`--histories 3000` plays more of them. A seed that fails is printed with its story, and plays again
the same: `python -m tests.histories.play SEED 1 1`, with DATABASE_URL on an empty database.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.faults import SHARE
from tests.histories.databases import python

PARTS = 4  # that the processors share; each makes a setting first


def play(database: str, *numbers: float) -> str:
    """Play histories in a process of their own; return what it told."""
    played = ("-m", "tests.histories.play", *map(str, numbers))
    player = python(database, *played, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told, _nothing = player.communicate()
    assert player.returncode == 0, told[-20_000:]
    return str(told)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_no_cent_is_lost_made_or_out_of_place(
    pytestconfig: pytest.Config, database_copy: Callable[[], str], part: int
) -> None:
    seeds = range(part, int(pytestconfig.getoption("--histories")), PARTS)
    told = play(database_copy(), part, len(seeds), PARTS)
    assert len(told.splitlines()) == len(seeds)


@pytest.mark.parametrize("seed", range(1, 3))
def test_whatever_answers_are_lost_every_request_has_one_effect(
    database_copy: Callable[[], str], seed: int
) -> None:
    """Histories that commit: a twentieth of the commits is lost before it happens, as many after."""
    told = play(database_copy(), seed, 1, 1, SHARE)
    assert "'before'" in told, told
    assert "'after'" in told, told
