"""The states of a booking and of a payout."""

from eigenwijs.kernel.lifecycle import Lifecycle

BOOKING = Lifecycle(
    initial="requested",
    moves={
        # The provider answers in time, or does not.
        ("requested", "confirm"): "confirmed",
        ("requested", "decline"): "declined",
        ("requested", "lapse"): "lapsed",
        # Or proposes another start: the worker takes that, says no, or says nothing.
        ("requested", "propose"): "proposed",
        ("proposed", "accept"): "replaced",
        ("proposed", "withdraw"): "withdrawn",
        ("proposed", "lapse"): "lapsed",
        ("proposed", "decline"): "declined",
        # The worker changes their mind: within the withdrawal term, and after it.
        ("requested", "withdraw"): "withdrawn",
        ("confirmed", "withdraw"): "withdrawn",
        ("started", "withdraw"): "withdrawn",
        ("decided", "withdraw"): "withdrawn",
        ("objected", "withdraw"): "withdrawn",
        ("confirmed", "cancel"): "cancelled",
        # The worker says that it started, whatever was decided meanwhile.
        ("confirmed", "start"): "started",
        ("decided", "start"): "started",
        ("objected", "start"): "started",
        # Silence: a person decides, the worker may object, another person decides again.
        ("confirmed", "decide"): "decided",
        ("decided", "object"): "objected",
        ("decided", "not_start"): "not_started",
        ("objected", "not_start"): "not_started",
        # The provider does not give the course.
        ("confirmed", "call_off"): "called_off",
        ("decided", "call_off"): "called_off",
        ("objected", "call_off"): "called_off",
        ("started", "call_off"): "called_off",
        ("started", "complete"): "completed",
        # A person decided that it was not completed: what waits for that goes back.
        ("started", "not_complete"): "not_completed",
    },
)

OPEN_STATES = ("requested", "proposed", "confirmed", "decided", "objected", "started")
"""A worker has at most one booking of a run in these."""

PAYOUT = Lifecycle(
    initial="ordered",
    moves={
        ("ordered", "settle"): "paid",
        ("ordered", "reject"): "reopened",
        ("paid", "return"): "reopened",
        ("reopened", "order"): "ordered",
        ("ordered", "drop"): "dropped",
        ("reopened", "drop"): "dropped",
    },
)
