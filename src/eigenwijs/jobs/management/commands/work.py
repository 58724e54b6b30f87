"""`manage work`: the job worker."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from eigenwijs.jobs import operations
from eigenwijs.kernel.actor import Actor

# A payroll of 100,000 lines makes millions of objects and no rubbish in circles: looking for it as
# often as Python does by itself takes a quarter of the time.
_OBJECTS_BEFORE_COLLECTING = 100_000


class Command(BaseCommand):
    """Carries out jobs until it is stopped; first everything that was missed."""

    help = "Carry out reactions, routines and mails until stopped (Ctrl-C or SIGTERM)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One option: how many jobs at once."""
        parser.add_argument("--concurrency", type=int, default=1, help="jobs at once (default 1)")

    def handle(self, *, concurrency: int, **_options: Any) -> None:
        """Catch up, then work."""
        if connections["default"].settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
            raise CommandError(
                "The job worker listens to the database and reads large files row by row. Give it an address "
                "of PostgreSQL itself in DATABASE_URL, and no EIGENWIJS_POOLED."
            )
        gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
        operations.catch_up(by=Actor.system("work"), at=timezone.now())
        connections.close_all()
        assert isinstance(app.connector, DjangoConnector)  # noqa: S101 (for the type checker)
        with app.replace_connector(app.connector.get_worker_connector()):
            asyncio.run(_work(concurrency))


async def _work(concurrency: int) -> None:
    """Work until a signal asks to stop; raises CommandError when the worker ends by itself."""
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=concurrency, delete_jobs="successful", install_signal_handlers=False
            )
        )
        for asked in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(asked, worker.cancel)
        try:
            await worker
        except asyncio.CancelledError:
            return
    raise CommandError("The worker ended by itself: most likely it lost the database.")
