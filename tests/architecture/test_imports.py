"""Imports run downwards only, and into another room only through its doors."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import grimp
import pytest

from tests.architecture.source import ROOT, Module, assert_none, calls, modules, planted

DOORS = {"types", "operations", "queries", "access"}
OPEN_ROOMS = {"kernel"}

Import = tuple[str, str]


def find_imports_past_doors(imports: Iterable[Import]) -> list[str]:
    """Name every import of another room's inside."""
    breaches = []
    for importer, imported in imports:
        from_room, to_room = importer.split(".")[1:2], imported.split(".")[1:2]
        if not to_room or from_room == to_room or to_room[0] in OPEN_ROOMS:
            continue
        if imported.split(".")[2:3] != imported.split(".")[2:] or not (
            set(imported.split(".")[2:]) & DOORS
        ):
            breaches.append(f"{importer} imports {imported}")
    return breaches


def find_models_by_name(house: Iterable[Module]) -> list[str]:
    """Name every module that fetches a model by its name, around the doors."""
    return [
        f"{module.name} line {call.lineno} calls {name}"
        for module in house
        if not module.is_migration and module.room not in {"project", "people"}
        for name, call in calls(module.tree)
        if name in {"get_model", "get_models", "get_user_model", "import_string"}
    ]


def run_import_contract(root: Path, source: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the contract in `root` on the house in `source`."""
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        check=False,
        text=True,
    )


def _all_imports() -> list[Import]:
    graph = grimp.build_graph("eigenwijs", cache_dir=None)
    return sorted(
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    )


def test_imports_run_downwards_and_every_room_has_a_floor() -> None:
    answer = run_import_contract(ROOT, ROOT / "src")
    assert answer.returncode == 0, answer.stdout


def test_another_room_is_entered_through_its_doors() -> None:
    assert_none(find_imports_past_doors(_all_imports()))


def test_no_model_is_fetched_by_its_name() -> None:
    assert_none(find_models_by_name(modules()))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("kernel/money.py", "import eigenwijs.web\n"),
        ("ledger/queries.py", "import eigenwijs.people\n"),
        ("attic/__init__.py", ""),
    ],
    ids=["upwards", "sideways", "a room without a floor"],
)
def test_planted_import_breaks_the_contract(tmp_path: Path, path: str, text: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room in ("kernel", "people", "ledger", "web", "project", Path(path).parts[0]):
        (tmp_path / "src/eigenwijs" / room).mkdir(parents=True, exist_ok=True)
        (tmp_path / "src/eigenwijs" / room / "__init__.py").touch()
    (tmp_path / "src/eigenwijs/__init__.py").touch()
    assert run_import_contract(tmp_path, tmp_path / "src").returncode == 0 or "attic" in path
    (tmp_path / "src/eigenwijs" / path).write_text(text)
    assert run_import_contract(tmp_path, tmp_path / "src").returncode != 0


def test_planted_import_past_a_door() -> None:
    past = [
        ("eigenwijs.web.worker.views", "eigenwijs.people.models"),
        ("eigenwijs.bookings.operations", "eigenwijs.budgets.rules"),
        ("eigenwijs.bookings.operations", "eigenwijs.budgets.operations.holds"),
        ("eigenwijs.bookings.operations", "eigenwijs.budgets"),
    ]
    through = [
        ("eigenwijs.bookings.operations", "eigenwijs.budgets.operations"),
        ("eigenwijs.bookings.operations", "eigenwijs.bookings.rules"),
        ("eigenwijs.bookings.operations", "eigenwijs.kernel.money"),
    ]
    assert len(find_imports_past_doors([*past, *through])) == len(past)


def test_planted_fetch_of_a_model() -> None:
    assert find_models_by_name([planted("apps.get_model('people', 'Person')")])
