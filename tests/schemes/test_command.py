"""One command for schemes: every job does what it says, and says what is wrong, where and what to do."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from ruamel.yaml import YAML

from eigenwijs.schemes import operations, queries
from tests.schemes.test_language import GOOD, SCHEMES
from tests.schemes.test_operations import BY, signed

PERSON = """\
period: 2026-03
facts: {contract_kind: permanent, contract_hours_week: 38}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a good scheme."""
    path = tmp_path / "scheme.yaml"
    path.write_text(GOOD)
    return path


@pytest.mark.django_db
def test_the_command_loads_what_is_shipped_and_again_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("scheme", "load")
    call_command("scheme", "load")
    assert "nl/gift-werkgever version 1" in capsys.readouterr().out
    assert len(queries.versions("nl/supermarkt")) == 1


def test_the_command_names_file_line_block_and_the_nearest_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scheme.yaml"
    text = GOOD.replace("per_year / 2", "per_jear / 2").replace("per: year", "per: yaer")
    path.write_text(text)
    with pytest.raises(CommandError):
        call_command("scheme", "check", str(path))
    found = capsys.readouterr().err
    for part, block in (("yaer", "credit.1.per"), ("per_jear", "credit.1.cases.2.otherwise")):
        line = text[: text.index(part)].count("\n") + 1
        assert f"{path}:{line}: {block}: ‘{part}’" in found
    assert "Do you mean ‘per_year’?" in found


def test_files_that_cannot_be_read_are_named_and_the_others_checked(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary, beside = file.with_name("binary.yaml"), file.parent / "beside/scheme.yaml"
    binary.write_bytes(b"scheme: \xff")
    beside.with_name("cases.yaml").mkdir(parents=True)
    beside.write_text(GOOD)
    wrong = [binary, file.parent, file.with_name("absent.yaml"), beside]
    with pytest.raises(CommandError) as refused:
        call_command("scheme", "check", *(str(path) for path in [*wrong, file]))
    assert str(refused.value) == f"faulty: {', '.join(str(path) for path in wrong)}"
    found = capsys.readouterr()
    assert found.err == (
        f"{binary}: byte 9 is not UTF-8. Save it as plain text in UTF-8.\n"
        f"{file.parent}: this is a folder. A file with a text belongs here.\n"
        f"{file.with_name('absent.yaml')}: there is no such file. Check its name.\n"
        f"{beside.with_name('cases.yaml')}: this is a folder. A file with a text belongs here.\n"
    )
    assert found.out.startswith(f"{file}: nl/proef ")


def test_the_command_says_what_one_person_gets_and_why(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """180.00 a year is 15.00 a month, and 175.00 a year was 13.46 each four weeks."""
    person = file.with_name("person.yaml")
    person.write_text(PERSON)
    call_command("scheme", "explain", str(file), "--facts", str(person))
    found = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert found.startswith("Proefregeling, maart 2026\n")
    assert "Het bedrag is € 180,00 per jaar. (artikel 1)" in found
    assert found.endswith("Je krijgt over deze periode € 15,00.\n")
    call_command(
        "scheme", "explain", str(file), "--facts", str(person), "--period=2025-P01", language="en"
    )
    found = capsys.readouterr().out
    assert found.startswith("Trial scheme, period 1 of 2025\n")
    assert "You get €13.46 for this period." in found


def test_what_stands_on_the_account_counts(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most three times 180.00: with 530.00 on it 10.00 fits, of the 15.00."""
    person = file.with_name("person.yaml")
    person.write_text(f"balance: 530.00\n{PERSON}")
    call_command("scheme", "explain", str(file), "--facts", str(person), language="en")
    assert "You get €10.00 for this period." in capsys.readouterr().out


WRONG = [
    ("{}", "1: facts: ‘facts’ is missing."),
    ("facts: [1]", "1: facts: "),
    ("facts: {", "1: facts: This is not good YAML"),
    (PERSON + "wage: 3\n", "3: wage: ‘wage’ does not exist here. Allowed: facts, balance, period."),
    (PERSON.replace("2026-03", "maart"), "1: period: ‘maart’ is not a period."),
    (PERSON.replace("period: 2026-03\n", ""), "1: period: Say which period"),
    (
        PERSON.replace("2026-03", "2026"),
        "1: period: This scheme does not know this kind of period.",
    ),
    (PERSON.replace("2026-03", "2023-12"), "1: period: This scheme did not exist then."),
    (PERSON + "balance: 1.001\n", "3: balance: Write an amount in whole cents."),
    (PERSON + "balance: veel\n", "3: balance: ‘veel’ is not a number."),
    (
        PERSON.replace("contract_kind", "contract_kinds"),
        "2: facts.contract_kinds: ‘contract_kinds’ does not exist. Do you mean ‘contract_kind’?",
    ),
    (PERSON.replace("contract_kind: permanent, ", ""), "2: facts: ‘contract_kind’ is missing."),
    (PERSON.replace(", contract_hours_week: 38", ""), "Is there none? Then write none."),
    (PERSON.replace("permanent", "none"), "‘contract_kind’ cannot be absent."),
    (PERSON.replace("permanent", "vast"), "‘vast’ is not a value of ‘contract_kind’."),
    (PERSON.replace("38", "veel"), "2: facts.contract_hours_week: ‘veel’ is not a number."),
    (PERSON.replace("38", "169"), "‘contract_hours_week’ must lie between 0 and 168."),
    (PERSON.replace("contract_kind", "days_period"), "‘days_period’ does not exist."),
]


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=lambda text: text[:60])
def test_wrong_facts_are_refused_with_file_line_and_field(
    file: Path, text: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    person = file.with_name("person.yaml")
    person.write_text(text)
    with pytest.raises(CommandError) as refused:
        call_command("scheme", "explain", str(file), "--facts", str(person), language="en")
    assert refused.value.returncode == 1
    found = capsys.readouterr().err
    assert expected in found
    assert all(re.match(rf"{person}:\d+: ", line) for line in found.splitlines())


def breaches(
    schema: dict[str, Any], value: Any, root: dict[str, Any], place: str = ""
) -> list[str]:
    """Hold a value against a JSON Schema. Knows the keywords that ours uses, and fails on another."""
    found: list[str] = []
    for keyword, rule in schema.items():
        found += KEYWORDS[keyword](rule, value, root, place, schema)
    return found


def _is(name: str, value: Any) -> bool:
    types = {"string": str, "boolean": bool, "array": list, "object": dict, "integer": int}
    if name == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, types[name]) and not (name == "integer" and isinstance(value, bool))


def _properties(rule: Any, value: Any, root: Any, place: str, _schema: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [
        breach
        for name, inner in rule.items()
        if name in value
        for breach in breaches(inner, value[name], root, f"{place}.{name}")
    ]


def _others(rule: Any, value: Any, root: Any, place: str, schema: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    patterns = schema.get("patternProperties", {})
    names = [
        name
        for name in value
        if name not in schema.get("properties", {})
        and not any(re.search(p, name) for p in patterns)
    ]
    if rule is False:
        return [f"{place}.{name} is not allowed" for name in names]
    return [b for name in names for b in breaches(rule, value[name], root, f"{place}.{name}")]


def _patterns(rule: Any, value: Any, root: Any, place: str, _schema: Any) -> list[str]:
    return [
        breach
        for pattern, inner in rule.items()
        for name in value
        if re.search(pattern, name)
        for breach in breaches(inner, value[name], root, f"{place}.{name}")
    ]


def _unless(is_right: bool, place: str, what: object) -> list[str]:
    return [] if is_right else [f"{place}: {what}"]


def _nothing(*_arguments: object) -> list[str]:
    return []


KEYWORDS: dict[str, Any] = {
    "$ref": lambda r, v, root, p, s: breaches(root["$defs"][r.rpartition("/")[2]], v, root, p),
    "type": lambda r, v, root, p, s: _unless(
        any(_is(one, v) for one in ([r] if isinstance(r, str) else r)), p, f"is no {r}"
    ),
    "anyOf": lambda r, v, root, p, s: _unless(
        any(not breaches(i, v, root, p) for i in r), p, "any"
    ),
    "enum": lambda r, v, root, p, s: _unless(v in r, p, r),
    "const": lambda r, v, root, p, s: _unless(v == r, p, r),
    "pattern": lambda r, v, root, p, s: _unless(not isinstance(v, str) or re.search(r, v), p, r),
    "minLength": lambda r, v, root, p, s: _unless(not isinstance(v, str) or len(v) >= r, p, r),
    "maxLength": lambda r, v, root, p, s: _unless(not isinstance(v, str) or len(v) <= r, p, r),
    "minimum": lambda r, v, root, p, s: _unless(not _is("number", v) or v >= r, p, r),
    "maximum": lambda r, v, root, p, s: _unless(not _is("number", v) or v <= r, p, r),
    "minItems": lambda r, v, root, p, s: _unless(not isinstance(v, list) or len(v) >= r, p, r),
    "minProperties": lambda r, v, root, p, s: _unless(not isinstance(v, dict) or len(v) >= r, p, r),
    "required": lambda r, v, root, p, s: [f"{p}.{n} is missing" for n in r if n not in v],
    "items": lambda r, v, root, p, s: [
        b for i, item in enumerate(v) for b in breaches(r, item, root, f"{p}.{i}")
    ],
    "propertyNames": lambda r, v, root, p, s: [b for n in v for b in breaches(r, n, root, p)],
    "format": lambda r, v, root, p, s: _unless(
        r != "date" or not isinstance(v, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", v), p, r
    ),
    "properties": _properties,
    "patternProperties": _patterns,
    "additionalProperties": _others,
    **dict.fromkeys(("$defs", "$schema", "title", "description"), _nothing),
}


def as_an_editor_reads(text: str) -> Any:
    """Read YAML 1.2 as editors do: numbers and booleans are such, dates are text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(plain(key)): plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return value.isoformat() if isinstance(value, date) else value

    return plain(YAML(typ="safe", pure=True).load(text))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The JSON Schema as the command writes it."""
    return queries.json_schema()


@pytest.mark.parametrize("path", sorted(SCHEMES.glob("*/*/scheme.yaml")), ids=str)
def test_the_json_schema_accepts_every_scheme_that_we_ship(
    schema: dict[str, Any], path: Path
) -> None:
    assert breaches(schema, as_an_editor_reads(path.read_text()), schema) == []


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("portable: true", "portable: true\nportables: true", ".portables is not allowed"),
        ("    per: year", "    per: year\n    pro: 1", ".credit.0.pro is not allowed"),
        ("portable: true", "portable: yes", ".portable: is no boolean"),
        ("per: year", "per: yaer", ".credit.0.per"),
        ("unit: hours", "unit: days", ".parameters.full_week.unit"),
        ("{2024-01-01: 38}", "{januari: 38}", ".parameters.full_week.values"),
        ("  full_week:", "  Full-week:", ".parameters.Full-week is not allowed"),
        ("after_months: 60", "after_months: 0", ".expiry.after_months"),
        ("periods: [month, four_weeks]", "periods: []", ".periods"),
        ("scheme: nl/proef\n", "", ".scheme is missing"),
        ("after_months: 60", "after_months:", ".expiry.after_months"),
    ],
)
def test_the_json_schema_refuses_what_the_language_does_not_have(
    schema: dict[str, Any], right: str, wrong: str, place: str
) -> None:
    assert breaches(schema, as_an_editor_reads(GOOD), schema) == []
    assert right in GOOD
    found = breaches(schema, as_an_editor_reads(GOOD.replace(right, wrong)), schema)
    assert any(breach.startswith(place) for breach in found), found


def test_the_command_writes_the_json_schema(
    schema: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("scheme", "schema")
    assert json.loads(capsys.readouterr().out) == schema


@pytest.mark.django_db
def test_what_was_loaded_comes_out_to_the_letter(
    now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also line ends as another system writes them, and by any start of the hash of eight or more."""
    text = GOOD.replace("an invented agreement", "verzonnen, à la carte").replace("\n", "\r\n")
    version = operations.load(text=text, by=BY, at=now)
    to = tmp_path / "out.yaml"
    call_command("scheme", "export", version.hash[:8], "--to", str(to))
    assert hashlib.sha256(to.read_bytes()).hexdigest() == version.hash
    capsys.readouterr()
    call_command("scheme", "export", version.hash)
    assert capsys.readouterr().out == text
    with pytest.raises(CommandError, match="exists"):
        call_command("scheme", "export", version.hash, "--to", str(to))


@pytest.mark.django_db
def test_a_name_is_the_version_in_force(now: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    loaded = operations.load(text=GOOD, by=BY, at=now).hash
    with pytest.raises(CommandError, match=f"nothing is in force today.*version 1 {loaded[:12]}"):
        call_command("scheme", "export", "nl/proef")
    with pytest.raises(CommandError, match=r"nl/geen: nothing is in force today$"):
        call_command("scheme", "export", "nl/geen")
    later = GOOD + "# in force\n"
    operations.activate(version_hash=signed(later, now), valid_from=date(2024, 1, 1), by=BY, at=now)
    call_command("scheme", "export", "nl/proef")
    assert capsys.readouterr().out == later
    for wrong in (loaded[:7], "f" * 64, ""):
        with pytest.raises(CommandError, match="give a scheme's name"):
            call_command("scheme", "export", wrong)


@pytest.mark.parametrize("portable", [True, False])
def test_lint_says_that_people_do_not_keep_the_money(
    portable: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
    if not portable:
        text = text.replace("portable: true", "portable: false")
        text += 'expiry: {months_after_job: 6, article: "5"}\n'
        text += 'reversion: {to: sector_fund, article: "5"}\n'
    path = tmp_path / "scheme.yaml"
    path.write_text(text)
    with pytest.raises(CommandError):
        call_command("scheme", "lint", str(path), "--year", "2027")
    assert ("Dit geld houden mensen niet" in capsys.readouterr().out) is not portable


def test_lint_names_who_is_shut_out_and_who_gets_less(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = SCHEMES / "nl/supermarkt/scheme.yaml"
    with pytest.raises(CommandError, match="groups get nothing or less than their share"):
        call_command("scheme", "lint", str(path), "--year", "2027")
    told = capsys.readouterr().out
    assert "! Contract: uitzendwerk: uitgesloten, 100 % krijgt niets." in told
    assert "zonder startkwalificatie: minder dan hun deel" in told
    assert "staat in geen loonadministratie" in told
    with pytest.raises(CommandError, match="De regeling geldt niet in heel 2016"):
        call_command("scheme", "lint", str(path), "--year", "2016")
    wrong = tmp_path / "scheme.yaml"
    wrong.write_text(GOOD.replace("per_year / 2", "per_jear / 2"))
    with pytest.raises(CommandError, match="faulty"):
        call_command("scheme", "lint", str(wrong))
    assert f"{wrong}:" in capsys.readouterr().err


@pytest.mark.parametrize("year", ["99999999", "-5", "0", "1999", "soon"])
def test_lint_refuses_a_year_that_is_none(year: str) -> None:
    path = SCHEMES / "nl/supermarkt/scheme.yaml"
    with pytest.raises(CommandError, match=f"from 2000 to 2100, not {year}"):
        call_command("scheme", "lint", str(path), f"--year={year}")


@pytest.mark.parametrize(
    ("name", "year", "says"),
    [
        ("nl/stap-2022", "2023", "‘nl/stap-2022’ verdeelt geld in rondes. Rondes rekenen we hier"),
        ("at/bildungskonto", "2027", "‘at/bildungskonto’ geeft in 2027 niemand iets."),
        ("at/bildungskonto", "2025", ""),
    ],
)
def test_lint_says_why_nobody_gets_anything(
    name: str, year: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(CommandError):
        call_command("scheme", "lint", str(SCHEMES / name / "scheme.yaml"), "--year", year)
    found = capsys.readouterr().out
    assert says in found
    assert bool(says) is ("in rondes" in found or "niemand iets" in found)
