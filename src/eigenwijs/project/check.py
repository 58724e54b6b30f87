"""Everything that must hold before a change is delivered, apart from the test suite."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eigenwijs.project import environment
from eigenwijs.project.postgres import Cluster

ROOT = Path(__file__).resolve().parents[3]

SECRET = "only-for-checking-" + "0123456789abcdefghijklmnopqrstuv" * 2
DEVELOPMENT = {environment.INSECURE_HTTP.name: "1"}
PRODUCTION = {environment.ALLOWED_HOSTS.name: "eigenwijs.example"}

Step = tuple[str, tuple[str, ...], dict[str, str]]

STEPS: tuple[Step, ...] = (
    ("format", ("-m", "ruff", "format", "--check", "--quiet", "."), {}),
    ("lint", ("-m", "ruff", "check", "--quiet", "."), {}),
    ("types", ("-m", "mypy", "--no-error-summary", "src", "bench", "run.py"), DEVELOPMENT),
    (
        "import contract",
        ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
        {},
    ),
    ("migrations", ("-m", "django", "makemigrations", "--check", "--dry-run"), DEVELOPMENT),
    ("template layout", ("-m", "djlint", "--lint", "--quiet", "src"), {}),
    ("templates", ("-m", "pytest", "tests/architecture/test_templates.py"), {}),
    ("translations", ("-m", "pytest", "tests/architecture/test_translations.py"), {}),
    ("dependencies", ("-m", "deptry", "src"), {}),
    ("deployment", ("-m", "django", "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
)


def failures(steps: tuple[Step, ...], variables: dict[str, str]) -> list[str]:
    """Run every step, several at once, say in their order how each went, and name those that failed."""

    def run(step: Step) -> tuple[float, subprocess.CompletedProcess[str]]:
        _name, command, own = step
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **variables, **own},
            capture_output=True,
            check=False,
            text=True,
        )
        return time.monotonic() - began, done

    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for (name, _command, _own), (seconds, done) in zip(
            steps, threads.map(run, steps), strict=True
        ):
            outcome = "FAILED" if done.returncode else "good"
            print(f"{name:<20} {outcome:<7} {seconds:6.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print((done.stdout + done.stderr).strip(), flush=True)
    return failed


def main() -> None:
    """Run all steps on a database of the checks' own."""
    cluster = Cluster(ROOT / "var" / "test-postgres-check", fast=True)
    cluster.start()
    try:
        failed = failures(
            STEPS,
            {
                environment.DATABASE_URL.name: cluster.url(),
                environment.SECRET_KEY.name: SECRET,
                "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
            },
        )
    finally:
        cluster.stop()
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")
    print("All checks are good.")


if __name__ == "__main__":
    main()
