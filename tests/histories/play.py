"""Play histories in a process of its own, on the empty database that DATABASE_URL names.

`python -m tests.histories.play FIRST COUNT STEP`: the seeds FIRST, FIRST + STEP and so on, COUNT of them.
Each history is played in one transaction and rolled back, on a setting that is made once. What goes
wrong is printed with the whole story, and the exit code is 1. With a fourth number, SHARE, it is one
history, COUNT is 1, whose transactions are committed: SHARE of them is lost before, as much after it.
"""

from __future__ import annotations

import gc
import sys
import traceback
from contextlib import nullcontext
from copy import deepcopy
from random import Random

import django

STEPS = 50
LONG = 200
"""Of the one history whose commits fail: its setting costs as much as many steps."""
CHECK_EVERY = 25


def main(first: int, count: int, step: int, share: float | None = None) -> int:
    """Play, and say how many things were done of each kind."""
    django.setup()
    from django.db import transaction

    from tests.faults import Client, let_commits_fail
    from tests.histories.history import History
    from tests.histories.promises import check_all, check_sums
    from tests.histories.setting import make_setting

    gc.set_threshold(50_000)  # models make much and keep little: a fifth of the time otherwise
    opening = History(make_setting(), Random())
    opening.begin()
    let_commits_fail()
    for seed in range(first, first + count * step, step):
        with transaction.atomic() if share is None else nullcontext():
            history = deepcopy(opening)
            history.dice = Random(seed)
            if share is not None:
                history.client = Client(Random(seed), share)
            try:
                steps = STEPS if share is None else LONG
                for number in range(1, steps + 1):
                    history.step()
                    check_sums(history)
                    if number % CHECK_EVERY == 0 and number < steps:
                        check_all(history)
                history.tend()
                check_all(history)
            except Exception:
                told = [f"seed {seed}", *history.story, traceback.format_exc()]
                sys.stdout.write("\n".join(told))
                return 1
            if share is None:
                transaction.set_rollback(True)
        had = dict(history.client.had) if history.client else ""
        sys.stdout.write(f"{seed}: {dict(history.done)} {had}\n")
    return 0


if __name__ == "__main__":
    first, count, step, *share = sys.argv[1:]
    sys.exit(main(int(first), int(count), int(step), *map(float, share)))
