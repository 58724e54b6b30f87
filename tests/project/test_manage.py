"""`run.py manage` before any demo: commands speak the language asked, and say what a missing table needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eigenwijs.project import translations
from tests.project import demo


@pytest.mark.own_cluster
def test_a_command_on_a_database_without_tables_says_what_to_do(own_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eigenwijs.project.manage", "scheme", "load"],
        env={**demo.plain_environment(), "EIGENWIJS_DATA": str(own_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "`python3 run.py demo` once, or `python3 run.py manage migrate`." in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_translations_are_built_where_they_are_absent_or_older_than_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    part = tmp_path / "en/parts/a.po"
    part.parent.mkdir(parents=True)
    compiled = tmp_path / "en/LC_MESSAGES/django.mo"
    for english, moved in (("Hello", 0), ("Hi", 1)):
        part.write_text(f'msgid "Hallo"\nmsgstr "{english}"\n')
        if compiled.exists():
            later = compiled.stat().st_mtime + moved
            os.utime(part, (later, later))
        translations.build_where_older()
        assert english.encode() in compiled.read_bytes()
    later = part.stat().st_mtime + 1
    os.utime(compiled, (later, later))
    part.write_text('msgid "Hallo"\nmsgstr "Hey"\n')
    os.utime(part, (later - 1, later - 1))
    translations.build_where_older()
    assert b"Hi" in compiled.read_bytes(), "what is as new as its parts is left alone"
