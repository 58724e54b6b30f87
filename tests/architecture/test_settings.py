"""Settings come from the environment, are documented in one table, and are safe by default."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping

import pytest

from eigenwijs.project import environment
from tests.architecture.source import ROOT, Module, assert_none, modules, planted

PUBLISHED_SECRET = "fictional-data-only-" + "demonstration-" * 4
GOOD_SECRET = "Zq8-" + "0123456789abcdefghijklmnop" * 3
PRODUCTION = {
    "DATABASE_URL": "postgresql://eigenwijs@db.example/eigenwijs",
    "EIGENWIJS_SECRET_KEY": GOOD_SECRET,
    "EIGENWIJS_ALLOWED_HOSTS": "eigenwijs.example",
    "EIGENWIJS_MAIL_URL": "smtp://mail.example:587",
}
SHOW = """
import json
from django.conf import settings
print(json.dumps({n: getattr(settings, n) for n in dir(settings) if n.isupper()}, default=str))
"""
UNSAFE = ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "*", "http:", "https:")


def names_read(module: Module) -> list[tuple[int, str]]:
    """Return every environment variable that `module` reads or writes by a literal name."""
    found = []
    for node in ast.walk(module.tree):
        name: ast.expr | None = None
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            name = node.slice
        elif isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func)
            if called in {"os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop"}:
                name = node.args[0]
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) == "os.environ":
            name = node.left
        if isinstance(name, ast.Constant):
            found.append((node.lineno, str(name.value)))
    return found


def find_unknown_variables(house: Iterable[Module]) -> list[str]:
    """Name every environment variable that the table does not have."""
    known = {variable.name for variable in environment.VARIABLES}
    return [
        f"{module.name} line {line} reads {name}"
        for module in house
        for line, name in names_read(module)
        if name not in known
    ]


def find_unread_variables(house: Iterable[Module]) -> list[str]:
    """Name every variable in the table that nothing reads."""
    constants = {
        value.name: name
        for name, value in vars(environment).items()
        if isinstance(value, environment.Variable)
    }
    text = "\n".join(m.text for m in house if m.name != environment.__name__)
    return [
        name
        for name, constant in constants.items()
        if f"environment.{constant}" not in text and f'"{name}"' not in text
    ]


def find_unsafe_sources(policy: Mapping[str, Iterable[str]]) -> list[str]:
    """Name every source in a content security policy that lets strangers' code run."""
    return [
        f"{directive} allows {source}"
        for directive, sources in policy.items()
        for source in sources
        if any(source.strip("'") == unsafe for unsafe in UNSAFE)
        or (source == "data:" and directive != "img-src")
    ]


def run_with(variables: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python with nothing of ours in the environment but `variables`."""
    ours = {variable.name for variable in environment.VARIABLES}
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, *command],
        env={
            **clean,
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
            **variables,
        },
        capture_output=True,
        check=False,
        text=True,
    )


def test_every_environment_variable_is_in_the_table_and_read() -> None:
    house = list(modules())
    assert_none(find_unknown_variables(house))
    tests = [Module(path, path.name, path.read_text()) for path in ROOT.glob("tests/**/*.py")]
    assert_none(find_unread_variables([*house, *tests]))


def test_the_reference_shows_the_table_as_it_is() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text()
    rewrite = "PYTHONPATH=src python -m eigenwijs.project.environment shows what it must say"
    assert environment.as_table() in page, rewrite


def test_production_is_safe_without_a_choice() -> None:
    answer = run_with(PRODUCTION, "-c", SHOW)
    assert answer.returncode == 0, answer.stderr
    settings = json.loads(answer.stdout)
    assert settings["DEBUG"] is False
    assert settings["DEMO"] is False
    for cookie in ("SESSION", "CSRF", "LANGUAGE"):
        assert settings[f"{cookie}_COOKIE_SECURE"] is True, cookie
    for cookie in ("SESSION", "CSRF"):
        assert settings[f"{cookie}_COOKIE_HTTPONLY"] is True, cookie
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] >= 60 * 60 * 24 * 365
    assert settings["ALLOWED_HOSTS"] == ["eigenwijs.example"]
    policy = settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert_none(find_unsafe_sources(policy))
    assert {"default-src", "object-src", "base-uri", "form-action", "frame-ancestors"} <= set(
        policy
    )


def test_djangos_deployment_check_has_no_warning() -> None:
    answer = run_with(PRODUCTION, "-m", "django", "check", "--deploy", "--fail-level", "WARNING")
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"EIGENWIJS_SECRET_KEY": ""}, "EIGENWIJS_SECRET_KEY"),
        ({"EIGENWIJS_SECRET_KEY": "short"}, "EIGENWIJS_SECRET_KEY"),
        ({"EIGENWIJS_SECRET_KEY": "aa" * 40}, "EIGENWIJS_SECRET_KEY"),
        ({"EIGENWIJS_SECRET_KEY": "", "EIGENWIJS_INSECURE_HTTP": "1"}, "EIGENWIJS_SECRET_KEY"),
        ({"EIGENWIJS_SECRET_KEY": PUBLISHED_SECRET}, "EIGENWIJS_SECRET_KEY"),
        ({"EIGENWIJS_SECRET_KEY_FALLBACKS": f"{GOOD_SECRET},short"}, "SECRET_KEY_FALLBACKS"),
        ({"EIGENWIJS_DEMO": "1"}, "EIGENWIJS_ALLOWED_HOSTS"),
        ({"EIGENWIJS_DEMO": "1", "EIGENWIJS_SECRET_KEY": ""}, "EIGENWIJS_ALLOWED_HOSTS"),
        (
            {"EIGENWIJS_DEMO": "1", "EIGENWIJS_ALLOWED_HOSTS": "localhost,*"},
            "EIGENWIJS_ALLOWED_HOSTS",
        ),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
    ],
    ids=[
        "no secret",
        "short secret",
        "one letter",
        "no secret over HTTP",
        "the demo's published secret",
        "short earlier secret",
        "a demo open to the world",
        "a demo open to the world under the published secret",
        "a demo open to every name",
        "no database",
    ],
)
def test_it_refuses_to_start_with(change: dict[str, str], said: str) -> None:
    answer = run_with({**PRODUCTION, **change}, "-c", SHOW)
    assert answer.returncode != 0
    assert said in answer.stderr.splitlines()[-1]


@pytest.mark.parametrize("hosts", ["", "localhost, [::1]"], ids=["no host named", "this machine"])
def test_only_a_demo_on_this_machine_starts_without_a_secret(hosts: str) -> None:
    demo = {
        "DATABASE_URL": PRODUCTION["DATABASE_URL"],
        "EIGENWIJS_DEMO": "1",
        "EIGENWIJS_ALLOWED_HOSTS": hosts,
    }
    answer = run_with(demo, "-c", SHOW)
    assert answer.returncode == 0, answer.stderr
    assert set(json.loads(answer.stdout)["ALLOWED_HOSTS"]) <= {"127.0.0.1", "localhost", "[::1]"}


def test_earlier_secrets_are_a_list() -> None:
    earlier = [GOOD_SECRET + "1", GOOD_SECRET + "2"]
    answer = run_with(
        {**PRODUCTION, "EIGENWIJS_SECRET_KEY_FALLBACKS": ", ".join(earlier)}, "-c", SHOW
    )
    assert json.loads(answer.stdout)["SECRET_KEY_FALLBACKS"] == earlier


def test_lock_files_name_no_host_and_carry_hashes() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert not re.search(r"(https?|file)://", text), lock.name
        assert text.count("==") <= text.count("--hash=sha256:"), lock.name


def test_planted_variables() -> None:
    reads = "import os\na = os.environ['SECRET']\nb = os.getenv('X')\nc = 'Y' in os.environ\n"
    assert len(find_unknown_variables([planted(reads)])) == 3
    assert not find_unknown_variables([planted("import os\nos.environ.get('DATABASE_URL')")])
    assert "DATABASE_URL" in find_unread_variables([planted("")])


def test_planted_policy() -> None:
    policy = {
        "script-src": ["'self'", "'unsafe-inline'"],
        "style-src": ["data:"],
        "img-src": ["data:"],
    }
    assert len(find_unsafe_sources(policy)) == 2
