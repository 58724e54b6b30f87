"""How a job fails."""

from __future__ import annotations


class JobFailed(Exception):
    """A job that went wrong; the log line before it says where."""
