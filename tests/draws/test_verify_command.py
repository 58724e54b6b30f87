"""`manage draw verify` and the stand-alone script say whether a round's files hold."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from eigenwijs.draws import published, verify_draw
from tests.draws.test_rules import drawn, fitting_round, published_files

NAMES = (published.RULES, published.TICKETS, published.RESULT)


def archive(path: Path, *, spoilt: bool = False) -> Path:
    of, tickets, seed, beacon = fitting_round()
    files = published_files(of, tickets, drawn(of, tickets, seed, beacon), seed, beacon)
    named = dict(zip(NAMES, files, strict=True))
    if spoilt:
        named[published.TICKETS] = named[published.TICKETS].replace("0-3,", "0-X,")
    path.write_bytes(published.archive(named))
    return path


def test_the_command_says_that_the_winners_are_as_published(tmp_path: Path) -> None:
    said = io.StringIO()
    call_command("draw", "verify", str(archive(tmp_path / "round.zip")), stdout=said)
    assert "24 tickets, 9 winners, 9 cents" in said.getvalue()
    assert "The winners are as published." in said.getvalue()


def test_the_command_fails_on_a_changed_ticket_and_on_what_is_no_round(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"tickets\.csv"):
        call_command("draw", "verify", str(archive(tmp_path / "spoilt.zip", spoilt=True)))
    other = tmp_path / "other.zip"
    other.write_text("no archive")
    with pytest.raises(CommandError, match="unreadable"):
        call_command("draw", "verify", str(other))


@pytest.mark.parametrize(("spoilt", "status"), [(False, 0), (True, 1)])
def test_the_script_stands_alone_in_at_most_150_lines(
    tmp_path: Path, spoilt: bool, status: int
) -> None:
    script = Path(verify_draw.__file__)
    assert len(script.read_text().splitlines()) <= 150
    apart = tmp_path / "verify.py"
    apart.write_bytes(script.read_bytes())
    file = archive(tmp_path / "round.zip", spoilt=spoilt)
    done = subprocess.run(
        [sys.executable, "-I", str(apart), str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done
    assert ("WRONG" in done.stdout) is spoilt


def test_a_file_of_a_round_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = (archive(tmp_path / name).read_bytes() for name in ("a.zip", "b.zip"))
    assert first == second
