"""Prove the books, or a part of them."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eigenwijs.insight import operations, queries
from eigenwijs.kernel import wording
from eigenwijs.kernel.actor import Actor
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountRef, Breach, ProofPart, SinceSeal

MOST_CONNECTIONS = 16
NOT_BY_A_SEAL = (
    "Not proven by this: balances, sums and client money, which need all transfers; whether a key was "
    "used before; what other rooms say of the transfers."
)
NOT_BY_AN_ACCOUNT = (
    "Not proven by this: other accounts, sums and client money; seals; whether a key was used in "
    "another bucket; what other rooms say of the transfers."
)


class Command(BaseCommand):
    """Recompute every balance from the transfers and name everything that is wrong."""

    help = (
        "Prove the books: balances, sums, groups, holds, client money and seals, all recomputed from "
        "the transfers. Writes the outcome in the trail, but on a replica, and exits with an error that "
        "names what is wrong. A proof of a part is written nowhere"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which part, if not everything."""
        parts = parser.add_mutually_exclusive_group()
        parts.add_argument(
            "--since-seal",
            dest="part",
            type=_seal,
            metavar="N",
            help="prove each transfer recorded after seal N, and the seals after it",
        )
        parts.add_argument(
            "--account",
            dest="part",
            type=_account,
            metavar="BUCKET/ID",
            help="prove one account: its balance and each of its transfers",
        )
        parser.add_argument(
            "--connections",
            type=_connections,
            default=2,
            metavar="N",
            help="let so many connections share the checks, on one moment, which one more keeps; each uses up to "
            "three processors and 100 MB of the server (default 2)",
        )

    def handle(
        self,
        *_args: object,
        part: ProofPart | None,
        connections: int,
        verbosity: int,
        **_options: Any,
    ) -> None:
        """Print how far it is, then what is there and owed, or every breach."""
        at = timezone.now()

        def tell(check: str, done: int, whole: int, unit: str) -> None:
            if verbosity:
                self.stderr.write(f"{check}: {done:,} of {whole:,} {unit}")

        if part is not None:
            try:
                self._fail_on(
                    queries.breaches(at=at, part=part, tell=tell, connections=connections)
                )
            except LookupError as error:
                raise CommandError(_unknown(part)) from error
            self.stdout.write(_proven(part))
            return
        made = operations.prove_books(
            by=Actor.system("prove_books"), at=at, tell=tell, connections=connections
        )
        self._fail_on(made.breaches)
        self.stdout.write(
            f"The books are proven. At the bank {wording.money(made.money.bank)}, "
            f"in transit {wording.money(made.money.in_transit)}, "
            f"owed {wording.money(made.money.owed)}."
        )
        if made.number is None:
            self.stdout.write("Proven on a replica: the trail does not tell of it.")

    def _fail_on(self, breaches: Collection[Breach]) -> None:
        for breach in breaches:
            self.stderr.write(str(breach))
        if breaches:
            raise CommandError(f"the books are not proven: {len(breaches)} breaches")


def _proven(part: ProofPart) -> str:
    if isinstance(part, SinceSeal):
        return (
            f"Proven: each transfer after seal {part.number} is as it was recorded and fits the hold or "
            f"transfer that it names, and the seals since then hold.\n{NOT_BY_A_SEAL}"
        )
    available = wording.money(ledger.balance(part).posted)
    return (
        f"Proven: account {part.bucket}/{part.id} has {available}, by its own transfers, and each of them "
        f"is as it was recorded and fits what it names.\n{NOT_BY_AN_ACCOUNT}"
    )


def _unknown(part: ProofPart) -> str:
    if isinstance(part, SinceSeal):
        last = ledger.last_seal()
        there = f"the last one is {last.number}" if last else "nothing was sealed yet"
        return f"there is no seal {part.number}: {there}"
    return f"there is no account {part.bucket}/{part.id}"


def _seal(text: str) -> SinceSeal:
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is not the number of a seal, for example 12")
    return SinceSeal(int(text))


def _connections(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_CONNECTIONS:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_CONNECTIONS}")
    return int(text)


def _account(text: str) -> AccountRef:
    bucket, _slash, id_ = text.partition("/")
    try:
        return AccountRef(int(bucket), UUID(id_))
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} does not name an account: write its bucket, a slash and its id, "
            "for example 7/018f4e7a-0000-7000-8000-000000000000"
        ) from None
