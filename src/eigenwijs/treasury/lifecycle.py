"""The states of what this room keeps, and the events that move them."""

from __future__ import annotations

from eigenwijs.kernel.lifecycle import Lifecycle

RECEIPT = Lifecycle(
    initial="open",
    moves={
        ("open", "part"): "partly",
        ("open", "complete"): "paid",
        ("open", "withdraw"): "withdrawn",
        ("partly", "part"): "partly",
        ("partly", "complete"): "paid",
        ("partly", "release"): "partly",
        ("partly", "take_back_part"): "partly",
        ("partly", "take_back_all"): "open",
        ("paid", "take_back_part"): "partly",
        ("paid", "take_back_all"): "open",
    },
)
"""An expected receipt. Money that came back to the payer by the bank opens it again."""

ENTRY = Lifecycle(
    initial="open",
    moves={
        ("open", "settle"): "settled",
        ("open", "keep"): "kept",
        ("open", "return"): "returning",
        ("kept", "settle"): "settled",
        ("kept", "return"): "returning",
        ("kept", "reopen"): "open",
        ("returning", "settle"): "settled",
        ("returning", "reopen"): "open",
        ("settled", "reopen"): "open",
    },
)
"""An entry: `open` is on the work list; `kept` is a surplus that stays in clearing."""

ORDER = Lifecycle(
    initial="ready",
    moves={
        ("ready", "withdraw"): "withdrawn",
        ("ready", "batch"): "batched",
        ("batched", "unbatch"): "ready",
        ("batched", "release"): "in_transit",
        ("in_transit", "settle"): "settled",
        ("in_transit", "reject"): "rejected",
        ("settled", "return"): "returned",
    },
)
"""A payment order. `rejected` and `returned` are ends: paying again is a new order."""

BATCH = Lifecycle(
    initial="made",
    moves={
        ("made", "withdraw"): "withdrawn",
        ("made", "release"): "released",
        ("released", "finish"): "finished",
    },
)
"""A payment batch. `finished`: none of its orders is in transit any more."""

PAYEE_ACCOUNT = Lifecycle(
    initial="awaiting",
    moves={
        ("awaiting", "approve"): "approved",
        ("awaiting", "refuse"): "refused",
        ("approved", "end"): "ended",
    },
)
"""The IBAN of a payee."""
