"""Errors in the log without the values they carry: those may be somebody's name or address."""

from __future__ import annotations

import traceback

from eigenwijs.kernel.errors import DomainError


class JobFailed(Exception):
    """A job that went wrong; the log line before it says where."""


def described(error: Exception) -> str:
    """Return what kind of error it is and through which lines it came, without its message."""
    code = f" ({error.code})" if isinstance(error, DomainError) else ""
    lines = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    return f"{type(error).__name__}{code}\n{lines}"
