"""What the books should be: a list of what happened, with sums beside it; no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from eigenwijs.ledger.types import (
    AccountRef,
    Entry,
    HoldPosting,
    NewTransfer,
    Reversal,
    Side,
)


@dataclass
class NaiveHold:
    """A hold, and whether it can still be settled."""

    entry: NewTransfer
    is_open: bool = True


@dataclass
class NaiveTransfer:
    """Money that moved, and how much of it was given back."""

    debit: AccountRef
    credit: AccountRef
    cents: int
    given_back: int = 0


@dataclass
class Naive:
    """What the books should say after everything that was sent."""

    sides: dict[AccountRef, Side]
    posted: Counter[AccountRef] = field(default_factory=Counter)
    reserved: Counter[AccountRef] = field(default_factory=Counter)
    holds: dict[UUID, NaiveHold] = field(default_factory=dict)
    transfers: dict[UUID, NaiveTransfer] = field(default_factory=dict)
    entries: dict[UUID, Entry] = field(default_factory=dict)

    def available(self, ref: AccountRef) -> int:
        """What can be spent from an account."""
        return self.posted[ref] - self.reserved[ref]

    def answers(self, link: Sequence[Entry], at: datetime) -> list[str]:
        """Do what `post` should do with a link, and say how it should answer.

        Of several entries each is a new transfer out of one and the same account.
        """
        if len(link) > 1:
            known = [self.entries.get(entry.key) for entry in link]
            together = sum(_cents(entry) for entry in link)
            first = link[0]
            assert isinstance(first, NewTransfer)
            if known == list(link):
                return ["replayed"] * len(link)
            assert not any(known), "either all of a link is known or nothing"
            if self.available(first.debit) < together:
                return ["insufficient_funds"]
        return [self.answer(entry, at) for entry in link]

    def answer(self, entry: Entry, at: datetime) -> str:
        """Do what `post` should do with one entry, and say how it should answer."""
        known = self.entries.get(entry.key)
        if known is not None:
            return "replayed" if known == entry else "key_reused"
        refusal = self.try_to(entry, at)
        if refusal:
            return refusal
        self.entries[entry.key] = entry
        return "recorded"

    def try_to(self, entry: Entry, at: datetime) -> str:
        """Do something that was not done before; say why not, or nothing."""
        if isinstance(entry, NewTransfer):
            return self.try_transfer(entry)
        if isinstance(entry, Reversal):
            return self.try_reversal(entry)
        hold = self.holds[entry.hold.id]
        if not hold.is_open:
            return "hold_already_settled"
        if isinstance(entry, HoldPosting):
            end = hold.entry.expires_at
            assert end is not None
            if at >= end:
                return "hold_expired"
            amount = entry.amount or hold.entry.amount
            self.move(entry.key, hold.entry.debit, hold.entry.credit, amount.cents)
        hold.is_open = False
        self.set_aside(hold.entry, -1)
        return ""

    def try_transfer(self, entry: NewTransfer) -> str:
        """Move money, or hold it."""
        if self.is_short(entry.debit, entry.credit, entry.amount.cents):
            return "insufficient_funds"
        if entry.expires_at is None:
            self.move(entry.key, entry.debit, entry.credit, entry.amount.cents)
        else:
            self.holds[entry.key] = NaiveHold(entry)
            self.set_aside(entry, 1)
        return ""

    def try_reversal(self, entry: Reversal) -> str:
        """Give back part of what was moved."""
        original = self.transfers[entry.transfer.id]
        cents = _cents(entry)
        if original.given_back + cents > original.cents:
            return "reversal_exceeds"
        if self.is_short(original.credit, original.debit, cents):
            return "insufficient_funds"
        original.given_back += cents
        self.move(entry.key, original.credit, original.debit, cents)
        return ""

    def is_short(self, debit: AccountRef, credit: AccountRef, cents: int) -> bool:
        """Whether the account that this would lower has less."""
        return any(
            self.available(ref) < cents
            for ref, lowering in ((debit, Side.CREDIT), (credit, Side.DEBIT))
            if self.sides[ref] is lowering
        )

    def move(self, id_: UUID, debit: AccountRef, credit: AccountRef, cents: int) -> None:
        """Move money: each account grows on its own side."""
        self.posted[debit] += cents if self.sides[debit] is Side.DEBIT else -cents
        self.posted[credit] += cents if self.sides[credit] is Side.CREDIT else -cents
        self.transfers[id_] = NaiveTransfer(debit, credit, cents)

    def set_aside(self, entry: NewTransfer, times: int) -> None:
        """A hold takes from what can be spent of the account that it would lower."""
        for ref, lowering in ((entry.debit, Side.CREDIT), (entry.credit, Side.DEBIT)):
            if self.sides[ref] is lowering:
                self.reserved[ref] += times * entry.amount.cents


def _cents(entry: Entry) -> int:
    assert isinstance(entry, NewTransfer | Reversal)
    assert entry.amount is not None
    return entry.amount.cents
