"""Writes of this room: one function a use case."""

from eigenwijs.treasury.operations.accounts import (
    UnableToChangeAccount,
    approve_payee_account,
    end_payee_account,
    open_bank_account,
    refuse_payee_account,
    register_payee_account,
)
from eigenwijs.treasury.operations.batches import (
    UnableToImportPaymentStatus,
    UnableToMakeBatch,
    UnableToReleaseBatch,
    import_payment_status,
    make_batch,
    release_batch,
    withdraw_batch,
)
from eigenwijs.treasury.operations.orders import (
    UnableToOrderPayment,
    order_payment,
    withdraw_order,
)
from eigenwijs.treasury.operations.proof import prove_client_money
from eigenwijs.treasury.operations.receipts import (
    UnableToExpectReceipt,
    expect_receipt,
    lock_expected_receipt,
    lower_expected_receipt,
    release_pro_rata,
    withdraw_expected_receipt,
)
from eigenwijs.treasury.operations.statements import UnableToImportStatement, import_statement
from eigenwijs.treasury.operations.work_list import (
    UnableToDecide,
    assign_entry,
    assign_entry_to_orders,
    book_to_buffer,
    keep_surplus,
    match_again,
    return_receipt,
    reverse_entry,
)

__all__ = [
    "UnableToChangeAccount",
    "UnableToDecide",
    "UnableToExpectReceipt",
    "UnableToImportPaymentStatus",
    "UnableToImportStatement",
    "UnableToMakeBatch",
    "UnableToOrderPayment",
    "UnableToReleaseBatch",
    "approve_payee_account",
    "assign_entry",
    "assign_entry_to_orders",
    "book_to_buffer",
    "end_payee_account",
    "expect_receipt",
    "import_payment_status",
    "import_statement",
    "keep_surplus",
    "lock_expected_receipt",
    "lower_expected_receipt",
    "make_batch",
    "match_again",
    "open_bank_account",
    "order_payment",
    "prove_client_money",
    "refuse_payee_account",
    "register_payee_account",
    "release_batch",
    "release_pro_rata",
    "return_receipt",
    "reverse_entry",
    "withdraw_batch",
    "withdraw_expected_receipt",
    "withdraw_order",
]
