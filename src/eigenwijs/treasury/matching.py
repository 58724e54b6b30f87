"""What a payment means: which references it names, and how its cents are divided. Pure.

Nothing is guessed. A payment is placed only when the reference leaves no doubt; everything else
goes to a person. Worked examples are in docs/explanation/matching.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from stdnum import iso11649

from eigenwijs.treasury.types import Doubt

_START = re.compile(r"(?=RF\d\d)")
_LENGTHS = range(5, 26)

# ISO 20022 external bank transaction sub-families (published list of April 2024) that are between
# the bank and its customer: charges, commission, fees, interest, taxes.
BANK_OWN_CODES = frozenset({"CHRG", "COMM", "FEES", "INTR", "TAXE"})
# The sub-family of a returned credit transfer in the same list.
RETURN_CODE = "RRTN"


@dataclass(frozen=True, slots=True)
class Due:
    """A request for money as matching sees it; all amounts in cents.

    `received` came in for it, net of what the bank took back. `released` was handed on to be
    credited and never goes down: credited money stays. Where released is more than received, the
    buffer carries the difference.
    """

    reference: str
    payer_id: UUID
    amount: int
    received: int = 0
    released: int = 0
    withdrawn: bool = False

    @property
    def open(self) -> int:
        """What is still to come in."""
        return self.amount - self.received

    @property
    def carried(self) -> int:
        """What the buffer carries for it."""
        return max(0, self.released - self.received)

    @property
    def waiting(self) -> int:
        """What came in and waits in clearing, not handed on yet."""
        return max(0, self.received - self.released)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a payment is divided: cents a reference, the rest, whose the rest is, and the doubt."""

    parts: tuple[tuple[str, int], ...]
    rest: int
    rest_of_payer: UUID | None
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Movement:
    """What a receipt or its reversal does: cents to or from clearing and buffer, and to release."""

    clearing: int
    buffer: int
    release: int


def candidate_references(texts: Iterable[str]) -> set[str]:
    """Return every creditor reference (ISO 11649) that can be read in `texts`.

    Spaces, punctuation and lower case don't matter, so a reference is also found when it is
    written in groups or broken over two lines. Only those with correct check digits count; where
    one ends can't be seen, so there may be too many: keep the ones that exist.
    """
    found: set[str] = set()
    for text in texts:
        plain = re.sub(r"[^A-Z0-9]", "", text.upper())
        for start in _START.finditer(plain):
            for length in _LENGTHS:
                reference = plain[start.start() : start.start() + length]
                if len(reference) == length and iso11649.is_valid(reference):
                    found.add(reference)
    return found


def is_ambiguous(references: Iterable[str]) -> bool:
    """Whether one of `references` is the beginning of another, so that the text fits both."""
    return any(after.startswith(before) for before, after in pairwise(sorted(references)))


def divide(cents: int, dues: Sequence[Due]) -> Plan:
    """Divide a payment of `cents` over the requests it names.

    One request: up to what is open goes to it, the rest is the payer's surplus. Several: only
    when every one of them can be paid in full; which one comes up short is not for us to say.
    """
    if not dues:
        return Plan((), cents, None, Doubt.NO_REFERENCE)
    if any(due.withdrawn for due in dues):
        return Plan((), cents, None, Doubt.WITHDRAWN)
    open_total = sum(due.open for due in dues)
    if len(dues) > 1 and cents < open_total:
        return Plan((), cents, None, Doubt.TOO_LITTLE_FOR_SEVERAL)
    parts = tuple((due.reference, min(cents, due.open)) for due in dues if due.open)
    rest = max(0, cents - open_total)
    if not rest:
        return Plan(parts, 0, None, Doubt.NONE)
    payers = {due.payer_id for due in dues}
    return Plan(parts, rest, payers.pop() if len(payers) == 1 else None, Doubt.SURPLUS)


def receive(due: Due, cents: int) -> Movement:
    """Say where `cents` that come in for `due` go (at most what is open).

    First the buffer gets back what it carries. Money is released only when the request is
    complete; what was released before is not released again.
    """
    if not 0 < cents <= due.open:
        raise ValueError(f"{cents} does not fit what is open: {due.open}")
    to_buffer = min(cents, due.carried)
    complete = cents == due.open
    release = due.amount - due.released if complete else 0
    return Movement(clearing=cents - to_buffer, buffer=to_buffer, release=release)


def take_back(due: Due, cents: int) -> Movement:
    """Say who pays when the bank takes back `cents` that came in for `due`.

    First what waits in clearing. What was released is money on people's accounts and stays there:
    the buffer pays that part.
    """
    if not 0 < cents <= due.received:
        raise ValueError(f"{cents} is more than came in: {due.received}")
    from_clearing = min(cents, due.waiting)
    return Movement(clearing=from_clearing, buffer=cents - from_clearing, release=0)


def is_bank_own(bank_code: str) -> bool:
    """Whether the bank's code says that an entry is its own charge, fee, tax or interest."""
    return bank_code.rpartition("-")[2] in BANK_OWN_CODES


def is_return(bank_code: str, return_reason: str, *, is_reversal: bool) -> bool:
    """Whether the bank says that an entry undoes an earlier payment."""
    return bool(return_reason) or is_reversal or bank_code.rpartition("-")[2] == RETURN_CODE
