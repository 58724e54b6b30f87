"""Every kind of wrong scheme is refused, and is told where it is wrong and what would be right."""

from __future__ import annotations

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from eigenwijs.schemes import structure, values
from eigenwijs.schemes.checking import FaultyScheme, check
from tests.architecture.source import ROOT
from tests.schemes.test_language import GOOD
from tests.schemes.wrong import (
    Wrong,
    ceiling,
    crediting,
    document,
    figures_and_facts,
    keeping,
    spending,
    time,
)

LEAST_KINDS = 45
FAMILIES = (document, figures_and_facts, crediting, keeping, spending, ceiling, time)
WRONG = [wrong for family in FAMILIES for wrong in family.WRONG]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.code} at {wrong.block}")
def test_a_wrong_scheme_is_refused_with_file_line_block_and_remedy(
    wrong: Wrong, tmp_path: Path
) -> None:
    assert wrong.before in GOOD
    text = GOOD.replace(wrong.before, wrong.after, 1)
    path = tmp_path / "scheme.yaml"
    path.write_text(text, encoding="utf-8")
    written = StringIO()
    with pytest.raises(CommandError, match=r"faulty: .*scheme\.yaml"):
        call_command("scheme", "check", str(path), stderr=written, stdout=StringIO(), no_color=True)
    lines = text.split("\n")
    places = [
        f"{path}:{number}: {wrong.block}: "
        for number, line in enumerate(lines, 1)
        if line.strip().startswith(wrong.on)
    ]
    if not wrong.block:
        places = [f"{path}:1: "]
    told = [line for line in written.getvalue().splitlines() if line.startswith(tuple(places))]
    assert any(wrong.says in line for line in told), written.getvalue()


def test_each_wrong_scheme_is_refused_for_its_own_reason() -> None:
    """One text of every kind: the fault has the code it is here for, and a name has its nearest."""
    for wrong in {wrong.code: wrong for wrong in WRONG}.values():
        with pytest.raises(FaultyScheme) as refused:
            check(GOOD.replace(wrong.before, wrong.after, 1))
        assert wrong.code in [fault.code for fault in refused.value.faults]


def test_every_kind_that_the_checker_knows_is_in_the_table() -> None:
    kinds = _codes() - {"other", "not_a_period"}  # what nothing reaches; what only examples have
    assert {wrong.code for wrong in WRONG} == kinds
    assert len(kinds) >= LEAST_KINDS


_PLACE_OF_CODE = {
    "fault": 1,
    "_refused": 1,
    "Fault": 0,
    "WrongExpression": 0,
    "UnreadableExpression": 0,
    "TooLarge": 0,
}


def _codes() -> set[str]:
    """Return every code that a fault of a scheme can have, by reading the source."""
    found = {*values.PROBLEMS, *structure._PROBLEMS, "spread_by_fact"}
    for name in (
        "reading",
        "structure",
        "checking",
        "formula_checks",
        "ceiling_checks",
        "job_end_checks",
        "advance_checks",
        "time_checks",
        "kinds",
        "expressions",
        "integer_form",
    ):
        source = (ROOT / f"src/eigenwijs/schemes/{name}.py").read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                function = node.func
                called = getattr(function, "attr", getattr(function, "id", ""))
                place = _PLACE_OF_CODE.get(called)
                if place is not None and len(node.args) > place:
                    code = node.args[place]
                    if isinstance(code, ast.Constant):
                        found.add(str(code.value))
    return found
