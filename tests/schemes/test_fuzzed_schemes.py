"""Whatever is in a file, checking it gives a scheme or faults: it never crashes, grows or runs it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenwijs.schemes import checking
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import MOST_FAULTS, FaultyScheme, check
from eigenwijs.schemes.queries import check_text
from eigenwijs.schemes.reading import MOST_CHARACTERS, MOST_VALUES, read_document
from tests.schemes.test_language import GOOD, SCHEMES

SHIPPED = [
    GOOD,
    *(path.read_text(encoding="utf-8") for path in sorted(SCHEMES.rglob("scheme.yaml"))),
]
EXAMPLES = [
    (path.with_name("scheme.yaml").read_text(encoding="utf-8"), path.read_text(encoding="utf-8"))
    for path in sorted(SCHEMES.rglob("cases.yaml"))
]

TRACE = "evaluated-by-a-scheme"
"""The file that a text would leave where it is run."""

NASTY_VALUES = [
    "", "~", "null", "&a x", "*a", "<<", "=", "!!python/object/apply:os.system ['touch TRACE']", "!x y",
    "!!int 5", "[", "]", "{", "}", "{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}}}}",
    "[" * 3_000, "9" * 1_000, "-1", "1e999", "0x1F", "1_000", ".inf", ".nan", "1/0", "0.000000000001",
    "999999999999999", "٣٨", "²", "2024-02-30", "9999-12-31", "0001-01-01", "true", "yes", "'", '"', "|", ">-",
    "# x", "- x", "? x", "%YAML 1.1", "---", "...", "\t", "\x00", "\x85", "\u2028", "\ufeff", "\ud7ff", "😀",
    "[2024-01-01]", "{2024-01-01: 1}", "{otherwise: 0}", "[{otherwise: 0}]", "per_year", "age",
]  # fmt: skip
NASTY_FORMULAS = [
    "__import__('os').system('touch TRACE')", "open('TRACE','w')", "(lambda: 0)()", "per_year.real", "9**9**9",
    "(" * 400, "not " * 120 + "online", "1+" * 240 + "1", "999999999999999*" * 30 + "1", "1/" * 240 + "1",
    "(((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))", "in", "x in []", "[1]", "a in [b,", "==", "- 1",
    "per_year / (per_year - per_year)", "per_year * 0.000000000001 * 0.000000000001", "age in [age]", "",
]  # fmt: skip

places = st.integers(0, 10**6)


@st.composite
def mutated(draw: st.DrawFn, texts: list[str]) -> str:
    """A text that was good, after one to four changes by somebody who is careless or means harm."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(MUTATIONS))(draw, text)
    return text


def _bytes(draw: st.DrawFn, text: str) -> str:
    raw = bytearray(text.encode())
    at = draw(places) % max(len(raw), 1)
    raw[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return raw.decode(errors="replace")


def _characters(draw: st.DrawFn, text: str) -> str:
    at = draw(places) % max(len(text), 1)
    noise = draw(st.text(alphabet=":{}[]&*!|>'\"#-?,\n\t %@`é0a", min_size=1, max_size=6))
    return text[:at] + noise + text[at + draw(st.integers(0, 4)) :]


def _lines(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    at, other = draw(places) % len(lines), draw(places) % len(lines)
    change = draw(st.sampled_from(["drop", "double", "swap", "indent", "outdent", "bury"]))
    if change == "drop":
        del lines[at]
    elif change == "double":
        lines.insert(other, lines[at])
    elif change == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif change == "indent":
        lines[at] = "  " + lines[at]
    elif change == "outdent":
        lines[at] = lines[at].removeprefix("  ")
    else:
        lines[at] = "- " * draw(st.integers(1, 40)) + lines[at]
    return "\n".join(lines)


def _value(draw: st.DrawFn, text: str) -> str:
    """Put something else behind a colon."""
    lines = text.split("\n")
    keyed = [index for index, line in enumerate(lines) if ":" in line]
    if keyed:
        at = keyed[draw(places) % len(keyed)]
        formula = any(word in lines[at] for word in ("when", "amount", "otherwise", "by", "use"))
        value = draw(st.sampled_from(NASTY_FORMULAS if formula else NASTY_VALUES))
        lines[at] = f"{lines[at].partition(':')[0]}: {value}"
    return "\n".join(lines)


def _name(draw: st.DrawFn, text: str) -> str:
    """Give one name the spelling of another, everywhere or once."""
    words = sorted({word for word in text.replace(":", " ").split() if word.isidentifier()})
    if not words:
        return text
    old, new = (words[draw(places) % len(words)] for _ in range(2))
    return text.replace(old, new, draw(st.sampled_from([1, -1])))


MUTATIONS = [_bytes, _characters, _lines, _value, _name]


def assert_faults_can_be_told(error: FaultyScheme, text: str) -> None:
    assert 1 <= len(error.faults) <= MOST_FAULTS
    lines = max(text.count("\n"), len(text.splitlines())) + 1
    for fault in error.faults:
        assert str(fault)
        assert fault.line is not None
        assert 1 <= fault.line <= lines


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=mutated(SHIPPED))
def test_a_mutated_scheme_is_read_or_refused(text: str, in_an_empty_folder: Path) -> None:
    text = text.replace("TRACE", TRACE)
    try:
        assert isinstance(check.__wrapped__(text), Scheme)
    except FaultyScheme as error:
        assert_faults_can_be_told(error, text)
    assert not list(in_an_empty_folder.iterdir())


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(index=st.integers(0, len(EXAMPLES) - 1), data=st.data())
def test_mutated_examples_are_run_or_refused(index: int, data: st.DataObject) -> None:
    scheme, examples = EXAMPLES[index]
    text = data.draw(mutated([examples]))
    try:
        assert check_text(scheme, text).examples > 0
    except FaultyScheme as error:
        assert_faults_can_be_told(error, text)


def daily(number: int) -> str:
    days = (date(2024, 1, 1) + timedelta(days=day) for day in range(number))
    return ", ".join(f"{day}: 38" for day in days)


BOMBS = {
    "aliases that double": "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50)),
    "an alias of itself": "a: &a [*a]\n",
    "merged keys": GOOD.replace("portable:", "<<: &x {}\n<<: *x\nportable:"),
    "a merged key": GOOD.replace("portable: true", "<<: {portable: true}"),
    "an object": GOOD.replace("an invented", f"!!python/object/apply:os.system ['touch {TRACE}'] #"),
    "an object as a key": GOOD.replace("starts:", "!!python/name:os.system starts:"),
    "a tag of one's own": "%TAG ! tag:yaml.org,2002:python/\n---\n" + GOOD.replace("starts: ", "starts: !os "),
    "brackets": "a: " + "[" * (MOST_CHARACTERS - 10),
    "braces": "a: " + "{a: " * (MOST_CHARACTERS // 5),
    "dashes": "- " * (MOST_CHARACTERS // 2 - 1),
    "questions": "? " * (MOST_CHARACTERS // 2 - 1),
    "deep blocks": "".join(f"{' ' * depth}a:\n" for depth in range(600)),
    "a list without end": "a: [" + "x, " * (MOST_CHARACTERS // 4) + "x]",
    "keys without end": "".join(f"k{index}: 1\n" for index in range(20_000))[:MOST_CHARACTERS],
    "names that nearly exist": GOOD.replace(
        "    cases:\n", "    cases:\n" + "".join(f"      - {{when: per_yeax{i} > 1}}\n" for i in range(900))
    ),
    "a million digits": GOOD.replace("175.00", "9" * 10**6),
    "many digits": GOOD.replace("175.00", "9" * (MOST_CHARACTERS - len(GOOD))),
    "many digits where whole ones belong": GOOD.replace("after_months: 60", f"after_months: {'9' * 5_000}"),
    "a formula without end": GOOD.replace("per_year / 2", "1+" * 90_000 + "1"),
    "digits of powers": GOOD.replace("per_year / 2", "*".join(["999999999999999"] * 31)),
    "brackets in a formula": GOOD.replace("per_year / 2", "(" * 480),
    "a day for every value": GOOD.replace("2024-01-01: 38", daily(MOST_VALUES // 2)),
    "two documents": GOOD + "---\n" + GOOD,
    "a quote that never closes": "a: '" + "x\n" * 60_000,
    "noise that is nothing": "#" * (MOST_CHARACTERS - 1),
    "a byte that is none": GOOD + "\x00",
}  # fmt: skip


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_before_it_goes_off(text: str, in_an_empty_folder: Path) -> None:
    with pytest.raises(FaultyScheme) as refused:
        check.__wrapped__(text)
    assert_faults_can_be_told(refused.value, text)
    assert not list(in_an_empty_folder.iterdir())


def test_nothing_is_built_of_a_text_past_a_limit() -> None:
    """Faults of growth come alone: no value of the text was looked at."""
    for name in (
        "aliases that double",
        "brackets",
        "dashes",
        "a list without end",
        "keys without end",
    ):
        document = read_document(BOMBS[name])
        assert len(document.faults) == 1
        assert document.tree == ""
        assert document.lines == {}


def test_as_many_values_as_there_may_be_are_read() -> None:
    key, lists = 2, MOST_VALUES - 2  # the mapping, its key, the list in it; every x
    text = "a: [" + "x, " * (lists - key) + "x]"
    assert not read_document(text).faults
    assert read_document(text.replace("]", ", x]")).faults[0].code == "too_many"


def test_who_has_very_many_wrong_hears_of_the_first_hundred() -> None:
    wrong = "".join(f"      - {{when: per_yeax{i} > 1, amount: per_year}}\n" for i in range(200))
    with pytest.raises(FaultyScheme) as refused:
        check(GOOD.replace("    cases:\n", "    cases:\n" + wrong))
    assert len(refused.value.faults) == checking.MOST_FAULTS


def test_a_worked_example_does_not_run_for_ever() -> None:
    scheme, _examples = EXAMPLES[0]
    for until in ("2099-12", "2023-12", "2024"):
        text = (
            "cases:\n  - {name: x, period: 2024-01, facts: {age: 30}, amount: 0, until: "
            + until
            + "}\n"
        )
        with pytest.raises(FaultyScheme) as refused:
            check_text(scheme, text)
        assert [fault.code for fault in refused.value.faults] == ["until"]
