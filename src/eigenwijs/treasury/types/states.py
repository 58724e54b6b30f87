"""The states, doubts and kinds of this room, with what they are called on the screen."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class OrderKind(StrEnum):
    """A payout pays a payee what is owed; a return sends money back to where it came from."""

    PAYOUT = "payout"
    RETURN = "return"

    @property
    def label(self) -> str | Promise:
        """The kind on the screen."""
        return _("Betaling") if self is OrderKind.PAYOUT else _("Terugbetaling")


class Purpose(StrEnum):
    """Where cents of an entry went."""

    RECEIPT = "receipt"
    ORDER = "order"
    BUFFER = "buffer"
    RETURN = "return"
    REVERSAL = "reversal"
    NETTED = "netted"

    @property
    def label(self) -> str | Promise:
        """The destination on the screen."""
        return _PURPOSES[self]


class ReceiptState(StrEnum):
    """What came in on an expected receipt."""

    OPEN = "open"
    PARTLY = "partly"
    PAID = "paid"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str | Promise:
        """The state on the screen."""
        return _RECEIPT_STATES[self]


class EntryState(StrEnum):
    """Whether an entry of a statement has its place. `OPEN` is the work list."""

    OPEN = "open"
    KEPT = "kept"
    RETURNING = "returning"
    SETTLED = "settled"

    @property
    def label(self) -> str | Promise:
        """The state on the screen."""
        return _ENTRY_STATES[self]


class OrderState(StrEnum):
    """How far a payment order is."""

    READY = "ready"
    BATCHED = "batched"
    IN_TRANSIT = "in_transit"
    SETTLED = "settled"
    REJECTED = "rejected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str | Promise:
        """The state on the screen."""
        return _ORDER_STATES[self]


class BatchState(StrEnum):
    """How far a payment batch is. `FINISHED`: the bank answered for every order."""

    MADE = "made"
    RELEASED = "released"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str | Promise:
        """The state on the screen."""
        return _BATCH_STATES[self]


class PayeeAccountState(StrEnum):
    """Whether payees are paid on an account."""

    AWAITING = "awaiting"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"

    @property
    def label(self) -> str | Promise:
        """The state on the screen."""
        return _PAYEE_ACCOUNT_STATES[self]


class Blocked(StrEnum):
    """Why an order cannot go into a batch yet."""

    NOT = ""
    NO_ACCOUNT = "no_account"
    TOO_NEW = "too_new"

    @property
    def label(self) -> str | Promise:
        """The reason on the screen."""
        return _BLOCKED[self]


class Doubt(StrEnum):
    """Why a payment, or what is left of it, waits for a person."""

    NONE = ""
    NO_REFERENCE = "no_reference"
    UNKNOWN_REFERENCE = "unknown_reference"
    AMBIGUOUS_REFERENCE = "ambiguous_reference"
    WITHDRAWN = "withdrawn"
    TOO_LITTLE_FOR_SEVERAL = "too_little_for_several"
    SURPLUS = "surplus"
    RETURN_UNKNOWN = "return_unknown"
    RETURN_AMOUNT = "return_amount"
    REVERSAL_UNKNOWN = "reversal_unknown"
    ORDER_AMOUNT = "order_amount"
    UNKNOWN_DEBIT = "unknown_debit"
    NOT_ENOUGH = "not_enough"
    PAYMENT_BACK = "payment_back"

    @property
    def label(self) -> str | Promise:
        """The reason on the screen."""
        return _DOUBTS[self]


class GapCode(StrEnum):
    """What the proof of client money names beside the sums."""

    NOT_IN_BOOKS = "not_in_books"
    LATE_IN_TRANSIT = "late_in_transit"
    STATEMENT_LATE = "statement_late"

    @property
    def label(self) -> str | Promise:
        """The gap on the screen."""
        return _GAPS[self]


_PURPOSES = {
    Purpose.RECEIPT: _("Betalingskenmerk"),
    Purpose.ORDER: _("Onze betaling"),
    Purpose.BUFFER: _("Buffer van de stichting"),
    Purpose.RETURN: _("Terug naar de betaler"),
    Purpose.REVERSAL: _("Teruggehaald door de bank"),
    Purpose.NETTED: _("Weggestreept tegen een andere boeking"),
}
_RECEIPT_STATES = {
    ReceiptState.OPEN: _("Nog niet betaald"),
    ReceiptState.PARTLY: _("Deels betaald"),
    ReceiptState.PAID: _("Betaald"),
    ReceiptState.WITHDRAWN: _("Ingetrokken"),
}
_ENTRY_STATES = {
    EntryState.OPEN: _("Op de werklijst"),
    EntryState.KEPT: _("Blijft bij de betaler staan"),
    EntryState.RETURNING: _("Gaat terug"),
    EntryState.SETTLED: _("Verwerkt"),
}
_ORDER_STATES = {
    OrderState.READY: _("Klaar om te betalen"),
    OrderState.BATCHED: _("In een betaalbatch"),
    OrderState.IN_TRANSIT: _("Onderweg"),
    OrderState.SETTLED: _("Betaald"),
    OrderState.REJECTED: _("Geweigerd door de bank"),
    OrderState.RETURNED: _("Teruggekomen"),
    OrderState.WITHDRAWN: _("Ingetrokken"),
}
_BATCH_STATES = {
    BatchState.MADE: _("Wacht op vrijgave"),
    BatchState.RELEASED: _("Vrijgegeven"),
    BatchState.FINISHED: _("Afgerond"),
    BatchState.WITHDRAWN: _("Ingetrokken"),
}
_PAYEE_ACCOUNT_STATES = {
    PayeeAccountState.AWAITING: _("Wacht op goedkeuring"),
    PayeeAccountState.APPROVED: _("Goedgekeurd"),
    PayeeAccountState.REFUSED: _("Afgewezen"),
    PayeeAccountState.ENDED: _("Gestopt"),
}
_BLOCKED = {
    Blocked.NOT: _("Kan betaald worden"),
    Blocked.NO_ACCOUNT: _("Er is nog geen goedgekeurd rekeningnummer"),
    Blocked.TOO_NEW: _("Het rekeningnummer is nog te nieuw"),
}
_DOUBTS = {
    Doubt.NONE: _("Geen twijfel"),
    Doubt.NO_REFERENCE: _("Er staat geen betalingskenmerk bij"),
    Doubt.UNKNOWN_REFERENCE: _("Dit betalingskenmerk kennen we niet"),
    Doubt.AMBIGUOUS_REFERENCE: _("Er passen meer betalingskenmerken op de tekst"),
    Doubt.WITHDRAWN: _("Dit betalingskenmerk is ingetrokken"),
    Doubt.TOO_LITTLE_FOR_SEVERAL: _("Te weinig voor alle kenmerken die erbij staan"),
    Doubt.SURPLUS: _("Er is te veel betaald"),
    Doubt.RETURN_UNKNOWN: _("Een betaling kwam terug, maar welke is niet duidelijk"),
    Doubt.RETURN_AMOUNT: _("Een betaling kwam terug met een ander bedrag"),
    Doubt.REVERSAL_UNKNOWN: _("De bank haalt geld terug, maar welk geld is niet duidelijk"),
    Doubt.ORDER_AMOUNT: _("De bank betaalde een ander bedrag dan onze opdracht"),
    Doubt.UNKNOWN_DEBIT: _("Er ging geld af zonder opdracht van ons"),
    Doubt.NOT_ENOUGH: _("In de buffer zit niet genoeg geld hiervoor"),
    Doubt.PAYMENT_BACK: _("De terugbetaling kwam niet aan"),
}
_GAPS = {
    GapCode.NOT_IN_BOOKS: _("Ging van de bank af, maar wacht nog op de werklijst"),
    GapCode.LATE_IN_TRANSIT: _("Al langer dan drie werkdagen onderweg"),
    GapCode.STATEMENT_LATE: _("Het afschrift van de vorige werkdag is er nog niet"),
}
