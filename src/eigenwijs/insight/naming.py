"""Accounts, transfers and people in words and pseudonyms. Private to the room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from uuid import UUID

from eigenwijs.budgets import queries as budgets
from eigenwijs.budgets.types import PotOwner
from eigenwijs.insight.types import AccountName, Line
from eigenwijs.kernel.pseudonyms import pseudonym
from eigenwijs.ledger import queries as ledger
from eigenwijs.ledger.types import AccountKind, AccountRef, AccountView, TransferView
from eigenwijs.people import queries as people
from eigenwijs.treasury import queries as treasury

_ORGANISATIONS = (
    AccountKind.PAYER_CLEARING,
    AccountKind.PROVIDER_PAYABLE,
    AccountKind.LAPSED,
)


class Names:
    """Names of accounts; organisations, bank accounts and pots are each read once."""

    def __init__(self) -> None:
        self.pots: dict[UUID, PotOwner] = {}

    @cached_property
    def organisations(self) -> dict[UUID, str]:
        """Every organisation by its name."""
        return {one.id: one.name for one in people.organisations()}

    @cached_property
    def bank_accounts(self) -> dict[UUID, str]:
        """Every bank account of the foundation by its IBAN."""
        return {one.id: one.iban for one in treasury.bank_accounts()}

    def read_pots(self, pot_ids: Collection[UUID]) -> None:
        """Read whose pots these are, unless that is known."""
        if missing := set(pot_ids) - self.pots.keys():
            self.pots |= budgets.pot_owners(missing)

    def pot(self, pot_id: UUID) -> AccountName:
        """Name a pot that was read."""
        owner = self.pots[pot_id]
        return AccountName(
            AccountKind.POT, pseudonym(owner.person_id), owner.payer_name, owner.title
        )

    def accounts(self, transfers: Sequence[TransferView]) -> dict[AccountRef, AccountView]:
        """Return the accounts that transfers touch, and read the pots among them."""
        found = ledger.accounts(
            {ref for transfer in transfers for ref in (transfer.debit, transfer.credit)}
        )
        self.read_pots({one.owner for one in found.values() if one.kind is AccountKind.POT})
        return found

    def account(self, account: AccountView) -> AccountName:
        """Name an account."""
        if account.kind is AccountKind.POT and account.owner in self.pots:
            return self.pot(account.owner)
        if account.kind in _ORGANISATIONS:
            return AccountName(account.kind, self.organisations.get(account.owner, ""))
        return AccountName(account.kind, self.bank_accounts.get(account.owner, ""))

    def lines(self, transfers: Sequence[TransferView]) -> tuple[Line, ...]:
        """Return transfers with their accounts named."""
        accounts = self.accounts(transfers)
        return tuple(
            Line(
                key=one.ref.id,
                group=one.group,
                debit=self.account(accounts[one.debit]),
                credit=self.account(accounts[one.credit]),
                amount=one.amount,
                kind=one.kind,
                phase=one.phase,
                occurred_on=one.occurred_on,
                recorded_at=one.recorded_at,
                expires_at=one.expires_at,
                settles=one.settles,
                reverses=one.reverses,
            )
            for one in transfers
        )
