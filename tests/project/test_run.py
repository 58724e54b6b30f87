"""`run.py` hands over what it does not read itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.own_cluster


def test_options_after_test_go_to_pytest() -> None:
    done = subprocess.run(
        [sys.executable, "run.py", "test", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pytest" in done.stdout + done.stderr
