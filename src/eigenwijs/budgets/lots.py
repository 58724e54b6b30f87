"""What is in pots now: their dated lots beside the ledger's balance. Private to the room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce, Least

from eigenwijs.budgets import rules
from eigenwijs.budgets.models import Credit, GraceLot, Pot
from eigenwijs.budgets.rules import DatedLot
from eigenwijs.budgets.types import NewCredit
from eigenwijs.kernel.clock import months_after
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountRef
from eigenwijs.schemes.types import Conditions


@dataclass(frozen=True, slots=True)
class PotState:
    """One pot as it stands. Cents; `available` is the ledger's, money past its end included."""

    pot: Pot
    lots: tuple[DatedLot, ...]
    available: int
    reserved: int

    def counting(self, promised: Collection[NewCredit]) -> PotState:
        """Return the pot as it would stand if what is promised to it were there."""
        coming = [
            DatedLot(one.key, one.amount.cents, one.conditions.expires_on) for one in promised
        ]
        return replace(
            self,
            lots=(*self.lots, *coming),
            available=self.available + sum(lot.cents for lot in coming),
        )

    def without_hold(self, cents: int, on: date) -> PotState:
        """Return the pot as it would stand if so much of what is set aside came back with grace on a day."""
        available = self.available + cents
        late = rules.came_back_late(self.lots, self.available, available, on)
        grace = (DatedLot(self.pot.pk, late, grace_until(self.pot, on)),) if late else ()
        return replace(
            self,
            lots=(*self.lots, *grace),
            available=available,
            reserved=self.reserved - cents,
        )

    def usable(self, on: date) -> int:
        """Return what can be spent on a day: without what has ended and is about to lapse."""
        return self.available - rules.lapsing(self.lots, self.available, on)

    def left(self, on: date) -> list[DatedLot]:
        """Return what can be spent on a day lot by lot, the earliest end first."""
        return [lot for lot in rules.remaining(self.lots, self.available) if not lot.has_ended(on)]


def account(pot: Pot) -> AccountRef:
    """Return the pot's account in the ledger."""
    return AccountRef(pot.account_bucket, pot.account_id)


def grace_until(pot: Pot, came_back_on: date) -> date:
    """Return the last day of what came back to a pot past its end, for no reason of the worker's."""
    conditions = Conditions.from_json(pot.conditions)
    return months_after(came_back_on, conditions.refund_grace_months)


def lock(pot_ids: Collection[UUID]) -> dict[UUID, PotState]:
    """Lock pots in the order of their ids, then read how they stand."""
    pots = Pot.objects.filter(pk__in=pot_ids).order_by("pk").select_for_update(of=("self",))
    return read(pots.select_related("payer"))


def check_from(pot_ids: Collection[UUID], day: date) -> None:
    """Have `lapse_due` look at pots from a day on, if it would not do so earlier."""
    Pot.objects.filter(pk__in=pot_ids).update(check_on=Least(Coalesce(F("check_on"), day), day))


def read(pots: Iterable[Pot]) -> dict[UUID, PotState]:
    """Return how pots stand now, in their order."""
    listed = list(pots)
    ids = [pot.pk for pot in listed]
    ends = {pot.pk: pot.ends_on for pot in listed}
    lots: dict[UUID, list[DatedLot]] = defaultdict(list)
    for pot_id, id_, cents, taken_back, until in Credit.objects.filter(pot__in=ids).values_list(
        "pot", "id", "amount_cents", "taken_back_cents", "usable_until"
    ):
        lots[pot_id].append(DatedLot(id_, cents - taken_back, until or ends[pot_id]))
    for pot_id, id_, cents, until in GraceLot.objects.filter(pot__in=ids).values_list(
        "pot", "id", "amount_cents", "usable_until"
    ):
        lots[pot_id].append(DatedLot(id_, cents, until))
    balances = ledger.balances([account(pot) for pot in listed])
    return {
        pot.pk: PotState(
            pot=pot,
            lots=tuple(lots[pot.pk]),
            available=balances[account(pot)].available.cents,
            reserved=balances[account(pot)].reserved.cents,
        )
        for pot in listed
    }
