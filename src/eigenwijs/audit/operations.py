"""Writing the trail and announcing events. Call these inside the transaction of the operation itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, models, transaction
from procrastinate.contrib.django import app as job_queue
from procrastinate.exceptions import ConnectorException

from eigenwijs.audit.models import AuditRow, Reaction
from eigenwijs.audit.types import IdValue, Subject
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.lifecycle import Lifecycle

REACT = "react"
"""The one task of the job queue that this room enqueues; the room `jobs` carries it out."""

_log = logging.getLogger(__name__)

_RECORD_EACH = """
INSERT INTO audit_auditrow (
    at, actor_kind, actor_person, actor_role, actor_organisation, actor_name, action, subject_kind,
    subject_id, field_names, ids, from_state, to_state, event
)
SELECT %s, one.kind, one.person, one.role, one.organisation, one.name, %s, one.subject_kind,
    one.subject, '{}', one.ids, '', '', ''
FROM unnest(
    %s::text[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::jsonb[]
) AS one (kind, person, role, organisation, name, subject_kind, subject, ids)
"""
_TELL = """
INSERT INTO audit_progress (subject_kind, subject_id, done, total) VALUES (%s, %s, %s, %s)
ON CONFLICT (subject_kind, subject_id) DO UPDATE SET done = excluded.done, total = excluded.total
"""
_FORGET = "DELETE FROM audit_progress WHERE subject_kind = %s AND subject_id = %s"

Tell = Callable[[int], None]


class HasState(Protocol):
    """A row of a table with a column `state`."""

    state: str

    @property
    def pk(self) -> Any: ...


def record(
    *,
    by: Actor,
    at: datetime,
    action: str,
    subject: Subject,
    fields: Sequence[str] = (),
    ids: Mapping[str, IdValue] | None = None,
) -> int:
    """Write one row: `by` did `action` to `subject`, touching `fields`. Returns the row's number.

    `ids` holds ids, codes, counts and cents only, never a personal value.
    """
    return _write(by=by, at=at, action=action, subject=subject, fields=fields, ids=ids).id


def record_each(
    *, at: datetime, action: str, rows: Iterable[tuple[Actor, Subject, Mapping[str, IdValue]]]
) -> None:
    """Write one row for each actor that did the same: who, to what, with which ids; in one statement."""
    each = [
        (*(by.kind, by.person_id, by.role, by.organisation_id, by.name), *subject, json.dumps(ids))
        for by, subject, ids in rows
    ]
    if each:
        with connection.cursor() as cursor:
            cursor.execute(_RECORD_EACH, [at, action, *map(list, zip(*each, strict=True))])


@transaction.atomic
def announce(
    *,
    by: Actor,
    at: datetime,
    event: str,
    subject: Subject,
    ids: Mapping[str, IdValue] | None = None,
) -> int:
    """Write one row that is also an event, and enqueue the reactions in the same transaction.

    Events of one subject are reacted to in the order of their rows. Returns the row's number.
    """
    row = _write(by=by, at=at, action=event, subject=subject, ids=ids, event=event)
    _enqueue(row)
    return row.id


@transaction.atomic
def move(
    thing: HasState,
    event: str,
    *,
    by: Actor,
    at: datetime,
    lifecycle: Lifecycle,
    announce_as: str = "",
    ids: Mapping[str, IdValue] | None = None,
    values: Mapping[str, object] | None = None,
) -> str:
    """Move `thing` by `event` to its next state; lock its row, write the column and one row of the trail.

    `values` are columns that change together with the state (a constraint may join them); the row of the
    trail names them. With `announce_as` that row is also the event of that name. `thing.state` and the
    return value are the new state. Raises `UnableToMove` where the state, as stored now, has no such move.
    """
    model = type(thing)
    assert issubclass(model, models.Model)  # noqa: S101 — for the type checker
    stored = model._default_manager.select_for_update(of=("self",)).get(pk=thing.pk)
    before: str = stored.state
    after = lifecycle.next_state(before, event)
    model._default_manager.filter(pk=thing.pk).update(state=after, **(values or {}))
    thing.state = after
    for name, value in (values or {}).items():
        setattr(thing, name, value)
    label = model._meta.label_lower
    row = _write(
        by=by,
        at=at,
        action=f"{label}.{event}",
        subject=(label, stored.pk),
        fields=sorted(values or ()),
        ids=ids,
        from_state=before,
        to_state=after,
        event=announce_as,
    )
    if announce_as:
        _enqueue(row)
    return after


@contextmanager
def progress(subject: Subject, total: int) -> Iterator[Tell]:
    """Let pages show how far a long operation is; yields what to call with the number done.

    Written over a connection of its own, because nobody sees the operation's transaction before it
    ends. Forgotten at the end, whichever way it ends. What cannot be told stops no operation.
    """
    apart = connection.copy()

    def write(statement: str, *values: str | int | UUID) -> None:
        try:
            with apart.cursor() as cursor:
                cursor.execute(statement, values)
        except DatabaseError as error:
            _log.warning("progress is not told: %s", type(error).__name__)

    def tell(done: int) -> None:
        write(_TELL, *subject, done, total)

    try:
        tell(0)
        yield tell
    finally:
        write(_FORGET, *subject)
        apart.close()


def quiet(_done: int) -> None:
    """Tell nobody: for operations that are over before anybody could look."""


def mark_reacted(*, event_id: int, at: datetime) -> bool:
    """Note that an event is reacted to now; False if it was before.

    Call it first, in the transaction of the reactions: of two workers one waits and gets False.
    """
    try:
        with transaction.atomic():
            Reaction.objects.create(event_id=event_id, at=at)
    except IntegrityError:
        return False
    return True


def _write(**values: Any) -> AuditRow:
    row = _row(**values)
    row.save(force_insert=True)
    return row


def _row(
    *,
    by: Actor,
    at: datetime,
    action: str,
    subject: Subject,
    fields: Sequence[str] = (),
    ids: Mapping[str, IdValue] | None = None,
    from_state: str = "",
    to_state: str = "",
    event: str = "",
) -> AuditRow:
    return AuditRow(
        at=at,
        actor_kind=by.kind,
        actor_person=by.person_id,
        actor_role=by.role,
        actor_organisation=by.organisation_id,
        actor_name=by.name,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        field_names=list(fields),
        ids=dict(ids or {}),
        from_state=from_state,
        to_state=to_state,
        event=event,
    )


def _enqueue(row: AuditRow) -> None:
    task = job_queue.configure_task(
        REACT, allow_unknown=True, lock=f"{row.subject_kind}:{row.subject_id}"
    )
    # The queue hides errors of the database in its own: a clash would not be tried again.
    with connection.wrap_database_errors:
        try:
            task.defer(event_id=row.id)
        except ConnectorException as error:
            raise (error.__cause__ or error) from None
