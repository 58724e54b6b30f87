"""The tables of this room."""

from eigenwijs.budgets.models.pots import (
    Credit,
    ExpectedCredit,
    GraceLot,
    Lapse,
    Pot,
    Refund,
    Reservation,
    ReservationLine,
)
from eigenwijs.budgets.models.time import TimeCredit, TimeUse

__all__ = [
    "Credit",
    "ExpectedCredit",
    "GraceLot",
    "Lapse",
    "Pot",
    "Refund",
    "Reservation",
    "ReservationLine",
    "TimeCredit",
    "TimeUse",
]
