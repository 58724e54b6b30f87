#!/usr/bin/env python3
"""Run Eigenwijs: demo, test, check and any management command.

Needs nothing but Python 3.11 or newer. Makes `.venv` beside this file from the hash-locked lists in
`requirements/`, and hands over to the project.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
INSTALLER = "uv==0.13.9"


def environment() -> dict[str, str]:
    """Return the environment of every child process."""
    variables = {
        **os.environ,
        "UV_SYSTEM_CERTS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "PYTHONPATH": str(HERE / "src"),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
    }
    # When set, no compiled file is kept and every start costs three times the processor time.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


def install(lock: Path) -> None:
    """Make `.venv` and install exactly what `lock` lists, unless that was done before."""
    done = VENV / "installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if done.exists() and wanted in done.read_text().split():
        return
    print(f"Installing {lock.stem} packages into .venv …", flush=True)
    if not PYTHON.exists():
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(VENV)  # half of one would look like a whole one next time
            sys.exit(
                "Python cannot make a virtual environment here. "
                "On Debian or Ubuntu: apt-get install python3-venv"
            )
    python = str(PYTHON)
    pip = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check")
    uv = (python, "-m", "uv", "pip", "install", "-q", "--python", python, "--require-hashes")
    subprocess.check_call([*pip, INSTALLER], env=environment())
    subprocess.check_call([*uv, "-r", str(lock)], env=environment())
    with done.open("a") as file:
        file.write(f"{wanted}\n")


def hand_over(*command: str) -> None:
    """Replace this process, so that Ctrl-C and SIGTERM reach the child and nothing else."""
    os.chdir(HERE)
    os.execve(PYTHON, [str(PYTHON), *command], environment())


def main() -> None:
    """Parse the command line and hand over."""
    if sys.version_info < (3, 11):  # noqa: UP036 — the one file that an older Python may meet
        sys.exit(f"Eigenwijs needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Eigenwijs: a learning account of your own. Needs nothing but Python 3.11 or newer.",
        epilog="DATABASE_URL names your own PostgreSQL (15 or newer); PG_BINDIR the programs of one to start. "
        "Without either, a private PostgreSQL runs from the installed packages, its data in var/.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo", help="start everything with fictional data and print the address"
    )
    demo.add_argument("--port", type=int, default=8000, help="port to serve on (default 8000)")
    demo.add_argument("--fresh", action="store_true", help="throw the demo's database away first")
    commands.add_parser("test", help="run the test suite; what follows goes to pytest")
    commands.add_parser(
        "check",
        help="format, lint, types, imports, migrations, templates, translations, deployment",
    )
    commands.add_parser("bench", help="measure speed on a database of its own; see bench/README.md")
    commands.add_parser("manage", help="any management command on the demo's database")
    # What follows these three is for others to read, options included.
    own, handed_on = sys.argv[1:], []
    if own[:1] in (["test"], ["bench"], ["manage"]):
        own, handed_on = own[:1], own[1:]
    options = parser.parse_args(own)
    development = options.command in {"test", "check", "bench"}
    install(HERE / "requirements" / ("dev.lock" if development else "run.lock"))
    if options.command == "demo":
        fresh = ["--fresh"] if options.fresh else []
        hand_over("-m", "eigenwijs.project.demo", "--port", str(options.port), *fresh)
    elif options.command == "test":
        # The whole suite uses every processor, up to the four that its database can feed; who is done first takes
        # over what waits for others.
        everything = ["-n", "logical", "--maxprocesses", "4", "--dist", "worksteal"]
        hand_over("-m", "pytest", *(handed_on or everything))
    elif options.command == "bench":
        hand_over("-m", "bench", *handed_on)
    elif options.command == "check":
        hand_over("-m", "eigenwijs.project.check")
    else:
        hand_over("-m", "eigenwijs.project.manage", *handed_on)


if __name__ == "__main__":
    main()
