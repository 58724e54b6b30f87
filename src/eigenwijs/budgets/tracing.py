"""Following money through pots, for those who audit: whose pot, what came in, what it was set aside for.

Private to the room; `queries` hands it out.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from eigenwijs.budgets import lots
from eigenwijs.budgets.models import Credit, Pot, Reservation
from eigenwijs.budgets.types import PotOwner
from eigenwijs.schemes.types import Conditions


def pot_owners(pot_ids: Collection[UUID]) -> dict[UUID, PotOwner]:
    """Return whose pots these are, and who paid into them; absent ones are left out."""
    rows = Pot.objects.filter(pk__in=pot_ids).select_related("payer")
    return {
        row.pk: PotOwner(
            pot_id=row.pk,
            person_id=row.person_id,
            payer_name=row.payer.name,
            title=Conditions.from_json(row.conditions).title,
            account=lots.account(row),
        )
        for row in rows
    }


def credits_into(pot_ids: Collection[UUID], *, limit: int) -> list[UUID]:
    """Return the credits of these pots, the latest first, at most `limit`."""
    rows = Credit.objects.filter(pot__in=pot_ids).order_by("-occurred_on", "-pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def bookings_from(pot_ids: Collection[UUID], *, limit: int) -> list[UUID]:
    """Return the bookings for which these pots set money aside, the latest first, at most `limit`."""
    rows = Reservation.objects.filter(lines__pot__in=pot_ids).order_by("-recorded_at", "-pk")
    return list(rows.values_list("pk", flat=True).distinct()[:limit])
