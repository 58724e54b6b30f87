"""Writing bookings: the worker's yes, the provider's answer, the start, leaving, and the payment."""

from eigenwijs.bookings.operations.answering import (
    UnableToAnswer,
    cancel,
    cancel_run,
    confirm,
    decline,
    say_attendance,
)
from eigenwijs.bookings.operations.completing import complete
from eigenwijs.bookings.operations.doubting import decide_part, deny_part, object_to_part
from eigenwijs.bookings.operations.due import lapse_due, remind_silent, settle_due
from eigenwijs.bookings.operations.following import follow
from eigenwijs.bookings.operations.leaving import UnableToWithdraw, withdraw
from eigenwijs.bookings.operations.paying import (
    UnableToPay,
    pay,
    payout_rejected,
    payout_returned,
    payout_settled,
)
from eigenwijs.bookings.operations.proposing import accept_proposal, propose
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
    "accept_proposal",
    "cancel",
    "cancel_run",
    "complete",
    "confirm",
    "confirm_start",
    "decide_part",
    "decide_start",
    "decline",
    "deny_part",
    "deny_start",
    "follow",
    "lapse_due",
    "object_to_decision",
    "object_to_part",
    "pay",
    "payout_rejected",
    "payout_returned",
    "payout_settled",
    "propose",
    "remind_silent",
    "reserve",
    "say_attendance",
    "settle_due",
    "withdraw",
]
