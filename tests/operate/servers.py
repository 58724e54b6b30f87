"""Where the threads of a test find the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from django.db import connection, connections

from eigenwijs.project import environment, settings

T = TypeVar("T")


@contextmanager
def pointed_at(url: str, *, pooled: bool = False) -> Iterator[None]:
    """Send every thread that starts meanwhile to this database, by the settings of a deployment.

    A thread keeps its address as long as it lives; this one keeps the database of the test.
    """
    variables = {
        environment.DATABASE_URL.name: url,
        environment.POOLED.name: "1" if pooled else "0",
    }
    with patch.dict(os.environ, variables):
        made = settings.database()
    there = {**connections.settings["default"], **made}
    with patch.dict(connections.settings, default=there):
        yield


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Call all in threads of their own; return their answers in order."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(_with_own_connection, calls))


def _with_own_connection(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connection.close()
