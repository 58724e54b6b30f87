"""The states of a delivery, of a payment request and of a run that credits a payment."""

from __future__ import annotations

from eigenwijs.kernel.lifecycle import Lifecycle

DELIVERY = Lifecycle(
    "received",
    {
        ("received", "read"): "previewed",
        ("received", "refuse"): "refused",
        ("received", "discard"): "discarded",
        ("previewed", "discard"): "discarded",
        ("previewed", "confirm"): "confirmed",
        ("confirmed", "book"): "booked",
        ("confirmed", "refuse"): "refused",
        ("refused", "discard"): "discarded",
    },
)
"""received: waits to be read. refused: read and found wrong, or no longer as it was shown; nothing
of it is kept but its faults. previewed: shown, counts for nothing. confirmed: the employer said
yes, amounts are being written, or wait until what was paid before is credited. booked: amounts
are due and requested. discarded: replaced by another file, lines gone."""

PAYMENT_REQUEST = Lifecycle(
    "open",
    {
        ("open", "replace"): "replaced",
        ("open", "pay"): "paid",
        ("open", "pay_part"): "part_paid",
        ("part_paid", "pay_part"): "part_paid",
        ("part_paid", "pay"): "paid",
        ("part_paid", "reopen"): "reopened",
        ("paid", "reopen"): "reopened",
        ("reopened", "reopen"): "reopened",
        ("reopened", "pay_part"): "reopened",
        ("reopened", "pay"): "paid",
    },
)
"""part_paid: a short payment that finance released pro rata. reopened: the bank took a payment
back; what was credited stays, the payer still owes. replaced: corrected before any of it was paid.
A request is paid from the moment its money may be credited; how far that is, its runs say."""

CREDITING = Lifecycle("waiting", {("waiting", "begin"): "running", ("running", "end"): "ended"})
"""waiting: shares are planned, and their day has not come or their money is not there. running: shares
are credited chunk by chunk. ended: all of them are on accounts."""
