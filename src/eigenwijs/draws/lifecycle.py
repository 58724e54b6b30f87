"""The states of a round and of a place."""

from eigenwijs.kernel.lifecycle import Lifecycle

ROUND = Lifecycle(
    initial="draft",
    moves={
        ("draft", "publish"): "published",
        ("draft", "discard"): "discarded",
        ("published", "withdraw"): "withdrawn",
        ("published", "list"): "listed",
        ("listed", "enter_beacon"): "fallen",
        ("listed", "draw"): "drawn",
        ("fallen", "draw"): "drawn",
        ("drawn", "settle"): "settled",
    },
)
"""`listed` is drawn without a beacon only where the rules name none; the database holds that too."""

PLACE = Lifecycle(
    initial="offered",
    moves={
        ("offered", "accept"): "accepted",
        ("offered", "decline"): "declined",
        ("offered", "lapse"): "lapsed",
    },
)
