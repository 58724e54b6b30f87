"""Writing rounds: made and published or withdrawn, entered, drawn, and what becomes of the places."""

from eigenwijs.draws.operations.claiming import UnableToClaim, claim, claim_many
from eigenwijs.draws.operations.drawing import (
    UnableToDraw,
    enter_beacon,
    list_due,
    list_tickets,
    open_due,
    reveal,
)
from eigenwijs.draws.operations.entering import UnableToEnter, enter, withdraw
from eigenwijs.draws.operations.making import (
    change_round,
    discard_round,
    make_round,
    publish_round,
    round_funded,
)
from eigenwijs.draws.operations.passing_on import pass_on_places
from eigenwijs.draws.operations.placing import (
    UnableToAnswer,
    accept_place,
    accept_places,
    decline_place,
    lapse_due,
    left_over_came_back,
    remind_of_deadlines,
    settle_due,
)
from eigenwijs.draws.operations.withdrawing import (
    UnableToWithdrawRound,
    tell_next_of_withdrawal,
    withdraw_round,
)
from eigenwijs.draws.terms import UnableToMakeRound

__all__ = [
    "UnableToAnswer",
    "UnableToClaim",
    "UnableToDraw",
    "UnableToEnter",
    "UnableToMakeRound",
    "UnableToWithdrawRound",
    "accept_place",
    "accept_places",
    "change_round",
    "claim",
    "claim_many",
    "decline_place",
    "discard_round",
    "enter",
    "enter_beacon",
    "lapse_due",
    "left_over_came_back",
    "list_due",
    "list_tickets",
    "make_round",
    "open_due",
    "pass_on_places",
    "publish_round",
    "remind_of_deadlines",
    "reveal",
    "round_funded",
    "settle_due",
    "tell_next_of_withdrawal",
    "withdraw",
    "withdraw_round",
]
