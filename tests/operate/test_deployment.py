"""The files of a deployment say what the software understands, and the guide names them all."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.db import connection
from ruamel.yaml import YAML

from eigenwijs.project import environment
from tests.architecture.source import assert_none
from tests.architecture.test_settings import GOOD_SECRET, SHOW, run_with
from tests.histories.databases import ROOT

DEPLOY = ROOT / "deploy"
GUIDE = ROOT / "docs" / "operate"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
# For a newcomer's demo, for tests, or for a machine without TLS.
NOT_IN_PRODUCTION = {
    variable.name
    for variable in (
        environment.PG_BINDIR,
        environment.DEMO,
        environment.INSECURE_HTTP,
        environment.CHROMIUM,
    )
}


def variables(*names: str) -> dict[str, str]:
    """Return what systemd reads from these files, the last of a name counting, filled in."""
    found = {}
    for name in names:
        for line in (DEPLOY / name).read_text().splitlines():
            if line and not line.startswith("#"):
                key, _is, value = line.partition("=")
                secret = key == environment.SECRET_KEY.name
                found[key] = GOOD_SECRET if secret else re.sub(r"<([\w ]+)>", "filled", value)
    return found


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield what each unit starts, with the name of its file."""
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE):
            yield unit.name, line.split()


def test_the_environment_files_hold_every_setting_of_production_and_no_other() -> None:
    known = {variable.name for variable in environment.VARIABLES}
    assert set(variables("eigenwijs.env", "web.env")) == known - NOT_IN_PRODUCTION
    assert set(variables("owner.env")) == {environment.DATABASE_URL.name}


@pytest.mark.parametrize(
    ("files", "host", "pooled"),
    [
        (("eigenwijs.env", "web.env"), "127.0.0.1", True),
        (("eigenwijs.env",), "db1.example,db2.example", False),
        (("eigenwijs.env", "owner.env"), "db1.example,db2.example", False),
    ],
    ids=["web server", "job worker", "migrations"],
)
def test_it_starts_with_the_environment_files(
    files: tuple[str, ...], host: str, pooled: bool
) -> None:
    answer = run_with(variables(*files), "-c", SHOW)
    assert answer.returncode == 0, answer.stderr
    database = json.loads(answer.stdout)["DATABASES"]["default"]
    assert database["HOST"] == host
    assert database["DISABLE_SERVER_SIDE_CURSORS"] is pooled


def test_units_start_what_is_there() -> None:
    known = get_commands()
    granian = subprocess.run(
        [sys.executable, "-m", "granian", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for unit, command in commands():
        if "django" in command:
            assert command[command.index("django") + 1] in known, unit
        if "granian" in command:
            assert_none(
                f"{unit}: {word}"
                for word in command
                if word.startswith("--") and not re.search(rf"{word}\b", granian)
            )
            assert command[-1] == "eigenwijs.project.wsgi:application"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = re.sub(
            r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE
        )
        (tmp_path / unit.name).write_text(text)
    (tmp_path / "eigenwijs-backup@full.service").symlink_to(tmp_path / "eigenwijs-backup@.service")
    (tmp_path / "eigenwijs-backup@diff.service").symlink_to(tmp_path / "eigenwijs-backup@.service")
    checked = [tmp_path / unit.name.replace("@.", "@full.") for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *checked],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "eigenwijs" in line]
    assert (ours, done.returncode) == ([], 0), done.stderr


@pytest.mark.django_db
def test_postgresql_knows_its_settings() -> None:
    file = configparser.ConfigParser(interpolation=None)
    file.read_string("[postgresql]\n" + (DEPLOY / "postgresql.conf").read_text())
    patroni = YAML(typ="safe").load(DEPLOY / "patroni.yml")
    asked = {
        *file["postgresql"],
        *patroni["bootstrap"]["dcs"]["postgresql"]["parameters"],
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings")
        assert asked <= {name for (name,) in cursor.fetchall()}


def test_the_proxy_lets_through_what_the_software_takes() -> None:
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
    assert f"client_max_body_size {megabytes}m;" in (DEPLOY / "nginx.conf").read_text()


def test_the_guide_names_every_file_and_no_command_that_is_not_there() -> None:
    text = "\n".join(page.read_text() for page in GUIDE.glob("*.md"))
    assert_none(
        f"docs/operate does not name {file.name}"
        for file in sorted(DEPLOY.iterdir())
        if file.name not in text
    )
    named = set(re.findall(r"\bmanage ([a-z_]+)", text))
    assert named
    assert named <= set(get_commands())


@pytest.mark.django_db
def test_every_figure_of_the_monitoring_can_be_asked() -> None:
    text = (DEPLOY / "monitoring.sql").read_text()
    with connection.cursor() as cursor:
        for statement in re.sub(r"^--.*$", "", text, flags=re.MULTILINE).split(";")[:-1]:
            cursor.execute(statement)
            rows = cursor.fetchall()
            assert len(rows) <= 1, statement
            assert all(len(row) == 1 for row in rows), statement
