"""Run one benchmark on a fresh database of its own: `python3 run.py bench NAME [options]`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = (
    "crediting",
    "draws",
    "history",
    "imports",
    "ledger",
    "proof",
    "scarcity",
    "schemes",
    "simulation",
    "surge",
)
DATABASE = "bench"


def main() -> None:
    parser = argparse.ArgumentParser(prog="run.py bench")
    parser.add_argument("name", choices=BENCHMARKS)
    own, handed_on = sys.argv[1:2], sys.argv[2:]
    options = parser.parse_args(own)

    from eigenwijs.project.postgres import Cluster

    cluster = Cluster(ROOT / "var" / "bench-postgres")
    cluster.start()
    try:
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {DATABASE}")
        os.environ["DATABASE_URL"] = cluster.url(DATABASE)
        os.environ["PG_BINDIR"] = str(cluster.programs)
        os.environ["EIGENWIJS_DEMO"] = "1"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        importlib.import_module(f"bench.{options.name}").main(handed_on)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
