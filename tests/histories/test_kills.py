"""The server is killed in the middle of moving money, again and again: what was confirmed is there."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from random import Random

import pytest

from eigenwijs.project.postgres import Cluster
from tests.histories.databases import python
from tests.histories.setting import BUFFER
from tests.histories.stream import ROUNDS

pytestmark = pytest.mark.own_cluster

PATIENCE_SECONDS = 120
STREAM_BYTES = 30_000
"""Of what is confirmed when the stream is nearly done: all kills fall before."""
PAID_IN = ROUNDS * 120_00  # four jobs of € 30.00 a month
PAID_OUT = 15_00 + 20_50 + 31_50 + 37_00  # of each three workers one changes their mind


def test_a_killed_server_loses_no_confirmed_money_and_repeating_all_changes_nothing(
    pytestconfig: pytest.Config, durable: str, own_cluster: Cluster, tmp_path: Path
) -> None:
    """Every second time it is who asks, a web process or a worker, that is killed instead."""
    kills = int(pytestconfig.getoption("--kills"))
    dice, confirmed, log = Random(1), tmp_path / "confirmed", tmp_path / "stream.log"
    confirmed.touch()

    def stream() -> subprocess.Popen[str]:
        with log.open("w") as file:
            started = ("-m", "tests.histories.stream", str(tmp_path))
            return python(durable, *started, stdout=file, stderr=subprocess.STDOUT)

    for number in range(kills):
        child = stream()
        size = confirmed.stat().st_size
        share = (STREAM_BYTES - size) // (kills - number)
        wanted = size + dice.randint(1, max(share, 1))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while confirmed.stat().st_size < wanted:
            assert child.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "the stream does not get there"
            time.sleep(0.001)
        if number % 2:
            child.kill()
        else:
            own_cluster.kill()
        assert child.wait(PATIENCE_SECONDS), "it was killed in the middle"
        assert "AssertionError" not in log.read_text(), log.read_text()
        own_cluster.start()

    ends = []
    for _time in range(2):
        assert stream().wait(PATIENCE_SECONDS) == 0, log.read_text()
        ends.append((log.read_text(), set(confirmed.read_text().splitlines())))
    assert ends[0] == ends[1]
    assert {kind: cents for kind, cents in json.loads(ends[0][0]).items() if cents} == {
        "bank": BUFFER + PAID_IN - PAID_OUT,
        "pot": PAID_IN - PAID_OUT,
        "buffer": BUFFER,
    }
