"""Commits that go wrong: the connection is lost just before the database commits, or just after."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")

SHARE = 0.05
"""Of all commits, how many are lost before they happen; as many are lost after it."""
CLASHES = frozenset({"40001", "40P01", "55P03", "53100"})
"""SQLSTATEs of what may pass, and of which nothing remains: the last is a full disk."""
LOST = frozenset({None, "08000", "08003", "08006", "57P01", "57P02", "57P03"})

_commit = BaseDatabaseWrapper._commit
_of_this_thread = threading.local()


@dataclass
class Client:
    """Somebody who calls until there is an answer. Of `dice`, `share` of the commits go wrong."""

    dice: Random
    share: float = SHARE
    had: Counter[str] = field(default_factory=Counter)
    may_have_happened: bool = False
    """Whether, in the last call, a commit was done whose answer was lost."""
    is_unsure: bool = False
    """Whether the connection was lost otherwise than by the dice: then nobody knows."""

    def persist(self, call: Callable[[], T]) -> T:
        """Call; and again after a lost connection or a passing clash, with the same arguments."""
        self.may_have_happened = self.is_unsure = False
        while True:
            losses = self.had["before"] + self.had["after"]
            _of_this_thread.client = self
            try:
                return call()
            except (OperationalError, InterfaceError) as error:
                state = getattr(error.__cause__, "sqlstate", None)
                if state not in CLASHES | LOST:
                    raise
                self.had[state or "lost"] += 1
                if state in LOST and losses == self.had["before"] + self.had["after"]:
                    self.is_unsure = True
                    time.sleep(0.01)  # a server that starts is not asked all the time
                connection.close_if_unusable_or_obsolete()
            finally:
                _of_this_thread.client = None

    def commit(self, database: Any) -> None:
        """Commit as Django does, or lose the connection before or after."""
        chance = self.dice.random()
        if chance < self.share:
            self._lose(database, "before")
        _commit(database)
        if chance < 2 * self.share:
            self.may_have_happened = True
            self._lose(database, "after")

    def _lose(self, database: Any, when: str) -> None:
        self.had[when] += 1
        with database.wrap_database_errors:
            database.connection.close()
            raise psycopg.OperationalError(f"the connection was lost {when} the commit")


def _commit_of_a_client(database: Any) -> None:
    client: Client | None = getattr(_of_this_thread, "client", None)
    if client is None:
        _commit(database)
    else:
        client.commit(database)


def let_commits_fail() -> None:
    """From now on, in this process, commits fail as their client's dice say."""
    BaseDatabaseWrapper._commit = _commit_of_a_client


def again_after_a_clash(call: Callable[[], T]) -> T:
    """Call as a job does, again after a serialization failure, which only a strict isolation gives."""
    while True:
        try:
            return call()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != "40001":
                raise
