"""Databases and processes of a test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).resolve().parents[2]


def address(database: str) -> str:
    """Return the address of a database on the server of the test suite."""
    settings = connection.settings_dict
    keys = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo(
        dbname=database, **{key: settings[name] for key, name in keys.items() if settings[name]}
    )


def python(database: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start Python with our code and settings, on the database at this address."""
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "eigenwijs.project.settings",
    }
    return subprocess.Popen([sys.executable, *arguments], env=environment, text=True, **options)
