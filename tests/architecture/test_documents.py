"""Documents tell the truth: what they name exists, their links arrive, and they name no machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

import pytest

from eigenwijs.project.seed.cast import PERSONAS
from eigenwijs.web.public.promises import Promise, promises_file, read_promises
from tests.architecture.source import ROOT, Module, assert_none, modules, tracked_files
from tests.architecture.test_models import our_models

GLOSSARY = ROOT / "docs/glossary.md"
NOT_BUILT = "## Not built yet"

# Package hosts, and places on the machine of whoever wrote it. `/tmp` is a place on every machine, but
# only the two files named may use it.
MACHINE = {
    "a package host": re.compile(
        r"\b(?:pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org|proxy\.golang\.org)\b"
        r"|--(?:extra-)?index-url|\bindex-url\s*="
    ),
    "a file address": re.compile(r"file://(?!/folder\b|/etc/passwd|\{)"),
    "a place on somebody's machine": re.compile(
        r"(?<![\w./<}-])/(?:work|home|root|Users|mnt|srv/\w|tmp)(?:/|\b)(?!-)"
    ),
}
MAY_USE = {
    "src/eigenwijs/project/postgres.py": "/tmp",  # a socket's path must be short
    ".ci/run": "/tmp",
}
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".lock", ".html", ".css", ".js", ".yaml", ".yml", ".po",
        ".cff", ".typ", ".sh", ".json", ".csv", ".conf", ".ini", ".cfg", ".env", ".service", ".timer", ".sql",
        ""}  # fmt: skip


def find_tests_that_are_not_there(promises: Iterable[Promise], root: Path) -> list[str]:
    """Name every test in the table of promises that does not exist."""
    return [
        f"promise {promise.number} names {test}"
        for promise in promises
        for test in promise.tests
        if test not in _tests_in(root, test.partition("::")[0])
    ]


def _tests_in(root: Path, file: str) -> set[str]:
    path = root / file
    if not path.is_file():
        return set()
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(f"{file}::{node.name}")
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{file}::{node.name}::{n.name}"
                for n in node.body
                if isinstance(n, ast.FunctionDef)
            }
    return found


def find_broken_links(pages: Iterable[Path]) -> list[str]:
    """Name every link in a document to a file or heading that is not there."""
    breaches = []
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(<?([^)>\s]+)>?\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, heading = unquote(target).partition("#")
            path = (page.parent / file).resolve() if file else page
            if not path.exists() or (heading and heading not in _headings(path)):
                breaches.append(f"{page.name} links to {target}")
    return breaches


def find_machines(files: Iterable[tuple[str, str]]) -> list[str]:
    """Name every (file, text) with a package host or a place on the machine of whoever wrote it."""
    breaches = []
    for name, text in files:
        for number, line in enumerate(text.splitlines(), 1):
            readable = line.replace(MAY_USE[name], "") if name in MAY_USE else line
            breaches += [
                f"{name} line {number} names {what}: {line.strip()[:80]}"
                for what, pattern in MACHINE.items()
                if pattern.search(readable)
            ]
    return breaches


def glossary_names(text: str) -> tuple[set[str], set[str]]:
    """Return the names in code of the words in use, and of those that are not built yet."""
    built, _, not_built = text.partition(NOT_BUILT)

    def names(part: str) -> set[str]:
        rows = [line.split("|") for line in part.splitlines() if line.startswith("|")]
        return {name for row in rows for name in re.findall(r"`([^`]+)`", row[2])}

    return names(built), names(not_built)


def find_glossary_breaches(text: str, identifiers: set[str], needed: set[str]) -> list[str]:
    """Compare a glossary with the code, both ways."""
    built, not_built = glossary_names(text)
    return [
        *(f"{name} is in the glossary, not in the code" for name in sorted(built - identifiers)),
        *(f"{name} is built; move it up" for name in sorted(not_built & identifiers)),
        *(f"{name} has no word in the glossary" for name in sorted(needed - built)),
    ]


def identifiers(house: Iterable[Module]) -> set[str]:
    """Return every name that the house defines: rooms, modules, classes, functions, parameters, fields."""
    found: set[str] = set()
    for module in house:
        found |= set(module.name.split("."))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _headings(path: Path) -> set[str]:
    titles = re.findall(r"(?m)^#+\s+(.*)$", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in TEXT and "/vendor/" not in name:
            found.append((name, path.read_text(encoding="utf-8")))
    return found


def test_promises_name_tests_that_exist() -> None:
    promises = read_promises(promises_file().read_text(encoding="utf-8"))
    assert_none(find_tests_that_are_not_there(promises, ROOT))


def test_links_between_documents_arrive() -> None:
    assert_none(find_broken_links(path for path in tracked_files() if path.suffix == ".md"))


def test_no_file_names_a_package_host_or_somebodys_machine() -> None:
    own = Path(__file__).relative_to(ROOT).as_posix()
    assert_none(find_machines((name, text) for name, text in _texts() if name != own))


def test_the_glossary_has_every_room_and_table_and_nothing_else() -> None:
    rooms = {module.room for module in modules() if module.room}
    needed = rooms | {model.__name__ for model in our_models()}
    text = GLOSSARY.read_text(encoding="utf-8")
    assert_none(find_glossary_breaches(text, identifiers(modules()), needed))


def test_the_front_page_lists_every_persona_of_the_demo_and_shows_a_picture() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert_none(f"{one.name} is not on the front page" for one in PERSONAS if one.name not in page)
    assert re.search(r"!\[[^\]]+\]\(docs/images/[\w-]+\.png\)", page)


def test_planted_promise_without_its_test() -> None:
    name = "test_promises_name_tests_that_exist"
    good, gone = (
        Promise(1, "worker", "", (f"tests/architecture/test_documents.py::{test}",))
        for test in (name, "test_gone")
    )
    nowhere = Promise(2, "worker", "", ("tests/nowhere.py::test_x",))
    assert len(find_tests_that_are_not_there([good, gone, nowhere], ROOT)) == 2


def test_planted_broken_link(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("# One two\n[x](b.md) [y](#one-two) [z](#three) [w](https://example.org)\n")
    assert find_broken_links([page]) == ["a.md links to b.md", "a.md links to #three"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "see https://pypi.org/project/x",
        "path = '/home/anna/project'",
        "cd /tmp/x",
        "file:///data/x",
    ],
)
def test_planted_machine(line: str) -> None:
    assert find_machines([("docs/a.md", line)])


def test_what_only_looks_like_a_machine() -> None:
    innocent = ["/mijn/work/", "a/tmp/b", "https://example.org/home", "docs/home/"]
    assert_none(find_machines([("docs/a.md", line) for line in innocent]))


def test_planted_glossary() -> None:
    text = f"| a | `Pot`, `Gone` | b |\n{NOT_BUILT}\n| c | `Built` | d |\n"
    assert len(find_glossary_breaches(text, {"Pot", "Built", "Credit"}, {"Pot", "Credit"})) == 3
