"""The process that writes for all who ask is killed in the middle, again and again."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from random import Random

import pytest

from eigenwijs.project.postgres import Cluster
from tests.histories.databases import python

pytestmark = pytest.mark.own_cluster

PATIENCE_SECONDS = 120
PEOPLE_A_RUN, PLACES_A_RUN = 30, 22
LONGEST_SECONDS = 0.3  # a batch


def test_what_was_answered_before_the_batcher_was_killed_is_there_and_nothing_is_half(
    pytestconfig: pytest.Config, durable: str, own_cluster: Cluster, tmp_path: Path
) -> None:
    """Every second time the database is killed with it."""
    kills, dice = int(pytestconfig.getoption("--kills")), Random(1)
    people, places = (kills + 1) * PEOPLE_A_RUN, (kills + 1) * PLACES_A_RUN
    patience = PATIENCE_SECONDS * (1 + kills // 20)  # making the people grows with them
    heard: dict[str, str] = {}  # kept here, outside

    def batcher(*how: str) -> subprocess.Popen[str]:
        started = ("-m", "tests.histories.batcher", *how, str(tmp_path))
        with (tmp_path / "log").open("w") as log:
            return python(durable, *started, stdout=subprocess.PIPE, stderr=log)

    def hear(line: str) -> None:
        """Whoever has a ticket has it for ever; who was refused may ask again."""
        person, answer = line.split()
        assert heard.get(person, answer) in (answer, "sold_out"), line
        heard[person] = answer

    with batcher("make", str(people), str(places)) as child:
        assert child.wait(patience) == 0, (tmp_path / "log").read_text()
    for number in range(kills):
        with batcher("ask", str(number)) as child:
            assert child.stdout
            for _answer in range(dice.randint(1, PEOPLE_A_RUN)):
                line = child.stdout.readline()
                assert line, (tmp_path / "log").read_text()
                hear(line)
            time.sleep(dice.random() * LONGEST_SECONDS)
            child.kill()
            if number % 2:
                own_cluster.kill()
            for line in child.stdout:  # what was on its way when it died
                if line.endswith("\n"):
                    hear(line)
        own_cluster.start()
    for again in ("last", "again"):
        child = batcher("ask", again)
        told, _nothing = child.communicate(timeout=patience)
        assert child.returncode == 0, (tmp_path / "log").read_text()
        for line in told.splitlines():
            hear(line)
    assert len(heard) == people
    assert len({number for number in heard.values() if number != "sold_out"}) == places
