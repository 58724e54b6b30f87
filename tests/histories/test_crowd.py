"""Many connections at the ledger's door at once, with lost answers: every promise of the books holds."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tests.histories.databases import python

SHARE_OF_COMMITS_LOST = "0.05"


def test_whatever_a_crowd_does_the_books_keep_their_promises(
    pytestconfig: pytest.Config, database_copy: Callable[[], str]
) -> None:
    steps = str(pytestconfig.getoption("--steps"))
    played = ("-m", "tests.histories.crowd", "1", steps, "4", SHARE_OF_COMMITS_LOST)
    player = python(database_copy(), *played, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told, _nothing = player.communicate()
    assert player.returncode == 0, told[-20_000:]
