"""PostgreSQL clusters and demos of a test's own, with default durability."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from eigenwijs.project.postgres import Cluster

# Always the same folder: as root the programs are copied beside it, once.
FOLDER = Path(__file__).resolve().parents[2] / "var" / "test-own"


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """An empty folder for a cluster; whatever still runs there afterwards is stopped."""
    data = FOLDER / "postgres"
    cluster = Cluster(data)
    _clear(cluster)
    FOLDER.mkdir(parents=True, exist_ok=True)
    yield FOLDER
    _clear(cluster)


@pytest.fixture
def own_cluster(own_folder: Path) -> Cluster:
    """A cluster that was never started."""
    return Cluster(own_folder / "postgres")


def _clear(cluster: Cluster) -> None:
    if (cluster.data / "postmaster.pid").exists():
        cluster.kill()
    shutil.rmtree(cluster.data, ignore_errors=True)
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture
def plain_environment() -> dict[str, str]:
    """What a newcomer's shell has: nothing of ours but where the code is."""
    ours = ("DATABASE_URL", "EIGENWIJS_", "DJANGO_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "PYTHONPATH": str(FOLDER.parents[1] / "src"),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
    }
