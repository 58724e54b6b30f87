"""Money that was promised from a round: its keys and accounts, and what proves it. Private to the room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from eigenwijs.kernel.ids import derived_id
from eigenwijs.kernel.money import Money
from eigenwijs.ledger import operations as ledger
from eigenwijs.ledger import queries as books
from eigenwijs.ledger.types import AccountKind, AccountRef, Breach


def hold_key(credit_key: UUID) -> UUID:
    """Return the key of the hold that promises a credit."""
    return derived_id(credit_key, "budgets.grant")


def round_account(round_id: UUID, *, at: datetime) -> AccountRef:
    """Open the account with the money of a round, unless it is open."""
    return ledger.open_account(kind=AccountKind.ROUND_POT, owner=round_id, at=at)


def left_in_round(round_id: UUID) -> Money:
    """Return what of a round is neither promised nor handed out."""
    return books.balance_at_home(AccountKind.ROUND_POT, round_id).available


def prove_promises(promised: Mapping[UUID, Money]) -> Iterator[Breach]:
    """Yield every promise (by the key of its credit) whose hold is not there or has another amount."""
    holds = {hold.ref.id: hold for hold in books.open_holds() if hold.kind == "grant"}
    for key, amount in promised.items():
        hold = holds.get(hold_key(key))
        if hold is None or hold.amount != amount:
            held = hold.amount.cents if hold else 0
            detail = f"{amount.cents} cents are promised, {held} are held"
            yield Breach("grant_differs", detail, None, hold_key(key))
