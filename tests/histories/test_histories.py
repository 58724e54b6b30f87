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

from tests.histories.databases import python

PARTS = 6  # that the processors share


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_no_cent_is_lost_made_or_out_of_place(
    pytestconfig: pytest.Config, database_copy: Callable[[], str], part: int
) -> None:
    seeds = range(part, int(pytestconfig.getoption("--histories")), PARTS)
    played = ("-m", "tests.histories.play", str(part), str(len(seeds)), str(PARTS))
    player = python(database_copy(), *played, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told, _nothing = player.communicate()
    assert player.returncode == 0, told[-20_000:]
    assert len(told.splitlines()) == len(seeds)
