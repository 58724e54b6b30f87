"""Names say what is inside; files and functions are small enough to read."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tests.architecture.source import Module, assert_none, modules, planted

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "core", "base", "shared"}
LINES_A_FILE = 450
LINES_A_FUNCTION = 60


def find_empty_names(house: Iterable[Module]) -> list[str]:
    """Name every module called after nothing."""
    return [m.name for m in house if EMPTY_NAMES & set(m.name.split("."))]


def find_long_files(house: Iterable[Module]) -> list[str]:
    """Name every file that has become too long to read at once."""
    return [
        f"{module.name}: {lines} lines"
        for module in house
        if not module.is_migration and (lines := module.text.count("\n")) > LINES_A_FILE
    ]


def find_long_functions(house: Iterable[Module]) -> list[str]:
    """Name every function that has become too long, its docstring not counted."""
    return [
        f"{module.name}.{node.name}: {lines} lines"
        for module in house
        if not module.is_migration
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _lines_of_code(node)) > LINES_A_FUNCTION
    ]


def find_rooms_without_words(house: Iterable[Module]) -> list[str]:
    """Name every room whose `__init__` does not say what it is, or says more than that."""
    breaches = []
    for module in house:
        if module.path.name != "__init__.py" or module.name.count(".") != 1:
            continue
        if ast.get_docstring(module.tree) is None or len(module.tree.body) != 1:
            breaches.append(module.name)
    return breaches


def _lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if is_docstring else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def test_no_module_is_called_after_nothing() -> None:
    assert_none(find_empty_names(modules()))


def test_files_are_short() -> None:
    assert_none(find_long_files(modules()))


def test_functions_are_short() -> None:
    assert_none(find_long_functions(modules()))


def test_every_room_says_what_it_is() -> None:
    assert_none(find_rooms_without_words(modules()))


def test_planted_names_and_lengths() -> None:
    assert find_empty_names([planted("", "eigenwijs.bookings.utils")])
    assert find_long_files([planted("x = 1\n" * (LINES_A_FILE + 1))])
    body = "    x = 1\n" * LINES_A_FUNCTION
    assert find_long_functions([planted(f"def long():\n{body}")])
    assert not find_long_functions([planted(f'def long():\n    """Say."""\n{body[10:]}')])


def test_planted_room_without_words(tmp_path: object) -> None:
    silent = planted("import os", "eigenwijs.bookings")
    silent = Module(silent.path.with_name("__init__.py"), silent.name, silent.text)
    assert find_rooms_without_words([silent])
