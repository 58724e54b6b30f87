"""`manage simulate`: two proposals to a page, JSON and CSV; what is wrong is said with its line."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from lxml import html

from eigenwijs.simulation import queries
from tests.schemes.test_language import GOOD, SCHEMES

GIFT = SCHEMES / "nl/gift-werkgever/scheme.yaml"
SUPERMARKET = SCHEMES / "nl/supermarkt/scheme.yaml"
SMALL = ("--persons", "3000", "--years", "3", "--first-year", "2027", "--draws", "2")


def simulate(*arguments: object) -> tuple[str, str]:
    out, errors = StringIO(), StringIO()
    call_command("simulate", *(str(one) for one in arguments), stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("simulated")
    _out, errors = simulate(GIFT, SUPERMARKET, *SMALL, "--out", found / "run")
    assert errors.endswith("100 %\n")
    return found / "run"


def test_two_proposals_come_as_a_page_and_as_figures(folder: Path) -> None:
    page = html.fromstring((folder / "report.html").read_text(encoding="utf-8"))
    assert page.get("lang") == "nl"
    titles = [one.text_content() for one in page.iter("figcaption")]
    assert len(titles) == len(list(page.iter("figure"))) == 4
    assert "oproepcontract" in titles[1]
    for figure in page.iter("figure"):
        assert figure.find(".//svg/desc") is not None
        assert figure.find(".//table") is not None
    for one in queries.fit_table():
        assert one.fact.fact in page.text_content()
    for parameter in queries.parameters():
        assert f"{parameter.group}: {parameter.name}" in page.text_content()
    assert not page.xpath("//script | //link | //img | //@src")


def test_json_and_csv_say_the_same(folder: Path) -> None:
    plain = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert plain["persons"] == 3_000
    with (folder / "results.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for letter, proposal in zip("AB", plain["proposals"], strict=True):
        (credited,) = (
            row
            for row in rows
            if (row["proposal"], row["value"], row["measure"]) == (letter, "2028", "credited")
        )
        assert float(credited["figure"]) == proposal["years"][1]["credited"]["value"]
        assert float(credited["low"]) == proposal["years"][1]["credited"]["low"]


def test_a_run_can_be_had_in_english_and_again(folder: Path, tmp_path: Path) -> None:
    simulate(GIFT, SUPERMARKET, *SMALL, "--language", "en", "--out", tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Nobody in this simulation exists" in page
    assert translation.get_language() == "nl"
    again = (tmp_path / "results.json").read_text(encoding="utf-8")
    assert again == (folder / "results.json").read_text(encoding="utf-8")


def test_a_run_says_that_rounds_are_not_run_and_who_gives_nothing(
    folder: Path, tmp_path: Path
) -> None:
    names = ("nl/stap-2022", "at/bildungskonto")
    files = [SCHEMES / name / "scheme.yaml" for name in names]
    out, _errors = simulate(*files, *SMALL, "--language", "en", "--out", tmp_path)
    page = html.fromstring((tmp_path / "report.html").read_text(encoding="utf-8")).text_content()
    for said in (
        "‘nl/stap-2022’ divides money in rounds. Rounds are not run here",
        "‘at/bildungskonto’ gives nobody anything in 2027–2029.",
    ):
        assert said in out
        assert said in page
    assert "niemand iets" not in (folder / "report.html").read_text(encoding="utf-8")


def test_a_faulty_scheme_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "scheme.yaml"
    path.write_text(GOOD.replace("portable: true", "portable: perhaps"), encoding="utf-8")
    line = next(
        number
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "perhaps" in text
    )
    errors = StringIO()
    with pytest.raises(CommandError, match="faulty"):
        call_command("simulate", str(path), "--out", str(tmp_path / "out"), stderr=errors)
    assert errors.getvalue().startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--persons", "99"], "from 100 to"),
        (["--years", "0"], "from 1 to"),
        (["--draws", "many"], "not many"),
        (["--first-year", "2010"], "2010"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        simulate(GIFT, *arguments, "--out", tmp_path)


def test_more_than_four_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="5 files"):
        simulate(*[GIFT] * 5, "--out", tmp_path)


def test_what_cannot_be_written_is_named_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "simulate", lambda *_, **__: pytest.fail("computed"))
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "run/results.csv").mkdir(parents=True)
    for out, said in (
        ("file", "file: a file is in the way"),
        ("file/out", "out: a file is in the way"),
        ("run", "results.csv: a folder is in the way"),
    ):
        with pytest.raises(CommandError, match=said):
            simulate(GIFT, *SMALL, "--out", tmp_path / out)


def test_the_model_can_be_fitted_again(tmp_path: Path) -> None:
    out = StringIO()
    call_command("fit_simulation", "--out", str(tmp_path), "--persons", "4000", stdout=out)
    with (tmp_path / "fit.csv").open(encoding="utf-8") as file:
        assert [row["id"] for row in csv.DictReader(file)] == [
            one.fact.id for one in queries.fit_table()
        ]
    with (tmp_path / "parameters.csv").open(encoding="utf-8") as file:
        names = [(row["group"], row["name"]) for row in csv.DictReader(file)]
    assert names == [(one.group, one.name) for one in queries.parameters()]
    assert "C3b" in out.getvalue()


def test_fitting_into_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such folder"):
        call_command("fit_simulation", "--out", str(tmp_path / "nowhere"))
