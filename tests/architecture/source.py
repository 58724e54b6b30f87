"""The house as the architecture tests find it: its rooms, files and floors. Nothing is listed by hand."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "eigenwijs"


@dataclass(frozen=True)
class Module:
    """One Python file of the house."""

    path: Path
    name: str
    text: str

    @property
    def room(self) -> str:
        """The room it stands in; empty for the house's own `__init__`."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def tree(self) -> ast.Module:
        """What Python reads in it."""
        return _parsed(self.text)

    @property
    def is_migration(self) -> bool:
        """Whether it changes tables."""
        return ".migrations" in self.name


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def module(path: Path, source_folder: Path) -> Module:
    """Read one file under `source_folder`."""
    parts = path.relative_to(source_folder).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(path, name, path.read_text(encoding="utf-8"))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the house."""
    return tuple(module(path, HOUSE.parent) for path in sorted(HOUSE.rglob("*.py")))


def planted(text: str, name: str = "eigenwijs.bookings.operations") -> Module:
    """A module that is not there, to see a checker fail."""
    return Module(Path(f"{name.replace('.', '/')}.py"), name, text)


def assert_none(breaches: Iterable[str]) -> None:
    """Fail with every breach on a line of its own."""
    found = list(breaches)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call below `tree` with the last part of the called name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                yield called.attr, node
            elif isinstance(called, ast.Name):
                yield called.id, node


@cache
def floors() -> dict[str, int]:
    """Return the floor each room stands on, 0 the lowest, as the import contract says."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    lowest_first = reversed(contract["layers"])
    return {
        room: floor
        for floor, layer in enumerate(lowest_first)
        for room in re.findall(r"\w+", layer)
    }


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file in the repository that exists here."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return tuple(path for name in listed if name and (path := ROOT / name).is_file())
