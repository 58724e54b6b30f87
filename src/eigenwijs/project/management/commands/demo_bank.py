"""Play the bank of the demonstration: everything asked is paid, everything released goes out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people
from eigenwijs.project.seed import cast
from eigenwijs.project.seed.bank import Paid, statement
from eigenwijs.treasury import queries as treasury


class Command(BaseCommand):
    """Give a visitor of the demonstration a bank statement to read in as finance."""

    help = (
        "Write the bank statement in which all open payment requests and released batches are paid"
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the statement into the demo's data folder and say where it is."""
        if not settings.DEMO:
            raise CommandError("Only a demonstration has an invented bank.")
        entries = [*_incoming(), *_outgoing()]
        if not entries:
            self.stdout.write("Nobody has to pay anything, and no batch is released.")
            return
        earlier = [one for one in treasury.statements() if one.iban == cast.FOUNDATION_IBAN]
        number = len(earlier) + 1
        content, _closing = statement(
            iban=cast.FOUNDATION_IBAN,
            number=number,
            day=local_date(timezone.now()),
            opening=earlier[0].closing if earlier else Money.zero(),
            entries=entries,
        )
        folder = settings.DATA_FOLDER / "practice"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"afschrift-{number:03d}.xml"
        path.write_bytes(content)
        self.stdout.write(f"{len(entries)} entries: {path}")


def _incoming() -> list[Paid]:
    payers = {employer.name: employer.iban for employer in cast.EMPLOYERS}
    entries = []
    for receipt in treasury.expected_receipts():
        payer = people.organisation(receipt.payer_id)
        if payer and receipt.open > Money.zero():
            iban = payers.get(payer.name, "")
            entries.append(Paid(receipt.open, True, payer.name, iban, f"Nota {receipt.reference}"))
    return entries


def _outgoing() -> list[Paid]:
    return [
        Paid(batch.total, False, batch=batch.identifier, transactions=batch.order_count)
        for batch in treasury.batches()
        if batch.state == "released"
    ]
