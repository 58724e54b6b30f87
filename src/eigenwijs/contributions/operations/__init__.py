"""Writes: take part in a scheme, ask ahead, deliver, confirm, request, credit, correct."""

from eigenwijs.contributions.ahead import dry_run
from eigenwijs.contributions.operations.advancing import (
    UnableToAskAdvance,
    UnableToWithdrawAdvance,
    ask_advance,
    withdraw_advance,
)
from eigenwijs.contributions.operations.booking import book_delivery, book_waiting
from eigenwijs.contributions.operations.crediting import credit_next
from eigenwijs.contributions.operations.delivering import (
    UnableToConfirm,
    UnableToDeliver,
    UnableToDiscard,
    confirm_delivery,
    discard_delivery,
    lapse_previews,
    preview_delivery,
    read_delivery,
)
from eigenwijs.contributions.operations.handing_over import look_at_hidden_nota
from eigenwijs.contributions.operations.participating import (
    UnableToParticipate,
    join_scheme,
    leave_scheme,
)
from eigenwijs.contributions.operations.settling import (
    begin_due_runs,
    credit_paid,
    remind_overdue,
    reopen,
)
from eigenwijs.contributions.operations.taking_time import (
    UnableToTakeTime,
    answer_time,
    check_day,
    choose_day,
    take_day_back,
)
from eigenwijs.contributions.operations.telling_ahead import (
    announce_change,
    announce_changes_ahead,
    tell_of_change,
)

__all__ = [
    "UnableToAskAdvance",
    "UnableToConfirm",
    "UnableToDeliver",
    "UnableToDiscard",
    "UnableToParticipate",
    "UnableToTakeTime",
    "UnableToWithdrawAdvance",
    "announce_change",
    "announce_changes_ahead",
    "answer_time",
    "ask_advance",
    "begin_due_runs",
    "book_delivery",
    "book_waiting",
    "check_day",
    "choose_day",
    "confirm_delivery",
    "credit_next",
    "credit_paid",
    "discard_delivery",
    "dry_run",
    "join_scheme",
    "lapse_previews",
    "leave_scheme",
    "look_at_hidden_nota",
    "preview_delivery",
    "read_delivery",
    "remind_overdue",
    "reopen",
    "take_day_back",
    "tell_of_change",
    "withdraw_advance",
]
