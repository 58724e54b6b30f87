"""The order in which a worker wants pots to pay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.audit import operations as audit
from eigenwijs.budgets.models import Pot
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import DomainError
from eigenwijs.people import queries as people


class UnableToChooseOrder(DomainError):
    """Nothing was changed. Codes: unknown_pot (not this person's), pot_twice."""

    def __init__(self, code: str) -> None:
        message = {
            "unknown_pot": _("Dit geld hoort niet bij je leerrekening."),
            "pot_twice": _("Hetzelfde geld staat twee keer in de volgorde."),
        }[code]
        super().__init__(code, message)


@transaction.atomic
def choose_order(*, person_id: UUID, pots: Sequence[UUID], by: Actor, at: datetime) -> None:
    """Let these pots pay first, in this order; the person's others follow by rule.

    No pots: the rule for all of them. Raises UnableToChooseOrder.
    """
    if len(set(pots)) < len(pots):
        raise UnableToChooseOrder("pot_twice")
    own = list(
        Pot.objects.filter(person__in=people.files_of(person_id)).order_by("pk").select_for_update()
    )
    if set(pots) - {pot.pk for pot in own}:
        raise UnableToChooseOrder("unknown_pot")
    ranks = {pot_id: rank for rank, pot_id in enumerate(pots, start=1)}
    for pot in own:
        pot.rank = ranks.get(pot.pk)
    Pot.objects.bulk_update(own, ["rank"])
    audit.record(
        by=by,
        at=at,
        action="budgets.choose_order",
        subject=("people.person", person_id),
        fields=["rank"],
        ids={"pots": len(pots)},
    )
