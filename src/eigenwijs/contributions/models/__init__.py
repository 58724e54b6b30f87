"""The tables of this room."""

from eigenwijs.contributions.models.amounts import (
    AmountDue,
    CreditedAmount,
    PaymentRequest,
    YearTotal,
)
from eigenwijs.contributions.models.crediting import CreditingRun, PlannedShare
from eigenwijs.contributions.models.deliveries import Delivery, DeliveryLine, Participation
from eigenwijs.contributions.models.offsets import AdvanceAsk, SetOff, TakenBack

__all__ = [
    "AdvanceAsk",
    "AmountDue",
    "CreditedAmount",
    "CreditingRun",
    "Delivery",
    "DeliveryLine",
    "Participation",
    "PaymentRequest",
    "PlannedShare",
    "SetOff",
    "TakenBack",
    "YearTotal",
]
