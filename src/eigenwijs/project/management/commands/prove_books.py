"""Prove the books."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eigenwijs.insight import operations
from eigenwijs.kernel import wording
from eigenwijs.kernel.actor import Actor


class Command(BaseCommand):
    """Recompute every balance from the transfers and name everything that is wrong."""

    help = (
        "Prove the books: balances, sums, groups, holds and client money, all recomputed from the "
        "transfers. Writes the outcome in the trail, but on a replica, and exits with an error that "
        "names what is wrong"
    )

    def handle(self, *_args: object, **_options: Any) -> None:
        """Print what is there and owed, or every breach."""
        proof = operations.prove_books(by=Actor.system("prove_books"), at=timezone.now())
        for breach in proof.breaches:
            self.stderr.write(str(breach))
        if not proof.holds:
            raise CommandError(f"the books are not proven: {proof.breach_count} breaches")
        self.stdout.write(
            f"The books are proven. At the bank {wording.money(proof.money.bank)}, "
            f"in transit {wording.money(proof.money.in_transit)}, "
            f"owed {wording.money(proof.money.owed)}."
        )
        if proof.number is None:
            self.stdout.write("Proven on a replica: the trail does not tell of it.")
