"""The states of a reservation, and of a day on which somebody learns."""

from eigenwijs.kernel.lifecycle import Lifecycle

RESERVATION = Lifecycle(
    initial="reserved",
    moves={
        ("reserved", "release"): "released",
        ("reserved", "spend"): "spent",
        # The provider keeps what it was paid; what it was not paid yet is free.
        ("reserved", "free_rest"): "spent",
    },
)

TIME_USE = Lifecycle(
    initial="asked",
    moves={
        ("asked", "agree"): "stands",
        ("asked", "let_stand"): "stands",
        ("asked", "refuse"): "refused",
        ("asked", "withdraw"): "withdrawn",
        ("stands", "withdraw"): "withdrawn",
    },
)
