"""Starting and stopping the real demo, as a newcomer does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from eigenwijs.project.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 600  # the first start makes a fictional year

Demo = subprocess.Popen[str]


def plain_environment() -> dict[str, str]:
    """What a newcomer's shell has: nothing of ours but where the code is."""
    ours = ("DATABASE_URL", "EIGENWIJS_", "DJANGO_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int, options: Sequence[str] = ()) -> Demo:
    """Start the demo with its data in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "eigenwijs.project.demo", "--port", str(port), *options],
        env={**plain_environment(), "EIGENWIJS_DATA": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_until_ready(demo: Demo, port: int) -> None:
    """Read what the demo says until it is ready; fail with all of it when it ends before."""
    assert demo.stdout
    said = []
    patience = threading.Timer(PATIENCE_SECONDS, demo.kill)
    patience.start()
    try:
        for line in demo.stdout:
            said.append(line)
            if line == f"Eigenwijs is ready: http://127.0.0.1:{port}\n":
                return
    finally:
        patience.cancel()
    pytest.fail("the demo ended:\n" + "".join(said))


def clear(folder: Path) -> None:
    """Stop what still runs on the data in `folder` and remove it."""
    for name in ("postgres", "replica"):
        cluster = Cluster(folder / name)
        if (cluster.data / "postmaster.pid").exists():
            cluster.kill()
        shutil.rmtree(cluster.data, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
