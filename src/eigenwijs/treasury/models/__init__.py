"""The tables of this room."""

from eigenwijs.treasury.models.payments import (
    OrderSource,
    PayeeAccount,
    PaymentBatch,
    PaymentOrder,
    batch_named_by,
    offsets_of,
)
from eigenwijs.treasury.models.receipts import ExpectedReceipt
from eigenwijs.treasury.models.statements import (
    CHRONOLOGICAL,
    Allocation,
    BankAccount,
    BankStatement,
    ClientMoneyProof,
    Entry,
)

__all__ = [
    "CHRONOLOGICAL",
    "Allocation",
    "BankAccount",
    "BankStatement",
    "ClientMoneyProof",
    "Entry",
    "ExpectedReceipt",
    "OrderSource",
    "PayeeAccount",
    "PaymentBatch",
    "PaymentOrder",
    "batch_named_by",
    "offsets_of",
]
