"""Any management command, on DATABASE_URL or else on the demo's database."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from eigenwijs.project.demo import private_database


def main() -> None:
    """Run the command that follows, with the demo's settings if none are given."""
    arguments = ["run.py manage", *sys.argv[1:]]
    if "DATABASE_URL" in os.environ:
        execute_from_command_line(arguments)
        return
    with private_database():
        execute_from_command_line(arguments)


if __name__ == "__main__":
    main()
