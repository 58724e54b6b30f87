"""One of several processes that post through `ledger.operations`; see `ledger.together`."""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import UTC, datetime

from django.db import connection

from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations
from eigenwijs.ledger.types import AccountRef, NewTransfer

BY = Actor.system("bench")


def pots() -> list[AccountRef]:
    """Return the accounts to post between."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT bucket, id FROM ledger_account ORDER BY id")
        return [AccountRef(*where) for where in cursor.fetchall()]


def post(accounts: list[AccountRef], size: int, until: float) -> int:
    """Post single transfers between two accounts at random, `size` a call, until that moment.

    Returns how many.
    """
    posted = 0
    dice = random.Random(os.getpid())
    while time.monotonic() < until:
        at = datetime.now(UTC)
        links = [[transfer(dice.sample(accounts, 2), at)] for _number in range(size)]
        answers = operations.post_many(links, by=BY, at=at)
        assert all(isinstance(answer, list) for answer in answers)
        posted += size
    return posted


def transfer(between: list[AccountRef], at: datetime) -> NewTransfer:
    """Return a transfer of one euro between two accounts."""
    debit, credit = between
    return NewTransfer(
        key=new_id(at),
        debit=debit,
        credit=credit,
        amount=Money(100),
        kind="bench",
        occurred_on=local_date(at),
        group=new_id(at),
    )


def main() -> None:
    """Say that we are ready, wait for a line, post for so many seconds, say how many."""
    accounts = pots()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    seconds = float(sys.stdin.readline())
    sys.stdout.write(f"{post(accounts, 1, time.monotonic() + seconds)}\n")
