"""Databases and processes of a test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from eigenwijs.project.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]


def address(database: str) -> str:
    """Return the address of a database on the server of the test suite."""
    settings = connection.settings_dict
    keys = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo(
        dbname=database, **{key: settings[name] for key, name in keys.items() if settings[name]}
    )


def copy_to(cluster: Cluster, name: str, folder: Path) -> str:
    """Copy the test's own database to one on another server; return its address there.

    `folder` takes a file meanwhile.
    """
    dump = folder / "copy.dump"
    own = address(str(connection.settings_dict["NAME"]))
    make = [cluster.programs / "pg_dump", "--format=custom", f"--file={dump}", own]
    subprocess.run(make, check=True)
    with psycopg.connect(cluster.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    there = cluster.url(name)
    restore = [cluster.programs / "pg_restore", "--exit-on-error", f"--dbname={there}", dump]
    subprocess.run(restore, check=True)
    return there


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
