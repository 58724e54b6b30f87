"""What a worker is told about their money. Private to the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from eigenwijs.budgets.models import Pot
from eigenwijs.budgets.types import NewCredit
from eigenwijs.kernel.ids import derived_id
from eigenwijs.notices.types import NewNotice, ParamValue
from eigenwijs.people import queries as people

Params = dict[str, ParamValue]


def arrived(credits_: Sequence[NewCredit]) -> list[NewNotice]:
    """Money is there, from whom, and until when."""
    names = _names({one.payer_id for one in credits_})
    notices = []
    for one in credits_:
        until = one.conditions.expires_on
        params: Params = {
            "payer": names[one.payer_id],
            "amount_cents": one.amount.cents,
            "credit": str(one.key),
        }
        kind = "money_arrived"
        if until is not None:
            kind = "money_arrived_with_end"
            params["until_on"] = until.isoformat()
        notices.append(NewNotice(derived_id(one.key, "money_arrived"), one.person_id, kind, params))
    return notices


def corrected(key: UUID, credit_id: UUID, pot: Pot, cents: int) -> NewNotice:
    """A credit was lowered within its term."""
    params: Params = {
        "payer": pot.payer.name,
        "amount_cents": cents,
        "credit": str(credit_id),
    }
    return NewNotice(derived_id(key, "money_corrected"), pot.person_id, "money_corrected", params)


def lapsing(pot: Pot, until: date, cents: int) -> NewNotice:
    """Money ends soon; said once for each end."""
    params: Params = {
        "payer": pot.payer.name,
        "amount_cents": cents,
        "until_on": until.isoformat(),
        "pot": str(pot.pk),
    }
    key = derived_id(pot.pk, f"money_lapsing.{until}")
    return NewNotice(key, pot.person_id, "money_lapsing", params)


def lapsed(transfers: Sequence[tuple[UUID, Pot, UUID, int]]) -> list[NewNotice]:
    """Money has ended, and who has it now: key of the transfer, pot, receiver, cents."""
    names = _names({receiver for _key, _pot, receiver, _cents in transfers})
    return [
        NewNotice(
            derived_id(key, "money_lapsed"),
            pot.person_id,
            "money_lapsed",
            {
                "payer": pot.payer.name,
                "amount_cents": cents,
                "receiver": names[receiver],
                "pot": str(pot.pk),
            },
        )
        for key, pot, receiver, cents in transfers
    ]


def _names(organisations: Collection[UUID]) -> dict[UUID, str]:
    found = {one: people.organisation(one) for one in organisations}
    return {one: view.name for one, view in found.items() if view is not None}
