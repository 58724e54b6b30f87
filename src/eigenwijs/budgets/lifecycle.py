"""The states of a reservation."""

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
