"""The peer: django-hordak's `transfer_to`, in a process and an environment of its own.

`prepare` makes its tables and accounts; `post` does as `bench.posting` does; `hot THREADS` lets so many threads
take from the first account, one after the other, when it has 1,000 legs of history.
"""

from __future__ import annotations

import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import dj_database_url
import django
from django.conf import settings

ACCOUNTS = 10_000
HISTORY = 1_000

settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["PEER_DATABASE_URL"])},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
    DEFAULT_CURRENCY="EUR",
    CURRENCIES=["EUR"],
    USE_TZ=True,
    SECRET_KEY="of a benchmark",
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from hordak.models import Account, AccountType, Leg  # noqa: E402
from moneyed import Money  # noqa: E402


def prepare() -> None:
    """Make the tables and the accounts."""
    call_command("migrate", verbosity=0)
    Account.objects.bulk_create(
        Account(
            name=f"account {number}",
            code=None,
            type=AccountType.liability,
            currencies=["EUR"],
            lft=1,
            rght=2,
            tree_id=number,
            level=0,
        )
        for number in range(ACCOUNTS)
    )


def post() -> None:
    """Say that we are ready, wait for a line, post for so many seconds, say how many."""
    accounts = list(Account.objects.all())
    euro = Money(1, "EUR")
    dice = random.Random(os.getpid())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    until = time.monotonic() + float(sys.stdin.readline())
    posted = 0
    while time.monotonic() < until:
        source, target = dice.sample(accounts, 2)
        with transaction.atomic():
            source.transfer_to(target, euro)
        posted += 1
    sys.stdout.write(f"{posted}\n")


def hot(threads: int) -> None:
    """As `post`, by many threads, each from the first account."""
    source, *targets = Account.objects.order_by("id")[: threads + 1]
    euro = Money(1, "EUR")

    def take(target: Account) -> None:
        with transaction.atomic():
            locked = Account.objects.select_for_update().get(pk=source.pk)
            locked.get_balance()  # whoever must not overdraw has to look
            locked.transfer_to(target, euro)

    for number in range(HISTORY - Leg.objects.filter(account=source).count()):
        take(targets[number % threads])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    until = time.monotonic() + float(sys.stdin.readline())

    def take_often(target: Account) -> int:
        posted = 0
        while time.monotonic() < until:
            take(target)
            posted += 1
        connection.close()
        return posted

    with ThreadPoolExecutor(threads) as pool:
        sys.stdout.write(f"{sum(pool.map(take_often, targets))}\n")


if __name__ == "__main__":
    if sys.argv[1] == "hot":
        hot(int(sys.argv[2]))
    else:
        {"prepare": prepare, "post": post}[sys.argv[1]]()
