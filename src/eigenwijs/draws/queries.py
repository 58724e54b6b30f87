"""Reading rounds, tickets and places. Nothing here writes; `access` says who may see what."""

from __future__ import annotations

from pathlib import Path

from eigenwijs.draws import verify_draw

__all__ = ["verify"]


def verify(path: Path) -> tuple[list[str], list[str]]:
    """Recompute the winners from a round's published files: return (faults, remarks).

    By the same stand-alone script that the round's page offers. Raises OSError, ValueError, KeyError,
    TypeError or zipfile.BadZipFile where the file is none of a round.
    """
    return verify_draw.verify(*verify_draw.read(str(path)))
