"""The states of a long run."""

from __future__ import annotations

from eigenwijs.kernel.lifecycle import Lifecycle

LONG_RUN = Lifecycle(
    "asked",
    {
        ("asked", "count"): "running",
        ("asked", "fail"): "failed",
        ("running", "finish"): "done",
        ("running", "fail"): "failed",
        ("failed", "ask"): "asked",
    },
)
"""asked: waits for the job worker. running: the figures are there, the band around them is being computed.
failed: it cannot be computed, `problem` says why; it may be asked again."""
