"""Where the browser is."""

from __future__ import annotations

import shutil

from eigenwijs.project import environment

NO_BROWSER = "no chromium found: apt-get install chromium, or set CHROMIUM to its path"


def chromium() -> str | None:
    """Return the path of a chromium on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return environment.CHROMIUM.read() or next(filter(None, map(shutil.which, names)), None)
