"""How a notice leaves the house."""

from eigenwijs.kernel.lifecycle import Lifecycle

NOTICE = Lifecycle(
    initial="due",
    moves={
        ("due", "mail"): "mailed",
        ("due", "keep"): "in_app",
        ("due", "ask_letter"): "letter_due",
        ("letter_due", "print"): "printed",
        ("printed", "print"): "printed",
    },
)
