"""PostgreSQL clusters and demos of a test's own, with default durability."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from eigenwijs.project.postgres import Cluster
from tests.project import demo

# Always the same folder for a test process: as root the programs are copied beside it, once.
FOLDER = demo.ROOT / "var" / f"test-own-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """An empty folder for a cluster; whatever still runs there afterwards is stopped."""
    demo.clear(FOLDER)
    FOLDER.mkdir(parents=True)
    yield FOLDER
    demo.clear(FOLDER)


@pytest.fixture
def own_cluster(own_folder: Path) -> Cluster:
    """A cluster that was never started."""
    return Cluster(own_folder / "postgres")
