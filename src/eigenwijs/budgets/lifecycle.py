"""The states of a reservation."""

from eigenwijs.kernel.lifecycle import Lifecycle

RESERVATION = Lifecycle(
    initial="reserved",
    moves={
        ("reserved", "release"): "released",
        ("reserved", "spend"): "spent",
    },
)
