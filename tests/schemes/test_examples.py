"""Worked examples beside a scheme: the command runs them, and names what is wrong in them by line and field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.schemes.test_language import GOOD


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a good scheme."""
    path = tmp_path / "scheme.yaml"
    path.write_text(GOOD)
    return path


def test_the_command_runs_the_worked_examples(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file
    example = """\
cases:
  - name: too low
    period: 2024-01
    facts: {contract_kind: permanent, contract_hours_week: 38}
    amount: 14.00
"""
    path.with_name("cases.yaml").write_text(example)
    with pytest.raises(CommandError):
        call_command("scheme", "check", str(path))
    assert (
        "cases.yaml:2: cases.1: ‘too low’: expected 14.00 EUR, found 14.58 EUR"
        in capsys.readouterr().err
    )
    path.with_name("cases.yaml").write_text(example.replace("14.00", "14.58"))
    call_command("scheme", "check", str(path))
    assert "1 worked examples" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("example", "says"),
    [
        (
            "course: {price: 100.00, online: 'yes'}, pays: 99.00",
            "‘x’: expected 99.00 EUR, found 100.00 EUR",
        ),
        (
            "course: {price: 100.00, subject: '0913 1012'}, refused: [price]",
            "‘x’: expected refused ['price'], found []",
        ),
        (
            "course: {price: 100.00}, pays: 1, refused: [price]",
            "write pays or refused, exactly one.",
        ),
    ],
)
def test_the_command_runs_the_worked_examples_of_spending(
    file: Path, capsys: pytest.CaptureFixture[str], example: str, says: str
) -> None:
    examples = """\
cases:
  - name: a year
    period: 2024-01
    facts: {contract_kind: permanent, contract_hours_week: 38}
    amount: 14.58
spending:
  - {name: fits, on: 2026-01-01, course: {price: 900.00, online: "yes"}, pays: 900.00}
  - {name: no, on: 2026-01-01, course: {price: 900.01, online: "yes"}, refused: [price]}
"""
    file.with_name("cases.yaml").write_text(examples)
    call_command("scheme", "check", str(file))
    assert "3 worked examples" in capsys.readouterr().out
    file.with_name("cases.yaml").write_text(
        f"{examples}  - {{name: x, on: 2026-01-01, {example}}}\n"
    )
    with pytest.raises(CommandError):
        call_command("scheme", "check", str(file))
    found = capsys.readouterr().err
    assert "cases.yaml:9: spending.3: " in found
    assert says in found


FAULTY_EXAMPLES = [
    (
        "contract_kind: permanent",
        "contract_knd: permanent",
        "5: cases.1.facts.contract_knd: ‘contract_knd’ does not exist. Do you mean ‘contract_kind’? Allowed: age,",
    ),
    ("contract_kind: permanent", "age: 30", "4: cases.1.facts: ‘contract_kind’ is missing."),
    (
        "contract_kind: permanent",
        "contract_kind: permanet",
        "5: cases.1.facts.contract_kind: ‘permanet’ is not a value of ‘contract_kind’. "
        "Do you mean ‘permanent’? Allowed: permanent, fixed_term, on_call, agency.",
    ),
    ("k: 38", "k: -3", "6: cases.1.facts.contract_hours_week: ‘contract_hours_week’ must lie"),
    ("k: 38", "k: much", "6: cases.1.facts.contract_hours_week: ‘much’ is not a number."),
    (
        "2024-01",
        "2024-Q1",
        "3: cases.1.period: This scheme does not know this kind of period. Allowed: month, four_weeks.",
    ),
    ("2024-01", "2017-01", "3: cases.1.period: This scheme did not exist then. It starts on 2024"),
    (
        "2024-01",
        "2024-01\n    until: 2023-12",
        "4: cases.1.until: ‘a month’: until must be of the same kind as period,",
    ),
    ("amount: 14.58", "balance: 0.001\n    amount: 1", "7: cases.1.balance: Write an amount in"),
    (
        "price: 900.00",
        "prce: 900.00",
        "13: spending.1.course.prce: ‘prce’ does not exist. Do you mean ‘price’? Allowed: course_kind,",
    ),
    ("price: 900.00", "employed: 'no'", "11: spending.1.course: ‘price’ is missing."),
    ("price: 900.00", "price: much", "13: spending.1.course.price: ‘much’ is not a number."),
    ("price: 900.00", "price: -1", "13: spending.1.course.price: ‘price’ must lie between 0 and"),
    ("price: 900.00", "price: 10.005", "13: spending.1.course.price: Write an amount in"),
    (
        'online: "yes"',
        "online: maybe",
        "12: spending.1.course.online: ‘maybe’ is not a value of ‘online’. Allowed: yes, no.",
    ),
    (
        "price: 900.00",
        "price: 900.00\n      course_kind: langage",
        "14: spending.1.course.course_kind: ‘langage’ is not a value of ‘course_kind’. Do you mean ‘language’?",
    ),
    (
        "pays: 900.00",
        "pays: 900.00\n    others_pay: -1",
        "15: spending.1.others_pay: A value may not be below zero.",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "says"), FAULTY_EXAMPLES, ids=lambda text: text[:60])
def test_facts_of_an_example_are_refused_with_line_and_field(
    file: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str, says: str
) -> None:
    examples = """\
cases:
  - name: a month
    period: 2024-01
    facts:
      contract_kind: permanent
      contract_hours_week: 38
    amount: 14.58
spending:
  - name: a course
    on: 2026-01-01
    course:
      online: "yes"
      price: 900.00
    pays: 900.00
"""
    path = file.with_name("cases.yaml")
    path.write_text(examples)
    call_command("scheme", "check", str(file))
    path.write_text(examples.replace(right, wrong, 1))
    with pytest.raises(CommandError):
        call_command("scheme", "check", str(file))
    found = capsys.readouterr().err
    assert f"{path}:{says}" in found
    assert all(re.match(rf"{path}:\d+: (cases|spending)\.1", line) for line in found.splitlines())
