"""Writing bookings: the worker's yes, the provider's answer, the start, leaving, and the payment."""

from eigenwijs.bookings.operations.answering import (
    UnableToAnswer,
    cancel,
    cancel_run,
    confirm,
    decline,
    say_attendance,
)
from eigenwijs.bookings.operations.completing import (
    complete,
    decide_completion,
    deny_completion,
    object_to_completion,
)
from eigenwijs.bookings.operations.due import lapse_due, remind_silent, settle_due
from eigenwijs.bookings.operations.leaving import UnableToWithdraw, withdraw
from eigenwijs.bookings.operations.paying import (
    UnableToPay,
    pay,
    payout_rejected,
    payout_returned,
    payout_settled,
)
from eigenwijs.bookings.operations.reserving import UnableToReserve, reserve
from eigenwijs.bookings.operations.starting import (
    UnableToConfirmStart,
    UnableToDecide,
    confirm_start,
    decide_start,
    deny_start,
    object_to_decision,
)

__all__ = [
    "UnableToAnswer",
    "UnableToConfirmStart",
    "UnableToDecide",
    "UnableToPay",
    "UnableToReserve",
    "UnableToWithdraw",
    "cancel",
    "cancel_run",
    "complete",
    "confirm",
    "confirm_start",
    "decide_completion",
    "decide_start",
    "decline",
    "deny_completion",
    "deny_start",
    "lapse_due",
    "object_to_completion",
    "object_to_decision",
    "pay",
    "payout_rejected",
    "payout_returned",
    "payout_settled",
    "remind_silent",
    "reserve",
    "say_attendance",
    "settle_due",
    "withdraw",
]
