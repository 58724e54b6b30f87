"""The tasks of the job queue: react to one event, and every routine. Called when Django is ready."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from procrastinate import App, JobContext, RetryStrategy

from eigenwijs.audit.operations import REACT
from eigenwijs.jobs import operations
from eigenwijs.jobs.failures import JobFailed
from eigenwijs.jobs.routines import EVERY_MINUTE, EVERY_MORNING, ROUTINES, Routine
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import described

DAYS_TO_KEEP_FAILED_JOBS = 14

# After these tries the routine `catch_up` goes on trying.
_FEW_TRIES = RetryStrategy(max_attempts=4, exponential_wait=3)

_log = logging.getLogger(__name__)


def register(app: App) -> None:
    """Make every task known to the queue of `app`."""
    app.task(name=REACT, retry=_FEW_TRIES)(_react)
    for routine in ROUTINES:
        task = app.task(name=routine.name, queueing_lock=routine.name)(_as_task(routine))
        app.periodic(cron=routine.when)(task)
    for work, when in ((_take_up_lost_jobs, EVERY_MINUTE), (_forget_old_jobs, EVERY_MORNING)):
        name = work.__name__.removeprefix("_")
        app.periodic(cron=when)(app.task(name=name, queueing_lock=name, pass_context=True)(work))


def _react(event_id: int) -> None:
    _without_values(lambda: operations.react(event_id=event_id, at=timezone.now()))


def _as_task(routine: Routine) -> Callable[[int], None]:
    def run(timestamp: int) -> None:  # noqa: ARG001 (the queue hands it over)
        by, at = Actor.system(routine.name), timezone.now()
        _without_values(lambda: routine.work(by=by, at=at))

    return run


async def _take_up_lost_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Queue again what a worker was doing when it was killed."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


async def _forget_old_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    await context.app.job_manager.delete_old_jobs(
        nb_hours=DAYS_TO_KEEP_FAILED_JOBS * 24, include_failed=True, include_aborted=True
    )


def _without_values(work: Callable[[], Any]) -> None:
    try:
        work()
    except Exception as error:
        _log.error("job failed: %s", described(error))
        raise JobFailed(type(error).__name__) from None
