"""Answering somebody who waits: within seconds, and without troubling them with a passing clash."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import DomainError, Fault

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

LOCK_MILLISECONDS = 2_000
STATEMENT_MILLISECONDS = 10_000
ATTEMPTS = 3

_CLASHES = frozenset({"40001", "40P01", "55P03"})
"""SQLSTATEs of a passing clash: serialization failure, deadlock, lock not available in time."""
_LOST = frozenset({None, "08000", "08003", "08006", "08P01", "57P01", "57P02", "57P03"})
"""SQLSTATEs of a connection that is gone; None where the server could not say anything any more.

08P01 is what PgBouncer says when it lost the server, or had no connection to lend in time.
"""
_TOO_SLOW = "57014"
_HELD = "55P03"

BEING_READ = Fault(
    "being_read",
    _("We lezen nu een bestand van je. Probeer het over een minuut nog eens."),
)
"""What who delivers a file hears while the job worker has an earlier one in its hands."""


class TooBusy(DomainError):
    """Nothing changed: others were in the way for too long. Code: too_busy. Trying again is safe."""

    def __init__(self) -> None:
        super().__init__(
            "too_busy",
            _("Het is nu te druk. Er is niets veranderd. Probeer het zo nog eens."),
        )


def in_time(operation: Callable[P, R]) -> Callable[P, R]:
    """Make an operation atomic, for a person who waits for its answer.

    It waits 2 s for a lock and 10 s for a statement at most. A clash with others and a lost
    connection are tried again, blindly: so only for operations that answer the same request twice
    with the same outcome. Raises `TooBusy` when that does not help. Inside the transaction of a
    caller it is just atomic: the caller's transaction cannot be tried again from here.
    """

    @wraps(operation)
    def answered(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            with transaction.atomic():
                return operation(*args, **kwargs)
        for left in reversed(range(ATTEMPTS)):
            try:
                with transaction.atomic():
                    _limit_waiting()
                    return operation(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                state = getattr(error.__cause__, "sqlstate", None)
                if state == _TOO_SLOW or (state in _CLASHES and not left):
                    raise TooBusy from error
                if not left or state not in _CLASHES | _LOST:
                    raise
                connection.close_if_unusable_or_obsolete()
        raise AssertionError("unreachable")

    return answered


def lock_at_once(rows: models.QuerySet[M]) -> list[M] | None:
    """Return the rows, locked; None, with none of them locked, where somebody else holds one now.

    For rows that the job worker may hold for minutes. Inside a transaction, which stays usable.
    """
    try:
        with transaction.atomic():
            return list(rows.select_for_update(nowait=True, of=("self",)))
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _HELD:
            raise
        return None


def _limit_waiting() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS};"
            f" SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS}"
        )
