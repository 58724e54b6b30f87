"""Prove the books."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eigenwijs.budgets import queries as budgets
from eigenwijs.kernel import wording
from eigenwijs.ledger import queries as ledger


class Command(BaseCommand):
    """Recompute every balance from the transfers and name everything that is wrong."""

    help = (
        "Prove the books: balances, sums, groups, holds and client money, all recomputed from the "
        "transfers. Exits with an error that names what is wrong"
    )

    def handle(self, *_args: object, **_options: Any) -> None:
        """Print what is there and owed, or every breach."""
        breaches = [
            *ledger.prove(at=timezone.now(), known_holds=budgets.hold_keys()),
            *budgets.prove(),
        ]
        for breach in breaches:
            self.stderr.write(str(breach))
        if breaches:
            raise CommandError(f"the books are not proven: {len(breaches)} breaches")
        money = ledger.client_money()
        self.stdout.write(
            f"The books are proven. At the bank {wording.money(money.bank)}, "
            f"in transit {wording.money(money.in_transit)}, owed {wording.money(money.owed)}."
        )
