"""Play histories in a process of its own, on the empty database that DATABASE_URL names.

`python -m tests.histories.play FIRST COUNT STEP`: the seeds FIRST, FIRST + STEP and so on, COUNT of them.
Each history is played in one transaction and rolled back, on a setting that is made once. What goes
wrong is printed with the whole story, and the exit code is 1.
"""

from __future__ import annotations

import gc
import sys
import traceback
from copy import deepcopy
from random import Random

import django

STEPS = 50
CHECK_EVERY = 25


def main(first: int, count: int, step: int) -> int:
    """Play, and say how many things were done of each kind."""
    django.setup()
    from django.db import transaction

    from tests.histories.history import History
    from tests.histories.promises import check_all, check_sums
    from tests.histories.setting import make_setting

    gc.set_threshold(50_000)  # models make much and keep little: a fifth of the time otherwise
    opening = History(make_setting(), Random())
    opening.begin()
    for seed in range(first, first + count * step, step):
        with transaction.atomic():
            history = deepcopy(opening)
            history.dice = Random(seed)
            try:
                for number in range(1, STEPS + 1):
                    history.step()
                    check_sums(history)
                    if number % CHECK_EVERY == 0:
                        check_all(history)
                history.tend()
                check_all(history)
            except Exception:
                told = [f"seed {seed}", *history.story, traceback.format_exc()]
                sys.stdout.write("\n".join(told))
                return 1
            transaction.set_rollback(True)
        sys.stdout.write(f"{seed}: {dict(history.done)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:])))
