"""Write the next payroll file of each of the demonstration's employers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.period import Period
from eigenwijs.project.seed import cast
from eigenwijs.project.seed.payroll import payroll_file


class Command(BaseCommand):
    """Give a visitor of the demonstration a file to upload as an employer."""

    help = "Write a payroll file of the running period for each of the demo's employers"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the files into the demo's data folder and say where they are."""
        if not settings.DEMO:
            raise CommandError("Only a demonstration has invented payrolls.")
        today = local_date(timezone.now())
        folder = settings.DATA_FOLDER / "practice"
        folder.mkdir(parents=True, exist_ok=True)
        for employer in cast.EMPLOYERS:
            period = Period.containing(today, employer.period_kind)
            path = folder / f"loon-{employer.key}-{period}.csv"
            path.write_bytes(payroll_file(employer, cast.workers(employer, today), period))
            self.stdout.write(f"{employer.name}, {period}: {path}")
