"""Reacting to events: one, all that wait, or all that were missed."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection, transaction

from eigenwijs.audit import operations as audit
from eigenwijs.audit import queries as trail
from eigenwijs.audit.types import Subject, TrailRow
from eigenwijs.jobs.reactions import REACTIONS
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.errors import described

REACTOR = Actor.system("reactions")

_log = logging.getLogger(__name__)


def react(*, event_id: int, at: datetime) -> int:
    """React to an event, after every earlier one of the same subject that still waits.

    Returns how many events were reacted to now: 0 when all were before. Whatever a reaction raises
    comes through; that event and the later ones of its subject then still wait.
    """
    event = trail.event(event_id)
    waiting = trail.events_without_reaction(subject=event.subject, up_to=event_id)
    return sum(_settle(one, at) for one in waiting)


def drain(*, at: datetime) -> int:
    """React to everything that waits, what reactions announce included; return how many events.

    For tests and for seeding, where no worker runs. Removes the jobs that thereby have nothing left
    to do. Whatever a reaction raises comes through.
    """
    count = 0
    while waiting := trail.events_without_reaction():
        count += sum(_settle(event, at) for event in waiting)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs job USING audit_reaction done"
            " WHERE job.task_name = %s AND job.status = 'todo'"
            " AND (job.args ->> 'event_id')::bigint = done.event_id",
            [audit.REACT],
        )
    return count


def catch_up(*, by: Actor, at: datetime) -> int:  # noqa: ARG001 (a routine like the others)
    """React to everything that waits now, whatever became of its job; return how many events.

    An event whose reaction fails stays waiting, and so do the later ones of its subject; the log
    names it. The others go on. What is announced meanwhile has a job of its own: a run that
    announces its next chunk would keep this busy until its end.
    """
    count, last, stuck = 0, 0, set[Subject]()
    newest = trail.last_event()
    while waiting := trail.events_without_reaction(up_to=newest, after=last):
        last = waiting[-1].id
        for event in waiting:
            if event.subject in stuck:
                continue
            try:
                count += _settle(event, at)
            except Exception as error:
                stuck.add(event.subject)
                _log.error("event %s (%s) waits: %s", event.id, event.event, described(error))
    return count


@transaction.atomic
def _settle(event: TrailRow, at: datetime) -> bool:
    """Run all reactions to an event in one transaction; False if somebody else did."""
    if not audit.mark_reacted(event_id=event.id, at=at):
        return False
    for reaction in REACTIONS.get(event.event, ()):
        reaction(event, by=REACTOR, at=at)
    return True
