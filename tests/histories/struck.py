"""A crowd at the ledger's door of a server that is struck, again and again; then the books are checked.

`python -m tests.histories.struck SEED TIMES FOLDER`, on a database in the cluster in FOLDER/postgres:
TIMES kill -9 at a random moment, every fourth time once more while the server recovers. With FOLDER `-`
nothing is killed, and each person ends after TIMES steps: somebody else cuts connections, or fills the disk.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

import django

PEOPLE = 4
LONGEST_SECONDS = 0.8


def main(seed: str, times: int, folder: str) -> None:
    """Play, strike, check."""
    django.setup()
    from tests.histories.crowd import Person, check, gather

    dice, crowd_is_over = Random(seed), threading.Event()
    crowd, everybody = gather(PEOPLE, 0, seed)

    def goes_on(steps: int) -> bool:
        return not crowd_is_over.is_set() and (folder != "-" or steps < times)

    def play(person: Person) -> None:
        try:
            person.play(goes_on)
        finally:  # whoever finds a fault ends it for all
            if folder != "-":
                crowd_is_over.set()

    with ThreadPoolExecutor(PEOPLE) as threads:
        playing = [threads.submit(play, person) for person in crowd]
        if folder != "-":
            try:
                _strike(Path(folder) / "postgres", times, dice, crowd_is_over)
            finally:
                crowd_is_over.set()
        for one in playing:
            one.result()
    check(crowd, everybody)
    had = sum((person.client.had for person in crowd), Counter[str]())
    sys.stdout.write(f"{sum(person.answers.total() for person in crowd)} steps, {dict(had)}\n")


def _strike(data: Path, times: int, dice: Random, over: threading.Event) -> None:
    from eigenwijs.project.postgres import Cluster

    cluster = Cluster(data)
    cluster.start()
    for number in range(times):
        if over.wait(dice.random() * LONGEST_SECONDS):
            return
        cluster.kill()
        if number % 4 == 3:
            starting = threading.Thread(target=cluster.start)
            starting.start()
            time.sleep(dice.random() * LONGEST_SECONDS / 4)
            with suppress(FileNotFoundError, IndexError, ValueError):  # not yet begun
                cluster.kill()
            starting.join()
        cluster.start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
